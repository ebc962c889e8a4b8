"""What officers rule is kept beside what the matcher had said, and goes when it is taken back."""

from __future__ import annotations

import pytest

from cases import services
from cases.services import Ruling
from core.db import db, transaction
from tests.builders.cases import NOW, file_into, file_new, make_actor, move_to, suggesting


def rulings() -> list[Ruling]:
    db.session.rollback()
    return list(services.rulings())


def told() -> list[tuple]:
    return [(one.tip_id, one.case_id, one.same, one.how, one.probability) for one in rulings()]


def only_tip(case_id: int) -> int:
    return services.links_of_case(case_id)[0].tip_id


def act(service, **details):
    with transaction():
        return service(now=NOW, **details)


def test_a_confirmed_attachment_is_right_with_what_the_matcher_said(app):
    officer = make_actor()
    filed = file_new()
    first, facts = only_tip(filed.case_id), file_into(filed.case_id)
    act(services.confirm_tip, tip_id=facts.tip_id, actor=officer)
    (ruling,) = rulings()
    assert ruling == Ruling(
        NOW, facts.tip_id, filed.case_id, 0.97, True, "test-1", officer.person_id, "confirmed", (first,)
    )


def test_confirming_a_case_rules_on_each_attachment_but_not_on_its_first_tip(app):
    officer = make_actor()
    filed = file_new()
    tips = [file_into(filed.case_id).tip_id for _ in range(2)]
    act(services.confirm_case, case_id=filed.case_id, actor=officer)
    assert [(one.tip_id, one.same) for one in rulings()] == [(tip_id, True) for tip_id in tips]


def test_a_tip_confirmed_in_its_own_case_belongs_to_none_that_was_suggested(app):
    officer = make_actor()
    other = file_new()
    filed = file_new(suggesting(other.case_id))
    act(services.confirm_tip, tip_id=only_tip(filed.case_id), actor=officer)
    assert told() == [(only_tip(filed.case_id), other.case_id, False, "elsewhere", 0.6)]


def test_a_move_rules_on_both_cases(app):
    officer = make_actor()
    filed, other = file_new(), file_new()
    facts = file_into(filed.case_id)
    act(services.move_tip, tip_id=facts.tip_id, to_case_id=other.case_id, actor=officer)
    assert told() == [
        (facts.tip_id, filed.case_id, False, "moved_out", 0.97),
        (facts.tip_id, other.case_id, True, "moved_in", None),
    ]


def test_a_case_of_its_own_rules_against_the_one_it_left(app):
    officer = make_actor()
    filed = file_new()
    facts = file_into(filed.case_id)
    act(services.move_tip, tip_id=facts.tip_id, to_case_id=None, actor=officer)
    assert told() == [(facts.tip_id, filed.case_id, False, "moved_out", 0.97)]


def test_an_accepted_and_a_rejected_suggestion_keep_their_probability(app):
    officer = make_actor()
    one, other = file_new(), file_new()
    filed = file_new(suggesting(one.case_id, other.case_id))
    tip_id = only_tip(filed.case_id)
    act(services.reject_suggestion, tip_id=tip_id, case_id=one.case_id, actor=officer)
    act(services.accept_suggestion, tip_id=tip_id, case_id=other.case_id, actor=officer)
    assert (tip_id, one.case_id, False, "rejected", 0.6) in told()
    assert (tip_id, other.case_id, True, "moved_in", 0.6) in told()


@pytest.mark.parametrize("kind", ["confirm", "move", "merge"])
def test_what_is_taken_back_is_no_ruling(app, kind):
    officer = make_actor()
    filed, other = file_new(), file_new()
    facts = file_into(filed.case_id)
    if kind == "confirm":
        done = act(services.confirm_tip, tip_id=facts.tip_id, actor=officer)
    elif kind == "move":
        done = act(services.move_tip, tip_id=facts.tip_id, to_case_id=other.case_id, actor=officer)
    else:
        move_to(filed.case_id, "merged", actor=officer, survivor_id=other.case_id)
    assert rulings()
    if kind == "merge":
        assert {one.how for one in rulings()} == {"merged"}
        move_to(filed.case_id, "open", actor=officer)
    else:
        act(services.undo, action_id=done.action_id, actor=officer)
    assert rulings() == []


def test_one_person_is_one_voice_on_a_tip_and_a_case_and_the_last_word_counts(app):
    officer, second = make_actor(), make_actor()
    filed, other = file_new(), file_new()
    facts = file_into(filed.case_id)
    act(services.move_tip, tip_id=facts.tip_id, to_case_id=other.case_id, actor=officer)
    act(services.move_tip, tip_id=facts.tip_id, to_case_id=filed.case_id, actor=officer)
    act(services.confirm_case, case_id=filed.case_id, actor=second)
    on_first = [(one.same, one.voice) for one in rulings() if one.case_id == filed.case_id]
    assert on_first == [(True, officer.person_id)]


def test_setting_a_tip_aside_rules_on_no_case(app):
    filed = file_new()
    act(services.detach_tip, tip_id=only_tip(filed.case_id), reason="not a tip", actor=make_actor())
    assert rulings() == []


def test_rulings_since_a_moment_leave_older_ones_out(app):
    filed = file_new()
    facts = file_into(filed.case_id)
    act(services.confirm_tip, tip_id=facts.tip_id, actor=make_actor())
    assert list(services.rulings(since=NOW.replace(year=2027))) == []
    assert len(list(services.rulings(since=NOW))) == 1
