"""What went wrong becomes a page, a fragment or a problem, and tells nothing of the inside."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import Conflict, Invalid, NotAllowed, NotFound, TooLarge, TooMany
from tests.builders.tips import load_town

PRIVATE = "sqlite3 /srv/waypost.db password=hunter2 +66812345678"
DATABASE_FAULTS = [
    OperationalError("select secret", {"number": "+66812345678"}, Exception(PRIVATE)),
    InterfaceError("select secret", {}, Exception(PRIVATE)),
    PoolTimeout(PRIVATE),
]


@pytest.fixture
def fail(app, monkeypatch):
    """Return a function that makes three addresses raise: a page, the API, the provider's door."""

    def fail(error: Exception) -> None:
        def view(*_parts, **_names):
            raise error

        for endpoint in ("tips.about", "tips_api.OneTip", "webhooks.sms_status"):
            monkeypatch.setitem(app.view_functions, endpoint, view)

    return fail


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("There is no such pier."), 404),
        (NotAllowed("Not yours."), 403),
        (Conflict("Too late."), 409),
        (TooLarge(), 413),
        (Invalid({"text": ["Write something."]}), 422),
        (TooMany(retry_after=77), 429),
        (ValueError(PRIVATE), 500),
        *((fault, 503) for fault in DATABASE_FAULTS),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_each_failure_has_one_status_in_three_forms(client, fail, error, status):
    fail(error)
    page = client.get("/about")
    fragment = client.get("/about", headers={"HX-Request": "true"})
    problems = [client.get("/api/v1/tips/x"), client.post("/sms/status")]
    assert {answer.status_code for answer in (page, fragment, *problems)} == {status}
    assert "<!doctype html>" in page.get_data(as_text=True)
    assert "<!doctype html>" not in fragment.get_data(as_text=True)
    assert 'role="alert"' in fragment.get_data(as_text=True)
    for answer in problems:
        assert answer.mimetype == "application/problem+json"
        assert answer.get_json()["status"] == status
    for answer in (page, fragment, *problems):
        for private in ("hunter2", "select secret", "812345678", "Traceback", "sqlite3"):
            assert private not in answer.get_data(as_text=True)
        assert re.search(r"[0-9a-f]{12}", answer.get_data(as_text=True)), "a reference to ask with"
        assert answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
    if status == 429:
        assert page.headers["Retry-After"] == "77"
    if status == 503:
        assert int(page.headers["Retry-After"]) > 0


def test_a_page_for_staff_sends_strangers_to_the_sign_in(client):
    assert client.get("/desk").headers["Location"] == "/login"
    fragment = client.get("/desk", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, "/login")
    assert client.post("/desk/1000-09/confirm").status_code == 401


def test_what_the_framework_refuses_looks_the_same(client):
    assert client.get("/nothing-here").status_code == 404
    refused = client.post("/about")
    assert (refused.status_code, "GET" in refused.headers["Allow"]) == (405, True)
    assert "<!doctype html>" in refused.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/", "/status", "/claim", "/about", "/login", "/desk"])
def test_pages_answer_503_when_the_database_is_gone(client, monkeypatch, path):
    def down(*_args, **_kwargs):
        raise OperationalError("select 1", {}, Exception(PRIVATE))

    monkeypatch.setattr("sqlalchemy.engine.Connection.execute", down)
    client.set_cookie("waypost", "x")
    answer = client.get(path)
    assert answer.status_code == 503
    assert "hunter2" not in answer.get_data(as_text=True)


def test_health_and_readiness_tell_the_database_apart(client, monkeypatch):
    assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200

    def down(*_args, **_kwargs):
        raise OperationalError("select 1", {}, Exception(PRIVATE))

    monkeypatch.setattr("sqlalchemy.engine.Connection.execute", down)
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (503, {"reason": "database", "status": "unavailable"})


@pytest.mark.parametrize(
    "path", ["/", "/login", "/about", "/nothing-here", "/healthz", "/api/v1/openapi.json", "/sms/inbound"]
)
def test_every_answer_carries_the_headers_that_protect_it(client, path):
    load_town()
    headers = client.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Strict-Transport-Security" not in headers


def test_over_https_the_browser_is_told_to_stay_there_and_tiles_may_load(app, client, monkeypatch):
    settings = app.extensions["settings"]
    secure = replace(
        settings, public_url="https://tips.example.org", tile_url="https://{s}.tiles.example/{z}/{x}/{y}.png"
    )
    monkeypatch.setitem(app.extensions, "settings", secure)
    headers = client.get("/about").headers
    assert "max-age=" in headers["Strict-Transport-Security"]
    assert "https://*.tiles.example" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"Origin": "http://127.0.0.1:8000"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
    ],
)
def test_a_form_counts_only_from_our_own_pages(client, headers, allowed):
    answer = client.post("/tips", data={"text": ""}, headers=headers)
    assert answer.status_code == (422 if allowed else 403)
