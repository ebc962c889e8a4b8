"""Decide whether a tip joins a case, may belong to one, or opens a new one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from tips.matching.cases import Case, gather
from tips.matching.evidence import Evidence, weigh
from tips.matching.footprint import Footprint
from tips.matching.likeness import AGAIN, pool_of
from tips.matching.reasons import reasons_for
from tips.matching.weights import Weights

MAX_SUGGESTIONS = 5
_BARE_GRAMS = 12  # fewer n-grams than this are a text that tells hardly anything
_LEAST_OFFERED = 0.03  # beside a better suggestion
_RIVALS, _RIVAL_AT = (
    2,
    0.08,
)  # how many other cases are tried for being the same incident, and from what chance on
_FRESH_S = 10 * 86_400


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One case that the tip may belong to."""

    case_id: int
    probability: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What the matcher says of one tip; `probability` is that of the case it names, or of none for a new one."""

    outcome: str  # "attach" | "suggest" | "new"
    case_id: int | None
    probability: float
    reasons: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]
    model_version: str
    relation: str  # "first" | "corroborates" | "follow_up"


@dataclass(frozen=True, slots=True)
class Choice:
    """The chance of each case, best first, and of none of them.

    `joined` is the chance that the best one is right where others that compete with it may be the same incident.
    """

    ranked: tuple[tuple[float, Evidence], ...]
    none: float
    joined: float = 0.0
    rival: float = 0.0  # the chance of the strongest other case, without what it has in common with the best


def decide(tip: Footprint, candidates: Sequence[Footprint], *, weights: Weights) -> Decision:
    """Compare a tip with the candidates that the look-up brought; a candidate in no case is passed over."""
    others = {other.tip_id: other for other in candidates if other.tip_id != tip.tip_id}
    choice = choose(tip, gather(others.values()), weights)
    if not choice.ranked:
        return Decision("new", None, 1.0, (), (), weights.version, "first")
    probability = calibrated(tip, choice, weights)
    best = choice.ranked[0][1]
    if probability >= weights.attach_at:
        runners_up = _suggestions(tip, choice.ranked[1:])
        relation = "follow_up" if best.same_sender else "corroborates"
        reasons = reasons_for(tip, best)
        return Decision(
            "attach", best.case.case_id, probability, reasons, runners_up, weights.version, relation
        )
    if probability >= weights.suggest_at:
        first = Suggestion(best.case.case_id, probability, reasons_for(tip, best))
        others_too = _suggestions(tip, choice.ranked[1:])
        offered = (first, *others_too)[:MAX_SUGGESTIONS]
        return Decision("suggest", None, probability, first.reasons, offered, weights.version, "first")
    return Decision("new", None, 1.0 - probability, (), (), weights.version, "first")


def choose(tip: Footprint, cases: Sequence[Case], weights: Weights) -> Choice:
    """Share out the chance between the cases and a new one."""
    if not cases:
        return Choice((), 1.0)
    ranked, none = _shared_out(tip, cases, weights)
    joined, rival = _joined(ranked, weights)
    return Choice(ranked, none, joined, rival)


def _shared_out(
    tip: Footprint, cases: Sequence[Case], weights: Weights
) -> tuple[tuple[tuple[float, Evidence], ...], float]:
    pool = pool_of(tip, cases, weights.concept_rates)
    measured = [weigh(tip, case, pool, weights.category_rates) for case in cases]
    scores = [sum(map(mul, weights.case, evidence.values)) for evidence in measured]
    new = sum(map(mul, weights.new, new_values(tip, measured)))
    top = max(new, *scores)
    parts = [math.exp(score - top) for score in scores]
    whole = sum(parts) + math.exp(new - top)
    ranked = sorted(zip(parts, measured, strict=True), key=lambda item: (-item[0], -item[1].case.case_id))
    return tuple((part / whole, evidence) for part, evidence in ranked), math.exp(new - top) / whole


def _joined(ranked: Sequence[tuple[float, Evidence]], weights: Weights) -> tuple[float, float]:
    """Return the best case's chance with its share of rivals that are parts of the same incident, and the best rival's.

    An incident whose first tips were not recognised as one lies in two cases; a tip torn between them belongs to both.
    """
    joined, best = ranked[0][0], ranked[0][1].case
    rival = 0.0
    for chance, evidence in ranked[1 : 1 + _RIVALS]:
        same = 0.0
        if chance >= _RIVAL_AT:
            ends = (evidence.case.members[0], evidence.case.members[-1])
            same = max(_shared_out(member, [best], weights)[0][0][0] for member in ends)
        joined += chance * same
        rival = max(rival, chance * (1.0 - same))
    return joined, rival


def new_values(tip: Footprint, measured: Sequence[Evidence]) -> tuple[float, ...]:
    """Return what speaks for or against a new incident, in the order of NEW_NAMES.

    Where many incidents of one kind happen side by side, one more of them is likelier than elsewhere.
    """
    bare = len(tip.grams) < _BARE_GRAMS
    return 1.0, float(not tip.located), float(bare), crowd(measured), float(AGAIN in tip.concepts)


def crowd(measured: Sequence[Evidence]) -> float:
    """Return the log of how many known cases of the tip's kind are near it and fresh."""
    count = sum(
        evidence["category"] > 0.5
        and (evidence["no_place"] > 0 or evidence["near"] > -1.0)
        and evidence.when.seconds < _FRESH_S
        for evidence in measured
    )
    return math.log1p(count)


def calibration_values(tip: Footprint, choice: Choice) -> tuple[float, ...]:
    """Return what the chance of the winning case is corrected by, in the order of CALIBRATION_NAMES."""
    chance = logit(choice.joined)
    lead = chance - logit(max(choice.rival, 1e-4))
    beside = crowd([evidence for _, evidence in choice.ranked])
    return 1.0, chance, min(max(lead, 0.0), 6.0), beside, float(not tip.located)


def calibrated(tip: Footprint, choice: Choice, weights: Weights) -> float:
    """Return the chance that the winning case is the right one."""
    score = sum(map(mul, weights.calibration, calibration_values(tip, choice)))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))


def logit(share: float) -> float:
    """Return the log odds, within bounds."""
    share = min(max(share, 1e-6), 1.0 - 1e-6)
    return math.log(share / (1.0 - share))


def _suggestions(tip: Footprint, ranked: Sequence[tuple[float, Evidence]]) -> tuple[Suggestion, ...]:
    chosen = [item for item in ranked[: MAX_SUGGESTIONS - 1] if item[0] >= _LEAST_OFFERED]
    return tuple(Suggestion(item.case.case_id, chance, reasons_for(tip, item)) for chance, item in chosen)
