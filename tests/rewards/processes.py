"""Real processes on one database: many at once, or one that is killed in the middle."""

from __future__ import annotations

import os
import pickle
import signal
import traceback
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from core.db import db, transaction
from core.errors import AppError


def at_once(number: int, act: Callable[[int], Any]) -> tuple[list[Any], list[str]]:
    """Run `act(i)` in as many processes, each in a transaction; return results and the names of refusals.

    Anything but a refusal fails the caller, a deadlock or a database error above all.
    """
    _let_go()
    start = get_context("fork").Barrier(number)
    children = [_fork(lambda i=i: _report(i, act, start)) for i in range(number)]
    answers = [_collect(pid, reader) for pid, reader in children]
    broken = [words for kind, words in answers if kind == "error"]
    assert broken == [], broken[0]
    return [value for kind, value in answers if kind == "done"], [
        name for kind, name in answers if kind == "refused"
    ]


def killed_at(statement: int, act: Callable[[], Any]) -> bool:
    """Run `act` in a process that is killed before its n-th statement; return whether it was.

    One that comes to its end is killed right after the commit, before it could tell anybody.
    """
    _let_go()
    pid, reader = _fork(lambda: _die_at(statement, act))
    kind, words = _collect(pid, reader)
    assert kind in ("killed", "committed"), words
    return kind == "killed"


def _let_go() -> None:
    db.session.remove()
    db.engine.dispose()


def _fork(body: Callable[[], tuple[str, Any]]) -> tuple[int, int]:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    try:
        os.write(writer, pickle.dumps(body()))
    finally:
        os._exit(0)


def _collect(pid: int, reader: int) -> tuple[str, Any]:
    with os.fdopen(reader, "rb") as pipe:
        written = pipe.read()
    _, status = os.waitpid(pid, 0)
    if not written:
        return ("killed" if os.WIFSIGNALED(status) else "error"), f"status {status}"
    answer: tuple[str, Any] = pickle.loads(written)
    return answer


def _report(i: int, act: Callable[[int], Any], start: Any) -> tuple[str, Any]:
    try:
        db.session.connection()
        db.session.rollback()
        start.wait(60)
        return "done", _patiently(lambda: act(i))
    except AppError as refusal:
        return "refused", type(refusal).__name__
    except BaseException:  # noqa: BLE001 the parent shall hear of anything at all
        return "error", traceback.format_exc()


def _patiently(act: Callable[[], Any]) -> Any:
    """Ask again where SQLite was busy too long, as a client does who was answered 503."""
    for _ in range(10):
        try:
            with transaction():
                return act()
        except OperationalError as error:
            if "database is locked" not in str(error):
                raise
    raise AssertionError("the database stayed busy")


def _die_at(statement: int, act: Callable[[], Any]) -> tuple[str, Any]:
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(db.engine, "before_cursor_execute", count)
    try:
        with transaction():
            act()
    except BaseException:  # noqa: BLE001 the parent shall hear of anything at all
        return "error", traceback.format_exc()
    return "committed", seen
