"""Know the database's own guards of the books, and notice when one is gone, altered or switched off.

What they should be is kept in guards.json: a digest of the text of every trigger on the tables of the books,
for each database. Write it anew after a migration that adds a guard: `flask rewards guards --write`.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from core.db import db
from core.errors import Unavailable

EXPECTED = Path(__file__).with_name("guards.json")
TABLES = (
    "ledger_entries",
    "ledger_legs",
    "ledger_head",
    "ledger_accounts",
    "ledger_periods",
    "period_balances",
    "reward_events",
    "reward_approvals",
    "policy_versions",
    "money_requests",
    "reward_involvements",
    "funds",
    "payout_batches",
)
_SQLITE = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
# a trigger that is not ENABLE ALWAYS sleeps while a session replays another server's changes
_POSTGRES = """
SELECT t.tgname, c.relname, t.tgtype || ' ' || t.tgenabled::text || ' ' || p.proname || ' ' || p.prosecdef || ' ' || p.prosrc
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE NOT t.tgisinternal"""

log = structlog.get_logger(__name__)
_found_intact: set[sa.URL] = set()


class GuardsGone(Unavailable):
    """The database no longer protects the books, so nothing is booked until it does."""


def found() -> dict[str, str]:
    """Return the guards in the database, name to digest of table and text."""
    statement = _POSTGRES if db.engine.dialect.name == "postgresql" else _SQLITE
    return {
        name: hashlib.sha256(f"{table} {' '.join(text.split())}".encode()).hexdigest()[:16]
        for name, table, text in db.session.execute(sa.text(statement))
        if table in TABLES
    }


def faults() -> Iterator[tuple[str, str]]:
    """Name every guard that is missing, altered or unknown, and whether the database honours foreign keys."""
    wanted, present = expected(db.engine.dialect.name), found()
    for name in sorted(wanted.keys() | present.keys()):
        if name not in present:
            yield name, "this guard of the database is missing"
        elif name not in wanted:
            yield name, "this trigger on the books is not ours"
        elif wanted[name] != present[name]:
            yield name, "this guard of the database was altered or switched off"
    if db.engine.dialect.name == "sqlite" and not db.session.scalar(sa.text("PRAGMA foreign_keys")):
        yield "foreign_keys", "the connection does not check foreign keys"


def require_intact() -> None:
    """Refuse to book anything while a guard is missing; looked up once in the life of a process."""
    address = db.engine.url
    if address in _found_intact:
        return
    broken = [f"{name}: {words}" for name, words in faults()]
    if broken:
        log.critical("the books are not guarded", guards=broken)
        raise GuardsGone()
    _found_intact.add(address)


def look(app: Flask) -> bool:
    """Look at the guards when a server process starts, and say loudly what is wrong; tips are taken in all the same."""
    with app.app_context():
        try:
            require_intact()
        except GuardsGone:
            return False
        except SQLAlchemyError as error:
            log.warning("the guards of the books could not be looked at", error=type(error).__name__)
            return False
        finally:
            db.session.remove()
    return True


def forget() -> None:
    """Look the guards up again at the next posting."""
    _found_intact.clear()


@functools.cache
def expected(engine: str) -> dict[str, str]:
    """Return the digests this version of the product was made with."""
    texts: dict[str, dict[str, str]] = json.loads(EXPECTED.read_text(encoding="utf-8"))
    return texts.get(engine, {})


def write() -> int:
    """Keep the guards of the connected database as the expected ones; return how many."""
    known = json.loads(EXPECTED.read_text(encoding="utf-8")) if EXPECTED.exists() else {}
    known[db.engine.dialect.name] = dict(sorted(found().items()))
    EXPECTED.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    expected.cache_clear()
    return len(known[db.engine.dialect.name])
