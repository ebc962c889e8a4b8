from __future__ import annotations

import pytest
import sqlalchemy as sa

from cases import queries, services
from cases.exports import jsonl
from cases.models import Case, CaseLink, TipSuggestion
from core.db import db, transaction
from core.errors import Conflict, NotFound
from tests.builders.cases import NOW, file_into, file_new, make_actor, make_tip_facts, move_to, suggesting


@pytest.fixture
def officer(app):
    return make_actor()


def export() -> list[str]:
    db.session.rollback()
    return list(jsonl(queries.exported_cases()))


def tip_of(case_id: int) -> int:
    return services.links_of_case(case_id)[0].tip_id


def case_of(tip_id: int) -> int | None:
    return services.case_ids_of_tips([tip_id]).get(tip_id)


def state_of(case_id: int) -> str:
    return db.session.scalar(sa.select(Case.state).where(Case.id == case_id))


def undo(action_id: int, actor) -> None:
    with transaction():
        services.undo(action_id=action_id, actor=actor, now=NOW)


def test_confirming_a_case_confirms_its_tips_and_raises_its_priority(app, officer):
    filed = file_new(category="weapons")
    file_into(filed.case_id, category="weapons")
    with transaction():
        services.confirm_case(case_id=filed.case_id, actor=officer, now=NOW)
    assert all(link.confirmed_at for link in services.links_of_case(filed.case_id))
    case = db.session.get(Case, filed.case_id)
    assert case.confirmed_by == officer.id
    assert case.priority == "P1"
    with pytest.raises(Conflict, match="confirmed already"), transaction():
        services.confirm_case(case_id=filed.case_id, actor=officer, now=NOW)


def test_a_tip_that_came_after_confirmation_waits_for_its_own(app, officer):
    filed = file_new()
    with transaction():
        services.confirm_case(case_id=filed.case_id, actor=officer, now=NOW)
    later = file_into(filed.case_id)
    first, second = services.links_of_case(filed.case_id)
    assert first.confirmed_by is not None
    assert second.confirmed_by is None
    with transaction():
        services.confirm_tip(tip_id=later.tip_id, actor=officer, now=NOW)
    assert services.links_of_case(filed.case_id)[1].confirmed_at == NOW
    with pytest.raises(Conflict, match="confirmed already"), transaction():
        services.confirm_tip(tip_id=later.tip_id, actor=officer, now=NOW)


@pytest.mark.parametrize("whole", [True, False])
def test_a_confirmation_is_taken_back_without_residue(app, officer, whole):
    filed = file_new()
    before = export()
    with transaction():
        if whole:
            done = services.confirm_case(case_id=filed.case_id, actor=officer, now=NOW)
        else:
            done = services.confirm_tip(tip_id=tip_of(filed.case_id), actor=officer, now=NOW)
    undo(done.action_id, officer)
    assert export() == before
    assert services.links_of_case(filed.case_id)[0].confirmed_at is None


def test_moving_a_tip_ends_one_link_and_makes_another(app, officer):
    source, target = file_new(), file_new()
    moved = file_into(source.case_id)
    with transaction():
        done = services.move_tip(
            tip_id=moved.tip_id, to_case_id=target.case_id, actor=officer, now=NOW, reason="plate"
        )
    assert done.number == target.number
    assert case_of(moved.tip_id) == target.case_id
    links = db.session.scalars(
        sa.select(CaseLink).where(CaseLink.tip_id == moved.tip_id).order_by(CaseLink.id)
    ).all()
    assert [(link.case_id, link.detached_reason) for link in links] == [
        (source.case_id, "plate"),
        (target.case_id, None),
    ]
    assert (links[1].made_by, links[1].relation, links[1].reasons) == (
        "user",
        "corroborates",
        ["Filed by an officer: plate."],
    )
    assert (state_of(source.case_id), state_of(target.case_id)) == ("open", "open")


def test_a_tip_of_a_sender_already_heard_is_a_follow_up(app, officer):
    source, target = file_new(), file_new(sender_alias="s-one")
    moved = file_into(source.case_id, sender_alias="s-one")
    with transaction():
        services.move_tip(tip_id=moved.tip_id, to_case_id=target.case_id, actor=officer, now=NOW)
    assert [link.relation for link in services.links_of_case(target.case_id)] == ["first", "follow_up"]
    assert db.session.get(Case, target.case_id).senders == 1


def test_moving_a_tip_out_splits_a_case(app, officer):
    filed = file_new()
    other = file_into(filed.case_id, category="fuel", category_probability=0.95)
    with transaction():
        done = services.move_tip(tip_id=other.tip_id, to_case_id=None, actor=officer, now=NOW)
    split = db.session.get(Case, done.case_id)
    assert (split.category, split.tips, split.state) == ("fuel", 1, "open")
    kept = db.session.get(Case, filed.case_id)
    assert (kept.category, kept.tips, kept.senders) == ("timber", 1, 1)


def test_a_move_and_its_undo_leave_the_export_as_it_was(app, officer):
    source, target = file_new(), file_new(place="Pier 4", radius_m=50.0)
    moved = file_into(source.case_id, category="fuel", category_probability=0.95, radius_m=20.0)
    before = export()
    with transaction():
        done = services.move_tip(tip_id=moved.tip_id, to_case_id=target.case_id, actor=officer, now=NOW)
    assert export() != before
    undo(done.action_id, officer)
    assert export() == before


