"""Fit the category and noise models, and show how they do on towns the fit has not seen.

Run `python -m bench.fit_reading`: it prints leave-one-corpus-out figures, writes them to bench/out/reading.json, and
writes the weights fitted on everything to tips/reading/weights/. The corpora and bench/reading/*.tsv are the material.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from cases.facts import CATEGORIES
from tips.reading import category, noise
from tips.reading.lexicon import Hit
from tips.reading.linear import LinearModel, from_json
from tips.reading.reader import understand
from tips.reading.text import Text, fold, plain_form

ROOT = Path(__file__).resolve().parents[1]
CORPORA = ROOT / "tests" / "corpus"
INVENTED = ROOT / "bench" / "reading"
OUT = ROOT / "bench" / "out" / "reading.json"
WEIGHTS = ROOT / "tips" / "reading" / "weights"
_COORDINATES = re.compile(
    r"\d{1,3}[.,]\d{3,}|https?://\S*(?:map|osm)\S*|\d°|\b[0-9A-Z]{4,8}\+[0-9A-Z]{2,3}|\b\d\d ?[A-Z] ?[A-Z]{2} ?\d{4}"
)
_WATCHED = re.compile(r"\d{4,}|https?://|[A-Z]{2,}-?\d{2,}|@\w{4,}")
REAL_WEIGHT = 3.0  # a lost tip counts as three greetings let through
KEEP = 0.985  # share of invented and corpus tips that the threshold has to keep when scored out of fold


@dataclass(frozen=True, slots=True)
class Example:
    """One message as the models see it, with what it is."""

    source: str
    raw: str
    text: Text
    hits: list[Hit]
    around: noise.Surroundings
    language: str
    detected: str
    category: str | None
    reason: str | None

    @property
    def is_noise(self) -> bool:
        """Say whether the message is no tip."""
        return self.category is None


def corpus_examples(folder: Path) -> list[Example]:
    """Read one town; a place counts as found where a name of places.csv, a device or coordinates are given."""
    languages = json.loads((folder / "deployment.json").read_text(encoding="utf-8"))["languages"]
    with (folder / "places.csv").open(encoding="utf-8", newline="") as file:
        names = {
            fold(plain_form(name.strip()))
            for row in csv.DictReader(file)
            for name in (row["name"], *row["aliases"].split(";"))
            if len(name.strip()) > 3
        }
    examples = []
    for line in (folder / "tips.jsonl").read_text(encoding="utf-8").splitlines():
        tip = json.loads(line)
        text, detected, _, hits = understand(tip["text"], languages)
        located = tip["lat"] is not None or bool(_COORDINATES.search(tip["text"]))
        located = located or any(name in text.folded for name in names)
        around = noise.Surroundings(located, bool(_WATCHED.search(tip["text"])), False)
        known = None if tip["relation"] == "noise" else tip["category"]
        examples.append(
            Example(
                folder.name,
                tip["text"],
                text,
                hits,
                around,
                tip["language"],
                detected,
                known,
                "noise" if known is None else None,
            )
        )
    return examples


def invented_examples() -> list[Example]:
    """Read bench/reading/*.tsv: language, category or noise:<reason>, text; each is seen with and without a place."""
    examples = []
    chance = random.Random(7)
    for path in sorted(INVENTED.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            language, label, raw = line.split("\t")
            text, detected, _, hits = understand(raw, [language, "en"])
            reason = label.partition(":")[2] if label.startswith("noise") else None
            around = noise.Surroundings(
                chance.random() < (0.12 if reason else 0.8), bool(_WATCHED.search(raw)), False
            )
            examples.append(
                Example(
                    "invented", raw, text, hits, around, language, detected, None if reason else label, reason
                )
            )
    return examples


def fit_category(examples: Sequence[Example], *, strength: float = 1.0) -> dict[str, Any]:
    """Fit the category model on the real tips."""
    tips = [example for example in examples if not example.is_noise]
    rows = [category.features(example.text, example.hits) for example in tips]
    return _fit(rows, [str(example.category) for example in tips], CATEGORIES, [1.0] * len(tips), strength)


def fit_noise(examples: Sequence[Example], *, strength: float = 0.5) -> dict[str, Any]:
    """Fit the noise model; a lost tip weighs more than a greeting let through."""
    rows = [noise.features(example.text, example.hits, example.around) for example in examples]
    labels = ["noise" if example.is_noise else "tip" for example in examples]
    weights = [1.0 if example.is_noise else REAL_WEIGHT for example in examples]
    return _fit(rows, labels, ("noise", "tip"), weights, strength, least=1)


def _fit(
    rows: list[dict[str, float]],
    labels: list[str],
    classes: Sequence[str],
    weights: list[float],
    strength: float,
    least: int = 2,
) -> dict[str, Any]:
    counts = Counter(name for row in rows for name in row)
    wanted = {name for name, times in counts.items() if times >= least or name[:2] not in ("w:", "g:")}
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(
        [{name: value for name, value in row.items() if name in wanted} for row in rows]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = LogisticRegression(C=strength, max_iter=400).fit(matrix, labels, sample_weight=weights)
    coefficients, bias = model.coef_, model.intercept_
    if len(classes) == 2:
        coefficients, bias = np.vstack([-coefficients, coefficients]) / 2, np.array([-bias[0], bias[0]]) / 2
    order = [list(model.classes_).index(name) if name in model.classes_ else None for name in classes]
    table: dict[str, list[float]] = {}
    for at, name in enumerate(vectorizer.get_feature_names_out()):
        row = [0.0 if i is None else round(float(coefficients[i, at]), 3) for i in order]
        if max(abs(weight) for weight in row) >= 0.03:
            table[name] = row
    return {
        "classes": list(classes),
        "bias": [-3.0 if i is None else round(float(bias[i]), 3) for i in order],
        "temperature": 1.0,
        "threshold": 0.5,
        "weights": table,
    }


def calibrate(table: dict[str, Any], held_out: Sequence[tuple[dict[str, float], str]]) -> float:
    """Return the temperature that makes probabilities of held-out examples honest."""
    best = (float("inf"), 1.0)
    for temperature in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.8, 2.2, 2.7):
        model = from_json({**table, "temperature": temperature})
        loss = -sum(np.log(max(1e-6, model.probabilities(row)[label])) for row, label in held_out)
        best = min(best, (float(loss), temperature))
    return best[1]


def out_of_fold_noise(examples: Sequence[Example], folds: int = 5) -> list[tuple[float, bool]]:
    """Return (probability of noise, is noise) of every example, fitted on the others."""
    order = list(range(len(examples)))
    random.Random(3).shuffle(order)
    scored: list[tuple[float, bool]] = []
    for fold_number in range(folds):
        held = set(order[fold_number::folds])
        model = from_json(fit_noise([example for at, example in enumerate(examples) if at not in held]))
        for at in held:
            example = examples[at]
            row = noise.features(example.text, example.hits, example.around)
            scored.append((model.probabilities(row)["noise"], example.is_noise))
    return scored


def choose_threshold(scored: list[tuple[float, bool]]) -> float:
    """Return the lowest threshold that keeps the wanted share of real tips, never below one half."""
    real = sorted(p for p, is_noise in scored if not is_noise)
    return round(max(0.5, real[min(len(real) - 1, int(KEEP * len(real)))] + 0.01), 3)


def score(examples: Sequence[Example], by_category: LinearModel, by_noise: LinearModel) -> dict[str, Any]:
    """Score one unseen town."""
    tips = [example for example in examples if not example.is_noise]
    rest = [example for example in examples if example.is_noise]
    right, confusions, kept, caught, lost, missed = 0, Counter[str](), 0, 0, [], []
    for example in tips:
        said = category.classify(example.text, example.hits, model=by_category)
        best = max(said, key=lambda name: said[name])
        right += best == example.category
        if best != example.category:
            confusions[f"{example.category}->{best}: {example.raw[:90]}"] += 1
        verdict = noise.judge(example.text, example.hits, example.around, model=by_noise)
        kept += not verdict.is_noise
        if verdict.is_noise:
            lost.append(f"{verdict.probability:.2f} {example.raw[:100]}")
    for example in rest:
        verdict = noise.judge(example.text, example.hits, example.around, model=by_noise)
        caught += verdict.is_noise
        if not verdict.is_noise:
            missed.append(f"{verdict.probability:.2f} {example.reason} {example.raw[:100]}")
    return {
        "tips": len(tips),
        "noise": len(rest),
        "category": round(right / max(1, len(tips)), 3),
        "kept": round(kept / max(1, len(tips)), 3),
        "caught": round(caught / max(1, len(rest)), 3),
        "language": round(sum(e.detected == e.language for e in examples) / max(1, len(examples)), 3),
        "wrong_categories": list(confusions),
        "lost": lost,
        "missed": missed,
        "wrong_languages": [
            f"{e.language}->{e.detected} {e.raw[:80]}" for e in examples if e.detected != e.language
        ],
    }


def fit_both(examples: Sequence[Example]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fit both models on some examples."""
    by_noise = fit_noise(examples)
    by_noise["threshold"] = choose_threshold(out_of_fold_noise(examples))
    return fit_category(examples), by_noise


def by_language(examples: Sequence[Example]) -> dict[str, list[Example]]:
    """Group invented examples by language, each to be left out in turn."""
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[example.language].append(example)
    return groups


def main() -> None:
    """Print figures, write figures and weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--errors", action="store_true", help="print every error")
    parser.add_argument("--no-languages", action="store_true", help="skip leaving out one language at a time")
    asked = parser.parse_args()
    towns = {
        path.name: corpus_examples(path)
        for path in sorted(CORPORA.iterdir())
        if (path / "tips.jsonl").exists()
    }
    invented = invented_examples()
    figures: dict[str, Any] = {}
    held_out: list[tuple[dict[str, float], str]] = []
    for town, examples in towns.items():
        others = [example for name, rows in towns.items() if name != town for example in rows] + invented
        tables = fit_both(others)
        figures[town] = score(examples, from_json(tables[0]), from_json(tables[1]))
        held_out += [(category.features(e.text, e.hits), str(e.category)) for e in examples if not e.is_noise]
        _show(town, figures[town], asked.errors)
    everything = [example for rows in towns.values() for example in rows] + invented
    if not asked.no_languages:
        for name, examples in by_language(invented).items():
            tables = fit_both(
                [
                    example
                    for example in everything
                    if not (example.source == "invented" and example.language == name)
                ]
            )
            figures[f"language {name}"] = score(examples, from_json(tables[0]), from_json(tables[1]))
            _show(f"language {name}", figures[f"language {name}"], asked.errors)
    final_category, final_noise = fit_both(everything)
    leave_out = [
        fit_category([e for name, rows in towns.items() if name != town for e in rows] + invented)
        for town in towns
    ]
    per_town = [
        [(category.features(e.text, e.hits), str(e.category)) for e in rows if not e.is_noise]
        for rows in towns.values()
    ]
    temperatures = [calibrate(table, rows) for table, rows in zip(leave_out, per_town, strict=True)]
    final_category["temperature"] = round(float(np.median(temperatures)), 2) if temperatures else 1.0
    WEIGHTS.mkdir(exist_ok=True)
    for name, table in (("category", final_category), ("noise", final_noise)):
        text = json.dumps(table, ensure_ascii=False, separators=(",", ":")).replace('],"', '],\n"')
        (WEIGHTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    print(f"temperature {final_category['temperature']}, noise threshold {final_noise['threshold']}")


def _show(name: str, figures: dict[str, Any], errors: bool) -> None:
    print(
        f"{name:14} tips {figures['tips']:4} category {figures['category']:.3f}  kept {figures['kept']:.3f}  "
        f"noise {figures['noise']:3} caught {figures['caught']:.3f}  language {figures['language']:.3f}"
    )
    if errors:
        for kind in ("wrong_categories", "lost", "missed", "wrong_languages"):
            for line in figures[kind]:
                print(f"    {kind[:12]:12} {line}")


if __name__ == "__main__":
    main()
