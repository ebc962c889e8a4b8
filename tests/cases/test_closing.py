from __future__ import annotations

from dataclasses import replace

import pytest

from cases.closing import DISPOSITIONS, GRADES, ClosingFacts, SeizureFacts, checklist, missing

LOT = SeizureFacts("Teak planks", 12_500, "MTQ", 1_840_000, "USD")
COMPLETE = ClosingFacts(
    disposition="seizure",
    summary="A truck with teak planks was stopped at the river crossing and its load was taken into custody. "
    * 2,
    seizures=(LOT,),
    nil_seizures=False,
    grades={"4821-07": "decisive", "1234-50": "none"},
)


def test_a_complete_list_misses_nothing():
    assert missing(COMPLETE) == ()
    assert all(item.done for item in checklist(COMPLETE))


def test_an_empty_form_lists_every_item_at_once():
    empty = ClosingFacts(None, "", (), False, {"4821-07": None, "1234-50": None})
    assert missing(empty) == (
        "Choose an outcome from the list.",
        "Write a summary of at least 100 characters; 100 to go.",
        "Record what was seized, or tick that nothing was.",
        "Grade the contribution of tip 1234-50.",
        "Grade the contribution of tip 4821-07.",
    )


def test_an_outcome_outside_the_list_is_not_chosen():
    assert missing(replace(COMPLETE, disposition="other")) == ("Choose an outcome from the list.",)


def test_a_summary_of_ninety_nine_characters_is_one_short_and_blanks_do_not_count():
    assert missing(replace(COMPLETE, summary=" " * 50 + "x" * 99)) == (
        "Write a summary of at least 100 characters; 1 to go.",
    )
    assert missing(replace(COMPLETE, summary="x" * 100)) == ()


def test_nothing_seized_has_to_be_said():
    nothing = replace(COMPLETE, disposition="lawful", seizures=())
    assert missing(nothing) == ("Record what was seized, or tick that nothing was.",)
    assert missing(replace(nothing, nil_seizures=True)) == ()


@pytest.mark.parametrize("key", [key for key, disposition in DISPOSITIONS.items() if disposition.takes_goods])
def test_a_seizure_outcome_cannot_be_nil(key):
    gaps = missing(replace(COMPLETE, disposition=key, seizures=(), nil_seizures=True))
    assert gaps == (f"Record what was seized: the outcome is “{DISPOSITIONS[key].label}”.",)


def test_nil_beside_a_recorded_seizure_is_a_contradiction():
    assert missing(replace(COMPLETE, nil_seizures=True)) == (
        "Seizures are recorded, yet “nothing was seized” is ticked.",
    )


@pytest.mark.parametrize(
    "change", [{"quantity_thousandths": None}, {"quantity_thousandths": 0}, {"unit": None}]
)
def test_an_unmeasured_lot_is_named(change):
    gaps = missing(replace(COMPLETE, seizures=(LOT, replace(LOT, label="Two saws", **change))))
    assert gaps == ("Measure “Two saws”: quantity and unit.",)


@pytest.mark.parametrize("change", [{"value_minor": None}, {"value_minor": -1}, {"currency": None}])
def test_an_unvalued_lot_is_named(change):
    assert missing(replace(COMPLETE, seizures=(replace(LOT, **change),))) == (
        "Value “Teak planks”: amount and currency.",
    )


def test_goods_without_a_market_may_be_valued_at_zero():
    assert missing(replace(COMPLETE, seizures=(replace(LOT, value_minor=0),))) == ()


@pytest.mark.parametrize("grade", GRADES)
def test_each_grade_settles_a_tip(grade):
    assert missing(replace(COMPLETE, grades={"4821-07": grade})) == ()


def test_a_grade_outside_the_list_does_not_settle_a_tip():
    assert missing(replace(COMPLETE, grades={"4821-07": "great"})) == (
        "Grade the contribution of tip 4821-07.",
    )
