"""The database: one session a request, one commit at the edge, the same behaviour on SQLite and PostgreSQL."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.engine import Connection, CursorResult, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase

from core.errors import Unavailable

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
# together under the ten seconds after which a provider would rather hear no than wait
BUSY_TIMEOUT_MS = 5_000
QUEUE_SECONDS = 4
POSTGRES_LOCK_TIMEOUT_MS = 8_000
# For with_for_update: shuts out who else would write the row, not who writes another that refers to it. Else one who
# holds a case and refers to a second waits for whoever holds that one and refers to the first.
BESIDE_REFERENCES: dict[str, Any] = {"key_share": True}


class Base(DeclarativeBase):
    """Base of every table, with predictable constraint names so that migrations can name them."""

    metadata = sa.MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware time, kept in UTC on both databases; a naive time is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware time into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give SQLite's naive text its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_writing: ContextVar[bool] = ContextVar("writing", default=False)
# SQLite has one writer. Threads of this process queue here, where waiting is fair and cheap;
# the busy handler, which is neither, is left for the worker process.
_sqlite_writer = threading.RLock()


@contextmanager
def transaction() -> Iterator[None]:
    """Run one unit of work: commit at the end, roll back on any error.

    Only the edge (a view, a webhook, a command, a job) opens it. What the request read before is let go of
    first, so that on SQLite the write lock is taken at the start and never upgraded. Raise Unavailable where
    other threads of this process keep the lock too long.
    """
    db.session.rollback()
    sqlite_engine = db.engine.dialect.name == "sqlite"
    if sqlite_engine and not _sqlite_writer.acquire(timeout=QUEUE_SECONDS):
        raise Unavailable()
    token = _writing.set(True)
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        if sqlite_engine:
            _sqlite_writer.release()
        _writing.reset(token)


def table_of(model: type[Base]) -> sa.Table:
    """Return the table of a model, for statements that go past the unit of work."""
    return cast(sa.Table, model.__table__)


Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


def execute(statement: sa.Executable, parameters: Parameters = None) -> CursorResult[Any]:
    """Execute a statement over tables in the session's transaction, past the unit of work.

    For the path that every tip takes: with a statement built once it costs a third of `session.execute`.
    Nothing is flushed first.
    """
    return db.session.connection().execute(statement, parameters)


def rows_of_ids(statement: str, ids: Sequence[int]) -> Sequence[sa.Row[Any]]:
    """Read with a statement that says `IN :ids`; its text is the same for any number of ids, so that its plan is kept."""
    sqlite = db.engine.dialect.name == "sqlite"
    return execute(_with_ids(statement, sqlite), {"ids": json.dumps(ids) if sqlite else list(ids)}).all()


@functools.cache
def _with_ids(statement: str, sqlite: bool) -> sa.TextClause:
    taken = "IN (SELECT value FROM json_each(:ids))" if sqlite else "= ANY(CAST(:ids AS bigint[]))"
    return sa.text(statement.replace("IN :ids", taken))


def insert_once(table: sa.FromClause, values: Mapping[str, Any]) -> int | None:
    """Insert a row unless it would break a unique constraint; return its id, or None where nothing was written.

    A concurrent insert of the same key waits for the other transaction, on both databases.
    """
    whole = {**_defaults(table), **values}
    found: int | None = execute(_insert_once(table, tuple(whole)), whole).scalar_one_or_none()
    return found


@functools.cache
def _insert_once(table: sa.FromClause, columns: tuple[str, ...]) -> sa.TextClause:
    # written out, because the dialects' own insert with ON CONFLICT is compiled anew at each execution
    marks = ", ".join(f":{name}" for name in columns)
    text = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) ON CONFLICT DO NOTHING RETURNING id"
    return sa.text(text).bindparams(*(sa.bindparam(name, type_=table.c[name].type) for name in columns))


@functools.cache
def _defaults(table: sa.FromClause) -> Mapping[str, Any]:
    return {
        column.name: column.default.arg
        for column in table.c
        if isinstance(column.default, sa.ColumnDefault) and column.default.is_scalar
    }


def engine_options(url: str) -> dict[str, Any]:
    """Give the engine's options for a database address."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}}
    options = f"-c lock_timeout={POSTGRES_LOCK_TIMEOUT_MS} -c statement_timeout=60000 -c timezone=UTC"
    return {
        "pool_pre_ping": True,
        "pool_timeout": 5,
        "connect_args": {"connect_timeout": 5, "options": options},
    }


def init_db(app: Flask) -> None:
    """Attach the database to an application."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url)
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _prepare_sqlite(db.engine)


def _prepare_sqlite(engine: Engine) -> None:
    sa.event.listen(engine, "connect", _set_pragmas)
    sa.event.listen(engine, "begin", _begin)


def _set_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not issue BEGIN by itself: see _begin
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # an acknowledged tip survives a power cut
        "foreign_keys=ON",
        "recursive_triggers=ON",  # REPLACE must fire delete triggers
        "secure_delete=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "cache_size=-131072",  # kibibytes, of which a small database takes what it holds
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")
