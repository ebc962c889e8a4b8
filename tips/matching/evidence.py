"""Put together what speaks for and against a tip belonging to a case, as plain numbers with agreed names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tips.matching.cases import Case
from tips.matching.footprint import Footprint
from tips.matching.likeness import Likeness, Pool, likeness, number_weight
from tips.matching.nearness import DAY, HOUR, When, Where, when, where

NAMES = (
    "near", "spot", "far", "same_place", "other_place", "told_place", "no_place",
    "hours", "days", "weeks", "quiet", "fresh_near",
    "category", "category_miss",
    "observable", "observable_doubt", "observable_clash",
    "sender", "sender_astray",
    "words", "rare_words", "copied", "goods", "goods_apart", "goods_astray", "details", "alike", "acts",
    "colour_clash", "numbers", "members",
)  # fmt: skip
_AT = {name: at for at, name in enumerate(NAMES)}
_ONE_EACH = frozenset({"plate", "container", "vin", "imo", "serial"})  # an incident has seldom two of these
_UNKNOWN_RATE, _LEAST_RATE, _CHANCE = (
    0.08,
    0.03,
    0.05,
)  # of categories; the last one: two readings agree by mistake
_MOST = 3.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """The numbers for one case in the order of NAMES, and the facts behind them that reasons are made of."""

    case: Case
    values: tuple[float, ...]
    where: Where
    when: When
    concepts: frozenset[str]
    observables: frozenset[tuple[str, str]]
    clashing: frozenset[tuple[str, str]]
    numbers: frozenset[int]
    same_sender: bool
    copied: bool

    def __getitem__(self, name: str) -> float:
        return self.values[_AT[name]]


def weigh(tip: Footprint, case: Case, pool: Pool, category_rates: Mapping[str, float]) -> Evidence:
    """Measure one case against the tip."""
    place, time, said = where(tip, case), when(tip, case), likeness(tip, case, pool)
    category = _category(tip, case, category_rates)
    shared, clashing = _observables(tip, case)
    numbers = tip.numbers and tip.numbers & frozenset().union(*[member.numbers for member in case.members])
    kin = [member for member in case.members if member.sender == tip.sender] if tip.sender is not None else []
    copied = tip.exact != 0 and any(member.exact == tip.exact for member in case.members)
    values = (
        *_placed(place, excused=bool(shared)),
        *_timed(time, place),
        max(0.0, category),
        max(0.0, -category),
        *_named(shared, clashing, category, place, time),
        *_sent(tip, kin, category),
        *_said(said, copied=copied),
        number_weight(numbers),
        math.log(len(case.members)) if len(case.members) > 1 else 0.0,
    )
    return Evidence(case, values, place, time, said.concepts, shared, clashing, numbers, bool(kin), copied)


def _placed(place: Where, *, excused: bool) -> tuple[float, ...]:
    """Return the numbers of place; a shared identifier excuses distance, for vehicles and goods move."""
    unknown = float(place.nearest is None)
    if excused:
        return max(0.0, place.near), place.spot, 0.0, place.same_place, 0.0, place.told, unknown
    return place.near, place.spot, place.far, place.same_place, place.other_place, place.told, unknown


def _timed(time: When, place: Where) -> tuple[float, ...]:
    days = time.seconds / DAY
    return (
        math.log1p(time.seconds / HOUR),
        math.log1p(days),
        min(_MOST, max(0.0, days - 5.0) / 3.0),
        time.quiet,
        max(0.0, place.near) * math.exp(-time.seconds / (6 * HOUR)),
    )


def _category(tip: Footprint, case: Case, rates: Mapping[str, float]) -> float:
    """Return the log of how much likelier one incident makes the two categories than chance does."""
    agree = _CHANCE
    members = case.members
    for name, share in tip.categories.items():
        held = 0.0
        for member in members:
            held += member.categories.get(name, 0.0)
        if held:
            agree += share * (held / len(members)) / max(rates.get(name, _UNKNOWN_RATE), _LEAST_RATE)
    return max(-_MOST, min(_MOST, math.log(agree)))


def _observables(tip: Footprint, case: Case) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]:
    """Return what both name, and what the tip names where the case has only others of that kind."""
    if not tip.observables or not case.observables:
        return frozenset(), frozenset()
    shared = tip.observables & case.observables
    kinds = _ONE_EACH.intersection(kind for kind, _ in case.observables) - {kind for kind, _ in shared}
    return shared, frozenset(item for item in tip.observables if item[0] in kinds)


def _named(
    shared: frozenset[tuple[str, str]],
    clashing: frozenset[tuple[str, str]],
    category: float,
    place: Where,
    time: When,
) -> tuple[float, float, float]:
    """Return the numbers of identifiers; days later and elsewhere or in another trade they only link two cases."""
    if not shared:
        return 0.0, 0.0, float(bool(clashing))
    strength = min(1.6, 1.0 + 0.3 * (len(shared) - 1))
    late = min(1.0, max(0.0, time.seconds / DAY - 2.0) / 5.0)
    doubt = late * (min(1.0, place.far / 2.0) + min(1.0, max(0.0, -category)))
    return strength, strength * doubt, 0.0


def _sent(tip: Footprint, kin: list[Footprint], category: float) -> tuple[float, float]:
    if not kin:
        return 0.0, 0.0
    since = min(abs(tip.received_at - member.received_at) for member in kin)
    fresh = math.exp(-since / (2 * DAY))
    astray = max(0.0, -category)
    # who writes again of goods of another trade tells of something else
    return fresh * (1.0 - min(1.0, astray)), fresh * astray


def _said(said: Likeness, *, copied: bool) -> tuple[float, ...]:
    return (
        said.words, said.rare_words, float(copied), said.goods, said.goods_apart, said.goods_astray, said.details,
        said.alike, said.acts, said.colour_clash,
    )  # fmt: skip
