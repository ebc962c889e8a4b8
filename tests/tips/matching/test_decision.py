from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tips.matching.tips_seen import seen
from tips.matching import Footprint, decide, default_weights

WEIGHTS = default_weights()
TEXTS = (
    "men carry cartons of cigarettes from a boat",
    "they sell diesel in jerrycans",
    "otra vez el gas",
    "บุหรี่",
    "",
)
tips = st.builds(
    seen,
    st.integers(2, 10**6),
    st.sampled_from(TEXTS),
    hours=st.floats(-2_000, 2_000),
    at=st.none() | st.tuples(st.floats(16, 17), st.floats(98, 99)),
    radius_m=st.floats(0, 20_000),
    about=st.sampled_from(["tobacco", "fuel", "other"]),
    concepts=st.frozensets(st.sampled_from(["good.cigarettes", "good.diesel", "colour.red", "vehicle.boat"])),
    observables=st.lists(
        st.tuples(st.just("plate"), st.sampled_from(["AB123", "CD456", "EF789"])), max_size=2
    ),
    sender=st.none() | st.sampled_from(["a", "b"]),
    case_id=st.none() | st.integers(1, 5),
)


def test_nothing_to_compare_with_opens_a_new_case() -> None:
    decision = decide(seen(), [], weights=WEIGHTS)
    assert (decision.outcome, decision.case_id, decision.relation) == ("new", None, "first")
    assert decision.suggestions == ()


def test_same_text_place_and_hour_are_attached_as_corroboration() -> None:
    known = seen(1, case_id=7, concepts=["good.cigarettes", "vehicle.boat"])
    decision = decide(
        seen(2, hours=0.5, concepts=["good.cigarettes", "vehicle.boat"]), [known], weights=WEIGHTS
    )
    assert (decision.outcome, decision.case_id, decision.relation) == ("attach", 7, "corroborates")
    assert decision.probability >= WEIGHTS.attach_at
    assert decision.model_version == WEIGHTS.version
    assert decision.reasons


def test_same_sender_is_a_follow_up_and_never_corroborates() -> None:
    known = seen(1, sender="a", case_id=7)
    decision = decide(seen(2, "they are still here", hours=1, at=None, sender="a"), [known], weights=WEIGHTS)
    assert (decision.outcome, decision.case_id, decision.relation) == ("attach", 7, "follow_up")


def test_tip_without_place_is_attached_by_its_plate() -> None:
    known = seen(1, observables=[("plate", "704418")], case_id=7)
    tip = seen(
        2, "truck 70-4418 almost hit me, cartons inside", hours=4, at=None, observables=[("plate", "704418")]
    )
    assert decide(tip, [known], weights=WEIGHTS).case_id == 7


def test_same_plate_a_fortnight_later_elsewhere_in_another_trade_is_another_incident() -> None:
    known = seen(1, observables=[("plate", "704418")], case_id=7)
    tip = seen(
        2, "sand is stolen from the river by truck", hours=15 * 24, at=(16.9, 98.6), about="minerals",
        observables=[("plate", "704418")],
    )  # fmt: skip
    assert decide(tip, [known], weights=WEIGHTS).outcome != "attach"


def test_another_trade_in_another_town_is_new() -> None:
    known = seen(1, case_id=7, concepts=["good.cigarettes"])
    tip = seen(2, "ivory in a shop", at=(17.5, 98.9), about="wildlife", concepts=["good.ivory"])
    assert decide(tip, [known], weights=WEIGHTS).outcome == "new"


def test_two_towns_known_only_by_name_prove_nothing() -> None:
    known = seen(1, "cattle", radius_m=5_000, about="food", case_id=7)
    tip = seen(2, "onions", hours=60, radius_m=5_000, about="food")
    assert decide(tip, [known], weights=WEIGHTS).outcome != "attach"


def test_candidate_in_no_case_is_passed_over() -> None:
    assert decide(seen(2), [seen(1)], weights=WEIGHTS).outcome == "new"


