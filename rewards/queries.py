"""Read rewards, shares and their people from the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from core.db import db
from core.errors import NotFound
from rewards.books import Subject
from rewards.models import (
    ADVANCE,
    FINAL,
    ClaimCode,
    Fund,
    LedgerEntry,
    Reward,
    RewardApproval,
    RewardEvent,
    RewardInvolvement,
    RewardShare,
)
from rewards.states import OPEN_SHARES, RewardState, ShareState

T = TypeVar("T")

ENDED = (RewardState.DECLINED, RewardState.WITHDRAWN)
LAPSED = (ShareState.CANCELLED, ShareState.EXPIRED)
_WORDS = sa.select(ClaimCode.id).where(ClaimCode.share_id == RewardShare.id)
_AWAITS_NEW_WORD = sa.and_(
    _WORDS.where(ClaimCode.revoked_at.is_not(None)).exists(),
    ~_WORDS.where(ClaimCode.revoked_at.is_(None)).exists(),
)


def reward_by_ref(ref: str) -> Reward:
    """Return a reward freshly read; raise NotFound."""
    return _one(sa.select(Reward).where(Reward.ref == ref), f"There is no reward {ref}.")


def share_by_ref(ref: str) -> RewardShare:
    """Return a share freshly read; raise NotFound."""
    return _one(sa.select(RewardShare).where(RewardShare.ref == ref), f"There is no voucher {ref}.")


def live_reward_of_case(case_id: int, kind: str = FINAL) -> Reward | None:
    """Return the reward of a case, or its advance, that was neither declined nor withdrawn."""
    return db.session.scalar(
        sa.select(Reward)
        .where(Reward.case_id == case_id, Reward.kind == kind, Reward.state.not_in(ENDED))
        .execution_options(populate_existing=True)
    )


def declined_of_case(case_id: int) -> list[Reward]:
    """Return the rewards of a case that were declined and could still be taken back."""
    return list(
        db.session.scalars(
            sa.select(Reward)
            .where(Reward.case_id == case_id, Reward.state == RewardState.DECLINED)
            .order_by(Reward.id)
            .execution_options(populate_existing=True)
        )
    )


def count_entries(reward_id: int, kind: str) -> int:
    """Count the entries of a kind about a reward."""
    statement = sa.select(sa.func.count()).where(LedgerEntry.reward_id == reward_id, LedgerEntry.kind == kind)
    return db.session.scalar(statement) or 0


def newest_reward_of_case(case_id: int) -> Reward | None:
    """Return the newest reward of a case, whatever became of it."""
    return db.session.scalar(
        sa.select(Reward).where(Reward.case_id == case_id).order_by(Reward.id.desc()).limit(1)
    )


def why_no_reward(case_id: int) -> str | None:
    """Return the reason code stored when the newest closing of a case earned nothing."""
    ref = db.session.scalar(
        sa.select(RewardEvent.ref)
        .where(RewardEvent.case_id == case_id, RewardEvent.kind == "no_reward")
        .order_by(RewardEvent.seq.desc())
        .limit(1)
    )
    return ref["reason"] if ref else None


def total_of_case(case_id: int, *, without: int | None = None) -> int:
    """Add up everything ever promised on a case in minor units, so that a limit cannot be split around."""
    statement = sa.select(sa.func.coalesce(sa.func.sum(Reward.pool), 0)).where(
        Reward.case_id == case_id, Reward.state.not_in(ENDED)
    )
    if without is not None:
        statement = statement.where(Reward.id != without)
    return int(db.session.scalar(statement) or 0)


def standing_on_case(case_id: int) -> int:
    """Add up what is promised on a case and was neither cancelled nor lapsed, in minor units: it stays under the cap."""
    lapsed = (
        sa.select(sa.func.coalesce(sa.func.sum(RewardShare.amount), 0))
        .join(Reward, Reward.id == RewardShare.reward_id)
        .where(Reward.case_id == case_id, Reward.state.not_in(ENDED), RewardShare.state.in_(LAPSED))
    )
    return total_of_case(case_id) - int(db.session.scalar(lapsed) or 0)


def advances_of_case(case_id: int) -> int:
    """Add up what was promised in advance on a case and neither lapsed nor was cancelled, in minor units."""
    statement = (
        sa.select(sa.func.coalesce(sa.func.sum(RewardShare.amount), 0))
        .join(Reward, Reward.id == RewardShare.reward_id)
        .where(
            Reward.case_id == case_id,
            Reward.kind == ADVANCE,
            Reward.state.not_in(ENDED),
            RewardShare.state.not_in(LAPSED),
        )
    )
    return int(db.session.scalar(statement) or 0)


def shares_of(reward_id: int) -> list[RewardShare]:
    """Return a reward's shares in the order of receipt."""
    return list(
        db.session.scalars(
            sa.select(RewardShare)
            .where(RewardShare.reward_id == reward_id)
            .order_by(RewardShare.id)
            .execution_options(populate_existing=True)
        )
    )


def share_of_tip(tip_id: int) -> RewardShare | None:
    """Return the share of a tip to speak about: one that can be collected now, else the newest that stands.

    A tip has two where an advance was paid before the case was closed.
    """
    rank = sa.case(
        (RewardShare.state == ShareState.APPROVED, 0),
        (sa.and_(RewardShare.state == ShareState.CLAIMED, _AWAITS_NEW_WORD), 1),
        (RewardShare.state.in_((ShareState.CLAIMED, ShareState.INSTRUCTED)), 2),
        (RewardShare.state.in_((ShareState.PAID, ShareState.EXPIRED, ShareState.CANCELLED)), 3),
        else_=4,
    )
    return _share_of_tip(tip_id, rank)


