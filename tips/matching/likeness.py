"""Measure how alike a tip and a case speak: wording, goods, details, numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, TypeVar

from tips.matching.cases import Case
from tips.matching.footprint import Footprint
from tips.reading.lexicon import categories

Piece = TypeVar("Piece")
AGAIN = "mark.again"
_PRIOR_CASES = 20.0  # how many made-up cases stand beside the real ones when words are counted
_PRIOR_RATE = 0.04
_COMMON_WEIGHT = 3.0  # what a detail of an earlier tip is taken to weigh that the new one does not name
_MOST_WORDING = 0.4  # more than this is a turn of phrase or a copy, and says no more
_DETAILS = ("vehicle.", "colour.", "pack.", "place.", "person.", "mark.", "number.")
_GOODS, _ACTS, _COLOURS = ("good.",), ("act.",), ("colour.",)
_TELLING = (*_GOODS, *_DETAILS)
# Goods that name a whole trade or an uncertain part of it: two of them differing is no contradiction.
_GENERIC = frozenset({
    "good.artefact", "good.banknote", "good.brand", "good.cash", "good.clothes", "good.dose", "good.drugs",
    "good.electronics", "good.fish", "good.food", "good.frozen", "good.fruit", "good.fuel", "good.gun", "good.log",
    "good.meat", "good.medicine", "good.ore", "good.pills", "good.rubbish", "good.scrap", "good.taped_packet",
    "good.timber", "good.tobacco", "good.tree", "good.vegetable", "good.waste", "good.weapon", "good.wild_animal",
    "good.wild_bird",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pool:
    """How telling each piece of a tip is among the cases at hand."""

    gram_weight: Mapping[int, float]
    gram_total: float
    gram_counts: Mapping[int, int]  # in how many cases
    shared_grams: Mapping[int, frozenset[int]]  # tip id -> what it shares with the new tip
    concept_weight: Mapping[str, float]
    telling: frozenset[str]
    goods: frozenset[str]
    details: frozenset[str]
    acts: frozenset[str]
    colours: frozenset[str]
    named_goods: frozenset[str]
    details_total: float


class Likeness(NamedTuple):
    """What the texts share and where they contradict each other; contradictions are 0 or 1."""

    concepts: frozenset[str]
    words: float
    rare_words: float
    goods: float
    goods_apart: float
    goods_astray: float
    details: float
    alike: float
    acts: float
    colour_clash: float


def pool_of(tip: Footprint, cases: Sequence[Case], concept_rates: Mapping[str, float]) -> Pool:
    """Weigh the tip's n-grams and concepts: what few cases share tells more."""
    shared = {member.tip_id: tip.grams & member.grams for case in cases for member in case.members}
    gram_counts: Counter[int] = Counter()
    concept_counts: Counter[str] = Counter()
    for case in cases:
        gram_counts.update(_shared_by(case, shared))
        concept_counts.update(tip.concepts & case.concepts)
    total = len(cases) + _PRIOR_CASES
    by_count = [math.log(total / (count + _PRIOR_RATE * _PRIOR_CASES)) for count in range(len(cases) + 1)]
    gram_weight = {gram: by_count[gram_counts[gram]] for gram in tip.grams}
    trade = max(sorted(tip.categories), key=lambda name: tip.categories[name], default="")
    concept_weight = {
        name: math.log(total / (concept_counts[name] + _rate(name, trade, concept_rates) * _PRIOR_CASES))
        for name in tip.concepts
    }
    telling, goods, details, acts, colours = (
        _of_kind(tip.concepts, kinds) for kinds in (_TELLING, _GOODS, _DETAILS, _ACTS, _COLOURS)
    )
    return Pool(
        gram_weight, sum(gram_weight.values()), gram_counts, shared, concept_weight, telling, goods, details, acts,
        colours, goods & _specific_goods(), _sum_of(concept_weight, telling),
    )  # fmt: skip


