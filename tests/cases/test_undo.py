from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import services
from cases.models import Case, CaseAction, CaseLink
from cases.services.records import facts_of
from cases.states import Ask
from core.codes import show_tip_code
from core.db import db, transaction
from core.errors import Conflict, Invalid, NotFound
from signals.observable import Observable
from signals.services import record_mentions
from tests.builders.cases import NOW, file_into, file_new, make_actor, move_to
from tests.builders.residue import export, picture


def undo(action_id: int, actor) -> services.Filed:
    with transaction():
        return services.undo(action_id=action_id, actor=actor, now=NOW)


def machine_action(tip_id: int) -> int:
    return db.session.scalar(
        sa.select(CaseAction.id).where(CaseAction.tip_id == tip_id, CaseAction.actor_id.is_(None))
    )


def merge(case_id: int, survivor_id: int, actor) -> services.Moved:
    with transaction():
        return services.transition(
            case_id=case_id, to="merged", actor=actor, ask=Ask(survivor_id=survivor_id), now=NOW
        )


def test_a_merge_gathers_the_tips_and_its_undo_restores_the_export(app):
    officer = make_actor()
    one, other = file_new(category="fuel"), file_new(radius_m=50.0, place="Pier 4")
    for case in (one, other):
        file_into(case.case_id)
    before = export()
    moved = merge(one.case_id, other.case_id, officer)
    assert [link.case_id for link in services.links_of_case(other.case_id)] == [other.case_id] * 4
    assert services.links_of_case(one.case_id) == ()
    assert db.session.get(Case, other.case_id).senders == 4
    undo(moved.action_id, officer)
    assert export() == before


def test_a_merge_is_taken_back_from_the_merged_case_as_well(app):
    officer = make_actor()
    one, other = file_new(), file_new()
    before = export()
    merge(one.case_id, other.case_id, officer)
    move_to(one.case_id, "open", actor=officer)
    assert export() == before


def test_the_links_of_a_merge_say_the_same_of_each_tip(app):
    officer = make_actor()
    one, other = file_new(), file_new()
    facts = file_into(one.case_id)
    kept = services.case_of_tips([facts.tip_id])[facts.tip_id]
    merge(one.case_id, other.case_id, officer)
    now = services.case_of_tips([facts.tip_id])[facts.tip_id]
    assert now.case_id == other.case_id
    assert (now.relation, now.probability, now.reasons) == (kept.relation, kept.probability, kept.reasons)


def test_a_merge_stands_when_one_of_its_tips_has_moved_on(app):
    officer = make_actor()
    one, other, third = file_new(), file_new(), file_new()
    facts = file_into(one.case_id)
    moved = merge(one.case_id, other.case_id, officer)
    with transaction():
        away = services.move_tip(tip_id=facts.tip_id, to_case_id=third.case_id, actor=officer, now=NOW)
    with pytest.raises(Conflict, match=f"Tip {show_tip_code(facts.code)} has been moved since"):
        undo(moved.action_id, officer)
    assert db.session.get(Case, one.case_id).state == "merged"
    undo(away.action_id, officer)
    undo(moved.action_id, officer)
    assert db.session.get(Case, one.case_id).state == "open"


def test_a_case_is_not_merged_into_itself(app):
    officer, one = make_actor(), file_new()
    with pytest.raises(Invalid, match="entered"):
        merge(one.case_id, one.case_id, officer)


def test_nothing_is_undone_twice(app):
    officer = make_actor()
    one, other = file_new(), file_new()
    moved = merge(one.case_id, other.case_id, officer)
    undo(moved.action_id, officer)
    with pytest.raises(Conflict, match="undone already"):
        undo(moved.action_id, officer)
    with pytest.raises(NotFound):
        undo(10_000, officer)


def test_an_attachment_by_the_machine_is_taken_back_into_a_case_of_its_own(app):
    officer = make_actor()
    filed = file_new()
    facts = file_into(filed.case_id)
    done = undo(machine_action(facts.tip_id), officer)
    assert done.case_id != filed.case_id
    assert services.case_ids_of_tips([facts.tip_id]) == {facts.tip_id: done.case_id}
    back = undo(done.action_id, officer)
    assert back.sentence == "Undone."
    assert services.case_ids_of_tips([facts.tip_id]) == {facts.tip_id: filed.case_id}


def test_an_attachment_is_not_taken_back_from_where_an_officer_moved_the_tip(app):
    officer = make_actor()
    filed, other = file_new(), file_new()
    facts = file_into(filed.case_id)
    with transaction():
        services.move_tip(tip_id=facts.tip_id, to_case_id=other.case_id, actor=officer, now=NOW)
    with pytest.raises(Conflict, match="has been moved since"):
        undo(machine_action(facts.tip_id), officer)
    assert services.case_ids_of_tips([facts.tip_id]) == {facts.tip_id: other.case_id}


