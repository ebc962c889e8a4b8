"""Read written coordinates, whatever digits, signs, labels and separators people use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from geopy.point import Point as GeoPoint

from tips.places.geodesy import distance_m, on_earth
from tips.places.types import Point
from tips.places.vocabulary import coordinate_words

_SIGNS = str.maketrans(
    {
        "٫": ".", "．": ".", "·": ".", "，": ",", "、": ",", "；": ";", "：": ":", "−": "-", "–": "-", "﹣": "-", "－": "-",
        "º": "°", "˚": "°", "ᵒ": "°", "′": "'", "’": "'", "‘": "'", "´": "'", "`": "'", "″": '"', "”": '"', "“": '"',
        "\u00a0": " ", "\u3000": " ", "\u2009": " ", "（": "(", "）": ")",
    }
)  # fmt: skip
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
_FEWEST_NUMBERS = 4  # 16.71 98.57 is four groups of digits, and so is every other notation at least
_NUMBERS = re.compile(r"\d+")
_HEMISPHERE = r"([NSEWO])"
_GAP = r"[\s,;/|&]{0,4}(?:and|y|et|e)?[\s,;/|]{0,3}"
_DMS = r"(\d{1,3})\s?[°d]\s?(\d{1,2}(?:[.,]\d+)?)\s?['m](?:\s?(\d{1,2}(?:[.,]\d+)?)\s?(?:\"|''|s)?)?"
_SPACED = r"(\d{1,3})[\s°:]{1,2}(\d{1,2}(?:\.\d+)?)['\s:]{0,2}(?:(\d{1,2}(?:\.\d+)?)[\s\"']{0,2})?"
_DECIMAL = r"([-+]?\d{1,3}(?:[.,]\d+)?)\s?°?"
_BEFORE, _AFTER = rf"(?<![A-Za-z]){_HEMISPHERE}\s?", rf"\s?{_HEMISPHERE}(?![A-Za-z])"
_ANGLES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for angle in (_DMS, _SPACED)
    for pattern in (
        rf"(?<![\d.]){angle}{_AFTER}{_GAP}{angle}{_AFTER}",
        rf"{_BEFORE}{angle}{_GAP}{_BEFORE}{angle}",
    )
) + (re.compile(rf"(?<![\d.])(-?){_DMS}{_GAP}(-?){_DMS}"),)
_DECIMALS_AFTER = re.compile(rf"(?<![\d.]){_DECIMAL}{_AFTER}{_GAP}{_DECIMAL}{_AFTER}", re.IGNORECASE)
_DECIMALS_BEFORE = re.compile(rf"{_BEFORE}{_DECIMAL}{_GAP}{_BEFORE}{_DECIMAL}(?![\d.])", re.IGNORECASE)
_LABELLED_NUMBER = r"[\s:=.\-–(]{0,4}?(-?\d{1,3}[.,]\d{2,})"
_PAIR = re.compile(
    r"(?<![\d.,\-+/])([-+]?\d{1,3}\.\d{2,})\s?°?(?:\s?[,;/|]\s?|\s+)([-+]?\d{1,3}\.\d{2,})(?![\d%/]|[.,]\d)"
)
_COMMA_PAIR = re.compile(
    r"(?<![\d.,\-+/])([-+]?\d{1,3},\d{3,})\s?°?(?:\s?[;/|]\s?|,?\s+)([-+]?\d{1,3},\d{3,})(?![\d%/]|[.,]\d)"
)
_PAIR_TOGETHER = re.compile(r"(?<![\d.,])([-+]?\d{1,3},\d{3,}),([-+]?\d{1,3},\d{3,})(?![\d.,])")


def plain_digits(text: str) -> str:
    """Return the text with ASCII digits and signs, every character at its old place."""
    text = text.translate(_SIGNS)
    return _OTHER_DIGIT.sub(lambda match: _digit(match[0]), text)


def _digit(letter: str) -> str:
    value = unicodedata.decimal(letter, None)
    return letter if value is None else str(int(value))


def read_coordinates(text: str, *, centre: tuple[float, float], radius_km: float) -> Point | None:
    """Return the first believable position; values that are impossible on earth are passed over.

    Order and a forgotten minus sign are settled by the deployment's area: a pair that only fits it swapped or
    mirrored is read so.
    """
    words = coordinate_words()
    for lat, lon, decimals, start, end, certain in _readings(
        plain_digits(text), words.lat, words.lon, words.hemispheres
    ):
        point = _settled(lat, lon, centre, radius_km * 1000, free=not certain)
        if point is None:
            continue
        inside = distance_m(*point, *centre) <= radius_km * 1000
        if not certain and not inside and decimals < 4:
            continue
        return Point(*point, _radius(decimals), "coordinates", start, end)
    return None


def _radius(decimals: int) -> float:
    return {0: 60_000.0, 1: 8_000.0, 2: 1_000.0, 3: 120.0}.get(decimals, 40.0)


def _settled(
    lat: float, lon: float, centre: tuple[float, float], radius_m: float, *, free: bool
) -> tuple[float, float] | None:
    """Choose among the readings of a pair: as written, else what brings it into the deployment's area."""
    readings = [(lat, lon)]
    if free:
        readings += [
            (lon, lat),
            (lat, -lon),
            (-lat, lon),
            (-lat, -lon),
            (lon, -lat),
            (-lon, lat),
            (-lon, -lat),
        ]
    real = [reading for reading in readings if on_earth(*reading)]
    for reading in real:
        if distance_m(*reading, *centre) <= radius_m:
            return reading
    return real[0] if real and (real[0] == (lat, lon) or real[0] == (lon, lat)) else None


