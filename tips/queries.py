"""What the door reads: candidates of the matcher, tips by code, the newest word of a sender."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.db import db, execute, rows_of_ids
from tips.matching.keys import AHEAD_SECONDS, Hit, KeyRead
from tips.models import Contact, Tip
from tips.places.types import Location

# noise is dropped after reading: as a condition it tempts SQLite to walk the index of all that is not noise
_FOOTPRINTS = f"SELECT id, footprint, is_noise FROM {Tip.__tablename__} WHERE id IN :ids"
_LAST_LOCATION = (
    sa.select(Tip.lat, Tip.lon, Tip.radius_m, Tip.located_by, Tip.place_name, Tip.place_outside)
    .where(
        Tip.contact_id == sa.bindparam("contact_id"),
        Tip.lat.is_not(None),
        ~Tip.is_noise,
        Tip.received_at >= sa.bindparam("since"),
    )
    .order_by(Tip.received_at.desc())
    .limit(1)
)
_ID_BY_SOURCE = sa.select(Tip.id).where(Tip.source_key == sa.bindparam("source_key"))


def read_hits(plan: Sequence[KeyRead], *, at: int, later: bool = False) -> list[Hit]:
    """Read from the index some cases under each key: those whose newest tip came last before `at`.

    `later` asks for those whose newest tip came after it instead, the nearest in time first.
    """
    if not plan:
        return []
    statement, parameters = hits_statement(plan, at=at, later=later)
    if db.engine.dialect.name == "sqlite":  # whose driver takes hundreds of named values faster by itself
        rows = db.session.connection().exec_driver_sql(statement.text, parameters)
    else:
        rows = execute(statement, parameters)
    return list(map(Hit._make, rows))


def hits_statement(
    plan: Sequence[KeyRead], *, at: int, later: bool = False, count_only: bool = False
) -> tuple[sa.TextClause, dict[str, Any]]:
    """Return the statement of a look-up with its values; `count_only` counts the index rows that it takes."""
    parameters: dict[str, Any] = {"ahead": at + AHEAD_SECONDS}
    ends = [at + read.reach_s if later else at - read.reach_s for read in plan]
    if db.engine.dialect.name == "postgresql":
        parameters["keys"] = [read.key for read in plan]
        parameters["ends"] = ends
        parameters["weights"] = [read.weight for read in plan]
        parameters["cases"] = [read.cases for read in plan]
        return _lateral(later, count_only), parameters
    for n, (read, end) in enumerate(zip(plan, ends, strict=True)):
        parameters[f"k{n}"], parameters[f"t{n}"] = read.key, end
        parameters[f"w{n}"], parameters[f"c{n}"] = read.weight, read.cases
    return _of_each(len(plan), later, count_only), parameters


def _rows_of_key(key: str, end: str, weight: str, cases: str, *, later: bool) -> str:
    """Write the bounded read of one key."""
    window, order = (
        (f"t > :ahead AND t <= {end}", "ASC") if later else (f"t >= {end} AND t <= :ahead", "DESC")
    )
    return (
        f"SELECT * FROM (SELECT case_id, tip_id, first_id, t, {weight} AS w FROM case_keys WHERE key = {key} "
        f"AND {window} ORDER BY t {order}, tip_id {order} LIMIT {cases}) AS c"
    )


@functools.cache
def _lateral(later: bool, count_only: bool) -> sa.TextClause:
    """Write the look-up so that it is planned once for any number of keys."""
    columns = {"key": "bigint", "end_t": "bigint", "weight": "float", "cases": "int"}
    names = ("keys", "ends", "weights", "cases")
    arrays = (f"CAST(:{name} AS {kind}[])" for name, kind in zip(names, columns.values(), strict=True))
    keys = f"unnest({', '.join(arrays)}) AS p({', '.join(columns)})"
    of_key = _rows_of_key(*(f"p.{name}" for name in columns), later=later)
    return sa.text(f"SELECT {'count(*)' if count_only else 'h.*'} FROM {keys}, LATERAL ({of_key}) AS h")


@functools.cache
def _of_each(keys: int, later: bool, count_only: bool) -> sa.TextClause:
    """Write one bounded read a key; the text is the same for equal counts, so that its plan is kept.

    SQLite has no lateral join, and plans a sub-select in microseconds.
    """
    reads = (_rows_of_key(*(f":{name}{n}" for name in "ktwc"), later=later) for n in range(keys))
    rows = " UNION ALL ".join(reads)
    return sa.text(f"SELECT count(*) FROM ({rows}) AS hits" if count_only else rows)


def footprints_of(tip_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Read what the matcher remembers of some tips; what was set aside as noise is left out."""
    if not tip_ids:
        return []
    rows = rows_of_ids(_FOOTPRINTS, tip_ids)
    return [(tip_id, text) for tip_id, text, is_noise in rows if not is_noise]


def last_location_of(contact_id: int, *, since: datetime) -> Location | None:
    """Return where a sender's newest placed tip lies, for texts that say "the same place"."""
    row = execute(_LAST_LOCATION, {"contact_id": contact_id, "since": since}).first()
    if row is None:
        return None
    return Location(
        lat=row.lat, lon=row.lon, radius_m=row.radius_m, source=row.located_by, words=None, start=None, end=None,
        place=row.place_name, outside=row.place_outside, conflict=None,
    )  # fmt: skip


def tip_by_code(code: str) -> Tip | None:
    """Find a tip by its code."""
    return db.session.scalar(sa.select(Tip).where(Tip.code == code))


def tip_id_by_source(source_key: str) -> int | None:
    """Find a tip by the name of the message it came in."""
    return execute(_ID_BY_SOURCE, {"source_key": source_key}).scalar_one_or_none()


@dataclass(frozen=True, slots=True)
class TipRow:
    """One tip as a list shows it."""

    tip: Tip
    alias: str | None


def tips_by_ids(ids: Sequence[int]) -> dict[int, TipRow]:
    """Return tips with the alias of their sender."""
    if not ids:
        return {}
    rows = db.session.execute(
        sa.select(Tip, Contact.alias).outerjoin(Contact, Contact.id == Tip.contact_id).where(Tip.id.in_(ids))
    )
    return {tip.id: TipRow(tip, alias) for tip, alias in rows}
