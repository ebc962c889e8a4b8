"""Splitting ticked tips off a case by the page's own addresses."""

from __future__ import annotations

import re

import pytest

from cases import services
from core.codes import show_tip_code
from core.db import db
from tests.builders.cases import file_into, file_new

HTMX = {"HX-Request": "true"}


@pytest.fixture
def officer(sign_in):
    return sign_in("officer", name="Somchai Officer")


@pytest.fixture
def filed(app):
    filed = file_new()
    for _ in range(2):
        file_into(filed.case_id)
    return filed


def codes_of(case_id: int) -> list[str]:
    db.session.rollback()
    return [show_tip_code(link.code) for link in services.links_of_case(case_id)]


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def boxes_in(page: str) -> list[str]:
    return re.findall(r'<input type="checkbox" name="tip" value="(\d{4}-\d+)" form="split-form"', page)


def version_in(page: str) -> str:
    form = page[page.index('id="split-form"') :]
    return re.search(r'name="version" value="(\d+)"', form)[1]


@pytest.mark.parametrize("address", ["/cases/{}", "/tips/for-case/{}"])
def test_the_pages_of_a_case_offer_a_box_for_each_tip_and_one_form(officer, filed, address):
    page = text_of(officer.get(address.format(filed.number)))
    assert boxes_in(page) == codes_of(filed.case_id)
    assert page.count(f'action="/cases/{filed.number}/split"') == 1


def test_ticked_tips_are_split_off_without_script_and_put_back_by_one_undo(officer, filed):
    before = codes_of(filed.case_id)
    page = text_of(officer.get(f"/cases/{filed.number}"))
    form = {"tip": before[1:], "note": "Another boat", "to": "", "version": version_in(page)}
    answer = officer.post(f"/cases/{filed.number}/split", data=form)
    assert answer.status_code == 303
    assert codes_of(filed.case_id) == before[:1]
    page = text_of(officer.get(answer.headers["Location"]))
    (undo,) = set(re.findall(r'action="(/cases/actions/\d+/undo[^"]*)"', page))
    assert officer.post(undo).status_code == 303
    assert codes_of(filed.case_id) == before


def test_with_htmx_the_answer_says_where_the_tips_went_and_offers_the_undo(officer, filed):
    ticked = codes_of(filed.case_id)[1:]
    answer = officer.post(f"/cases/{filed.number}/split", data={"tip": ticked}, headers=HTMX)
    page = text_of(answer)
    assert answer.headers["HX-Trigger"] == "case-moved"
    assert re.search(rf"2 tips split off {filed.number} into C-\d+-\d+\.", page)
    assert re.search(r'hx-post="/cases/actions/\d+/undo', page)


def test_what_was_ticked_and_typed_stays_when_the_page_was_out_of_date(officer, filed):
    ticked = codes_of(filed.case_id)[1:]
    version = version_in(text_of(officer.get(f"/cases/{filed.number}")))
    file_into(filed.case_id)
    form = {"tip": ticked, "note": "Another boat", "version": version}
    answer = officer.post(f"/cases/{filed.number}/split", data=form, headers=HTMX)
    page = text_of(answer)
    assert answer.status_code == 409
    assert "has been changed by somebody else. Look at it again." in page
    assert 'value="Another boat"' in page
    inner = re.search(r'hx-get="(/tips/for-case/[^"]+)"', page)[1].replace("&amp;", "&")
    for shown in (page, text_of(officer.get(inner, headers=HTMX))):
        assert re.findall(r'value="(\d{4}-\d+)" form="split-form" data-tick checked', shown) == ticked
    form["version"] = version_in(page)
    assert officer.post(f"/cases/{filed.number}/split", data=form, headers=HTMX).status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({}, 422, "Tick the tips"),
        ({"tip": ["0000-00"]}, 409, "left this case"),
        ({"tip": ["½", "x" * 5000]}, 409, "left this case"),
        ({"tip": ["1"] * 500}, 422, "at most 200"),
        ({"tip": ["ALL"]}, 422, "Leave at least one tip"),
        ({"tip": ["LAST"], "to": "C-1999-000001"}, 422, "There is no case"),
        ({"tip": ["LAST"], "to": "OWN"}, 409, "already"),
        ({"tip": ["LAST"], "note": "x" * 201}, 422, "Longer than"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_with_words(officer, filed, form, status, words):
    codes = codes_of(filed.case_id)
    named = {"ALL": codes, "LAST": codes[-1:]}
    form = dict(form)
    form["tip"] = [code for one in form.get("tip", []) for code in named.get(one, [one])]
    if form.get("to") == "OWN":
        form["to"] = filed.number
    answer = officer.post(f"/cases/{filed.number}/split", data=form, headers=HTMX)
    assert (answer.status_code, words in text_of(answer)) == (status, True)
    assert codes_of(filed.case_id) == codes


def test_a_case_with_one_tip_and_a_finished_one_offer_nothing_to_split(officer, filed):
    alone = file_new()
    assert "split-form" not in text_of(officer.get(f"/cases/{alone.number}")).replace('form="split-form"', "")
    officer.post(f"/cases/{filed.number}/state", data={"to": "merged", "survivor": alone.number})
    page = text_of(officer.get(f"/cases/{filed.number}"))
    assert boxes_in(page) == []
    assert "split-form" not in page


@pytest.mark.parametrize("role", ["finance", "director", "auditor", "admin"])
def test_nobody_outside_casework_splits_a_case(sign_in, filed, role):
    client = sign_in(role)
    answer = client.post(f"/cases/{filed.number}/split", data={"tip": codes_of(filed.case_id)[-1:]})
    assert answer.status_code == 403
    assert len(codes_of(filed.case_id)) == 3
    assert "split-form" not in client.get(f"/cases/{filed.number}").get_data(as_text=True)