def test_an_untouched_case_that_loses_its_last_tip_merges_into_where_it_went(app, officer):
    source, target = file_new(), file_new()
    before = export()
    with transaction():
        done = services.move_tip(
            tip_id=tip_of(source.case_id), to_case_id=target.case_id, actor=officer, now=NOW
        )
    row = db.session.get(Case, source.case_id)
    assert (row.state, row.survivor_id, row.tips) == ("merged", target.case_id, 0)
    undo(done.action_id, officer)
    assert export() == before


def test_a_worked_case_that_loses_its_last_tip_stays(app, officer):
    source, target = file_new(), file_new()
    with transaction():
        services.claim(case_id=source.case_id, actor=officer, now=NOW)
    move_to(source.case_id, "assessing", actor=officer)
    with transaction():
        services.move_tip(tip_id=tip_of(source.case_id), to_case_id=target.case_id, actor=officer, now=NOW)
    assert state_of(source.case_id) == "assessing"


def test_a_tip_is_not_moved_to_where_it_is_nor_out_of_a_case_of_its_own(app, officer):
    filed = file_new()
    tip_id = tip_of(filed.case_id)
    with pytest.raises(Conflict, match="already"), transaction():
        services.move_tip(tip_id=tip_id, to_case_id=filed.case_id, actor=officer, now=NOW)
    with pytest.raises(Conflict, match="only tip"), transaction():
        services.move_tip(tip_id=tip_id, to_case_id=None, actor=officer, now=NOW)


def test_nothing_moves_into_a_merged_case(app, officer):
    merged, survivor, other = file_new(), file_new(), file_new()
    move_to(merged.case_id, "merged", actor=officer, survivor_id=survivor.case_id)
    with pytest.raises(Conflict, match="is merged"), transaction():
        services.move_tip(tip_id=tip_of(other.case_id), to_case_id=merged.case_id, actor=officer, now=NOW)


def test_noise_leaves_its_case_and_an_empty_case_closes(app, officer):
    filed = file_new()
    tip_id = tip_of(filed.case_id)
    before = export()
    with transaction():
        done = services.detach_tip(tip_id=tip_id, reason="noise", actor=officer, now=NOW)
    assert case_of(tip_id) is None
    assert state_of(filed.case_id) == "closed"
    with pytest.raises(Conflict):  # where it is not said of which tip, it would lie there as noise
        undo(done.action_id, officer)
    db.session.rollback()
    with transaction():
        services.undo(action_id=done.action_id, tip_id=tip_id, actor=officer, now=NOW)
    assert case_of(tip_id) == filed.case_id
    assert export() == before


def test_a_tip_taken_out_can_be_filed_again_by_hand(app, officer):
    filed, target = file_new(), file_new()
    other = file_into(filed.case_id)
    with transaction():
        services.detach_tip(tip_id=other.tip_id, reason="noise", actor=officer, now=NOW)
    with pytest.raises(NotFound), transaction():
        services.detach_tip(tip_id=other.tip_id, reason="noise", actor=officer, now=NOW)
    with transaction():
        services.move_tip(tip_id=other.tip_id, to_case_id=target.case_id, actor=officer, now=NOW)
    assert case_of(other.tip_id) == target.case_id


def test_a_tip_that_never_was_in_a_case_has_nothing_to_move(app, officer):
    facts = make_tip_facts()
    with pytest.raises(NotFound), transaction():
        services.move_tip(tip_id=facts.tip_id, to_case_id=None, actor=officer, now=NOW)


def test_accepting_a_suggestion_moves_the_tip_and_keeps_the_ruling(app, officer):
    other = file_new()
    filed = file_new(suggesting(other.case_id))
    tip_id = tip_of(filed.case_id)
    before = export()
    with transaction():
        done = services.accept_suggestion(tip_id=tip_id, case_id=other.case_id, actor=officer, now=NOW)
    assert case_of(tip_id) == other.case_id
    assert services.suggestions_of_tips([tip_id])[tip_id][0].ruling == "accepted"
    undo(done.action_id, officer)
    assert services.suggestions_of_tips([tip_id])[tip_id][0].ruling is None
    assert export() == before


def test_rejecting_a_suggestion_keeps_the_ruling_until_undone(app, officer):
    other = file_new()
    tip_id = tip_of(file_new(suggesting(other.case_id)).case_id)
    with transaction():
        done = services.reject_suggestion(tip_id=tip_id, case_id=other.case_id, actor=officer, now=NOW)
    row = db.session.scalars(sa.select(TipSuggestion)).one()
    assert (row.ruling, row.ruled_by, row.ruled_at) == ("rejected", officer.id, NOW)
    with pytest.raises(Conflict, match="rejected already"), transaction():
        services.reject_suggestion(tip_id=tip_id, case_id=other.case_id, actor=officer, now=NOW)
    undo(done.action_id, officer)
    assert db.session.scalars(sa.select(TipSuggestion.ruling)).one() is None


def test_only_suggested_cases_can_be_ruled_on(app, officer):
    filed, other = file_new(), file_new()
    with pytest.raises(NotFound), transaction():
        services.accept_suggestion(
            tip_id=tip_of(filed.case_id), case_id=other.case_id, actor=officer, now=NOW
        )
