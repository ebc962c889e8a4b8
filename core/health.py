"""Tell whether the process is alive and can do its work."""

from __future__ import annotations

import functools

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from core.db import db
from core.migrating import alembic_config

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Response:
    """Answer as long as the process does."""
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> tuple[Response, int]:
    """Answer 200 only where the database is reachable and migrated."""
    try:
        version = db.session.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    except SQLAlchemyError:
        db.session.rollback()
        return jsonify(status="unavailable", reason="database"), 503
    if version != _newest_revision():
        return jsonify(status="unavailable", reason="migrations"), 503
    return jsonify(status="ok"), 200


@functools.cache
def _newest_revision() -> str | None:
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


alive.permission = ready.permission = "public"  # type: ignore[attr-defined]
