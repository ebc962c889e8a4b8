"""The provider's client against a server that behaves badly."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from core import sms
from core.config import TwilioSettings
from core.sms import NoSender, SendLater, SendRefused, SendUnknown, TwilioSender, make_sender

ACCOUNT = "AC" + "0" * 32
TEXT = {"to": "+66800000001", "body": "1000-09: hello", "callback_url": "https://tips.example.org/sms/status"}


class Provider(ThreadingHTTPServer):
    """Keeps what it was sent and answers as `behaviour` says."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviour, self.forms, self.listed = "take", [], []


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.forms.append({name: values[0] for name, values in form.items()})
        behaviour = self.server.behaviour
        if behaviour == "cut":
            self.close_connection = True
            self.connection.close()
        elif behaviour == "slow":
            time.sleep(1)
        elif behaviour == "take":
            self.answer(201, {"sid": "SM1", "status": "queued"})
        else:
            status, code = behaviour
            self.answer(
                status, {"code": code, "message": "no +66800000001", "status": status}, retry_after="7"
            )

    def do_GET(self) -> None:
        if self.server.behaviour != "take":
            self.answer(500, {"code": 20500, "message": "no", "status": 500})
            return
        self.answer(200, {"messages": self.server.listed, "page": 0, "next_page_uri": None})

    def answer(self, status: int, content: dict, *, retry_after: str = "") -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words) -> None:
        """Stay silent."""


@pytest.fixture
def provider():
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def sender(provider, **changes) -> TwilioSender:
    base = f"http://127.0.0.1:{provider.server_address[1]}"
    values = {"account_sid": ACCOUNT, "auth_token": "t", "sender": "+6755550100", "api_base": base}
    return TwilioSender(TwilioSettings(**(values | changes)))


def test_a_text_leaves_with_its_words_number_and_callback(provider):
    assert sender(provider).send(**TEXT) == sms.Sent("SM1", "queued")
    assert provider.forms == [
        {
            "To": TEXT["to"],
            "From": "+6755550100",
            "Body": TEXT["body"],
            "StatusCallback": TEXT["callback_url"],
        }
    ]


def test_a_messaging_service_stands_in_for_the_number(provider):
    sender(provider, messaging_service_sid="MG1").send(**TEXT)
    assert provider.forms[0]["MessagingServiceSid"] == "MG1"
    assert "From" not in provider.forms[0]


def test_a_whatsapp_text_comes_from_the_whatsapp_number(provider):
    sender(provider).send(**(TEXT | {"to": "whatsapp:+66800000001"}))
    assert provider.forms[0]["From"] == "whatsapp:+6755550100"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((400, 21610), SendRefused),
        ((400, 21211), SendRefused),
        ((404, 20404), SendRefused),
        ((401, 20003), SendLater),
        ((429, 20429), SendLater),
        ((500, 20500), SendLater),
        ((503, 20503), SendLater),
        ("cut", SendUnknown),
        ("slow", SendUnknown),
    ],
)
def test_each_answer_has_its_consequence_and_one_request_is_made(provider, monkeypatch, answer, expected):
    monkeypatch.setattr(sms, "CONNECT_AND_READ_SECONDS", 0.2)
    provider.behaviour = answer
    with pytest.raises(expected) as caught:
        sender(provider).send(**TEXT)
    assert "+66" not in str(caught.value)
    assert len(provider.forms) == 1


def test_the_wish_to_wait_is_read_from_the_answer(provider):
    provider.behaviour = (429, 20429)
    with pytest.raises(SendLater) as caught:
        sender(provider).send(**TEXT)
    assert caught.value.retry_after == 7


def test_a_text_is_found_by_its_words_unless_it_is_known_already(provider):
    provider.listed = [{"sid": "SM3", "body": "else"}, {"sid": "SM2", "body": TEXT["body"], "status": "sent"}]
    find = {"to": TEXT["to"], "body": TEXT["body"]}
    assert sender(provider).find(**find, besides=()) == sms.Sent("SM2", "sent")
    assert sender(provider).find(**find, besides={"SM2"}) is None


def test_a_provider_that_cannot_be_asked_leaves_the_fate_unknown(provider):
    provider.behaviour = (500, 20500)
    with pytest.raises(SendUnknown):
        sender(provider).find(to=TEXT["to"], body=TEXT["body"], besides=())


def test_without_a_provider_texts_wait():
    waiting = make_sender(TwilioSettings())
    assert isinstance(waiting, NoSender)
    with pytest.raises(SendLater):
        waiting.send(**TEXT)
    assert waiting.find(to=TEXT["to"], body=TEXT["body"], besides=()) is None
