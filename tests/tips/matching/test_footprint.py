from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tips.matching.tips_seen import START, SeenObservable, SeenPlace, SeenWords, seen
from tips.matching import Footprint, build_footprint
from tips.matching.footprint import folded

texts = st.text(max_size=200)
places = st.none() | st.builds(
    SeenPlace,
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    radius_m=st.floats(0, 50_000),
    place=st.none() | st.text(max_size=30),
    start=st.none() | st.integers(0, 50),
    end=st.none() | st.integers(50, 90),
)
concepts = st.frozensets(st.sampled_from(["good.petrol", "colour.red", "vehicle.van", "place.pier"]))
things = st.lists(
    st.builds(SeenObservable, kind=st.sampled_from(["plate", "phone", "url"]), value=st.text(max_size=20))
)


@st.composite
def footprints(draw: st.DrawFn) -> Footprint:
    return build_footprint(
        tip_id=draw(st.integers(1, 10**9)),
        received_at=START,
        sender=draw(st.none() | st.text(max_size=40)),
        text=draw(texts),
        location=draw(places),
        reading=SeenWords({"fuel": 0.7, "waste": 0.3}, draw(concepts)),
        observables=draw(things),
        case_id=draw(st.none() | st.integers(1, 99)),
    )


@given(footprints())
def test_footprint_comes_back_from_json(footprint: Footprint) -> None:
    text = footprint.to_json()
    again = Footprint.from_json(text, case_id=footprint.case_id)
    assert again.to_json() == text
    assert (again.grams, again.observables, again.numbers) == (
        footprint.grams,
        footprint.observables,
        footprint.numbers,
    )
    assert again.case_id == footprint.case_id


def test_longest_message_stays_small_in_the_database() -> None:
    text = " ".join(f"{number} palabra{number}largui{number}sima" for number in range(60))[:1_600]
    footprint = seen(
        text=text,
        concepts=[f"good.number_{n}" for n in range(60)],
        observables=[("plate", f"AB{n}") for n in range(30)],
    )
    assert len(footprint.to_json()) < 1_500


@pytest.mark.parametrize("text", ["[]", "[99,1]", "{}", "[1,2", '"x"'])
def test_another_format_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Footprint.from_json(text)


def test_improbable_categories_are_not_stored() -> None:
    footprint = build_footprint(
        tip_id=1, received_at=START, sender=None, text="x", location=None,
        reading=SeenWords({"fuel": 0.98, "waste": 0.02}), observables=(),
    )  # fmt: skip
    assert dict(footprint.categories) == {"fuel": 0.98}


def test_words_of_a_place_or_plate_do_not_count_as_wording() -> None:
    text = "diesel at old pier, plate ABC 1234"
    place = SeenPlace(1.0, 2.0, start=10, end=18)
    plate = SeenObservable("plate", "ABC1234", 26, 34)
    footprint = build_footprint(
        tip_id=1,
        received_at=START,
        sender=None,
        text=text,
        location=place,
        reading=SeenWords({}),
        observables=[plate],
    )
    assert footprint.numbers == frozenset()
    assert not footprint.grams & seen(text="old pier").grams


def test_letters_that_look_like_digits_are_one_in_a_plate_and_two_in_an_address() -> None:
    assert folded("plate", "bo1i") == folded("plate", "B011") == "B011"
    assert folded("btc", "1OIl") == "1OIl"


def test_compact_form_is_a_list_with_its_format_first() -> None:
    assert json.loads(seen().to_json())[0] == 2


def test_footprint_of_the_first_format_is_still_read() -> None:
    footprint = seen(place="Rim Moei", also=("Pier 10",))
    old = json.loads(footprint.to_json())[:-1]
    read = Footprint.from_json(json.dumps([1, *old[1:]]))
    assert read.place == "Rim Moei"
    assert read.also == frozenset()


def test_other_places_that_a_text_names_are_remembered() -> None:
    footprint = Footprint.from_json(seen(place="Rim Moei", also=("Rim Moei", "Pier 10")).to_json())
    assert footprint.also == {"Pier 10"}
