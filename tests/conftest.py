"""One application, one migrated template database, a fresh copy of it for each test that asks."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from app import create_app
from core.config import Settings, load_settings
from core.db import db
from tests.builders.accounts import PASSWORD, make_staff
from tests.engines import PostgresDatabases, SqliteDatabases, TestDatabases

hypothesis_settings.register_profile(
    "default",
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.register_profile(
    "long", parent=hypothesis_settings.get_profile("default"), max_examples=2_000
)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

TWILIO_TOKEN = "tok"
ACCOUNT_SID = "AC" + "0" * 32
OUR_NUMBER = "+6755550100"
PUBLIC_URL = "http://127.0.0.1:8000"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whatever touches the database, so that the second engine runs nothing twice in vain."""
    for item in items:
        if "app" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.db)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDatabases]:
    """Databases of the engine under test: WAYPOST_TEST_ENGINE is sqlite (default) or postgresql."""
    folder = tmp_path_factory.mktemp("databases")
    engine = os.environ.get("WAYPOST_TEST_ENGINE", "sqlite")
    made = PostgresDatabases() if engine == "postgresql" else SqliteDatabases(folder)
    yield made
    made.close()


@pytest.fixture(scope="session")
def settings(databases: TestDatabases, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a development installation with a provider that nothing may be sent to."""
    return load_settings(test_environment(databases.url), instance_dir=tmp_path_factory.mktemp("instance"))


def test_environment(database_url: str) -> dict[str, str]:
    """Return the environment that tests run under."""
    return {
        "DATABASE_URL": database_url,
        "SECRET_KEY": "test-secret-key-0123456789-abcdefgh",
        "VAULT_PEPPER": "test-vault-pepper-0123456789-abcdef",
        "VAULT_KEYS": base64.b64encode(bytes(range(32))).decode(),
        "PUBLIC_URL": PUBLIC_URL,
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
        "TWILIO_FROM": OUR_NUMBER,
        "TWILIO_API_BASE": "http://127.0.0.1:9",
    }


test_environment.__test__ = False  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def session_app(settings: Settings, databases: TestDatabases) -> Flask:
    """Build the application once; the template database is migrated by the product's own command."""
    app = create_app(settings)
    app.config["TESTING"] = True
    databases.make_template(app)
    return app


@pytest.fixture
def app(session_app: Flask, databases: TestDatabases) -> Iterator[Flask]:
    """Give the application a fresh database and push its context."""
    with session_app.app_context():
        db.engine.dispose()
        databases.fresh()
        yield session_app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a browser without a session."""
    return StaffClient(app, app.response_class)


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Return a command line."""
    return app.test_cli_runner()


class StaffClient(FlaskClient):
    """A browser that sends the token of its session's forms, as the pages' script does."""

    csrf = ""

    def open(self, *args, **kwargs):
        headers = dict(kwargs.pop("headers", None) or {})
        if self.csrf:
            headers.setdefault("X-CSRF-Token", self.csrf)
        # a test keeps an application context open; a request must not see what an earlier one remembered in it
        with self.application.app_context():
            return super().open(*args, headers=headers, **kwargs)


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., StaffClient]:
    """Return a function that creates an account of a role and signs it in."""

    def sign_in(role: str = "officer", **details: object) -> StaffClient:
        member = make_staff(role, **details)
        client = StaffClient(app, app.response_class)
        answer = client.post("/login", data={"email": member.email, "password": PASSWORD})
        assert answer.status_code == 303, answer.get_data(as_text=True)
        client.member = member
        client.csrf = csrf_of(client)
        return client

    return sign_in


def csrf_of(client: FlaskClient) -> str:
    """Compute what the pages of this session carry."""
    import hmac

    secret = client.application.extensions["settings"].secret_key.encode()
    cookie = client.get_cookie("waypost")
    return hmac.digest(secret, f"csrf:{cookie.value}".encode(), "sha256").hex()


class Clock:
    """A clock that tests set; services take `now`, pages read this one."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Replace the time everywhere it was imported."""
    import sys

    clock = Clock()
    for name, module in list(sys.modules.items()):
        if re.match(r"(core|accounts|tips|cases|rewards|signals)(\.|$)", name) and hasattr(module, "utcnow"):
            monkeypatch.setattr(module, "utcnow", clock)
    return clock


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Return the folder of the development corpora."""
    return Path(__file__).parent / "corpus"
