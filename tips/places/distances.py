"""Find distances in a text: "500 m", "two blocks", "2 โลครึ่ง", "half a mile", "မီတာ ၃၀၀"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tips.places.phrases import Hit
from tips.places.script import Folded
from tips.places.vocabulary import Amount, Unit, amounts, units, ways

FARTHEST_M = 60_000.0
_WAY_WITHIN = 30
_NUMBER_REACH = 30
MOST_UNITS = 40  # looked at in one text


@dataclass(frozen=True, slots=True)
class Distance:
    """Hold a distance in metres; `rough` where it rests on a bare unit, on minutes or on a word that is also a weight."""

    metres: float
    start: int
    end: int
    rough: bool


def find_distances(folded: Folded) -> list[Distance]:
    """Return the distances in order of the text, the longer reading where two overlap."""
    unit_hits = units().find(folded)[:MOST_UNITS]
    if not unit_hits:
        return []
    values = _values(folded)
    way_hits = ways().find(folded) if any(hit.payload.needs for hit in unit_hits) else []
    found = [
        distance
        for hit in unit_hits
        if _way(hit, way_hits) and not (hit.payload.short and _in_code(folded, hit))
        for distance in _read(folded, hit, _around(hit, values))
        if 0 < distance.metres <= FARTHEST_M
    ]
    found.sort(key=lambda one: (one.start - one.end, one.rough))
    kept: list[Distance] = []
    for distance in found:
        if not any(other.start < distance.end and distance.start < other.end for other in kept):
            kept.append(distance)
    return sorted(kept, key=lambda one: one.start)


def _in_code(folded: Folded, hit: Hit[Unit]) -> bool:
    """Tell whether letters and digits go on behind a short unit, as in the plate "8M-5540"."""
    behind = folded.at[hit.end - 1] + 1
    return folded.source[behind : behind + 1] in tuple("-/") or (folded.source[behind : behind + 1].isdigit())


def _way(hit: Hit[Unit], way_hits: list[Hit[str]]) -> bool:
    needs = hit.payload.needs
    return not needs or any(
        way.payload in needs and abs(way.start - hit.end) <= _WAY_WITHIN for way in way_hits
    )


def _values(folded: Folded) -> list[Hit[Amount]]:
    values = [
        Hit(token.start, token.end, Amount(float(token.text), False))
        for token in folded.tokens
        if token.number and token.text.count(".") <= 1 and len(token.text) <= 6
    ]
    return values + amounts().find(folded)


def _around(hit: Hit[Unit], values: list[Hit[Amount]]) -> list[Hit[Amount]]:
    return [
        value
        for value in values
        if hit.start - _NUMBER_REACH <= value.end and value.start <= hit.end + _NUMBER_REACH
    ]


def _read(folded: Folded, hit: Hit[Unit], values: list[Hit[Amount]]) -> Iterator[Distance]:
    unit = hit.payload
    if unit.twice:
        yield Distance(2 * unit.metres, hit.start, hit.end, False)
        return
    before = [
        value
        for value in values
        if value.end == hit.start and not (value.payload.added and value.payload.value < 1)
    ]
    halves = [value for value in values if value.end == hit.start and value.payload.added]
    behind = [value for value in values if value.start == hit.end]
    added = max((value for value in behind if value.payload.added), key=lambda one: one.end, default=None)
    number = max(
        before or [value for value in halves if not unit.short],
        key=lambda one: one.end - one.start,
        default=None,
    )
    rough = bool(unit.needs) or unit.weight
    if number is not None and not (
        unit.short and hit.end - hit.start < 2 and not folded.compact[number.end - 1].isdigit()
    ):
        extra = added.payload.value if added is not None else 0.0
        start = number.start
        whole = [value for value in values if value.end == number.start and number.payload.added]
        amount = number.payload.value + (whole[0].payload.value if whole else 0.0)
        start = whole[0].start if whole else start
        yield Distance(
            (amount + extra) * unit.metres, start, added.end if added is not None else hit.end, rough
        )
    elif unit.before_number and (plain := [value for value in behind if not value.payload.added]):
        value = max(plain, key=lambda one: one.end)
        more = [half for half in values if half.start == value.end and half.payload.added]
        amount = value.payload.value + (more[0].payload.value if more else 0.0)
        yield Distance(amount * unit.metres, hit.start, more[0].end if more else value.end, unit.weight)
    elif unit.alone:
        extra = added.payload.value if added is not None else 0.0
        yield Distance(
            (1.0 + (extra or 0.1)) * unit.metres, hit.start, added.end if added is not None else hit.end, True
        )
