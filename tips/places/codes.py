"""Read plus codes and MGRS references."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from mgrs import MGRS
from mgrs.core import MGRSError
from openlocationcode import openlocationcode

from tips.places.geodesy import distance_m, on_earth
from tips.places.types import Point

_PLUS = re.compile(
    r"(?<![0-9A-Za-z+])([23456789CFGHJMPQRVWX]{2,8}0{0,6}\+[23456789CFGHJMPQRVWX]{0,7})(?![0-9A-Za-z+])",
    re.IGNORECASE,
)
_GRID = re.compile(
    r"(?<![0-9A-Za-z])(\d{1,2})\s?([C-HJ-NP-X])\s?([A-HJ-NP-Z]{2})\s?(?:(\d{2,5})\s(\d{2,5})|(\d{4,10}))(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_COARSEST_M = 3_000.0
_FINE_DIGITS = 6  # eastings and northings together: a cell of 100 m


def read_plus_codes(text: str, *, near: tuple[float, float]) -> Point | None:
    """Return the first plus code's centre; a short code is completed from `near`, as the Open Location Code spec says."""
    for match in _PLUS.finditer(text):
        code = match[1].upper()
        if not openlocationcode.isValid(code) or not any(letter.isalpha() for letter in code):
            continue
        if openlocationcode.isShort(code):
            if len(code.partition("+")[2]) < 2:
                continue
            code = openlocationcode.recoverNearest(code, *near)
        area = openlocationcode.decode(code)
        radius = distance_m(area.latitudeLo, area.longitudeLo, area.latitudeHi, area.longitudeHi) / 2
        if radius <= _COARSEST_M:
            lat, lon = float(area.latitudeCenter), float(area.longitudeCenter)
            return Point(lat, lon, max(25.0, radius * 1.2), "plus_code", match.start(), match.end())
    return None


@lru_cache(maxsize=1)
def _converter() -> MGRS:
    return MGRS()


def read_grids(text: str) -> Iterator[Point]:
    """Yield the centre of every MGRS cell of 1 km or finer; a bare grid zone or 100 km square is no point."""
    for match in _GRID.finditer(text):
        zone, band, square, east, north, together = match.groups()
        if together is not None:
            if len(together) % 2:
                continue
            half = len(together) // 2
            east, north = together[:half], together[half:]
        upper = square.isupper() and band.isupper()
        if len(east) != len(north) or (not upper and len(east) * 2 < _FINE_DIGITS) or len(east) < 2:
            continue
        cell = 10 ** (5 - len(east))
        middle = (east + "5").ljust(5, "0")[:5] + (north + "5").ljust(5, "0")[:5]
        try:
            lat, lon = _converter().toLatLon(f"{int(zone)}{band}{square}{middle}".upper())
        except MGRSError:
            continue
        if on_earth(lat, lon):
            yield Point(lat, lon, max(25.0, cell * 0.75 + 15), "mgrs", match.start(), match.end())
