"""The books on screen: balances that add up, entries, funds and exports."""

from __future__ import annotations

import re
from datetime import timedelta

from core.db import transaction
from rewards import checks
from rewards.views.ledger import KINDS_OF_FILE
from tests.builders.reward_office import NOW, approve, new_key, propose, put_in
from tests.builders.rewards import outcome, tip
from tests.rewards.views.pages import PAGES, kinds, text_of, words_of


def test_a_refused_deposit_says_what_to_do(office, sign_in):
    finance = sign_in("finance")
    for change, words in (
        ({"amount": "1.005"}, "USD has 2 decimals."),
        ({"amount": "-5"}, "in figures"),
        ({"amount": "0"}, "greater than zero"),
        ({"fund": "NONE"}, "Choose a fund"),
        ({"source": "two words"}, "one word"),
        ({"reference": " "}, "reference of the statement"),
        ({"amount": "90,000,000,000,000.00"}, "more than the books can count"),
    ):
        form = {
            "fund": "GEN",
            "amount": "5",
            "source": "Treasury",
            "reference": "S",
            "key": new_key(),
            **change,
        }
        answer = finance.post("/rewards/funds", data=form)
        assert answer.status_code in (409, 422)
        assert words in words_of(answer)
    assert kinds() == ["fund"]


def test_the_ledger_shows_running_balances_of_one_account(office, sign_in):
    approve(propose().ref, office.finance)
    page = words_of(sign_in("auditor").get("/rewards/ledger?fund=GEN&account=Equity:Budget:Available"))
    assert "USD 48,935.00 Cr" in page
    assert "USD 50,000.00 Cr" in page


def test_the_ledger_filters_by_reward_and_pages(office, sign_in):
    refs = [propose(case_id, facts=outcome(tip(case_id, 40))).ref for case_id in range(1, 31)]
    client = sign_in("auditor")
    one = text_of(client.get(f"/rewards/ledger?reward={refs[0]}"))
    assert one.count("/rewards/ledger/J0") == 1
    everything = text_of(client.get("/rewards/ledger"))
    assert "64 movements" in everything
    assert "1–50 of 64" in everything
    assert "J000001" in text_of(client.get("/rewards/ledger?page=2"))


def test_an_entry_shows_legs_that_add_up_and_its_links(office, sign_in):
    ref = propose().ref
    approve(ref, office.finance)
    page = words_of(sign_in("auditor").get("/rewards/ledger/J000003"))
    assert page.count("2,130.00") == 2
    assert ref in page
    for name in ("J000099", "J3", "j000003", "nonsense", "J" + "9" * 40, "J٣"):
        assert sign_in("auditor").get(f"/rewards/ledger/{name}").status_code == 404


def test_the_trial_balance_adds_up_as_of_any_day(office, sign_in, clock):
    ref = propose().ref
    clock.now = NOW + timedelta(days=2)
    approve(ref, office.finance, now=clock.now)
    client = sign_in("auditor")
    now = words_of(client.get("/rewards/ledger/trial-balance"))
    assert "Liabilities:Payable" in now
    then = words_of(client.get(f"/rewards/ledger/trial-balance?as_of={NOW:%Y-%m-%d}"))
    assert "Liabilities:Payable" not in then
    for page in (now, then):
        debit, credit = re.search(r"Total USD ([\d,.]+) USD ([\d,.]+)", page).groups()
        assert debit == credit
    assert client.get("/rewards/ledger/trial-balance?as_of=soon").status_code == 422


def test_the_fund_page_adds_up_and_draws(office, sign_in):
    approve(propose().ref, office.finance)
    page = text_of(sign_in("director").get("/rewards/funds"))
    assert "48,935.00 free + 0.00 reserved + 1,065.00 owed = 50,000.00 at the bank" in page
    assert '<path class="chart__line"' in page


def test_the_books_can_be_taken_along(office, sign_in):
    auditor = sign_in("auditor")
    for form, kind in KINDS_OF_FILE.items():
        answer = auditor.get(f"/rewards/ledger/export?format={form}")
        assert (answer.status_code, answer.mimetype) == (200, kind[0])
        assert "attachment" in answer.headers["Content-Disposition"]
        assert "J000001" in text_of(answer)


def test_an_unknown_format_or_view_is_refused(office, sign_in):
    client = sign_in("auditor")
    assert client.get("/rewards/ledger/export?format=xlsx").status_code == 422
    assert client.get("/rewards?view=everything").status_code == 422
    assert client.get("/rewards/R-NONE").status_code == 404


def test_pages_do_not_move_the_books(office, sign_in):
    before = checks.check()
    client = sign_in("auditor")
    for page in PAGES:
        client.get(page)
    assert checks.check() == before


def test_the_books_are_shown_as_they_were_known_at_a_link(office, sign_in):
    with transaction():
        put_in(700)
    auditor = sign_in("auditor")
    for page in ("/rewards/ledger/trial-balance", "/rewards/ledger"):
        assert "50,007.00" in words_of(auditor.get(f"{page}?fund=GEN&account=Assets:Bank:Ops"))
        then = words_of(auditor.get(f"{page}?fund=GEN&account=Assets:Bank:Ops&seq=1"))
        assert "50,000.00" in then
        assert "50,007.00" not in then
        assert "Chain head at link 1 :" in then
    assert "J000002" not in text_of(auditor.get("/rewards/ledger/export?format=hledger&seq=1"))
    early = text_of(auditor.get("/rewards/ledger/export?format=jsonl&known_at=2020-01-01T00:00:00Z"))
    assert early == ""
    for wrong in ("seq=-1", "seq=x", "known_at=soon", "as_of=2026-02-30"):
        assert auditor.get(f"/rewards/ledger?{wrong}").status_code == 422
    assert auditor.get("/rewards/ledger/trial-balance?seq=99").status_code == 404


def test_money_goes_out_again_and_fees_are_booked_in_the_browser(office, sign_in):
    finance = sign_in("finance")
    form = {"fund": "GEN", "amount": "5.00", "source": "Treasury", "reference": "S-7", "day": ""}
    for what in ("defund", "fee"):
        answer = finance.post("/rewards/funds", data={**form, "what": what, "key": new_key()})
        assert answer.status_code == 303
    assert kinds() == ["fund", "defund", "fee"]
    refused = finance.post("/rewards/funds", data={**form, "what": "remit", "key": new_key()})
    assert (refused.status_code, "not enough" in text_of(refused)) == (409, True)
    assert sign_in("director").post("/rewards/funds", data={**form, "key": new_key()}).status_code == 403
