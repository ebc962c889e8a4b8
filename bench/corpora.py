"""Read labelled corpora for the benches and the fit."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "corpus"
Row = dict[str, Any]


@dataclass(frozen=True)
class Corpus:
    """One town: what an operator sets up, and its labelled tips in order of arrival."""

    name: str
    deployment: Row
    places: tuple[Row, ...]
    tips: tuple[Row, ...]


def load(folder: Path) -> Corpus:
    """Read one town's folder."""
    deployment = json.loads((folder / "deployment.json").read_text(encoding="utf-8"))
    with (folder / "places.csv").open(encoding="utf-8", newline="") as lines:
        places = tuple(csv.DictReader(lines))
    tips = [
        json.loads(line) for line in (folder / "tips.jsonl").read_text(encoding="utf-8").splitlines() if line
    ]
    for tip in tips:
        tip["at"] = datetime.fromisoformat(tip["received_at"])
    return Corpus(folder.name, deployment, places, tuple(tips))


def load_all(folder: Path = FOLDER) -> list[Corpus]:
    """Read every town below a folder, by name."""
    return [load(path.parent) for path in sorted(folder.glob("*/tips.jsonl"))]


def real(corpus: Corpus) -> Iterator[Row]:
    """Return the tips that gold does not call noise."""
    return (tip for tip in corpus.tips if tip["incident"])