def collected_share_of_tip(tip_id: int) -> RewardShare | None:
    """Return the share of a tip that was claimed, the one paid last before those still on their way."""
    collected = (ShareState.PAID, ShareState.INSTRUCTED, ShareState.CLAIMED)
    rank = sa.case({state: place for place, state in enumerate(collected)}, value=RewardShare.state, else_=9)
    return _share_of_tip(tip_id, rank, RewardShare.state.in_(collected))


def awaits_new_word(share_id: int) -> bool:
    """Tell whether the word of a claimed share was revoked and no new one was given out yet."""
    return _exists(RewardShare.id == share_id, RewardShare.state == ShareState.CLAIMED, _AWAITS_NEW_WORD)


def words_revoked(share_id: int) -> int:
    """Count the collection words of a share that were revoked."""
    revoked = sa.select(sa.func.count()).where(
        ClaimCode.share_id == share_id, ClaimCode.revoked_at.is_not(None)
    )
    return db.session.scalar(revoked) or 0


def has_open_share(reward_id: int) -> bool:
    """Tell whether anything of a reward is still to be decided, collected or paid."""
    return _exists(RewardShare.reward_id == reward_id, RewardShare.state.in_(OPEN_SHARES))


def has_money_out(case_id: int) -> bool:
    """Tell whether a share of a case was claimed or paid, so that its reward cannot be taken back."""
    out = (ShareState.CLAIMED, ShareState.INSTRUCTED, ShareState.PAID)
    rewards = sa.select(Reward.id).where(Reward.case_id == case_id)
    return _exists(RewardShare.reward_id.in_(rewards), RewardShare.state.in_(out))


def involved_in(reward_id: int) -> dict[int, str]:
    """Return who worked on the case, person id to part."""
    rows = db.session.execute(
        sa.select(RewardInvolvement.person_id, RewardInvolvement.part).where(
            RewardInvolvement.reward_id == reward_id
        )
    )
    return {row.person_id: row.part for row in rows}


def approvals_of(reward_id: int) -> list[RewardApproval]:
    """Return the signatures of a reward in signing order."""
    return list(
        db.session.scalars(
            sa.select(RewardApproval).where(RewardApproval.reward_id == reward_id).order_by(RewardApproval.id)
        )
    )


def live_claim_code(share_id: int) -> ClaimCode | None:
    """Return the collection word in use for a share."""
    return db.session.scalar(
        sa.select(ClaimCode)
        .where(ClaimCode.share_id == share_id, ClaimCode.used_at.is_(None), ClaimCode.revoked_at.is_(None))
        .execution_options(populate_existing=True)
    )


def shares_past_expiry(now: datetime) -> list[RewardShare]:
    """Return approved shares that nobody collected in time."""
    return list(
        db.session.scalars(
            sa.select(RewardShare)
            .where(RewardShare.state == ShareState.APPROVED, RewardShare.expires_at <= now)
            .order_by(RewardShare.id)
        )
    )


def shares_to_announce(limit: int) -> list[RewardShare]:
    """Return shares that can be collected, or asked for a new word, and whose tip has not been told, oldest first."""
    waiting = sa.or_(
        RewardShare.state == ShareState.APPROVED,
        sa.and_(RewardShare.state == ShareState.CLAIMED, _AWAITS_NEW_WORD),
    )
    return list(
        db.session.scalars(
            sa.select(RewardShare)
            .where(waiting, RewardShare.announced_at.is_(None))
            .order_by(RewardShare.id)
            .limit(limit)
            .with_for_update(skip_locked=True)  # of two workers only one may tell
        )
    )


def mark_announced(share_ids: Iterable[int], now: datetime) -> None:
    """Note that the tips of these shares have been told."""
    db.session.execute(
        sa.update(RewardShare)
        .where(RewardShare.id.in_(list(share_ids)), RewardShare.announced_at.is_(None))
        .values(announced_at=now)
    )


def fund_of(reward: Reward) -> Fund:
    """Return the fund that pays a reward."""
    return db.session.get_one(Fund, reward.fund_id)


def find_fund(code: str) -> Fund | None:
    """Return the fund of a code."""
    return db.session.scalar(sa.select(Fund).where(Fund.code == code))


def fund_by_code(code: str) -> Fund:
    """Return the fund of a code; raise NotFound."""
    fund = find_fund(code)
    if fund is None:
        raise NotFound(f"There is no fund {code}.")
    return fund


def subject_of(reward: Reward) -> Subject:
    """Name a reward for the books."""
    return Subject(reward.id, reward.ref, reward.case_id, reward.case_number)


def _share_of_tip(
    tip_id: int, rank: sa.ColumnElement[int], *conditions: sa.ColumnElement[bool]
) -> RewardShare | None:
    return db.session.scalar(
        sa.select(RewardShare)
        .join(Reward, Reward.id == RewardShare.reward_id)
        .where(RewardShare.tip_id == tip_id, Reward.state.not_in(ENDED), *conditions)
        .order_by(rank, RewardShare.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def _exists(*conditions: sa.ColumnElement[bool]) -> bool:
    return db.session.scalar(sa.select(RewardShare.id).where(*conditions).limit(1)) is not None


def _one(statement: sa.Select[tuple[T]], missing: str) -> T:
    found = db.session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(missing)
    return found
