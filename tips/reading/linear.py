"""Apply a fitted linear model: weights from a JSON file, plain arithmetic."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from operator import mul
from pathlib import Path

FOLDER = Path(__file__).with_name("weights")


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Classes, one bias a class, one row of weights a feature, and the temperature that calibrates it."""

    classes: tuple[str, ...]
    bias: tuple[float, ...]
    weights: Mapping[str, tuple[float, ...]]
    temperature: float
    threshold: float

    def probabilities(self, features: Mapping[str, float]) -> dict[str, float]:
        """Return a probability for every class; features that the fit never saw count for nothing."""
        known = [name for name in features if name in self.weights]
        values = [features[name] for name in known]
        columns = (
            zip(*[self.weights[name] for name in known], strict=True) if known else [()] * len(self.bias)
        )
        scores = [
            sum(map(mul, column, values), bias) for bias, column in zip(self.bias, columns, strict=True)
        ]
        return dict(zip(self.classes, softmax([score / self.temperature for score in scores]), strict=True))


def softmax(scores: list[float]) -> list[float]:
    """Turn scores into probabilities that sum to one."""
    top = max(scores)
    parts = [math.exp(score - top) for score in scores]
    total = sum(parts)
    return [part / total for part in parts]


def from_json(table: Mapping[str, object]) -> LinearModel:
    """Build a model from the object that bench/fit_reading.py writes."""
    classes, bias, weights = table["classes"], table["bias"], table["weights"]
    if not (isinstance(classes, list) and isinstance(bias, list) and isinstance(weights, dict)):
        raise ValueError("not a table of weights")
    return LinearModel(
        classes=tuple(classes),
        bias=tuple(bias),
        weights={name: tuple(row) for name, row in weights.items()},
        temperature=float(str(table["temperature"])),
        threshold=float(str(table["threshold"])),
    )


@cache
def load(name: str) -> LinearModel:
    """Read the weights shipped under a name, once."""
    return from_json(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))
