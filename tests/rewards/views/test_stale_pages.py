"""F17: a signature on a page that is no longer true is refused, and the page says what has changed."""

from __future__ import annotations

import html
import re

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from rewards import queries, seen, services
from rewards.models import Reward
from tests.builders.reward_office import NOW, propose
from tests.builders.rewards import outcome, tip
from tests.rewards.views.pages import kinds, text_of, words_of


@pytest.fixture
def opened(office, sign_in):
    ref = propose(facts=outcome(tip(1, 80), tip(2, 60, order="new_facts"), value=1_840_000)).ref
    client = sign_in("finance")
    return client, ref, fields(client.get(f"/rewards/{ref}"))


def fields(page):
    inside = re.search(r"action=\"[^\"]*/approve\".*?</form>", text_of(page), re.DOTALL)[0]
    named = dict(re.findall(r'name="(snapshot|seen|key)" value="([^"]*)"', inside))
    return {name: html.unescape(value) for name, value in named.items()}


def edit(ref, **values):
    reward = queries.reward_by_ref(ref)
    db.session.execute(sa.update(Reward).where(Reward.id == reward.id).values(**values))
    db.session.commit()


def test_f17_a_share_edited_between_view_and_approve(opened):
    client, ref, form = opened
    reward = queries.reward_by_ref(ref)
    first, second = queries.shares_of(reward.id)
    before = first.amount
    first.amount, second.amount = before - 100, second.amount + 100
    db.session.commit()
    answer = client.post(f"/rewards/{ref}/approve", data=form)
    assert answer.status_code == 409
    page = words_of(answer)
    assert "It has changed since you opened it. Read it again, then decide." in page
    assert re.search(rf"{first.ref}: [\d,.]+ USD before, [\d,.]+ USD now", page)
    assert "approve" not in kinds()


def test_f17_evidence_added_between_view_and_approve(opened):
    client, ref, form = opened
    facts = queries.reward_by_ref(ref).facts
    facts = {**facts, "tips": [{**row, "gates": {"public": "in a newspaper"}} for row in facts["tips"]]}
    edit(ref, facts=facts)
    answer = client.post(f"/rewards/{ref}/approve", data=form)
    page = words_of(answer)
    assert answer.status_code == 409
    assert "Public knowledge now" in page
    assert "newspaper" not in page


def test_f17_a_case_that_was_reopened_meanwhile(opened):
    client, ref, form = opened
    with transaction():
        services.withdraw(case_id=1, reason="new evidence", actor_id=None, now=NOW)
    answer = client.post(f"/rewards/{ref}/approve", data=form)
    assert answer.status_code == 409
    assert "State: To approve before, Withdrawn now" in words_of(answer)


def test_f17_declining_what_has_changed_is_refused_too(opened):
    client, ref, form = opened
    edit(ref, pool=queries.reward_by_ref(ref).pool - 1)
    answer = client.post(f"/rewards/{ref}/decline", data={**form, "reason": "too much"})
    assert answer.status_code == 409
    assert "Pool:" in words_of(answer)


def test_what_a_form_claims_to_have_seen_only_explains(opened):
    client, ref, form = opened
    assert client.post(f"/rewards/{ref}/approve", data={**form, "seen": "[1]"}).status_code == 303
    assert seen.changes("{bad", {"Pool": "1"}) == ()
    assert seen.changes('{"a": 1, "b": 2}', {"a": "1", "c": "3"}) == (
        "c: not there before, 3 now", "b: 2 before, not there now"
    )  # fmt: skip
