"""Several tips split off a case in one act."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import services
from cases.models import Case, CaseAction, CaseLink
from cases.states import Ask
from core.audit import AuditEvent
from core.db import db, transaction
from core.errors import Conflict, Invalid
from signals.observable import Observable
from signals.services import record_mentions
from tests.builders.cases import (
    NOW,
    file_into,
    file_new,
    make_actor,
    make_tip_facts,
    move_to,
    suggesting,
)
from tests.builders.residue import export, picture

PLATES = tuple(Observable("plate", f"AB{number}", 0, 6, "format") for number in (1234, 5678))


@pytest.fixture
def officer(app):
    return make_actor()


def split(case_id: int, codes: list[str], actor, to: int | None = None, note: str = "", **more):
    with transaction():
        return services.split_case(
            case_id=case_id, codes=codes, to_case_id=to, note=note, actor=actor, now=NOW, **more
        )


def undo(action_id: int, actor) -> services.Filed:
    with transaction():
        return services.undo(action_id=action_id, actor=actor, now=NOW)


def codes_of(case_id: int) -> list[str]:
    db.session.rollback()
    return [link.code for link in services.links_of_case(case_id)]


def test_ticked_tips_get_a_case_of_their_own_in_one_act(officer):
    filed = file_new()
    fuel = [file_into(filed.case_id, category="fuel", category_probability=0.95).code for _ in range(2)]
    done = split(filed.case_id, fuel, officer, note="Another lorry.")
    number = db.session.scalar(
        sa.select(Case.number).where(Case.id.not_in([filed.case_id])).order_by(Case.id.desc())
    )
    assert done.sentence == f"2 tips split off {filed.number} into {number}."
    assert (done.case_id, done.number) == (filed.case_id, filed.number)
    made = db.session.scalars(sa.select(Case).where(Case.number == number)).one()
    assert (made.category, made.tips, made.senders, made.state) == ("fuel", 2, 2, "open")
    assert codes_of(made.id) == fuel
    kept = db.session.get(Case, filed.case_id)
    assert (kept.category, kept.tips, kept.senders) == ("timber", 1, 1)
    first, second = services.links_of_case(made.id)
    assert (first.relation, second.relation) == ("first", "corroborates")
    assert first.reasons == (f"Split off {filed.number} by an officer: Another lorry.",)
    left = db.session.scalars(sa.select(CaseLink.detached_reason).where(CaseLink.detached_at.is_not(None)))
    assert set(left) == {f"split off into {number}: Another lorry"}
    acts = sa.select(sa.func.count()).where(AuditEvent.action == "filing.split")
    assert db.session.scalar(acts) == 1


def test_two_tips_of_one_sender_are_one_voice_in_their_new_case(officer):
    filed = file_new()
    codes = [file_into(filed.case_id, sender_alias="s-one").code for _ in range(2)]
    split(filed.case_id, codes, officer)
    made = db.session.scalars(sa.select(Case).order_by(Case.id.desc())).first()
    assert made.senders == 1
    assert [link.relation for link in services.links_of_case(made.id)] == ["first", "follow_up"]


def test_ticked_tips_go_into_a_case_that_was_suggested_for_one_of_them(officer):
    target, filed = file_new(), file_new()
    facts = make_tip_facts()
    with transaction():
        services.file_tip(facts=facts, filing=suggesting(target.case_id), now=NOW)
        services.move_tip(tip_id=facts.tip_id, to_case_id=filed.case_id, actor=officer, now=NOW)
    other = file_into(filed.case_id)
    before = picture()
    done = split(filed.case_id, [facts.code, other.code], officer, to=target.case_id)
    assert set(codes_of(target.case_id)) >= {facts.code, other.code}
    ruled = [(one.tip_id, one.case_id, one.same, one.how) for one in services.rulings()]
    assert (facts.tip_id, target.case_id, True, "moved_in") in ruled
    assert (other.tip_id, filed.case_id, False, "moved_out") in ruled
    assert services.suggestions_of_tips([facts.tip_id])[facts.tip_id][0].ruling == "accepted"
    undo(done.action_id, officer)
    assert services.suggestions_of_tips([facts.tip_id])[facts.tip_id][0].ruling is None
    assert picture() == before


def test_a_case_is_never_split_empty_nor_into_itself_nor_for_nothing(officer):
    filed = file_new()
    other = file_into(filed.case_id)
    with pytest.raises(Invalid, match="entered"):
        split(filed.case_id, codes_of(filed.case_id), officer)
    with pytest.raises(Invalid, match="entered"):
        split(filed.case_id, [], officer)
    with pytest.raises(Conflict, match="already"):
        split(filed.case_id, [other.code], officer, to=filed.case_id)
    assert len(codes_of(filed.case_id)) == 2
    assert db.session.scalar(sa.select(sa.func.count(Case.id))) == 1


def test_nothing_is_split_off_a_finished_case_nor_into_one(officer):
    gone, survivor = file_new(), file_new()
    other = file_into(survivor.case_id)
    with transaction():
        ask = Ask(survivor_id=survivor.case_id)
        services.transition(case_id=gone.case_id, to="merged", actor=officer, ask=ask, now=NOW)
    with pytest.raises(Conflict, match="merged"):
        split(survivor.case_id, [other.code], officer, to=gone.case_id)
    with pytest.raises(Conflict, match="merged"):
        split(gone.case_id, [other.code], officer)


def test_a_page_that_is_not_as_the_case_is_now_changes_nothing(officer):
    filed, elsewhere = file_new(), file_new()
    one, two = file_into(filed.case_id), file_into(filed.case_id)
    version = db.session.get(Case, filed.case_id).version
    with transaction():
        services.move_tip(tip_id=one.tip_id, to_case_id=elsewhere.case_id, actor=officer, now=NOW)
    before = picture()
    with pytest.raises(Conflict, match="1 of the ticked tips left this case"):
        split(filed.case_id, [one.code, two.code], officer, version=version)
    with pytest.raises(Conflict, match="changed by somebody else"):
        split(filed.case_id, [two.code], officer, version=version)
    assert picture() == before


def test_a_split_stands_while_one_of_its_tips_lies_elsewhere(officer):
    filed, elsewhere = file_new(), file_new()
    one, two = file_into(filed.case_id), file_into(filed.case_id)
    done = split(filed.case_id, [one.code, two.code], officer)
    with transaction():
        moved = services.move_tip(tip_id=one.tip_id, to_case_id=elsewhere.case_id, actor=officer, now=NOW)
    with pytest.raises(Conflict, match="has been moved since"):
        undo(done.action_id, officer)
    undo(moved.action_id, officer)
    undo(done.action_id, officer)
    assert len(codes_of(filed.case_id)) == 3


def test_a_split_is_not_taken_back_out_of_a_case_that_was_finished_since(officer):
    filed, other = file_new(), file_new()
    one = file_into(filed.case_id)
    done = split(filed.case_id, [one.code], officer)
    made = services.case_ids_of_tips([one.tip_id])[one.tip_id]
    merged = Ask(survivor_id=other.case_id)
    with transaction():
        services.transition(case_id=filed.case_id, to="merged", actor=officer, ask=merged, now=NOW)
    with pytest.raises(Conflict, match="is merged"):
        undo(done.action_id, officer)
    assert services.case_ids_of_tips([one.tip_id]) == {one.tip_id: made}


def test_a_case_opened_by_a_split_is_retired_with_it_and_says_where_its_tips_are(officer):
    filed = file_new()
    one = file_into(filed.case_id)
    done = split(filed.case_id, [one.code], officer)
    made = services.case_ids_of_tips([one.tip_id])[one.tip_id]
    undo(done.action_id, officer)
    case = db.session.get(Case, made)
    assert (case.state, case.survivor_id) == ("merged", filed.case_id)
    assert [offer for offer in services.offers(case_id=made, actor=officer, now=NOW) if offer.allowed] == []


def test_a_case_opened_by_a_split_stays_where_another_tip_came_into_it(officer):
    filed = file_new()
    one = file_into(filed.case_id)
    done = split(filed.case_id, [one.code], officer)
    made = services.case_ids_of_tips([one.tip_id])[one.tip_id]
    later = file_into(made)
    undo(done.action_id, officer)
    assert codes_of(made) == [later.code]
    assert db.session.get(Case, made).state == "open"
    assert any(later.code[:4] in line for line in export())


ticks = st.lists(st.integers(0, 5), min_size=1, max_size=5, unique=True)


@settings(max_examples=15)
@given(
    tips=st.lists(st.sampled_from((*PLATES, None)), min_size=2, max_size=5), ticked=ticks, into=st.booleans()
)
def test_any_split_taken_back_restores_the_export_the_links_and_the_rulings(app, tips, ticked, into):
    officer = make_actor()
    filed, other = file_new(), file_new(lat=16.75)
    _fill(filed.case_id, tips)
    codes = codes_of(filed.case_id)
    chosen = [codes[number] for number in ticked if number < len(codes)]
    before = picture()
    try:
        done = split(filed.case_id, chosen, officer, to=other.case_id if into else None)
    except Invalid:
        assert len(chosen) in (0, len(codes))
        return
    assert set(codes_of(filed.case_id)) == set(codes) - set(chosen)
    assert export() != before[0]
    undo(done.action_id, officer)
    assert picture() == before


@settings(max_examples=12)
@given(tips=st.lists(st.sampled_from((*PLATES, None)), min_size=2, max_size=5), ticked=ticks)
def test_a_merge_then_a_split_taken_back_one_after_the_other_restore_the_export(app, tips, ticked):
    officer = make_actor()
    one, other = file_new(), file_new(lat=16.75)
    _fill(one.case_id, tips)
    before = picture()
    with transaction():
        ask = Ask(survivor_id=other.case_id)
        services.transition(case_id=one.case_id, to="merged", actor=officer, ask=ask, now=NOW)
    codes = codes_of(other.case_id)
    chosen = [codes[number] for number in ticked if number < len(codes)][: len(codes) - 1]
    if not chosen:
        return
    done = split(other.case_id, chosen, officer)
    undo(done.action_id, officer)
    move_to(one.case_id, "open", actor=officer)
    assert picture() == before


def _fill(case_id: int, plates) -> None:
    for plate in plates:
        tip_id = file_into(case_id, place="Pier 4").tip_id
        if plate is not None:
            with transaction():
                record_mentions(subject=("tip", tip_id), observables=(plate,), at=NOW)
                services.tie_tip(tip_id=tip_id, case_id=case_id, now=NOW)


def test_a_split_is_one_act_with_one_way_back(officer):
    filed = file_new()
    codes = [file_into(filed.case_id).code for _ in range(3)]
    acts = sa.select(sa.func.count(CaseAction.id)).where(CaseAction.actor_id == officer.id)
    split(filed.case_id, codes, officer)
    assert db.session.scalar(acts) == 1
