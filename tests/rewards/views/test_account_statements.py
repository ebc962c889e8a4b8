"""Statements open and close with the balances of the books, and every list can be taken along."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest

from core.db import transaction
from core.errors import Invalid, NotFound
from rewards import account_statements, services
from tests.builders.reward_office import NOW, approve, claim, new_key, pay, propose
from tests.rewards.views.pages import text_of, words_of

MARCH = {"starts_on": date(2026, 3, 1), "ends_on": date(2026, 3, 31)}


@pytest.fixture
def busy(office):
    ref = propose().ref
    approve(ref, office.finance)
    claimed = claim(1)
    pay(claimed.voucher, office.cashier, word=claimed.word, receipt="=cmd|' /C calc'!A0")
    with transaction():
        services.fee(
            fund="GEN",
            amount_minor=250,
            reference="S-9",
            actor_id=None,
            key=new_key(),
            now=NOW + timedelta(days=40),
        )
    return ref


def table(answer):
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(text_of(answer))))


def test_a_fund_statement_goes_from_its_opening_to_its_closing_balance(busy):
    march = account_statements.fund_statement(fund="GEN", **MARCH)
    assert (march.opening, march.closing) == (0, 4_893_500)
    assert march.by_kind == (("fund", 1, 5_000_000), ("settle", 1, -106_500))
    later = account_statements.fund_statement(
        fund="GEN", starts_on=date(2026, 4, 1), ends_on=date(2026, 4, 30)
    )
    assert (later.opening, later.closing, later.by_kind) == (4_893_500, 4_893_250, (("fee", 1, -250),))
    for found in (march, later):
        assert found.opening + sum(line.amount for line in found.lines) == found.closing
        cash = [
            (opening, closing) for name, opening, closing in found.accounts if name.startswith("Assets:Bank")
        ]
        assert cash == [(found.opening, found.closing)]
    early = account_statements.fund_statement(fund="GEN", **MARCH, seq=1)
    assert (early.closing, len(early.lines)) == (5_000_000, 1)


def test_swapped_days_and_unknown_funds_and_cases_are_refused(busy):
    with pytest.raises(Invalid):
        account_statements.fund_statement(fund="GEN", starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 1))
    with pytest.raises(NotFound):
        account_statements.fund_statement(fund="NONE", **MARCH)
    with pytest.raises(NotFound):
        account_statements.case_statement("C-2026-999999")


def test_a_case_statement_holds_everything_booked_for_it(busy):
    found = account_statements.case_statement("C-2026-000001")
    assert [line.kind for line in found.lines if line.first] == ["reserve", "approve", "instruct", "settle"]
    assert dict(found.held) == {
        "Assets:Bank:Ops": -106_500,
        "Equity:Budget:Available": 106_500,
        "Equity:Budget:Spent": -106_500,
        "Expenses:Rewards": 106_500,
    }


def test_statements_are_shown_to_those_who_read_the_books(busy, sign_in):
    auditor, officer = sign_in("auditor"), sign_in("officer")
    query = "?starts_on=2026-03-01&ends_on=2026-03-31"
    pages = [
        f"/rewards/funds/GEN/statement{query}",
        "/rewards/case-statements/C-2026-000001",
        "/rewards/periods",
    ]
    for page in pages:
        assert auditor.get(page).status_code == 200
        assert officer.get(page).status_code == 403
    shown = words_of(auditor.get(pages[0]))
    assert "USD 48,935.00" in shown
    assert "Money in" in shown
    assert auditor.get("/rewards/funds/NONE/statement").status_code == 404
    assert auditor.get("/rewards/funds/GEN/statement?starts_on=x").status_code == 422


def test_every_list_is_taken_along_without_formulas(busy, sign_in):
    auditor = sign_in("auditor")
    query = "?starts_on=2026-03-01&ends_on=2026-03-31"
    cash = table(auditor.get(f"/rewards/funds/GEN/statement.csv{query}"))
    assert [row["balance"] for row in cash] == ["50000.00", "48935.00"]
    assert cash[1]["reference"].startswith("'=")
    case = table(auditor.get("/rewards/case-statements/C-2026-000001.csv"))
    assert len(case) == 10
    totals = table(auditor.get("/rewards/ledger/trial-balance.csv?as_of=2026-03-31"))
    assert (
        sum(float(row["debit"]) for row in totals) == sum(float(row["credit"]) for row in totals) == 100_000
    )
    moved = table(auditor.get("/rewards/ledger.csv?fund=GEN&account=Assets:Bank:Ops"))
    assert [row["balance"] for row in moved] == ["48932.50", "48935.00", "50000.00"]
    months = table(auditor.get("/rewards/periods.csv"))
    assert [row["month"] for row in months] == ["2026-03"]
    assert sign_in("officer").get("/rewards/ledger.csv").status_code == 403


def test_a_month_is_closed_in_the_browser_step_by_step(busy, sign_in, clock):
    clock.now = NOW + timedelta(days=60)
    finance = sign_in("finance")
    assert "Only finance posts into it" in words_of(finance.get("/rewards/periods/2026-03"))
    early = finance.post("/rewards/periods/2026-03/close", data={"key": new_key()})
    assert (early.status_code, "has changed since it was examined" in text_of(early)) == (409, True)
    assert finance.post("/rewards/periods/2026-03/soft", data={"key": new_key()}).status_code == 303
    assert finance.post("/rewards/periods/2026-03/reopen", data={"key": new_key()}).status_code == 303
    assert finance.post("/rewards/periods/2026-03/soft", data={"key": new_key()}).status_code == 303
    assert "Close 2026-03 for good" in words_of(finance.get("/rewards/periods/2026-03"))
    assert finance.post("/rewards/periods/2026-03/close", data={"key": new_key()}).status_code == 303
    page = words_of(finance.get("/rewards/periods/2026-03"))
    assert "Closed for good" in page
    assert finance.member.name in page
    assert (
        sign_in("auditor").post("/rewards/periods/2026-03/soft", data={"key": new_key()}).status_code == 403
    )
    assert finance.get("/rewards/periods/march").status_code == 422


def test_an_entry_is_undone_in_the_browser(busy, sign_in, clock):
    clock.now = NOW + timedelta(days=49)
    director = sign_in("director")
    assert "Undo this entry" in words_of(director.get("/rewards/ledger/J000006"))
    form = {"reason": "wrong line", "effective_on": "2026-04-20", "key": new_key()}
    answer = director.post("/rewards/ledger/J000006/reverse", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/rewards/ledger/J000007")
    assert "Undoes" in words_of(director.get("/rewards/ledger/J000007"))
    page = words_of(director.get("/rewards/ledger/J000006"))
    assert "Undone by" in page
    assert "Undo this entry" not in page
    again = director.post("/rewards/ledger/J000006/reverse", data={**form, "key": new_key()})
    assert (again.status_code, "reversed already" in text_of(again)) == (409, True)
    assert "Undo this entry" not in words_of(sign_in("auditor").get("/rewards/ledger/J000001"))
