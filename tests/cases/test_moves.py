from __future__ import annotations

import ast
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
import sqlalchemy as sa

import cases
from cases import services
from cases.models import Case, CaseTransition
from cases.states import STATES, TABLE, Ask
from core.audit import AuditEvent
from core.codes import show_tip_code
from core.db import db, transaction
from core.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.builders.cases import NOW, file_new, make_actor, move_to, work_until_review

KNOWN = {(rule.start, rule.to) for rule in TABLE}
REACHED_BY = {
    "open": (),
    "assessing": ("assessing",),
    "active": ("assessing", "active"),
    "on_hold": ("assessing", "active", "on_hold"),
    "referred": ("assessing", "active", "referred"),
    "merged": ("merged",),
}
WORDS = {
    "reason": "Because of the rain",
    "review_on": (NOW + timedelta(days=7)).date(),
    "agency": "Forest department",
    "contact": "Desk officer",
    "disclosure": "Place and time",
}


def case_in(state: str, actor, survivor_id: int) -> int:
    case_id = file_new().case_id
    if state in ("pending_review", "closed"):
        tip_ids = [link.tip_id for link in services.links_of_case(case_id)]
        work_until_review(case_id, tip_ids, make_actor())
        move_to(case_id, *(["closed"] if state == "closed" else []), actor=actor)
        return case_id
    with transaction():
        services.claim(case_id=case_id, actor=actor, now=NOW)
    survivor = {"survivor_id": survivor_id} if state == "merged" else {}
    move_to(case_id, *REACHED_BY[state], actor=actor, **WORDS, **survivor)
    return case_id


@pytest.mark.parametrize("state", STATES)
def test_every_illegal_move_is_refused_and_names_what_can_follow(app, state):
    supervisor = make_actor("supervisor")
    survivor_id = file_new().case_id
    case_id = case_in(state, supervisor, survivor_id)
    count = sa.select(sa.func.count()).select_from(CaseTransition)
    before = db.session.scalar(count)
    for to in (to for start, to in product([state], STATES) if (start, to) not in KNOWN):
        with pytest.raises(Conflict) as refused, transaction():
            services.transition(case_id=case_id, to=to, actor=supervisor, ask=Ask(**WORDS), now=NOW)
        assert refused.value.extra["allowed"]
        assert to not in refused.value.extra["allowed"]
    assert db.session.get(Case, case_id, populate_existing=True).state == state
    assert db.session.scalar(count) == before


def test_a_move_writes_state_transition_and_audit_together(app):
    officer, filed = make_actor(), file_new()
    with transaction():
        services.claim(case_id=filed.case_id, actor=officer, now=NOW)
    move_to(filed.case_id, "assessing", actor=officer)
    case = db.session.get(Case, filed.case_id)
    last = db.session.scalars(sa.select(CaseTransition).order_by(CaseTransition.id.desc())).first()
    audited = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "case.state")).one()
    assert (case.state, case.entered_at) == ("assessing", NOW)
    assert (last.from_state, last.to_state, last.actor_id, last.version) == (
        "open",
        "assessing",
        officer.id,
        case.version,
    )
    assert audited.detail == {"from": "open", "to": "assessing", "version": case.version}


def test_a_refused_move_lists_every_guard(app):
    officer, filed = make_actor(), file_new()
    with transaction():
        services.claim(case_id=filed.case_id, actor=officer, now=NOW)
    move_to(filed.case_id, "assessing", actor=officer)
    with pytest.raises(Invalid) as refused, transaction():
        services.transition(case_id=filed.case_id, to="pending_review", actor=officer, ask=Ask(), now=NOW)
    assert refused.value.errors["list_complete"] == [
        "Choose an outcome from the list.",
        "Write a summary of at least 100 characters; 100 to go.",
        "Record what was seized, or tick that nothing was.",
        f"Grade the contribution of tip {show_tip_code(services.links_of_case(filed.case_id)[0].code)}.",
    ]


def test_a_role_outside_the_rule_is_refused(app):
    officer, filed = make_actor(), file_new()
    with transaction():
        services.claim(case_id=filed.case_id, actor=officer, now=NOW)
    move_to(filed.case_id, "assessing", actor=officer)
    with pytest.raises(NotAllowed, match="supervisor"), transaction():
        services.transition(case_id=filed.case_id, to="referred", actor=officer, ask=Ask(**WORDS), now=NOW)


def test_a_stale_form_moves_nothing(app):
    officer, filed = make_actor(), file_new()
    with transaction():
        services.claim(case_id=filed.case_id, actor=officer, now=NOW)
    with pytest.raises(Conflict, match="changed by somebody else"), transaction():
        services.transition(
            case_id=filed.case_id, to="assessing", actor=officer, ask=Ask(), now=NOW, version=1
        )


def test_a_hold_keeps_its_date_and_leads_back(app):
    officer, filed = make_actor(), file_new()
    with transaction():
        services.claim(case_id=filed.case_id, actor=officer, now=NOW)
    move_to(filed.case_id, "assessing", "on_hold", actor=officer, reason="Rain", review_on=WORDS["review_on"])
    case = db.session.get(Case, filed.case_id)
    assert (case.review_on, case.came_from) == (WORDS["review_on"], "assessing")
    (offer,) = services.offers(case_id=filed.case_id, actor=officer, now=NOW)
    assert (offer.to, offer.allowed) == ("assessing", True)
    move_to(filed.case_id, "assessing", actor=officer)
    assert db.session.get(Case, filed.case_id).review_on is None


def test_a_referral_keeps_to_whom_and_what_was_disclosed(app):
    supervisor = make_actor("supervisor")
    case_in("referred", supervisor, file_new().case_id)
    detail = db.session.scalars(
        sa.select(CaseTransition.detail).where(CaseTransition.to_state == "referred")
    ).one()
    assert detail["agency"] == "Forest department"
    assert detail["disclosure"] == "Place and time"


def test_an_unknown_case_is_not_found(app):
    with pytest.raises(NotFound), transaction():
        services.transition(case_id=99, to="active", actor=make_actor(), ask=Ask(), now=NOW)
    with pytest.raises(NotFound):
        services.offers(case_id=99, actor=make_actor(), now=NOW)


@pytest.mark.parametrize(
    "statement", ["UPDATE case_transitions SET reason = 'x'", "DELETE FROM case_transitions"]
)
def test_transitions_are_append_only(app, statement):
    file_new()
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), transaction():
        db.session.execute(sa.text(statement))


def test_only_one_place_writes_the_state_of_a_case():
    writers = []
    for path in Path(cases.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            targets = getattr(node, "targets", [getattr(node, "target", None)])
            written = [part for target in targets if target is not None for part in ast.walk(target)]
            if any(isinstance(part, ast.Attribute) and part.attr == "state" for part in written):
                writers.append(path.name)
            if isinstance(node, ast.Call):
                named = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if named in ("values", "Case") and any(keyword.arg == "state" for keyword in node.keywords):
                    writers.append(path.name)
            if isinstance(node, ast.Dict) and any(
                getattr(key, "value", None) == "state" for key in node.keys
            ):
                writers.append(path.name)
    assert sorted(set(writers)) == ["moves.py"]
