"""Measure what speaks for and against a tip belonging to a case, as plain numbers with agreed names."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tips.matching.footprint import Footprint
from tips.reading.lexicon import categories

HOUR, DAY = 3_600.0, 86_400.0
SPOT_M = 150.0  # a pin, coordinates or a code: good to a stall
FLOOR_M = 30.0  # nobody's position is better than this
EXTENT_M = 40.0  # from one end of a scene to the other
ROAMING_M = 2_500.0  # how far those incidents go that do not stay in one place
CHANCE_M = 1_500.0  # how far two tips of a town lie apart by chance
_ONE_EACH = frozenset({"plate", "container", "vin", "imo", "serial"})  # kinds of which an incident has seldom two
_PRIOR_CASES = 20.0  # how many made-up cases stand beside the real ones when words are counted
_PRIOR_RATE = 0.04
# Goods that name a whole trade, or that speak for one only beside others.
_GENERIC = frozenset({
    "good.brand", "good.drugs", "good.food", "good.fuel", "good.waste", "good.weapon", "good.wild_animal", "good.cash",
    "good.frozen", "good.rubbish", "good.scrap", "good.banknote", "good.electronics", "good.medicine", "good.clothes",
    "good.tobacco", "good.timber", "good.log", "good.tree", "good.ore", "good.meat", "good.fish", "good.gun",
    "good.pills", "good.artefact", "good.wild_bird", "good.dose", "good.taped_packet", "good.vegetable", "good.fruit",
})  # fmt: skip
_TELLING = ("good.", "vehicle.", "colour.", "pack.", "place.", "person.", "mark.", "number.")
_DETAILS = ("vehicle.", "colour.", "pack.", "place.", "person.", "mark.", "number.")
AGAIN = "mark.again"

NAMES = (
    "near", "spot", "far", "same_place", "other_place", "no_place",
    "hours", "days", "weeks", "quiet", "fresh_near",
    "category", "category_miss",
    "observable", "observable_doubt", "observable_clash",
    "sender", "sender_astray",
    "words", "rare_words", "copied", "goods", "goods_apart", "goods_astray", "details", "alike", "acts", "colour_clash", "numbers",
    "members",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pool:
    """How telling each shared piece is among the cases at hand."""

    gram_weight: Mapping[int, float]
    gram_total: float
    concept_weight: Mapping[str, float]
    gram_counts: Mapping[int, int]  # in how many cases
    shared_grams: Mapping[int, frozenset[int]]  # tip id -> grams shared with the new tip


@dataclass(frozen=True, slots=True)
class Case:
    """The members of one case that the look-up brought, oldest first."""

    case_id: int
    members: tuple[Footprint, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The numbers for one case, and the facts behind them that reasons are made of."""

    case: Case
    values: tuple[float, ...]
    metres: float | None  # to the nearest member, where both have a place
    reach_m: float  # the two radii of that pair, added
    nearest: Footprint | None
    seconds: float  # to the member nearest in time
    latest_s: float
    observables: frozenset[tuple[str, str]]
    clashing: frozenset[tuple[str, str]]
    concepts: frozenset[str]
    numbers: frozenset[int]
    same_sender: bool
    copied: bool

    def __getitem__(self, name: str) -> float:
        return self.values[NAMES.index(name)]


def gather(candidates: Iterable[Footprint]) -> list[Case]:
    """Arrange candidates by case; those in no case take no part."""
    cases: dict[int, list[Footprint]] = {}
    for candidate in candidates:
        if candidate.case_id is not None:
            cases.setdefault(candidate.case_id, []).append(candidate)
    return [
        Case(case_id, tuple(sorted(members, key=lambda tip: (tip.received_at, tip.tip_id))))
        for case_id, members in sorted(cases.items())
    ]


def pool_of(tip: Footprint, cases: Sequence[Case], concept_rates: Mapping[str, float]) -> Pool:
    """Weigh the tip's n-grams and concepts: what few cases share tells more."""
    shared = {member.tip_id: tip.grams & member.grams for case in cases for member in case.members}
    gram_counts: Counter[int] = Counter()
    concept_counts: Counter[str] = Counter()
    for case in cases:
        if len(case.members) == 1:
            gram_counts.update(shared[case.members[0].tip_id])
            concept_counts.update(tip.concepts & case.members[0].concepts)
        else:
            gram_counts.update(frozenset().union(*(shared[member.tip_id] for member in case.members)))
            concept_counts.update(
                tip.concepts & frozenset().union(*(member.concepts for member in case.members))
            )
    total = len(cases) + _PRIOR_CASES
    by_count = [math.log(total / (count + _PRIOR_RATE * _PRIOR_CASES)) for count in range(len(cases) + 1)]
    gram_weight = {gram: by_count[gram_counts[gram]] for gram in tip.grams}
    trade = max(sorted(tip.categories), key=lambda name: tip.categories[name]) if tip.categories else ""
    concept_weight = {
        name: math.log(total / (concept_counts[name] + _rate(name, trade, concept_rates) * _PRIOR_CASES))
        for name in tip.concepts
    }
    return Pool(gram_weight, sum(gram_weight.values()), concept_weight, gram_counts, shared)


