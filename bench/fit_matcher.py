"""Fit the matcher's weights from replayed corpora."""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from bench import corpora, pipeline, scores
from bench.pipeline import Index, Intake, with_case
from tips.matching import decision as deciding
from tips.matching.evidence import NAMES, gather, pool_of, weigh
from tips.matching.footprint import Footprint
from tips.matching.weights import CALIBRATION_NAMES, NEW_NAMES, Weights

DAY = 86_400
RECURRING = 0.2  # share of the drawn incidents whose second part is made a later incident of its own
_BORROWED = 5.0  # how many incidents of any trade stand in for those of one that are missing
# What sense allows: +1 may only speak for, -1 only against.
SIGNS = {
    "near": 1, "spot": 1, "far": -1, "same_place": 1, "other_place": -1, "hours": -1, "days": -1, "weeks": -1, "quiet": -1, "fresh_near": 1,
    "category": 1, "category_miss": -1, "observable": 1, "observable_doubt": -1,
    "observable_clash": -1, "sender": 1, "sender_astray": -1, "words": 1, "copied": 1, "goods": 1,
    "goods_apart": -1, "goods_astray": -1, "rare_words": 1, "alike": 1, "details": 1, "acts": 1, "colour_clash": -1, "numbers": 1, 
}  # fmt: skip


NEW_SIGNS = {"crowd": 1, "again": -1}


@dataclass(frozen=True)
class Sample:
    """One decision: what spoke for each case, and which cases would have been right."""

    cases: np.ndarray
    new: np.ndarray
    right: np.ndarray  # a flag for each case, the last one for "none of them"
    weight: float = 1.0


def rates(intakes: Iterable[Intake]) -> tuple[dict[str, float], dict[str, float]]:
    """Return how common categories and concepts are among incidents."""
    categories: Counter[str] = Counter()
    concepts: dict[str, set[str]] = {}
    trades: dict[str, set[str]] = {}
    incidents: set[str] = set()
    total = 0.0
    for intake in intakes:
        if intake.footprint is None or not intake.tip["incident"]:
            continue
        incident, trade = intake.tip["incident"], intake.tip["category"]
        incidents.add(incident)
        trades.setdefault(trade, set()).add(incident)
        for name, share in intake.footprint.categories.items():
            categories[name] += share
            total += share
        for name in intake.footprint.concepts:
            concepts.setdefault(name, set()).add(incident)
            concepts.setdefault(f"{trade}|{name}", set()).add(incident)
    category_rates = {name: round(count / total, 4) for name, count in sorted(categories.items())}
    plain = {name: len(where) / len(incidents) for name, where in concepts.items() if "|" not in name and len(where) > 1}
    of_trade: dict[str, float] = {}
    for key, where in concepts.items():
        trade, bar, name = key.partition("|")
        if bar and len(where) > 1 and name in plain:
            rate = (len(where) + _BORROWED * plain[name]) / (len(trades[trade]) + _BORROWED)
            if rate > 1.5 * plain[name]:
                of_trade[key] = rate
    both = {"": 0.01, **plain, **of_trade}
    return category_rates, {name: round(rate, 4) for name, rate in sorted(both.items())}


def collect(intakes: Sequence[Intake], weights: Weights, policy: Callable | None = None, weight: float = 1.0) -> list[Sample]:
    """Replay with the gold history, or with what a policy files, and note every decision."""
    index = Index()
    samples: list[Sample] = []
    number = {name: at for at, name in enumerate(dict.fromkeys(i.tip["incident"] for i in intakes), start=1)}
    gold: dict[int, Counter[str]] = {}
    for intake in intakes:
        if intake.footprint is None:
            continue
        tip, incident = intake.footprint, intake.tip["incident"] or ""
        cases = gather(index.candidates(tip))
        if cases:
            pool = pool_of(tip, cases, weights.concept_rates)
            measured = [weigh(tip, case, pool, weights.category_rates) for case in cases]
            values = np.array([evidence.values for evidence in measured])
            right = [bool(incident) and 2 * gold[c.case_id][incident] > gold[c.case_id].total() - gold[c.case_id][""] for c in cases]
            samples.append(Sample(values, np.array(deciding.new_values(tip, measured)), np.array([*right, not any(right)]), weight))
        if policy is None:
            case_id = number[intake.tip["incident"]] if incident else 10**6 + tip.tip_id
        else:
            decision = policy(tip, [m for c in cases for m in c.members])
            case_id = decision.case_id if decision.outcome == "attach" else tip.tip_id
        index.add(with_case(tip, case_id))
        gold.setdefault(case_id, Counter())[incident] += 1
    return samples


