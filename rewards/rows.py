"""Read what a posting needs and write its rows, in five statements that are never compiled anew.

Every posting of every writer waits for these at the chain's head, so they go to the driver as plain text. What the
two databases keep differently, days, times and JSON, is written here as SQLAlchemy would write it.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

# The application's clock may be wrong or set back; what was recorded when is told by the database's own.
CLOCKS: Final = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'",
    "postgresql": "clock_timestamp()",
}
_HEAD: Final = "SELECT ledger, seq, entries, hash, recorded_at, {clock} FROM ledger_head WHERE id = 1"
# always one row at least, whatever accounts there are
_STANDING: Final = """
SELECT e.id, p.busy, a.name, a.id, a.sign, a.balance
FROM (SELECT EXISTS (SELECT 1 FROM ledger_periods WHERE ends_on >= ? AND state <> 'open') AS busy) p
LEFT JOIN ledger_entries e ON e.idem_key = ?
LEFT JOIN ledger_accounts a ON a.fund_id = ? AND a.name IN ({marks})"""
_LEG: Final = ("entry_id", "line_no", "account_id", "currency", "amount", "share_id")
_ENTRY: Final = (
    "id", "seq", "kind", "fund_id", "reward_id", "case_id", "effective_on", "recorded_at", "actor_id",
    "idem_key", "reverses_id", "ref", "prev_hash", "hash",
)  # fmt: skip
_EVENT: Final = (
    "seq", "kind", "reward_id", "case_id", "recorded_at", "actor_id", "ref", "prev_hash", "hash",
)  # fmt: skip


class Head(NamedTuple):
    """The newest link of the chain, and what the database's clock says."""

    ledger: str
    seq: int
    entries: int
    hash: bytes
    recorded_at: datetime | None
    clock: datetime


class Account(NamedTuple):
    """An account of the fund that is posted to, as it stands."""

    id: int
    sign: int
    balance: int


class Standing(NamedTuple):
    """What a posting meets: the entry that took its key, whether a period may refuse its day, the accounts there are."""

    taken: int | None
    period_in_doubt: bool
    accounts: dict[str, Account]


def locked_head(on: sa.Connection) -> Head:
    """Lock the head of the chain and read it."""
    sqlite = _is_sqlite(on)
    ledger, seq, entries, digest, recorded_at, clock = on.exec_driver_sql(
        _head(CLOCKS[on.dialect.name], sqlite)
    ).one()
    if sqlite:
        recorded_at, clock = recorded_at and _moment(recorded_at), _moment(clock)
    return Head(ledger, seq, entries, digest, recorded_at, clock)


def standing(on: sa.Connection, *, key: str, day: date, fund_id: int, names: Collection[str]) -> Standing:
    """Read what a posting meets; the head is locked by then, so that nothing of it can change."""
    sqlite = _is_sqlite(on)
    told = day.isoformat() if sqlite else day
    rows = on.exec_driver_sql(_standing(len(names), sqlite), (told, key, fund_id, *names)).all()
    found = {name: Account(*values) for _, _, name, *values in rows if name is not None}
    return Standing(rows[0][0], bool(rows[0][1]), found)


def write_entry(on: sa.Connection, legs: Sequence[tuple[object, ...]], entry: Mapping[str, Any]) -> None:
    """Write legs, each in the order of their columns, and then the entry that seals them."""
    flat = tuple(value for leg in legs for value in leg)
    on.exec_driver_sql(_insert("ledger_legs", _LEG, len(legs), _is_sqlite(on)), flat)
    _write(on, "ledger_entries", _ENTRY, entry)


def write_event(on: sa.Connection, event: Mapping[str, Any]) -> None:
    """Write an event without money."""
    _write(on, "reward_events", _EVENT, event)


def _write(on: sa.Connection, table: str, columns: tuple[str, ...], values: Mapping[str, Any]) -> None:
    sqlite = _is_sqlite(on)
    kept = {**values, "ref": json.dumps(values["ref"])}
    if sqlite:
        moment = kept["recorded_at"].astimezone(UTC).replace(tzinfo=None)
        kept["recorded_at"] = moment.isoformat(" ", "microseconds")
        if "effective_on" in kept:
            kept["effective_on"] = kept["effective_on"].isoformat()
    on.exec_driver_sql(_insert(table, columns, 1, sqlite), tuple(kept[name] for name in columns))


@functools.cache
def _head(clock: str, sqlite: bool) -> str:
    return _HEAD.format(clock=clock) + ("" if sqlite else " FOR UPDATE")


@functools.cache
def _insert(table: str, columns: tuple[str, ...], count: int, sqlite: bool) -> str:
    row = f"({', '.join(['?'] * len(columns))})"
    return _marked(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * count)}", sqlite)


@functools.cache
def _standing(names: int, sqlite: bool) -> str:
    return _marked(_STANDING.format(marks=", ".join(["?"] * names)), sqlite)


def _marked(statement: str, sqlite: bool) -> str:
    return statement if sqlite else statement.replace("?", "%s")


def _is_sqlite(on: sa.Connection) -> bool:
    return on.dialect.name == "sqlite"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
