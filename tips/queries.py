"""What the door reads: candidates of the matcher, tips by code, the newest word of a sender."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.db import db, execute
from tips.matching.keys import CASES_PER_KEY, ROWS_PER_KEY, Hit, KeyRead
from tips.models import Contact, PlaceRow, Tip
from tips.places.types import Location

AHEAD_SECONDS = 3_600  # texts overtake each other; a candidate may have arrived a little later than the tip

# noise is dropped after reading: as a condition it tempts SQLite to walk the index of all that is not noise
_FOOTPRINTS = sa.select(Tip.id, Tip.footprint, Tip.is_noise).where(
    Tip.id.in_(sa.bindparam("tip_ids", expanding=True))
)
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
    """Read the index rows of a look-up in one statement: per key the newest tips and the newest of each case."""
    if not plan:
        return []
    parameters: dict[str, Any] = {"ahead": at + AHEAD_SECONDS}
    if db.engine.dialect.name == "postgresql":
        statement = _HITS_LATERAL
        parameters["keys"] = [read.key for read in plan]
        parameters["since"] = [at - read.reach_s for read in plan]
    else:
        statement = _hits_of_each(len(plan))
        for position, read in enumerate(plan):
            parameters[f"k{position}"], parameters[f"t{position}"] = read.key, at - read.reach_s
    weights = [read.weight for read in plan]
    return [Hit(tip_id, None, t, weights[n]) for n, t, tip_id in execute(statement, parameters)]


# planned once for any number of keys; SQLite, which has no lateral join, plans a sub-select in microseconds
_HITS_LATERAL = sa.text(
    "SELECT p.n - 1, h.t, h.tip_id "
    "FROM unnest(CAST(:keys AS bigint[]), CAST(:since AS bigint[])) WITH ORDINALITY AS p(key, since, n), LATERAL ("
    "(SELECT t, tip_id FROM block_keys WHERE key = p.key AND t >= p.since AND t <= :ahead "
    f"ORDER BY t DESC, tip_id DESC LIMIT {ROWS_PER_KEY}) UNION ALL "
    "(SELECT t, tip_id FROM case_keys WHERE key = p.key AND t >= p.since AND t <= :ahead "
    f"ORDER BY t DESC LIMIT {CASES_PER_KEY})) AS h"
)


@functools.cache
def _hits_of_each(keys: int) -> sa.TextClause:
    """Write one bounded sub-select a key; the text is the same for equal counts, so that its plan is kept."""
    parts = []
    for n in range(keys):
        parts.append(
            f"SELECT * FROM (SELECT {n} AS n, t, tip_id FROM block_keys WHERE key = :k{n} AND t >= :t{n} AND t <= :ahead "
            f"ORDER BY t DESC, tip_id DESC LIMIT {ROWS_PER_KEY}) AS b{n}"
        )
        parts.append(
            f"SELECT * FROM (SELECT {n} AS n, t, tip_id FROM case_keys WHERE key = :k{n} AND t >= :t{n} AND t <= :ahead "
            f"ORDER BY t DESC LIMIT {CASES_PER_KEY}) AS c{n}"
        )
    return sa.text(" UNION ALL ".join(parts))


def footprints_of(tip_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Read what the matcher remembers of some tips; what was set aside as noise is left out."""
    if not tip_ids:
        return []
    rows = execute(_FOOTPRINTS, {"tip_ids": tip_ids})
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


def landmarks() -> list[dict[str, object]]:
    """Return the deployment's places for the map."""
    rows = db.session.execute(
        sa.select(PlaceRow.name, PlaceRow.lat, PlaceRow.lon, PlaceRow.kind).order_by(PlaceRow.id)
    )
    return [{"name": row.name, "lat": row.lat, "lon": row.lon, "kind": row.kind} for row in rows]
