"""One row a tip, for programs and for people; never a phone number."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

import cases.services as case_services
import signals.services as signal_services
from core.codes import show_tip_code
from core.db import db
from core.present import iso_time
from core.spreadsheets import safe_cell
from tips.models import Tip

BATCH = 500
COLUMNS = (
    "external_id", "code", "received_at", "channel", "text", "is_noise", "case", "relation", "match_probability",
    "suggestions", "category", "category_probability", "language", "lat", "lon", "radius_m", "located_by", "observables",
)  # fmt: skip
MOST_SUGGESTIONS = 5
FORMATS = ("jsonl", "csv", "geojson")


def export(kind: str) -> Iterator[str]:
    """Write every tip, oldest first, as jsonl, csv or geojson."""
    writers = {"jsonl": _jsonl, "csv": _csv, "geojson": _geojson}
    return writers[kind](rows())


def rows() -> Iterator[dict[str, Any]]:
    """Yield the export's rows in order of arrival."""
    last: tuple[Any, int] | None = None
    while True:
        statement = sa.select(Tip).order_by(Tip.received_at, Tip.id).limit(BATCH)
        if last is not None:
            statement = statement.where(
                sa.tuple_(Tip.received_at, Tip.id) > sa.tuple_(*map(sa.literal, last))
            )
        tips = db.session.scalars(statement).all()
        if not tips:
            return
        last = (tips[-1].received_at, tips[-1].id)
        ids = [tip.id for tip in tips]
        homes = case_services.case_of_tips(ids)
        offered = case_services.suggestions_of_tips(ids)
        seen = signal_services.mentions_of_many("tip", ids)
        for tip in tips:
            yield _row(tip, homes.get(tip.id), offered.get(tip.id, ()), seen.get(tip.id, ()))
        db.session.expunge_all()


def _row(tip: Tip, home: Any, offered: Any, seen: Any) -> dict[str, Any]:
    suggestions = [
        {"case": item.number, "probability": round(item.probability, 4), "reasons": list(item.reasons)}
        for item in offered
        if item.ruling != "accepted"
    ]
    return {
        "external_id": tip.external_id,
        "code": show_tip_code(tip.code),
        "received_at": iso_time(tip.received_at),
        "channel": tip.channel,
        "text": tip.text,
        "is_noise": tip.is_noise,
        "case": home.number if home else None,
        "relation": home.relation if home else None,
        "match_probability": _rounded(home.probability, 4) if home and home.relation != "first" else None,
        "suggestions": suggestions[:MOST_SUGGESTIONS],
        "category": tip.category,
        "category_probability": _rounded(tip.category_probability, 4),
        "language": tip.language,
        "lat": _rounded(tip.lat, 6),
        "lon": _rounded(tip.lon, 6),
        "radius_m": _rounded(tip.radius_m, 1),
        "located_by": tip.located_by,
        "observables": [{"kind": item.kind, "value": item.value} for item in seen],
    }


def _jsonl(found: Iterator[dict[str, Any]]) -> Iterator[str]:
    for row in found:
        yield json.dumps(row, ensure_ascii=False) + "\n"


def _csv(found: Iterator[dict[str, Any]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for row in found:
        writer.writerow([safe_cell(_plain(row[name])) for name in COLUMNS])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _geojson(found: Iterator[dict[str, Any]]) -> Iterator[str]:
    yield '{"type": "FeatureCollection", "features": [\n'
    comma = ""
    for row in found:
        point = None if row["lat"] is None else {"type": "Point", "coordinates": [row["lon"], row["lat"]]}
        properties = {name: value for name, value in row.items() if name not in {"lat", "lon"}}
        feature = {"type": "Feature", "geometry": point, "properties": properties}
        yield comma + json.dumps(feature, ensure_ascii=False)
        comma = ",\n"
    yield "\n]}\n"


def _plain(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
