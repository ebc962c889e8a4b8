"""From an approved reward to the collection word, by form and by SMS."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

import rewards.services as reward_services
from core.clock import utcnow
from core.db import db
from tests.builders import reward_office as office
from tests.builders.provider import FakeProvider
from tests.builders.rewards import outcome, tip
from tests.builders.tips import load_town
from tests.tips.signing import SENDER, post, sms
from tests.tips.test_messages import said
from tests.tips.test_views import form, pair
from tips import jobs, notices
from tips.models import Message, Tip
from tips.services import received_before


@pytest.fixture
def waiting(client, clock):
    """A tip by form with an approved reward: its code and secret."""
    load_town()
    people = office.open_office()
    page = client.post("/tips", data=form(phone=SENDER))
    tip_id = db.session.scalars(sa.select(Tip.id)).one()
    proposal = office.propose(tip_id, facts=outcome(tip(tip_id, 72), value=1_840_000))
    office.approve(proposal.ref, people.director)
    return pair(page.get_data(as_text=True))


def share_state() -> str:
    db.session.rollback()
    return db.session.scalar(sa.text("SELECT state FROM reward_shares"))


def word_in(html: str) -> str:
    return re.sub(r"<[^>]*>", "", re.search(r"<dd data-word[^>]*>(.*?)</dd>", html, re.DOTALL)[1]).strip()


def test_the_status_page_says_that_something_may_be_collected(client, waiting):
    code, secret = waiting
    html = client.post("/status", data={"code": code, "secret": secret, "language": "en"}).get_data(
        as_text=True
    )
    assert 'href="/claim' in html
    assert "USD" not in html


def test_the_collection_word_is_shown_and_again_for_the_same_page_only(client, waiting):
    code, secret = waiting
    asked = {"code": code, "secret": secret, "language": "en", "once": "the-key-of-this-page-0001"}
    first = client.post("/claim", data=asked)
    assert first.status_code == 200
    word = word_in(first.get_data(as_text=True))
    assert word_in(client.post("/claim", data=asked).get_data(as_text=True)) == word
    assert client.post("/claim", data=asked | {"once": "another-key-of-a-page-02"}).status_code == 404
    assert share_state() == "claimed"
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(sa.select(table)):
            assert word not in repr(tuple(row)), table.name


def test_a_wrong_secret_collects_nothing(client, waiting):
    code, _ = waiting
    answer = client.post("/claim", data={"code": code, "secret": "0" * 12, "language": "en"})
    assert answer.status_code == 404
    assert share_state() != "claimed"


def test_nothing_to_collect_and_wrong_numbers_have_the_same_status(client):
    load_town()
    code, secret = pair(client.post("/tips", data=form()).get_data(as_text=True))
    answer = client.post("/claim", data={"code": code, "secret": secret, "language": "en"})
    assert answer.status_code == 404


def test_a_claim_by_text_answers_with_the_voucher_and_keeps_no_word(client, waiting):
    code, secret = waiting
    answer = said(post(client, sms(f"CLAIM {code} {secret}")))
    assert share_state() == "claimed"
    voucher = db.session.scalar(sa.text("SELECT ref FROM reward_shares"))
    word = answer.split(voucher)[1].split(".")[0].strip()
    assert len(word) >= 6
    bodies = [body for body in db.session.scalars(sa.select(Message.body)) if body]
    assert not any(word in body or secret in body for body in bodies)


def test_a_claim_whose_answer_was_lost_gets_the_same_word_when_the_provider_repeats_it(client, waiting):
    code, secret = waiting
    text = sms(f"CLAIM {code} {secret}")
    first = said(post(client, text))
    assert said(post(client, text)) == first
    assert "<Message>" in first


def test_a_wrong_claim_by_text_is_refused_in_the_words_for_every_wrong_pair(client, waiting):
    code, _ = waiting
    wrong = said(post(client, sms(f"CLAIM {code} {'0' * 12}")))
    unknown = said(post(client, sms(f"CLAIM {'000000' if code != '000000' else '100009'} {'0' * 12}")))
    assert wrong == unknown
    assert share_state() != "claimed"


def test_the_sender_is_told_once_in_words_that_name_nothing(app, waiting, monkeypatch):
    provider = FakeProvider()
    monkeypatch.setitem(app.extensions, "sms_sender", provider)
    jobs.send_messages()
    jobs.send_messages()
    ((number, body),) = provider.taken
    assert number == SENDER
    for word in ("reward", "money", "USD", "cigarette", "police"):
        assert word not in body


def test_a_sender_who_opted_out_is_not_told(app, client, waiting, monkeypatch):
    provider = FakeProvider()
    monkeypatch.setitem(app.extensions, "sms_sender", provider)
    post(client, sms("STOP"))
    jobs.send_messages()
    assert provider.calls == []
    assert not reward_services.unannounced()


def test_a_repeated_form_is_known_by_its_key(waiting):
    source_key = db.session.scalars(sa.select(Tip.source_key)).one()
    assert received_before(source_key).code == waiting[0]


def test_two_workers_at_once_tell_a_sender_once(app, waiting):
    together = Barrier(2)

    def work(_):
        with app.app_context():
            together.wait()
            try:
                return notices.queue_notices(now=utcnow())
            finally:
                db.session.remove()

    db.session.remove()
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, range(2))) == [0, 1]
