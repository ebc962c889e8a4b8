"""Learn from an officer what people call a place, and take it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from cases.facts import Actor
from core import audit
from core.codes import show_tip_code
from core.db import BESIDE_REFERENCES, db, insert_once, table_of
from core.deployment import bump_revision
from core.errors import Conflict, Invalid, NotFound
from core.vault import Vault
from signals.recognise import recognise
from tips import hints
from tips.inbound import clean_text
from tips.knowledge import current_town
from tips.models import PlaceRow, TaughtName, Tip, TipPlacement
from tips.places.gazetteer import DEFAULT_RADIUS_M
from tips.places.script import fold
from tips.places.types import Location
from tips.placing import location_from, place_columns, place_tip, undo_placement
from tips.understanding import NAMED

LONGEST = 120
NEW_KIND = "landmark"
WHOLE = 0.999  # the score of a name that is spelt out in full


@dataclass(frozen=True, slots=True)
class Taught:
    """What was learnt or taken back, in a sentence; `place` is the name that screens show."""

    taught_id: int
    place: str
    sentence: str


def teach_alias(tip: Tip, name: str, *, place_id: int, actor: Actor, vault: Vault, now: datetime) -> Taught:
    """Learn another name of a place that is known."""
    place = db.session.get(PlaceRow, place_id, with_for_update=True, populate_existing=True)
    if place is None or place.removed_at is not None:
        raise NotFound("There is no such place.")
    name = _checked(tip, name)
    row = _keep(tip, name, place, is_place=False, actor=actor, now=now)
    _place_source(tip, row, place, vault=vault, now=now, actor=actor)
    _note("place.name_taught", row, place, actor, now)
    return Taught(row.id, place.name, f"“{name}” is {place.name} from now on.")


def teach_place(
    tip: Tip, name: str, *, lat: float, lon: float, actor: Actor, vault: Vault, now: datetime
) -> Taught:
    """Learn a place that was not known, at a point."""
    name = _checked(tip, name)
    place = db.session.scalar(sa.select(PlaceRow).where(PlaceRow.name == name))
    if place is not None and place.removed_at is None:
        raise Conflict(f"There is a place {name} already. Teach the words as another name of it.")
    if place is None:
        place_id = insert_once(
            table_of(PlaceRow),
            {"name": name, "aliases": [], "lat": lat, "lon": lon, "kind": NEW_KIND, "created_at": now},
        )
        if place_id is None:
            raise Conflict(f"Somebody is teaching a place {name} at this moment. Look again.")
        place = db.session.get_one(PlaceRow, place_id)
    place.lat, place.lon, place.taught_at, place.removed_at = lat, lon, now, None
    db.session.flush()
    row = _keep(tip, name, place, is_place=True, actor=actor, now=now)
    _place_source(tip, row, place, vault=vault, now=now, actor=actor)
    _note("place.name_taught", row, place, actor, now)
    return Taught(row.id, place.name, f"{name} is a place from now on.")


def forget(taught_id: int, *, actor: Actor, vault: Vault, now: datetime) -> Taught:
    """Take a name back: its own tip lies where it did before, the others that it placed follow in the background.

    With a place that it made, the other names of that place go too.
    """
    place_id = db.session.scalar(sa.select(TaughtName.place_id).where(TaughtName.id == taught_id))
    if place_id is None:
        raise NotFound("There is no such name.")
    named = sa.select(TaughtName).where(TaughtName.place_id == place_id).order_by(TaughtName.id)
    sources = named.with_only_columns(TaughtName.tip_id).order_by(None)
    # tips, then the place, then its names, as the desk and the worker do, so that nobody waits in a ring
    db.session.execute(
        sa.select(Tip.id).where(Tip.id.in_(sources)).order_by(Tip.id).with_for_update(**BESIDE_REFERENCES)
    )
    place = db.session.get_one(PlaceRow, place_id, with_for_update=True, populate_existing=True)
    names = db.session.scalars(named.with_for_update().execution_options(populate_existing=True)).all()
    row = next(name for name in names if name.id == taught_id)
    if row.removed_at is not None:
        raise Conflict("This name was removed already.")
    gone = [row]
    if row.is_place and place.taught_at is not None:
        place.removed_at = now
        gone = [name for name in names if name.removed_at is None]
    for name in gone:
        name.removed_at, name.removed_by, name.state, name.next_tip_id = now, actor.id, "leaving", None
    db.session.flush()
    for name in gone:
        _put_source_back(name, actor=actor, vault=vault, now=now)
    _note("place.name_removed", row, place, actor, now)
    return Taught(row.id, place.name, f"“{row.name}” is forgotten.")


def set_position(
    tip: Tip, *, lat: float, lon: float, radius_m: float, actor: Actor, vault: Vault, now: datetime
) -> int:
    """Put a tip where an officer knows it to be; return the placement by which it is undone."""
    gazetteer = current_town().gazetteer
    location = Location(
        lat=lat, lon=lon, radius_m=radius_m, source="officer", words=None, start=None, end=None, place=None,
        outside=gazetteer.is_outside(lat, lon), conflict=None,
    )  # fmt: skip
    placement_id = place_tip(tip, location, cause="officer", vault=vault, now=now, actor_id=actor.id)
    detail = {"placement": placement_id}
    audit.record(action="tip.placed", subject=("tip", tip.id), actor_id=actor.id, detail=detail, at=now)
    return placement_id


def undo_position(tip: Tip, placement_id: int, *, actor: Actor, vault: Vault, now: datetime) -> None:
    """Put a tip back to where it lay before an officer moved it."""
    placement = db.session.get(TipPlacement, placement_id, with_for_update=True, populate_existing=True)
    if placement is None or placement.tip_id != tip.id or placement.cause != "officer":
        raise NotFound("There is nothing to undo.")
    later = sa.select(TipPlacement.id).where(
        TipPlacement.tip_id == tip.id, TipPlacement.id > placement_id, TipPlacement.undone_at.is_(None)
    )
    if placement.undone_at is not None or db.session.scalar(later.limit(1)) is not None:
        raise Conflict("The position was changed since, so this cannot be undone.")
    undo_placement(placement, vault=vault, now=now, actor_id=actor.id)
    audit.record(action="tip.place_undone", subject=("tip", tip.id), actor_id=actor.id, at=now)


def _checked(tip: Tip, name: str) -> str:
    """Return the words as they are kept; raise Invalid where they cannot be a name, Conflict where they are one."""
    name = " ".join(clean_text(name).split()).strip(".,;:!?\"'()[]")[:LONGEST]
    if not name:
        raise Invalid({"words": ["Choose the words that name the place."]})
    if not hints.is_telling(name):
        raise Invalid({"words": [f"“{name}” is too short or too ordinary to name one place."]})
    if recognise(name, countries=current_town().country_codes):
        raise Invalid({"words": ["A number, an address or an account is no name of a place."]})
    if hints.span_of(tip.text, name) is None:
        raise Invalid({"words": [f"“{name}” does not stand in tip {show_tip_code(tip.code)}."]})
    _refuse_known(name)
    return name


def _refuse_known(name: str) -> None:
    row = db.session.scalar(
        sa.select(TaughtName).where(TaughtName.key == hints.name_key(name), TaughtName.removed_at.is_(None))
    )
    if row is not None:
        place = db.session.get_one(PlaceRow, row.place_id)
        raise Conflict(f"“{row.name}” was taught already: it is {place.name}.")
    folded, gazetteer = fold(name), current_town().gazetteer
    for mention in gazetteer.mentions(folded):
        whole = mention.start == 0 and mention.end == len(folded.compact)
        spot = gazetteer.spots[mention.spot]
        if whole and mention.score >= WHOLE and not mention.edits and spot.entered:
            raise Conflict(f"“{name}” is a name of {spot.name} already.")


def _keep(tip: Tip, name: str, place: PlaceRow, *, is_place: bool, actor: Actor, now: datetime) -> TaughtName:
    if actor.id is None:
        raise Conflict("Only a member of staff teaches names.")
    values = {
        "name": name, "key": hints.name_key(name), "place_id": place.id, "is_place": is_place, "tip_id": tip.id,
        "taught_by": actor.id, "taught_at": now, "state": "trying",
    }  # fmt: skip
    taught_id = insert_once(table_of(TaughtName), values)
    if taught_id is None:
        raise Conflict(f"“{name}” was taught already.")
    return db.session.get_one(TaughtName, taught_id)


def _place_source(
    tip: Tip, row: TaughtName, place: PlaceRow, *, vault: Vault, now: datetime, actor: Actor
) -> None:
    """Place the tip that the name was learnt from, unless it has a better place than a name can give."""
    if tip.lat is not None and tip.located_by not in NAMED:
        return
    span = hints.span_of(tip.text, row.name)
    start, end = span if span is not None else (None, None)
    location = Location(
        lat=place.lat, lon=place.lon, radius_m=radius_of(place), source="place", words=row.name, start=start,
        end=end, place=place.name, outside=current_town().gazetteer.is_outside(place.lat, place.lon), conflict=None,
    )  # fmt: skip
    if location_from(place_columns(tip)) == location:
        return
    place_tip(tip, location, cause="taught", vault=vault, now=now, actor_id=actor.id, taught_id=row.id)


def _put_source_back(row: TaughtName, *, actor: Actor, vault: Vault, now: datetime) -> None:
    """Put the tip that a name was learnt from back, unless it was placed otherwise since."""
    standing = sa.select(TipPlacement).where(
        TipPlacement.tip_id == row.tip_id, TipPlacement.undone_at.is_(None)
    )
    newest = db.session.scalar(standing.order_by(TipPlacement.id.desc()).limit(1))
    if newest is not None and newest.taught_id == row.id:
        undo_placement(newest, vault=vault, now=now, actor_id=actor.id)


def radius_of(place: PlaceRow) -> float:
    """Return how far from its point a place reaches, in metres, as the gazetteer takes it."""
    spots = current_town().gazetteer.spots
    return next(
        (spot.radius_m for spot in spots if spot.entered and spot.name == place.name), DEFAULT_RADIUS_M
    )


def _note(action: str, row: TaughtName, place: PlaceRow, actor: Actor, now: datetime) -> None:
    detail = {
        "name": row.id,
        "tip": row.tip_id,
    }  # the words themselves stand in the table: they come from a tip
    audit.record(action=action, subject=("place", place.id), actor_id=actor.id, detail=detail, at=now)
    bump_revision(now=now)
