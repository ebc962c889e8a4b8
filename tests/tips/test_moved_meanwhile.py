"""A tip is split off its case at the very moment the desk says something about it: neither is lost, nobody waits in a ring."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import cases.services as case_services
from cases.services import filing
from core.db import db, transaction
from core.errors import Conflict
from tests.builders.cases import make_actor
from tests.builders.tips import MORNING, load_town, make_tip
from tips import triage
from tips.queries import tip_by_code

AT_ONCE = 0.3  # seconds in which the other side gets as far as it can


def test_a_category_set_while_the_tip_is_split_off_reaches_its_new_case_or_is_refused(app, monkeypatch):
    load_town()
    officer = make_actor()
    stays, leaves = make_tip(), make_tip(sender="+66800000002", minutes=5)
    case_id = case_services.case_ids_of_tips([stays.tip_id])[stays.tip_id]
    with transaction():
        if case_services.case_ids_of_tips([leaves.tip_id])[leaves.tip_id] != case_id:
            case_services.move_tip(tip_id=leaves.tip_id, to_case_id=case_id, actor=officer, now=MORNING)
    about_to_lock, lock = Event(), filing.lock_case

    def wait_and_lock(wanted):
        about_to_lock.set()
        time.sleep(AT_ONCE)
        return lock(wanted)

    monkeypatch.setattr(filing, "lock_case", wait_and_lock)

    def correct() -> str:
        with app.app_context():
            try:
                with transaction():
                    tip = triage.lock_tip(leaves.code)
                    triage.correct_category(tip, "wildlife", actor=officer, now=MORNING)
            except Conflict:
                return "refused"
            return "set"

    def split() -> int:
        assert about_to_lock.wait(20)
        with app.app_context(), transaction():
            return case_services.split_case(
                case_id=case_id, codes=[leaves.code], to_case_id=None, note="", actor=officer, now=MORNING
            ).action_id

    with ThreadPoolExecutor(2) as pool:
        answer, done = pool.submit(correct), pool.submit(split)
        said = answer.result(60)
        assert done.result(60)
    db.session.rollback()
    home = case_services.case_ids_of_tips([leaves.tip_id])[leaves.tip_id]
    assert home != case_id
    told = {link.tip_id: link.category for link in case_services.links_of_case(home)}
    assert told == {leaves.tip_id: tip_by_code(leaves.code).category}
    assert (told[leaves.tip_id] == "wildlife") == (said == "set")
