"""Read the fitted numbers of the matcher."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tips.matching.evidence import NAMES

FILE = Path(__file__).with_name("weights.json")
NEW_NAMES = ("always", "no_place", "bare", "crowd", "again")
CALIBRATION_NAMES = ("always", "chance", "lead", "crowd", "no_place")


@dataclass(frozen=True, slots=True)
class Weights:
    """What bench/fit_matcher.py learned, and the zones that an operator may move."""

    version: str
    fitted_from: tuple[str, ...]
    case: tuple[float, ...]  # one for each of evidence.NAMES
    new: tuple[float, ...]  # one for each of NEW_NAMES: what speaks for an incident not known yet
    calibration: tuple[float, ...]  # one for each of CALIBRATION_NAMES
    category_rates: Mapping[str, float]
    concept_rates: Mapping[str, float]
    attach_at: float
    suggest_at: float

    @classmethod
    def from_mapping(cls, table: Mapping[str, object]) -> Weights:
        """Read the parsed file; raise ValueError or KeyError where it does not fit this program."""
        return cls(
            version=str(table["version"]),
            fitted_from=tuple(_list(table["fitted_from"])),
            case=_ordered(table["case"], NAMES),
            new=_ordered(table["new"], NEW_NAMES),
            calibration=_ordered(table["calibration"], CALIBRATION_NAMES),
            category_rates=_numbers(table["category_rates"]),
            concept_rates=_numbers(table["concept_rates"]),
            attach_at=_number(table["attach_at"]),
            suggest_at=_number(table["suggest_at"]),
        )


@cache
def default_weights() -> Weights:
    """Return the weights shipped with the program."""
    return load_weights(FILE)


def load_weights(path: Path) -> Weights:
    """Read a weights file; raise OSError or ValueError where it cannot be used."""
    return Weights.from_mapping(json.loads(path.read_text(encoding="utf-8")))


def _ordered(table: object, names: tuple[str, ...]) -> tuple[float, ...]:
    numbers = _numbers(table)
    if set(numbers) != set(names):
        raise ValueError(f"weights must name exactly {', '.join(names)}")
    return tuple(numbers[name] for name in names)


def _numbers(table: object) -> dict[str, float]:
    if not isinstance(table, Mapping):
        raise ValueError("weights: a table of numbers is missing")
    return {str(name): _number(value) for name, value in table.items()}


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"weights: {value!r} is no number")
    return float(value)


def _list(value: object) -> list[str]:
    if not isinstance(value, list):
        raise ValueError("weights: a list of names is missing")
    return [str(item) for item in value]
