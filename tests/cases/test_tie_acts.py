"""Links between cases by the page's own addresses."""

from __future__ import annotations

import re

import pytest

from cases import services
from core.db import db, transaction
from signals.observable import Observable
from signals.services import record_mentions
from tests.builders.cases import NOW, file_new

HTMX = {"HX-Request": "true"}


@pytest.fixture
def officer(sign_in):
    return sign_in("officer", name="Somchai Officer")


@pytest.fixture
def linked(app):
    pair = file_new(place="Rim Moei"), file_new(place="Mae Pa", lat=16.73)
    for filed in pair:
        with transaction():
            tip_id = services.links_of_case(filed.case_id)[0].tip_id
            found = (Observable("plate", "70-4418", 0, 7, "format"),)
            record_mentions(subject=("tip", tip_id), observables=found, at=NOW)
            services.tie_tip(tip_id=tip_id, case_id=filed.case_id, now=NOW)
    return pair


def post(client, address: str, *, status: int = 200, **form: str) -> str:
    answer = client.post(address, data=form, headers=HTMX)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def tie_id(filed) -> int:
    db.session.rollback()
    return services.ties_of_case(filed.case_id)[0].tie_id


def undo_of(page: str) -> str:
    return re.search(r'action="(/cases/[^"]+/links/\d+/undo\?what=\w+)"', page)[1]


def test_a_case_without_links_says_how_they_come_about(officer):
    filed = file_new()
    page = officer.get(f"/cases/{filed.number}").get_data(as_text=True)
    assert "No other case names the same plate" in page


def test_a_link_is_dismissed_with_a_reason_and_brought_back(officer, linked):
    here, _ = linked
    base = f"/cases/{here.number}/links/{tie_id(here)}"
    post(officer, f"{base}/dismiss", status=422)
    page = post(officer, f"{base}/dismiss", why="A bus line")
    assert "1 dismissed link" in page
    assert "A bus line" in page
    assert "1 linked case" in post(officer, undo_of(page))


def test_a_link_is_confirmed_on_one_case_and_seen_on_both(officer, linked):
    here, there = linked
    page = post(officer, f"/cases/{here.number}/links/{tie_id(here)}/confirm")
    assert "confirmed by Somchai Officer" in page
    assert "confirmed by Somchai Officer" in officer.get(f"/cases/{there.number}").get_data(as_text=True)
    assert "found by the program" in post(officer, undo_of(page))


def test_a_link_by_hand_takes_a_case_and_a_reason(officer):
    here, there = file_new(), file_new()
    base = f"/cases/{here.number}/links"
    post(officer, base, status=422)
    assert "There is no case" in post(officer, base, status=422, other="C-2026-999999", reason="Same driver")
    page = post(officer, base, other=there.number.lower(), reason="Same driver")
    assert "Same driver" in page
    assert "1 linked case" in page
    assert "linked already" in post(officer, base, status=409, other=there.number, reason="x")
    assert "No other case names" in post(officer, undo_of(page))


def test_a_link_of_other_cases_is_not_found_here(officer, linked):
    stranger = file_new()
    base = f"/cases/{stranger.number}/links/{tie_id(linked[0])}"
    for what in ("confirm", "dismiss", "undo?what=dismissed"):
        post(officer, f"{base}/{what}", status=404, why="x")


def test_a_director_reads_links_and_changes_none(sign_in, linked):
    here, there = linked
    director = sign_in("director")
    page = director.get(f"/cases/{here.number}").get_data(as_text=True)
    assert there.number in page
    assert "Confirm the link" not in page
    assert director.post(f"/cases/{here.number}/links/{tie_id(here)}/confirm").status_code == 403
