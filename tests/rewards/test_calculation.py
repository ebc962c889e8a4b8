"""F13: The worked examples of the reward policy, and what must hold for any case."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.calculation import NO_ELIGIBLE_TIP, advance, balance_after_advances, calculate
from rewards.eligibility import BELOW_THRESHOLD, MERGED, OutcomeError
from rewards.outcome import Grade, default_card
from rewards.policy import DEFAULT_POLICY, load_policy
from rewards.valuation import MissingRates
from tests.builders.rewards import ACTION, START, card, goods, outcome, policy, tip

scores = st.integers(0, 100)
values = st.integers(0, 100_000_000)


def amounts(calculation):
    return [share.amount for share in calculation.shares]


def test_one_tip_takes_the_whole_pool():
    calculation = calculate(policy(), outcome(tip(score=72), value=1_840_000))
    assert calculation.pool == 106_500
    assert amounts(calculation) == [106_500]


def test_the_cap_holds():
    calculation = calculate(policy(), outcome(tip(score=91), value=40_000_000))
    assert amounts(calculation) == [750_000]


def test_three_equal_tips_give_the_odd_cent_to_the_earliest():
    calculation = calculate(policy(), outcome(tip(3), tip(1), tip(2), value=2_999_999))
    assert calculation.pool == 199_999
    assert [(share.tip_id, share.amount) for share in calculation.shares] == [
        (1, 66_667),
        (2, 66_666),
        (3, 66_666),
    ]


def test_the_odd_cent_goes_to_the_largest_remainder_and_not_by_position():
    tips = (tip(1, 80), tip(2, 65, order="new_facts"), tip(3, 40, order="new_facts"))
    calculation = calculate(policy(), outcome(*tips, value=40_000_000))
    assert [share.weight for share in calculation.shares] == [8000, 3250, 2000]
    assert amounts(calculation) == [452_830, 183_962, 113_208]


def test_a_duplicate_receives_nothing():
    tips = (tip(1, 66), tip(2, 66, order="duplicate"), tip(3, 50, order="new_facts"))
    calculation = calculate(policy(), outcome(*tips, value=6_234_567))
    assert calculation.pool == 243_518
    assert amounts(calculation) == [176_617, 0, 66_901]
    assert calculation.shares[1].reasons == ("duplicate",)


def test_a_tip_in_the_second_of_the_seizure_comes_too_late():
    tips = (tip(1, 45), tip(2, 90, received_at=ACTION))
    calculation = calculate(policy(), outcome(*tips, value=999_999))
    assert calculation.pool == 49_999
    assert amounts(calculation) == [49_999, 0]
    assert calculation.shares[1].reasons == ("after_action",)


def test_live_animals_without_a_price_are_paid_by_points():
    calculation = calculate(policy(), outcome(tip(1, 68), tip(2, 44, order="new_facts")))
    assert calculation.pool == 68_000
    assert amounts(calculation) == [51_378, 16_622]


def test_an_advance_is_taken_off_the_final_reward_and_never_asked_back():
    provisional = calculate(policy(), outcome(tip(score=80), value=3_000_000))
    final = calculate(policy(), outcome(tip(score=60), value=2_400_000))
    paid = advance(policy(), provisional.pool)
    assert (provisional.pool, paid, final.pool) == (200_000, 50_000, 127_500)
    assert balance_after_advances(final.pool, paid) == 77_500
    assert balance_after_advances(40_000, paid) == 0


def test_a_score_of_39_earns_nothing_whatever_was_seized():
    calculation = calculate(policy(), outcome(tip(score=39), value=40_000_000))
    assert (calculation.pool, calculation.reason) == (0, BELOW_THRESHOLD)
    assert calculation.shares[0].reasons == (BELOW_THRESHOLD,)


def test_points_beat_a_small_value():
    assert calculate(policy(), outcome(tip(score=40), value=20_000)).pool == 40_000


def test_a_reward_is_never_smaller_than_the_floor():
    small = policy({"points_per_score": 0})
    assert calculate(small, outcome(tip(score=40), value=20_000)).pool == 5_000


def test_tips_of_one_sender_are_merged_into_the_earliest():
    tips = (tip(1, 50, sender="s"), tip(2, 90, sender="s", order="confirms"), tip(3, 60))
    shares = calculate(policy(), outcome(*tips, value=1_000_000)).shares
    assert [(share.score, share.weight) for share in shares] == [(90, 9000), (90, 0), (60, 6000)]
    assert shares[1].reasons == (MERGED,)


def test_a_merged_score_says_where_it_comes_from():
    steps = calculate(policy(), outcome(tip(1, 50, sender="s"), tip(2, 90, sender="s"))).steps
    assert "= 50, 90 by its sender's best tip" in steps[1].working


def test_a_gated_tip_lends_nothing_to_its_sender():
    tips = (tip(1, 90, sender="s", gates={"public": "on the radio"}), tip(2, 50, sender="s"))
    shares = calculate(policy(), outcome(*tips)).shares
    assert [(share.amount, share.reasons) for share in shares] == [(0, ("public",)), (50_000, ())]


@pytest.mark.parametrize(("grade", "reason"), [("known", "already_known"), ("misleading", "proved_false")])
def test_a_grade_can_close_a_gate(grade, reason):
    calculation = calculate(policy(), outcome(tip(score=90, grade=grade)))
    assert calculation.reason == NO_ELIGIBLE_TIP
    assert calculation.shares[0].reasons == (reason,)


def test_only_duplicates_leave_nobody_to_pay():
    assert calculate(policy(), outcome(tip(order="duplicate"))).reason == NO_ELIGIBLE_TIP
    assert calculate(policy(), replace(outcome(), tips=())).reason == NO_ELIGIBLE_TIP


def test_default_cards_make_decisive_pay_in_full_useful_three_quarters_and_the_rest_nothing():
    factors = {grade: policy().factor(default_card(grade).total) for grade in Grade}
    assert [int(factors[grade] * 100) for grade in Grade] == [100, 75, 0, 0, 0]


def test_a_card_left_out_is_the_grades_own():
    assert calculate(policy(), outcome(tip(card=None, grade="useful"))).score == 60


def test_goods_in_another_currency_are_converted_by_the_stored_rate():
    rated = policy({"rates": {"THB": {"rate": "0.0281", "as_of": "2026-02-01"}}})
    calculation = calculate(rated, replace(outcome(tip(score=80)), seizures=(goods(100_000_000, "THB"),)))
    assert calculation.pool == 190_500
    assert "rate of 2026-02-01" in " ".join(step.working for step in calculation.steps)


def test_every_missing_rate_is_listed():
    seizures = (goods(5, "THB"), goods(5, "MMK"), goods(5), goods(0, "KES"))
    with pytest.raises(MissingRates) as refused:
        calculate(policy(), replace(outcome(), seizures=seizures))
    assert refused.value.currencies == ("MMK", "THB")


def test_a_case_that_earns_nothing_needs_no_rate():
    calculation = calculate(policy(), replace(outcome(tip(score=10)), seizures=(goods(5, "MMK"),)))
    assert calculation.reason == BELOW_THRESHOLD


def test_facts_out_of_bounds_are_named():
    tips = (
        tip(1, card=replace(card(80), risk=21)),
        tip(2, grade="splendid"),
        tip(3, order="last"),
        tip(4, gates={"bored": ""}),
        tip(4),
    )
    bad = replace(outcome(*tips), seizures=(goods(-1), goods(5, "XYZ"), goods(True)))
    with pytest.raises(OutcomeError) as refused:
        calculate(policy(), bad)
    assert set(refused.value.faults) == {
        "1000-01.risk", "1000-02.grade", "1000-03.order", "1000-04.gates",
        "tips", "seizures.0", "seizures.1", "seizures.2",
    }  # fmt: skip


def test_every_step_of_the_arithmetic_is_told():
    steps = calculate(policy(), outcome(tip(score=72), value=1_840_000)).steps
    assert [(step.title, step.result) for step in steps] == [
        ("Gates", "1 of 1 eligible"),
        ("Case score (best eligible tip)", "72: 75% of the value part"),
        ("Appraised value", "18,400.00"),
        ("Value part", "1,065.00"),
        ("Points part", "720.00"),
        ("Larger of both, up to the cap", "1,065.00"),
        ("Pool", "1,065.00"),
        ("Split by weight (score × order)", "1,065.00"),
    ]
    assert steps[3].working == "10% of 10,000.00 + 5% of 8,400.00; × 75%"


@given(scores, values, values)
def test_more_value_never_lowers_the_pool_and_the_cap_always_holds(score, value, more):
    lower = calculate(policy(), outcome(tip(score=score), value=value))
    higher = calculate(policy(), outcome(tip(score=score), value=value + more))
    assert lower.pool <= higher.pool <= 750_000


@given(scores, scores, values)
def test_a_better_score_never_lowers_the_pool(score, other, value):
    worse, better = sorted((score, other))
    lower = calculate(policy(), outcome(tip(score=worse), value=value))
    assert lower.pool <= calculate(policy(), outcome(tip(score=better), value=value)).pool


@given(
    st.lists(st.tuples(scores, st.sampled_from(["first", "new_facts", "confirms", "duplicate"])), max_size=8),
    values,
)
def test_shares_add_up_to_the_pool_and_weight_zero_gets_nothing(rows, value):
    tips = tuple(tip(number, score, order=order) for number, (score, order) in enumerate(rows, start=1))
    calculation = calculate(policy(), replace(outcome(), tips=tips, seizures=(goods(value),)))
    assert sum(amounts(calculation)) == calculation.pool
    assert all(share.amount == 0 for share in calculation.shares if share.weight == 0)
    assert (calculation.pool == 0) == (calculation.reason is not None)


def test_an_old_policy_version_still_gives_the_old_number():
    old = load_policy(DEFAULT_POLICY)
    case = outcome(tip(score=72), value=1_840_000)
    before = calculate(old, case)
    policy({"cap": 100_000})
    assert calculate(load_policy(DEFAULT_POLICY), case) == before
    assert calculate(policy({"cap": 100_000}), case).pool == 100_000


def test_receipt_order_decides_before_the_code():
    early, late = tip(9, received_at=START), tip(1, received_at=START)
    shares = calculate(policy(), outcome(early, late, value=2_999_999)).shares
    assert [share.code for share in shares] == ["1000-01", "1000-09"]