def fit_choice(samples: Sequence[Sample], penalty: float) -> tuple[np.ndarray, np.ndarray]:
    """Maximise the likelihood of the right choices under the signs that sense allows."""
    stacked = np.vstack([sample.cases for sample in samples])
    scale = np.concatenate([stacked.std(axis=0) + 0.05, np.array([1.0] * len(NEW_NAMES))])
    width = len(NAMES)
    total = sum(s.weight for s in samples)

    sizes = np.array([len(sample.cases) for sample in samples])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    owner = np.repeat(np.arange(len(samples)), sizes)
    newest = np.vstack([sample.new for sample in samples])
    right = np.concatenate([sample.right[:-1] for sample in samples]).astype(float)
    none_right = np.array([sample.right[-1] for sample in samples], float)
    weight = np.array([sample.weight for sample in samples]) / total

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        score, new = stacked @ theta[:width], newest @ theta[width:]
        top = np.maximum(np.maximum.reduceat(score, starts), new)
        part, none = np.exp(score - top[owner]), np.exp(new - top)
        whole = np.add.reduceat(part, starts) + none
        share, none = part / whole[owner], none / whole
        good = np.maximum(np.add.reduceat(share * right, starts) + none * none_right, 1e-12)
        pull = weight[owner] * (share - share * right / good[owner])
        pull_new = weight * (none - none * none_right / good)
        held = theta * scale
        held[width] = 0.0
        value = -(weight * np.log(good)).sum() + penalty * (held @ held)
        gradient = np.concatenate([pull @ stacked, pull_new @ newest]) + 2 * penalty * held * scale
        return float(value), gradient

    bounds = [{1: (0, None), -1: (None, 0)}.get(SIGNS.get(name, 0), (None, None)) for name in NAMES]
    bounds += [{1: (0, None), -1: (None, 0)}.get(NEW_SIGNS.get(name, 0), (None, None)) for name in NEW_NAMES]
    start = np.zeros(width + len(NEW_NAMES))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300})
    return tuple(map(float, found.x[:width])), tuple(map(float, found.x[width:]))


def blank(intakes: Iterable[Intake], names: Sequence[str]) -> Weights:
    category_rates, concept_rates = rates(intakes)
    return Weights(
        "blank", tuple(names), (0.0,) * len(NAMES), (0.0,) * len(NEW_NAMES),
        tuple(1.0 if n == "chance" else 0.0 for n in CALIBRATION_NAMES), category_rates, concept_rates, 0.7, 0.3,
    )  # fmt: skip


def dense_town(
    sources: Sequence[Sequence[Intake]], seed: int, *, incidents: int = 60, days: float = 8.0, spots: int = 12,
    spread_m: float = 600.0, stretch: Sequence[float] = (1, 1, 2, 4, 8),
) -> list[Intake]:
    """Put the incidents of several towns into one busy one: same streets, same days, some drawn out."""
    dice = random.Random(seed)
    groups: dict[str, list[Intake]] = {}
    for intake in (i for source in sources for i in source):
        if intake.footprint is not None and intake.tip["incident"]:
            groups.setdefault(intake.tip["incident"], []).append(intake)
    names = dice.sample(sorted(groups), min(incidents, len(groups)))
    places = [(dice.gauss(0, spread_m), dice.gauss(0, spread_m)) for _ in range(spots)]
    made: list[tuple[int, Intake]] = []
    base = 1_700_000_000
    for name in names:
        group = groups[name]
        first = group[0].footprint.received_at
        span = max(group[-1].footprint.received_at - first, 1)
        steps = [b.footprint.received_at - a.footprint.received_at for a, b in pairwise(group)]
        longest = max([*steps, 1])
        factor = min(dice.choice(stretch), max(1.0, 13 * DAY / span), max(1.0, 5 * DAY / longest))
        anchor = next((i.footprint for i in group if i.footprint.located), None)
        start = base + dice.uniform(0, days) * DAY
        spot = dice.randrange(spots)
        north, east = (side + dice.gauss(0, 40) for side in places[spot])
        cut = dice.randrange(1, len(group)) if len(group) > 1 and dice.random() < RECURRING else len(group)
        pause = dice.uniform(8.0, 20.0) * DAY
        for at_message, intake in enumerate(group):
            tip = intake.footprint
            if at_message >= cut:  # the like of it at the same place, but another time: another incident
                tip = replace(tip, observables=frozenset(), sender=f"{tip.sender}+", received_at=tip.received_at + pause)
                intake = replace(intake, tip={**intake.tip, "incident": f"{name}+"})
            lat = lon = place = None
            if tip.located and anchor is not None:
                scale = math.cos(math.radians(anchor.lat))
                lat = 10.0 + (tip.lat - anchor.lat) + north / 111_195
                lon = 10.0 + ((tip.lon - anchor.lon) * scale + east / 111_195) / math.cos(math.radians(10.0))
                if tip.place is not None:
                    place = f"{spot}" if tip.place == anchor.place or anchor.place is None else f"{spot}:{tip.place}"
            at = round(start + (tip.received_at - first) * factor)
            moved = replace(tip, received_at=at, event_at=None, lat=lat, lon=lon, place=place)
            made.append((at, replace(intake, footprint=moved)))
    made.sort(key=lambda item: item[0])
    return [replace(i, footprint=replace(i.footprint, tip_id=n)) for n, (_, i) in enumerate(made, start=1)]


