from __future__ import annotations

import json

import pytest

from tips.matching import default_weights, load_weights
from tips.matching.evidence import NAMES
from tips.matching.weights import FILE


def test_shipped_weights_fit_the_program_and_say_where_they_come_from() -> None:
    weights = default_weights()
    assert len(weights.case) == len(NAMES)
    assert weights.version
    assert weights.fitted_from
    assert 0.0 < weights.suggest_at < weights.attach_at < 1.0


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("case", {"near": 1.0}),
        ("attach_at", "high"),
        ("attach_at", True),
        ("category_rates", []),
        ("fitted_from", "x"),
    ],
)
def test_weights_that_do_not_fit_are_refused(tmp_path, part: str, value: object) -> None:
    table = json.loads(FILE.read_text(encoding="utf-8"))
    path = tmp_path / "weights.json"
    path.write_text(json.dumps({**table, part: value}), encoding="utf-8")
    with pytest.raises(ValueError):
        load_weights(path)


def test_what_speaks_for_a_case_never_counts_against_it() -> None:
    weights = dict(zip(NAMES, default_weights().case, strict=True))
    assert (
        min(weights[name] for name in ("near", "observable", "sender", "copied", "alike", "same_place")) >= 0
    )
    assert max(weights[name] for name in ("far", "hours", "weeks", "category_miss", "observable_clash")) <= 0
