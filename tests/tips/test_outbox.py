from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from core.db import db, transaction
from core.sms import SendLater, SendRefused, SendUnknown
from tests.builders.provider import NUMBER, FakeProvider, message, queue_text
from tests.builders.tips import MORNING
from tests.conftest import PUBLIC_URL, TWILIO_TOKEN
from tests.tips.signing import post
from tips import jobs, outbox
from tips.contacts import find_contact, set_opted_out
from tips.models import Message

FORWARD = ("queued", "sent", "delivered", "undelivered", "failed")


@pytest.fixture
def provider(app, clock, monkeypatch):
    clock.now = MORNING
    fake = FakeProvider()
    monkeypatch.setitem(app.extensions, "sms_sender", fake)
    return fake


def state(message_id: int) -> str:
    return message(message_id).state


def note(provider_id: str, status: str, *, message_id: int | None = None, error_code: str = "") -> bool:
    with transaction():
        return outbox.note_status(
            message_id=message_id, provider_id=provider_id, status=status, error_code=error_code, now=MORNING
        )


def test_a_queued_text_is_sent_once_to_its_number(provider):
    text = queue_text()
    assert outbox.send_due() == 1
    assert outbox.send_due() == 0
    assert provider.taken == [(NUMBER, "1000-09: there is an answer for you.")]
    assert provider.calls[0]["callback_url"] == f"http://127.0.0.1:8000/sms/status?message={text}"
    assert (state(text), message(text).provider_id, message(text).attempts) == ("sent", f"SM{1:032x}", 1)


def test_a_whatsapp_text_goes_to_the_whatsapp_address(provider):
    queue_text(channel="whatsapp")
    outbox.send_due()
    assert provider.calls[0]["to"] == f"whatsapp:{NUMBER}"


def test_a_refused_text_is_never_tried_again(provider, clock):
    provider.answers = [SendRefused("provider error 21610")]
    text = queue_text()
    for _ in range(3):
        outbox.send_due()
        clock.now += timedelta(hours=2)
    assert len(provider.calls) == 1
    assert (state(text), message(text).failure) == ("failed", "provider error 21610")


def test_a_text_that_cannot_go_now_waits_longer_each_time(provider, clock):
    text = queue_text()
    waits = []
    for _ in range(4):
        provider.answers = [SendLater("provider error 503")]
        outbox.send_due()
        assert state(text) == "queued"
        waits.append(message(text).due_at - clock.now)
        clock.now = message(text).due_at - timedelta(seconds=1)
        assert outbox.send_due() == 0
        clock.now += timedelta(seconds=1)
    assert all(later > earlier for earlier, later in zip(waits, waits[1:], strict=False))
    assert outbox.FIRST_WAIT <= waits[0] <= outbox.FIRST_WAIT * 1.3
    assert outbox.send_due() == 1
    assert len(provider.taken) == 1


def test_the_providers_own_wish_to_wait_is_kept(provider, clock):
    provider.answers = [SendLater("provider error 429", retry_after=900)]
    text = queue_text()
    outbox.send_due()
    assert message(text).due_at >= clock.now + timedelta(seconds=900)


def test_after_the_last_attempt_a_text_has_failed(provider, clock):
    text = queue_text()
    for _ in range(outbox.MOST_ATTEMPTS):
        provider.answers = [SendLater("provider error 503")]
        outbox.send_due()
        clock.now += timedelta(hours=1, minutes=20)
    assert (state(text), message(text).attempts) == ("failed", outbox.MOST_ATTEMPTS)


def test_texts_that_waited_a_day_are_dropped_and_do_not_hold_up_the_others(provider, clock):
    old = [queue_text(f"old {number}", at=MORNING - timedelta(hours=25)) for number in range(3)]
    fresh = queue_text("fresh")
    assert outbox.send_due() == 1
    assert [state(text) for text in old] == ["failed"] * 3
    assert state(fresh) == "sent"


def test_a_text_whose_answer_was_lost_is_found_at_the_provider_and_not_sent_again(provider, clock):
    provider.answers, provider.keeps_what_it_loses = [SendUnknown()], True
    text = queue_text()
    jobs.send_messages()
    assert state(text) == "unknown"
    clock.now += outbox.LOOK_UP_AFTER
    jobs.send_messages()
    jobs.send_messages()
    assert (state(text), message(text).provider_id) == ("sent", f"SM{1:032x}")
    assert len(provider.taken) == 1


def test_a_text_whose_answer_was_lost_and_that_never_arrived_is_sent_again(provider, clock):
    provider.answers = [SendUnknown()]
    text = queue_text()
    for _ in range(4):
        jobs.send_messages()
        clock.now += timedelta(minutes=1)
    assert state(text) == "sent"
    assert len(provider.taken) == 1


def test_the_same_words_sent_before_do_not_pass_for_the_lost_ones(provider, clock):
    first = queue_text()
    outbox.send_due()
    provider.answers = [SendUnknown()]
    second = queue_text()
    for _ in range(4):
        jobs.send_messages()
        clock.now += timedelta(minutes=1)
    assert {state(first), state(second)} == {"sent"}
    assert len(provider.taken) == 2


