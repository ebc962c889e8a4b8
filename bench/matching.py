"""Score the matcher on towns it has not seen beside simple baselines, and draw how far its chances can be trusted.

Run `python -m bench.matching`: it prints a table a town and writes bench/out/matching.json, matching-reliability.png and
matching-precision-recall.png. Baselines read the same tips; their thresholds are chosen on the other towns.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib import pyplot
from rapidfuzz import fuzz
from sklearn.feature_extraction.text import TfidfVectorizer

from bench import corpora, fit_matcher, pipeline, scores
from bench.corpora import Corpus
from bench.fit_matcher import all_unseen_weights, policy_of, read_towns, winners
from bench.pipeline import Intake
from tips.matching.decision import Decision, Suggestion
from tips.matching.footprint import Footprint
from tips.matching.nearness import metres
from tips.matching.reasons import top_category
from tips.matching.weights import Weights

OUT = Path(__file__).resolve().parent / "out"
NEAR_M, WEEK_S, MONTH_S = 250.0, 7 * 86_400, 30 * 86_400
TEXT_THRESHOLDS = tuple(np.arange(0.1, 0.95, 0.05))
Score = Callable[[Footprint, Footprint], float]
Town = tuple[Corpus, list[Intake]]


@dataclass(frozen=True)
class Baseline:
    """A way to compare two tips, by one number."""

    name: str
    score_for: Callable[[Town], Score]
    thresholds: tuple[float, ...]


def same_kind_nearby(_: Town) -> Score:
    """Compare by category, 250 m and 7 days."""

    def score(tip: Footprint, other: Footprint) -> float:
        if top_category(tip.categories) != top_category(other.categories) or not (
            tip.located and other.located
        ):
            return 0.0
        return float(metres(tip, other) <= NEAR_M and tip.received_at - other.received_at <= WEEK_S)

    return score


def same_letters(town: Town) -> Score:
    """Compare by TF-IDF of character n-grams, within 30 days."""
    texts = _texts(town)
    order = {tip_id: row for row, tip_id in enumerate(texts)}
    matrix = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5)).fit_transform(texts.values())
    alike = (matrix @ matrix.T).toarray()

    def score(tip: Footprint, other: Footprint) -> float:
        if tip.received_at - other.received_at > MONTH_S:
            return 0.0
        return float(alike[order[tip.tip_id], order[other.tip_id]])

    return score


def same_words(town: Town) -> Score:
    """Compare by rapidfuzz's token set ratio, within 30 days."""
    texts = _texts(town)

    def score(tip: Footprint, other: Footprint) -> float:
        if tip.received_at - other.received_at > MONTH_S:
            return 0.0
        return fuzz.token_set_ratio(texts[tip.tip_id], texts[other.tip_id]) / 100.0

    return score


BASELINES = (
    Baseline("same category, 250 m, 7 days", same_kind_nearby, (0.5,)),
    Baseline("TF-IDF letters", same_letters, TEXT_THRESHOLDS),
    Baseline("rapidfuzz words", same_words, TEXT_THRESHOLDS),
)


def _texts(town: Town) -> dict[int, str]:
    return {one.footprint.tip_id: one.tip["text"] for one in town[1] if one.footprint is not None}


def deciding_by(score: Score, threshold: float) -> fit_matcher.Policy:
    """Attach to the case of the best-scoring tip from the threshold on, suggest the best three from half of it."""

    def decide(tip: Footprint, candidates: Sequence[Footprint]) -> Decision:
        best: dict[int, float] = {}
        for other in candidates:
            if other.case_id is not None:
                best[other.case_id] = max(best.get(other.case_id, 0.0), score(tip, other))
        ranked = sorted(best.items(), key=lambda item: (-item[1], -item[0]))
        offered = tuple(Suggestion(case, value, ()) for case, value in ranked[:3] if value >= threshold / 2)
        if ranked and ranked[0][1] >= threshold:
            return Decision("attach", ranked[0][0], ranked[0][1], (), offered[1:], "baseline", "corroborates")
        return Decision("suggest" if offered else "new", None, 0.0, (), offered, "baseline", "first")

    return decide


def baseline_figures(baseline: Baseline, towns: Sequence[Town]) -> list[dict[str, float]]:
    """Score a baseline on each town with the threshold that did best on the others."""
    tried: list[dict[float, dict[str, float]]] = []
    for town in towns:
        score = baseline.score_for(town)
        tried.append({one: _figures(town, deciding_by(score, one)) for one in baseline.thresholds})

    def best_without(left_out: int) -> float:
        others = [of_town for at, of_town in enumerate(tried) if at != left_out]
        return max(
            baseline.thresholds, key=lambda one: sum(of_town[one]["pairwise_f1"] for of_town in others)
        )

    return [of_town[best_without(at)] for at, of_town in enumerate(tried)]


