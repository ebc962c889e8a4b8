"""Close the books month by month: softly, so that only finance books into it, then for good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from accounts.services import StaffMember
from core import audit
from core.db import db
from core.deployment import current_deployment
from core.errors import Conflict, Invalid, NotAllowed
from rewards import asof, books, checks, periods
from rewards.asof import Known
from rewards.models import LedgerEntry, LedgerPeriod, PeriodBalance
from rewards.payout_kinds import LineState
from rewards.payout_models import StatementLine
from rewards.periods import Month, PeriodError, PeriodState, Step
from rewards.repeats import MoneyResult, once
from rewards.states import MONEY_ROLES

UNMATCHED_DAYS = 5

# How many statement lines dated up to a day have waited for a match since before another day.
Unmatched = Callable[[date, date], int]


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """One month in the list of periods."""

    name: str
    state: PeriodState
    starts_on: date
    ends_on: date
    entries: int
    soft_closed_at: datetime | None
    soft_closed_by: int | None
    closed_at: datetime | None
    closed_by: int | None
    seq: int | None
    head: str


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found when a month was examined for closing, and up to which link."""

    month: Month
    state: PeriodState
    steps: tuple[Step, ...]
    seq: int

    @property
    def ready(self) -> bool:
        """Tell whether nothing is in the way."""
        return all(step.holds for step in self.steps)


def list_periods(*, now: datetime) -> tuple[PeriodLine, ...]:
    """Return every month since the first entry, newest first."""
    first = db.session.scalar(sa.select(sa.func.min(LedgerEntry.effective_on)))
    today = _today(now)
    rows = {row.name: row for row in db.session.scalars(sa.select(LedgerPeriod))}
    days = [row.starts_on for row in rows.values()]
    months = periods.months_between(min([first or today, *days]), today)
    counts = _entries_by_month()
    return tuple(_line(month, rows.get(month.name), counts[month.name]) for month in reversed(months))


def examine(*, period: str, now: datetime, unmatched: Unmatched, days: int = UNMATCHED_DAYS) -> Examination:
    """Verify the books and say what is in the way of closing a month for good.

    Reads only, so that nobody waits at the head of the chain meanwhile. `unmatched` counts statement lines
    dated up to its first argument that wait since its second or longer.
    """
    month = _month(period)
    report = checks.check()
    today = _today(now)
    row = _row(month)
    waiting = unmatched(month.ends_on, date.fromordinal(today.toordinal() - days))
    return Examination(
        month,
        PeriodState(row.state) if row is not None else PeriodState.OPEN,
        periods.closing_steps(
            month,
            state=PeriodState(row.state) if row is not None else PeriodState.OPEN,
            today=today,
            earlier_open=_open_before(month),
            violations=Counter(violation.invariant for violation in report.violations),
            unmatched=waiting,
            unmatched_days=days,
        ),
        report.entries + report.events,
    )


def lines_waiting(until: date, since: date) -> int:
    """Count statement lines dated up to a day that nobody has explained since another."""
    waiting = sa.select(sa.func.count()).where(
        StatementLine.state == LineState.OPEN, StatementLine.booked_on <= min(until, since)
    )
    return db.session.scalar(waiting) or 0


def soft_close(*, period: str, actor: StaffMember | None, key: str, now: datetime) -> MoneyResult:
    """Let only finance book into a month that is over; raise Conflict before its end."""
    month = _month(period)
    _require_role(actor)

    def act() -> MoneyResult:
        if _today(now) <= month.ends_on:
            raise Conflict(f"{month.name} is not over yet.")
        row = _row(month) or _opened(month)
        if row.state != PeriodState.OPEN:
            raise Conflict(f"{month.name} is closed already.")
        row.state, row.soft_closed_at, row.soft_closed_by = PeriodState.SOFT, now, _id(actor)
        return _noted("period_soft_closed", month, actor, now, {})

    return once(key=key, scope="soft_close", actor_id=_id(actor), asked={"period": period}, now=now, act=act)


def reopen(*, period: str, actor: StaffMember | None, key: str, now: datetime) -> MoneyResult:
    """Open a month again that was closed softly; one closed for good stays closed."""
    month = _month(period)
    _require_role(actor)

    def act() -> MoneyResult:
        row = _row(month)
        if row is None or row.state != PeriodState.SOFT:
            raise Conflict(f"{month.name} is not closed softly.")
        row.state, row.soft_closed_at, row.soft_closed_by = PeriodState.OPEN, None, None
        return _noted("period_reopened", month, actor, now, {})

    return once(key=key, scope="reopen", actor_id=_id(actor), asked={"period": period}, now=now, act=act)


