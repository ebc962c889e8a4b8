"""Read rewards the way the approval desk looks at them: what waits for whom, and one reward in full."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from accounts.services import StaffMember, staff_by_ids
from core.db import db
from rewards import ledger, queries
from rewards.eligibility import written_code
from rewards.models import LedgerEntry, LedgerLeg, Reward, RewardApproval, RewardShare
from rewards.services.funds import policy_of_version
from rewards.states import (
    MONEY_ROLES,
    REWARD_MOVES,
    SHARE_MOVES,
    Facts,
    Refused,
    RewardState,
    ShareState,
    move,
    signatures_fit,
    still_needed,
)

REWARD_VIEWS = {
    "approve": ("To approve", (RewardState.PROPOSED,)),
    "funds": ("Waiting for funds", (RewardState.DRAFT,)),
    "done": ("Settled", (RewardState.SETTLED,)),
    "refused": ("Declined", (RewardState.DECLINED, RewardState.WITHDRAWN)),
}
SHARE_VIEWS = {
    "pay": ("To pay", (ShareState.CLAIMED,)),
    "collect": ("Not collected yet", (ShareState.APPROVED,)),
}
VIEWS = ("approve", "pay", "collect", "funds", "done", "refused")


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


@dataclass(frozen=True, slots=True)
class ShareDetail:
    """One share on its reward's page; `actions` are those this person may take now."""

    ref: str
    tip_code: str
    channel: str
    grade: str
    card: tuple[int, ...]
    score: int
    weight: int
    amount: int
    reasons: tuple[str, ...]
    state: str
    expires_at: datetime | None
    paid_at: datetime | None
    receipt: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, in which role, and when."""

    name: str
    role: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Booked:
    """One entry of the books about a reward."""

    name: str
    kind: str
    recorded_at: datetime
    amount: int


@dataclass(frozen=True, slots=True)
class RewardPage:
    """Everything the page of one reward shows to one person."""

    reward: Reward
    fund: str
    shares: tuple[ShareDetail, ...]
    seizures: tuple[tuple[str, str, str, int, str], ...]
    signatures: tuple[Signature, ...]
    needed: tuple[str, ...]
    case_total: int
    cap: int
    entries: tuple[Booked, ...]
    proposer: str
    may_approve: bool
    may_decline: bool
    may_reserve: bool
    why_not: str


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


def reward_lines(view: str, *, limit: int, offset: int) -> tuple[RewardLine, ...]:
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


def share_lines(view: str, *, limit: int, offset: int) -> tuple[ShareLine, ...]:
    """List vouchers of a view, those waiting longest first."""
    _, states = SHARE_VIEWS[view]
    since = RewardShare.claimed_at if view == "pay" else Reward.decided_at
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


def reward_page(ref: str, *, viewer: StaffMember, now: datetime) -> RewardPage:
    """Gather one reward for one person, with what that person may do; raise NotFound."""
    reward = queries.reward_by_ref(ref)
    policy = policy_of_version(reward.policy_version_id)
    approvals = queries.approvals_of(reward.id)
    total = queries.total_of_case(reward.case_id, without=reward.id) + reward.pool
    needed = policy.signatures_for(total)
    roles = [row.role for row in approvals]
    facts = _viewer_facts(reward, viewer, approvals, now, needed)
    shares = queries.shares_of(reward.id)
    people = staff_by_ids({row.actor_id for row in approvals} | {reward.proposed_by or 0})
    refusal = _refusal(reward.state, "sign", facts)
    waits = reward.state == RewardState.PROPOSED
    proposer = people.get(reward.proposed_by or 0)
    return RewardPage(
        reward=reward,
        fund=queries.fund_of(reward).code,
        shares=tuple(_share_detail(share, reward, facts) for share in shares),
        seizures=tuple(tuple(row) for row in reward.facts["seizures"]),
        signatures=tuple(_signature(row, people) for row in approvals),
        needed=tuple(" or ".join(sorted(place)) for place in still_needed(roles, needed)) if waits else (),
        case_total=total,
        cap=policy.cap,
        entries=_booked(reward.id),
        proposer=proposer.name if proposer else "the system",
        may_approve=waits and refusal is None and signatures_fit([*roles, viewer.role.value], needed),
        may_decline=_refusal(reward.state, "decline", facts) is None,
        may_reserve=reward.state == RewardState.DRAFT and viewer.role.value in MONEY_ROLES,
        why_not=(refusal or "") if waits else "",
    )


def _viewer_facts(
    reward: Reward,
    viewer: StaffMember,
    approvals: list[RewardApproval],
    now: datetime,
    needed: tuple[frozenset[str], ...],
) -> Facts:
    return Facts(
        person_id=viewer.person_id,
        role=viewer.role.value,
        involved=queries.involved_in(reward.id),
        signatures=tuple((row.person_id, row.role) for row in approvals),
        needed=needed,
        snapshot_seen=reward.snapshot_hash,
        snapshot_now=reward.snapshot_hash,
        now=now,
        proof=True,
    )


def _refusal(state: str, action: str, facts: Facts) -> str | None:
    try:
        move(REWARD_MOVES, state, action, facts)
    except Refused as refused:
        return " ".join(reason.words for reason in refused.reasons)
    return None


def _share_detail(share: RewardShare, reward: Reward, facts: Facts) -> ShareDetail:
    told = next(row for row in reward.facts["tips"] if row["tip"] == share.tip_id)
    return ShareDetail(
        ref=share.ref,
        tip_code=written_code(share.tip_code),
        channel=share.channel,
        grade=told["grade"],
        card=tuple(told["card"]),
        score=share.score,
        weight=share.weight,
        amount=share.amount,
        reasons=tuple(share.reasons),
        state=share.state,
        expires_at=share.expires_at,
        paid_at=share.paid_at,
        receipt=share.receipt,
        actions=tuple(action for action in ("pay", "cancel") if _share_may(share, action, facts)),
    )


def _share_may(share: RewardShare, action: str, facts: Facts) -> bool:
    try:
        move(SHARE_MOVES, share.state, action, facts)
    except Refused:
        return False
    return True


def _signature(row: RewardApproval, people: dict[int, StaffMember]) -> Signature:
    return Signature(people[row.actor_id].name, row.role, row.signed_at)


def _booked(reward_id: int) -> tuple[Booked, ...]:
    rows = db.session.execute(
        sa.select(LedgerEntry.id, LedgerEntry.kind, LedgerEntry.recorded_at)
        .where(LedgerEntry.reward_id == reward_id)
        .order_by(LedgerEntry.seq)
    ).all()
    return tuple(Booked(ledger.entry_name(row.id), row.kind, row.recorded_at, _size(row.id)) for row in rows)


def _size(entry_id: int) -> int:
    debits = sa.select(sa.func.max(LedgerLeg.amount)).where(LedgerLeg.entry_id == entry_id)
    return int(db.session.scalar(debits) or 0)


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