def likeness(tip: Footprint, case: Case, pool: Pool) -> Likeness:
    """Compare what a tip says with what a case's messages say."""
    theirs, weight = case.concepts, pool.concept_weight
    apart, astray = _goods_apart(pool.named_goods, theirs)
    rare = [pool.gram_counts[gram] for gram in _shared_by(case, pool.shared_grams)].count(1)
    words = alike = 0.0
    for member in case.members:
        words = max(words, _words(tip, member, pool))
        alike = max(alike, _alike(member, pool))
    return Likeness(
        tip.concepts & theirs,
        min(_MOST_WORDING, words),
        math.log1p(rare / 4.0) if rare else 0.0,
        min(6.0, _sum_of(weight, pool.goods & theirs)),
        apart,
        astray,
        min(10.0, _sum_of(weight, pool.details & theirs)),
        alike,
        min(6.0, _sum_of(weight, pool.acts & theirs)),
        _clash(pool.colours, theirs),
    )


def number_weight(numbers: Iterable[int]) -> float:
    """Return how telling shared numbers are: 318 more than 500, 500 more than 2."""
    weight = 0.0
    for number in numbers:
        digits = str(number)
        weight += (0.1, 0.2, 0.6, 1.0)[min(len(digits.rstrip("0")), 3)] if len(digits) > 1 else 0.1
    return min(weight, 2.0)


def _rate(concept: str, trade: str, rates: Mapping[str, float]) -> float:
    """Return how common a concept is among incidents of a trade, or among all where that is not known."""
    of_trade = rates.get(f"{trade}|{concept}")
    return of_trade if of_trade is not None else rates.get(concept, rates.get("", _PRIOR_RATE))


def _shared_by(case: Case, shared: Mapping[int, frozenset[int]]) -> frozenset[int]:
    if len(case.members) == 1:
        return shared[case.members[0].tip_id]
    return frozenset().union(*[shared[member.tip_id] for member in case.members])


def _words(tip: Footprint, member: Footprint, pool: Pool) -> float:
    """Return the weighted share of n-grams that two texts have in common, 0 to about 1."""
    common = pool.shared_grams[member.tip_id]
    if not common:
        return 0.0
    weight = _sum_of(pool.gram_weight, common)
    return weight / (pool.gram_total * math.sqrt(len(member.grams) / len(tip.grams)))


def _alike(member: Footprint, pool: Pool) -> float:
    """Return the share of their telling details that two tips have in common, 0 to 1."""
    common = pool.telling & member.concepts
    if not common:
        return 0.0
    shared = _sum_of(pool.concept_weight, common)
    if shared <= 0.0:
        return 0.0
    theirs = _COMMON_WEIGHT * sum(map(_tells.__getitem__, member.concepts))
    return shared / math.sqrt(max(pool.details_total, shared) * max(theirs, shared))


def _goods_apart(own: frozenset[str], theirs: frozenset[str]) -> tuple[float, float]:
    """Say whether both name goods but no common ones: of one trade (first) or of different trades (second)."""
    if not own or own & theirs:
        return 0.0, 0.0
    other = theirs & _specific_goods()
    if not other:
        return 0.0, 0.0
    table = categories()
    same_trade = {table[name] for name in own} & {table[name] for name in other}
    return (1.0, 0.0) if same_trade else (0.0, 1.0)


def _clash(own: frozenset[str], theirs: frozenset[str]) -> float:
    """Say whether both name colours, and none in common."""
    if not own or own & theirs:
        return 0.0
    return float(any(map(_colours.__getitem__, theirs)))


class _OfKind(dict[str, bool]):
    """Remember of each concept whether it is of some kinds: the same few hundred are asked for again and again."""

    def __init__(self, kinds: tuple[str, ...]) -> None:
        super().__init__()
        self._kinds = kinds

    def __missing__(self, concept: str) -> bool:
        self[concept] = found = concept.startswith(self._kinds)
        return found


_tells, _colours = _OfKind(_TELLING), _OfKind(_COLOURS)


def _of_kind(concepts: frozenset[str], kinds: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name for name in concepts if name.startswith(kinds))


@cache
def _specific_goods() -> frozenset[str]:
    return frozenset(name for name in categories() if name.startswith(_GOODS)) - _GENERIC


def _sum_of(weights: Mapping[Piece, float], pieces: Collection[Piece]) -> float:
    return sum(map(weights.__getitem__, pieces)) if pieces else 0.0
