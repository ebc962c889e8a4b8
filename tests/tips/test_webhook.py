from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from twilio.request_validator import RequestValidator

import cases.services as case_services
from core.codes import read_tip_code
from core.db import db
from core.sms import signature_is_right
from tests.builders.tips import BOAT, load_town
from tests.tips.signing import SENDER, post, sms
from tips.contacts import open_number
from tips.models import Contact, Message, Tip
from tips.webhooks import twiml


def stored() -> list[Tip]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Tip).order_by(Tip.id)))


def code_in(answer) -> str:
    words = answer.get_data(as_text=True).replace(".", " ").split()
    return next(code for word in words if (code := read_tip_code(word)))


def test_a_signed_text_is_stored_placed_filed_and_answered_with_its_code(client):
    load_town()
    answer = post(client, sms(BOAT))
    assert answer.status_code == 200
    assert answer.mimetype == "text/xml"
    (tip,) = stored()
    assert code_in(answer) == tip.code
    assert (tip.category, tip.is_noise, tip.located_by) == ("tobacco", False, "place")
    assert case_services.case_of_tips([tip.id])[tip.id].number.startswith("C-2026-")
    out = db.session.scalars(sa.select(Message).where(Message.direction == "out")).one()
    assert (out.state, out.tip_id) == ("answered", tip.id)


def test_the_answer_comes_in_the_language_of_the_sender(client):
    load_town()
    answer = post(client, sms("ริมเมย มีเรือขนบุหรี่เถื่อนขึ้นฝั่งตอนนี้ รถกระบะขาวรออยู่"))
    assert "ได้รับแล้ว" in answer.get_data(as_text=True)


def test_the_number_is_nowhere_in_clear_and_two_rows_of_it_would_differ(client, databases):
    load_town()
    post(client, sms(BOAT))
    contact = db.session.scalars(sa.select(Contact)).one()
    digits = SENDER.removeprefix("+").encode()
    assert digits not in contact.number_sealed
    assert open_number(contact.id, vault=client.application.extensions["vault"]) == SENDER
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(sa.select(table)):
            assert digits.decode() not in repr(tuple(row)), table.name


@pytest.mark.parametrize(
    "change",
    ["missing", "empty", "wrong token", "changed field", "added field", "other url", "other account"],
)
def test_a_forged_webhook_is_refused_and_stores_nothing(client, change):
    form = sms(BOAT)
    if change == "wrong token":
        answer = post(client, form, token="other")
    elif change == "other account":
        answer = post(client, form | {"AccountSid": "AC" + "f" * 32})
    elif change == "other url":
        signature = RequestValidator("tok").compute_signature("https://evil.example/sms/inbound", form)
        answer = client.post(
            "/sms/inbound",
            data=form,
            headers={
                "X-Twilio-Signature": signature,
                "Host": "evil.example",
                "X-Forwarded-Host": "evil.example",
            },
        )
    else:
        signature = RequestValidator("tok").compute_signature("http://127.0.0.1:8000/sms/inbound", form)
        headers = {"missing": {}, "empty": {"X-Twilio-Signature": ""}}.get(
            change, {"X-Twilio-Signature": signature}
        )
        changed = {
            "changed field": {"From": "+66899999999"},
            "added field": {"MediaUrl0": "http://127.0.0.1:9/x"},
        }
        answer = client.post("/sms/inbound", data=form | changed.get(change, {}), headers=headers)
    assert answer.status_code == 403
    assert answer.mimetype == "application/problem+json"
    assert stored() == []


@given(
    st.dictionaries(
        st.text("abcdefMSid", min_size=1, max_size=8),
        st.lists(st.text(max_size=12), min_size=1, max_size=3),
        max_size=6,
    )
)
def test_our_signature_check_agrees_with_the_providers_own(parameters):
    from werkzeug.datastructures import MultiDict

    form = MultiDict([(name, value) for name, values in parameters.items() for value in values])
    url = "https://tips.example.org/sms/inbound"
    signature = RequestValidator("tok").compute_signature(url, form)
    assert signature_is_right("tok", url, form.to_dict(flat=False), signature)
    assert not signature_is_right("tok", url, form.to_dict(flat=False), signature[:-2] + "x=")


def test_a_repeated_message_id_answers_the_same_and_stores_nothing_twice(client):
    load_town()
    form = sms(BOAT)
    first, second = post(client, form), post(client, form)
    assert first.get_data() == second.get_data()
    assert len(stored()) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Message)) == 2


