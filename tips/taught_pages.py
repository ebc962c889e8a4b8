"""What screens show of the names that officers taught."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from accounts.services import staff_by_ids
from core.codes import show_tip_code
from core.db import db
from core.errors import NotFound
from tips.models import PlaceRow, TaughtName, Tip, TipPlacement

MOST_PLACED_SHOWN = 100


@dataclass(frozen=True, slots=True)
class TaughtView:
    """A taught name as a line: what it names, who taught it from which tip, and how many other tips it placed."""

    id: int
    name: str
    place: str
    is_place: bool
    code: str
    who: str
    at: datetime
    state: str
    placed: int
    removed_by: str | None
    removed_at: datetime | None

    @property
    def working(self) -> bool:
        """Tell whether other tips are being tried, or placed anew after the name was removed."""
        return self.state in {"trying", "leaving"}


def taught_from(tip_id: int) -> list[TaughtView]:
    """Return the names taught from a tip that stand, and those that are just being taken back."""
    live = TaughtName.removed_at.is_(None) | (TaughtName.state == "leaving")
    return _views(_names().where(TaughtName.tip_id == tip_id, live))


def one_taught(taught_id: int) -> TaughtView:
    """Return one name; raise NotFound where there is none."""
    found = _views(_names().where(TaughtName.id == taught_id))
    if not found:
        raise NotFound("There is no such name.")
    return found[0]


def count_taught() -> int:
    """Count the names ever taught."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(TaughtName)) or 0


def list_taught(*, limit: int, offset: int) -> list[TaughtView]:
    """Return the names ever taught, those that stand first, the newest first."""
    standing = sa.case((TaughtName.removed_at.is_(None), 0), else_=1)
    return _views(_names().order_by(standing, TaughtName.id.desc()).limit(limit).offset(offset))


def placed_by(taught_id: int) -> list[int]:
    """Return the other tips that a name placed and that lie there still, newest first."""
    statement = _placed().where(TipPlacement.taught_id == taught_id).order_by(TipPlacement.tip_id.desc())
    return list(db.session.scalars(statement.limit(MOST_PLACED_SHOWN)))


def _names() -> sa.Select[tuple[TaughtName, str, str]]:
    return (
        sa.select(TaughtName, PlaceRow.name, Tip.code)
        .join(PlaceRow, PlaceRow.id == TaughtName.place_id)
        .join(Tip, Tip.id == TaughtName.tip_id)
    )


def _placed() -> sa.Select[tuple[int]]:
    return (
        sa.select(TipPlacement.tip_id)
        .join(TaughtName, TaughtName.id == TipPlacement.taught_id)
        .where(TipPlacement.undone_at.is_(None), TipPlacement.tip_id != TaughtName.tip_id)
    )


def _views(statement: sa.Select[tuple[TaughtName, str, str]]) -> list[TaughtView]:
    rows = db.session.execute(statement).all()
    placed = _counts([name.id for name, _, _ in rows])
    staff = staff_by_ids(
        {who for name, _, _ in rows for who in (name.taught_by, name.removed_by) if who is not None}
    )
    people = {staff_id: member.name for staff_id, member in staff.items()}
    return [
        TaughtView(
            id=name.id,
            name=name.name,
            place=place,
            is_place=name.is_place,
            code=show_tip_code(code),
            who=people.get(name.taught_by, ""),
            at=name.taught_at,
            state=name.state,
            placed=placed.get(name.id, 0),
            removed_by=people.get(name.removed_by) if name.removed_by is not None else None,
            removed_at=name.removed_at,
        )
        for name, place, code in rows
    ]


def _counts(ids: Sequence[int]) -> dict[int, int]:
    statement = (
        _placed()
        .with_only_columns(TipPlacement.taught_id, sa.func.count())
        .where(TipPlacement.taught_id.in_(ids))
        .group_by(TipPlacement.taught_id)
    )
    return {taught_id: count for taught_id, count in db.session.execute(statement) if taught_id is not None}