def test_while_the_provider_cannot_be_asked_a_lost_text_stays_unknown(provider, clock):
    provider.answers, provider.lookup_fails = [SendUnknown()], SendUnknown()
    text = queue_text()
    for _ in range(3):
        jobs.send_messages()
        clock.now += timedelta(minutes=1)
    assert state(text) == "unknown"
    assert len(provider.calls) == 1


def test_a_text_left_by_a_worker_that_died_is_looked_up_before_anything_else(provider, clock):
    text = queue_text()
    db.session.execute(sa.update(Message).values(state="sending", attempts=1, moved_at=clock.now))
    db.session.commit()
    provider.listed.append(("SMfound", NUMBER, message(text).body))
    jobs.send_messages()
    assert state(text) == "sending"
    for _ in range(3):
        clock.now += outbox.CLAIM_LASTS + timedelta(seconds=1)
        jobs.send_messages()
    assert (state(text), message(text).provider_id, provider.calls) == ("sent", "SMfound", [])


def test_nothing_is_sent_to_a_number_that_opted_out_even_what_was_queued_before(provider):
    text = queue_text()
    with transaction():
        contact = find_contact(NUMBER, vault=outbox.current_app.extensions["vault"])
        set_opted_out(contact.id, opted_out_at=MORNING)
    assert outbox.send_due() == 0
    assert (provider.calls, state(text)) == ([], "queued")


def test_two_workers_at_once_send_each_row_once(app, provider):
    texts = [queue_text(f"text {number}", number=f"+6680000{number:04d}") for number in range(12)]
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with app.app_context():
                outbox.send_due()
                db.session.remove()
        except BaseException as error:  # noqa: BLE001  # a thread must hand its failure to the test
            failures.append(error)

    workers = [threading.Thread(target=work) for _ in range(2)]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]
    assert failures == []
    assert sorted(body for _, body in provider.taken) == sorted(f"text {number}" for number in range(12))
    assert {state(text) for text in texts} == {"sent"}


@given(
    st.lists(st.sampled_from(["queued", "sending", "sent", "delivered", "undelivered", "failed", "nonsense"]))
)
def test_states_only_move_forward_whatever_the_order_of_callbacks(app, statuses):
    text = queue_text()
    db.session.execute(
        sa.update(Message).where(Message.id == text).values(state="sent", provider_id=f"SM{text}")
    )
    db.session.commit()
    rank = outbox.RANK["sent"]
    first_end = None
    for status in statuses:
        note(f"SM{text}", status)
        now = state(text)
        assert outbox.RANK[now] >= rank
        rank = outbox.RANK[now]
        first_end = first_end or (now if rank == 3 else None)
    assert first_end is None or state(text) == first_end


def test_a_callback_that_overtakes_the_answer_is_not_lost(provider):
    text = queue_text()

    def send(**_details):
        note("SMfast", "delivered", message_id=text)
        return outbox.Sent("SMfast", "queued")

    provider.send = send
    outbox.send_due()
    assert (state(text), message(text).provider_id) == ("delivered", "SMfast")


def test_a_callback_tells_the_fate_of_a_text_whose_answer_was_lost(provider, clock):
    provider.answers = [SendUnknown()]
    text = queue_text()
    outbox.send_due()
    assert note("SMlate", "sent", message_id=text)
    clock.now += timedelta(hours=1)
    jobs.send_messages()
    assert (state(text), len(provider.calls)) == ("sent", 1)


def test_a_callback_for_a_row_that_was_never_tried_changes_nothing(provider):
    text = queue_text()
    assert not note("SModd", "delivered", message_id=text)
    assert not note("", "delivered", message_id=text)
    assert state(text) == "queued"


def test_a_signed_callback_moves_the_text_and_keeps_the_error(provider, client):
    text = queue_text()
    outbox.send_due()
    form = {
        "MessageSid": message(text).provider_id,
        "MessageStatus": "undelivered",
        "ErrorCode": "30003",
        "AccountSid": "AC" + "0" * 32,
    }
    assert post(client, form, path=f"/sms/status?message={text}").status_code == 204
    assert (state(text), message(text).failure) == ("undelivered", "provider error 30003")


@pytest.mark.parametrize("change", ["no signature", "other row", "other account"])
def test_a_forged_callback_changes_nothing(provider, client, change):
    text = queue_text()
    outbox.send_due()
    form = {"MessageSid": message(text).provider_id, "MessageStatus": "failed", "AccountSid": "AC" + "0" * 32}
    path = f"/sms/status?message={text}"
    if change == "no signature":
        answer = client.post(path, data=form)
    elif change == "other account":
        answer = post(client, form | {"AccountSid": "AC" + "1" * 32}, path=path)
    else:
        signature = RequestValidator(TWILIO_TOKEN).compute_signature(f"{PUBLIC_URL}{path}", form)
        answer = client.post(f"{path}1", data=form, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 403
    assert state(text) == "sent"