def test_twelve_copies_at_once_make_one_tip(app, client):
    load_town()
    form = sms(BOAT)
    answers: list[tuple[int, bytes]] = []

    def send() -> None:
        answer = post(app.test_client(), form)
        answers.append((answer.status_code, answer.get_data()))

    threads = [threading.Thread(target=send) for _ in range(12)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert {status for status, _ in answers} == {200}
    assert len({body for _, body in answers}) == 1
    assert len(stored()) == 1


def test_a_whatsapp_position_places_the_tip(client):
    load_town()
    answer = post(
        client,
        sms("boxes of cigarettes here", sender=f"whatsapp:{SENDER}", Latitude="16.7012", Longitude="98.5085"),
    )
    assert answer.status_code == 200
    (tip,) = stored()
    assert (tip.channel, tip.located_by, tip.lat, tip.lon) == ("whatsapp", "device", 16.7012, 98.5085)


@pytest.mark.parametrize(
    ("lat", "lon"), [("91", "0"), ("0", "181"), ("nan", "0"), ("x", "y"), ("1e999", "0"), ("", "")]
)
def test_a_position_out_of_range_is_dropped_and_the_words_are_kept(client, lat, lon):
    load_town()
    assert post(client, sms(BOAT, Latitude=lat, Longitude=lon)).status_code == 200
    assert stored()[0].located_by == "place"


@pytest.mark.parametrize(
    "body",
    [
        "🚤🚤 mərçi ሰላም 船",
        "a\x00b",
        "x" * 1600,
        "<script>alert(1)</script>",
        '=HYPERLINK("http://evil","x")',
        "a\r\nFrom: b",
        "\u202eevil\u202c",
        "'); drop table tips;--",
        "{{7*7}} %s ${7*7}",
        "lone \ud800 surrogate".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    ],
)
def test_odd_text_is_stored_and_never_breaks_the_door(client, body):
    assert post(client, sms(body)).status_code == 200
    (tip,) = stored()
    assert "\x00" not in tip.text


def test_an_empty_text_is_acknowledged_with_silence(client):
    answer = post(client, sms(""))
    assert answer.status_code == 200
    assert answer.get_data(as_text=True).endswith("<Response></Response>")
    assert stored() == []


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
def test_a_signed_form_without_what_is_needed_is_answered_clearly(client, missing):
    form = sms(BOAT)
    form.pop(missing)
    answer = post(client, form)
    assert answer.status_code == 422
    assert missing in answer.get_json()["errors"]
    assert stored() == []


def test_fields_the_product_does_not_know_are_ignored(client):
    assert post(client, sms(BOAT, NewFieldOfTomorrow="1")).status_code == 200


@pytest.mark.parametrize("sender", ["12345", "DIGICEL"])
def test_short_codes_and_names_may_send(client, sender):
    assert post(client, sms(BOAT, sender=sender)).status_code == 200
    assert len(stored()) == 1


def test_a_database_that_is_down_is_never_acknowledged(client, monkeypatch):
    def down(*_args, **_kwargs):
        raise OperationalError("select 1", {}, Exception("down"))

    monkeypatch.setattr("tips.messages.answer", down)
    answer = post(client, sms(BOAT))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert BOAT not in answer.get_data(as_text=True)


def test_private_keys_are_redacted_before_they_are_stored(client):
    key = "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"
    post(client, sms(f"he showed me this {key} and sells pangolin scales at Rim Moei"))
    assert key not in stored()[0].text


def test_twiml_escapes_what_it_carries():
    assert (
        twiml("a<b&c")
        == '<?xml version="1.0" encoding="UTF-8"?><Response><Message>a&lt;b&amp;c</Message></Response>'
    )
    assert twiml(None).endswith("<Response></Response>")


@pytest.mark.parametrize(
    "public", ["https://tips.example.org", "https://tips.example.org:8443", "http://tips.example.org:80"]
)
def test_a_signature_holds_with_and_without_the_port_as_the_provider_may_write_it(public):
    url, form = f"{public}/sms/inbound?a=1", {"Body": "x"}
    parameters = {"Body": ["x"]}
    bare = url.replace(":8443", "").replace(":80/", "/")
    for signed in {url, bare}:
        signature = RequestValidator("tok").compute_signature(signed, form)
        assert RequestValidator("tok").validate(url, form, signature)
        assert signature_is_right("tok", url, parameters, signature)
    other = RequestValidator("tok").compute_signature("https://tips.example.org:9999/sms/inbound?a=1", form)
    assert not signature_is_right("tok", url, parameters, other)
