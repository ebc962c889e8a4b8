"""Plain builders of what intake hands to the matcher."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tips.matching import Footprint, build_footprint
from tips.places.types import Candidate

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class SeenPlace:
    lat: float
    lon: float
    radius_m: float = 50.0
    source: str = "coordinates"
    place: str | None = None
    words: str | None = None
    start: int | None = None
    end: int | None = None
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class SeenWords:
    categories: Mapping[str, float]
    concepts: frozenset[str] = frozenset()
    language: str = "en"
    event_at: datetime | None = None


@dataclass(frozen=True)
class SeenObservable:
    kind: str
    value: str
    start: int = 0
    end: int = 0


def seen(
    tip_id: int = 1,
    text: str = "men carry cartons of cigarettes from a boat",
    *,
    hours: float = 0.0,
    at: tuple[float, float] | None = (16.7012, 98.5085),
    radius_m: float = 50.0,
    place: str | None = None,
    also: Iterable[str] = (),
    about: str = "tobacco",
    concepts: Iterable[str] = (),
    observables: Iterable[tuple[str, str]] = (),
    sender: str | None = None,
    case_id: int | None = None,
) -> Footprint:
    """Build the footprint of one tip; hours count from START."""
    return build_footprint(
        tip_id=tip_id,
        case_id=case_id,
        received_at=START + timedelta(hours=hours),
        sender=sender or f"sender-{tip_id}",
        text=text,
        location=_placed(at, radius_m, place, also) if at else None,
        reading=SeenWords(
            {about: 0.9, "other": 0.1} if about != "other" else {"other": 1.0}, frozenset(concepts)
        ),
        observables=[SeenObservable(kind, value) for kind, value in observables],
    )


def _placed(at: tuple[float, float], radius_m: float, place: str | None, also: Iterable[str]) -> SeenPlace:
    others = tuple(Candidate(name, 0.0, 0.0, name, "from", 1.0) for name in also)
    return SeenPlace(*at, radius_m=radius_m, place=place, candidates=others)
