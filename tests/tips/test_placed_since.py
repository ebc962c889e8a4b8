"""Reasons of a filing are shown as old ones once the tip got another place."""

from __future__ import annotations

import pytest

import cases.services as case_services
from cases.facts import Actor
from core.clock import utcnow
from core.codes import show_tip_code
from core.db import db, transaction
from tests.builders.accounts import make_staff
from tests.builders.tips import load_town, make_tip
from tips.models import Tip
from tips.teaching import forget, teach_place
from tips.trying_again import try_again

FIRST = "white truck 70-4418 loaded with teak logs behind the Xqzv workshop"
AGAIN = "truck 70-4418 with teak logs again, behind the Xqzv workshop"
SINCE = "Placed at Xqzv workshop since; these reasons are from before that."


@pytest.fixture
def officer(app):
    load_town()
    member = make_staff("officer")
    return Actor(member.id, member.role.value, member.person_id)


@pytest.fixture
def attached(officer):
    """A tip that the program filed for its plate, with reasons, while nothing placed it."""
    first = make_tip(FIRST, sender="+66800000001", at=utcnow())
    second = make_tip(AGAIN, sender="+66800000002", at=utcnow())
    assert second.filed.case_id == first.filed.case_id
    assert case_services.case_of_tips([second.tip_id])[second.tip_id].reasons
    return second


def pages(client, received) -> list[str]:
    number = case_services.case_of_tips([received.tip_id])[received.tip_id].number
    addresses = (f"/desk/{show_tip_code(received.code)}", f"/tips/for-case/{number}")
    return [client.get(address).get_data(as_text=True) for address in addresses]


def teach(received, officer, vault):
    with transaction():
        return teach_place(
            db.session.get(Tip, received.tip_id), "Xqzv workshop",
            lat=16.73, lon=98.54, actor=officer, vault=vault, now=utcnow(),
        )  # fmt: skip


def test_the_reasons_of_a_tip_that_lies_where_it_was_filed_stand_alone(sign_in, attached):
    for page in pages(sign_in("officer"), attached):
        assert "same plate" in page
        assert "these reasons are from before" not in page


def test_a_tip_that_an_officer_or_a_taught_name_placed_says_that_its_reasons_are_older(
    app, sign_in, officer, attached
):
    client, vault = sign_in("officer"), app.extensions["vault"]
    taught = teach(attached, officer, vault)
    try_again()
    for page in pages(client, attached):
        assert SINCE in page
    with transaction():
        forget(taught.taught_id, actor=officer, vault=vault, now=utcnow())
    try_again()
    assert db.session.get(Tip, attached.tip_id, populate_existing=True).lat is None
    for page in pages(client, attached):
        assert "these reasons are from before" not in page


def test_a_place_that_was_taken_back_after_the_filing_is_said(app, sign_in, officer):
    client, vault = sign_in("officer"), app.extensions["vault"]
    first = make_tip(FIRST, sender="+66800000001", at=utcnow())
    taught = teach(first, officer, vault)
    second = make_tip(AGAIN, sender="+66800000002", at=utcnow())
    assert second.filed.case_id == first.filed.case_id
    assert db.session.get(Tip, second.tip_id).place_name == "Xqzv workshop"
    with transaction():
        forget(taught.taught_id, actor=officer, vault=vault, now=utcnow())
    try_again()
    for page in pages(client, second):
        assert "Its place was taken back since; these reasons are from before that." in page


def test_what_an_officer_filed_by_hand_rests_on_no_place(app, sign_in, officer):
    vault = app.extensions["vault"]
    first = make_tip(FIRST, sender="+66800000001", at=utcnow())
    other = make_tip("cartons of cigarettes in the market hall", sender="+66800000009", at=utcnow())
    with transaction():
        case_services.move_tip(
            tip_id=first.tip_id, to_case_id=other.filed.case_id, actor=officer, now=utcnow()
        )
    teach(first, officer, vault)
    for page in pages(sign_in("officer"), first):
        assert "Filed by an officer." in page
        assert "these reasons are from before" not in page
