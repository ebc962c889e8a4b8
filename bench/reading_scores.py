"""Score what intake read in each tip against the labels: noise, place, category, language, observables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Row = dict[str, Any]
EARTH_M = 6_371_008.8
SMALL_CIRCLE, FAR_OFF = (
    2,
    10,
)  # in tolerances: a circle this small, this far from the truth, is confidently wrong
READING_BARS = {  # figure: (sparse, dense, more is better)
    "real_kept": (0.99, 0.99, True),
    "noise_caught": (0.85, 0.85, True),
    "placed": (0.90, 0.85, True),
    "confidently_wrong": (0.01, 0.015, False),
    "left_null": (0.85, 0.85, True),
    "inside_radius": (0.90, 0.90, True),
    "category": (0.80, 0.80, True),
    "language": (0.97, 0.97, True),
    "observables_f1": (0.95, 0.95, True),
}


def score_reading(tips: Sequence[Row], rows: Mapping[str, Row]) -> dict[str, float]:
    """Return the figures of READING_BARS; what cannot be measured counts as perfect."""
    real = [tip for tip in tips if tip["incident"]]
    noise = [tip for tip in tips if not tip["incident"]]
    located = [tip for tip in tips if tip["gold_lat"] is not None]
    nowhere = [tip for tip in tips if tip["gold_lat"] is None and tip["lat"] is None]
    return {
        "real_kept": _share(not rows[tip["id"]]["is_noise"] for tip in real),
        "noise_caught": _share(rows[tip["id"]]["is_noise"] for tip in noise),
        "placed": _share(is_placed(tip, rows[tip["id"]]) for tip in located),
        "confidently_wrong": 1.0 - _share(not is_confidently_wrong(tip, rows[tip["id"]]) for tip in located),
        "left_null": _share(rows[tip["id"]]["lat"] is None for tip in nowhere),
        "inside_radius": _share(
            off_by(tip, rows[tip["id"]]) <= max(rows[tip["id"]]["radius_m"], 1.0)
            for tip in located
            if rows[tip["id"]]["lat"] is not None
        ),
        "category": _share(rows[tip["id"]]["category"] == tip["category"] for tip in real),
        "language": _share(_primary(rows[tip["id"]]["language"]) == tip["language"] for tip in tips),
        "observables_f1": _observables_f1(tips, rows),
    }


def off_by(tip: Row, row: Row) -> float:
    """Return how many metres a row's point lies from the label, infinity where it has none."""
    if row["lat"] is None:
        return math.inf
    phi, other = math.radians(row["lat"]), math.radians(tip["gold_lat"])
    half = (
        math.sin((phi - other) / 2) ** 2
        + math.cos(phi) * math.cos(other) * math.sin(math.radians(row["lon"] - tip["gold_lon"]) / 2) ** 2
    )
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def is_placed(tip: Row, row: Row) -> bool:
    """Say whether a row's point lies within the label's tolerance."""
    return off_by(tip, row) <= tip["gold_tolerance_m"]


def is_confidently_wrong(tip: Row, row: Row) -> bool:
    """Say whether a row claims a small circle far from the label."""
    if row["lat"] is None:
        return False
    tolerance = tip["gold_tolerance_m"]
    return off_by(tip, row) > FAR_OFF * tolerance and (row["radius_m"] or 0.0) <= SMALL_CIRCLE * tolerance


def observables_of(row: Row) -> set[tuple[str, str]]:
    """Return a row's or a label's observables in a form in which two spellings are equal."""
    return {(item["kind"], _plain(item["kind"], str(item["value"]))) for item in row["observables"]}


def _plain(kind: str, value: str) -> str:
    if kind in ("btc", "eth", "trx", "url", "email"):
        return (
            value.casefold().removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
        )
    return "".join(sign for sign in value.upper() if sign.isalnum() or sign == "+")


def _observables_f1(tips: Sequence[Row], rows: Mapping[str, Row]) -> float:
    wanted = {(tip["id"], *item) for tip in tips for item in observables_of(tip)}
    found = {(tip["id"], *item) for tip in tips for item in observables_of(rows[tip["id"]])}
    return 2 * len(wanted & found) / (len(wanted) + len(found)) if wanted or found else 1.0


def _primary(tag: str | None) -> str:
    return (tag or "").lower().split("-")[0]


def _share(flags: Iterator[bool]) -> float:
    seen = list(flags)
    return sum(seen) / len(seen) if seen else 1.0
