"""The index rows of a case follow its tips, whichever page moved them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import services as case_services
from cases.states import Ask
from core.codes import show_tip_code
from core.db import db, transaction
from tests.builders.cases import make_actor
from tests.builders.residue import export
from tests.builders.tips import MORNING, load_town, make_tip
from tips.matching.footprint import Footprint
from tips.matching.keys import storage_keys
from tips.models import CaseKey, Tip
from tips.services import KEY_PURPOSE

NOW = MORNING + timedelta(days=1)
TEXTS = (
    "Boat with cartons of cigarettes at Rim Moei market, white truck 70-4418",
    "Cigarettes unloaded at Rim Moei market again, the truck 70-4418",
    "Teak logs on a lorry 81-2290 behind the gem market",
    "Pangolins in sacks near the bus station, motorbike",
)


@pytest.fixture
def officer(app):
    load_town()
    return make_actor()


def rows() -> list[tuple[int, ...]]:
    db.session.rollback()
    columns = (CaseKey.key, CaseKey.case_id, CaseKey.t, CaseKey.tip_id, CaseKey.first_id)
    return [tuple(row) for row in db.session.execute(sa.select(*columns).order_by(*columns[:2]))]


def rows_as_they_should_be(app) -> list[tuple[int, ...]]:
    """Derive from the tips alone what the index of cases should hold: the newest and first tip of each case under each key."""
    secret = app.extensions["vault"].derive(KEY_PURPOSE)
    tips = db.session.execute(sa.select(Tip.id, Tip.footprint).where(~Tip.is_noise)).all()
    homes = case_services.case_ids_of_tips([tip.id for tip in tips])
    held: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for tip_id, text in tips:
        footprint = Footprint.from_json(text)
        for key in storage_keys(footprint, secret=secret):
            held.setdefault((key, homes[tip_id]), []).append((footprint.received_at, tip_id))
    return sorted((key, case_id, *max(some), min(some)[1]) for (key, case_id), some in held.items())


def gather(count: int, officer) -> int:
    """Take in tips and bring them into one case by hand; return the case."""
    tips = [
        make_tip(TEXTS[number % len(TEXTS)], sender=f"+6680000010{number}", minutes=number)
        for number in range(count)
    ]
    homes = case_services.case_ids_of_tips([tip.tip_id for tip in tips])
    into = homes[tips[0].tip_id]
    for tip in tips:
        if homes[tip.tip_id] != into:
            with transaction():
                case_services.move_tip(tip_id=tip.tip_id, to_case_id=into, actor=officer, now=NOW)
    return into


def codes_of(case_id: int) -> list[str]:
    db.session.rollback()
    return [link.code for link in case_services.links_of_case(case_id)]


@settings(max_examples=6)
@given(count=st.integers(2, 5), ticked=st.sets(st.integers(0, 4), min_size=1, max_size=4))
def test_the_index_follows_a_split_and_its_undo(app, officer, count, ticked):
    case_id = gather(count, officer)
    codes = codes_of(case_id)
    chosen = [codes[number] for number in sorted(ticked) if number < len(codes)][: len(codes) - 1]
    before, exported = rows(), export()
    assert before == rows_as_they_should_be(app)
    if not chosen:
        return
    with transaction():
        done = case_services.split_case(
            case_id=case_id, codes=chosen, to_case_id=None, note="", actor=officer, now=NOW
        )
    assert rows() == rows_as_they_should_be(app)
    with transaction():
        case_services.undo(action_id=done.action_id, actor=officer, now=NOW)
    assert (rows(), export()) == (before, exported)


def test_the_index_follows_a_merge_a_split_and_their_undoing(app, officer):
    one = gather(3, officer)
    tip = make_tip(TEXTS[3], sender="+66800000199", minutes=600)
    other = case_services.case_ids_of_tips([tip.tip_id])[tip.tip_id]
    assert other != one
    before, exported = rows(), export()
    with transaction():
        merged = case_services.transition(
            case_id=one, to="merged", actor=officer, ask=Ask(survivor_id=other), now=NOW
        )
    assert rows() == rows_as_they_should_be(app)
    with transaction():
        done = case_services.split_case(
            case_id=other, codes=codes_of(other)[-1:], to_case_id=None, note="", actor=officer, now=NOW
        )
    assert rows() == rows_as_they_should_be(app)
    for action_id in (done.action_id, merged.action_id):
        with transaction():
            case_services.undo(action_id=action_id, actor=officer, now=NOW)
    assert (rows(), export()) == (before, exported)


def test_the_index_follows_a_tip_that_the_desk_sets_aside_and_brings_back(app, sign_in, officer):
    case_id = gather(2, officer)
    before = rows()
    code = show_tip_code(codes_of(case_id)[-1])
    client = sign_in("officer")
    page = client.post(f"/desk/{code}/noise", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert rows() == [row for row in rows() if row[3] in case_services.case_ids_of_tips([row[3]])]
    assert rows() != before
    undo = page[page.index(f"/desk/{code}/not-noise?action=") :].split('"')[0]
    assert client.post(undo).status_code == 303
    assert rows() == before


def test_a_long_case_keeps_what_its_oldest_tips_said(app, officer, monkeypatch):
    monkeypatch.setattr("tips.case_keys.MOST_READ", 2)
    case_id = gather(5, officer)
    assert rows() == rows_as_they_should_be(app)
    with transaction():
        case_services.split_case(
            case_id=case_id, codes=codes_of(case_id)[1:2], to_case_id=None, note="", actor=officer, now=NOW
        )
    assert rows() == rows_as_they_should_be(app)


def test_a_long_case_takes_what_its_oldest_tips_said_into_a_merge_and_back(app, officer, monkeypatch):
    monkeypatch.setattr("tips.case_keys.MOST_READ", 2)
    one = gather(3, officer)
    tip = make_tip(TEXTS[3], sender="+66800000199", minutes=600)
    other = case_services.case_ids_of_tips([tip.tip_id])[tip.tip_id]
    assert other != one
    before = rows()
    with transaction():
        merged = case_services.transition(
            case_id=one, to="merged", actor=officer, ask=Ask(survivor_id=other), now=NOW
        )
    assert rows() == rows_as_they_should_be(app)
    with transaction():
        case_services.undo(action_id=merged.action_id, actor=officer, now=NOW)
    assert rows() == before
