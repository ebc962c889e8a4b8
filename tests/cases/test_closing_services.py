from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from cases import services
from cases.facts import Actor
from cases.models import Case, Contribution, Seizure
from cases.services.handover import outcome_of
from core.db import db, transaction
from core.errors import Conflict, Invalid, NotFound
from rewards import services as rewards
from tests.builders.cases import (
    NOW,
    SUMMARY,
    TEAK,
    file_into,
    file_new,
    make_actor,
    make_tip_facts,
    move_to,
    work_until_review,
)


@pytest.fixture
def officer(app):
    return make_actor()


def tip_ids_of(case_id: int) -> list[int]:
    return [link.tip_id for link in services.links_of_case(case_id)]


def close_case(officer: Actor, **work: str) -> tuple[int, Actor]:
    filed, supervisor = file_new(), make_actor("supervisor")
    work_until_review(filed.case_id, tip_ids_of(filed.case_id), officer, **work)
    with transaction():
        services.close(case_id=filed.case_id, actor=supervisor, now=NOW)
    return filed.case_id, supervisor


def save_outcome(case_id: int, officer: Actor, **changes: object) -> None:
    form = {"disposition": "lawful", "summary": SUMMARY, "nil_seizures": True, "action_at": None} | changes
    with transaction():
        services.set_outcome(case_id=case_id, actor=officer, now=NOW, **form)


def test_closing_proposes_a_reward_from_grades_and_value(app, officer):
    case_id, _ = close_case(officer)
    case = db.session.get(Case, case_id)
    reward = rewards.reward_of_case(case_id=case_id)
    assert (case.state, case.closed_at) == ("closed", NOW)
    # 18,400.00 of goods and a decisive tip (80 points): 1,000.00 + 5 % of 8,400.00
    assert (reward.pool, reward.currency) == (142_000, "USD")


def test_an_outcome_that_earns_nothing_is_kept_with_its_reason(app, officer):
    case_id, _ = close_case(officer, disposition="unfounded")
    reward = rewards.reward_of_case(case_id=case_id)
    assert reward.ref is None
    assert reward.reason


def test_a_refused_closing_leaves_no_reward(app, officer):
    filed = file_new()
    work_until_review(filed.case_id, tip_ids_of(filed.case_id), officer)
    with pytest.raises(Invalid), transaction():
        services.close(
            case_id=filed.case_id, actor=Actor(officer.id, "supervisor", officer.person_id), now=NOW
        )
    assert rewards.reward_of_case(case_id=filed.case_id) is None


def test_the_reward_office_learns_who_had_a_hand_in_the_case(app, officer):
    filed, supervisor = file_new(), make_actor("supervisor")
    work_until_review(filed.case_id, tip_ids_of(filed.case_id), officer)
    outcome = outcome_of(db.session.get(Case, filed.case_id), supervisor)
    assert outcome.involved == {officer.person_id: "case_officer", supervisor.person_id: "closing_officer"}


def test_the_reward_office_learns_goods_grades_and_aliases_but_no_words(app, officer):
    filed = file_new(sender_alias="s-one")
    later = file_into(filed.case_id, received_at=NOW + timedelta(hours=1), channel="web")
    work_until_review(filed.case_id, tip_ids_of(filed.case_id), officer)
    outcome = outcome_of(db.session.get(Case, filed.case_id), officer)
    assert [(tip.grade, tip.order, tip.sender, tip.channel) for tip in outcome.tips] == [
        ("decisive", "first", "s-one", "sms"),
        ("decisive", "new_facts", later.sender_alias, "web"),
    ]
    (lot,) = outcome.seizures
    assert (lot.quantity, lot.unit, lot.value_minor, lot.currency) == ("12.5", "MTQ", 1_840_000, "USD")
    assert outcome.rewardable


def test_reopening_takes_the_proposal_back_and_closing_again_proposes_anew(app, officer):
    case_id, supervisor = close_case(officer)
    first = rewards.reward_of_case(case_id=case_id)
    with transaction():
        services.reopen(case_id=case_id, actor=supervisor, reason="A second lorry", now=NOW)
    assert db.session.get(Case, case_id).closed_at is None
    move_to(case_id, "pending_review", actor=officer)
    with transaction():
        services.close(case_id=case_id, actor=supervisor, now=NOW)
    second = rewards.reward_of_case(case_id=case_id)
    assert second.ref != first.ref
    assert second.pool == first.pool


def test_a_grade_is_kept_once_and_follows_the_last_word(app, officer):
    filed = file_new()
    (tip_id,) = tip_ids_of(filed.case_id)
    for grade in ("useful", "known"):
        with transaction():
            services.grade_tip(tip_id=tip_id, grade=grade, actor=officer, now=NOW)
    row = db.session.scalars(sa.select(Contribution)).one()
    assert (row.grade, row.position, row.graded_by) == ("known", "first", officer.id)


@pytest.mark.parametrize(("grade", "position"), [("decisive", "new_facts"), ("known", "confirms")])
def test_a_corroborating_tip_brings_new_facts_only_where_it_helped(app, officer, grade, position):
    filed = file_new()
    facts = file_into(filed.case_id)
    with transaction():
        services.grade_tip(tip_id=facts.tip_id, grade=grade, actor=officer, now=NOW)
    assert db.session.scalars(sa.select(Contribution.position)).one() == position


