"""Add the books up as of a day and as they were known at a link of the chain.

A day limits what entries belong to, a sequence number what had been recorded. The answer for a pair of both never
changes once the day lies in a closed period. There is no lower bound: everything since the first entry counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from core.db import db
from core.errors import NotFound
from rewards.models import LedgerEntry, LedgerHead, LedgerLeg, LedgerPeriod, PeriodBalance, RewardEvent
from rewards.periods import PeriodState

Conditions = Sequence[sa.ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Known:
    """Which entries count: effective up to and including a day, recorded up to and including a link."""

    as_of: date | None = None
    seq: int | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return what an entry has to fulfil to count."""
        found: list[sa.ColumnElement[bool]] = []
        if self.as_of is not None:
            found.append(LedgerEntry.effective_on <= self.as_of)
        if self.seq is not None:
            found.append(LedgerEntry.seq <= self.seq)
        return found


EVERYTHING = Known()


def known(*, as_of: date | None = None, seq: int | None = None, known_at: datetime | None = None) -> Known:
    """Build the limits of a question; `known_at` stands for the newest link recorded until then."""
    if known_at is not None:
        at = seq_known_at(known_at)
        seq = at if seq is None else min(seq, at)
    return Known(as_of, seq)


def seq_known_at(moment: datetime) -> int:
    """Return the newest link recorded at or before a moment; 0 before the first."""
    newest = [
        db.session.scalar(
            sa.select(model.seq).where(model.recorded_at <= moment).order_by(model.seq.desc()).limit(1)
        )
        for model in (LedgerEntry, RewardEvent)
    ]
    return max(seq or 0 for seq in newest)


def balances(limits: Known = EVERYTHING) -> dict[int, int]:
    """Return what each account held that did not hold nothing, by account id, in signed minor units.

    Adds up whichever legs are fewer: those that count since the newest closed period within the limits, or those
    that do not, which are then taken off the sum of all.
    """
    limits = _narrowed(limits)
    wanted = limits.conditions()
    if not wanted:
        return _added({}, [])
    start, beyond = _start(limits), [sa.not_(sa.and_(*wanted))]
    if start is not None:
        wanted.append(LedgerEntry.effective_on > start.ends_on)
    if _count(beyond) < _count(wanted):
        return _added(_added({}, []), beyond, sign=-1)
    return _added(_kept(start) if start is not None else {}, wanted)


def _narrowed(limits: Known) -> Known:
    """Leave out a limit that leaves nothing out."""
    newest = db.session.execute(sa.select(sa.func.max(LedgerEntry.effective_on))).scalar_one()
    head = db.session.execute(sa.select(LedgerHead.seq)).scalar_one()
    return Known(
        limits.as_of if limits.as_of is not None and newest is not None and limits.as_of < newest else None,
        limits.seq if limits.seq is not None and limits.seq < head else None,
    )


def from_legs(limits: Known) -> dict[int, int]:
    """Return the same from the legs that count alone, as the verifier does."""
    return _added({}, limits.conditions())


def head_at(seq: int | None) -> tuple[int, str]:
    """Return sequence and hash of a link, or of the newest one; raise NotFound for a link not written yet."""
    head = db.session.execute(sa.select(LedgerHead.seq, LedgerHead.hash)).one()
    if seq is None or seq == head.seq:
        return head.seq, head.hash.hex()
    for model in (LedgerEntry, RewardEvent):
        found = db.session.scalar(sa.select(model.hash).where(model.seq == seq))
        if found is not None:
            return seq, found.hex()
    if seq == 0:
        return 0, bytes(32).hex()
    raise NotFound(f"The chain has no link {seq}.")


def _added(start: Mapping[int, int], conditions: Conditions, *, sign: int = 1) -> dict[int, int]:
    totals = defaultdict(int, start)
    for account_id, moved in db.session.execute(_sums(conditions)):
        totals[account_id] += sign * int(moved)
    return {account_id: total for account_id, total in totals.items() if total}


def _kept(period: LedgerPeriod) -> dict[int, int]:
    rows = sa.select(PeriodBalance.account_id, PeriodBalance.balance)
    found = db.session.execute(rows.where(PeriodBalance.period_id == period.id))
    return {row.account_id: row.balance for row in found}


def _count(conditions: Conditions) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(LedgerEntry).where(*conditions)) or 0


def _sums(conditions: Conditions) -> sa.Select[tuple[int, int]]:
    statement = sa.select(LedgerLeg.account_id, sa.func.sum(LedgerLeg.amount)).group_by(LedgerLeg.account_id)
    if conditions:
        # a list of entries and not a join: SQLite then reads the legs from their index alone
        statement = statement.where(LedgerLeg.entry_id.in_(sa.select(LedgerEntry.id).where(*conditions)))
    return statement


def _start(limits: Known) -> LedgerPeriod | None:
    statement = sa.select(LedgerPeriod).where(LedgerPeriod.state == PeriodState.CLOSED)
    if limits.as_of is not None:
        statement = statement.where(LedgerPeriod.ends_on <= limits.as_of)
    if limits.seq is not None:
        statement = statement.where(LedgerPeriod.seq <= limits.seq)
    return db.session.scalar(statement.order_by(LedgerPeriod.ends_on.desc()).limit(1))
