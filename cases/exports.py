"""Write cases for other programs: JSON lines, CSV that no spreadsheet can run, GeoJSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from core.spreadsheets import safe_cell


@dataclass(frozen=True, slots=True)
class ExportedSeizure:
    """A lot of goods in an export; quantity as decimal text, value in minor units."""

    category: str
    description: str
    quantity: str
    unit: str | None
    value_minor: int | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class ExportedCase:
    """One case in an export; `tips` are codes, `survivor` is the number of the case it was merged into."""

    number: str
    state: str
    title: str
    category: str | None
    priority: str
    unit: str
    area: str | None
    place: str | None
    lat: float | None
    lon: float | None
    radius_m: float | None
    opened_at: datetime
    closed_at: datetime | None
    first_tip_at: datetime | None
    last_tip_at: datetime | None
    senders: int
    confirmed: bool
    disposition: str | None
    survivor: str | None
    tips: tuple[str, ...]
    seizures: tuple[ExportedSeizure, ...]


def jsonl(cases: Iterable[ExportedCase]) -> Iterator[str]:
    """Write one JSON object a line."""
    for case in cases:
        yield json.dumps(_plain(case), ensure_ascii=False)


def csv_lines(cases: Iterable[ExportedCase]) -> Iterator[str]:
    """Write a header and one row a case; text that a spreadsheet could take for a formula is disarmed."""
    names = [field.name for field in fields(ExportedCase)]
    yield _csv_row(names)
    for case in cases:
        plain = _plain(case) | {"tips": " ".join(case.tips), "seizures": _seizure_words(case.seizures)}
        yield _csv_row([safe_cell(plain[name]) for name in names])


def geojson(cases: Iterable[ExportedCase]) -> Iterator[str]:
    """Write one FeatureCollection (RFC 7946), a case a line; a case without a place has no geometry."""
    yield '{"type": "FeatureCollection", "features": ['
    separator = ""
    for case in cases:
        yield separator + json.dumps(_feature(case), ensure_ascii=False)
        separator = ","
    yield "]}"


FORMATS: dict[str, Callable[[Iterable[ExportedCase]], Iterator[str]]] = {
    "jsonl": jsonl,
    "csv": csv_lines,
    "geojson": geojson,
}


def _plain(case: ExportedCase) -> dict[str, Any]:
    return {
        name: _iso(value) if isinstance(value, datetime) else value for name, value in asdict(case).items()
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _feature(case: ExportedCase) -> dict[str, Any]:
    properties = _plain(case)
    lat, lon = properties.pop("lat"), properties.pop("lon")
    geometry = {"type": "Point", "coordinates": [lon, lat]} if lat is not None else None
    return {"type": "Feature", "id": case.number, "geometry": geometry, "properties": properties}


def _seizure_words(seizures: Iterable[ExportedSeizure]) -> str:
    return "; ".join(
        f"{lot.description}: {lot.quantity} {lot.unit or ''}, {lot.value_minor} minor {lot.currency or ''}"
        for lot in seizures
    )


def _csv_row(values: list[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(values)
    return buffer.getvalue().removesuffix("\r\n")
