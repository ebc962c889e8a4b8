"""Answer what tips and cases may know about rewards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.db import db
from rewards import queries
from rewards.models import Reward
from rewards.states import ShareState


class TipRewardState(StrEnum):
    """What a status page may say; the words for it carry neither money nor crime."""

    NONE = "none"
    READY = "ready"
    COLLECT = "collect"
    DONE = "done"
    LAPSED = "lapsed"


_NEUTRAL = {
    ShareState.APPROVED: TipRewardState.READY,
    ShareState.CLAIMED: TipRewardState.COLLECT,
    ShareState.INSTRUCTED: TipRewardState.COLLECT,
    ShareState.PAID: TipRewardState.DONE,
    ShareState.EXPIRED: TipRewardState.LAPSED,
}


@dataclass(frozen=True, slots=True)
class TipReward:
    """The reward of one tip. Amount and voucher are for the page behind code and secret, never for an SMS."""

    state: TipRewardState
    amount_minor: int | None = None
    currency: str | None = None
    collect_until: datetime | None = None
    voucher: str | None = None


@dataclass(frozen=True, slots=True)
class CaseReward:
    """The reward of one case as the case page shows it; `reason` is a code when there is none."""

    ref: str | None
    state: str | None
    pool: int
    currency: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Announcement:
    """A share whose tip should be told that something is waiting."""

    share_id: int
    tip_id: int


def summary_for_tip(*, tip_id: int, now: datetime) -> TipReward:
    """Return what the status page of a tip may say; nothing before a reward is approved."""
    share = queries.share_of_tip(tip_id)
    state = _NEUTRAL.get(ShareState(share.state)) if share is not None else None
    if share is None or state is None:
        return TipReward(TipRewardState.NONE)
    if state is TipRewardState.COLLECT and queries.awaits_new_word(share.id):
        state = TipRewardState.READY
    elif state is TipRewardState.READY and share.expires_at is not None and now >= share.expires_at:
        state = TipRewardState.LAPSED
    reward = db.session.get_one(Reward, share.reward_id)
    return TipReward(state, share.amount, reward.currency, share.expires_at, share.ref)


def reward_of_case(*, case_id: int) -> CaseReward | None:
    """Return the newest reward of a case, or why its closing earned none; None before it was closed."""
    reward = queries.newest_reward_of_case(case_id)
    if reward is not None:
        return CaseReward(reward.ref, reward.state, reward.pool, reward.currency, reward.reason or None)
    reason = queries.why_no_reward(case_id)
    return CaseReward(None, None, 0, None, reason) if reason else None


def has_paid(*, case_id: int) -> bool:
    """Tell whether a share of the case was claimed or paid; its reward can then no longer be withdrawn."""
    return queries.has_money_out(case_id)


def unannounced(*, limit: int = 100) -> tuple[Announcement, ...]:
    """Return approved shares whose tips have not been told, oldest first."""
    return tuple(Announcement(share.id, share.tip_id) for share in queries.shares_to_announce(limit))


def mark_announced(*, share_ids: Iterable[int], now: datetime) -> None:
    """Note that these tips have been told."""
    queries.mark_announced(share_ids, now)
