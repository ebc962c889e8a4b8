"""Distances, directions and shifts on the ellipsoid."""

from __future__ import annotations

import math

from geopy.distance import geodesic

EARTH_RADIUS_M = 6_371_008.8
POINTS_OF_THE_COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


def distance_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Return the great-circle distance in metres; quick enough to call for every place."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))


def bearing_deg(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Return the initial bearing from the first point to the second, in degrees clockwise from north."""
    phi1, phi2, turn = math.radians(lat1), math.radians(lat2), math.radians(lon2 - lon1)
    east = math.sin(turn) * math.cos(phi2)
    north = math.cos(phi1) * math.sin(phi2) - math.sin(phi1) * math.cos(phi2) * math.cos(turn)
    return math.degrees(math.atan2(east, north)) % 360


def moved(lat: float, lon: float, *, metres: float, bearing: float) -> tuple[float, float]:
    """Return the point that lies so many metres away in that direction, on the WGS 84 ellipsoid."""
    end = geodesic(meters=metres).destination((lat, lon), bearing)
    return float(end.latitude), float(end.longitude)


def compass(bearing: float) -> str:
    """Name the nearest of the eight points of the compass."""
    return POINTS_OF_THE_COMPASS[round(bearing / 45) % 8]


def on_earth(lat: float, lon: float) -> bool:
    """Tell a real position from nonsense; the empty default 0, 0 is nonsense as well."""
    return -90 <= lat <= 90 and -180 <= lon <= 180 and not (abs(lat) < 1e-6 and abs(lon) < 1e-6)
