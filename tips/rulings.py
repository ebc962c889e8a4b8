"""Officers' rulings with what the matcher remembered of the tips at that time: what a fit of its weights reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

import cases.services as case_services
from cases.services import Ruling
from core.db import db
from tips.matching.footprint import Footprint
from tips.models import OldFootprint, Tip

READ_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class RuledPair:
    """A ruling, the footprint of its tip and those of the tips that lay in the case, all as they were then."""

    ruling: Ruling
    tip: Footprint
    members: tuple[Footprint, ...]


def ruled_pairs(*, since: datetime | None = None) -> Iterator[RuledPair]:
    """Yield the rulings that stand, oldest first; those on a case that held no other tip say nothing and are left out."""
    for ruling in case_services.rulings(since=since):
        found = footprints_then([ruling.tip_id, *ruling.members], at=ruling.ruled_at)
        members = tuple(
            dataclasses.replace(found[tip_id], case_id=ruling.case_id)
            for tip_id in ruling.members
            if tip_id in found
        )
        if members and ruling.tip_id in found:
            yield RuledPair(ruling, found[ruling.tip_id], members)


def footprints_then(tip_ids: Sequence[int], *, at: datetime) -> dict[int, Footprint]:
    """Read what the matcher remembered of some tips at a moment, before later knowledge of their places."""
    texts: dict[int, str] = {}
    for first in range(0, len(tip_ids), READ_AT_ONCE):
        some = tip_ids[first : first + READ_AT_ONCE]
        texts |= dict(
            db.session.execute(sa.select(Tip.id, Tip.footprint).where(Tip.id.in_(some))).tuples().all()
        )
        older = sa.select(OldFootprint.tip_id, OldFootprint.footprint).where(
            OldFootprint.tip_id.in_(some), OldFootprint.until > at
        )
        # of several the one that was replaced first is the one that stood then
        rows = db.session.execute(older.order_by(OldFootprint.until.desc(), OldFootprint.id.desc()))
        texts |= dict(rows.tuples().all())
    return {
        tip_id: dataclasses.replace(Footprint.from_json(text), tip_id=tip_id)
        for tip_id, text in texts.items()
    }
