"""Draw balances over time as the coordinates of a small step chart. PURE."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 640, 180
LEFT, RIGHT, TOP, BOTTOM = 8, 128, 14, 26


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its words and the balance at the end of each day that changed it, oldest first."""

    words: str
    points: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A drawn line, with the place of the label that names it directly."""

    words: str
    path: str
    label_y: float
    last: int


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws; coordinates of a box of WIDTH by HEIGHT."""

    lines: tuple[Line, ...]
    first_day: date
    last_day: date
    baseline: float
    label_x: float


def step_chart(series: Sequence[Series], *, until: date) -> Chart | None:
    """Lay out lines that keep their height until the next change; None where nothing has happened yet."""
    days = [day for line in series for day, _ in line.points]
    if not days:
        return None
    first, last = min(days), max(until, *days)
    top = max((value for line in series for _, value in line.points), default=0) or 1
    drawn = [_line(line, first, last, top) for line in series if line.points]
    return Chart(_apart(drawn), first, last, _y(0, top), WIDTH - RIGHT + 6)


def _line(series: Series, first: date, last: date, top: int) -> Line:
    path = f"M{LEFT} {_y(0, top):.1f}" if series.points[0][0] > first else ""
    for day, value in series.points:
        x, y = _x(day, first, last), _y(value, top)
        path += f" H{x:.1f} V{y:.1f}" if path else f"M{x:.1f} {y:.1f}"
    ending = series.points[-1][1]
    return Line(series.words, f"{path} H{WIDTH - RIGHT}", _y(ending, top), ending)


def _apart(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Move labels that would lie on each other apart, the highest line first."""
    placed: list[Line] = []
    floor = float(TOP)
    for line in sorted(lines, key=lambda line: line.label_y):
        at = float(
            math.ceil(max(line.label_y, floor))
        )  # whole steps, so that the gap is never short by rounding
        placed.append(Line(line.words, line.path, at, line.last))
        floor = at + 26
    return tuple(placed)


def _x(day: date, first: date, last: date) -> float:
    span = (last - first).days or 1
    return LEFT + (WIDTH - LEFT - RIGHT) * (day - first).days / span


def _y(value: int, top: int) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top)
