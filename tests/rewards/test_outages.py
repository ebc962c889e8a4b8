"""F26: a database that is busy, full or gone is a clean 503, and the same request goes through later."""

from __future__ import annotations

import sqlite3

import pytest
import sqlalchemy as sa

import core.db
from core.db import db, transaction
from rewards import checks
from rewards.models import LedgerEntry
from tests.builders.reward_office import NOW, new_key, open_office


@pytest.fixture
def finance(app, clock, sign_in):
    clock.now = NOW
    open_office()
    return sign_in("finance")


def form():
    return {
        "what": "deposit", "fund": "GEN", "amount": "7.00", "source": "Treasury", "reference": "S", "key": new_key(),
    }  # fmt: skip


def entries():
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(LedgerEntry))


def only_on(engine):
    if db.engine.dialect.name != engine:
        pytest.skip(f"about {engine} only")


def go_on(finance, asked):
    """Send the same form again, twice: it is booked once."""
    assert [finance.post("/rewards/funds", data=asked).status_code for _ in range(2)] == [303, 303]
    assert entries() == 2
    assert checks.check().violations == ()


def test_f26_a_busy_database_is_a_503_and_a_retry_goes_through(finance, monkeypatch):
    only_on("sqlite")
    monkeypatch.setattr(core.db, "BUSY_TIMEOUT_MS", 50)
    db.session.remove()
    db.engine.dispose()
    asked, other = form(), sqlite3.connect(db.engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert finance.post("/rewards/funds", data=asked).status_code == 503
    other.execute("ROLLBACK")
    other.close()
    go_on(finance, asked)


def test_f26_a_full_disk_is_a_503_and_a_retry_goes_through(finance):
    only_on("sqlite")
    asked = form()

    def full(connection, *_):
        connection.exec_driver_sql("PRAGMA max_page_count = 1")

    def room(connection, *_):
        connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")

    with transaction():  # leave no free page
        db.session.execute(sa.text("CREATE TABLE filler AS SELECT randomblob(4000) AS x"))
    sa.event.listen(db.engine, "begin", full)
    answers = [put_in_many(finance, asked)]
    sa.event.remove(db.engine, "begin", full)
    sa.event.listen(db.engine, "begin", room)
    assert answers == [503]
    before = entries()
    assert [finance.post("/rewards/funds", data=asked).status_code for _ in range(2)] == [303, 303]
    sa.event.remove(db.engine, "begin", room)
    assert entries() == before + 1
    assert checks.check().violations == ()


def put_in_many(finance, asked):
    """Book until the file is full; return the answer that says so."""
    for _ in range(60):
        answer = finance.post("/rewards/funds", data={**asked, "key": new_key()}).status_code
        if answer != 303:
            return answer
    return 303


def test_f26_a_connection_that_dies_in_the_middle_is_a_503_and_a_retry_goes_through(finance):
    only_on("postgresql")
    asked, seen = form(), []

    def die(connection, cursor, statement, *_):
        if statement.startswith("INSERT INTO ledger_entries") and not seen:
            seen.append(cursor.connection.info.backend_pid)
            with db.engine.connect() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({seen[0]})")

    sa.event.listen(db.engine, "before_cursor_execute", die)
    try:
        assert finance.post("/rewards/funds", data=asked).status_code == 503
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", die)
    assert entries() == 1
    go_on(finance, asked)
