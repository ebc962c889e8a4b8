from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cases.facts import CATEGORIES, TipFacts
from cases.summary import EMPTY, fold, is_new_voice, with_tip

NOW = datetime(2026, 3, 1, 8, 15, tzinfo=UTC)
TIP = TipFacts(
    tip_id=1,
    code="4821-07",
    received_at=NOW,
    category="timber",
    category_probability=0.8,
    lat=16.7,
    lon=98.5,
    radius_m=200.0,
    place="Rim Moei market",
    language="th",
    sender_alias="s1",
    independent=True,
)


def test_nothing_adds_up_to_an_empty_case():
    assert fold([]) == EMPTY


def test_one_sender_is_one_voice_however_often_they_write():
    assert fold([TIP, TIP, replace(TIP, sender_alias="s2")]).senders == 2


def test_an_anonymous_tip_counts_only_where_it_is_said_to_be_independent():
    anonymous = replace(TIP, sender_alias=None)
    assert fold([anonymous, anonymous]).senders == 2
    assert fold([TIP, replace(anonymous, independent=False)]).senders == 1


def test_the_surest_category_and_the_narrowest_place_win():
    vague = replace(TIP, category="fuel", category_probability=0.5, radius_m=3000.0, place="Mae Sot")
    assert fold([vague, TIP]) == replace(fold([TIP, vague]), event_at=None)
    both = fold([vague, TIP])
    assert (both.category, both.radius_m, both.place) == ("timber", 200.0, "Rim Moei market")


def test_a_tip_without_a_place_keeps_the_place_of_the_case():
    lost = replace(TIP, lat=None, lon=None, radius_m=None, place=None)
    assert fold([TIP, lost]).place == "Rim Moei market"


def test_the_span_covers_late_arrivals():
    late = replace(TIP, received_at=NOW - timedelta(hours=3))
    span = fold([TIP, late])
    assert (span.first_tip_at, span.last_tip_at) == (NOW - timedelta(hours=3), NOW)


tips = st.builds(
    TipFacts,
    tip_id=st.integers(1, 99),
    code=st.just("4821-07"),
    received_at=st.timedeltas(timedelta(0), timedelta(days=60)).map(lambda age: NOW - age),
    category=st.sampled_from([None, *CATEGORIES]),
    category_probability=st.floats(0, 1),
    lat=st.none() | st.floats(-90, 90),
    lon=st.floats(-180, 180),
    radius_m=st.floats(1, 50_000),
    place=st.none() | st.sampled_from(["Pier", "Bridge"]),
    language=st.just("en"),
    sender_alias=st.none() | st.sampled_from(["s1", "s2", "s3"]),
    independent=st.booleans(),
)


@given(st.lists(tips, max_size=8), tips)
def test_adding_one_tip_equals_building_the_case_anew(earlier, tip):
    heard = [other.sender_alias for other in earlier if other.sender_alias]
    assert with_tip(fold(earlier), tip, new_voice=is_new_voice(tip, heard)) == fold([*earlier, tip])
