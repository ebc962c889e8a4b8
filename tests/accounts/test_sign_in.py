from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from accounts import services
from accounts.models import StaffSession
from app import create_app
from core.config import load_settings
from core.db import db
from tests.builders.accounts import PASSWORD, make_staff
from tests.conftest import test_environment
from tips import jobs


def test_the_right_password_opens_the_home_page_of_the_role(client):
    member = make_staff("finance")
    answer = client.post("/login", data={"email": member.email.upper(), "password": PASSWORD})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/rewards"


def test_a_wrong_password_and_an_unknown_address_read_alike(client):
    member = make_staff()
    wrong = client.post("/login", data={"email": member.email, "password": "not the sentence"})
    unknown = client.post("/login", data={"email": "nobody@example.org", "password": "not the sentence"})
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.get_data(as_text=True).replace(member.email, "") == unknown.get_data(as_text=True).replace(
        "nobody@example.org", ""
    )


def test_a_guessing_source_has_to_wait_but_another_source_still_gets_in(client):
    member = make_staff()
    for _ in range(5):
        client.post("/login", data={"email": member.email, "password": "wrong wrong wrong"})
    assert client.post("/login", data={"email": member.email, "password": PASSWORD}).status_code == 429
    elsewhere = {"REMOTE_ADDR": "127.0.0.9"}
    answer = client.post(
        "/login", data={"email": member.email, "password": PASSWORD}, environ_overrides=elsewhere
    )
    assert answer.status_code == 303


def test_signing_out_ends_the_session_at_the_server(sign_in):
    client = sign_in("admin")
    cookie = client.get_cookie("waypost").value
    assert client.get("/admin/staff").status_code == 200
    client.post("/logout")
    client.set_cookie("waypost", cookie)
    assert client.get("/admin/staff").status_code == 303


def test_an_idle_session_ends(sign_in, clock):
    client = sign_in("admin")
    clock.now += services.IDLE - timedelta(seconds=1)
    assert client.get("/admin/staff").status_code == 200
    clock.now += services.IDLE + timedelta(seconds=1)
    assert client.get("/admin/staff").status_code == 303


def test_a_session_that_can_no_longer_be_used_is_not_kept(sign_in, clock):
    sign_in()
    jobs.tidy()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StaffSession)) == 1
    clock.now += services.LONGEST + timedelta(minutes=1)
    jobs.tidy()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StaffSession)) == 0


def test_a_disabled_account_loses_its_session_at_once(sign_in):
    admin, officer = sign_in("admin"), sign_in("admin")
    admin.post(f"/admin/staff/{officer.member.id}/active", data={"active": "no"})
    assert officer.get("/admin/staff").status_code == 303


def test_a_form_without_the_token_of_the_session_changes_nothing(sign_in):
    admin, officer = sign_in("admin"), sign_in("officer")
    admin.csrf = ""
    assert admin.post(f"/admin/staff/{officer.member.id}/active", data={"active": "no"}).status_code == 403
    admin.csrf = officer.csrf
    assert admin.post(f"/admin/staff/{officer.member.id}/active", data={"active": "no"}).status_code == 403
    assert all(member.active for member in services.list_staff())


def test_a_form_sent_from_another_site_is_refused(client):
    member = make_staff()
    answer = client.post(
        "/login",
        data={"email": member.email, "password": PASSWORD},
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status_code == 403


def test_only_an_admin_sees_the_staff(sign_in):
    assert sign_in("officer").get("/admin/staff").status_code == 403


def test_the_command_creates_an_account_and_refuses_a_weak_password(runner):
    made = runner.invoke(
        args=["accounts", "create", "ann@example.org", "--role", "officer", "--password-stdin"],
        input=PASSWORD + "\n",
    )
    assert made.exit_code == 0
    again = runner.invoke(
        args=["accounts", "create", "ann@example.org", "--role", "officer", "--password-stdin"],
        input=PASSWORD + "\n",
    )
    assert again.exit_code == 1
    assert "already" in again.output
    weak = runner.invoke(
        args=["accounts", "create", "bo@example.org", "--role", "officer", "--password-stdin"],
        input="short\n",
    )
    assert weak.exit_code == 1
    assert "at least" in weak.output


@pytest.fixture
def behind_a_proxy(app, databases, tmp_path):
    environment = test_environment(databases.url) | {"TRUSTED_PROXIES": "1"}
    application = create_app(load_settings(environment, instance_dir=tmp_path))
    yield application.test_client()
    with application.app_context():
        db.session.remove()
        db.engine.dispose()


def test_behind_a_proxy_of_ours_each_visitor_is_a_source_of_their_own(behind_a_proxy):
    member = make_staff()

    def attempt(password, claimed):
        details = {"email": member.email, "password": password}
        return behind_a_proxy.post("/login", data=details, headers={"X-Forwarded-For": claimed}).status_code

    for n in range(5):  # what a visitor claims stands before what the proxy saw, and does not count
        assert attempt("wrong wrong wrong", f"198.51.100.{n}, 203.0.113.7") == 422
    assert attempt(PASSWORD, "198.51.100.99, 203.0.113.7") == 429
    assert attempt(PASSWORD, "203.0.113.8") == 303


def test_without_a_proxy_nobody_chooses_their_source(client):
    member = make_staff()
    answers = [
        client.post(
            "/login",
            data={"email": member.email, "password": "wrong wrong wrong"},
            headers={"X-Forwarded-For": f"198.51.100.{n}"},
        ).status_code
        for n in range(6)
    ]
    assert answers == [422] * 5 + [429]
