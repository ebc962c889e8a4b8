"""The figures that the town may see: counts large enough that nobody stands out."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

import cases.services as case_services
from core.db import db
from tips.models import Tip

SMALLEST_SHOWN = 5


def figures() -> tuple[list[tuple[str, int | None]], datetime | None]:
    """Return (name, count or None where it is small) and the day of the first tip."""
    received, since = db.session.execute(
        sa.select(sa.func.count(), sa.func.min(Tip.received_at)).where(~Tip.is_noise)
    ).one()
    if not received:
        return [], None
    standing = case_services.count_by_outcome()
    shown = [("received", received), ("acted", standing.acted), ("open", standing.open)]
    return [(name, count if count >= SMALLEST_SHOWN else None) for name, count in shown], since