def _rate(concept: str, trade: str, rates: Mapping[str, float]) -> float:
    """Return how common a concept is among incidents of a trade, or among all where that is not known."""
    of_trade = rates.get(f"{trade}|{concept}")
    return of_trade if of_trade is not None else rates.get(concept, rates.get("", _PRIOR_RATE))


def metres(a: Footprint, b: Footprint) -> float:
    """Return the distance of two located tips, on a plane that is good to a few kilometres in a thousand."""
    assert a.lat is not None and a.lon is not None and b.lat is not None and b.lon is not None
    north = (a.lat - b.lat) * 111_195.0
    east = ((a.lon - b.lon + 180.0) % 360.0 - 180.0) * 111_195.0 * math.cos(math.radians((a.lat + b.lat) / 2))
    return math.hypot(north, east)


def weigh(tip: Footprint, case: Case, pool: Pool, category_rates: Mapping[str, float]) -> Evidence:
    """Measure one case against the tip."""
    near, spot, far, same_place, other_place, nearest, distance, reach = _place(tip, case)
    seconds, latest = _time(tip, case)
    days = max(0.0, seconds / DAY)
    category = _category(tip, case, category_rates)
    shared, clashing = _observables(tip, case)
    kin = [member for member in case.members if tip.sender is not None and member.sender == tip.sender]
    words = min(0.4, max(_words(tip, member, pool) for member in case.members))
    copied = tip.exact != 0 and any(member.exact == tip.exact for member in case.members)
    concepts, goods, goods_apart, goods_astray, details, alike, acts, colour_clash = _concepts(tip, case, pool)
    numbers = tip.numbers.intersection(*[frozenset().union(*(member.numbers for member in case.members))])
    strong = min(1.6, 1.0 + 0.3 * (len(shared) - 1)) if shared else 0.0
    stale = min(1.0, max(0.0, days - 2.0) / 5.0)
    astray = max(0.0, -category)
    sender = (
        math.exp(-min(abs(tip.received_at - member.received_at) for member in kin) / (2 * DAY))
        if kin
        else 0.0
    )
    values = (
        near if near > 0 or not shared else 0.0, spot, 0.0 if shared else far, same_place,
        0.0 if shared else other_place, float(nearest is None),
        math.log1p(seconds / HOUR), math.log1p(days), min(3.0, max(0.0, days - 5.0) / 3.0), _quiet(case, seconds), max(0.0, near) * math.exp(-seconds / (6 * HOUR)),
        max(0.0, category), astray,
        strong, strong * stale * (min(1.0, far / 2.0) + min(1.0, astray)), float(bool(clashing) and not shared),
        sender, sender * astray,
        words, _rare_words(case, pool), float(copied), goods, goods_apart, goods_astray, details, alike, acts, colour_clash, _number_weight(numbers),
        math.log(len(case.members)),
    )  # fmt: skip
    return Evidence(
        case,
        values,
        distance,
        reach,
        nearest,
        seconds,
        latest,
        shared,
        clashing,
        concepts,
        numbers,
        bool(kin),
        copied,
    )


def _place(
    tip: Footprint, case: Case
) -> tuple[float, float, float, float, float, Footprint | None, float | None, float]:
    near = spot = same = 0.0
    far = math.inf
    best: Footprint | None = None
    best_distance, best_reach = None, 0.0
    if not tip.located:
        return 0.0, 0.0, 0.0, 0.0, 0.0, None, None, 0.0
    named = False
    for member in case.members:
        if not member.located:
            continue
        distance = metres(tip, member)
        told = closeness(distance, tip.radius_m, member.radius_m)
        if best is None or told > near:
            near, best, best_distance = told, member, distance
            best_reach = tip.radius_m + member.radius_m
        if tip.radius_m <= SPOT_M and member.radius_m <= SPOT_M:
            spot = max(spot, 1.0 - distance / SPOT_M)
        far = min(far, math.log1p(max(0.0, distance - tip.radius_m - member.radius_m) / 300.0))
        named = named or member.place is not None
        same = max(same, float(tip.place is not None and tip.place == member.place))
    if best is None:
        return 0.0, 0.0, 0.0, 0.0, 0.0, None, None, 0.0
    other = float(named and tip.place is not None and not same)
    return near, spot, far, same, other, best, best_distance, best_reach


def closeness(distance: float, radius_a: float, radius_b: float) -> float:
    """Return the log of how much likelier one incident makes two points than chance in a town does.

    A radius is taken for two standard deviations; incidents themselves have some extent, and one in ten moves about.
    """
    variance = (max(radius_a, FLOOR_M) / 2) ** 2 + (max(radius_b, FLOOR_M) / 2) ** 2 + EXTENT_M**2
    roaming = variance + ROAMING_M**2
    there = 0.9 / variance * math.exp(-min(distance * distance / (2 * variance), 60.0))
    about = 0.1 / roaming * math.exp(-min(distance * distance / (2 * roaming), 60.0))
    chance = 1.0 / (variance + CHANCE_M**2)
    return max(-6.0, math.log((there + about) / chance))


