from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from cases.facts import Actor, CaseFacts
from cases.states import STATES, TABLE, Ask, decide, offers

NOW = datetime(2026, 3, 1, 8, 15, tzinfo=UTC)
OFFICER = Actor(id=1, role="officer", person_id=1)
SUPERVISOR = Actor(id=2, role="supervisor", person_id=2)
READY = CaseFacts(
    state="open",
    category="timber",
    tips=0,
    senders=2,
    notes=1,
    gaps=(),
    assignee_id=1,
    assignee_person=1,
    disposition_person=1,
    entered_at=NOW,
)
SAID = Ask(
    reason="Because of the rain",
    review_on=(NOW + timedelta(days=7)).date(),
    agency="Forest department",
    contact="Desk officer",
    disclosure="Place and time",
    survivor_id=9,
    survivor_state="open",
)


def case_in(state: str, **changes: object) -> CaseFacts:
    return replace(READY, state=state, **changes)


def refusals(case: CaseFacts, to: str, *, actor: Actor = SUPERVISOR, ask: Ask = SAID) -> set[str]:
    return {refusal.guard for refusal in decide(case, actor, to, ask, NOW).refusals}


@pytest.mark.parametrize("rule", TABLE, ids=lambda rule: f"{rule.start}-{rule.to}")
def test_every_listed_move_is_possible_for_a_supervisor_when_its_guards_hold(rule):
    case = case_in(rule.start, came_from=rule.to)
    assert decide(case, SUPERVISOR, rule.to, SAID, NOW).allowed


@pytest.mark.parametrize(
    ("start", "to"),
    [pair for pair in product(STATES, STATES) if pair not in {(rule.start, rule.to) for rule in TABLE}],
)
def test_a_move_outside_the_table_is_unknown_and_names_what_can_follow(start, to):
    case = case_in(start, came_from="active")
    verdict = decide(case, SUPERVISOR, to, SAID, NOW)
    assert not verdict.known
    assert not verdict.allowed
    assert verdict.next_states
    assert to not in verdict.next_states


@pytest.mark.parametrize("role", ["finance", "director", "auditor", "admin", "machine"])
@pytest.mark.parametrize("rule", TABLE, ids=lambda rule: f"{rule.start}-{rule.to}")
def test_roles_outside_casework_move_nothing(rule, role):
    case = case_in(rule.start, came_from=rule.to)
    verdict = decide(case, Actor(7, role, 7), rule.to, SAID, NOW)
    assert not verdict.permitted
    assert [refusal.guard for refusal in verdict.refusals] == ["role"]
    assert offers(case, Actor(7, role, 7), NOW) == ()


def test_assessing_needs_an_assignee():
    assert refusals(case_in("open", assignee_id=None), "assessing") == {"has_assignee"}


def test_an_officer_cannot_activate_what_one_sender_said_without_a_note():
    alone = case_in("assessing", senders=1, notes=0)
    assert refusals(alone, "active", actor=OFFICER) == {"is_corroborated"}
    assert refusals(replace(alone, notes=1), "active", actor=OFFICER) == set()
    assert refusals(replace(alone, senders=2), "active", actor=OFFICER) == set()
    assert refusals(alone, "active", actor=SUPERVISOR) == set()


def test_all_guards_that_fail_are_listed_together():
    case = case_in("assessing", category=None, senders=1, notes=0)
    assert refusals(case, "active", actor=OFFICER) == {"has_category", "is_corroborated"}


@pytest.mark.parametrize("days", [0, -1, 91])
def test_a_hold_ends_within_ninety_days(days):
    ask = replace(SAID, review_on=(NOW + timedelta(days=days)).date())
    assert refusals(case_in("active"), "on_hold", ask=ask) == {"has_review_date"}


def test_a_hold_of_exactly_ninety_days_is_allowed():
    ask = replace(SAID, review_on=(NOW + timedelta(days=90)).date())
    assert refusals(case_in("active"), "on_hold", ask=ask) == set()


def test_a_hold_without_a_reason_is_refused():
    assert refusals(case_in("active"), "on_hold", ask=replace(SAID, reason="  ")) == {"has_reason"}


def test_a_case_leaves_its_hold_only_to_where_it_came_from():
    held = case_in("on_hold", came_from="assessing")
    assert refusals(held, "active") == {"came_from"}
    assert [offer.to for offer in offers(held, SUPERVISOR, NOW)] == ["assessing"]


@pytest.mark.parametrize("field", ["agency", "contact", "disclosure"])
def test_a_referral_names_agency_contact_and_disclosure(field):
    assert refusals(case_in("active"), "referred", ask=replace(SAID, **{field: " "})) == {"names_receiver"}


def test_review_lists_every_gap_of_the_closing_list():
    verdict = decide(case_in("active", gaps=("One.", "Two.")), OFFICER, "pending_review", SAID, NOW)
    assert [refusal.sentence for refusal in verdict.refusals] == ["One.", "Two."]


def test_only_the_assigned_officer_asks_for_review():
    stranger = Actor(id=5, role="officer", person_id=5)
    assert refusals(case_in("active"), "pending_review", actor=stranger) == {"is_own_case"}


@pytest.mark.parametrize("role", ["assignee_person", "disposition_person"])
def test_the_closing_supervisor_is_neither_the_owner_nor_the_author_of_the_outcome(role):
    case = case_in("pending_review", **{role: 2})
    assert refusals(case, "closed") == {"second_person"}


def test_a_second_account_of_the_owner_does_not_close_the_case():
    other_account = Actor(id=99, role="supervisor", person_id=1)
    assert refusals(case_in("pending_review"), "closed", actor=other_account) == {"second_person"}


def test_a_merge_needs_a_live_survivor():
    assert refusals(case_in("open"), "merged", ask=Ask()) == {"survivor_is_live"}
    assert refusals(case_in("open"), "merged", ask=replace(SAID, survivor_state="closed")) == {
        "survivor_is_live"
    }


def test_an_officer_merges_untouched_cases_only():
    assert decide(case_in("open"), OFFICER, "merged", SAID, NOW).allowed
    assert not decide(case_in("active"), OFFICER, "merged", SAID, NOW).permitted


def test_a_merge_is_taken_back_within_thirty_days_unless_the_survivor_closed():
    merged = case_in("merged", came_from="open", survivor_state="active")
    assert refusals(merged, "open") == set()
    assert refusals(replace(merged, entered_at=NOW - timedelta(days=31)), "open") == {"in_unmerge_window"}
    assert refusals(replace(merged, survivor_state="closed"), "open") == {"survivor_not_closed"}


def test_a_case_whose_reward_is_paid_stays_closed():
    assert refusals(case_in("closed", reward_paid=True), "active") == {"no_reward_paid"}


def test_an_open_case_with_tips_is_not_closed_past_the_list():
    assert refusals(case_in("open", tips=1), "closed") == {"is_empty"}


def test_offers_hold_back_guards_about_words_until_something_is_typed():
    offer = next(offer for offer in offers(case_in("active"), OFFICER, NOW) if offer.to == "on_hold")
    assert offer.allowed
    assert offer.asks == ("reason", "review_on")


def test_offers_explain_what_stands_in_the_way():
    offer = next(
        offer for offer in offers(case_in("open", assignee_id=None), OFFICER, NOW) if offer.to == "assessing"
    )
    assert [refusal.sentence for refusal in offer.refusals] == ["Assign the case to somebody first."]
