"""Requests that no page of ours sends: numbers no key can be, NUL where no column can hold it, times before time."""

from __future__ import annotations

import pytest

ENDLESS = "9" * 30


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"/cases?unit={ENDLESS}", 200),
        ("/cases/C-2026-000001?done=9999999999", 404),
        ("/cases/%00", 404),
        ("/desk/%00", 404),
        ("/tips/for-case/%00", 404),
        (f"/desk/news?after={'9' * 18}", 204),
        ("/desk?before=0001-01-01T00:00:00%2B14:00_1", 200),
        ("/desk?before=9999-12-31T23:59:59-14:00_1", 200),
    ],
)
def test_an_odd_address_of_the_desk_is_answered_calmly(sign_in, path, expected):
    assert sign_in("officer").get(path).status_code == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"/rewards/for-case/{ENDLESS}", 404),
        ("/rewards/%00", 404),
        ("/rewards/ledger?fund=%00", 422),
    ],
)
def test_an_odd_address_of_the_reward_office_is_answered_calmly(sign_in, path, expected):
    assert sign_in("supervisor").get(path).status_code in {expected, 403}
    assert sign_in("finance").get(path).status_code == expected


@pytest.mark.parametrize(
    "path", [f"/cases/actions/{ENDLESS}/undo", f"/desk/4821-77/undo/{ENDLESS}", "/desk/%00/confirm"]
)
def test_an_act_on_nothing_finds_nothing(sign_in, path):
    assert sign_in("officer").post(path).status_code == 404


def test_a_form_of_the_staff_with_a_nul_is_refused(sign_in):
    answer = sign_in("officer").post("/desk/4821-77/attach", data={"case": "C-\0"})
    assert answer.status_code == 422


def test_a_nul_in_an_address_is_no_account(client):
    assert client.post("/login", data={"email": "a\0b@example.org", "password": "x"}).status_code == 422


def test_what_cannot_be_a_secret_is_neither_hashed_nor_counted(client, monkeypatch):
    def never(*_args, **_more):
        raise AssertionError("a malformed secret was hashed")

    monkeypatch.setattr("core.vault.Vault.check_secret", never)
    for code, secret in (("4821-77", "12"), ("0000-01", "1234 5678 9012"), ("", "")):
        for _ in range(7):
            assert client.post("/status", data={"code": code, "secret": secret}).status_code == 404
