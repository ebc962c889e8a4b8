"""A policy that contradicts itself is refused with every fault named."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from rewards.policy import DEFAULT_POLICY, PolicyError, load_policy, with_rate
from tests.builders.rewards import policy


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"currency": "XYZ"}, "Unknown currency"),
        ({"rates": {"ABC": {"rate": "1", "as_of": "2026-01-01"}}}, "Unknown currency"),
        ({"floor": 750_001}, "smallest reward"),
        ({"tiers": [{"upto": 10, "percent": "10"}]}, "no end"),
        (
            {
                "tiers": [
                    {"upto": 10, "percent": "1"},
                    {"upto": 5, "percent": "1"},
                    {"upto": None, "percent": "1"},
                ]
            },
            "rise",
        ),
        ({"tiers": [{"upto": None, "percent": "101"}]}, "between 0 and 100"),
        ({"bands": []}, "bands"),
        ({"bands": [{"at_least": 40, "percent": "75"}, {"at_least": 60, "percent": "50"}]}, "never earns"),
        ({"order_percent": {"first": 100}}, "order of a tip"),
        ({"card_maxima": {**DEFAULT_POLICY["card_maxima"], "risk": 30}}, "add up to 100"),
        ({"rates": {"THB": {"rate": "0", "as_of": "2026-01-01"}}}, "above zero"),
        ({"rates": {"THB": {"rate": 0.0281, "as_of": "2026-01-01"}}}, "decimal string"),
        ({"rates": {"THB": {"rate": "0.0281", "as_of": "soon"}}}, "cannot be read"),
        ({"advance_percent": 101}, "advance"),
        ({"limits": [{"upto": 100, "signatures": [["finance"]]}]}, "covers the cap"),
        ({"limits": [{"upto": 750_000, "signatures": []}]}, "at least one signature"),
        ({"claim_days": 0}, "one day"),
        ({"cap": True}, "cannot be read"),
        ({"gates": ["weather"]}, "cannot be read"),
    ],
)
def test_contradictions_are_named(changes, words):
    with pytest.raises(PolicyError, match=words):
        policy(changes)


def test_missing_numbers_are_refused():
    with pytest.raises(PolicyError, match="cap"):
        load_policy({name: value for name, value in DEFAULT_POLICY.items() if name != "cap"})


def test_a_rate_is_added_without_touching_the_old_version():
    changed = with_rate(DEFAULT_POLICY, currency="THB", rate="0.0281", as_of=date(2026, 2, 1))
    assert load_policy(changed).rates["THB"].rate == Fraction(281, 10_000)
    assert DEFAULT_POLICY["rates"] == {}


def test_larger_amounts_need_more_signatures():
    assert policy().signatures_for(50_000) == (frozenset({"supervisor", "finance", "director"}),)
    assert policy().signatures_for(50_001) == (frozenset({"finance", "director"}),)
    assert policy().signatures_for(250_000) == (frozenset({"finance", "director"}),)
    assert len(policy().signatures_for(250_001)) == 2
    with pytest.raises(PolicyError):
        policy().signatures_for(750_001)
