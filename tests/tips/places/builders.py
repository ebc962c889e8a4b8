"""Places and gazetteers for these tests."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from tips.places import Gazetteer, Place

CENTRE = (31.333, -110.942)
PLACES = (
    Place("Mercado Hidalgo", ("el Hidalgo", "Hidalgo Market"), 31.3300, -110.9450, "market"),
    Place("Mercado Popo", ("el Popo",), 31.3400, -110.9300, "market"),
    Place("Muelle Viejo", ("old pier",), 31.3000, -110.9000, "pier"),
    Place("Muelle Nuevo", ("new pier",), 31.2800, -110.9100, "pier"),
    Place("Puente Verde", ("green bridge",), 31.3100, -110.9500, "bridge"),
    Place("Aeropuerto Norte", (), 31.4100, -110.9900, "airport"),
    Place("Pier 10", ("ท่า 10", "十号码头"), 31.3500, -110.9600, "pier"),
    Place("ตลาดพาเจริญ", ("Pha Charoen",), 31.3600, -110.9700, "market"),
    Place("Mae Sai", ("แม่สาย",), 31.4500, -110.8500, "village"),
)


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    return Gazetteer(PLACES, centre=CENTRE, radius_km=60, country_codes=["MX"], languages=["es", "en"])


@lru_cache(maxsize=1)
def worlds() -> tuple[dict[str, Any], ...]:
    source = Path(__file__).with_name("worlds.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(source)["world"])


@lru_cache(maxsize=32)
def world_gazetteer(name: str) -> Gazetteer:
    world = next(one for one in worlds() if one["name"] == name)
    places = [
        Place(place, tuple(aliases.split(";")), lat, lon, kind)
        for place, aliases, lat, lon, kind in world["places"]
    ]
    return Gazetteer(
        places,
        centre=tuple(world["centre"]),
        radius_km=world["radius_km"],
        country_codes=world["countries"],
        languages=world["languages"],
    )