def busy_towns(towns: Sequence[Sequence[Intake]], count: int, first: int = 0) -> list[list[Intake]]:
    """Make busy towns of several kinds: from one street in a week to a whole town in three."""
    kinds = ((7.0, 30, 600.0), (12.0, 40, 1_500.0), (5.0, 15, 400.0), (20.0, 40, 3_000.0))
    return [
        dense_town(towns, first + seed, incidents=60, days=days, spots=spots, spread_m=spread)
        for seed, (days, spots, spread) in ((n, kinds[n % len(kinds)]) for n in range(count))
    ]


def fit_calibration(pairs: Sequence[tuple[tuple[float, ...], bool]], prior: float = 12.0) -> tuple[float, ...]:
    """Correct the winner's chance, holding to what the choice model says as long as little speaks against it."""
    seen = np.array([values for values, _ in pairs])
    right = np.array([flag for _, flag in pairs], float)
    centre = np.array([0.0, 1.0, 0.0, 0.0, 0.0])

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        score = seen @ theta
        value = np.logaddexp(0.0, score).sum() - (right * score).sum() + prior * ((theta - centre) ** 2).sum()
        gradient = seen.T @ (1.0 / (1.0 + np.exp(-score)) - right) + 2 * prior * (theta - centre)
        return float(value), gradient

    bounds = [(None, None), (0.1, None), (0.0, None), (None, 0.0), (None, None)]
    return tuple(map(float, minimize(loss, centre, jac=True, method="L-BFGS-B", bounds=bounds).x))


def policy_of(weights: Weights):
    return lambda tip, candidates: deciding.decide(tip, candidates, weights=weights)


def calibration_pairs(intakes, weights):
    """Replay and note what the calibration sees, and whether the winner was right."""
    out = []
    index = Index(); gold = {}
    for intake in intakes:
        if intake.footprint is None: continue
        tip, incident = intake.footprint, intake.tip["incident"] or ""
        choice = deciding.choose(tip, gather(index.candidates(tip)), weights)
        case_id = tip.tip_id
        if choice.ranked:
            best = choice.ranked[0][1].case.case_id
            c = gold[best]
            right = bool(incident) and 2 * c[incident] > c.total() - c[""]
            out.append((deciding.calibration_values(tip, choice), right))
            if deciding.calibrated(tip, choice, weights) >= weights.attach_at: case_id = best
        index.add(with_case(tip, case_id)); gold.setdefault(case_id, Counter())[incident] += 1
    return out


def fit(train: Sequence[tuple[str, list[Intake]]], *, penalty=0.003, dense=8, nested=True, rounds=1, dense_weight=0.7) -> Weights:
    flat = [i for _, s in train for i in s]
    weights = blank(flat, [n for n, _ in train])
    towns = [s for _, s in train] 
    extra = busy_towns(towns, dense)
    samples = [x for s in towns for x in collect(s, weights)]
    samples += [x for s in extra for x in collect(s, weights, weight=dense_weight)]
    case, new = fit_choice(samples, penalty)
    weights = replace(weights, case=tuple(case), new=tuple(new))
    for _ in range(rounds):
        more = [x for s in towns for x in collect(s, weights, policy_of(weights))]
        more += [x for s in extra for x in collect(s, weights, policy_of(weights), weight=dense_weight)]
        case, new = fit_choice(samples + more, penalty)
        weights = replace(weights, case=tuple(case), new=tuple(new))
    if nested and len(train) > 1:
        pairs = []
        for k in range(len(train)):
            inner = fit([t for j, t in enumerate(train) if j != k], penalty=penalty, dense=dense, nested=False, rounds=rounds, dense_weight=dense_weight)
            pairs += calibration_pairs(train[k][1], inner)
            for town in busy_towns([train[k][1]], 2, 100):
                pairs += calibration_pairs(town, inner)
        weights = replace(weights, calibration=fit_calibration(pairs))
    return weights


def as_table(weights: Weights) -> dict[str, object]:
    """Return weights as the JSON file holds them."""
    return {
        "version": weights.version,
        "fitted_from": list(weights.fitted_from),
        "attach_at": weights.attach_at,
        "suggest_at": weights.suggest_at,
        "case": {n: round(float(v), 4) for n, v in zip(NAMES, weights.case, strict=True)},
        "new": {n: round(float(v), 4) for n, v in zip(NEW_NAMES, weights.new, strict=True)},
        "calibration": {n: round(float(v), 4) for n, v in zip(CALIBRATION_NAMES, weights.calibration, strict=True)},
        "category_rates": dict(weights.category_rates),
        "concept_rates": dict(weights.concept_rates),
    }
