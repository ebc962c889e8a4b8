"""Fit the matcher's weights from replayed corpora, and show how they do on towns that they have not seen.

Run `python -m bench.fit_matcher`: it prints the leave-one-corpus-out table beside the bars and writes
tips/matching/weights.json fitted on everything. `--check` prints only. `--rulings` adds what officers ruled in the
database that the settings name, and prints how far the chances that they were shown could be trusted. Every town is
read with reading models that were fitted without it, so that the matcher learns how far a reading of an unseen town
can be trusted.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path

import numpy as np
from rich.console import Console
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from bench import corpora, pipeline, rulings, scores
from bench.busy_towns import busy_towns
from bench.pipeline import Index, Intake, with_case
from tips.matching import decision as deciding
from tips.matching.cases import gather
from tips.matching.evidence import NAMES, weigh
from tips.matching.footprint import Footprint
from tips.matching.likeness import pool_of
from tips.matching.weights import CALIBRATION_NAMES, FILE, NEW_NAMES, Weights
from tips.rulings import RuledPair

DENSE = (
    "benapole",
    "entikong",
    "foz",
    "oujda",
    "tijuana",
    "torkham",
)  # towns that are held to the bars of a dense one
# What sense allows: +1 may only speak for, -1 only against.
SIGNS = {
    "near": 1, "spot": 1, "far": -1, "same_place": 1, "other_place": -1, "told_place": 1, "hours": -1, "days": -1, "weeks": -1,
    "quiet": -1, "fresh_near": 1, "category": 1, "category_miss": -1, "observable": 1, "observable_doubt": -1,
    "observable_clash": -1, "sender": 1, "sender_astray": -1, "words": 1, "rare_words": 1, "copied": 1, "goods": 1,
    "goods_apart": -1, "goods_astray": -1, "details": 1, "alike": 1, "acts": 1, "colour_clash": -1, "numbers": 1,
}  # fmt: skip
# In the corpora nobody tells of two things within an hour, in life people do: what is not seen there must not be learnt.
MOST = {"sender": 6.0}
NEW_SIGNS = {"crowd": 1, "again": -1}
# of the calibrated chance; settings of the product, the same in every fold
ATTACH_AT, SUGGEST_AT = 0.70, 0.30
PENALTY = 0.003
WORKERS = 2
FOLDS = 4  # groups of towns that the calibration leaves out in turn
BUSY_TOWNS, BUSY_WEIGHT = 8, 0.7
RULING_WEIGHT = 2.0  # an officer's answer about a real tip, against one label of a corpus
_BORROWED = 5.0  # how many incidents of any trade stand in for those of one that are missing
_COMMONER = 1.5  # a concept's rate in a trade is kept where it is so many times the rate among all

Policy = Callable[[Footprint, Sequence[Footprint]], deciding.Decision]


@dataclass(frozen=True)
class Sample:
    """One decision: what spoke for each case, and which answers would have been right."""

    cases: np.ndarray
    new: np.ndarray
    right: np.ndarray  # a flag for each case, the last one for "none of them"
    weight: float


@dataclass
class History:
    """What was filed so far, with the incidents that each case holds."""

    index: Index
    held: dict[int, Counter[str]]

    def is_right(self, case_id: int, incident: str) -> bool:
        """Say whether more than half of a case's real tips are of the incident."""
        held = self.held[case_id]
        return bool(incident) and 2 * held[incident] > held.total() - held[""]

    def file(self, footprint: Footprint, case_id: int, incident: str) -> None:
        """Put a tip in a case."""
        self.index.add(with_case(footprint, case_id))
        self.held.setdefault(case_id, Counter())[incident] += 1


