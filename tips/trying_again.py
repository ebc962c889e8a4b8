"""Try the tips that could not be placed again, when an officer has taught a name; and place them anew when it goes.

Runs in the background, one tip a transaction, so that nobody waits for a tip who holds the case of another; what was
done once is never done twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app

from core.clock import utcnow
from core.db import BESIDE_REFERENCES, db, transaction
from core.deployment import look_again
from core.vault import Vault
from signals.recognise import recognise
from tips.knowledge import current_town
from tips.models import PlaceRow, TaughtName, Tip, TipPlacement
from tips.places.types import DevicePosition, Location
from tips.placing import leave_placement, place_tip, undo_placement
from tips.understanding import NAMED, Town, place_in

BATCH = 100  # tips read and located before anything is written
READ_AT_ONCE = 10  # tips that leave a removed name
MOST_TRIED = 5_000
RECENT = timedelta(days=180)
ON_ITS_WAY = timedelta(minutes=3)  # longer than a tip takes from being read to being stored


@dataclass(frozen=True, slots=True)
class _Name:
    id: int
    place: str
    state: str
    next_tip_id: int | None
    tried: int
    taught_at: datetime
    is_place: bool


def try_again() -> int:
    """Work through the names that wait, newest tips first; return how many tips got another place."""
    moved = 0
    while (name := _next_name()) is not None:
        moved += _take_back(name) if name.state == "leaving" else _try(name)
    return moved + sum(_sweep(name) for name in _just_gone())


def _names() -> sa.Select[Any]:
    return sa.select(
        TaughtName.id,
        PlaceRow.name,
        TaughtName.state,
        TaughtName.next_tip_id,
        TaughtName.tried,
        TaughtName.taught_at,
        TaughtName.is_place,
    ).join(PlaceRow, PlaceRow.id == TaughtName.place_id)


def _next_name() -> _Name | None:
    waiting = _names().where(TaughtName.state.in_(("trying", "leaving")))
    row = db.session.execute(waiting.order_by(TaughtName.id).limit(1)).first()
    db.session.rollback()
    look_again()  # a name may have been taught or removed since the last one was worked through
    return _Name(*row) if row is not None else None


def _just_gone() -> list[_Name]:
    """Return the names that went so lately that a tip may have been on its way in, placed by them, and come since."""
    gone = _names().where(TaughtName.state == "gone", TaughtName.removed_at >= utcnow() - ON_ITS_WAY)
    found = [_Name(*row) for row in db.session.execute(gone.order_by(TaughtName.id))]
    db.session.rollback()
    return found


def _sweep(name: _Name) -> int:
    """Place whatever still lies where a removed name put it as if the name had not been."""
    moved, below, town = 0, None, current_town()
    while rows := _rows_since(name, below):
        below = rows[-1]
        for tip_id in rows:
            with transaction():
                moved += _place_without(tip_id, name, town)
    return moved


def _try(name: _Name) -> int:
    batch, found = _locate_batch(name)
    placed = 0
    for tip_id, location in found:
        with transaction():
            tip = _lock(tip_id)  # first, as whoever forgets a name does
            if _state_of(name.id) != "trying":
                return placed
            placed += _place(tip, location, name.id, utcnow())
    tried = name.tried + len(batch)
    done = len(batch) < BATCH or tried >= MOST_TRIED
    values = {
        "tried": tried,
        "state": "done" if done else "trying",
        "next_tip_id": batch[-1] if batch else None,
    }
    with transaction():
        db.session.execute(
            sa.update(TaughtName)
            .where(TaughtName.id == name.id, TaughtName.state == "trying", TaughtName.tried == name.tried)
            .values(values)
            .execution_options(synchronize_session=False)
        )
    return placed


def _locate_batch(name: _Name) -> tuple[list[int], list[tuple[int, Location]]]:
    """Read the next tips without a place and look where their words put them; nothing is locked meanwhile."""
    town = current_town()
    statement = sa.select(Tip.id, Tip.text).where(
        Tip.lat.is_(None), ~Tip.is_noise, Tip.received_at >= utcnow() - RECENT
    )
    if name.next_tip_id is not None:
        statement = statement.where(Tip.id < name.next_tip_id)
    rows = db.session.execute(statement.order_by(Tip.id.desc()).limit(BATCH)).all()
    db.session.rollback()
    found = []
    for row in rows:
        location = _said(row.text, town)
        if location is not None and location.place == name.place:
            found.append((row.id, location))
    return [row.id for row in rows], found


def _place(tip: Tip, location: Location, taught_id: int, now: datetime) -> bool:
    if tip.lat is not None or tip.is_noise:
        return False
    place_tip(tip, location, cause="taught", vault=_vault(), now=now, taught_id=taught_id)
    return True


def _take_back(name: _Name) -> int:
    """Place the tips of a removed name as if it had never been taught, first those that it was tried on."""
    statement = sa.select(TipPlacement.id).where(
        TipPlacement.taught_id == name.id, TipPlacement.undone_at.is_(None)
    )
    ids: Sequence[int] = db.session.scalars(
        statement.order_by(TipPlacement.id.desc()).limit(READ_AT_ONCE)
    ).all()
    town = current_town()
    db.session.rollback()
    if not ids:
        return _take_back_from_those_since(name, town)
    for placement_id in ids:
        with transaction():
            _end_placement(placement_id, town)
    return len(ids)


def _end_placement(placement_id: int, town: Town) -> None:
    placement = db.session.get_one(TipPlacement, placement_id, with_for_update=True)
    tip = _lock(placement.tip_id)
    if placement.undone_at is not None:
        return
    if _newest(tip.id) == placement.id and tip.located_by in NAMED:
        said = _said(tip.text, town)
        undo_placement(placement, vault=_vault(), now=utcnow(), actor_id=None, instead=said)
    else:  # somebody placed the tip otherwise since: that stays
        leave_placement(placement, now=utcnow())


def _take_back_from_those_since(name: _Name, town: Town) -> int:
    """Place the next tips that came while a name was known and lie where it put them, as if it had not been."""
    rows = _rows_since(name, name.next_tip_id)
    moved = 0
    for tip_id in rows:
        with transaction():
            moved += _place_without(tip_id, name, town)
    with transaction():
        taught = db.session.get_one(TaughtName, name.id, with_for_update=True)
        taught.next_tip_id = rows[-1] if rows else None
        if len(rows) < READ_AT_ONCE:
            taught.state = "gone"
    return moved


def _rows_since(name: _Name, below: int | None) -> Sequence[int]:
    statement = sa.select(Tip.id).where(
        Tip.place_name == name.place, Tip.located_by.in_(NAMED), Tip.received_at >= name.taught_at
    )
    if (
        not name.is_place
    ):  # "the same place again" repeats no words, and another name of the place may stand behind it
        statement = statement.where(Tip.place_words.is_not(None))
    if below is not None:
        statement = statement.where(Tip.id < below)
    found = db.session.scalars(statement.order_by(Tip.id.desc()).limit(READ_AT_ONCE)).all()
    db.session.rollback()
    return found


def _place_without(tip_id: int, name: _Name, town: Town) -> bool:
    tip = _lock(tip_id)
    if tip.place_name != name.place or tip.located_by not in NAMED:
        return False
    said = _said(tip.text, town, device=_device_of(tip))
    if said is not None and said.place == name.place:
        return False
    placement_id = place_tip(tip, said, cause="taught", vault=_vault(), now=utcnow(), taught_id=name.id)
    db.session.get_one(
        TipPlacement, placement_id
    ).undone_at = utcnow()  # not placed by the name, but without it
    return True


def _device_of(tip: Tip) -> DevicePosition | None:
    """Return the position of the phone that the words of a tip had overruled."""
    kept = tip.place_conflict
    if not kept:
        return None
    return DevicePosition(kept["device_lat"], kept["device_lon"], kept["device_accuracy_m"])


def _said(text: str, town: Town, *, device: DevicePosition | None = None) -> Location | None:
    observables = recognise(text, countries=town.country_codes)
    return place_in(text, observables, town=town, device=device)


def _newest(tip_id: int) -> int | None:
    return db.session.scalar(
        sa.select(sa.func.max(TipPlacement.id)).where(
            TipPlacement.tip_id == tip_id, TipPlacement.undone_at.is_(None)
        )
    )


def _state_of(taught_id: int) -> str | None:
    statement = sa.select(TaughtName.state).where(TaughtName.id == taught_id)
    return db.session.scalar(statement.with_for_update())


def _lock(tip_id: int) -> Tip:
    return db.session.get_one(Tip, tip_id, with_for_update=BESIDE_REFERENCES, populate_existing=True)


def _vault() -> Vault:
    vault: Vault = current_app.extensions["vault"]
    return vault
