from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from cases import services
from cases.models import Case, CaseNote, CaseNoteRevision, Unit
from core.db import db, transaction
from core.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.builders.accounts import make_staff
from tests.builders.cases import NOW, actor_of, file_new, make_actor, move_to


def get_case(case_id: int) -> Case:
    return db.session.get(Case, case_id, populate_existing=True)


def test_the_second_claim_is_refused_and_told_who_was_faster(app):
    filed, first, second = file_new(), make_actor(name="Somchai"), make_actor()
    with transaction():
        services.claim(case_id=filed.case_id, actor=first, now=NOW)
    with pytest.raises(Conflict, match="taken by Somchai"), transaction():
        services.claim(case_id=filed.case_id, actor=second, now=NOW)
    assert get_case(filed.case_id).assignee_id == first.id


def test_of_concurrent_claims_exactly_one_wins(app):
    filed = file_new()
    officers = [make_actor() for _ in range(4)]
    start, won = threading.Barrier(len(officers)), []

    def claim(actor):
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    services.claim(case_id=filed.case_id, actor=actor, now=NOW)
            except Conflict:
                return
            won.append(actor.id)

    threads = [threading.Thread(target=claim, args=(actor,)) for actor in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert get_case(filed.case_id).assignee_id == won[0]


def test_claiming_an_unknown_case_is_not_found(app):
    with pytest.raises(NotFound), transaction():
        services.claim(case_id=99, actor=make_actor(), now=NOW)


def test_a_supervisor_assigns_and_an_officer_hands_over_what_is_theirs(app):
    filed, owner, other, boss = file_new(), make_actor(), make_actor(), make_actor("supervisor")
    with transaction():
        services.assign(case_id=filed.case_id, assignee_id=owner.id, actor=boss, now=NOW)
    with pytest.raises(NotAllowed), transaction():
        services.assign(case_id=filed.case_id, assignee_id=other.id, actor=other, now=NOW)
    with transaction():
        services.assign(case_id=filed.case_id, assignee_id=other.id, actor=owner, now=NOW)
    assert get_case(filed.case_id).assignee_id == other.id
    with transaction():
        services.assign(case_id=filed.case_id, assignee_id=None, actor=other, now=NOW)
    assert get_case(filed.case_id).assigned_at is None


def test_only_caseworkers_are_assigned(app):
    filed, boss = file_new(), make_actor("supervisor")
    for unfit in (make_staff("finance").id, 99):
        with pytest.raises(Invalid), transaction():
            services.assign(case_id=filed.case_id, assignee_id=unfit, actor=boss, now=NOW)


def test_an_overridden_priority_needs_a_reason_and_keeps_the_computed_one(app):
    filed, officer = file_new(), make_actor()
    with pytest.raises(Invalid), transaction():
        services.set_priority(case_id=filed.case_id, priority="P1", reason=" ", actor=officer, now=NOW)
    with pytest.raises(Invalid), transaction():
        services.set_priority(case_id=filed.case_id, priority="P9", reason="why", actor=officer, now=NOW)
    with transaction():
        services.set_priority(case_id=filed.case_id, priority="P1", reason="A child", actor=officer, now=NOW)
    case = get_case(filed.case_id)
    assert (case.priority, case.priority_set, case.priority_set_reason) == ("P3", "P1", "A child")
    with transaction():
        services.set_priority(case_id=filed.case_id, priority=None, reason="", actor=officer, now=NOW)
    assert get_case(filed.case_id).priority_set is None


def test_a_category_set_by_an_officer_is_certain_and_outlives_new_tips(app):
    filed, officer = file_new(category=None, category_probability=0.0), make_actor()
    with transaction():
        services.set_category(case_id=filed.case_id, category="weapons", actor=officer, now=NOW)
    case = get_case(filed.case_id)
    assert (case.title, case.category, case.category_set) == ("Weapons near Rim Moei market", None, "weapons")
    assert case.priority == "P2"


def test_a_unit_chosen_by_hand_is_left_alone_by_routing(app):
    filed, officer = file_new(), make_actor()
    with transaction():
        unit = Unit(key="patrol", name="Patrol", is_triage=False)
        db.session.add(unit)
        db.session.flush()
        services.set_unit(case_id=filed.case_id, unit_id=unit.id, actor=officer, now=NOW)
        unit_id = unit.id
    with transaction():
        services.set_category(case_id=filed.case_id, category="fuel", actor=officer, now=NOW)
    assert get_case(filed.case_id).unit_id == unit_id
    with pytest.raises(NotFound), transaction():
        services.set_unit(case_id=filed.case_id, unit_id=99, actor=officer, now=NOW)


def test_a_merged_case_takes_no_changes(app):
    filed, survivor, officer = file_new(), file_new(), make_actor()
    move_to(filed.case_id, "merged", actor=officer, survivor_id=survivor.case_id)
    with pytest.raises(Conflict, match="is merged"), transaction():
        services.claim(case_id=filed.case_id, actor=officer, now=NOW)
    with pytest.raises(Conflict), transaction():
        services.set_category(case_id=filed.case_id, category="fuel", actor=officer, now=NOW)
    with pytest.raises(Conflict), transaction():
        services.add_note(case_id=filed.case_id, body="Late", actor=officer, now=NOW)


def test_two_people_cannot_save_over_each_others_note(app):
    filed, one, other = file_new(), make_actor(), make_actor()
    with transaction():
        note = services.add_note(case_id=filed.case_id, body=" First words ", actor=one, now=NOW)
    later = NOW + timedelta(minutes=5)
    with transaction():
        services.edit_note(
            case_id=filed.case_id,
            note_id=note.note_id,
            body="Second words",
            version=1,
            actor=other,
            now=later,
        )
    with pytest.raises(Conflict) as refused, transaction():
        services.edit_note(
            case_id=filed.case_id, note_id=note.note_id, body="My words", version=1, actor=one, now=later
        )
    assert refused.value.extra == {"theirs": "Second words", "yours": "My words", "version": 2}
    row = db.session.scalars(sa.select(CaseNote)).one()
    assert (row.body, row.version, row.author_id, row.edited_by) == ("Second words", 2, one.id, other.id)
    kept = db.session.scalars(sa.select(CaseNoteRevision)).one()
    assert (kept.body, kept.version, kept.author_id, kept.at) == ("First words", 1, one.id, NOW)


@pytest.mark.parametrize("body", ["", "  ", "x" * 10_001])
def test_an_empty_or_endless_note_is_refused(app, body):
    filed, officer = file_new(), make_actor()
    with pytest.raises(Invalid), transaction():
        services.add_note(case_id=filed.case_id, body=body, actor=officer, now=NOW)


def test_a_private_key_in_a_note_is_never_kept(app):
    key = "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"
    filed, officer = file_new(), make_actor()
    with transaction():
        saved = services.add_note(case_id=filed.case_id, body=f"He showed {key}", actor=officer, now=NOW)
    assert key not in db.session.get(CaseNote, saved.note_id).body


def test_an_unknown_note_is_not_found(app):
    with pytest.raises(NotFound), transaction():
        services.edit_note(case_id=1, note_id=99, body="x", version=1, actor=make_actor(), now=NOW)


def test_a_supervisor_is_a_fit_assignee(app):
    filed, boss = file_new(), actor_of(make_staff("supervisor"))
    with transaction():
        services.claim(case_id=filed.case_id, actor=boss, now=NOW)
    assert get_case(filed.case_id).assignee_id == boss.id
