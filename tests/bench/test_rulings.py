"""What a fit learns from officers' rulings."""

from datetime import UTC, datetime, timedelta

import pytest

from bench import fit_matcher, rulings
from cases.services import Ruling
from tests.tips.matching.tips_seen import seen
from tips.matching.weights import default_weights
from tips.rulings import RuledPair

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ruled(tip_id=1, case_id=7, *, same=True, probability=0.8, minutes=0, how="confirmed"):
    members = (seen(tip_id=100 + case_id, case_id=case_id),)
    ruling = Ruling(
        NOON + timedelta(minutes=minutes),
        tip_id,
        case_id,
        probability,
        same,
        "v1",
        5,
        how,
        (members[0].tip_id,),
    )
    return RuledPair(ruling, seen(tip_id=tip_id), members)


def test_stated_chances_are_set_beside_what_was_right():
    pairs = [ruled(tip_id=at, same=at < 3, probability=0.75) for at in range(4)]
    [one] = rulings.reliability([*pairs, ruled(tip_id=9, probability=None)])
    assert (one.count, one.claimed, one.right) == (4, pytest.approx(0.75), pytest.approx(0.75))


def test_certain_chance_has_a_place_in_the_table():
    [one] = rulings.reliability([ruled(probability=1.0)])
    assert (one.low, one.high) == (0.95, 1.0)


def test_of_two_rulings_on_one_tip_and_case_the_latest_stands():
    [pairs] = rulings.by_tip([ruled(same=True), ruled(same=False, minutes=5)])
    assert [pair.ruling.same for pair in pairs] == [False]


def test_tip_ruled_into_none_of_its_cases_speaks_for_a_new_one():
    [sample] = fit_matcher.ruled_samples(
        [ruled(case_id=7, same=False), ruled(case_id=8, same=False)], default_weights()
    )
    assert list(sample.right) == [False, False, True]


def test_rulings_move_the_fit_towards_what_officers_said():
    near = [ruled(tip_id=at, case_id=at, same=True) for at in range(1, 30)]
    far = [ruled(tip_id=at, case_id=at, same=False) for at in range(1, 30)]
    weights = default_weights()
    agree = fit_matcher.fit_choice(fit_matcher.ruled_samples(near, weights))
    refuse = fit_matcher.fit_choice(fit_matcher.ruled_samples(far, weights))
    assert refuse[1][0] > agree[1][0]