def test_the_opening_of_a_case_is_not_taken_back_for_no_tip_is_left_without_a_case(app):
    officer = make_actor()
    filed = file_new()
    tip_id = services.links_of_case(filed.case_id)[0].tip_id
    with pytest.raises(Conflict, match="no tip is left without a case"):
        undo(machine_action(tip_id), officer)
    assert db.session.get(Case, filed.case_id).state == "open"
    assert services.case_ids_of_tips([tip_id]) == {tip_id: filed.case_id}


def test_an_assignment_is_undone_unless_it_changed_hands_since(app):
    first, second = make_actor(), make_actor("supervisor")
    filed = file_new()
    with transaction():
        done = services.claim(case_id=filed.case_id, actor=first, now=NOW)
    with transaction():
        later = services.assign(case_id=filed.case_id, assignee_id=second.id, actor=second, now=NOW)
    with pytest.raises(Conflict, match="changed since"):
        undo(done.action_id, first)
    undo(later.action_id, second)
    undo(done.action_id, first)
    assert db.session.get(Case, filed.case_id).assignee_id is None


def test_an_override_of_the_priority_is_undone(app):
    officer, filed = make_actor(), file_new()
    before = export()
    with transaction():
        done = services.set_priority(
            case_id=filed.case_id, priority="P1", reason="A child", actor=officer, now=NOW
        )
    assert export() != before
    undo(done.action_id, officer)
    assert export() == before


moves = st.lists(
    st.tuples(st.integers(0, 4), st.one_of(st.none(), st.integers(0, 2))), min_size=1, max_size=5
)


@settings(max_examples=12)
@given(moves)
def test_any_run_of_moves_undone_in_reverse_puts_every_tip_back(app, moves):
    officer = make_actor()
    cases = [file_new().case_id for _ in range(3)]
    tips = [services.links_of_case(case_id)[0].tip_id for case_id in cases]
    tips += [file_into(cases[0]).tip_id, file_into(cases[1]).tip_id]
    before, done = services.case_ids_of_tips(tips), []
    for tip, case in moves:
        target = cases[case] if case is not None else None
        try:
            with transaction():
                act = services.move_tip(tip_id=tips[tip], to_case_id=target, actor=officer, now=NOW)
        except Conflict:
            continue
        done.append(act.action_id)
    for action_id in reversed(done):
        undo(action_id, officer)
    assert services.case_ids_of_tips(tips) == before
    assert {db.session.get(Case, case_id, populate_existing=True).state for case_id in cases} == {"open"}


def test_what_was_learnt_of_a_tip_while_its_case_was_merged_stays_known(app):
    officer = make_actor()
    one, other = file_new(place=None, lat=None, lon=None, radius_m=None), file_new()
    (link,) = services.links_of_case(one.case_id)
    facts = facts_of(db.session.get(CaseLink, link.link_id))
    moved = merge(one.case_id, other.case_id, officer)
    with transaction():
        services.refresh_tip(
            facts=replace(facts, place="Xqzv kiln", lat=16.73, lon=98.54, radius_m=150.0, category="fuel")
        )
    undo(moved.action_id, officer)
    (link,) = services.links_of_case(one.case_id)
    assert (link.place, link.lat) == ("Xqzv kiln", 16.73)
    case = db.session.get(Case, one.case_id, populate_existing=True)
    assert (case.place, case.category) == ("Xqzv kiln", "fuel")


PLATES = tuple(Observable("plate", f"AB{number}", 0, 6, "format") for number in (1234, 5678))


@settings(max_examples=15)
@given(
    tips=st.lists(st.tuples(st.integers(0, 3), st.sampled_from((*PLATES, None))), max_size=6),
    merges=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=3),
)
def test_merges_taken_back_restore_the_export_the_links_and_the_rulings(app, tips, merges):
    officer = make_actor()
    cases = [file_new(lat=16.70 + 0.01 * number).case_id for number in range(4)]
    for case, plate in tips:
        tip_id = file_into(cases[case], place="Pier 4").tip_id
        if plate is not None:
            with transaction():
                record_mentions(subject=("tip", tip_id), observables=(plate,), at=NOW)
                services.tie_tip(tip_id=tip_id, case_id=cases[case], now=NOW)
    with transaction():
        services.tie_by_hand(case_id=cases[0], other_id=cases[1], reason="Same crew", actor=officer, now=NOW)
    before, done = picture(), []
    for one, other in merges:
        try:
            done.append(merge(cases[one], cases[other], officer).action_id)
        except (Conflict, Invalid):
            continue
    for action_id in reversed(done):
        undo(action_id, officer)
    assert picture() == before
