"""Runs migrations on the database of the settings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from alembic import context
from flask import current_app, has_app_context

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app import create_app
from core.db import db

QUEUE_TABLES = "huey"


def include_object(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Leave the queue's own tables alone."""
    return not (kind in {"table", "index"} and str(name).startswith((QUEUE_TABLES, "ix_" + QUEUE_TABLES)))


def run() -> None:
    """Migrate inside one transaction; SQLite rebuilds a table where it must change a column."""
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            include_object=include_object,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


if has_app_context() and "settings" in current_app.extensions:
    run()
else:
    with create_app().app_context():
        run()
