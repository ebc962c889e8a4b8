"""Describe a report as a table with figures and bars, for the screen and for CSV alike. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from rewards.money import plain

# as wide as a phone, so that labels stay legible there: each stands above its bar
WIDTH, RIGHT, ROW = 360, 110, 38
AGES: Final = ((30, "up to 30 days"), (60, "31 to 60 days"), (90, "61 to 90 days"), (180, "91 to 180 days"))
OLDEST: Final = "over 180 days"
WAITS: Final = ((0, "today"), (3, "up to 3 days"), (7, "up to 7 days"), (14, "up to 14 days"))
LONGEST_WAIT: Final = "over 14 days"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units with its currency."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere."""

    words: str
    href: str


Cell = str | int | Money | Link | datetime | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a drawing, with its length and what is written beside it."""

    label: str
    y: int
    length: float
    words: str


@dataclass(frozen=True, slots=True)
class Report:
    """One report: what it is about, its figures, bars and rows; `empty` is said where it has no row."""

    name: str
    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: tuple[str, str]
    figures: tuple[tuple[str, Cell], ...] = ()
    bars: tuple[Bar, ...] = ()
    note: str = ""

    @property
    def height(self) -> int:
        """Return the height of the drawing."""
        return len(self.bars) * ROW + 4


def csv_rows(report: Report) -> list[list[Any]]:
    """Write the rows for a file: amounts as plain decimals, moments as ISO 8601, links as their words."""
    return [[_plain(cell) for cell in row] for row in report.rows]


def bars(values: Sequence[tuple[str, int, str]]) -> tuple[Bar, ...]:
    """Draw (label, size, words) as bars; nothing where every size is zero."""
    longest = max((size for _, size, _ in values), default=0)
    if longest == 0:
        return ()
    room = WIDTH - RIGHT
    return tuple(
        Bar(label, place * ROW + 4, round(room * size / longest, 1), words)
        for place, (label, size, words) in enumerate(values)
    )


def age_of(days: int, ages: Sequence[tuple[int, str]] = AGES, oldest: str = OLDEST) -> str:
    """Name the bracket of an age in days."""
    return next((words for most, words in ages if days <= most), oldest)


def brackets(ages: Sequence[tuple[int, str]] = AGES, oldest: str = OLDEST) -> list[str]:
    """List the names of the brackets, youngest first."""
    return [*(words for _, words in ages), oldest]


def _plain(cell: Cell) -> Any:
    match cell:
        case Money(minor, currency):
            return f"{plain(minor, currency)} {currency}"
        case Link(words, _):
            return words
        case datetime():
            return cell.isoformat()
        case None:
            return ""
    return cell