def close(*, examined: Examination, actor: StaffMember | None, key: str, now: datetime) -> MoneyResult:
    """Close an examined month for good: keep the newest link and what every account held at its end.

    Raise Conflict naming what is in the way.
    """
    month = examined.month
    _require_role(actor)

    def act() -> MoneyResult:
        row = _row(month)
        _require_ready(examined, row)
        assert row is not None  # a month that is ready was closed softly
        head = books.lock_head()
        for account_id, held in sorted(asof.balances(Known(as_of=month.ends_on)).items()):
            db.session.add(PeriodBalance(period_id=row.id, account_id=account_id, balance=held))
        db.session.flush()
        row.state, row.closed_at, row.closed_by = PeriodState.CLOSED, now, _id(actor)
        row.seq, row.entries, row.head_hash = head.seq, head.entries, head.hash
        return _noted("period_closed", month, actor, now, {"seq": str(head.seq), "head": head.hash.hex()})

    asked = {"period": month.name}
    return once(key=key, scope="close_period", actor_id=_id(actor), asked=asked, now=now, act=act)


def _require_ready(examined: Examination, row: LedgerPeriod | None) -> None:
    if row is None or row.state != PeriodState.SOFT:
        raise Conflict(f"{examined.month.name} has changed since it was examined. Examine it again.")
    if not examined.ready:
        missing = "; ".join(f"{step.words}: {step.detail}" for step in examined.steps if not step.holds)
        raise Conflict(f"{examined.month.name} cannot be closed yet. {missing}.")


def _noted(
    event: str, month: Month, actor: StaffMember | None, now: datetime, notes: dict[str, str]
) -> MoneyResult:
    db.session.flush()
    seq = books.note(event, actor_id=_id(actor), notes={"period": month.name, **notes})
    audit.record(
        action=f"ledger.{event}", subject=("period", month.name), actor_id=_id(actor), detail=notes, at=now
    )
    return MoneyResult(event, seq=seq)


def _require_role(actor: StaffMember | None) -> None:
    # no person at all is whoever runs the machine, by a command
    if actor is not None and actor.role.value not in MONEY_ROLES:
        raise NotAllowed("Only finance and the director close the books.")


def _month(name: str) -> Month:
    try:
        return periods.month_named(name)
    except PeriodError as error:
        raise Invalid({"period": [str(error)]}) from error


def _row(month: Month) -> LedgerPeriod | None:
    statement = sa.select(LedgerPeriod).where(LedgerPeriod.name == month.name)
    return db.session.scalar(statement.execution_options(populate_existing=True))


def _opened(month: Month) -> LedgerPeriod:
    row = LedgerPeriod(
        name=month.name, starts_on=month.starts_on, ends_on=month.ends_on, state=PeriodState.OPEN
    )
    db.session.add(row)
    db.session.flush()
    return row


def _open_before(month: Month) -> tuple[str, ...]:
    """Name the months before this one that hold entries or were begun to be closed, and are not closed."""
    closed = set(
        db.session.scalars(sa.select(LedgerPeriod.name).where(LedgerPeriod.state == PeriodState.CLOSED))
    )
    begun = set(
        db.session.scalars(sa.select(LedgerPeriod.name).where(LedgerPeriod.starts_on < month.starts_on))
    )
    used = {name for name in _entries_by_month() if name < month.name}
    return tuple(sorted((begun | used) - closed))


def _entries_by_month() -> Counter[str]:
    counts: Counter[str] = Counter()
    rows = db.session.execute(
        sa.select(LedgerEntry.effective_on, sa.func.count()).group_by(LedgerEntry.effective_on)
    )
    for day, count in rows:
        counts[f"{day:%Y-%m}"] += count
    return counts


def _line(month: Month, row: LedgerPeriod | None, entries: int) -> PeriodLine:
    return PeriodLine(
        month.name,
        PeriodState(row.state) if row else PeriodState.OPEN,
        month.starts_on,
        month.ends_on,
        entries,
        row.soft_closed_at if row else None,
        row.soft_closed_by if row else None,
        row.closed_at if row else None,
        row.closed_by if row else None,
        row.seq if row else None,
        row.head_hash.hex() if row and row.head_hash else "",
    )


def _id(actor: StaffMember | None) -> int | None:
    return actor.id if actor is not None else None


def _today(now: datetime) -> date:
    return now.astimezone(current_deployment().zone).date()