def rates(intakes: Iterable[Intake]) -> tuple[dict[str, float], dict[str, float]]:
    """Return how common categories are, and concepts among the incidents of all trades and of each."""
    categories: Counter[str] = Counter()
    seen: dict[str, set[str]] = {}
    trades: dict[str, set[str]] = {}
    for intake in intakes:
        if intake.footprint is None or not intake.tip["incident"]:
            continue
        incident, trade = intake.tip["incident"], intake.tip["category"]
        trades.setdefault(trade, set()).add(incident)
        categories.update(dict(intake.footprint.categories))
        for name in intake.footprint.concepts:
            seen.setdefault(name, set()).add(incident)
            seen.setdefault(f"{trade}|{name}", set()).add(incident)
    everything = sum(len(incidents) for incidents in trades.values())
    plain = {name: len(at) / everything for name, at in seen.items() if "|" not in name and len(at) > 1}
    of_trade: dict[str, float] = {}
    for key, at in seen.items():
        trade, bar, name = key.partition("|")
        if bar and len(at) > 1 and name in plain:
            rate = (len(at) + _BORROWED * plain[name]) / (len(trades[trade]) + _BORROWED)
            if rate > _COMMONER * plain[name]:
                of_trade[key] = rate
    total = sum(categories.values())
    category_rates = {name: round(count / total, 4) for name, count in sorted(categories.items())}
    concept_rates = {"": 0.01, **plain, **of_trade}
    return category_rates, {name: round(rate, 4) for name, rate in sorted(concept_rates.items())}


def collect(
    intakes: Sequence[Intake], weights: Weights, policy: Policy | None = None, weight: float = 1.0
) -> list[Sample]:
    """Replay with the gold history, or with what a policy files, and note every decision."""
    history = History(Index(), {})
    number = {
        name: at for at, name in enumerate(dict.fromkeys(one.tip["incident"] for one in intakes), start=1)
    }
    samples: list[Sample] = []
    for intake in intakes:
        if intake.footprint is None:
            continue
        tip, incident = intake.footprint, intake.tip["incident"] or ""
        candidates = history.index.candidates(tip)
        cases = gather(candidates)
        if cases:
            pool = pool_of(tip, cases, weights.concept_rates)
            measured = [weigh(tip, case, pool, weights.category_rates) for case in cases]
            right = [history.is_right(case.case_id, incident) for case in cases]
            values = np.array([evidence.values for evidence in measured])
            new = np.array(deciding.new_values(tip, measured))
            samples.append(Sample(values, new, np.array([*right, not any(right)]), weight))
        case_id = number[intake.tip["incident"]] if incident else 10**6 + tip.tip_id
        if policy is not None:
            said = policy(tip, candidates)
            case_id = said.case_id if said.case_id is not None else tip.tip_id
        history.file(tip, case_id, incident)
    return samples


