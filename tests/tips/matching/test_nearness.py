from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tips.matching.tips_seen import START, seen
from tips.matching.cases import gather
from tips.matching.nearness import NOWHERE, closeness, metres, when, where

METRE = 1 / 111_195


def test_same_spot_by_two_pins_is_far_likelier_in_one_incident() -> None:
    assert closeness(10, 20, 20) > 4


def test_same_town_by_name_says_next_to_nothing() -> None:
    assert closeness(0, 5_000, 5_000) < 0.5


def test_pins_ten_kilometres_apart_speak_against() -> None:
    assert closeness(10_000, 20, 20) < -1.5


def test_distance_within_a_landmarks_circle_counts_little() -> None:
    assert closeness(0, 300, 20) - closeness(120, 300, 20) < 0.5


@given(st.floats(0, 60_000), st.floats(0, 60_000), st.floats(0, 5_000), st.floats(0, 5_000))
def test_closeness_never_grows_with_distance_and_is_symmetric(a, b, radius_a, radius_b) -> None:
    near, far = sorted((a, b))
    assert closeness(near, radius_a, radius_b) >= closeness(far, radius_a, radius_b) - 1e-9
    assert closeness(near, radius_a, radius_b) == pytest.approx(closeness(near, radius_b, radius_a))


@given(st.floats(0, 1_000), st.floats(30, 20_000), st.floats(30, 20_000))
def test_two_points_in_one_place_say_less_the_vaguer_they_are(distance, radius, other) -> None:
    sharp, vague = sorted((radius, other))
    assert closeness(0, sharp, sharp) >= closeness(0, vague, vague) - 1e-9
    assert closeness(distance, sharp, sharp) <= closeness(0, sharp, sharp)


def test_metres_across_the_date_line_are_few() -> None:
    assert metres(seen(1, at=(0.0, 179.9999)), seen(2, at=(0.0, -179.9999))) == pytest.approx(22.2, abs=0.5)


def test_tip_without_place_is_nowhere_and_so_is_a_case_without_one() -> None:
    placed, bare = seen(1, case_id=1), seen(2, at=None, case_id=2)
    assert where(bare, gather([placed])[0]) == NOWHERE
    assert where(placed, gather([bare])[0]) == NOWHERE


def test_nearest_message_of_the_case_counts() -> None:
    case = gather([seen(1, at=(10.0, 10.0), case_id=5), seen(2, at=(10.0 + 90 * METRE, 10.0), case_id=5)])[0]
    place = where(seen(3, at=(10.0 + 100 * METRE, 10.0)), case)
    assert place.nearest is not None
    assert (place.nearest.tip_id, round(place.metres)) == (2, 10)


def test_names_of_places_agree_or_differ() -> None:
    case = gather([seen(1, place="Old pier", radius_m=300, case_id=5)])[0]
    same = where(seen(2, place="Old pier", radius_m=300), case)
    other = where(seen(3, place="New pier", radius_m=300), case)
    unnamed = where(seen(4), case)
    assert [(place.same_place, place.other_place) for place in (same, other, unnamed)] == [
        (1, 0),
        (0, 1),
        (0, 0),
    ]


def test_silence_is_measured_against_the_rhythm_of_the_case() -> None:
    daily = gather([seen(day, hours=24 * day, case_id=1) for day in range(1, 5)])[0]
    hourly = gather([seen(hour, hours=96 - hour, case_id=1) for hour in range(1, 5)])[0]
    late = seen(9, hours=96 + 30)
    assert when(late, daily).quiet < when(late, hourly).quiet
    assert when(late, daily).latest_s == 30 * 3_600


@given(st.floats(5_000, 60_000), st.floats(0, 50_000), st.floats(0, 50_000))
def test_no_vagueness_makes_far_points_speak_for_one_incident(distance, radius, other) -> None:
    assert closeness(distance, radius, other) <= 0.0


def test_tip_that_names_where_the_other_happens_tells_of_it_from_either_end() -> None:
    warehouse = seen(2, at=(16.75, 98.55), radius_m=300, place="Old mill", case_id=5)
    boat = seen(1, place="Pier 10", also=("Old mill",))
    assert where(boat, gather([warehouse])[0]).told == 1.0
    assert where(boat, gather([warehouse])[0]).other_place == 0.0
    teller = seen(2, at=(16.75, 98.55), radius_m=300, place="Old mill", also=("Pier 10",), case_id=5)
    assert where(seen(1, place="Pier 10", radius_m=300), gather([teller])[0]).told == 1.0


def test_naming_the_town_in_which_the_other_happens_tells_nothing() -> None:
    somewhere = seen(2, at=(16.75, 98.55), radius_m=3_500, place="Mae Sot", case_id=5)
    assert where(seen(1, place="Pier 10", also=("Mae Sot",)), gather([somewhere])[0]).told == 0.0


def test_two_that_tell_of_the_same_hour_are_near_in_time_however_late_one_writes() -> None:
    evening = dataclasses.replace(seen(2, hours=0, case_id=5), event_at=round(START.timestamp()))
    late = dataclasses.replace(seen(1, hours=30), event_at=round((START + timedelta(hours=1)).timestamp()))
    assert when(late, gather([evening])[0]).seconds == 3_600