_Reading = tuple[float, float, int, int, int, bool]


def _readings(
    text: str, lat_label: re.Pattern[str], lon_label: re.Pattern[str], hemispheres: re.Pattern[str]
) -> Iterator[_Reading]:
    if len(_NUMBERS.findall(text)) < _FEWEST_NUMBERS:
        return
    lettered = hemispheres.sub(lambda match: coordinate_words().letter(match[0]).ljust(len(match[0])), text)
    yield from _with_angles(lettered)
    yield from _with_hemispheres(lettered)
    yield from _labelled(text, lat_label, lon_label)
    for pattern in (_PAIR, _COMMA_PAIR, _PAIR_TOGETHER):
        for match in pattern.finditer(text):
            first, second = (part.replace(",", ".") for part in match.groups())
            yield float(first), float(second), _decimals(first, second), match.start(), match.end(), False


def _decimals(*numbers: str) -> int:
    return min(len(number.partition(".")[2]) for number in numbers)


def _number(text: str | None) -> float:
    return float((text or "0").replace(",", "."))


def _ordered(first: tuple[float, str], second: tuple[float, str]) -> tuple[float, float] | None:
    """Put latitude before longitude by the hemisphere letters; two of one kind are no position."""
    kinds = ["lat" if letter in "NS" else "lon" for _, letter in (first, second)]
    if kinds == ["lat", "lon"]:
        return first[0], second[0]
    return (second[0], first[0]) if kinds == ["lon", "lat"] else None


def _degrees(parts: Sequence[str | None], letter: str) -> float | None:
    """Return the degrees of an angle in degrees, minutes and seconds; sixty minutes or more are none."""
    degrees, minutes, seconds = (_number(part) for part in parts)
    if minutes >= 60 or seconds >= 60:
        return None
    letter = letter.upper().replace("O", "W")
    return float(GeoPoint.parse_degrees(degrees, minutes, seconds, letter or None))


def _with_angles(text: str) -> Iterator[_Reading]:
    for pattern in _ANGLES:
        for match in pattern.finditer(text):
            groups = match.groups()
            signed = pattern is _ANGLES[-1]
            if signed or pattern.pattern.startswith(_BEFORE):
                letters, parts = (groups[0], groups[4]), (groups[1:4], groups[5:8])
            else:
                letters, parts = (groups[3], groups[7]), (groups[0:3], groups[4:7])
            if signed:
                letters = ("S" if letters[0] else "N", "W" if letters[1] else "E")
            first, second = (_degrees(part, letter) for part, letter in zip(parts, letters, strict=True))
            if first is None or second is None:
                continue
            pair = _ordered((first, letters[0].upper()), (second, letters[1].upper()))
            if pair:
                fine = any(
                    "." in (value or "") or "," in (value or "") for part in parts for value in part[1:]
                )
                decimals = 4 if fine or parts[0][2] else 2
                yield *pair, decimals, match.start(), match.end(), not signed


def _with_hemispheres(text: str) -> Iterator[_Reading]:
    for pattern in (_DECIMALS_AFTER, _DECIMALS_BEFORE):
        for match in pattern.finditer(text):
            one, two, three, four = match.groups()
            first, second = (
                ((one, two), (three, four)) if pattern is _DECIMALS_AFTER else ((two, one), (four, three))
            )
            if "." not in (first[0] + second[0]).replace(",", "."):
                continue
            values = [
                (abs(_number(number)) * (-1 if letter.upper() in "SWO" else 1), letter.upper())
                for number, letter in (first, second)
            ]
            if pair := _ordered(values[0], values[1]):
                yield (
                    *pair,
                    _decimals(*(part[0].replace(",", ".") for part in (first, second))),
                    match.start(),
                    match.end(),
                    True,
                )


def _labelled(text: str, lat_label: re.Pattern[str], lon_label: re.Pattern[str]) -> Iterator[_Reading]:
    lats = list(lat_label.finditer(text))
    lons = list(lon_label.finditer(text))
    for lat in lats:
        near = [
            lon
            for lon in lons
            if -40 <= lon.start() - lat.end() <= 40 or -40 <= lat.start() - lon.end() <= 40
        ]
        if not near:
            continue
        lon = min(near, key=lambda found: abs(found.start() - lat.start()))
        first, second = lat[1].replace(",", "."), lon[1].replace(",", ".")
        start, end = min(lat.start(), lon.start()), max(lat.end(), lon.end())
        yield float(first), float(second), _decimals(first, second), start, end, _decimals(first, second) >= 3
