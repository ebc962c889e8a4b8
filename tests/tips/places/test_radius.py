"""A vaguer word for a place never claims a smaller circle."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.tips.places.builders import CENTRE, gazetteer
from tips.places import DevicePosition, locate
from tips.places.gazetteer import _town_radius
from tips.places.geodesy import distance_m


def radius(text: str, device: DevicePosition | None = None) -> float:
    place = locate(text, gazetteer=gazetteer(), device=device)
    assert place is not None, text
    return place.radius_m


@pytest.mark.parametrize(
    "said",
    [
        "{} m past Mercado Hidalgo",
        "{} m north of Puente Verde",
        "a {} metros del Mercado Popo rumbo al Muelle Viejo",
    ],
)
@given(one=st.integers(50, 9_000), other=st.integers(50, 9_000))
def test_who_goes_further_from_a_landmark_is_known_less_well(said, one, other):
    near, far = sorted((one, other))
    assert radius("at Mercado Hidalgo") <= radius(said.format(near)) <= radius(said.format(far))


def test_near_and_past_say_no_more_than_at():
    words = ("at Mercado Hidalgo", "near Mercado Hidalgo", "past Mercado Hidalgo")
    assert all(radius(one) <= radius(other) for one, other in pairwise(words))


def test_a_village_is_wider_than_a_landmark_in_it():
    assert radius("at Mae Sai") > radius("at Mercado Hidalgo")


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_bigger_town_is_never_narrower(one, other):
    small, big = sorted((one, other))
    assert _town_radius(small) <= _town_radius(big)


@given(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2))
def test_fewer_decimals_never_mean_a_better_position(north, east):
    lat, lon = CENTRE[0] + north, CENTRE[1] + east
    known = [radius(f"at {lat:.{digits}f}, {lon:.{digits}f}") for digits in (6, 5, 4, 3, 2)]
    assert known == sorted(known)


@given(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2))
def test_the_truth_lies_inside_the_circle_of_a_rounded_position(north, east):
    lat, lon = CENTRE[0] + north, CENTRE[1] + east
    for digits in (6, 4, 3, 2):
        place = locate(f"at {lat:.{digits}f}, {lon:.{digits}f}", gazetteer=gazetteer())
        assert place is not None
        assert distance_m(lat, lon, place.lat, place.lon) <= place.radius_m


@given(st.floats(0, 60_000), st.floats(0, 60_000))
def test_a_device_that_knows_itself_worse_claims_no_less(one, other):
    good, bad = sorted((one, other))
    circles = [radius("hello", DevicePosition(*CENTRE, accuracy)) for accuracy in (good, bad)]
    assert circles == sorted(circles)


@given(st.integers(0, 99_999), st.integers(0, 99_999))
def test_a_coarser_grid_reference_never_claims_a_smaller_circle(east, north):
    references = [
        f"12R WV {east:05d}"[: 7 + digits] + f" {north:05d}"[: 1 + digits] for digits in (5, 4, 3, 2)
    ]
    places = [locate(f"grid {reference}", gazetteer=gazetteer()) for reference in references]
    assume(all(places))
    circles = [place.radius_m for place in places if place is not None]
    assert circles == sorted(circles)
