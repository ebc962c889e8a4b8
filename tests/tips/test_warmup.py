"""A server process is warm before its first tip, and starts without a database too."""

from __future__ import annotations

import sqlalchemy as sa

from core.db import db
from tips.models import Tip
from tips.warmup import warm_up


def test_warming_up_stores_nothing(app):
    warm_up(app)

    assert db.session.scalar(sa.select(sa.func.count()).select_from(Tip)) == 0


def test_a_server_starts_though_the_database_is_not_migrated(app):
    db.session.execute(sa.text("ALTER TABLE places RENAME TO places_to_come"))
    db.session.commit()

    warm_up(app)
