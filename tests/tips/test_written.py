from __future__ import annotations

import cases.services as case_services
from tests.builders.tips import load_town, make_tip
from tips.written import as_written, in_their_letters, spellings

PLATE = "White truck plate BOI 1234 loads cigarettes at Rim Moei Market"


def test_reasons_name_an_identifier_as_the_tip_wrote_it():
    found = {("plate", "B011234"): "BOI 1234", ("phone", "+66"): "+66"}
    assert in_their_letters(("same plate B011234", "another XB011234"), found) == (
        "same plate BOI 1234",
        "another XB011234",
    )
    assert in_their_letters(("same plate X",), {}) == ("same plate X",)


def test_an_officer_reads_the_plate_with_its_own_letters(app):
    load_town()
    first = make_tip(PLATE)
    second = make_tip(f"again: {PLATE}", sender="+66800000002", minutes=9)
    filed = case_services.case_of_tips([second.tip_id])[second.tip_id]
    offered = case_services.suggestions_of_tips([second.tip_id]).get(second.tip_id, ())
    said = " ".join([*filed.reasons, *(reason for one in offered for reason in one.reasons)])
    assert "BOI 1234" in said
    assert "B011234" not in said
    assert first.filed is not None


def test_an_unwieldy_identifier_reads_in_its_normal_form():
    class Item:
        kind, value, start, end = "url", "https://example.org", 0, 60

    assert as_written("h" * 60, Item()) == "https://example.org"
    assert spellings("h" * 60, [Item()]) == {("url", "https://example.org"): "https://example.org"}
