from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tips.matching.tips_seen import START, seen
from tips.matching import Footprint, Hit, lookup_keys, lookup_plan, shortlist, storage_keys
from tips.matching.keys import CASES, MAX_OBSERVABLES, MAX_READ, MAX_STORED

SECRET = b"deployment"
NOW = round(START.timestamp())


def test_keys_stay_the_same_from_one_start_to_the_next() -> None:
    plate = seen(at=None, observables=[("plate", "KBX123A")])
    assert storage_keys(plate, secret=SECRET)[0] == 568_642_118_840_341_718


def test_another_secret_makes_other_keys() -> None:
    tip = seen(observables=[("plate", "KBX123A")])
    assert not set(storage_keys(tip, secret=SECRET)) & set(storage_keys(tip, secret=b"another"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (seen(at=(16.7012, 98.5085)), seen(at=(16.7020, 98.5090), about="fuel")),
        (seen(at=(16.7012, 98.5085), radius_m=1_500), seen(at=(16.7112, 98.5085), radius_m=20)),
        (seen(at=(16.7012, 98.5085), radius_m=5_000), seen(at=(16.7212, 98.5085), radius_m=20)),
        (
            seen(at=None, observables=[("phone", "+66800000000")]),
            seen(observables=[("phone", "+66800000000")]),
        ),
        (seen(at=None, sender="s", about="food"), seen(sender="s", about="fuel")),
        (seen(at=None), seen(about="tobacco", text="another text altogether")),
        (seen(at=None, about="food"), seen(at=(1.0, 1.0), about="fuel")),
    ],
    ids=["near", "near and vague", "town and pin", "same phone", "same sender", "same category", "same text"],
)
def test_tips_that_may_belong_together_share_a_key(first, second) -> None:
    assert set(storage_keys(first, secret=SECRET)) & set(lookup_keys(second, secret=SECRET))


def test_tips_that_have_nothing_in_common_share_no_key() -> None:
    first = seen(text="ivory in the temple at noon today", about="wildlife")
    second = seen(text="they sell diesel by the roadside", about="fuel", at=(17.9, 98.5), sender="x")
    assert not set(storage_keys(first, secret=SECRET)) & set(lookup_keys(second, secret=SECRET))


@given(
    st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
    st.floats(0, 100_000),
    st.lists(st.tuples(st.just("plate"), st.text(max_size=9)), max_size=12),
)
def test_number_of_keys_is_bounded(at, radius_m, observables) -> None:
    tip = seen(at=at, radius_m=radius_m, observables=observables)
    stored, read = storage_keys(tip, secret=SECRET), lookup_plan(tip, secret=SECRET)
    assert len(stored) == len(set(stored)) <= MAX_STORED
    assert len(read) <= MAX_READ
    assert all(0 <= key < 2**63 for key in stored)


def hit(number: int, *, at: int = NOW, weight: float = 1.0) -> Hit:
    """Return a hit of a case with one tip of the same number."""
    return Hit(number, number, number, at, weight)


def test_shortlist_prefers_what_more_keys_and_rarer_ones_brought() -> None:
    hits = [hit(1, weight=0.5), hit(2, weight=8.0), hit(3, weight=0.5), hit(3, weight=1.0)]
    assert list(shortlist(hits, now=NOW)) == [2, 3, 1]


def test_shortlist_is_bounded_and_keeps_the_freshest_of_equals() -> None:
    hits = [hit(number, at=NOW - 86_400 * number) for number in range(1, 200)]
    assert list(shortlist(hits, now=NOW, limit=3)) == [1, 2, 3]


def test_a_case_brings_the_tips_that_most_of_its_keys_name() -> None:
    hits = [Hit(7, newest, first, NOW, 1.0) for newest, first in ((5, 1), (5, 1), (4, 1), (3, 2), (3, 3))]
    assert shortlist(hits, now=NOW) == {1: 7, 5: 7, 3: 7}


def busy_tip() -> Footprint:
    goods = [f"good.{name}" for name in ("cigarettes", "diesel", "rice")]
    plates = [("plate", f"AB{n}") for n in range(MAX_OBSERVABLES)]
    tip = seen(sender="s", text="they unload crates at night", concepts=goods, observables=plates)
    return replace(tip, categories={"tobacco": 0.5, "fuel": 0.5})


def test_same_plate_sender_or_text_outweighs_all_else_that_a_neighbour_has_in_common() -> None:
    tip = busy_tip()
    neighbour = replace(tip, sender=None, exact=0, observables=frozenset())
    shared = storage_keys(neighbour, secret=SECRET)
    plan = lookup_plan(tip, secret=SECRET)
    beside = [hit(2, weight=read.weight) for read in plan if read.key in shared]
    telling = plan[: MAX_OBSERVABLES + 2]
    assert not {read.key for read in telling} & set(shared)
    for read in telling:
        long_ago = hit(1, at=NOW - read.reach_s, weight=read.weight)
        assert list(shortlist([long_ago, *beside], now=NOW)) == [1, 2]


def test_a_busy_plate_and_a_busy_sender_leave_room_for_neighbours() -> None:
    plan = lookup_plan(busy_tip(), secret=SECRET)
    plate, sender = plan[0], plan[MAX_OBSERVABLES]
    assert plate.cases + sender.cases < CASES