@given(tips, st.lists(tips, max_size=8))
def test_any_tips_can_be_compared(tip: Footprint, candidates: list[Footprint]) -> None:
    decision = decide(tip, candidates, weights=WEIGHTS)
    assert 0.0 <= decision.probability <= 1.0
    assert len(decision.suggestions) <= 5
    assert all(item.reasons for item in decision.suggestions)
    assert all(reason.strip() for reason in decision.reasons)
    assert (decision.outcome == "new") == (not decision.reasons)
    assert (decision.case_id is not None) == (decision.outcome == "attach")
    assert len({item.case_id for item in decision.suggestions} - {decision.case_id}) == len(
        decision.suggestions
    )


@given(tips, st.lists(tips, max_size=6, unique_by=lambda item: item.tip_id), st.randoms())
def test_order_of_candidates_makes_no_difference(tip: Footprint, candidates: list[Footprint], dice) -> None:
    shuffled = list(candidates)
    dice.shuffle(shuffled)
    assert decide(tip, shuffled, weights=WEIGHTS) == decide(tip, candidates, weights=WEIGHTS)


@given(st.floats(0, 40), st.sampled_from(["wildlife", "waste"]))
def test_adding_an_unrelated_tip_changes_nothing(hours: float, about: str) -> None:
    known = seen(1, case_id=7, concepts=["good.cigarettes"])
    tip = seen(2, hours=1, concepts=["good.cigarettes"])
    far_off = seen(3, "palabras distintas", hours=-hours, at=(18.5, 99.9), about=about, case_id=9)
    alone, beside = (decide(tip, others, weights=WEIGHTS) for others in ([known], [known, far_off]))
    assert (alone.outcome, alone.case_id, alone.reasons) == (beside.outcome, beside.case_id, beside.reasons)
    assert alone.probability == pytest.approx(beside.probability, abs=0.05)


@given(
    st.lists(
        st.tuples(
            st.floats(1.0, 30.0),
            st.floats(-179, 179),
            st.floats(500, 5_000),
            st.sampled_from(["wildlife", "waste"]),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_tips_far_off_in_place_time_and_trade_leave_the_chance_as_it_is(others) -> None:
    known = seen(1, case_id=7, concepts=["good.cigarettes"])
    tip = seen(2, hours=1, concepts=["good.cigarettes"])
    far_off = [
        seen(
            10 + number, "palabras del todo distintas", hours=-hours, at=(-lat, lon), about=about, concepts=["good.ivory"],
            case_id=90 + number,
        )
        for number, (lat, lon, hours, about) in enumerate(others)
    ]  # fmt: skip
    alone, beside = (decide(tip, some, weights=WEIGHTS) for some in ([known], [known, *far_off]))
    assert (alone.outcome, alone.case_id, alone.reasons) == (beside.outcome, beside.case_id, beside.reasons)
    assert alone.probability == pytest.approx(beside.probability, abs=0.002)


@given(tips)
def test_nothing_scores_higher_than_the_same_text_place_and_time(other: Footprint) -> None:
    tip = seen(1, concepts=["good.cigarettes"])
    twin = replace(tip, tip_id=2, case_id=70, sender="twin")
    decision = decide(tip, [twin, replace(other, tip_id=3, case_id=80, sender="c")], weights=WEIGHTS)
    named = decision.case_id or decision.suggestions[0].case_id
    assert named == 70


@given(st.floats(0, 8_000), st.floats(0, 8_000))
def test_chance_never_grows_with_distance(first: float, second: float) -> None:
    near, far = sorted((first, second))
    chances = []
    for metres in (near, far):
        tip = seen(2, "another text", hours=2, at=(16.7012 + metres / 111_195, 98.5085))
        decision = decide(tip, [seen(1, case_id=7)], weights=WEIGHTS)
        chances.append(decision.probability if decision.outcome != "new" else 1 - decision.probability)
    assert chances[0] >= chances[1] - 1e-9


def test_sender_who_tells_of_another_trade_elsewhere_tells_of_another_incident() -> None:
    boat = seen(
        1, "boat unloads cartons of cigarettes", sender="same", case_id=7, concepts=["good.cigarettes"]
    )
    lorry = seen(
        2, "lorry with timber logs, no papers", sender="same", hours=0.2, at=(16.7535, 98.5838), about="timber",
        concepts=["good.log"],
    )  # fmt: skip
    assert decide(lorry, [boat], weights=default_weights()).outcome == "new"
