"""Learn from what officers ruled, and show how far the chances that they were shown could be trusted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.table import Table

from app import create_app
from tips.rulings import RuledPair, ruled_pairs

EDGES = (0.0, 0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 0.95, 1.0)
ENOUGH = 300  # rulings; before that the corpora know better where the zones lie


@dataclass(frozen=True)
class Bin:
    """The rulings whose stated chance lay between two edges: how many, what was claimed, what was right."""

    low: float
    high: float
    count: int
    claimed: float
    right: float


def read_rulings() -> list[RuledPair]:
    """Read the rulings of the database that the settings name."""
    with create_app().app_context():
        return list(ruled_pairs())


def by_tip(pairs: Iterable[RuledPair]) -> Iterator[list[RuledPair]]:
    """Gather what was ruled on each tip, one ruling a case: where people disagree, the latest stands."""
    ordered = sorted(pairs, key=lambda pair: (pair.ruling.tip_id, pair.ruling.ruled_at))
    for _, group in groupby(ordered, key=lambda pair: pair.ruling.tip_id):
        yield list({pair.ruling.case_id: pair for pair in group}.values())


def reliability(pairs: Sequence[RuledPair]) -> list[Bin]:
    """Compare stated chances with what officers ruled; pairs that the matcher said nothing of are left out."""
    said = [
        (pair.ruling.probability, pair.ruling.same) for pair in pairs if pair.ruling.probability is not None
    ]
    bins = []
    for low, high in zip(EDGES, EDGES[1:], strict=False):
        held = [
            (chance, right) for chance, right in said if low <= chance < high or (chance == high == EDGES[-1])
        ]
        if held:
            claimed = sum(chance for chance, _ in held) / len(held)
            bins.append(Bin(low, high, len(held), claimed, sum(right for _, right in held) / len(held)))
    return bins


def table_of(bins: Sequence[Bin]) -> Table:
    """Lay out bins for people."""
    table = Table(title="What officers ruled on the chances they were shown")
    for heading in ("stated chance", "rulings", "mean stated", "share right"):
        table.add_column(heading, justify="right")
    for one in bins:
        table.add_row(
            f"{one.low:.0%} to {one.high:.0%}", str(one.count), f"{one.claimed:.2f}", f"{one.right:.2f}"
        )
    return table
