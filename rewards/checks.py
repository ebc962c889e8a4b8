"""Verify every invariant of the books against the rows themselves.

Nothing cached is believed: balances are added up from legs, hashes recomputed from content, and amounts
recomputed from facts under the policy version that decided them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from core.db import db
from rewards import (
    asof,
    chain,
    guards,
    ledger,
    links,
    payout_checks,
    record_checks,
    reward_checks,
    violations,
)
from rewards.asof import Known
from rewards.ledger import Posting
from rewards.models import Fund, LedgerAccount, LedgerHead, LedgerPeriod, PeriodBalance
from rewards.periods import PeriodState
from rewards.violations import Violation


@dataclass(frozen=True, slots=True)
class Report:
    """What a check went through and what it found."""

    entries: int
    events: int
    head: str
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class _Closed:
    """A month that is closed: its last day, and the link and hash it was closed at."""

    name: str
    ends_on: date
    seq: int
    head: bytes


def check() -> Report:
    """Verify everything; an empty list of violations means that the books are sound."""
    entries, events, head, found = _check_chain()
    found += [*_check_accounts(), *identities(), *_check_balances_of_periods()]
    found += [*record_checks.policies(), *record_checks.signatures()]
    found += [*reward_checks.rewards(), *reward_checks.shares(), *payout_checks.payouts()]
    found += [Violation(*row) for row in violations.separation_of_duties()]
    found += [Violation("I7", name, words) for name, words in guards.faults()]
    return Report(entries, events, head, tuple(found))


def _check_chain() -> tuple[int, int, str, list[Violation]]:
    found: list[Violation] = []
    previous, expected, numbers, events = chain.GENESIS, 0, 0, 0
    recorded_at = None
    name = db.session.scalar(sa.select(LedgerHead.ledger)) or ""
    closed, known = _closed_periods(), record_checks.references()
    for link, legs in links.links():
        expected += 1
        where = f"seq {link.seq}"
        if link.seq != expected:
            found.append(Violation("I8", where, f"link {expected} is missing"))
            expected = link.seq
        if link.prev_hash != previous:
            found.append(Violation("I8", where, "does not follow the link before it"))
        if recorded_at is not None and link.recorded_at < recorded_at:
            found.append(Violation("I8", where, "was recorded before the link before it"))
        record = links.entry_record(name, link, legs) if legs is not None else links.event_record(name, link)
        if chain.chained(link.prev_hash, record) != link.hash:
            found.append(Violation("I8", where, "its content is not what was chained"))
        found += record_checks.columns(link, known, entry=legs is not None)
        previous, recorded_at = link.hash, link.recorded_at
        found += _check_closings(closed, link)
        if legs is None:
            events += 1
            continue
        numbers += 1
        if link.id != numbers:
            found.append(Violation("I8", where, f"entry number {numbers} is missing"))
            numbers = link.id
        found += _check_entry(link, legs)
        found += _check_day(closed, link)
    head = db.session.execute(sa.select(LedgerHead.seq, LedgerHead.entries, LedgerHead.hash)).one()
    if (head.seq, head.entries, head.hash) != (expected, numbers, previous):
        found.append(Violation("I8", f"seq {head.seq}", "the head is not the last link"))
    found += [
        Violation("I14", period.name, f"it was closed at link {period.seq}, which is missing")
        for period in closed
        if period.seq > expected
    ]
    return numbers, events, previous.hex(), found


def _check_entry(entry: sa.Row[Any], legs: list[sa.Row[Any]]) -> Iterator[Violation]:
    where = ledger.entry_name(entry.id)
    try:
        ledger.require_sound(Posting(entry.kind, tuple(links.leg_of(row) for row in legs)))
    except ValueError as error:
        yield Violation("I1", where, str(error))
    if any(row.currency != row.account_currency for row in legs):
        yield Violation("I6", where, "a leg has another currency than its account")
    if any(row.fund_id != entry.fund_id for row in legs):
        yield Violation("I6", where, "a leg is in another fund")


def _closed_periods() -> tuple[_Closed, ...]:
    rows = db.session.scalars(
        sa.select(LedgerPeriod).where(LedgerPeriod.state == PeriodState.CLOSED).order_by(LedgerPeriod.ends_on)
    )
    return tuple(_Closed(row.name, row.ends_on, row.seq or 0, row.head_hash or b"") for row in rows)


def _check_closings(closed: tuple[_Closed, ...], link: sa.Row[Any]) -> Iterator[Violation]:
    for period in closed:
        if period.seq == link.seq and period.head != link.hash:
            yield Violation("I14", period.name, f"link {link.seq} is not the one it was closed at")


def _check_day(closed: tuple[_Closed, ...], entry: sa.Row[Any]) -> Iterator[Violation]:
    for period in closed:
        if entry.effective_on <= period.ends_on and entry.seq > period.seq:
            where = ledger.entry_name(entry.id)
            yield Violation("I14", where, f"it belongs to {period.name}, which was closed before it")
            return


def _check_balances_of_periods() -> Iterator[Violation]:
    for row in db.session.scalars(
        sa.select(LedgerPeriod).where(LedgerPeriod.state == PeriodState.CLOSED).order_by(LedgerPeriod.id)
    ):
        rows = sa.select(PeriodBalance.account_id, PeriodBalance.balance)
        kept = {
            kept.account_id: kept.balance
            for kept in db.session.execute(rows.where(PeriodBalance.period_id == row.id))
        }
        summed = asof.from_legs(Known(as_of=row.ends_on, seq=row.seq))
        for account in sorted(kept.keys() | summed.keys()):
            if kept.get(account, 0) != summed.get(account, 0):
                words = f"account {account} was kept as {kept.get(account)}, its legs add up to {summed.get(account)}"
                yield Violation("I14", row.name, words)


def _check_accounts() -> Iterator[Violation]:
    rows = db.session.execute(
        sa.select(Fund.code, LedgerAccount.id, LedgerAccount.name, LedgerAccount.sign, LedgerAccount.balance)
        .join(Fund, Fund.id == LedgerAccount.fund_id)
        .order_by(LedgerAccount.id)
    )
    sums = asof.from_legs(asof.EVERYTHING)
    for row in rows:
        where, legs = f"{row.name} of {row.code}", sums.get(row.id, 0)
        if row.sign * legs < 0:
            yield Violation("I2", where, f"its legs add up to {legs}, on the wrong side of zero")
        if row.balance != legs:
            yield Violation("I15", where, f"its balance is {row.balance}, its legs add up to {legs}")


def identities() -> Iterator[Violation]:
    """Check that cash and budget tell the same story in every fund (I3, I4, I5)."""
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
