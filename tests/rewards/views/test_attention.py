"""What waits for a person on screen: second persons, residents who got nothing, locked vouchers, fraud."""

from __future__ import annotations

import pytest

from core.db import transaction
from rewards import checks, services
from tests.builders.reward_office import NOW, approve, claim, new_key, only_share, pay, propose
from tests.rewards.views.pages import kinds, text_of, words_of


@pytest.fixture
def claimed(office):
    ref = propose().ref
    approve(ref, office.finance)
    return ref, claim(1)


def ask(client, ref, kind, reason="=HYPERLINK(1)"):
    data = {"kind": kind, "reason": reason, "key": new_key()}
    return client.post(f"/rewards/{ref}/shares/{only_share(ref).ref}/ask", data=data, follow_redirects=True)


@pytest.mark.parametrize("role", ["finance", "director", "auditor"])
def test_an_empty_page_says_what_will_appear(office, sign_in, role):
    assert "Nothing waits for a person" in words_of(sign_in(role).get("/rewards/attention"))


def test_a_new_word_is_asked_for_confirmed_and_never_seen_by_staff(office, sign_in, claimed):
    ref, old = claimed
    first, second = sign_in("finance"), sign_in("finance")
    assert "Another person, none of the approvers, has to confirm it." in words_of(
        ask(first, ref, "new_word")
    )
    assert "You asked for it, so somebody else confirms it." in words_of(first.get("/rewards/attention"))
    page = second.get("/rewards/attention")
    assert "New collection word" in words_of(page)
    assert "Needs a person (1)" in words_of(second.get("/rewards"))
    assert "'=HYPERLINK(1)" in text_of(second.get("/rewards/attention/requests.csv"))
    done = second.post("/rewards/requests/1/confirm", data={"key": new_key()}, follow_redirects=True)
    assert "Confirmed and done." in words_of(done)
    assert old.word not in text_of(done)
    again = second.post("/rewards/requests/1/confirm", data={"key": new_key()})
    assert (again.status_code, "It was confirmed already." in words_of(again)) == (409, True)


def test_whoever_approved_reads_why_they_cannot_confirm(office, sign_in):
    approver = sign_in("finance")
    ref = propose().ref
    approve(ref, approver.member)
    claim(1)
    ask(sign_in("finance"), ref, "new_word")
    page = words_of(approver.get("/rewards/attention"))
    assert "You approved this reward, so somebody else confirms it." in page
    assert approver.post("/rewards/requests/1/confirm", data={"key": new_key()}).status_code == 403


def test_a_request_that_makes_no_sense_says_so_on_the_reward(office, sign_in, claimed):
    page = words_of(ask(sign_in("finance"), claimed[0], "cancel"))
    assert "The voucher is claimed, so this cannot be done with it now." in page


def test_a_resident_who_got_nothing_is_looked_into_by_somebody(office, sign_in, claimed):
    ref, _ = claimed
    pay(only_share(ref).ref, office.cashier, receipt="slip 9")
    with transaction():
        services.answer_collection(tip_id=1, got=False, channel="sms", now=NOW)
    client = sign_in("finance")
    page = words_of(client.get("/rewards/attention"))
    assert "Residents who got nothing" in page
    assert "Nobody yet" in page
    assert "Receipt slip 9" in page
    assert client.member.name in words_of(
        client.post("/rewards/queries/1/take", data={}, follow_redirects=True)
    )
    assert only_share(ref).ref in text_of(client.get("/rewards/attention/queries.csv"))
    empty = client.post("/rewards/queries/1/close", data={"note": " "})
    assert (empty.status_code, "Write in a sentence what you found out." in words_of(empty)) == (422, True)
    client.post("/rewards/queries/1/close", data={"note": "Agent paid on the next day"})
    assert "Nothing waits for a person" in words_of(client.get("/rewards/attention"))
    assert client.post("/rewards/queries/1/take", data={}).status_code == 409


def test_fraud_is_asked_back_and_paid_back_on_screen(office, sign_in, claimed):
    ref, _ = claimed
    pay(only_share(ref).ref, office.cashier, receipt="slip 9")
    first, director = sign_in("finance"), sign_in("director")
    ask(first, ref, "clawback", "Ruling 7 of the review board")
    director.post("/rewards/requests/1/confirm", data={"key": new_key()})
    assert "Owed back: USD 1,065.00" in words_of(first.get(f"/rewards/{ref}"))
    address = f"/rewards/{ref}/shares/{only_share(ref).ref}/received-back"
    wrong = first.post(
        address, data={"amount": "x", "reference": "S-1", "key": new_key()}, follow_redirects=True
    )
    assert "Write the amount in figures" in words_of(wrong)
    first.post(address, data={"amount": "65.00", "reference": "S-1/2", "key": new_key()})
    assert "Owed back: USD 1,000.00" in words_of(first.get(f"/rewards/{ref}"))
    assert kinds()[-2:] == ["clawback_raised", "clawback_received"]
    assert checks.check().violations == ()


def test_a_locked_voucher_is_seen_by_finance_with_the_way_out(office, sign_in, claimed):
    ref, _ = claimed
    for _ in range(5):
        with transaction():
            services.count_wrong_word(share_ref=only_share(ref).ref, actor_id=office.cashier.id, now=NOW)
    page = words_of(sign_in("finance").get("/rewards/attention"))
    assert "Locked vouchers" in page
    assert "Ask for a new word" in page


@pytest.mark.parametrize("role", ["auditor", "supervisor", "officer", "admin"])
def test_others_decide_nothing(office, sign_in, claimed, role):
    client = sign_in(role)
    ref, voucher = claimed[0], only_share(claimed[0]).ref
    paths = (
        f"/rewards/{ref}/shares/{voucher}/ask", f"/rewards/{ref}/shares/{voucher}/received-back",
        "/rewards/requests/1/confirm", "/rewards/requests/1/refuse", "/rewards/queries/1/take",
        "/rewards/queries/1/close", "/rewards/pay-desk",
    )  # fmt: skip
    for path in paths:
        assert client.post(path, data={"key": new_key()}).status_code == 403
