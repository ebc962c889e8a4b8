"""What the door reads: candidates of the matcher, tips by code, the newest word of a sender."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.db import db, execute, rows_of_ids
from tips.matching.keys import AHEAD_SECONDS, CANDIDATES, DAY, FRESH, Hit, KeyRead
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


def read_hits(plan: Sequence[KeyRead], *, at: int) -> list[Hit]:
    """Read what an index look-up says of the tips most worth comparing, one row each, at most CANDIDATES.

    Of each key the newest tips are read, and the newest tip of some cases that lie farther back; the database adds up what the
    keys of a tip say, as `shortlist` does, so that only the best leave it.
    """
    if not plan:
        return []
    statement, parameters = hits_statement(plan, at=at)
    if db.engine.dialect.name == "sqlite":  # whose driver takes hundreds of named values faster by itself
        rows = db.session.connection().exec_driver_sql(statement.text, parameters).all()
    else:
        rows = execute(statement, parameters).all()
    return [Hit(tip_id, None, t, weight) for tip_id, t, weight in rows]


def hits_statement(
    plan: Sequence[KeyRead], *, at: int, count_only: bool = False
) -> tuple[sa.TextClause, dict[str, Any]]:
    """Return the statement of a look-up with its values; `count_only` counts the index rows that it takes."""
    parameters: dict[str, Any] = {"ahead": at + AHEAD_SECONDS}
    if not count_only:
        parameters["at"] = at
    if db.engine.dialect.name == "postgresql":
        parameters["keys"] = [read.key for read in plan]
        parameters["since"] = [at - read.reach_s for read in plan]
        parameters["weights"] = [read.weight for read in plan]
        parameters["rows"] = [read.rows for read in plan]
        parameters["cases"] = [read.cases for read in plan]
        return (_COUNT_LATERAL if count_only else _BEST_LATERAL), parameters
    for n, read in enumerate(plan):
        parameters[f"k{n}"], parameters[f"t{n}"] = read.key, at - read.reach_s
        parameters[f"w{n}"], parameters[f"r{n}"], parameters[f"c{n}"] = read.weight, read.rows, read.cases
    return _of_each(len(plan), count_only), parameters


def _rows_of_key(key: str, since: str, weight: str, rows: str, cases: str) -> str:
    """Write the bounded read of one key: cases are looked for only behind the newest tips, where there are that many."""
    newest = f"FROM block_keys WHERE key = {key} AND t >= {since} AND t <= :ahead ORDER BY t DESC, tip_id DESC LIMIT"
    return (
        f"SELECT * FROM (SELECT tip_id, t, {weight} AS w {newest} {rows}) AS b UNION ALL "
        f"SELECT * FROM (SELECT tip_id, t, {weight} AS w FROM case_keys WHERE key = {key} AND t >= {since} "
        f"AND t < (SELECT t {newest} 1 OFFSET {rows} - 1) ORDER BY t DESC LIMIT {cases}) AS c"
    )


def _best(rows: str) -> sa.TextClause:
    days = f"CASE WHEN max(t) < :at THEN CAST(:at - max(t) AS double precision) / {DAY} ELSE 0.0 END"
    return sa.text(
        f"SELECT tip_id, max(t), sum(w) FROM ({rows}) AS hits GROUP BY tip_id "
        f"ORDER BY sum(w) + {FRESH} / (1.0 + {days}) DESC, tip_id DESC LIMIT {CANDIDATES}"
    )


def _count(rows: str) -> sa.TextClause:
    return sa.text(f"SELECT count(*) FROM ({rows}) AS hits")


# planned once for any number of keys; SQLite, which has no lateral join, plans a sub-select in microseconds
_COLUMNS = {"key": "bigint", "since": "bigint", "weight": "float", "rows": "int", "cases": "int"}
_ARRAYS = ", ".join(
    f"CAST(:{name} AS {kind}[])"
    for name, kind in zip(("keys", "since", "weights", "rows", "cases"), _COLUMNS.values(), strict=True)
)
_KEYS = f"unnest({_ARRAYS}) AS p({', '.join(_COLUMNS)})"
_ROWS_LATERAL = f"SELECT h.* FROM {_KEYS}, LATERAL ({_rows_of_key(*(f'p.{name}' for name in _COLUMNS))}) AS h"
_BEST_LATERAL, _COUNT_LATERAL = _best(_ROWS_LATERAL), _count(_ROWS_LATERAL)


@functools.cache
def _of_each(keys: int, count_only: bool) -> sa.TextClause:
    """Write one bounded read a key; the text is the same for equal counts, so that its plan is kept."""
    rows = " UNION ALL ".join(_rows_of_key(*(f":{name}{n}" for name in "ktwrc")) for n in range(keys))
    return _count(rows) if count_only else _best(rows)


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
