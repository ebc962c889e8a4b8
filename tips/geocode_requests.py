"""Places that wait for the online geocoder, written only where the operator configured one."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from core.db import db
from core.web import settings
from tips.models import GeocodeRequest


def ask_later(tip_id: int, words: str, *, now: datetime) -> None:
    """Queue the words of a place that nothing offline knows; without a geocoder nothing is kept."""
    if settings().geocoder != "nominatim" or not settings().nominatim_url:
        return
    db.session.execute(
        sa.insert(GeocodeRequest).values(
            tip_id=tip_id, words=words[:400], state="waiting", attempts=0, created_at=now
        )
    )
