from __future__ import annotations

from cases import services
from cases.services import Outcomes
from core.db import transaction
from tests.builders.cases import NOW, file_into, file_new, make_actor, make_tip_facts, work_until_review


def test_the_case_of_a_tip_comes_with_why_it_lies_there(app):
    filed = file_new()
    facts, stray = file_into(filed.case_id), make_tip_facts()
    found = services.case_of_tips([facts.tip_id, stray.tip_id])
    assert set(found) == {facts.tip_id}
    home = found[facts.tip_id]
    assert (home.number, home.state, home.tips, home.confirmed) == (filed.number, "open", 2, False)
    assert (home.relation, home.probability, home.reasons) == (
        "corroborates",
        0.97,
        ("Same truck, 300 m apart.",),
    )
    assert services.case_ids_of_tips([facts.tip_id, stray.tip_id]) == {facts.tip_id: filed.case_id}


def test_nothing_is_asked_for_no_tips(app):
    assert services.case_of_tips([]) == {}
    assert services.case_ids_of_tips([]) == {}
    assert services.suggestions_of_tips([]) == {}


def test_many_tips_are_looked_up_in_pieces(app, monkeypatch):
    monkeypatch.setattr("cases.services.lookup.CHUNK", 2)
    filed = file_new()
    tips = [file_into(filed.case_id).tip_id for _ in range(5)]
    assert set(services.case_of_tips(tips)) == set(services.case_ids_of_tips(tips)) == set(tips)


def test_an_overridden_priority_is_the_one_that_counts(app):
    filed, officer = file_new(), make_actor()
    (link,) = services.links_of_case(filed.case_id)
    with transaction():
        services.set_priority(case_id=filed.case_id, priority="P1", reason="A child", actor=officer, now=NOW)
    assert services.case_of_tips([link.tip_id])[link.tip_id].priority == "P1"


def test_links_tell_what_may_still_be_taken_back(app):
    officer, filed = make_actor(name="Somchai"), file_new()
    attached = file_into(filed.case_id)
    first, second = services.links_of_case(filed.case_id)
    assert (first.undo_id, first.may_change) == (None, True)
    assert second.undo_id is not None
    with transaction():
        services.grade_tip(tip_id=attached.tip_id, grade="useful", actor=officer, now=NOW)
        services.confirm_tip(tip_id=attached.tip_id, actor=officer, now=NOW)
    second = services.links_of_case(filed.case_id)[1]
    assert (second.grade, second.confirmed_by, second.confirmed_at) == ("useful", "Somchai", NOW)


def test_outcomes_count_unfinished_cases_and_those_acted_on(app):
    officer, boss = make_actor(), make_actor("supervisor")
    file_new()
    for disposition in ("seizure", "unfounded"):
        filed = file_new()
        tips = [link.tip_id for link in services.links_of_case(filed.case_id)]
        work_until_review(filed.case_id, tips, officer, disposition=disposition)
        with transaction():
            services.close(case_id=filed.case_id, actor=boss, now=NOW)
    assert services.count_by_outcome() == Outcomes(acted=1, open=1)
