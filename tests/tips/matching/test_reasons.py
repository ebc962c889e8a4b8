from __future__ import annotations

import pytest

from tests.tips.matching.tips_seen import seen
from tips.matching.cases import gather
from tips.matching.evidence import weigh
from tips.matching.likeness import pool_of
from tips.matching.reasons import listed, reasons_for, spoken_distance, spoken_time

METRE = 1 / 111_195


def why(tip, *members):
    case = gather(members)[0]
    return reasons_for(tip, weigh(tip, case, pool_of(tip, [case], {"": 0.02}), {"tobacco": 0.1}))


def test_strong_match_is_told_with_its_numbers() -> None:
    known = seen(
        1, "cartons of cigarettes", concepts=["good.cigarettes", "vehicle.boat"], observables=[("plate", "KBX123A")], case_id=1
    )  # fmt: skip
    tip = seen(
        2, "white truck", hours=40 / 60, at=(16.7012 + 40 * METRE, 98.5085), concepts=["good.cigarettes", "vehicle.boat"],
        observables=[("plate", "KBX123A")],
    )  # fmt: skip
    assert why(tip, known) == (
        "same plate KBX123A",
        "at the same spot, 40 m apart",
        "40 minutes after the case's latest message",
        "both about tobacco",
        "both speak of cigarettes and a boat",
    )


def test_same_named_place_is_told_by_its_name() -> None:
    known = seen(1, place="Pier 10", radius_m=300, case_id=1)
    assert "at the same place, Pier 10" in why(seen(2, "x", place="Pier 10", radius_m=300), known)


def test_vague_places_are_told_as_such() -> None:
    reasons = why(seen(2, "x", radius_m=2_000), seen(1, case_id=1))
    assert "a few metres apart, this place known only to within 2.0 km" in reasons


def test_sender_copy_numbers_and_wording_are_told() -> None:
    text = "taxi 318 sells cartons of cigarettes to every driver here"
    known = seen(1, text, sender="a", case_id=1)
    assert {"same sender", "the same text, word for word", "both name the number 318"} <= set(
        why(seen(2, text, hours=2, sender="a"), known)
    )
    assert "much of the wording is alike" in why(seen(3, f"again {text}", hours=2), known)


def test_what_speaks_against_is_told_last() -> None:
    known = seen(
        1, "diesel", about="fuel", concepts=["colour.red", "good.diesel"], observables=[("plate", "AAA111")], case_id=1
    )  # fmt: skip
    tip = seen(
        2, "cigarettes", hours=24 * 6, at=(16.75, 98.5085), concepts=["colour.blue", "good.cigarettes"],
        observables=[("plate", "BBB222")],
    )  # fmt: skip
    against = [reason for reason in why(tip, known) if reason.startswith("against it: ")]
    assert against == [
        "against it: 5.4 km apart",
        "against it: nothing was heard of the case for 6 days",
        "against it: this message is about tobacco, the case is not",
        "against it: another plate, BBB222 here and AAA111 there",
        "against it: blue here, red there",
        "against it: cigarettes here, diesel there",
    ]


def test_missing_place_is_told_on_either_side() -> None:
    placed, bare = seen(1, case_id=1), seen(2, at=None, case_id=2)
    assert "against it: this message names no place" in why(bare, placed)
    assert "against it: the case has no place yet" in why(placed, bare)


@pytest.mark.parametrize(
    ("metres", "said"),
    [(3, "a few metres"), (42, "40 m"), (996, "1.0 km"), (1_240, "1.2 km"), (25_400, "25 km")],
)
def test_distances_are_said_as_people_say_them(metres: float, said: str) -> None:
    assert spoken_distance(metres) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(20, "a minute"), (2_400, "40 minutes"), (7_200, "2 hours"), (180_000, "2 days")]
)
def test_times_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert spoken_time(seconds) == said


def test_words_are_joined_as_people_join_them() -> None:
    assert (listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])) == ("a", "a and b", "a, b and c")
