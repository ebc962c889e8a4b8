from __future__ import annotations

import pytest

from tests.tips.matching.tips_seen import seen
from tips.matching.cases import gather
from tips.matching.likeness import likeness, number_weight, pool_of

RATES = {"": 0.01, "good.cigarettes": 0.1, "place.market": 0.2, "tobacco|good.cigarettes": 0.6}


def compare(tip, *others):
    cases = gather(others)
    pool = pool_of(tip, cases, RATES)
    return [likeness(tip, case, pool) for case in cases]


def test_misspelt_words_are_alike_and_strange_ones_are_not() -> None:
    tip = seen(1, "panga blanca en el mueye biejo con langosta")
    same, other = compare(
        tip,
        seen(2, "una panga blanca baja langosta en el muelle viejo", case_id=1),
        seen(3, "venden gasolina robada", case_id=2),
    )
    assert same.words > 3 * other.words
    assert same.rare_words > other.rare_words


def test_rare_detail_weighs_more_than_a_common_one() -> None:
    tip = seen(1, concepts=["vehicle.raft", "place.market"])
    raft, market = compare(
        tip,
        seen(2, concepts=["vehicle.raft"], case_id=1),
        seen(3, concepts=["place.market"], case_id=2),
    )
    assert raft.details > market.details > 0


def test_goods_that_every_tip_of_a_trade_names_tell_little() -> None:
    about_tobacco = seen(1, about="tobacco", concepts=["good.cigarettes"])
    about_food = seen(2, about="food", concepts=["good.cigarettes"])
    other = seen(3, concepts=["good.cigarettes"], case_id=1)
    assert compare(about_tobacco, other)[0].goods < compare(about_food, other)[0].goods


@pytest.mark.parametrize(
    ("mine", "theirs", "apart", "astray"),
    [
        ("good.vape", "good.cigarettes", 1, 0),
        ("good.vape", "good.diesel", 0, 1),
        ("good.vape", "good.vape", 0, 0),
        ("good.vape", "good.tobacco", 0, 0),
        ("good.vape", "colour.red", 0, 0),
    ],
    ids=["same trade", "another trade", "the same", "the trade's own name", "no goods"],
)
def test_goods_contradict_each_other_only_when_both_are_named(mine, theirs, apart, astray) -> None:
    found = compare(seen(1, concepts=[mine]), seen(2, concepts=[theirs], case_id=1))[0]
    assert (found.goods_apart, found.goods_astray) == (apart, astray)


def test_colours_clash_only_without_a_common_one() -> None:
    red = seen(1, concepts=["colour.red"])
    blue, both = compare(
        red,
        seen(2, concepts=["colour.blue"], case_id=1),
        seen(3, concepts=["colour.blue", "colour.red"], case_id=2),
    )
    assert (blue.colour_clash, both.colour_clash) == (1, 0)


def test_share_of_details_is_the_same_from_both_sides() -> None:
    one = seen(1, concepts=["vehicle.raft", "pack.drum"], case_id=1)
    two = seen(2, concepts=["vehicle.raft", "pack.drum"], case_id=2)
    assert compare(one, two)[0].alike == pytest.approx(compare(two, one)[0].alike)


@pytest.mark.parametrize(("less", "more"), [(2, 14), (500, 27), (27, 318)])
def test_odd_numbers_tell_more_than_round_ones(less: int, more: int) -> None:
    assert number_weight([less]) < number_weight([more])
