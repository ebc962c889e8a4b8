"""Work out points that a text describes from a named place: so far from it, in a direction or toward another place."""

from __future__ import annotations

from dataclasses import dataclass

from tips.places.distances import Distance
from tips.places.gazetteer import Gazetteer
from tips.places.geodesy import bearing_deg, distance_m, moved
from tips.places.phrases import Hit
from tips.places.roles import Part
from tips.places.script import Folded

_BETWEEN_REACH = 25
_REACH = 60  # letters between a distance and its place
_SIDE = frozenset({"toward", "to", "coming", "home", "between"})
_TIED = frozenset({"past", "before", "from", "of"})
_ANCHOR_BONUS = {"past": 30, "of": 25, "from": 25, "before": 30, "near": 8, "at": 4, "plain": 0}


@dataclass(frozen=True, slots=True)
class Offset:
    """Hold a point worked out from an anchor; `start` and `end` span the words in `Folded.compact`."""

    anchor: Part
    lat: float
    lon: float
    radius_m: float
    start: int
    end: int
    directed: bool


def find_offset(
    folded: Folded,
    found: list[Part],
    distances: list[Distance],
    bearings: list[Hit[float]],
    gazetteer: Gazetteer,
    directions: list[Part],
) -> Offset | None:
    """Return the best supported offset of a text, None if no distance belongs to a place.

    `found` are places to start from, `directions` those that may also only show the way.
    """
    best: tuple[float, Offset] | None = None
    for distance in distances:
        for score, anchor in _anchors(folded, found, distance):
            if best is None or score > best[0]:
                offset = _worked_out(folded, anchor, distance, directions, bearings, gazetteer)
                if offset.directed or anchor.roles & (_TIED if distance.rough else _TIED | {"near"}):
                    best = (score, offset)
    return best[1] if best else None


def find_middle(folded: Folded, found: list[Part], gazetteer: Gazetteer) -> Offset | None:
    """Return the point halfway between two places that the text ties together with "between"."""
    for one, other in zip(found, found[1:], strict=False):
        tied = "between" in one.roles or "between" in other.roles
        first, last = one.mention, other.mention
        if not tied or first.spot == last.spot or last.start - first.end > _BETWEEN_REACH:
            continue
        if folded.broken(first.start, last.end):
            continue
        here, there = gazetteer.spots[first.spot], gazetteer.spots[last.spot]
        apart = distance_m(here.lat, here.lon, there.lat, there.lon)
        bearing = bearing_deg(here.lat, here.lon, there.lat, there.lon)
        lat, lon = moved(here.lat, here.lon, metres=apart / 2, bearing=bearing)
        start, end = min(one.cue_start, first.start), max(other.cue_end, last.end)
        return Offset(one, lat, lon, apart / 2 + 200, start, end, True)
    return None


def _gap(start: int, end: int, part: Part) -> int:
    mention = part.mention
    return max(mention.start - end, start - mention.end, 0)


def _anchors(folded: Folded, found: list[Part], distance: Distance) -> list[tuple[float, Part]]:
    anchors: list[tuple[float, Part]] = []
    for part in found:
        mention = part.mention
        if part.role in _SIDE and not part.roles & {"from", "of", "past"}:
            continue
        if mention.start < distance.end and distance.start < mention.end:
            continue
        gap = _gap(distance.start, distance.end, part)
        low, high = min(distance.start, mention.start), max(distance.end, mention.end)
        if gap > _REACH or folded.broken(low, high):
            continue
        bonus = max(_ANCHOR_BONUS.get(role, 0) for role in part.roles | {part.role})
        if not bonus and gap > 25:
            continue
        anchors.append((bonus - gap + 3 * mention.weight, part))
    return anchors


def _worked_out(
    folded: Folded,
    anchor: Part,
    distance: Distance,
    found: list[Part],
    bearings: list[Hit[float]],
    gazetteer: Gazetteer,
) -> Offset:
    spot = gazetteer.spots[anchor.mention.spot]
    start = min(distance.start, anchor.cue_start, anchor.mention.start)
    end = max(distance.end, anchor.cue_end, anchor.mention.end)
    bearing, start, end = _direction(folded, anchor, found, bearings, gazetteer, start, end)
    reach = min(spot.radius_m, 900.0)
    if bearing is None:
        return Offset(anchor, spot.lat, spot.lon, distance.metres * 1.15 + reach, start, end, False)
    lat, lon = moved(spot.lat, spot.lon, metres=distance.metres, bearing=bearing)
    radius = 0.45 * distance.metres * (1.5 if distance.rough else 1.0) + max(250.0, reach)
    return Offset(anchor, lat, lon, radius, start, end, True)


def _direction(
    folded: Folded,
    anchor: Part,
    found: list[Part],
    bearings: list[Hit[float]],
    gazetteer: Gazetteer,
    start: int,
    end: int,
) -> tuple[float | None, int, int]:
    """Find the direction in the same sentence: a point of the compass next to the words, else a second place."""
    taken = [part.mention for part in found]
    near: list[tuple[int, int, Hit[float]]] = []
    for hit in bearings:
        if any(mention.start <= hit.start < mention.end for mention in taken):
            continue
        gap = max(hit.start - end, start - hit.end, 0)
        if gap <= 18 and not folded.broken(min(start, hit.start), max(end, hit.end)):
            near.append((gap, hit.start - hit.end, hit))
    if near:
        hit = min(near, key=lambda one: one[:2])[2]
        return hit.payload, min(start, hit.start), max(end, hit.end)
    spot = gazetteer.spots[anchor.mention.spot]
    for part in sorted(found, key=lambda one: _gap(start, end, one)):
        other = gazetteer.spots[part.mention.spot]
        apart = abs(other.lat - spot.lat) + abs(other.lon - spot.lon) > 1e-4
        if part is anchor or not apart or part.role not in _SIDE or _gap(start, end, part) > 45:
            continue
        if folded.broken(min(start, part.mention.start), max(end, part.mention.end)):
            continue
        bearing = bearing_deg(spot.lat, spot.lon, other.lat, other.lon)
        if part.role == "coming" and "before" not in anchor.roles:
            bearing = (bearing + 180) % 360
        return bearing, min(start, part.cue_start), max(end, part.mention.end, part.cue_end)
    return None, start, end