def _figures(town: Town, policy: fit_matcher.Policy) -> dict[str, float]:
    return scores.score(town[0].tips, pipeline.replay(town[1], policy))


def draw_reliability(pairs: Sequence[tuple[float, bool]], path: Path) -> float:
    """Draw claimed against true shares of the winning cases; return the expected calibration error."""
    claimed, right = np.array([chance for chance, _ in pairs]), np.array([flag for _, flag in pairs], float)
    edges = np.linspace(0.0, 1.0, 11)
    bins = np.clip(np.digitize(claimed, edges) - 1, 0, 9)
    filled = [at for at in range(10) if (bins == at).any()]
    xs = [claimed[bins == at].mean() for at in filled]
    ys = [right[bins == at].mean() for at in filled]
    sizes = [int((bins == at).sum()) for at in filled]
    error = sum(abs(x - y) * size for x, y, size in zip(xs, ys, sizes, strict=True)) / len(pairs)
    figure, axes = pyplot.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    axes.plot(xs, ys, marker="o")
    for x, y, size in zip(xs, ys, sizes, strict=True):
        axes.annotate(str(size), (x, y), textcoords="offset points", xytext=(6, -10), fontsize=8)
    axes.set_xlabel("chance stated for the winning case")
    axes.set_ylabel("share that was right")
    axes.set_title(f"Towns not seen by the fit; mean error {error:.3f}")
    figure.savefig(path, dpi=120, bbox_inches="tight")
    pyplot.close(figure)
    return float(error)


def draw_precision_recall(curves: dict[str, list[tuple[float, float]]], path: Path) -> None:
    """Draw precision over recall of automatic attachment, a curve a town (dashed: a dense one), one point a threshold."""
    figure, axes = pyplot.subplots(figsize=(7, 5))
    colours = pyplot.get_cmap("tab20")
    for at, (name, points) in enumerate(curves.items()):
        axes.plot(
            [recall for recall, _ in points], [precision for _, precision in points], marker=".", label=name,
            color=colours(at), linestyle="--" if name in fit_matcher.DENSE else "-",
        )  # fmt: skip
    axes.set_xlabel("recall of automatic attachment")
    axes.set_ylabel("precision")
    axes.set_ylim(0.6, 1.01)
    axes.grid(color="0.9")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    axes.set_title("Towns not seen by the fit")
    figure.savefig(path, dpi=120, bbox_inches="tight")
    pyplot.close(figure)


def curve(town: Town, weights: Weights) -> list[tuple[float, float]]:
    """Return recall and precision of attachment over the whole range of thresholds."""
    points = []
    for threshold in np.arange(0.3, 0.96, 0.05):
        moved = replace(
            weights, attach_at=float(threshold), suggest_at=min(weights.suggest_at, float(threshold))
        )
        figures = _figures(town, policy_of(moved))
        points.append((figures["attach_recall"], figures["attach_precision"]))
    return points


def chance(values: Sequence[float], weights: Weights) -> float:
    """Return the calibrated chance of noted values."""
    score = sum(weight * value for weight, value in zip(weights.calibration, values, strict=True))
    return float(1.0 / (1.0 + np.exp(-score)))


def main() -> None:
    """Print the tables, write figures and plots."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=corpora.FOLDER)
    towns = read_towns(parser.parse_args().corpora)
    OUT.mkdir(parents=True, exist_ok=True)
    table: dict[str, dict[str, dict[str, float]]] = {}
    pairs: list[tuple[float, bool]] = []
    curves: dict[str, list[tuple[float, float]]] = {}
    baselines = {baseline.name: baseline_figures(baseline, towns) for baseline in BASELINES}
    for at, (town, weights) in enumerate(zip(towns, all_unseen_weights(towns), strict=True)):
        name = town[0].name
        table[name] = {"this matcher": _figures(town, policy_of(weights))}
        table[name] |= {method: figures[at] for method, figures in baselines.items()}
        pairs += [(chance(values, weights), right) for values, right in winners(town[1], weights)]
        curves[name] = curve(town, weights)
        print(f"\n{name}")
        print(f"{'':30}" + "".join(f"{figure[:17]:>19}" for figure in scores.BARS))
        for method, figures in table[name].items():
            print(f"{method:30}" + "".join(f"{figures[figure]:>19.3f}" for figure in scores.BARS))
    error = draw_reliability(pairs, OUT / "matching-reliability.png")
    draw_precision_recall(curves, OUT / "matching-precision-recall.png")
    written = {"towns": table, "calibration_error": error, "precision_recall": curves}
    (OUT / "matching.json").write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    print(f"\nmean calibration error of the winning case {error:.3f}")


if __name__ == "__main__":
    main()
