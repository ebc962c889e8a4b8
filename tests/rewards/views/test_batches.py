"""The pages of batches: made, approved, released and downloaded by three people."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest

from core.db import db
from rewards import payout_queries, queries
from tests.builders.payouts import (
    TODAY,
    add_account,
    claimed_vouchers,
    make,
    open_payouts,
    released,
    snapshot,
)
from tests.builders.reward_office import NOW, new_key

PAGES = [
    "/rewards/batches",
    "/rewards/batches/new",
    "/rewards/accounts",
    "/rewards/statements",
    "/rewards/exceptions",
]


@pytest.fixture
def people(app, clock):
    clock.now = NOW
    return open_payouts()


def text_of(answer):
    return answer.get_data(as_text=True)


def words_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text_of(answer)))


def form(**values):
    return {"key": new_key(), **values}


def test_finance_and_director_open_every_page_and_an_auditor_reads(people, sign_in):
    batch, _ = released(people, 1)
    shown = [f"/rewards/batches/{batch}{rest}" for rest in ("", "/vouchers", "/file", "/items.csv")]
    for role in ("finance", "director", "auditor"):
        client = sign_in(role)
        for page in [
            *PAGES,
            *shown,
            "/rewards/batches.csv",
            "/rewards/statements.csv",
            "/rewards/exceptions.csv",
        ]:
            expected = 403 if role == "auditor" and page.endswith("/new") else 200
            assert client.get(page).status_code == expected, (role, page)
    for role in ("officer", "supervisor", "admin"):
        assert {sign_in(role).get(page).status_code for page in [*PAGES, *shown]} == {403}


def test_a_batch_is_made_approved_and_released_on_screen(people, sign_in):
    vouchers = claimed_vouchers(people, 1, 2)
    maker, approver, releaser = sign_in("finance"), sign_in("finance"), sign_in("director")
    page = text_of(maker.get("/rewards/batches/new?account=OPS"))
    assert all(voucher in page for voucher in vouchers)
    answer = maker.post(
        "/rewards/batches", data=form(account="OPS", pay_on=TODAY.isoformat(), voucher=vouchers)
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/rewards/batches/B-0001")
    assert "You made this batch" in words_of(maker.get("/rewards/batches/B-0001"))
    db.session.rollback()
    signed = {"snapshot": snapshot("B-0001")}
    assert maker.post("/rewards/batches/B-0001/approve", data=form(**signed)).status_code == 403
    assert "Approve 2,130.00 USD" in words_of(approver.get("/rewards/batches/B-0001"))
    assert approver.post("/rewards/batches/B-0001/approve", data=form(**signed)).status_code == 303
    assert "You approved this batch" in words_of(approver.get("/rewards/batches/B-0001"))
    assert releaser.get("/rewards/batches/B-0001/file").status_code == 409
    assert releaser.post("/rewards/batches/B-0001/release", data=form(**signed)).status_code == 303
    file = releaser.get("/rewards/batches/B-0001/file")
    assert file.headers["Content-Disposition"] == 'attachment; filename="B-0001.xml"'
    assert file.data == releaser.get("/rewards/batches/B-0001/file").data
    assert "On their way 1" in words_of(maker.get("/rewards/batches?view=sent"))


def test_whoever_signed_the_reward_sees_why_the_box_is_closed(people, sign_in):
    (voucher,) = claimed_vouchers(people, 1)
    client = sign_in("finance", person_id=people.office.finance.person_id)
    page = text_of(client.get("/rewards/batches/new"))
    assert "You approved a reward in it" in page
    assert re.search(rf'value="{voucher}"[^>]* disabled', page)
    answer = client.post(
        "/rewards/batches", data=form(account="OPS", pay_on=TODAY.isoformat(), voucher=[voucher])
    )
    assert answer.status_code == 409
    assert "somebody else does this" in text_of(answer)


def test_a_form_without_choice_or_with_a_past_day_says_what_to_do(people, sign_in):
    vouchers = claimed_vouchers(people, 1)
    client = sign_in("finance")
    empty = client.post("/rewards/batches", data=form(account="OPS", pay_on=TODAY.isoformat()))
    assert (empty.status_code, "Choose at least one voucher" in text_of(empty)) == (422, True)
    past = form(account="OPS", pay_on=(TODAY - timedelta(days=1)).isoformat(), voucher=vouchers)
    assert "Choose today or a later day" in text_of(client.post("/rewards/batches", data=past))


def test_the_bank_rejects_one_voucher_on_the_page(people, sign_in):
    batch, vouchers = released(people, 1, 2)
    client = sign_in("finance")
    address = f"/rewards/batches/{batch}/items/{vouchers[0]}/reject"
    assert client.post(address, data=form(reason="")).status_code == 422
    answer = client.post(address, data=form(reason="Account closed"), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert text_of(answer).lstrip().startswith('<div id="batch"')
    db.session.rollback()
    assert [queries.share_by_ref(ref).state for ref in vouchers] == ["claimed", "instructed"]
    assert "Account closed" in text_of(client.get(f"/rewards/batches/{batch}"))


def test_a_mistaken_rejection_is_taken_back_by_somebody_else_on_the_page(people, sign_in):
    batch, vouchers = released(people, 1, 2)
    first, second = sign_in("finance"), sign_in("finance")
    base = f"/rewards/batches/{batch}/items/{vouchers[0]}"
    first.post(f"{base}/reject", data=form(reason="Account closed"))
    assert first.post(f"{base}/take-back", data=form(reason="Wrong line")).status_code == 403
    assert "It was not rejected" in words_of(second.get(f"/rewards/batches/{batch}"))
    assert second.post(f"{base}/take-back", data=form(reason="")).status_code == 422
    answer = second.post(f"{base}/take-back", data=form(reason="Wrong line"), headers={"HX-Request": "true"})
    assert f"{vouchers[0]} is on its way again." in words_of(answer)
    db.session.rollback()
    assert [queries.share_by_ref(ref).state for ref in vouchers] == ["instructed", "instructed"]


def test_slips_show_number_amount_and_place_and_lead_to_no_tip(people, sign_in):
    batch, (voucher,) = released(people, 1)
    share = queries.share_by_ref(voucher)
    page = text_of(sign_in("finance").get(f"/rewards/batches/{batch}/vouchers"))
    main = page[page.index("<main") : page.index("</main>")]
    assert voucher in main
    assert "1,065.00" in main
    assert "<path d=" in main
    reward = db.session.get_one(queries.Reward, share.reward_id)
    for secret in (share.tip_code, reward.case_number, reward.ref, "Mae Ramat"):
        assert secret not in main


def test_no_page_or_file_of_a_batch_names_a_tip_a_case_or_a_place(people, sign_in):
    batch, (voucher,) = released(people, 1)
    share = queries.share_by_ref(voucher)
    reward = db.session.get_one(queries.Reward, share.reward_id)
    client = sign_in("finance")
    for page in ("", "/file", "/items.csv", "/vouchers"):
        text = text_of(client.get(f"/rewards/batches/{batch}{page}"))
        assert not [s for s in (share.tip_code, reward.case_number, reward.ref, "Mae Ramat") if s in text]


def test_the_list_as_csv_has_every_batch(people, sign_in):
    released(people, 1)
    make(people, claimed_vouchers(people, 2))
    rows = list(csv.reader(io.StringIO(text_of(sign_in("auditor").get("/rewards/batches.csv")))))
    assert [row[:5] for row in rows[1:]] == [
        ["B-0002", "OPS", "To approve", "USD", "1065.00"],
        ["B-0001", "OPS", "On its way", "USD", "1065.00"],
    ]


def test_an_account_is_entered_by_one_and_confirmed_by_another(people, sign_in):
    first, second = sign_in("finance"), sign_in("director")
    details = {
        "code": "MOMO", "name": "Mobile float", "kind": "mobile_money", "fund": "GEN", "number": "123",
        "holder": "Rewards Office",
    }  # fmt: skip
    wrong = first.post("/rewards/accounts", data={**details, "code": "m", "holder": "สำนักงาน"})
    assert wrong.status_code == 422
    assert "2 to 12 capital letters" in text_of(wrong)
    assert "plain Latin letters" in text_of(wrong)
    assert first.post("/rewards/accounts", data=details).status_code == 303
    assert first.post("/rewards/accounts/MOMO/confirm").status_code == 403
    assert second.post("/rewards/accounts/MOMO/confirm").status_code == 303
    db.session.rollback()
    account = payout_queries.account_by_code("MOMO")
    assert account.ledger_name == "Assets:MobileMoney:Momo"
    assert account.confirmed_person == second.member.person_id


def test_a_payer_asks_for_columns_of_its_own(people, sign_in):
    client = sign_in("finance")
    bad = client.post(
        "/rewards/accounts/layouts",
        data={"name": "Wave", "columns": "Sum = amount", "delimiter": "semicolon", "decimal": ","},
    )
    assert bad.status_code == 422
    assert "needs the voucher and the amount" in text_of(bad)
    saved = {
        "name": "Wave",
        "columns": "Sum = amount\nCode = voucher",
        "delimiter": "semicolon",
        "decimal": ",",
    }
    assert client.post("/rewards/accounts/layouts", data=saved).status_code == 303
    db.session.rollback()
    add_account(
        people, code="WAVE", kind="mobile_money", number="9", bic="", pool_number="", payout_layout="Wave"
    )
    batch, (voucher,) = released(people, 1, account="WAVE")
    assert text_of(client.get(f"/rewards/batches/{batch}/file")) == f"Sum;Code\r\n1065,00;{voucher}\r\n"
