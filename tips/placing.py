"""Give a stored tip another place, and with it another footprint, other index keys and other suggestions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

import cases.services as case_services
from core.db import BESIDE_REFERENCES, db
from core.vault import Vault
from tips.case_keys import renew_keys
from tips.matching.footprint import Footprint
from tips.matching.keys import storage_keys
from tips.models import OldFootprint, Tip, TipPlacement
from tips.places.types import Conflict, Location
from tips.queries import tips_by_ids
from tips.rereading import footprint_at
from tips.services import KEY_PURPOSE, filing_of, location_values, match, tell_case
from tips.written import spellings_of

PLACE_COLUMNS = (
    "lat", "lon", "radius_m", "located_by", "place_name", "place_words", "place_start", "place_end",
    "place_outside", "place_conflict",
)  # fmt: skip
NO_PLACE: dict[str, object] = dict.fromkeys(PLACE_COLUMNS) | {"place_outside": False}


def place_tip(
    tip: Tip,
    location: Location | None,
    *,
    cause: str,
    vault: Vault,
    now: datetime,
    actor_id: int | None = None,
    taught_id: int | None = None,
) -> int:
    """Move a tip to a place, or to none; return the id of the row that says so and by which it is undone.

    The tip stays in its case, which is told; what it resembles now is suggested anew.
    """
    placement = TipPlacement(
        tip_id=tip.id, cause=cause, taught_id=taught_id, actor_id=actor_id, at=now, before=place_columns(tip)
    )
    db.session.add(placement)
    _move(tip, location, vault=vault, now=now)
    return placement.id


def undo_placement(
    placement: TipPlacement,
    *,
    vault: Vault,
    now: datetime,
    actor_id: int | None,
    instead: Location | None = None,
) -> None:
    """Put a tip back to where it lay before, or to where its words put it by now."""
    tip = db.session.get_one(Tip, placement.tip_id, with_for_update=BESIDE_REFERENCES, populate_existing=True)
    placement.undone_at, placement.undone_by = now, actor_id
    _move(tip, instead or location_from(placement.before), vault=vault, now=now)


def leave_placement(placement: TipPlacement, *, now: datetime) -> None:
    """Give up a placement that a later one covers; whoever takes the later one back finds what lay before both."""
    later = sa.select(TipPlacement).where(
        TipPlacement.tip_id == placement.tip_id,
        TipPlacement.id > placement.id,
        TipPlacement.undone_at.is_(None),
    )
    covering = db.session.scalar(later.order_by(TipPlacement.id).limit(1).with_for_update())
    if covering is not None:
        covering.before = placement.before
    placement.undone_at = now


def place_columns(tip: Tip) -> dict[str, Any]:
    """Return the columns of a tip's place."""
    return {name: getattr(tip, name) for name in PLACE_COLUMNS}


def location_from(columns: dict[str, Any]) -> Location | None:
    """Read a place back from its columns."""
    if columns["lat"] is None:
        return None
    conflict = columns["place_conflict"]
    return Location(
        lat=columns["lat"], lon=columns["lon"], radius_m=columns["radius_m"] or 0.0,
        source=columns["located_by"] or "place", words=columns["place_words"], start=columns["place_start"],
        end=columns["place_end"], place=columns["place_name"], outside=bool(columns["place_outside"]),
        conflict=Conflict(**conflict) if conflict else None,
    )  # fmt: skip


def _move(tip: Tip, location: Location | None, *, vault: Vault, now: datetime) -> None:
    for name, value in (NO_PLACE | location_values(location)).items():
        setattr(tip, name, value)
    alias = tips_by_ids([tip.id])[tip.id].alias
    before = tip.footprint
    footprint = footprint_at(tip, location, alias=alias)
    tip.footprint = footprint.to_json()
    db.session.add(OldFootprint(tip_id=tip.id, until=now, footprint=before))
    db.session.flush()
    tell_case(tip.id)  # which locks the case before its index rows, as everybody does
    home = case_services.case_ids_of_tips([tip.id]).get(tip.id)
    if home is None:
        return
    secret = vault.derive(KEY_PURPOSE)
    touched = {
        key for one in (Footprint.from_json(before), footprint) for key in storage_keys(one, secret=secret)
    }
    renew_keys(touched, [home], secret=secret)
    _suggest_anew(tip, footprint, secret=secret)


def _suggest_anew(tip: Tip, footprint: Footprint, *, secret: bytes) -> None:
    """Offer the cases that a tip resembles by now."""
    decision = match(footprint, secret=secret, found=spellings_of(tip), later=True)
    case_services.renew_suggestions(tip_id=tip.id, filing=filing_of(decision))