def test_position_card_and_gates_may_be_given(app, officer):
    filed = file_new()
    (tip_id,) = tip_ids_of(filed.case_id)
    card = {"specificity": 30, "outcome": 30, "risk": 5, "cooperation": 5, "timeliness": 5}
    with transaction():
        services.grade_tip(
            tip_id=tip_id,
            grade="useful",
            actor=officer,
            now=NOW,
            position="duplicate",
            card=card,
            gates={"public": "In the paper the day before"},
        )
    row = db.session.scalars(sa.select(Contribution)).one()
    assert (row.position, row.card, row.gates) == (
        "duplicate",
        card,
        {"public": "In the paper the day before"},
    )


@pytest.mark.parametrize("wrong", [{"grade": "great"}, {"position": "last"}])
def test_grades_and_positions_come_from_the_list(app, officer, wrong):
    filed = file_new()
    (tip_id,) = tip_ids_of(filed.case_id)
    with pytest.raises(Invalid), transaction():
        services.grade_tip(**({"tip_id": tip_id, "grade": "useful", "actor": officer, "now": NOW} | wrong))


def test_a_tip_outside_any_case_has_no_grade(app, officer):
    with pytest.raises(NotFound), transaction():
        services.grade_tip(tip_id=make_tip_facts().tip_id, grade="useful", actor=officer, now=NOW)


def test_saving_the_form_grades_only_tips_of_the_case_that_changed(app, officer):
    filed, other = file_new(), file_new()
    (mine,), (foreign,) = tip_ids_of(filed.case_id), tip_ids_of(other.case_id)
    save_outcome(filed.case_id, officer, grades={mine: "useful", foreign: "useful"})
    save_outcome(filed.case_id, make_actor("supervisor"), grades={mine: "useful"})
    row = db.session.scalars(sa.select(Contribution)).one()
    assert (row.tip_id, row.graded_by) == (mine, officer.id)


def test_the_author_of_the_outcome_changes_only_with_the_outcome(app, officer):
    filed, other = file_new(), make_actor("supervisor")
    save_outcome(filed.case_id, officer)
    save_outcome(filed.case_id, other, summary="y" * 200)
    assert db.session.get(Case, filed.case_id).disposition_by == officer.id
    save_outcome(filed.case_id, other, disposition="fined")
    assert db.session.get(Case, filed.case_id, populate_existing=True).disposition_by == other.id


@pytest.mark.parametrize("wrong", [{"disposition": "gone"}, {"action_at": NOW + timedelta(days=1)}])
def test_an_outcome_that_cannot_be_is_refused(app, officer, wrong):
    filed = file_new()
    with pytest.raises(Invalid):
        save_outcome(filed.case_id, officer, **wrong)


def test_a_recorded_seizure_takes_back_that_nothing_was_seized(app, officer):
    filed = file_new()
    save_outcome(filed.case_id, officer)
    with transaction():
        seizure_id = services.record_seizure(case_id=filed.case_id, entry=TEAK, actor=officer, now=NOW)
    assert db.session.get(Case, filed.case_id).nil_seizures is False
    with transaction():
        services.withdraw_seizure(case_id=filed.case_id, seizure_id=seizure_id, actor=officer, now=NOW)
    assert db.session.get(Seizure, seizure_id).withdrawn_by == officer.id
    with pytest.raises(NotFound), transaction():
        services.withdraw_seizure(case_id=filed.case_id, seizure_id=seizure_id, actor=officer, now=NOW)


def test_a_closed_case_takes_no_seizure_grade_or_outcome(app, officer):
    case_id, _ = close_case(officer)
    with pytest.raises(Conflict), transaction():
        services.record_seizure(case_id=case_id, entry=TEAK, actor=officer, now=NOW)
    with pytest.raises(Conflict), transaction():
        services.grade_tip(tip_id=tip_ids_of(case_id)[0], grade="none", actor=officer, now=NOW)
    with pytest.raises(Conflict):
        save_outcome(case_id, officer)


@pytest.mark.parametrize(
    "values",
    [
        {"quantity_thousandths": 0},
        {"value_minor": -1},
        {"unit": "XX"},
        {"category": "gold"},
    ],
)
def test_the_database_refuses_a_seizure_that_cannot_be(app, officer, values):
    filed = file_new()
    row = {
        "case_id": filed.case_id,
        "category": "timber",
        "description": "Teak",
        "recorded_by": officer.id,
        "recorded_at": NOW,
    }
    with pytest.raises(sa.exc.IntegrityError), transaction():
        db.session.execute(sa.insert(Seizure.__table__), row | values)


def test_an_advance_is_proposed_from_what_an_open_case_has_so_far(app, officer):
    filed = file_new()
    work_until_review(filed.case_id, tip_ids_of(filed.case_id), officer)
    with transaction():
        said = services.propose_advance(case_id=filed.case_id, actor=officer, now=NOW)
    assert said == "An advance of 355.00 USD waits for finance."
    assert rewards.reward_of_case(case_id=filed.case_id).pool == 35_500
    with pytest.raises(Conflict):
        services.propose_advance(case_id=filed.case_id, actor=officer, now=NOW)


def test_before_a_seizure_there_is_no_advance(app, officer):
    filed = file_new()
    with pytest.raises(Invalid):
        services.propose_advance(case_id=filed.case_id, actor=officer, now=NOW)
