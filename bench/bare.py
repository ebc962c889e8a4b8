"""The yardstick: a bare Flask route with one durable ORM INSERT, behind the product's own server."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.config import load_settings  # noqa: E402
from core.serving import make_server  # noqa: E402


class Base(DeclarativeBase):
    """Base of the one table."""


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


class Row(db.Model):  # type: ignore[name-defined,misc]
    """What the route stores: about as much as a text message."""

    __tablename__ = "bench_bare"

    id: Mapped[int] = mapped_column(primary_key=True)
    sid: Mapped[str] = mapped_column(sa.String(40), unique=True)
    sender: Mapped[str] = mapped_column(sa.String(40), index=True)
    body: Mapped[str] = mapped_column(sa.Text)


def create_app() -> Flask:
    """Build the application on the database that the environment names."""
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            sa.event.listen(db.engine, "connect", _make_durable)

    @app.get("/healthz")
    def alive() -> str:
        return "ok"

    @app.post("/bare")
    def store() -> Response:
        form = request.form
        db.session.add(Row(sid=form["MessageSid"], sender=form["From"], body=form["Body"]))
        db.session.commit()
        return Response("<Response/>", mimetype="text/xml")

    return app


def _make_durable(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=8000"):
        connection.execute(f"PRAGMA {pragma}")


def main() -> None:
    """Make the table and serve."""
    app = create_app()
    with app.app_context():
        db.create_all()
        db.engine.dispose()
    make_server(load_settings(os.environ), application="bench.bare:create_app").serve()


if __name__ == "__main__":
    main()
