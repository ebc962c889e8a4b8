"""Write drawn tips into a migrated database in bulk: the tables that a look-up reads, as intake would have left them.

Contacts, messages and the cases' own rows are left out, for no look-up reads them; foreign keys are not checked meanwhile.
"""

from __future__ import annotations

import functools
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import psycopg

from bench.scale_history import DAY, Drawn, Numbers, Placed, footprint_json, keys_of

TABLES = ("tips", "case_tips", "case_keys")
PARTS = {  # columns that differ from tip to tip, and those that its placed footprint gives
    "tips": (
        "id, code, source_key, received_at, footprint",
        "channel, text, language, language_probability, category, category_probability, is_noise, lat, lon, radius_m, "
        "located_by, place_name, place_outside, model_version",
    ),
    "case_tips": (
        "id, tip_id, case_id, code, made_at, received_at, sender_alias, relation, confirmed_at",
        "reasons, model_version, made_by, channel, category, category_probability, lat, lon, radius_m, place, language, "
        "independent",
    ),
}  # fmt: skip
REASONS = (
    '["at the same place, Spot 1","40 minutes after the case\'s latest message","both speak of cigarettes"]'
)
VERSION = "scale"
UNRULED_DAYS = 14  # of the newest tips, which no officer has confirmed yet
AT_A_TIME = 2_000_000  # tips held in memory at once
DROP_INDEXES_FROM = 300_000  # tips: from here on an index is cheaper built anew
FRESH_SHARE, MOST_FRESH = 0.05, 250_000  # tips that came after PostgreSQL last vacuumed
KEY_COLUMNS = ("key", "case_id", "t", "tip_id", "first_id")
FILLING = (
    "journal_mode=OFF",
    "synchronous=OFF",
    "locking_mode=EXCLUSIVE",
    "foreign_keys=OFF",
    "cache_size=-1500000",
)
Cell = str | int | None


@dataclass(frozen=True)
class Stock:
    """What all of the history is made from."""

    placed: Placed
    names: Sequence[str]
    sender_keys: Numbers


class Filler(Protocol):
    """A database that takes tips in bulk."""

    def add(self, stock: Stock, part: Drawn, *, is_last: bool) -> None:
        """Write a part of the history; the last one before it is read is told."""

    def settle(self) -> None:
        """Write everything out and let go of the database."""

    def size(self) -> int:
        """Return the bytes of the database."""

    def copy(self) -> str:
        """Keep the database as it is now and return the address of the copy."""


