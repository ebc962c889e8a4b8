"""Gather one reward for one person: arithmetic, shares, signatures, entries, and what that person may do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from accounts.services import StaffMember, staff_by_ids
from core.db import db
from rewards import ledger, money, queries, seen, workflow_desk
from rewards.eligibility import written_code
from rewards.models import LedgerEntry, LedgerLeg, Reward, RewardApproval, RewardShare
from rewards.services import second_person
from rewards.services.deciding import batch_paying
from rewards.services.funds import policy_of_version
from rewards.states import (
    MONEY_ROLES,
    REWARD_MOVES,
    SHARE_MOVES,
    Facts,
    Refused,
    RewardState,
    move,
    signatures_fit,
    still_needed,
)
from rewards.words import REASONS, STATES
from rewards.workflow_kinds import WORDS, AskedFor


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
    batch: str
    actions: tuple[str, ...]
    asks: tuple[tuple[str, str], ...]
    requests: tuple[workflow_desk.RequestLine, ...]
    owed_back: int


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
    may_take_back: bool
    why_not: str
    seen: str


def lines_read(reward: Reward) -> dict[str, str]:
    """Name what an approver reads on a reward, line by line, to tell later what has changed."""
    lines = {
        "Pool": f"{money.shown(reward.pool, reward.currency)} {reward.currency}",
        "Score": str(reward.score),
        "Policy version": str(reward.policy_version_id),
        "State": STATES[reward.state][0],
        "Signatures": str(len(queries.approvals_of(reward.id))),
    }
    for share in queries.shares_of(reward.id):
        words = ", ".join(REASONS.get(reason, reason) for reason in share.reasons)
        paid = f"{money.shown(share.amount, reward.currency)} {reward.currency}"
        lines[share.ref] = f"{paid} ({words})" if words else paid
    for number, (goods, quantity, unit, value, currency) in enumerate(reward.facts["seizures"], 1):
        lines[f"Goods {number}"] = f"{goods} {quantity} {unit}, {money.shown(value, currency)} {currency}"
    for row in reward.facts["tips"]:
        gates = ", ".join(sorted(REASONS.get(gate, gate) for gate in row["gates"]))
        lines[f"Tip {written_code(row['code'])}"] = (
            f"{row['grade']}, {sum(row['card'])} points{', ' + gates if gates else ''}"
        )
    return lines


def reward_page(ref: str, *, viewer: StaffMember, now: datetime) -> RewardPage:
    """Gather one reward for one person, with what that person may do; raise NotFound."""
    reward = queries.reward_by_ref(ref)
    policy = policy_of_version(reward.policy_version_id)
    approvals = queries.approvals_of(reward.id)
    total = queries.total_of_case(reward.case_id, without=reward.id) + reward.pool
    needed = policy.signatures_on(total)
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
        shares=tuple(_share_detail(share, reward, facts, viewer) for share in shares),
        seizures=tuple(tuple(row) for row in reward.facts["seizures"]),
        signatures=tuple(_signature(row, people) for row in approvals),
        needed=tuple(" or ".join(sorted(place)) for place in still_needed(roles, needed)) if waits else (),
        case_total=total,
        cap=policy.cap,
        entries=_booked(reward.id),
        proposer=proposer.name if proposer else "the system",
        may_approve=waits and refusal is None and signatures_fit([*roles, viewer.role.value], needed),
        may_decline=_refusal(reward.state, "decline", facts) is None,
        may_take_back=_refusal(reward.state, "take_back", facts) is None,
        may_reserve=reward.state == RewardState.DRAFT and viewer.role.value in MONEY_ROLES,
        why_not=(refusal or "") if waits else "",
        seen=seen.written(lines_read(reward)),
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


def _share_detail(share: RewardShare, reward: Reward, facts: Facts, viewer: StaffMember) -> ShareDetail:
    told = next(row for row in reward.facts["tips"] if row["tip"] == share.tip_id)
    batch = batch_paying(share)
    facts = replace(facts, batch=batch)
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
        batch=batch,
        actions=("pay",) if _share_may(share, "pay", facts) else (),
        asks=tuple((kind.value, WORDS[kind]) for kind in _asks(share, facts)),
        requests=workflow_desk.open_requests(viewer, share_id=share.id),
        owed_back=second_person.owed_back(share),
    )


def _asks(share: RewardShare, facts: Facts) -> tuple[AskedFor, ...]:
    if facts.role not in MONEY_ROLES or facts.person_id in (facts.involved or {}):
        return ()
    return second_person.possible(share)


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
