"""The policy on screen: read by all, changed by a director, with past cases beside it before anything is saved."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from rewards import checks, policy_text
from rewards.models import PolicyVersion
from rewards.policy import DEFAULT_POLICY, load_policy
from rewards.policy_form import FullPolicySchema, to_body, to_fields
from rewards.services.funds import policy_in_force, policy_of_version
from tests.builders.reward_office import NOW, new_key, propose
from tests.builders.rewards import outcome, policy, tip
from tests.rewards.views.pages import reward, text_of, words_of


def filled(**changes):
    return to_fields(DEFAULT_POLICY) | {"base": "1", "key": new_key(), "note": "new budget"} | changes


def versions():
    db.session.rollback()
    return db.session.scalars(sa.select(PolicyVersion.id).order_by(PolicyVersion.id)).all()


@pytest.fixture
def director(office, sign_in):
    propose()
    propose(2, outcome(tip(2, 80), value=5_000_000))
    return sign_in("director")


@pytest.mark.parametrize("role", ["finance", "director", "auditor", "supervisor"])
def test_who_sees_rewards_reads_every_number_of_the_policy(office, sign_in, role):
    propose()
    client = sign_in(role)
    page = words_of(client.get("/rewards/policy"))
    assert "Version 1 is in force" in page
    for line in policy_text.described(load_policy(DEFAULT_POLICY)):
        assert line.name in page.replace("&#39;", "'")
    assert ("Change the policy" in page) == (role == "director")
    assert client.get("/rewards/policy/edit").status_code == (200 if role == "director" else 403)


def test_a_form_filled_with_a_policy_gives_the_same_policy(director):
    page = director.get("/rewards/policy/edit")
    assert page.status_code == 200
    answer = director.post("/rewards/policy/preview", data=filled())
    assert "Nothing differs from the policy in force." in words_of(answer)


def test_the_preview_shows_old_and_new_pools_and_saves_nothing(director):
    answer = director.post(
        "/rewards/policy/preview", data=filled(tier_percent_1="20", cap="4,000.00", limit_upto_3="4,000.00")
    )
    page = words_of(answer)
    assert answer.status_code == 200
    assert "USD 1,065.00 USD 1,815.00 USD 750.00" in page
    assert "USD 3,000.00 USD 4,000.00 USD 1,000.00" in page
    assert "USD 4,065.00 USD 5,815.00 USD 1,750.00" in page
    assert "<svg" in text_of(answer)
    assert versions() == [1]
    table = director.post("/rewards/policy/preview.csv", data=filled(tier_percent_1="20"))
    assert table.mimetype == "text/csv"
    assert "C-2026-000001" in text_of(table)
    assert "1065.00,1815.00,750.00" in text_of(table)


def test_a_case_that_the_new_numbers_cannot_compute_says_why(director):
    data = filled(card_specificity="10", card_outcome="50")
    page = words_of(director.post("/rewards/policy/preview", data=data))
    assert "cannot be computed under the new numbers" in page
    assert "Specificity is 0 to 10 points." in page


def test_saving_appends_a_version_and_a_reward_that_stands_keeps_its_own(director):
    before = reward(propose().ref)
    answer = director.post("/rewards/policy", data=filled(tier_percent_1="20"))
    assert answer.status_code == 303
    assert versions() == [1, 2]
    page = words_of(director.get("/rewards/policy/2"))
    assert "Part from the first cent, up to 10,000.00 USD 10% 20%" in page
    assert "new budget" in page
    again = reward(before.ref)
    assert (again.pool, again.policy_version_id) == (106_500, 1)
    third = reward(propose(3, outcome(tip(3, 72), value=1_840_000)).ref)
    assert (third.pool, third.policy_version_id) == (181_500, 2)
    assert checks.check().violations == ()


def test_a_version_for_a_later_day_waits_even_if_a_rate_is_stored_meanwhile(director, clock):
    day = (NOW + timedelta(days=30)).date()
    director.post("/rewards/policy", data=filled(tier_percent_1="20", effective_on=day.isoformat()))
    with transaction():
        assert policy_in_force(now=NOW).version == 1
    assert "Scheduled" in words_of(director.get("/rewards/policy"))
    director.post("/rewards/policy", data=filled(base="2", claim_days="90", tier_percent_1="10"))
    with transaction():
        assert policy_in_force(now=NOW).version == 3
        assert policy_in_force(now=NOW + timedelta(days=31)).version == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cap": "ten"}, "Write the amount in figures"),
        ({"tier_upto_3": "1.00"}, "Tiers rise"),
        ({"band_percent_1": "80"}, "A higher score never earns a smaller percentage."),
        ({"card_risk": "30"}, "The parts of a score add up to 100."),
        ({"limit_upto_3": "5,000.00"}, "The highest approval limit covers the cap."),
        ({"limit_sign_2_1": "", "limit_sign_2_2": ""}, "Every limit needs at least one signature."),
        ({"claim_days": "0"}, "Must be greater than or equal to 1"),
        ({"note": ""}, "Say in a sentence why it is changed."),
        ({"rate_currency": "THB"}, "A rate needs its figure"),
        ({"rate_currency": "THB", "rate": "-1", "rate_as_of": "2026-03-01"}, "above zero"),
        ({"effective_on": "2025-01-01"}, "A policy never reaches back."),
    ],
)
def test_a_contradiction_is_named_and_nothing_is_saved(director, changes, words):
    answer = director.post("/rewards/policy", data=filled(**changes))
    assert answer.status_code == 422
    assert words in words_of(answer)
    assert versions() == [1]


def test_of_two_directors_on_one_version_the_second_is_told(director):
    director.post("/rewards/policy", data=filled(tier_percent_1="20"))
    answer = director.post("/rewards/policy", data=filled(tier_percent_1="30"))
    assert answer.status_code == 409
    assert "Version 2 was saved meanwhile." in words_of(answer)
    assert director.post("/rewards/policy", data=filled(base="2", tier_percent_1="20")).status_code == 422


@pytest.mark.parametrize("role", ["finance", "auditor", "supervisor", "officer"])
def test_only_a_director_previews_or_saves(office, sign_in, role):
    propose()
    client = sign_in(role)
    for path in ("/rewards/policy", "/rewards/policy/preview", "/rewards/policy/preview.csv"):
        assert client.post(path, data=filled(tier_percent_1="20")).status_code == 403
    assert versions() == [1]


def test_f13_after_any_change_the_old_version_gives_the_old_number(director):
    for number, percent in enumerate(("20", "30", "1"), 1):
        director.post("/rewards/policy", data=filled(base=str(number), tier_percent_1=percent))
    assert versions() == [1, 2, 3, 4]
    for case_id in (1, 2):
        standing = reward(
            propose(case_id, None if case_id == 1 else outcome(tip(2, 80), value=5_000_000)).ref
        )
        assert standing.policy_version_id == 1
    assert policy_of_version(1) == policy()
    assert checks.check().violations == ()


def test_a_stored_policy_goes_through_the_form_unchanged():
    loaded = FullPolicySchema().load(filled())
    assert to_body(loaded, DEFAULT_POLICY) == dict(DEFAULT_POLICY)


def test_a_policy_may_let_supervisors_sign_for_small_rewards(director, sign_in):
    supervisor = sign_in("supervisor")
    limits = {
        "limit_upto_1": "1,100.00", "limit_sign_1_1": "supervisor",
        "limit_upto_3": "7,500.00", "limit_sign_3_1": "finance", "limit_sign_3_2": "director",
        "limit_upto_2": "2,500.00", "limit_sign_2_1": "finance", "limit_sign_2_2": "",
    }  # fmt: skip
    assert director.post("/rewards/policy", data=filled(**limits)).status_code == 303
    small, large = propose(5).ref, propose(6, outcome(tip(6, 80), value=2_000_000)).ref
    for ref, status, state in ((small, 303, "approved"), (large, 403, "proposed")):
        asked = {"snapshot": reward(ref).snapshot_hash, "key": new_key()}
        assert supervisor.post(f"/rewards/{ref}/approve", data=asked).status_code == status
        assert reward(ref).state == state
    assert checks.check().violations == ()
