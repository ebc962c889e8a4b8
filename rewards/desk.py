"""List what waits on the reward desk, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.db import db
from rewards.eligibility import written_code
from rewards.models import Reward, RewardApproval, RewardShare
from rewards.services.funds import policy_of_version
from rewards.states import (
    RewardState,
    ShareState,
)

REWARD_VIEWS = {
    "approve": ("To approve", (RewardState.PROPOSED,)),
    "funds": ("Waiting for funds", (RewardState.DRAFT,)),
    "done": ("Settled", (RewardState.SETTLED,)),
    "refused": ("Declined", (RewardState.DECLINED, RewardState.WITHDRAWN)),
}
SHARE_VIEWS = {
    "pay": ("To pay", (ShareState.CLAIMED,)),
    "moving": ("On its way", (ShareState.INSTRUCTED,)),
    "collect": ("Not collected yet", (ShareState.APPROVED,)),
}
VIEWS = ("approve", "pay", "moving", "collect", "funds", "done", "refused")


@dataclass(frozen=True, slots=True)
class RewardLine:
    """One reward in a list; amounts are minor units."""

    ref: str
    case_number: str
    district: str
    score: int
    shares: int
    pool: int
    currency: str
    state: str
    proposed_at: datetime
    signatures: int
    needed: int


@dataclass(frozen=True, slots=True)
class ShareLine:
    """One voucher in a list: code, amount and channel, and nothing of what was said."""

    ref: str
    reward: str
    tip_code: str
    channel: str
    amount: int
    currency: str
    state: str
    since: datetime
    expires_at: datetime | None


def counts() -> dict[str, int]:
    """Count what waits in each view."""
    rewards = dict(_pairs(sa.select(Reward.state, sa.func.count()).group_by(Reward.state)))
    shares = dict(_pairs(sa.select(RewardShare.state, sa.func.count()).group_by(RewardShare.state)))
    found = {
        view: sum(rewards.get(state, 0) for state in states) for view, (_, states) in REWARD_VIEWS.items()
    }
    return found | {
        view: sum(shares.get(state, 0) for state in states) for view, (_, states) in SHARE_VIEWS.items()
    }


def reward_lines(view: str, *, limit: int | None = None, offset: int = 0) -> tuple[RewardLine, ...]:
    """List rewards of a view: waiting ones oldest first, finished ones newest first."""
    _, states = REWARD_VIEWS[view]
    waiting = view in ("approve", "funds")
    signed = (
        sa.select(RewardApproval.reward_id, sa.func.count().label("signatures"))
        .group_by(RewardApproval.reward_id)
        .subquery()
    )
    parts = (
        sa.select(RewardShare.reward_id, sa.func.count().label("shares"))
        .where(RewardShare.amount > 0)
        .group_by(RewardShare.reward_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(Reward, sa.func.coalesce(signed.c.signatures, 0), sa.func.coalesce(parts.c.shares, 0))
        .outerjoin(signed, signed.c.reward_id == Reward.id)
        .outerjoin(parts, parts.c.reward_id == Reward.id)
        .where(Reward.state.in_(states))
        .order_by(Reward.id.asc() if waiting else Reward.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return tuple(_reward_line(*row) for row in rows)


def share_lines(view: str, *, limit: int | None = None, offset: int = 0) -> tuple[ShareLine, ...]:
    """List vouchers of a view, those waiting longest first."""
    _, states = SHARE_VIEWS[view]
    since = RewardShare.claimed_at if view in ("pay", "moving") else Reward.decided_at
    rows = db.session.execute(
        sa.select(RewardShare, Reward.ref, Reward.currency, since)
        .join(Reward, Reward.id == RewardShare.reward_id)
        .where(RewardShare.state.in_(states))
        .order_by(since, RewardShare.id)
        .limit(limit)
        .offset(offset)
    )
    return tuple(
        ShareLine(
            share.ref,
            reward,
            written_code(share.tip_code),
            share.channel,
            share.amount,
            currency,
            share.state,
            moment,
            share.expires_at,
        )
        for share, reward, currency, moment in rows
    )


def _reward_line(reward: Reward, signatures: int, shares: int) -> RewardLine:
    needed = policy_of_version(reward.policy_version_id).signatures_for(reward.pool)
    return RewardLine(
        reward.ref,
        reward.case_number,
        reward.facts["district"],
        reward.score,
        shares,
        reward.pool,
        reward.currency,
        reward.state,
        reward.proposed_at,
        signatures,
        len(needed),
    )


def _pairs(statement: sa.Select[Any]) -> list[tuple[str, int]]:
    return [(row[0], row[1]) for row in db.session.execute(statement)]
