"""Which unit gets a case: the zone it lies in, then the area, then the goods, then the triage unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Ring = tuple[tuple[float, float], ...]
"""Closed ring of (longitude, latitude) in degrees, as in GeoJSON."""

Polygon = tuple[Ring, ...]
"""An outer ring and the holes in it."""

FEWEST_POSITIONS = 4


@dataclass(frozen=True, slots=True)
class Area:
    """A named part of the map; a special zone (a port, a park) goes before the areas around it."""

    key: str
    name: str
    polygons: tuple[Polygon, ...]
    special: bool
    box: tuple[float, float, float, float]

    @classmethod
    def build(cls, *, key: str, name: str, polygons: tuple[Polygon, ...], special: bool = False) -> Area:
        """Make an area and its bounding box (west, south, east, north)."""
        corners = [point for polygon in polygons for point in polygon[0]]
        longitudes, latitudes = zip(*corners, strict=True)
        box = (min(longitudes), min(latitudes), max(longitudes), max(latitudes))
        return cls(key, name, polygons, special, box)

    @property
    def size(self) -> float:
        """Square degrees of the bounding box: enough to tell the narrower of two areas."""
        west, south, east, north = self.box
        return (east - west) * (north - south)


@dataclass(frozen=True, slots=True)
class Rule:
    """A unit's claim on cases of an area, of a category, or of both; None stands for any."""

    unit: str
    area: str | None
    category: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The routing of a deployment; special and narrower areas are asked first."""

    areas: tuple[Area, ...]
    rules: tuple[Rule, ...]
    triage: str

    @classmethod
    def build(cls, *, areas: Sequence[Area], rules: Sequence[Rule], triage: str) -> Plan:
        """Order the areas by who is asked first."""
        ordered = sorted(areas, key=lambda area: (not area.special, area.size, area.key))
        return cls(tuple(ordered), tuple(rules), triage)


@dataclass(frozen=True, slots=True)
class Route:
    """The unit chosen, the area that decided it, and the reason as a sentence."""

    unit: str
    area: str | None
    reason: str


def route(plan: Plan, *, category: str | None, lat: float | None, lon: float | None) -> Route:
    """Choose the unit for a case; one that no rule wants goes to the triage unit."""
    if lat is not None and lon is not None:
        for area in plan.areas:
            if not contains(area, lat=lat, lon=lon):
                continue
            rule = _rule_for(plan.rules, area.key, category)
            if rule is not None:
                return Route(rule.unit, area.key, _reason(area, rule))
    rule = _rule_for(plan.rules, None, category)
    if rule is not None:
        return Route(
            rule.unit, None, f"All {rule.category} goes there." if rule.category else "All cases go there."
        )
    placed = lat is not None and lon is not None
    return Route(plan.triage, None, "No rule covers this place." if placed else "The place is not known yet.")


def contains(area: Area, *, lat: float, lon: float) -> bool:
    """Tell whether a point lies in the area and in none of its holes."""
    west, south, east, north = area.box
    if not (west <= lon <= east and south <= lat <= north):
        return False
    return any(
        in_ring(polygon[0], lat=lat, lon=lon)
        and not any(in_ring(hole, lat=lat, lon=lon) for hole in polygon[1:])
        for polygon in area.polygons
    )


def in_ring(ring: Ring, *, lat: float, lon: float) -> bool:
    """Count the edges that a ray to the east crosses: odd means inside."""
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def polygons_of(geometry: Mapping[str, Any]) -> tuple[Polygon, ...]:
    """Read a GeoJSON Polygon or MultiPolygon (RFC 7946); raise ValueError with a sentence otherwise."""
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon") or not isinstance(coordinates, list) or not coordinates:
        raise ValueError("An area needs a Polygon or a MultiPolygon.")
    parts = [coordinates] if kind == "Polygon" else coordinates
    return tuple(_polygon(part) for part in parts)


def _polygon(rings: Any) -> Polygon:
    if not isinstance(rings, list) or not rings:
        raise ValueError("A polygon needs an outer ring.")
    return tuple(_ring(ring) for ring in rings)


def _ring(positions: Any) -> Ring:
    if not isinstance(positions, list) or len(positions) < FEWEST_POSITIONS:
        raise ValueError(f"A ring needs at least {FEWEST_POSITIONS} positions.")
    ring = tuple(_position(position) for position in positions)
    if ring[0] != ring[-1]:
        raise ValueError("A ring has to end where it starts.")
    return ring


def _position(position: Any) -> tuple[float, float]:
    good = (
        isinstance(position, list) and len(position) >= 2 and all(_is_number(part) for part in position[:2])
    )
    if not good:
        raise ValueError("A position is [longitude, latitude].")
    lon, lat = float(position[0]), float(position[1])
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError("A position lies outside the globe; the longitude comes first.")
    return lon, lat


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _rule_for(rules: Sequence[Rule], area: str | None, category: str | None) -> Rule | None:
    """Take the rule for these goods before the rule for any goods."""
    here = [rule for rule in rules if rule.area == area]
    exact = next((rule for rule in here if rule.category is not None and rule.category == category), None)
    return exact or next((rule for rule in here if rule.category is None), None)


def _reason(area: Area, rule: Rule) -> str:
    where = f"It lies in the special zone {area.name}" if area.special else f"It lies in {area.name}"
    return f"{where}, where {rule.category} goes to this unit." if rule.category else f"{where}."
