"""Choose among the places that a text names the one where it happens."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tips.places.distances import Distance, find_distances
from tips.places.gazetteer import Gazetteer
from tips.places.geodesy import distance_m
from tips.places.mentions import MOST_MENTIONS
from tips.places.names import Mention
from tips.places.offsets import Offset, find_middle, find_offset
from tips.places.phrases import Hit
from tips.places.roles import Part, only_bare, parts
from tips.places.script import Folded, fold
from tips.places.types import Candidate, Location
from tips.places.vocabulary import Cue, bearings, cues, situations, vague_metres, words
from tips.places.wording import wording

_AMBIGUOUS_M = 1_500.0
_MOST_CANDIDATES = 5
_ROLE_WORTH = {
    "near": 5.0, "at": 4.5, "past": 4.5, "before": 4.5, "of": 2.5, "plain": 3.0, "from": 0.5, "to": 0.3,
    "between": 3.0, "plate": 1.0, "toward": -5.0, "coming": -5.0, "home": -9.0,
}  # fmt: skip
_ACCEPTED = -0.5
_SHORTEST_KIND = 3
_NAMED = 1.5  # weight from which a destination has a name of its own, as "the terminal" has not
_SURE = 0.7
_DEFINITE = (
    "crossing",
    "bridge",
    "pier",
    "port",
)  # of a market or a temple there are more than the operator entered
_ON_THE_WAY = ("from", "to")  # where goods come from or go to
_SEEN_THERE = ("at", "near", "past", "before")


@dataclass(frozen=True, slots=True)
class Naming:
    """Hold what the names in a text say.

    `sure` means a landmark with nothing against it; only then may the text overrule a device.
    """

    location: Location | None
    sure: bool
    at_home: bool
    same_place: bool
    candidates: tuple[Candidate, ...]


def read_names(text: str, gazetteer: Gazetteer) -> Naming:
    """Read the named places of a text and settle on one, or on none."""
    folded = fold(text)
    hints = {hit.payload for hit in situations().find(folded)}
    mentions = gazetteer.mentions(folded)
    single = () if mentions else _single_kind(folded, gazetteer)
    if not mentions and not single:
        single = _called_kind(folded, gazetteer, cues().find(folded))
    mentions = mentions or list(single)
    distances = find_distances(folded)
    if not mentions and not distances:
        return Naming(None, False, "at_home" in hints, "same_place" in hints, ())
    hits = cues().find(folded)
    found = parts(folded, mentions, hits)
    candidates = _candidates(text, folded, found, gazetteer)
    usable = [part for part in found if gazetteer.spots[part.mention.spot].kind != "far_town"]
    distances = _free(distances, mentions)
    compass = bearings().find(folded)
    signs = _signs(folded, gazetteer, usable, hits) if distances else []
    offset = find_offset(folded, usable, distances, compass, gazetteer, [*found, *signs])
    if offset is None and distances:
        generic = parts(folded, _only_ones(folded, gazetteer, mentions), hits)
        offset = find_offset(folded, generic, distances, compass, gazetteer, [*found, *generic])
        offset = offset if offset is not None and offset.directed else None
    offset = offset or find_middle(folded, usable, gazetteer)
    location: Location | None
    if offset is not None and _worth(offset.anchor, gazetteer) + 3 >= _ACCEPTED:
        location = _from_offset(text, folded, offset, gazetteer, candidates)
        sure = offset.anchor.mention.edits <= 1
    else:
        location, sure = _settled(text, folded, usable, gazetteer, candidates)
    if single:
        sure = found[0].role in ("near", "at")
    return Naming(location, sure, "at_home" in hints, "same_place" in hints, candidates)


def _free(distances: list[Distance], mentions: list[Mention]) -> list[Distance]:
    """Pass over numbers that belong to a name, as in "kilo 9"."""
    return [
        distance
        for distance in distances
        if not any(one.start < distance.end and distance.start < one.end for one in mentions)
    ]


def _signs(folded: Folded, gazetteer: Gazetteer, found: list[Part], hits: list[Hit[Cue]]) -> list[Part]:
    """Take "toward the river" or "rumbo al centro" for a direction from the most telling place of the text."""
    if not found:
        return []
    origin = gazetteer.spots[max(found, key=lambda part: part.mention.weight).mention.spot]
    taken = [part.mention for part in found]
    generic = [
        (hit.payload, Mention(-1, hit.start, hit.end, 0.5, 0.5, 0))
        for hit in words().kinds.find(folded)
        if not _taken(hit, taken)
    ][:MOST_MENTIONS]
    shown = parts(folded, [mention for _, mention in generic], hits)
    signs = []
    for (kind, mention), part in zip(generic, shown, strict=True):
        spot = gazetteer.nearest_of_kind(kind, origin) if part.role == "toward" else None
        if spot is not None:
            signs.append(replace(part, mention=replace(mention, spot=spot)))
    return signs


def _only_ones(folded: Folded, gazetteer: Gazetteer, mentions: list[Mention]) -> list[Mention]:
    """Take "the bridge" for the only bridge there is; enough to start a described way from, not to be a place itself."""
    single: dict[str, int] = {}
    for name, kind in words().by_name.items():
        spot = gazetteer.single_of_kind(name) if kind.anchor else None
        if spot is not None:
            single[name] = spot
    kinds = [hit for hit in words().kinds.find(folded) if hit.payload in single and not _taken(hit, mentions)]
    bare = only_bare(folded, kinds[:MOST_MENTIONS])
    return [Mention(single[hit.payload], hit.start, hit.end, 0.6, 1.0, 0) for hit in bare]


def _taken(hit: Hit[str], mentions: list[Mention]) -> bool:
    return any(one.start < hit.end and hit.start < one.end for one in mentions)


def _single_kind(folded: Folded, gazetteer: Gazetteer) -> tuple[Mention, ...]:
    """Take "the airport" for the only airport there is, where a town tends to have one."""
    small = words()
    for hit in small.kinds.find(folded):
        if small.by_name[hit.payload].single and folded.compact[hit.start : hit.end] not in small.common:
            spot = gazetteer.single_of_kind(hit.payload)
            if spot is not None and hit.end - hit.start >= _SHORTEST_KIND:
                return (Mention(spot, hit.start, hit.end, 0.6, 1.0, 0),)
    return ()


def _called_kind(folded: Folded, gazetteer: Gazetteer, hits: list[Hit[Cue]]) -> tuple[Mention, ...]:
    """Take "at the checkpost" for the only place of that kind, or the only one that is called so."""
    kinds = [
        Hit(word.start, word.end, word)
        for word in wording(folded)
        if word.kind in _DEFINITE and word.end - word.start >= _SHORTEST_KIND
    ]
    for hit in only_bare(folded, kinds[:MOST_MENTIONS]):
        spot = gazetteer.single_of_kind(hit.payload.kind)
        if spot is None:
            spot = gazetteer.only_called(hit.payload.text)
        if spot is None:
            continue
        mention = Mention(spot, hit.start, hit.end, 0.6, 1.0, 0)
        if parts(folded, [mention], hits)[0].role in _SEEN_THERE:
            return (mention,)
    return ()


def _worth(part: Part, gazetteer: Gazetteer) -> float:
    spot = gazetteer.spots[part.mention.spot]
    worth = _ROLE_WORTH[part.role] + 0.25 * min(part.mention.weight, 8.0) + 2.0 * part.mention.score
    worth += 0.0 if spot.landmark else -2.5
    return worth + (0.0 if spot.entered else -1.0)


def _settled(
    text: str,
    folded: Folded,
    found: list[Part],
    gazetteer: Gazetteer,
    candidates: tuple[Candidate, ...],
) -> tuple[Location | None, bool]:
    ranked = sorted(found, key=lambda part: (-_worth(part, gazetteer), part.mention.start))
    ranked = [part for part in ranked if _possible(part, gazetteer)]
    if not ranked:
        return None, False
    best = ranked[0]
    spot = gazetteer.spots[best.mention.spot]
    rivals = [
        gazetteer.spots[part.mention.spot]
        for part in ranked[1:]
        if (part.mention.start, part.mention.end) == (best.mention.start, best.mention.end)
    ]
    lat, lon, radius = spot.lat, spot.lon, spot.radius_m
    if rivals:
        lat = (spot.lat + sum(rival.lat for rival in rivals)) / (1 + len(rivals))
        lon = (spot.lon + sum(rival.lon for rival in rivals)) / (1 + len(rivals))
        spread = max(distance_m(lat, lon, one.lat, one.lon) for one in (spot, *rivals))
        if spread > (_AMBIGUOUS_M if spot.landmark else 4 * _AMBIGUOUS_M):
            return None, False
        radius = spread + max(one.radius_m for one in (spot, *rivals))
    if best.role in ("past", "before"):
        radius += vague_metres() * 2
    elif best.role in _ON_THE_WAY:
        radius *= 1.5
    start, end = folded.span(best.mention.start, best.mention.end)
    sure = (
        spot.landmark
        and best.mention.edits <= 1
        and best.mention.score >= _SURE
        and best.role not in _ON_THE_WAY
        and not rivals
    )
    location = Location(
        lat, lon, radius, "place", text[start:end], start, end, spot.name,
        gazetteer.is_outside(lat, lon), None, candidates,
    )  # fmt: skip
    return location, sure


def _possible(part: Part, gazetteer: Gazetteer) -> bool:
    """Pass over directions, homes, and what is only origin or destination, unless it is a landmark and nothing else is known."""
    spot = gazetteer.spots[part.mention.spot]
    if part.role in ("toward", "coming", "home"):
        return False
    if part.role == "plate" and not spot.landmark:
        return False
    if part.role in _ON_THE_WAY and not (spot.landmark or (spot.entered and spot.group == "village")):
        return False
    if part.role == "to" and part.mention.weight < _NAMED:
        return False
    return _worth(part, gazetteer) >= _ACCEPTED


def _from_offset(
    text: str, folded: Folded, offset: Offset, gazetteer: Gazetteer, candidates: tuple[Candidate, ...]
) -> Location:
    start, end = folded.span(offset.start, offset.end)
    return Location(
        offset.lat, offset.lon, offset.radius_m, "place_offset", text[start:end], start, end,
        gazetteer.spots[offset.anchor.mention.spot].name, gazetteer.is_outside(offset.lat, offset.lon), None, candidates,
    )  # fmt: skip


def _candidates(text: str, folded: Folded, found: list[Part], gazetteer: Gazetteer) -> tuple[Candidate, ...]:
    chosen: dict[int, Candidate] = {}
    for part in sorted(found, key=lambda one: -_worth(one, gazetteer)):
        spot = gazetteer.spots[part.mention.spot]
        if part.mention.spot in chosen or spot.kind == "far_town":
            continue
        start, end = folded.span(part.mention.start, part.mention.end)
        chosen[part.mention.spot] = Candidate(
            spot.name, spot.lat, spot.lon, text[start:end], part.role, round(min(1.0, part.mention.score), 3)
        )
    return tuple(chosen.values())[:_MOST_CANDIDATES]
