from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from tests.builders.tips import MORNING, load_town, make_tip
from tips.metrics import gauges
from tips.models import Message

pytestmark = pytest.mark.db
TOKEN = "metrics-token-0123456789"


@pytest.fixture
def scrape(app, client, monkeypatch):
    """Ask for the figures with an Authorization header, where a token is configured."""
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], metrics_token=TOKEN))
    return lambda sent: client.get("/metrics", headers={"Authorization": sent} if sent is not None else {})


def add_message(state: str, *, minutes: int, direction: str = "out") -> None:
    at = MORNING + timedelta(minutes=minutes)
    values = {"direction": direction, "kind": "ack", "state": state, "channel": "sms", "attempts": 0}
    with transaction():
        db.session.execute(sa.insert(Message), values | {"created_at": at, "moved_at": at})


def test_without_a_configured_token_there_is_no_such_page(client):
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize(
    "sent", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN} ", "Bearer ü"]
)
def test_another_token_is_refused_and_told_nothing(scrape, sent):
    answer = scrape(sent)
    # a server takes blanks at the end of a header away, the test client does not
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "waypost_" not in answer.get_data(as_text=True)


def test_the_holder_of_the_token_reads_the_figures_as_text(scrape):
    answer = scrape(f"Bearer {TOKEN}")
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert 'waypost_tips{channel="web",noise="false"} 0\n' in answer.get_data(as_text=True)


def test_tips_are_counted_by_channel_and_noise(app):
    load_town()
    make_tip()
    make_tip(channel="web", sender=None, minutes=1)
    make_tip("hello hello test", minutes=2)
    counts = {tuple(labels.values()): value for labels, value in gauges(now=MORNING)[0].samples}
    assert counts == {
        ("sms", "false"): 1, ("sms", "true"): 1, ("whatsapp", "false"): 0, ("whatsapp", "true"): 0,
        ("web", "false"): 1, ("web", "true"): 0,
    }  # fmt: skip


def test_outgoing_messages_are_counted_by_state_and_incoming_ones_not_at_all(app):
    add_message("queued", minutes=0)
    add_message("queued", minutes=1)
    add_message("delivered", minutes=2)
    add_message("received", minutes=3, direction="in")
    counts = {labels["state"]: value for labels, value in gauges(now=MORNING)[1].samples}
    assert {state: value for state, value in counts.items() if value} == {"queued": 2, "delivered": 1}
    assert "received" not in counts


def test_the_age_of_the_oldest_queued_message_is_told_in_seconds_and_zero_where_none_waits(app):
    assert gauges(now=MORNING)[2].samples == (({}, 0.0),)
    add_message("sent", minutes=-60)
    add_message("queued", minutes=-10)
    add_message("queued", minutes=-2)
    assert gauges(now=MORNING)[2].samples == (({}, 600.0),)


def test_figures_hold_no_words_and_no_numbers_of_people(scrape):
    load_town()
    make_tip("Teak logs behind the school, ask 081-234-5678", sender="+66812345679")
    text = scrape(f"Bearer {TOKEN}").get_data(as_text=True)
    assert "66812345679" not in text
    assert "5678" not in text
