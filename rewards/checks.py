"""Verify every invariant of the books against the rows themselves.

Nothing cached is believed: balances are added up from legs, hashes recomputed from content, and amounts
recomputed from facts under the policy version that decided them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.db import db
from rewards import books, chain, guards, ledger, queries, violations
from rewards.calculation import calculate
from rewards.facts import from_facts
from rewards.ledger import Leg, Posting
from rewards.models import (
    Fund,
    LedgerAccount,
    LedgerEntry,
    LedgerHead,
    LedgerLeg,
    PolicyVersion,
    Reward,
    RewardEvent,
    RewardShare,
)
from rewards.policy import Policy, load_policy
from rewards.services.proposing import snapshot_hash
from rewards.states import RewardState, ShareState

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken invariant: its number in docs/ledger.md, where, and what is wrong."""

    invariant: str
    where: str
    words: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.where}: {self.words}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a check went through and what it found."""

    entries: int
    events: int
    head: str
    violations: tuple[Violation, ...]


def check() -> Report:
    """Verify everything; an empty list of violations means that the books are sound."""
    entries, events, head, found = _check_chain()
    found += [*_check_accounts(), *_check_identities(), *_check_rewards(), *_check_shares()]
    found += [Violation(*row) for row in violations.separation_of_duties()]
    found += [Violation("I7", name, words) for name, words in guards.faults()]
    return Report(entries, events, head, tuple(found))


def _check_chain() -> tuple[int, int, str, list[Violation]]:
    found: list[Violation] = []
    previous, expected, numbers, events = chain.GENESIS, 0, 0, 0
    name = db.session.scalar(sa.select(LedgerHead.ledger)) or ""
    for link, legs in links():
        expected += 1
        where = f"seq {link.seq}"
        if link.seq != expected:
            found.append(Violation("I8", where, f"link {expected} is missing"))
            expected = link.seq
        if link.prev_hash != previous:
            found.append(Violation("I8", where, "does not follow the link before it"))
        record = entry_record(name, link, legs) if legs is not None else event_record(name, link)
        if chain.chained(link.prev_hash, record) != link.hash:
            found.append(Violation("I8", where, "its content is not what was chained"))
        previous = link.hash
        if legs is None:
            events += 1
            continue
        numbers += 1
        if link.id != numbers:
            found.append(Violation("I8", where, f"entry number {numbers} is missing"))
            numbers = link.id
        found += _check_entry(link, legs)
    head = db.session.execute(sa.select(LedgerHead.seq, LedgerHead.entries, LedgerHead.hash)).one()
    if (head.seq, head.entries, head.hash) != (expected, numbers, previous):
        found.append(Violation("I8", f"seq {head.seq}", "the head is not the last link"))
    return numbers, events, previous.hex(), found


def _check_entry(entry: sa.Row[Any], legs: list[sa.Row[Any]]) -> Iterator[Violation]:
    where = ledger.entry_name(entry.id)
    try:
        ledger.require_sound(Posting(entry.kind, tuple(_leg(row) for row in legs)))
    except ValueError as error:
        yield Violation("I1", where, str(error))
    if any(row.currency != row.account_currency for row in legs):
        yield Violation("I6", where, "a leg has another currency than its account")
    if any(row.fund_id != entry.fund_id for row in legs):
        yield Violation("I6", where, "a leg is in another fund")


def _check_accounts() -> Iterator[Violation]:
    rows = db.session.execute(
        sa.select(
            Fund.code,
            LedgerAccount.name,
            LedgerAccount.sign,
            LedgerAccount.balance,
            sa.func.coalesce(sa.func.sum(LedgerLeg.amount), 0).label("legs"),
        )
        .join(Fund, Fund.id == LedgerAccount.fund_id)
        .outerjoin(LedgerLeg, LedgerLeg.account_id == LedgerAccount.id)
        .group_by(Fund.code, LedgerAccount.id, LedgerAccount.name, LedgerAccount.sign, LedgerAccount.balance)
    )
    for row in rows:
        where = f"{row.name} of {row.code}"
        if row.sign * int(row.legs) < 0:
            yield Violation("I2", where, f"its legs add up to {row.legs}, on the wrong side of zero")
        if row.balance != int(row.legs):
            yield Violation("I15", where, f"its balance is {row.balance}, its legs add up to {row.legs}")


def _check_identities() -> Iterator[Violation]:
    for fund in db.session.scalars(sa.select(Fund).order_by(Fund.id)):
        held: defaultdict[str, int] = defaultdict(int)
        accounts = sa.select(LedgerAccount.name, LedgerAccount.balance).where(
            LedgerAccount.fund_id == fund.id
        )
        for name, balance in db.session.execute(accounts):
            held[name.split(":")[1] if name.startswith("Assets:") else name] += abs(balance)
        promised = held[ledger.RESERVED] + held[ledger.SPENT]
        if held[ledger.APPROPRIATED] != held[ledger.AVAILABLE] + promised:
            yield Violation("I3", fund.code, "appropriated is not available + reserved + spent")
        costs = held[ledger.REWARDS] + held[ledger.FEES] - held[ledger.FORFEITED]
        if held[ledger.SPENT] != costs - (held[ledger.RECOVERED] - held["Clawback"]):
            yield Violation("I4", fund.code, "spent is not rewards + fees - forfeited - recovered")
        owed = held[ledger.PAYABLE] + held[ledger.IN_TRANSIT] + held[ledger.TAX_WITHHELD]
        cash = held["Bank"] + held["MobileMoney"]
        if cash != held[ledger.AVAILABLE] + held[ledger.RESERVED] + owed:
            yield Violation("I5", fund.code, "cash does not cover what is free, reserved and owed")


def _check_rewards() -> Iterator[Violation]:
    policies = {row.id: load_policy(row.body) for row in db.session.scalars(sa.select(PolicyVersion))}
    for reward in db.session.scalars(sa.select(Reward).order_by(Reward.id)):
        policy = policies[reward.policy_version_id]
        shares = queries.shares_of(reward.id)
        if sum(share.amount for share in shares) != reward.pool:
            yield Violation("I10", reward.ref, "its shares do not add up to the pool")
        if any(share.amount and not share.weight for share in shares):
            yield Violation("I10", reward.ref, "a share of weight zero receives money")
        yield from _check_calculation(reward, policy, shares)
        yield from _check_approval(reward, policy)
        if queries.total_of_case(reward.case_id) > policy.cap:
            yield Violation("I9", reward.case_number, "more is promised than the cap of its case")


def _check_calculation(reward: Reward, policy: Policy, shares: list[RewardShare]) -> Iterator[Violation]:
    again = calculate(policy, from_facts(reward.facts))
    if (again.pool, [share.amount for share in again.shares]) != (
        reward.pool,
        [share.amount for share in shares],
    ):
        yield Violation("I10", reward.ref, "recomputed under its own policy version it gives another amount")
    if reward.snapshot_hash != snapshot_hash(reward):
        yield Violation("I12", reward.ref, "it is no longer what its approvers read")


def _check_approval(reward: Reward, policy: Policy) -> Iterator[Violation]:
    if reward.state not in (RewardState.APPROVED, RewardState.SETTLED):
        return
    approvals = queries.approvals_of(reward.id)
    total = queries.total_of_case(reward.case_id)
    if not violations.enough_signatures(policy, [row.role for row in approvals], total):
        yield Violation("I13", reward.ref, "its signatures do not cover the total of its case")
    if any(row.snapshot_hash != reward.snapshot_hash for row in approvals):
        yield Violation("I12", reward.ref, "a signature is bound to another snapshot")


def _check_shares() -> Iterator[Violation]:
    held: defaultdict[int, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = db.session.execute(
        sa.select(LedgerLeg.share_id, LedgerAccount.name, sa.func.sum(LedgerLeg.amount).label("total"))
        .join(LedgerAccount, LedgerAccount.id == LedgerLeg.account_id)
        .where(LedgerLeg.share_id.is_not(None))
        .group_by(LedgerLeg.share_id, LedgerAccount.name)
    )
    for row in rows:
        held[row.share_id][row.name] = int(row.total)
    for share in db.session.scalars(sa.select(RewardShare).order_by(RewardShare.id)):
        net = -share.amount - min(held[share.id][ledger.TAX_WITHHELD], 0)
        owed = net if share.state in (ShareState.APPROVED, ShareState.CLAIMED) else 0
        moving = net if share.state == ShareState.INSTRUCTED else 0
        if held[share.id][ledger.PAYABLE] != owed or held[share.id][ledger.IN_TRANSIT] != moving:
            yield Violation("I11", share.ref, f"the books do not agree that it is {share.state}")


def links() -> Iterator[tuple[sa.Row[Any], list[sa.Row[Any]] | None]]:
    """Walk entries (with their legs) and events in one line by sequence."""
    events = iter(db.session.execute(sa.select(*RewardEvent.__table__.c).order_by(RewardEvent.seq)))
    event = next(events, None)
    for entry, legs in entries_with_legs():
        while event is not None and event.seq < entry.seq:
            yield event, None
            event = next(events, None)
        yield entry, legs
    while event is not None:
        yield event, None
        event = next(events, None)


def entries_with_legs() -> Iterator[tuple[sa.Row[Any], list[sa.Row[Any]]]]:
    """Read the whole ledger in order of sequence, a batch of entries at a time."""
    last = 0
    while True:
        statement = sa.select(*LedgerEntry.__table__.c).where(LedgerEntry.seq > last)
        entries = db.session.execute(statement.order_by(LedgerEntry.seq).limit(BATCH)).all()
        if not entries:
            return
        legs = _legs_between(entries)
        for entry in entries:
            yield entry, legs[entry.id]
        last = entries[-1].seq


def _legs_between(entries: Any) -> defaultdict[int, list[sa.Row[Any]]]:
    rows = db.session.execute(
        sa.select(
            LedgerLeg.entry_id,
            LedgerLeg.currency,
            LedgerLeg.amount,
            LedgerAccount.name.label("account"),
            LedgerAccount.currency.label("account_currency"),
            LedgerAccount.fund_id,
            RewardShare.ref.label("share"),
        )
        .join(LedgerAccount, LedgerAccount.id == LedgerLeg.account_id)
        .outerjoin(RewardShare, RewardShare.id == LedgerLeg.share_id)
        .where(LedgerLeg.entry_id.in_([entry.id for entry in entries]))
        .order_by(LedgerLeg.entry_id, LedgerLeg.line_no)
    )
    legs: defaultdict[int, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows:
        legs[row.entry_id].append(row)
    return legs


def entry_record(name: str, entry: sa.Row[Any], legs: list[sa.Row[Any]]) -> dict[str, Any]:
    """Rebuild what was chained for an entry."""
    return chain.entry_record(
        ledger=name,
        seq=entry.seq,
        name=ledger.entry_name(entry.id),
        candidate=Posting(entry.kind, tuple(_leg(row) for row in legs)),
        effective_on=entry.effective_on,
        recorded_at=entry.recorded_at,
        actor=books.actor_name(entry.actor_id),
        idem=entry.idem_key,
        ref=entry.ref,
    )


def event_record(name: str, event: sa.Row[Any]) -> dict[str, Any]:
    """Rebuild what was chained for an event."""
    return chain.event_record(
        ledger=name,
        seq=event.seq,
        kind=event.kind,
        recorded_at=event.recorded_at,
        actor=books.actor_name(event.actor_id),
        ref=event.ref,
    )


def _leg(row: sa.Row[Any]) -> Leg:
    return Leg(row.account, row.currency, row.amount, row.share)
