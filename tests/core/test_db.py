from __future__ import annotations

import threading

import pytest

import core.db
from core.db import db, transaction
from core.errors import Unavailable


def test_a_writer_that_waits_too_long_is_told_so(app, monkeypatch):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has many writers")
    monkeypatch.setattr(core.db, "QUEUE_SECONDS", 0.05)
    held, done = threading.Event(), threading.Event()

    def hold():
        with app.app_context(), transaction():
            held.set()
            done.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert held.wait(10)
        with pytest.raises(Unavailable), transaction():
            pass
        assert not core.db._writing.get()
    finally:
        done.set()
        holder.join()
    with transaction():
        pass