def _time(tip: Footprint, case: Case) -> tuple[float, float]:
    """Return the seconds to the member nearest in time and to the case's latest activity."""
    seconds = min(abs(tip.received_at - member.received_at) for member in case.members)
    return seconds, max(0.0, tip.received_at - max(member.received_at for member in case.members))


def _category(tip: Footprint, case: Case, rates: Mapping[str, float]) -> float:
    """Return the log of how much likelier one incident makes the two categories than chance does."""
    agree = 0.05
    for name, share in tip.categories.items():
        held = sum(member.categories.get(name, 0.0) for member in case.members) / len(case.members)
        agree += share * held / max(rates.get(name, 0.08), 0.03)
    return max(-3.0, min(3.0, math.log(agree)))


def _observables(tip: Footprint, case: Case) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]:
    """Return what both name, and what the tip names where the case has only others of that kind."""
    if not tip.observables:
        return frozenset(), frozenset()
    held = frozenset().union(*(member.observables for member in case.members))
    shared = tip.observables & held
    kinds = {kind for kind, _ in held} - {kind for kind, _ in shared}
    return shared, frozenset(item for item in tip.observables if item[0] in kinds & _ONE_EACH)


def _words(tip: Footprint, member: Footprint, pool: Pool) -> float:
    """Return the weighted share of n-grams that two texts have in common, 0 to about 1."""
    common = pool.shared_grams[member.tip_id]
    if not common:
        return 0.0
    weight = sum(pool.gram_weight[gram] for gram in common)
    return weight / math.sqrt(pool.gram_total * pool.gram_total / len(tip.grams) * len(member.grams))


def _concepts(
    tip: Footprint, case: Case, pool: Pool
) -> tuple[frozenset[str], float, float, float, float, float, float, float]:
    held = frozenset().union(*(member.concepts for member in case.members))
    shared = tip.concepts & held
    weight = pool.concept_weight
    goods = sum(weight[name] for name in shared if name.startswith("good."))
    details = sum(weight[name] for name in shared if name.startswith(_DETAILS))
    acts = sum(weight[name] for name in shared if name.startswith("act."))
    apart, astray = _goods_apart(tip.concepts, held)
    alike = max(_alike(tip, member, pool) for member in case.members)
    return (
        shared, min(goods, 6.0), apart, astray, min(details, 10.0), alike, min(acts, 6.0),
        _clash(tip, held, "colour."),
    )  # fmt: skip


def _goods_apart(mine: frozenset[str], theirs: frozenset[str]) -> tuple[float, float]:
    """Say whether both name goods but no common ones: of one trade (first) or of different trades (second)."""
    table = categories()
    own = {name for name in mine if name in table and name.startswith("good.")} - _GENERIC
    other = {name for name in theirs if name in table and name.startswith("good.")} - _GENERIC
    if not own or not other or own & other:
        return 0.0, 0.0
    same_trade = {table[name] for name in own} & {table[name] for name in other}
    return (1.0, 0.0) if same_trade else (0.0, 1.0)


def _alike(tip: Footprint, member: Footprint, pool: Pool) -> float:
    """Return the share of their telling details that two tips have in common, 0 to 1."""
    mine = sum(pool.concept_weight[name] for name in tip.concepts if name.startswith(_TELLING))
    theirs = sum(1 for name in member.concepts if name.startswith(_TELLING))
    if not mine or not theirs:
        return 0.0
    shared = sum(pool.concept_weight[name] for name in tip.concepts & member.concepts if name.startswith(_TELLING))
    return shared / math.sqrt(mine * max(3.0 * theirs, shared))


def _rare_words(case: Case, pool: Pool) -> float:
    """Return the log of how many n-grams the tip shares with this case and with no other."""
    count = sum(pool.gram_counts[gram] == 1 for gram in frozenset().union(*(pool.shared_grams[m.tip_id] for m in case.members)))
    return math.log1p(count / 4.0)


def _quiet(case: Case, seconds: float) -> float:
    """Return how much longer than its own rhythm a case of several messages was silent, as a log."""
    if len(case.members) < 2:
        return 0.0
    span = case.members[-1].received_at - case.members[0].received_at
    rhythm = span / (len(case.members) - 1) + 6 * HOUR
    return max(0.0, math.log((seconds + 6 * HOUR) / rhythm))


def _clash(tip: Footprint, held: frozenset[str], kind: str) -> float:
    """Say whether both name things of a kind, and none in common."""
    mine = {name for name in tip.concepts if name.startswith(kind)}
    theirs = {name for name in held if name.startswith(kind)}
    return float(bool(mine) and bool(theirs) and not mine & theirs)


def _number_weight(numbers: Iterable[int]) -> float:
    """Return how telling shared numbers are: long and odd ones more than 2 or 500."""
    weight = 0.0
    for number in numbers:
        digits = str(number)
        plain = len(digits.rstrip("0"))
        weight += (0.1, 0.2, 0.6, 1.0)[min(plain, 3)] if len(digits) > 1 else 0.1
    return min(weight, 2.0)
