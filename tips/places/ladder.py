"""Decide where a tip happens: the device, positions written in the text, or the places that it names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tips.places.codes import read_grids, read_plus_codes
from tips.places.coordinates import read_coordinates
from tips.places.gazetteer import Gazetteer
from tips.places.geodesy import distance_m, on_earth
from tips.places.links import find_links, read_links
from tips.places.naming import Naming, read_names
from tips.places.types import Conflict, DevicePosition, Location, Point
from tips.zawgyi import to_unicode

LONGEST_TEXT = 4_000
_DEVICE_RADIUS_M = 60.0
_WORST_ACCURACY_M = 5_000.0  # a device that knows itself no better is no better than the text
_ELSEWHERE_M = (
    1_000.0  # a landmark this far from the device is where it happens, the device only where it was sent
)
_WRITTEN_ELSEWHERE_M = 300.0


def locate(
    text: str,
    *,
    gazetteer: Gazetteer,
    device: DevicePosition | None = None,
    previous: Location | None = None,
    ignored: Iterable[tuple[int, int]] = (),
) -> Location | None:
    """Return the place of a tip, None if nothing in it says one; never raises on any text.

    `ignored` are stretches of the text that name no place although a place's name may stand in them: number plates.

    A position that the reporter wrote down, and a landmark named far from the device, beat the device; the loser is
    kept as the conflict. `previous` is the same sender's last place and only used for "same place as before".
    """
    text = text[:LONGEST_TEXT]
    written = _written(text, gazetteer)
    prose = _without_addresses(text)
    for start, end in ignored:
        prose = f"{prose[:start]}{' ' * (end - start)}{prose[end:]}"
    naming = _named(prose, gazetteer) if written is None else None
    said = _from_point(written, text, gazetteer) if written else naming.location if naming else None
    if said is not None:
        said = replace(said, words=text[said.start : said.end])  # addresses were blanked out for the reading
    if device is not None and on_earth(device.lat, device.lon):
        return _weighed(device, said, naming, gazetteer)
    if said is None and naming is not None and naming.same_place and previous is not None:
        return replace(previous, conflict=None, candidates=())
    return said


def _named(prose: str, gazetteer: Gazetteer) -> Naming:
    """Read the names of a text in whichever encoding it came; offsets are those of the text as it came."""
    rewritten = to_unicode(prose)
    naming = read_names(rewritten.text, gazetteer)
    said = naming.location
    if said is None or said.start is None or said.end is None or rewritten.text is prose:
        return naming
    start, end = rewritten.span(said.start, said.end)
    return replace(naming, location=replace(said, start=start, end=end))


def _written(text: str, gazetteer: Gazetteer) -> Point | None:
    """Read positions that are written out, in the order in which they are least likely to be misread."""
    link = read_links(text)
    if link is not None:
        return link
    point = read_coordinates(_blanked(text), centre=gazetteer.centre, radius_km=gazetteer.radius_km)
    if point is not None:
        return point
    if "+" in text:
        code = read_plus_codes(text, near=_reference(text, gazetteer))
        if code is not None:
            return code
    return next(read_grids(text), None)


def _reference(text: str, gazetteer: Gazetteer) -> tuple[float, float]:
    """Return the point from which a short plus code is completed: the place named in the text, else the centre."""
    location = _named(_without_addresses(text), gazetteer).location
    return (location.lat, location.lon) if location else gazetteer.centre


def _blanked(text: str) -> str:
    """Blank out links, so that numbers inside are read as part of a link or not at all."""
    for start, end in find_links(text):
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _without_addresses(text: str) -> str:
    """Blank out links, mail addresses and handles: a town's name inside them says nothing of the place."""
    text = _blanked(text)
    if "@" not in text:
        return text
    pieces = []
    for piece in text.split(" "):
        pieces.append(" " * len(piece) if "@" in piece and "\n" not in piece else piece)
    return " ".join(pieces)


def _from_point(point: Point, text: str, gazetteer: Gazetteer) -> Location:
    return Location(
        lat=point.lat,
        lon=point.lon,
        radius_m=point.radius_m,
        source=point.source,
        words=text[point.start : point.end],
        start=point.start,
        end=point.end,
        place=None,
        outside=gazetteer.is_outside(point.lat, point.lon),
        conflict=None,
    )


def _from_device(device: DevicePosition, gazetteer: Gazetteer) -> Location:
    accuracy = (
        device.accuracy_m if device.accuracy_m is not None and device.accuracy_m >= 0 else _DEVICE_RADIUS_M
    )
    return Location(
        lat=device.lat,
        lon=device.lon,
        radius_m=max(_DEVICE_RADIUS_M, min(accuracy * 2, 50_000.0)),
        source="device",
        words=None,
        start=None,
        end=None,
        place=None,
        outside=gazetteer.is_outside(device.lat, device.lon),
        conflict=None,
    )


def _weighed(
    device: DevicePosition, said: Location | None, naming: Naming | None, gazetteer: Gazetteer
) -> Location:
    """Choose between the device and the text, and keep the other where they disagree."""
    own = _from_device(device, gazetteer)
    if said is None:
        return own if naming is None or not naming.candidates else replace(own, candidates=naming.candidates)
    away = distance_m(device.lat, device.lon, said.lat, said.lon)
    apart = away - own.radius_m - said.radius_m
    conflict = Conflict(
        device.lat, device.lon, device.accuracy_m, said.lat, said.lon, said.source, said.words, away
    )
    if naming is None:
        text_wins = apart > _WRITTEN_ELSEWHERE_M
    elif own.radius_m > _WORST_ACCURACY_M:
        text_wins = True
    else:
        text_wins = apart > 0 and away > _ELSEWHERE_M and (naming.sure or naming.at_home)
    chosen = said if text_wins else replace(own, place=said.place if apart <= 0 else None)
    disagree = apart > 0 and away > _ELSEWHERE_M or text_wins
    return replace(chosen, conflict=conflict if disagree else None, candidates=said.candidates)