def fit_choice(
    samples: Sequence[Sample], penalty: float = PENALTY
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Maximise the likelihood of the right answers under the signs that sense allows."""
    stacked = np.vstack([sample.cases for sample in samples])
    newest = np.vstack([sample.new for sample in samples])
    sizes = np.array([len(sample.cases) for sample in samples])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    owner = np.repeat(np.arange(len(samples)), sizes)
    right = np.concatenate([sample.right[:-1] for sample in samples]).astype(float)
    none_right = np.array([sample.right[-1] for sample in samples], float)
    weight = np.array([sample.weight for sample in samples])
    weight /= weight.sum()
    width = len(NAMES)
    scale = np.concatenate([stacked.std(axis=0) + 0.05, np.ones(len(NEW_NAMES))])
    scale[width] = 0.0  # how likely a new incident is at all is not held back

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
        value = -(weight * np.log(good)).sum() + penalty * (held @ held)
        gradient = np.concatenate([pull @ stacked, pull_new @ newest]) + 2 * penalty * held * scale
        return float(value), gradient

    signs = [SIGNS.get(name, 0) for name in NAMES] + [NEW_SIGNS.get(name, 0) for name in NEW_NAMES]
    bounds = [{1: (0, None), -1: (None, 0)}.get(sign, (None, None)) for sign in signs]
    for name, most in MOST.items():
        bounds[NAMES.index(name)] = (0, most)
    start = np.zeros(len(signs))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300}).x
    return tuple(map(float, found[:width])), tuple(map(float, found[width:]))


def winners(intakes: Sequence[Intake], weights: Weights) -> list[tuple[tuple[float, ...], bool]]:
    """Replay, and note for every winning case what the calibration reads and whether it was right."""
    history = History(Index(), {})
    noted: list[tuple[tuple[float, ...], bool]] = []
    for intake in intakes:
        if intake.footprint is None:
            continue
        tip, incident = intake.footprint, intake.tip["incident"] or ""
        choice = deciding.choose(tip, gather(history.index.candidates(tip)), weights)
        case_id = tip.tip_id
        if choice.ranked:
            best = choice.ranked[0][1].case.case_id
            noted.append((deciding.calibration_values(tip, choice), history.is_right(best, incident)))
            if deciding.calibrated(tip, choice, weights) >= weights.attach_at:
                case_id = best
        history.file(tip, case_id, incident)
    return noted


def fit_calibration(
    pairs: Sequence[tuple[tuple[float, ...], bool]], prior: float = 12.0
) -> tuple[float, ...]:
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


def ruled_samples(ruled: Sequence[RuledPair], weights: Weights) -> list[Sample]:
    """Make of each tip that officers ruled on one decision between the cases that they ruled on and none of them."""
    samples = []
    for pairs in rulings.by_tip(ruled):
        tip = pairs[0].tip
        same = {pair.ruling.case_id: pair.ruling.same for pair in pairs}
        cases = gather(member for pair in pairs for member in pair.members)
        pool = pool_of(tip, cases, weights.concept_rates)
        measured = [weigh(tip, case, pool, weights.category_rates) for case in cases]
        right = [same[case.case_id] for case in cases]
        values = np.array([evidence.values for evidence in measured])
        new = np.array(deciding.new_values(tip, measured))
        samples.append(Sample(values, new, np.array([*right, not any(right)]), RULING_WEIGHT))
    return samples


def fit(
    train: Sequence[tuple[str, list[Intake]]],
    *,
    calibrate: bool = True,
    ruled: Sequence[RuledPair] = (),
) -> Weights:
    """Fit weights on some towns and on busy towns made of them; calibrate on each town with weights of the others."""
    towns = [intakes for _, intakes in train]
    busy = busy_towns(towns, BUSY_TOWNS)
    weights = blank([one for town in towns for one in town], [name for name, _ in train])
    samples = [sample for town in towns for sample in collect(town, weights)]
    samples += [sample for town in busy for sample in collect(town, weights, weight=BUSY_WEIGHT)]
    samples += ruled_samples(ruled, weights)
    weights = _with(weights, *fit_choice(samples))
    policy = policy_of(weights)  # a second round meets the cases as the matcher itself files them
    samples += [sample for town in towns for sample in collect(town, weights, policy)]
    samples += [sample for town in busy for sample in collect(town, weights, policy, BUSY_WEIGHT)]
    weights = _with(weights, *fit_choice(samples))
    if not calibrate or len(train) < 2:
        return weights
    pairs: list[tuple[tuple[float, ...], bool]] = []
    folds = min(FOLDS, len(train))
    for fold in range(folds):
        inner = fit([town for at, town in enumerate(train) if at % folds != fold], calibrate=False)
        for left_out in towns[fold::folds]:
            for town in (left_out, *busy_towns([left_out], 2, 100)):
                pairs += winners(town, inner)
    return replace(weights, calibration=fit_calibration(pairs))


def blank(intakes: Iterable[Intake], names: Sequence[str]) -> Weights:
    """Return weights that know only how common things are."""
    category_rates, concept_rates = rates(intakes)
    return Weights(
        version=f"{datetime.now(UTC):%Y-%m-%d}",
        fitted_from=tuple(names),
        case=(0.0,) * len(NAMES),
        new=(0.0,) * len(NEW_NAMES),
        calibration=tuple(1.0 if name == "chance" else 0.0 for name in CALIBRATION_NAMES),
        category_rates=category_rates,
        concept_rates=concept_rates,
        attach_at=ATTACH_AT,
        suggest_at=SUGGEST_AT,
    )


def _with(weights: Weights, case: tuple[float, ...], new: tuple[float, ...]) -> Weights:
    return replace(weights, case=case, new=new)


def policy_of(weights: Weights) -> Policy:
    """Return the deciding function that uses some weights."""
    return lambda tip, candidates: deciding.decide(tip, candidates, weights=weights)


def as_table(weights: Weights) -> dict[str, object]:
    """Return weights as the JSON file holds them."""
    parts = (("case", NAMES, weights.case), ("new", NEW_NAMES, weights.new))
    calibration = ("calibration", CALIBRATION_NAMES, weights.calibration)
    return {
        "version": weights.version,
        "fitted_from": list(weights.fitted_from),
        "attach_at": weights.attach_at,
        "suggest_at": weights.suggest_at,
        **{
            part: {name: round(value, 4) for name, value in zip(names, values, strict=True)}
            for part, names, values in (*parts, calibration)
        },
        "category_rates": dict(weights.category_rates),
        "concept_rates": dict(weights.concept_rates),
    }


def _workers() -> ProcessPoolExecutor:
    """Start a process a core; each uses one thread, or they would fight for the cores."""
    return ProcessPoolExecutor(WORKERS, initializer=threadpool_limits, initargs=(1,))


def read_towns(folder: Path) -> list[tuple[corpora.Corpus, list[Intake]]]:
    """Read every corpus as a new town would be read."""
    known = corpora.load_all(folder)
    with _workers() as workers:
        return list(zip(known, workers.map(pipeline.read_unseen, known, repeat(folder)), strict=True))


def unseen_weights(towns: Sequence[tuple[corpora.Corpus, list[Intake]]], left_out: int) -> Weights:
    """Fit on every town but one."""
    return fit([(corpus.name, intakes) for at, (corpus, intakes) in enumerate(towns) if at != left_out])


def all_unseen_weights(towns: Sequence[tuple[corpora.Corpus, list[Intake]]]) -> list[Weights]:
    """Fit for each town on all the others."""
    with _workers() as workers:
        return list(workers.map(unseen_weights, repeat(towns), range(len(towns))))


def show(figures: dict[str, dict[str, float]]) -> str:
    """Lay out figures of towns as a table with the bars and what is missed."""
    lines = [
        f"{'figure':20}" + "".join(f"{name:>12}" for name in figures) + f"{'bar sparse':>14}{'bar dense':>12}"
    ]
    for name, (sparse, dense, _) in scores.BARS.items():
        cells = ""
        for town, values in figures.items():
            missed = "" if scores.meets(name, values[name], dense=town in DENSE) else "*"
            cells += f"{values[name]:.3f}{missed}".rjust(12)
        lines.append(f"{name:20}{cells}{sparse:>14}{dense:>12}")
    return "\n".join([*lines, "* misses its bar"])


def main() -> None:
    """Print the leave-one-corpus-out table, fit on everything and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="print figures, write nothing")
    parser.add_argument("--rulings", action="store_true", help="add the rulings of the database")
    parser.add_argument("--corpora", type=Path, default=corpora.FOLDER)
    asked = parser.parse_args()
    ruled = rulings.read_rulings() if asked.rulings else []
    if asked.rulings:
        Console().print(rulings.table_of(rulings.reliability(ruled)))
        print(f"{len(ruled)} rulings; below {rulings.ENOUGH} they hardly move the zones")
    towns = read_towns(asked.corpora)
    figures: dict[str, dict[str, float]] = {}
    for (corpus, intakes), weights in zip(towns, all_unseen_weights(towns), strict=True):
        rows = pipeline.replay(intakes, policy_of(weights))
        figures[corpus.name] = scores.score(corpus.tips, rows)
    print(show(figures))
    if not asked.check:
        weights = fit([(corpus.name, intakes) for corpus, intakes in towns], ruled=ruled)
        FILE.write_text(json.dumps(as_table(weights), indent=1) + "\n", encoding="utf-8")
        print(f"wrote {FILE.name}, version {weights.version}")


if __name__ == "__main__":
    main()