class SqliteFiller:
    """A file, written by one connection that has it for itself; rows are brought in the order of their key."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @functools.cached_property
    def _connection(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None)
        for pragma in FILLING:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def add(self, stock: Stock, part: Drawn, *, is_last: bool) -> None:
        """Write a part of the history in one transaction."""
        del is_last
        connection = self._connection
        connection.execute("BEGIN")
        for table, rows in _records(stock, part, space=" ").items():
            columns = ", ".join(PARTS[table])
            connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({_marks(columns)})", rows)
        rows = zip(*(column.tolist() for column in _key_rows(stock, part, by_key=True)), strict=True)
        names = ", ".join(KEY_COLUMNS)
        connection.executemany(f"INSERT INTO case_keys ({names}) VALUES ({_marks(names)})", rows)
        connection.execute("COMMIT")

    def settle(self) -> None:
        """Let go of the file; it is opened again for the next part."""
        self._connection.close()
        del self._connection

    def size(self) -> int:
        """Return the bytes of the file."""
        return self._path.stat().st_size

    def copy(self) -> str:
        """Copy the file."""
        kept = self._path.with_suffix(".kept")
        shutil.copyfile(self._path, kept)
        return f"sqlite:///{kept}"


class PostgresFiller:
    """A database filled by COPY in the order of arrival; the newest few tips come after the last VACUUM, as in life."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._to_build: list[str] = []
        self._connect()

    def _connect(self) -> None:
        self._connection = psycopg.connect(self._url.replace("+psycopg", ""), autocommit=True)
        for setting, value in (("session_replication_role", "replica"), ("maintenance_work_mem", "'1GB'"),
                               ("synchronous_commit", "off")):  # fmt: skip
            self._run(f"SET {setting} = {value}")
        for setting, value in (("fsync", "off"), ("full_page_writes", "off"), ("max_wal_size", "'16GB'")):
            self._run(f"ALTER SYSTEM SET {setting} = {value}")
        self._run("SELECT pg_reload_conf()")

    def add(self, stock: Stock, part: Drawn, *, is_last: bool) -> None:
        """Write a part of the history; where much is written, indexes are built at the end."""
        count = len(part.ids)
        if count >= DROP_INDEXES_FROM and not self._to_build:
            self._to_build = self._drop_indexes()
        fresh = min(MOST_FRESH, int(part.ids[-1] * FRESH_SHARE), count) if is_last else 0
        self._copy(stock, part.part(0, count - fresh))
        if not is_last:
            return
        for statement in self._to_build:
            self._run(statement)
        self._to_build = []
        for table in TABLES:
            self._run(f"VACUUM (ANALYZE) {table}")
        self._run("CREATE TEMP TABLE newest (LIKE case_keys)")
        self._copy(stock, part.part(count - fresh, count), case_keys="newest")
        self._run(
            "INSERT INTO case_keys SELECT * FROM newest ON CONFLICT (key, case_id) "
            "DO UPDATE SET t = excluded.t, tip_id = excluded.tip_id"
        )
        self._run("DROP TABLE newest")

    def settle(self) -> None:
        """Write everything out."""
        self._run("CHECKPOINT")

    def size(self) -> int:
        """Return the bytes of the database."""
        row = self._connection.execute("SELECT pg_database_size(current_database())").fetchone()
        return int(row[0]) if row else 0

    def copy(self) -> str:
        """Copy the database beside itself, with nobody connected."""
        self._connection.close()
        with psycopg.connect(
            self._url.replace("+psycopg", "").replace("/waypost?", "/postgres?"), autocommit=True
        ) as admin:
            admin.execute("CREATE DATABASE waypost_kept TEMPLATE waypost")
        self._connect()
        return self._url.replace("/waypost?", "/waypost_kept?")

    def _copy(self, stock: Stock, part: Drawn, *, case_keys: str = "case_keys") -> None:
        with self._connection.cursor() as cursor:
            for table, rows in _records(stock, part, space="T", write=_copied).items():
                with cursor.copy(f"COPY {table} ({', '.join(PARTS[table])}) FROM STDIN") as copy:
                    for block in _joined(rows):
                        copy.write(block)
            columns, names = _key_rows(stock, part, by_key=False), ", ".join(KEY_COLUMNS)
            with cursor.copy(f"COPY {case_keys} ({names}) FROM STDIN (FORMAT binary)") as copy:
                copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
                for start in range(0, len(columns[0]), 500_000):
                    copy.write(_binary([column[start : start + 500_000] for column in columns]))
                copy.write(b"\xff\xff")

    def _drop_indexes(self) -> list[str]:
        made = []
        held = self._connection.execute(
            "SELECT c.conname, c.conrelid::regclass::text, pg_get_constraintdef(c.oid) FROM pg_constraint c "
            "WHERE c.conrelid::regclass::text = ANY(%s) AND c.contype IN ('p', 'u') AND NOT EXISTS "
            "(SELECT 1 FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = c.conindid)",
            [list(TABLES)],
        ).fetchall()
        for name, table, definition in held:
            self._run(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            made.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        plain = self._connection.execute(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
            "WHERE i.indrelid::regclass::text = ANY(%s) AND NOT i.indisprimary "
            "AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
            [list(TABLES)],
        ).fetchall()
        for name, definition in plain:
            self._run(f"DROP INDEX {name}")
            made.append(definition)
        return made

    def _run(self, statement: str) -> None:
        self._connection.execute(statement)  # type: ignore[arg-type]


def _marks(columns: str) -> str:
    return ", ".join("?" * (columns.count(",") + 1))


def _plain(value: object) -> Cell:
    return int(value) if isinstance(value, bool) else value  # type: ignore[return-value]


def _copied(value: object) -> str:
    """Write a value as COPY's text format wants it (PostgreSQL manual, COPY)."""
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    return re.sub(
        r"[\\\t\n\r]",
        lambda found: {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}[found[0]],
        str(value),
    )


def _joined(rows: Iterable[Sequence[Cell]], lines: int = 5_000) -> Iterator[str]:
    block: list[str] = []
    for row in rows:
        block.append("\t".join(map(str, row)))
        if len(block) >= lines:
            yield "\n".join(block) + "\n"
            block = []
    if block:
        yield "\n".join(block) + "\n"


def _records(
    stock: Stock, part: Drawn, *, space: str, write: Callable[[object], Cell] = _plain
) -> dict[str, Iterator[tuple[Cell, ...]]]:
    """Return the rows of the two wide tables."""
    seconds = np.datetime_as_string(part.at.astype("datetime64[s]"), unit="us")
    moments = [text.replace("T", space) for text in seconds.tolist()]
    prints = footprint_json(stock.placed, stock.names, part)
    if write is _copied:
        prints = [text.replace("\\", r"\\") for text in prints]
    new_from = int(part.at[-1]) - UNRULED_DAYS * DAY if len(part.at) else 0
    of_tips = [tuple(map(write, values)) for values in _given_to_tips(stock.placed)]
    of_links = [tuple(map(write, values)) for values in _given_to_links(stock.placed)]
    ids, placed = part.ids.tolist(), part.placed.tolist()
    none = write(None)

    def tips() -> Iterator[tuple[Cell, ...]]:
        for tip_id, at, footprint, which in zip(ids, moments, prints, placed, strict=True):
            code = f"S{tip_id:08d}"
            yield (tip_id, code, "scale:" + code, at, footprint, *of_tips[which])

    def links() -> Iterator[tuple[Cell, ...]]:
        last = -1
        rows = zip(
            ids, moments, part.cases.tolist(), part.senders.tolist(), part.at.tolist(), placed, strict=True
        )
        for tip_id, at, case, sender, t, which in rows:
            relation = "first" if case > last else "corroborates"
            last = max(last, case)
            ruled = at if t < new_from else none
            yield (
                tip_id, tip_id, case, f"S{tip_id:08d}", at, at, stock.names[sender], relation, ruled, *of_links[which]
            )  # fmt: skip

    return {"tips": tips(), "case_tips": links()}


def _given_to_tips(placed: Placed) -> Iterator[tuple[object, ...]]:
    for one, text in zip(placed.footprints, placed.texts, strict=True):
        top = max(one.categories, key=lambda name: one.categories[name], default=None)
        sure = one.categories[top] if top else None
        yield (
            "sms", text, one.language, 0.98, top, sure, False, one.lat, one.lon, one.radius_m, one.located_by, one.place,
            False, VERSION,
        )  # fmt: skip


def _given_to_links(placed: Placed) -> Iterator[tuple[object, ...]]:
    for one in placed.footprints:
        top = max(one.categories, key=lambda name: one.categories[name], default=None)
        sure = one.categories[top] if top else 0.0
        yield (
            REASONS, VERSION, "machine", "sms", top, sure, one.lat, one.lon, one.radius_m, one.place, one.language, True
        )  # fmt: skip


def _key_rows(stock: Stock, part: Drawn, *, by_key: bool) -> list[Numbers]:
    """Return the index by columns: the newest tip of each case under each of its keys, in the order of keys or of tips."""
    keys, rows = keys_of(stock.placed, part, stock.sender_keys)
    cases, at, ids = part.cases[rows], part.at[rows], part.ids[rows]
    order = np.lexsort((ids, cases, keys))
    keys, cases = keys[order], cases[order]
    changes = (keys[1:] != keys[:-1]) | (cases[1:] != cases[:-1])
    newest, firsts = np.append(changes, True), np.insert(changes, 0, True)
    first_ids = ids[order[firsts]]
    keys, cases, order = keys[newest], cases[newest], order[newest]
    at, ids = at[order], ids[order]
    if not by_key:
        arrived = np.argsort(ids, kind="stable")
        keys, cases, at, ids = keys[arrived], cases[arrived], at[arrived], ids[arrived]
        first_ids = first_ids[arrived]
    return [keys, cases, at, ids, first_ids]


def _binary(columns: Sequence[Numbers]) -> bytes:
    """Pack rows of bigints as COPY's binary format wants them (PostgreSQL manual, COPY)."""
    fields = [("n", ">i2")] + [
        item for n in range(len(columns)) for item in ((f"l{n}", ">i4"), (f"v{n}", ">i8"))
    ]
    packed = np.empty(len(columns[0]), dtype=fields)
    packed["n"] = len(columns)
    for n, column in enumerate(columns):
        packed[f"l{n}"], packed[f"v{n}"] = 8, column
    return packed.tobytes()
