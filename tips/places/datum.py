"""Undo the shifted datums of Chinese map services inside China: GCJ-02 and BD-09 to WGS 84."""

from __future__ import annotations

import math

_AXIS = 6_378_245.0  # Krasovsky 1940, on which GCJ-02 is defined
_ECCENTRICITY = 0.00669342162296594323
_BAIDU_TURN = math.pi * 3000.0 / 180.0
# A coarse outline of the Chinese mainland (latitude, longitude); good to a few kilometres at busy borders.
_CHINA = (
    (49.1, 87.3), (47.0, 83.0), (45.0, 82.5), (43.0, 80.2), (41.0, 77.0), (39.5, 73.6), (37.0, 75.0), (35.5, 78.0),
    (32.5, 79.0), (30.4, 81.3), (28.2, 86.0), (27.9, 89.0), (28.0, 92.5), (28.3, 97.3), (27.5, 98.7), (25.9, 98.6),
    (24.75, 97.55), (23.95, 97.7), (24.08, 98.2), (24.1, 98.88), (23.2, 98.9), (22.0, 99.3), (21.5, 100.2),
    (21.45, 101.2), (21.2, 101.75), (22.4, 101.7), (22.75, 102.4), (22.52, 103.95), (22.82, 104.6), (23.3, 105.4),
    (22.9, 106.55), (21.98, 106.7), (21.6, 107.4), (21.53, 107.98), (18.0, 108.3), (18.0, 111.5), (21.5, 113.3),
    (22.2, 113.52), (22.53, 114.0), (22.55, 114.28), (22.7, 117.5), (25.5, 120.5), (30.5, 123.0), (37.5, 123.5),
    (39.8, 124.2), (40.1, 124.38), (41.6, 126.6), (42.0, 128.1), (42.4, 130.6), (43.0, 131.2), (45.0, 131.7),
    (45.3, 133.1), (48.3, 134.8), (47.7, 131.0), (49.4, 127.8), (53.3, 123.5), (53.3, 120.5), (50.0, 119.2),
    (49.8, 116.8), (47.9, 116.0), (46.8, 119.7), (45.0, 112.0), (42.6, 110.0), (42.6, 105.0), (42.6, 96.5),
    (45.2, 91.0), (47.8, 90.0),
)  # fmt: skip


def in_china(lat: float, lon: float) -> bool:
    """Tell whether a point lies on the Chinese mainland, coarsely (ray casting over a small outline)."""
    inside, previous = False, _CHINA[-1]
    for corner in _CHINA:
        (lat1, lon1), (lat2, lon2) = previous, corner
        if (lat1 > lat) != (lat2 > lat) and lon < (lon2 - lon1) * (lat - lat1) / (lat2 - lat1) + lon1:
            inside = not inside
        previous = corner
    return inside


def _waves(x: float, y: float) -> tuple[float, float]:
    """Return the two offset sums of the GCJ-02 definition, x and y being degrees from 105 E, 35 N."""
    common = (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + common
    lat += (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    lat += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + common
    lon += (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    lon += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    return lat, lon


def gcj_from_wgs(lat: float, lon: float) -> tuple[float, float]:
    """Shift a WGS 84 point as Chinese map services do; outside China nothing moves."""
    if not in_china(lat, lon):
        return lat, lon
    wave_lat, wave_lon = _waves(lon - 105.0, lat - 35.0)
    slope = 1 - _ECCENTRICITY * math.sin(math.radians(lat)) ** 2
    metres_lat = _AXIS * (1 - _ECCENTRICITY) / (slope * math.sqrt(slope)) * math.pi / 180
    metres_lon = _AXIS / math.sqrt(slope) * math.cos(math.radians(lat)) * math.pi / 180
    return lat + wave_lat / metres_lat, lon + wave_lon / metres_lon


def wgs_from_gcj(lat: float, lon: float) -> tuple[float, float]:
    """Undo GCJ-02 to within a metre by two corrections."""
    back_lat, back_lon = lat, lon
    for _ in range(2):
        there_lat, there_lon = gcj_from_wgs(back_lat, back_lon)
        back_lat, back_lon = back_lat + lat - there_lat, back_lon + lon - there_lon
    return back_lat, back_lon


def wgs_from_baidu(lat: float, lon: float) -> tuple[float, float]:
    """Undo BD-09 and the GCJ-02 below it; outside China only nothing at all moves."""
    if not in_china(lat, lon):
        return lat, lon
    x, y = lon - 0.0065, lat - 0.006
    z = math.hypot(x, y) - 0.00002 * math.sin(y * _BAIDU_TURN)
    theta = math.atan2(y, x) - 0.000003 * math.cos(x * _BAIDU_TURN)
    return wgs_from_gcj(z * math.sin(theta), z * math.cos(theta))
