"""Say of tips that they got another place after they were filed, so that old reasons are not read as new ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from cases.services import TipCase
from core.db import db
from tips.matching.footprint import Footprint
from tips.models import OldFootprint, Tip


def placed_since(tips: Sequence[Tip], homes: Mapping[int, TipCase]) -> dict[int, str]:
    """Return a sentence for each tip that the program filed while it lay elsewhere, or nowhere; one statement for all."""
    filed = {tip.id: tip for tip in tips if tip.id in homes and homes[tip.id].probability is not None}
    if not filed:
        return {}
    statement = sa.select(OldFootprint.tip_id, OldFootprint.until, OldFootprint.footprint)
    rows = db.session.execute(
        statement.where(OldFootprint.tip_id.in_(filed)).order_by(OldFootprint.until, OldFootprint.id)
    )
    then: dict[int, Footprint] = {}
    for row in rows:
        if row.until > homes[row.tip_id].filed_at and row.tip_id not in then:
            then[row.tip_id] = Footprint.from_json(row.footprint)
    return {tip_id: _sentence(filed[tip_id]) for tip_id, old in then.items() if _moved(filed[tip_id], old)}


def _moved(tip: Tip, old: Footprint) -> bool:
    now = Footprint.from_json(tip.footprint)
    return (now.lat, now.lon, now.place) != (old.lat, old.lon, old.place)


def _sentence(tip: Tip) -> str:
    if tip.lat is None:
        return "Its place was taken back since; these reasons are from before that."
    where = tip.place_name or "another point"
    return f"Placed at {where} since; these reasons are from before that."
