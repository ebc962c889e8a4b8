"""What a log line may hold: never a number, never the message of an exception."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from core.logs import configure_logs

SECRET = "pangolin scales at the pier"


@pytest.fixture
def lines():
    """Catch the lines of a production log; the log of the tests comes back afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure_logs(production=True)
    (handler,) = root.handlers
    stream = handler.stream = io.StringIO()
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers = before
    root.setLevel(level)


NUMBERS = [
    "+66812345678",
    "+66 81-234 5678",
    "081 234 5678",
    "(081) 234.5678",
    "๐๘๑๒๓๔๕๖๗๘",
    "+66\u00a081\u2011234\u20115678",
]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_masked_wherever_it_stands(lines, number):
    log = structlog.get_logger("any")
    log.info(f"text from {number}", sender=number, senders=[number, {"to": number}], fine="12 rows")
    logging.getLogger("foreign").warning("text from %s", number)
    assert len(lines()) == 2
    for line in lines():
        text = json.dumps(line, ensure_ascii=False)
        assert "5678" not in text
        assert "๕๖๗๘" not in text
        assert "[number]" in text
    assert lines()[0]["fine"] == "12 rows"


def test_the_message_of_an_exception_is_dropped_and_its_place_kept(lines):
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        structlog.get_logger("any").error("fault", exc_info=error)
        structlog.get_logger("any").exception("fault")
        logging.getLogger("huey.consumer").exception("a task failed")
    assert len(lines()) == 3
    for line in lines():
        assert SECRET not in json.dumps(line)
        assert line["exception"] == "ValueError"
        assert "test_logs.py" in line["at"][-1]


def test_the_chatter_of_libraries_is_left_out(lines):
    for name in ("twilio.http_client", "urllib3.connectionpool", "sqlalchemy.engine", "huey"):
        logging.getLogger(name).info("POST /Messages To=%s", "+66812345678")
    assert lines() == []
