"""Say in a sentence why two cases are linked."""

from __future__ import annotations

import math
from datetime import datetime

from core.present import counted, distance

# what names one thing in the world; a product's number or a web page is shared by too many
STRONG = frozenset(
    {
        "plate",
        "container",
        "vin",
        "imei",
        "phone",
        "serial",
        "imo",
        "btc",
        "eth",
        "trx",
        "account",
        "email",
        "epc",
    }
)
KIND_WORDS = {
    "plate": "plate", "container": "container", "phone": "phone number", "imei": "IMEI", "serial": "serial number",
    "btc": "Bitcoin address", "eth": "Ethereum address", "trx": "Tron address", "vin": "chassis number",
    "imo": "ship number", "gtin": "product number", "epc": "electronic tag", "url": "web address",
    "email": "e-mail address", "account": "account",
}  # fmt: skip
EARTH_M = 6_371_000.0
NO_DISTANCE_M = 100.0
Point = tuple[float, float]


def tie_sentence(
    kind: str,
    written: str,
    *,
    there: datetime,
    place: str | None,
    apart_m: float | None,
    days: int,
    this_year: int,
) -> str:
    """Name what both cases name, when and where the other one did (`there` in local time), and how far apart they lie."""
    day = f"{there.day} {there:%B}" + (f" {there.year}" if there.year != this_year else "")
    where = f" near {place}" if place else ""
    spans = [] if apart_m is None else [_away(apart_m)]
    spans.append("on the same day" if days == 0 else f"{counted(days, 'day', 'days')} apart")
    return f"Same {KIND_WORDS[kind]} {written} on {day}{where}; {', '.join(spans)}."


def metres_between(one: Point, other: Point) -> float:
    """Measure the distance of two points, latitude and longitude in degrees, along a great circle."""
    lat, other_lat = math.radians(one[0]), math.radians(other[0])
    half_lat, half_lon = (other_lat - lat) / 2, math.radians(other[1] - one[1]) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat) * math.cos(other_lat) * math.sin(half_lon) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(chord)))


def _away(metres: float) -> str:
    return "at the same spot" if metres < NO_DISTANCE_M else f"{distance(metres)} away"
