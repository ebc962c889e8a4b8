from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from cases import services
from cases.facts import Suggestion
from cases.models import Case, CaseAction, CaseLink, CaseTransition, TipSuggestion
from cases.services import filing
from core.audit import AuditEvent
from core.db import db, transaction
from tests.builders.cases import (
    NEW,
    NOW,
    file_into,
    file_new,
    make_actor,
    make_tip_facts,
    move_to,
    suggesting,
)


def get_case(case_id: int) -> Case:
    return db.session.get(Case, case_id, populate_existing=True)


def test_a_tip_opens_a_case_with_number_title_priority_and_unit(app):
    filed = file_new()
    case = get_case(filed.case_id)
    assert filed.number == case.number == "C-2026-000001"
    assert (case.state, case.title, case.priority) == ("open", "Timber near Rim Moei market", "P3")
    assert (case.tips, case.senders, case.category, case.lat) == (1, 1, "timber", 16.7)
    assert case.unit_reason == "No rule covers this place."
    assert case.priority_reasons[2] == "One sender, not confirmed yet (1 of 4)."


def test_opening_writes_link_transition_action_and_audit_together(app):
    filed = file_new()
    assert db.session.scalars(sa.select(CaseLink.case_id)).all() == [filed.case_id]
    transition = db.session.scalars(sa.select(CaseTransition)).one()
    assert (transition.from_state, transition.to_state, transition.actor_id) == (None, "open", None)
    assert db.session.scalars(sa.select(CaseAction.kind)).all() == ["open"]
    audited = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "case.opened")).one()
    assert audited.subject_id == filed.number


def test_numbers_count_by_year(app):
    assert file_new().number == "C-2026-000001"
    assert file_new().number == "C-2026-000002"
    assert file_new(received_at=datetime(2027, 1, 1, tzinfo=UTC)).number == "C-2027-000001"
    assert file_new().number == "C-2026-000003"


def test_an_attached_tip_keeps_probability_reasons_and_model(app):
    filed = file_new()
    facts = file_into(filed.case_id)
    link = db.session.scalars(sa.select(CaseLink).where(CaseLink.tip_id == facts.tip_id)).one()
    assert (link.relation, link.probability, link.model_version) == ("corroborates", 0.97, "test-1")
    assert link.reasons == ["Same truck, 300 m apart."]
    assert link.made_by == "machine"
    assert link.confirmed_at is None


def test_a_second_independent_sender_raises_the_priority(app):
    filed = file_new()
    before = get_case(filed.case_id).priority_points
    file_into(filed.case_id)
    case = get_case(filed.case_id)
    assert (case.tips, case.senders, case.priority) == (2, 2, "P3")
    assert case.priority_points == 2 * before
    assert "2 independent senders, not confirmed yet (2 of 4)." in case.priority_reasons


def test_the_same_sender_again_does_not_corroborate(app):
    filed = file_new(sender_alias="s-one")
    file_into(filed.case_id, sender_alias="s-one", relation="follow_up")
    case = get_case(filed.case_id)
    assert (case.tips, case.senders, case.priority) == (2, 1, "P3")


def test_the_span_and_the_best_place_follow_new_tips(app):
    filed = file_new(place="Mae Sot", radius_m=3000.0)
    file_into(filed.case_id, received_at=NOW + timedelta(hours=2), radius_m=50.0, place="Pier 4")
    case = get_case(filed.case_id)
    assert (case.title, case.radius_m) == ("Timber near Pier 4", 50.0)
    assert (case.first_tip_at, case.last_tip_at) == (NOW, NOW + timedelta(hours=2))


def test_a_decision_for_a_merged_case_goes_to_its_survivor(app):
    merged, survivor = file_new(), file_new()
    move_to(merged.case_id, "merged", actor=make_actor(), survivor_id=survivor.case_id)
    facts = file_into(merged.case_id)
    assert services.case_ids_of_tips([facts.tip_id]) == {facts.tip_id: survivor.case_id}


def test_a_closed_case_takes_no_tip_and_becomes_the_first_suggestion(app):
    closed = file_new()
    link = db.session.scalars(sa.select(CaseLink)).one()
    actor = make_actor()
    with transaction():
        services.detach_tip(tip_id=link.tip_id, reason="noise", actor=actor, now=NOW)
    assert get_case(closed.case_id).state == "closed"
    facts = file_into(closed.case_id)
    assert services.case_ids_of_tips([facts.tip_id])[facts.tip_id] != closed.case_id
    (suggestion,) = services.suggestions_of_tips([facts.tip_id])[facts.tip_id]
    assert (suggestion.number, suggestion.probability) == (closed.number, 0.97)
    assert suggestion.reasons[-1] == f"{closed.number} is closed."


