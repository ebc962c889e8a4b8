"""A tip is split off its case at the very moment the desk says something about it: neither is lost, nobody waits in a ring."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

import cases.services as case_services
from cases.services import filing, links
from core.db import db, transaction
from core.errors import Conflict
from tests.builders.cases import make_actor
from tests.builders.tips import MORNING, load_town, make_tip
from tips import triage
from tips.models import Tip
from tips.queries import tip_by_code
from tips.services import Received

AT_ONCE = 0.3  # seconds in which the other side gets as far as it can


@pytest.fixture
def officer(app):
    load_town()
    return make_actor()


def two_in_one_case(officer) -> tuple[int, Received]:
    """Return a case with two tips and the one that will leave it."""
    stays, leaves = make_tip(), make_tip(sender="+66800000002", minutes=5)
    case_id = case_services.case_ids_of_tips([stays.tip_id])[stays.tip_id]
    if case_services.case_ids_of_tips([leaves.tip_id])[leaves.tip_id] != case_id:
        with transaction():
            case_services.move_tip(tip_id=leaves.tip_id, to_case_id=case_id, actor=officer, now=MORNING)
    return case_id, leaves


def split_while(app, monkeypatch, officer, case_id: int, tip: Received, module, act: Callable[[Tip], object]):
    """Split a tip off its case while the desk, which acts on it, is about to lock that case; return what the desk said."""
    about_to_lock, lock = Event(), module.lock_case

    def wait_and_lock(wanted):
        about_to_lock.set()
        time.sleep(AT_ONCE)
        return lock(wanted)

    monkeypatch.setattr(module, "lock_case", wait_and_lock)

    def decide() -> str:
        with app.app_context():
            try:
                with transaction():
                    act(triage.lock_tip(tip.code))
            except Conflict:
                return "refused"
            return "done"

    def split() -> str:
        assert about_to_lock.wait(20)
        with app.app_context():
            try:
                with transaction():
                    case_services.split_case(
                        case_id=case_id,
                        codes=[tip.code],
                        to_case_id=None,
                        note="",
                        actor=officer,
                        now=MORNING,
                    )
            except Conflict:
                return "refused"
            return "split"

    db.session.rollback()
    with ThreadPoolExecutor(2) as pool:
        deciding, splitting = pool.submit(decide), pool.submit(split)
        said = deciding.result(60), splitting.result(60)
    db.session.rollback()
    return said


def test_a_category_set_while_the_tip_is_split_off_reaches_its_new_case_or_is_refused(
    app, officer, monkeypatch
):
    case_id, tip = two_in_one_case(officer)
    said, split = split_while(
        app, monkeypatch, officer, case_id, tip, filing,
        lambda locked: triage.correct_category(locked, "wildlife", actor=officer, now=MORNING),
    )  # fmt: skip
    assert split == "split"
    home = case_services.case_ids_of_tips([tip.tip_id])[tip.tip_id]
    assert home != case_id
    told = {link.tip_id: link.category for link in case_services.links_of_case(home)}
    assert told == {tip.tip_id: tip_by_code(tip.code).category}
    assert (told[tip.tip_id] == "wildlife") == (said == "done")


def test_a_tip_set_aside_while_it_is_split_off_lies_in_no_case_or_is_refused(app, officer, monkeypatch):
    case_id, tip = two_in_one_case(officer)
    said, split = split_while(
        app, monkeypatch, officer, case_id, tip, links,
        lambda locked: triage.set_aside(locked, actor=officer, now=MORNING),
    )  # fmt: skip
    assert {said, split} in ({"done", "refused"}, {"refused", "split"})
    home = case_services.case_ids_of_tips([tip.tip_id]).get(tip.tip_id)
    assert (home is None) == tip_by_code(tip.code).is_noise == (said == "done")
