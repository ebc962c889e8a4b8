"""What the tips of a case say together, built one tip at a time in the order they were filed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from cases.facts import TipFacts


@dataclass(frozen=True, slots=True)
class Summary:
    """The goods, the best place, the span and the number of independent voices of a case.

    Times belong to the latest tip by receipt; the place is the one with the smallest radius (metres).
    """

    tips: int = 0
    senders: int = 0
    category: str | None = None
    category_probability: float = 0.0
    lat: float | None = None
    lon: float | None = None
    radius_m: float | None = None
    place: str | None = None
    first_tip_at: datetime | None = None
    last_tip_at: datetime | None = None
    event_at: datetime | None = None


EMPTY = Summary()


def with_tip(summary: Summary, tip: TipFacts, *, new_voice: bool) -> Summary:
    """Add one tip; `new_voice` says that its sender has no other tip in the case."""
    grown = replace(summary, tips=summary.tips + 1, senders=summary.senders + (1 if new_voice else 0))
    return _with_times(_with_place(_with_category(grown, tip), tip), tip)


def fold(tips: Iterable[TipFacts]) -> Summary:
    """Add tips in the order they were filed; equals adding each as it arrived."""
    summary, heard = EMPTY, set[str]()
    for tip in tips:
        summary = with_tip(summary, tip, new_voice=is_new_voice(tip, heard))
        if tip.sender_alias is not None:
            heard.add(tip.sender_alias)
    return summary


def is_new_voice(tip: TipFacts, heard: Iterable[str]) -> bool:
    """Tell whether a tip adds an independent voice; an anonymous one only where it is said to."""
    if tip.sender_alias is None:
        return tip.independent
    return tip.sender_alias not in heard


def _with_category(summary: Summary, tip: TipFacts) -> Summary:
    if tip.category is None or tip.category_probability <= summary.category_probability:
        return summary
    return replace(summary, category=tip.category, category_probability=tip.category_probability)


def _with_place(summary: Summary, tip: TipFacts) -> Summary:
    if tip.lat is None or tip.lon is None or tip.radius_m is None:
        return summary
    if summary.radius_m is not None and summary.radius_m <= tip.radius_m:
        return summary
    place = tip.place or summary.place
    return replace(summary, lat=tip.lat, lon=tip.lon, radius_m=tip.radius_m, place=place)


def _with_times(summary: Summary, tip: TipFacts) -> Summary:
    first = min(filter(None, (summary.first_tip_at, tip.received_at)))
    if summary.last_tip_at is not None and tip.received_at < summary.last_tip_at:
        return replace(summary, first_tip_at=first)
    return replace(summary, first_tip_at=first, last_tip_at=tip.received_at, event_at=tip.event_at)