def test_suggestions_are_kept_best_first_and_at_most_five(app):
    others = [file_new().case_id for _ in range(6)]
    filed = file_new(suggesting(*others))
    link = db.session.scalars(sa.select(CaseLink).where(CaseLink.case_id == filed.case_id)).one()
    views = services.suggestions_of_tips([link.tip_id])[link.tip_id]
    assert [view.case_id for view in views] == others[:5]
    assert [view.rank for view in views] == [1, 2, 3, 4, 5]
    assert views[0].ruling is None


def test_filing_the_same_tip_twice_is_refused_by_the_database(app):
    facts = make_tip_facts()
    with transaction():
        services.file_tip(facts=facts, filing=NEW, now=NOW)
    with pytest.raises(sa.exc.IntegrityError), transaction():
        services.file_tip(facts=facts, filing=NEW, now=NOW)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CaseLink)) == 1


def test_a_tip_located_later_moves_the_case_on_the_map(app):
    facts = make_tip_facts(lat=None, lon=None, radius_m=None, place=None)
    with transaction():
        filed = services.file_tip(facts=facts, filing=NEW, now=NOW)
    assert get_case(filed.case_id).title == "Timber, place not known"
    with transaction():
        services.refresh_tip(facts=replace(facts, lat=16.71, lon=98.52, radius_m=80.0, place="Pier 4"))
    case = get_case(filed.case_id)
    assert (case.title, case.lat) == ("Timber near Pier 4", 16.71)


def test_refreshing_a_tip_without_a_case_does_nothing(app):
    with transaction():
        services.refresh_tip(facts=make_tip_facts())
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Case)) == 0


def test_case_numbers_stay_unique_and_gapless_under_concurrency(app):
    tips = [make_tip_facts() for _ in range(16)]
    numbers: list[str] = []

    def file_all(mine):
        with app.app_context():
            for facts in mine:
                with transaction():
                    numbers.append(services.file_tip(facts=facts, filing=NEW, now=NOW).number)

    threads = [threading.Thread(target=file_all, args=(tips[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == [f"C-2026-{count:06d}" for count in range(1, 17)]


def test_concurrent_tips_to_one_case_are_all_counted(app):
    filed = file_new()
    tips = [make_tip_facts() for _ in range(8)]
    decision = replace(
        NEW, outcome="attach", case_id=filed.case_id, relation="corroborates", probability=0.98
    )

    def attach(facts):
        with app.app_context(), transaction():
            services.file_tip(facts=facts, filing=decision, now=NOW)

    threads = [threading.Thread(target=attach, args=(facts,)) for facts in tips]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    case = get_case(filed.case_id)
    assert (case.tips, case.senders) == (9, 9)


def test_two_tips_of_two_cases_that_each_suggest_the_other_case_do_not_wait_in_a_ring(app, monkeypatch):
    one, other = file_new().case_id, file_new().case_id
    both_hold_their_case, keep = threading.Barrier(2), filing._keep_suggestions

    def wait_and_keep(*args):
        with suppress(threading.BrokenBarrierError):  # where only one may write at a time
            both_hold_their_case.wait(0.5)
        keep(*args)

    monkeypatch.setattr(filing, "_keep_suggestions", wait_and_keep)

    def attach(facts, into, suggested):
        decision = replace(
            NEW,
            outcome="attach",
            case_id=into,
            relation="corroborates",
            probability=0.98,
            suggestions=(Suggestion(suggested, 0.4, ()),),
        )
        with app.app_context(), transaction():
            return services.file_tip(facts=facts, filing=decision, now=NOW).case_id

    db.session.rollback()
    tips = [make_tip_facts(), make_tip_facts()]
    with ThreadPoolExecutor(2) as pool:
        filed = pool.map(attach, tips, (one, other), (other, one))
    assert list(filed) == [one, other]


def test_a_rolled_back_filing_leaves_nothing(app):
    facts = make_tip_facts()
    services.file_tip(facts=facts, filing=NEW, now=NOW)
    db.session.rollback()
    for table in (Case, CaseLink, CaseTransition, CaseAction, TipSuggestion):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
