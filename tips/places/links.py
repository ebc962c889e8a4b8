"""Read the position out of a map link; the link is never opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

from tips.places.datum import wgs_from_baidu, wgs_from_gcj
from tips.places.geodesy import on_earth
from tips.places.types import Point

_LINK = re.compile(
    r"(?:https?://|www\.|geo:|(?<![\w.])(?:maps\.|goo\.gl/maps|map\.|uri\.))[^\s<>\"'，。；、）]+",
    re.IGNORECASE,
)
_NUMBER = r"(-?\d{1,3}(?:\.\d+)?)"
_PAIR = re.compile(_NUMBER + r"\s*(?:,|~|\+|\s)\s*\+?" + _NUMBER + r"(?![\d.])")
_PIN = re.compile(r"!3d" + _NUMBER + r"!4d" + _NUMBER)
_PATH = re.compile(r"/(?:place|search|dir/[^/]*)/(-?\d{1,3}\.\d+),\+?(-?\d{1,3}\.\d+)")
_VIEW = re.compile(r"@" + _NUMBER + "," + _NUMBER)
_OSM_VIEW = re.compile(r"map=\d{1,2}(?:\.\d+)?/" + _NUMBER + "/" + _NUMBER)
_PIN_RADIUS_M, _VIEW_RADIUS_M = 30.0, 60.0
_LAT_FIRST = (
    "q", "query", "ll", "sll", "coordinate", "daddr", "destination", "center", "cp", "location", "latlng", "loc", "map",
)  # fmt: skip


def find_links(text: str) -> Iterator[tuple[int, int]]:
    """Yield the span of every address in the text, so that words inside are not read as places."""
    for match in _LINK.finditer(text):
        yield match.start(), match.end()


def read_links(text: str) -> Point | None:
    """Return the first position that a map link carries."""
    for start, end in find_links(text):
        link = text[start:end].rstrip(".,;:!?)")
        found = _read(link)
        if found is not None:
            (lat, lon), radius = found
            if on_earth(lat, lon):
                return Point(lat, lon, radius, "map_link", start, start + len(link))
    return None


def _read(link: str) -> tuple[tuple[float, float], float] | None:
    if link[:4].lower() == "geo:":
        return _geo(unquote(link[4:]))
    try:
        parts = urlsplit(link if "://" in link else "https://" + link)
        host = (parts.hostname or "").lower()
        query = {name.lower(): values[0] for name, values in parse_qs(parts.query, max_num_fields=40).items()}
    except ValueError:
        return None
    plain = unquote(link)
    if "baidu." in host:
        return _chinese(query, ("location", "latlng", "marker", "destination"), "bd09ll")
    if "amap." in host or "gaode." in host:
        return _amap(query)
    if host.endswith("qq.com"):
        return _tencent(query, plain)
    if "yandex." in host or "2gis." in host:
        return _swapped(query)
    if any(name in host for name in ("openstreetmap", "osm.")):
        return _osm(query, plain)
    if any(
        name in host
        for name in ("google.", "apple.com", "goo.gl", "bing.com", "waze.com", "here.com", "what3words")
    ):
        return _western(query, plain)
    return None


def _pair(value: str | None) -> tuple[float, float] | None:
    match = _PAIR.search(value) if value else None
    return (float(match[1]), float(match[2])) if match else None


def _geo(body: str) -> tuple[tuple[float, float], float] | None:
    """Read RFC 5870, and the query that Android adds to it."""
    place, _, query = body.partition("?")
    asked = _pair(query.partition("q=")[2])
    plain = _PAIR.match(place)
    point = asked or ((float(plain[1]), float(plain[2])) if plain else None)
    return (point, _PIN_RADIUS_M) if point else None


def _western(query: dict[str, str], plain: str) -> tuple[tuple[float, float], float] | None:
    for pattern in (_PIN, _PATH):
        if match := pattern.search(plain):
            return (float(match[1]), float(match[2])), _PIN_RADIUS_M
    for name in _LAT_FIRST:
        if point := _pair(query.get(name)):
            return point, _PIN_RADIUS_M
    if match := _VIEW.search(plain):
        return (float(match[1]), float(match[2])), _VIEW_RADIUS_M
    return None


def _osm(query: dict[str, str], plain: str) -> tuple[tuple[float, float], float] | None:
    point = _pair(f"{query.get('mlat', '')},{query.get('mlon', '')}")
    if point:
        return point, _PIN_RADIUS_M
    match = _OSM_VIEW.search(plain)
    return ((float(match[1]), float(match[2])), _VIEW_RADIUS_M) if match else None


def _swapped(query: dict[str, str]) -> tuple[tuple[float, float], float] | None:
    for name in ("pt", "ll", "m"):
        if point := _pair(query.get(name)):
            return (point[1], point[0]), _PIN_RADIUS_M
    return None


def _chinese(
    query: dict[str, str], names: tuple[str, ...], datum: str
) -> tuple[tuple[float, float], float] | None:
    datum = query.get("coord_type", datum).lower()
    for name in names:
        point = _pair(query.get(name))
        if point and datum.startswith("bd09"):
            return wgs_from_baidu(*point), _PIN_RADIUS_M
        if point:
            return (point if datum.startswith("wgs") else wgs_from_gcj(*point)), _PIN_RADIUS_M
    return None


def _amap(query: dict[str, str]) -> tuple[tuple[float, float], float] | None:
    point = None
    for name in ("position", "lnglat", "to", "from"):
        if pair := _pair(query.get(name)):
            point = (pair[1], pair[0])
            break
    if point is None:
        point = _pair(query.get("q")) or _pair((query.get("p") or "").partition(",")[2])
    if point is None:
        return None
    return (point if query.get("coordinate") == "wgs84" else wgs_from_gcj(*point)), _PIN_RADIUS_M


def _tencent(query: dict[str, str], plain: str) -> tuple[tuple[float, float], float] | None:
    point = None
    if "pointx" in query and "pointy" in query:
        point = _pair(f"{query['pointy']},{query['pointx']}")
    elif match := re.search(r"coord(?:inate)?[:=]" + _NUMBER + "," + _NUMBER, plain):
        point = (float(match[1]), float(match[2]))
    return (wgs_from_gcj(*point), _PIN_RADIUS_M) if point else None
