"""Postings balance, reverse, and chain to the published golden vector."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards import chain, ledger
from rewards.money import MAX_MINOR, MoneyError

amounts = st.integers(1, MAX_MINOR)

GOLDEN = {
    "ledger": "GT-REWARDS",
    "seq": 1,
    "name": "J000001",
    "effective_on": date(2026, 1, 5),
    "recorded_at": datetime(2026, 1, 5, 8, 0, tzinfo=UTC),
    "actor": "u:12",
    "idem": "fund:treasury:2026-01",
    "ref": {},
}


def templates(amount):
    return [
        ledger.fund(amount, "USD", source="Treasury"),
        ledger.reserve(amount, "USD"),
        ledger.release(amount, "USD"),
        ledger.approve(amount, {"V-1": amount}, "USD"),
        ledger.instruct(amount, "USD", share="V-1"),
        ledger.settle(amount, "USD", share="V-1"),
        ledger.reject(amount, "USD", share="V-1"),
        ledger.forfeit(amount, "USD", share="V-1"),
        ledger.cancel(amount, "USD", share="V-1"),
        ledger.defund(amount, "USD", source="Treasury"),
        ledger.withhold(amount, "USD", share="V-1"),
        ledger.remit(amount, "USD"),
        ledger.returned(amount, "USD", share="V-1"),
        ledger.fee(amount, "USD"),
        ledger.raise_clawback(amount, "USD", share="V-1"),
        ledger.receive_clawback(amount, "USD", share="V-1"),
        ledger.write_off_clawback(amount, "USD", share="V-1"),
    ]


def held(posting, *prefixes):
    return sum(leg.amount for leg in posting.legs if leg.account.startswith(prefixes))


def effect(*postings):
    total = Counter()
    for posting in postings:
        for leg in posting.legs:
            total[leg.account] += leg.amount
    return {account: amount for account, amount in total.items() if amount}


def test_golden_vector():
    record = chain.entry_record(candidate=ledger.fund(5_000_000, "USD", source="Treasury"), **GOLDEN)
    assert chain.canonical(record) == (
        b'{"actor":"u:12","effective_on":"2026-01-05","id":"J000001","idem":"fund:treasury:2026-01","kind":"fund",'
        b'"ledger":"GT-REWARDS","legs":[["Assets:Bank:Ops","USD",5000000],["Income:Funding:Treasury","USD",-5000000],'
        b'["Equity:Budget:Appropriated","USD",5000000],["Equity:Budget:Available","USD",-5000000]],'
        b'"recorded_at":"2026-01-05T08:00:00.000000Z","ref":{},"seq":1,"v":1}'
    )
    expected = "9ac6cb107a5ae100517ee1a2c0f73ab0773a466bfaf321269e8c37de2fda34a5"
    assert chain.chained(chain.GENESIS, record).hex() == expected


@given(amounts)
def test_every_template_balances_and_its_reversal_undoes_it(amount):
    for posting in templates(amount):
        ledger.require_sound(posting)
        undone = ledger.reverse(posting)
        ledger.require_sound(undone)
        assert effect(posting, undone) == {}


@given(amounts)
def test_every_template_keeps_the_three_identities(amount):
    """I3, I4 and I5 hold after an event wherever they held before it."""
    for posting in templates(amount):
        assert held(posting, "Equity:") == 0
        debts = ("Liabilities:", ledger.AVAILABLE, ledger.RESERVED)
        assert held(posting, "Assets:Bank") == -held(posting, *debts)
        costs = held(posting, "Expenses:", ledger.FORFEITED, ledger.RECOVERED, ledger.CLAWBACK)
        assert -held(posting, ledger.SPENT) == costs


@pytest.mark.parametrize(
    "bank", ["Income:Forfeited", "Assets:Clawback", "Assets:Bank:", "Assets:Bank:a b", "Assets:Bank:X\n"]
)
def test_cash_moves_only_on_cash_accounts(bank):
    for build in (ledger.fee, ledger.remit):
        with pytest.raises(ledger.LedgerError):
            build(5, "USD", bank=bank)
    assert ledger.fee(5, "USD", bank="Assets:MobileMoney:Mpesa").legs[1].account == "Assets:MobileMoney:Mpesa"


def test_a_whole_life_leaves_cash_and_budget_in_step():
    life = [
        ledger.fund(5_000_000, "USD", source="Treasury"),
        ledger.reserve(106_500, "USD"),
        ledger.approve(106_500, {"V-1": 106_500}, "USD"),
        ledger.instruct(106_500, "USD", share="V-1"),
        ledger.settle(106_500, "USD", share="V-1"),
    ]
    assert effect(*life) == {
        "Assets:Bank:Ops": 4_893_500,
        "Income:Funding:Treasury": -5_000_000,
        "Equity:Budget:Appropriated": 5_000_000,
        "Equity:Budget:Available": -4_893_500,
        "Equity:Budget:Spent": -106_500,
        "Expenses:Rewards": 106_500,
    }


def test_approving_less_than_reserved_frees_the_rest():
    posting = ledger.approve(1_000, {"V-1": 400, "V-2": 300}, "USD")
    assert effect(posting) == {
        "Equity:Budget:Reserved": 1_000,
        "Equity:Budget:Spent": -700,
        "Equity:Budget:Available": -300,
        "Expenses:Rewards": 700,
        "Liabilities:Payable": -700,
    }
    assert [leg.share for leg in posting.legs if leg.account == ledger.PAYABLE] == ["V-1", "V-2"]
    for shares in ({"V-1": 1_001}, {}):
        with pytest.raises(ledger.LedgerError):
            ledger.approve(1_000, shares, "USD")


def test_forfeit_and_cancel_return_the_budget():
    approved = [ledger.reserve(500, "USD"), ledger.approve(500, {"V": 500}, "USD")]
    cancelled = effect(*approved, ledger.cancel(500, "USD", share="V"))
    assert cancelled == {}
    forfeited = effect(*approved, ledger.forfeit(500, "USD", share="V"))
    assert forfeited == {"Expenses:Rewards": 500, "Income:Forfeited": -500}


@pytest.mark.parametrize("amount", [0, -1, 1.5, True, "5", 2**53])
def test_amounts_that_are_not_whole_and_positive_are_not_posted(amount):
    with pytest.raises(MoneyError):
        ledger.reserve(amount, "USD")


def test_unsound_postings_are_refused():
    leg = ledger.Leg
    for legs in (
        (leg(ledger.AVAILABLE, "USD", 5),),
        (leg(ledger.AVAILABLE, "USD", 5), leg(ledger.RESERVED, "USD", -4)),
        (leg(ledger.AVAILABLE, "USD", 5), leg(ledger.RESERVED, "EUR", -5)),
        (leg("Assets", "USD", 5), leg(ledger.RESERVED, "USD", -5)),
    ):
        with pytest.raises(ledger.LedgerError):
            ledger.require_sound(ledger.Posting("reserve", legs))
    with pytest.raises(MoneyError):
        ledger.reserve(5, "usd")


def test_a_reversal_is_not_reversed():
    with pytest.raises(ledger.LedgerError):
        ledger.reverse(ledger.reverse(ledger.reserve(5, "USD")))


def test_changing_anything_changes_the_hash():
    record = chain.entry_record(candidate=ledger.reserve(5, "USD"), **GOLDEN)
    original = chain.chained(chain.GENESIS, record)
    for name, value in (("seq", 2), ("actor", "u:13"), ("ref", {"fund": "GEN"}), ("legs", [])):
        assert chain.chained(chain.GENESIS, {**record, name: value}) != original
    assert chain.chained(original, record) != original


@pytest.mark.parametrize("value", [1.0, True, None, float("nan"), 2**60, {1: "a"}, [0.5]])
def test_a_chained_record_holds_only_text_and_whole_numbers(value):
    with pytest.raises(ledger.LedgerError):
        chain.canonical({"ref": value})


def test_a_link_has_32_bytes():
    with pytest.raises(ledger.LedgerError):
        chain.chained(b"", {"seq": 1})


def test_events_without_money_chain_too():
    moment = GOLDEN["recorded_at"]
    record = chain.event_record(
        ledger="GT-REWARDS", seq=2, kind="claimed", recorded_at=moment, actor="u:0", ref={"share": "V-1"}
    )
    assert record["id"] == "E000002"
    assert len(chain.chained(chain.GENESIS, record)) == 32
