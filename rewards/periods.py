"""Name the months of the books and say which step a month may take next. PURE."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

_MONTH: Final = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])\Z", re.ASCII)


class PeriodState(StrEnum):
    """Open takes entries of anybody, soft those of finance, closed none."""

    OPEN = "open"
    SOFT = "soft"
    CLOSED = "closed"


class PeriodError(ValueError):
    """Say why a period cannot be closed or reopened."""


@dataclass(frozen=True, slots=True)
class Month:
    """One period: its name (2026-03) and its first and last day."""

    name: str
    starts_on: date
    ends_on: date


def month_named(name: str) -> Month:
    """Return the month of a name like 2026-03; raise PeriodError."""
    match = _MONTH.match(name)
    if match is None or int(match[1]) == 0:
        raise PeriodError("A period is a month, written like 2026-03.")
    return month_of(date(int(match[1]), int(match[2]), 1))


def month_of(day: date) -> Month:
    """Return the month a day lies in."""
    last = calendar.monthrange(day.year, day.month)[1]
    return Month(f"{day:%Y-%m}", day.replace(day=1), day.replace(day=last))


def months_between(first: date, last: date) -> tuple[Month, ...]:
    """List the months from the one of the first day to the one of the last, oldest first."""
    months = [month_of(first)]
    while months[-1].ends_on < last:
        months.append(month_of(months[-1].ends_on + timedelta(days=1)))
    return tuple(months)


@dataclass(frozen=True, slots=True)
class Step:
    """One condition of closing a period: its words, whether it holds, and what is in the way."""

    words: str
    holds: bool
    detail: str = ""


def closing_steps(
    month: Month,
    *,
    state: PeriodState,
    today: date,
    earlier_open: tuple[str, ...],
    violations: Mapping[str, int],
    unmatched: int,
    unmatched_days: int,
) -> tuple[Step, ...]:
    """List what has to hold before a month is closed for good.

    `violations` counts what the verifier found, by invariant; `unmatched` is how many lines of the month's
    statements have waited longer than `unmatched_days` for a match.
    """
    broken = ", ".join(f"{name} ({count})" for name, count in sorted(violations.items()))
    return (
        Step("The month is over", today > month.ends_on, f"it ends on {month.ends_on}"),
        Step("Every month before it is closed", not earlier_open, ", ".join(earlier_open)),
        Step("Only finance posts into it", state is not PeriodState.OPEN, "close it for others first"),
        Step("Every check of the books holds", not violations, broken),
        Step(
            f"No statement line has waited longer than {unmatched_days} days",
            not unmatched,
            f"{unmatched} without a match",
        ),
    )
