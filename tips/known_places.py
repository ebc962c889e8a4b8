"""Read the deployment's places, with every name that the operator's file or an officer gave them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa

from core.db import db
from tips.models import PlaceRow, TaughtName
from tips.places.geodesy import distance_m
from tips.places.script import fold

MOST_OFFERED = 8
MOST_NEAREST = 4  # before anything was typed


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A place with all its names; `taught` says that an officer added it."""

    id: int
    name: str
    aliases: tuple[str, ...]
    lat: float
    lon: float
    kind: str
    taught: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """A place that an officer may mean, and how far it lies from where the tip does; None where that is not known."""

    id: int
    name: str
    kind: str
    matched: str | None
    away_m: float | None


def live_places() -> list[KnownPlace]:
    """Return the places that are known now, in the order they came."""
    taught: dict[int, list[str]] = defaultdict(list)
    names = sa.select(TaughtName.place_id, TaughtName.name).where(
        TaughtName.removed_at.is_(None), ~TaughtName.is_place
    )
    for place_id, name in db.session.execute(names.order_by(TaughtName.id)):
        taught[place_id].append(name)
    rows = db.session.execute(
        sa.select(
            PlaceRow.id,
            PlaceRow.name,
            PlaceRow.aliases,
            PlaceRow.lat,
            PlaceRow.lon,
            PlaceRow.kind,
            PlaceRow.taught_at,
        )
        .where(PlaceRow.removed_at.is_(None))
        .order_by(PlaceRow.id)
    )
    return [
        KnownPlace(
            row.id,
            row.name,
            (*row.aliases, *taught[row.id]),
            row.lat,
            row.lon,
            row.kind,
            row.taught_at is not None,
        )
        for row in rows
    ]


def landmarks() -> list[dict[str, object]]:
    """Return the deployment's places for the map."""
    return [
        {"name": place.name, "lat": place.lat, "lon": place.lon, "kind": place.kind}
        for place in live_places()
    ]


def places_like(query: str, *, near: tuple[float, float] | None) -> list[Offer]:
    """Offer the places whose names hold what was typed, nearest first; without words simply the nearest."""
    sought = fold(query).compact
    offers: list[tuple[bool, float, Offer]] = []
    for place in live_places():
        matched = _matched(place, sought)
        if matched is None:
            continue
        away = distance_m(place.lat, place.lon, *near) if near is not None else None
        begins = fold(matched).compact.startswith(sought)
        other = matched if matched != place.name and sought else None
        offer = Offer(place.id, place.name, place.kind, other, away)
        offers.append((bool(sought) and not begins, away or 0.0, offer))
    offers.sort(key=lambda item: (item[0], item[1], item[2].name))
    return [offer for _, _, offer in offers[: MOST_OFFERED if sought else MOST_NEAREST]]


def _matched(place: KnownPlace, sought: str) -> str | None:
    return next((name for name in (place.name, *place.aliases) if sought in fold(name).compact), None)
