"""What was stored about a case computes the same reward as the case itself."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from rewards.calculation import calculate
from rewards.chain import canonical
from rewards.facts import from_facts, to_facts
from rewards.outcome import Gate, Grade, Order
from tests.builders.rewards import ACTION, START, goods, outcome, policy, tip

tips = st.builds(
    tip,
    st.integers(1, 10**6),
    st.integers(0, 100),
    received_at=st.integers(0, 10**6).map(lambda seconds: START + timedelta(seconds=seconds)),
    grade=st.sampled_from(list(Grade)),
    order=st.sampled_from(list(Order)),
    sender=st.sampled_from([None, "A", "B"]),
    gates=st.dictionaries(st.sampled_from(list(Gate)), st.text(max_size=20), max_size=2),
)
cases = st.builds(
    lambda some, value, action: replace(
        outcome(), tips=tuple(some), seizures=(goods(value),), action_at=action, involved={}
    ),
    st.lists(tips, max_size=5, unique_by=lambda one: one.tip_id),
    st.integers(0, 10**9),
    st.sampled_from([None, ACTION]),
)


@given(cases)
def test_stored_facts_compute_the_same_reward(case):
    stored = json.loads(json.dumps(to_facts(case)))
    assert calculate(policy(), from_facts(stored)) == calculate(policy(), case)
    assert to_facts(from_facts(stored)) == stored


def test_facts_fit_into_the_chain_and_keep_times_in_utc():
    bangkok = START.astimezone(timezone(timedelta(hours=7)))
    facts = to_facts(outcome(tip(received_at=bangkok), rewardable=False, district=None))
    assert canonical(facts)
    assert facts["tips"][0]["received_at"] == "2026-02-01T08:00:00.000000Z"
    assert (from_facts(facts).rewardable, from_facts(facts).district) == (False, None)
