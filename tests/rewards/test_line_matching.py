"""The rule: voucher, amount, currency and sign together, never the amount alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.bank_files.parsed import kept_text, vouchers_in
from rewards.batch_states import ItemState
from rewards.line_matching import KnownItem, Movement, is_fee, judge
from rewards.payout_kinds import MatchKind, Why

VOUCHER = "V-7Q2M8H4K"


def item(**changes):
    values = {
        "item_id": 7, "amount": 500, "currency": "USD", "state": ItemState.INSTRUCTED, "account_id": 1, "releaser": 3,
    }  # fmt: skip
    return KnownItem(**{**values, **changes})


def decide(line, known=None, **changes):
    asked = {"account_id": 1, "currency": "USD", "reconciler": 9, **changes}
    return judge(line, {VOUCHER: known or item()}, **asked)


def out(**changes):
    return Movement(**{"amount": -500, "currency": "USD", "vouchers": (VOUCHER,), **changes})


def test_all_four_together_settle():
    verdict = decide(out())
    assert (verdict.kind, verdict.item_id, verdict.why) == (MatchKind.SETTLE, 7, None)


def test_money_that_comes_back_for_a_paid_voucher_is_a_return():
    assert decide(out(amount=500), item(state=ItemState.SETTLED)).kind is MatchKind.RETURNED
    assert decide(out(amount=500, reversal=True), item(state=ItemState.SETTLED)).kind is MatchKind.RETURNED


@pytest.mark.parametrize(
    ("line", "known", "changes", "why"),
    [
        (out(amount=-501), None, {}, Why.WRONG_AMOUNT),
        (out(currency="EUR"), None, {}, Why.OTHER_CURRENCY),
        (out(), item(currency="EUR"), {}, Why.OTHER_CURRENCY),
        (out(), None, {"account_id": 2}, Why.OTHER_ACCOUNT),
        (out(), None, {"reconciler": 3}, Why.SAME_PERSON),
        (out(vouchers=()), None, {}, Why.NO_VOUCHER),
        (out(vouchers=("V-ZZZZZZZZ",)), None, {}, Why.UNKNOWN_VOUCHER),
        (out(vouchers=(VOUCHER, "V-ZZZZZZZZ")), None, {}, Why.SEVERAL_VOUCHERS),
        (out(reversal=True), None, {}, Why.REVERSAL),
        (out(vouchers=(), amount=5, reversal=True), None, {}, Why.REVERSAL),
        (out(amount=500), None, {}, Why.NOT_PAID),
        (out(), item(state=ItemState.WAITING), {}, Why.NOT_SENT),
        (out(), item(state=ItemState.REJECTED), {}, Why.NOT_SENT),
        (out(), item(state=ItemState.SETTLED), {}, Why.ALREADY_PAID),
    ],
)
def test_anything_else_waits_with_its_reason(line, known, changes, why):
    verdict = decide(line, known, **changes)
    assert (verdict.kind, verdict.why) == (None, why)


@given(st.integers(-1_000, 1_000).filter(bool), st.sampled_from(["USD", "EUR"]), st.booleans())
def test_without_a_voucher_nothing_is_ever_paid_or_returned(amount, currency, reversal):
    verdict = decide(Movement(amount, currency, (), reversal=reversal))
    assert verdict.kind is None


def test_fees_are_known_by_the_banks_code_and_only_going_out():
    for code in ("PMNT/ICDT/CHRG", "ACMT/MDOP/COMM", "NCHG", "nchg"):
        assert is_fee(code)
        assert decide(out(vouchers=(), code=code)).kind is MatchKind.FEE
        assert decide(out(vouchers=(), code=code, amount=500)).kind is None
    assert not is_fee("PMNT/ICDT/DMCT")
    assert not is_fee("")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("V-7Q2M8H4K", (VOUCHER,)),
        ("pay v 7q2m8h4k now", (VOUCHER,)),
        ("/EREF/V7Q2M8H4K/REMI/V-7Q2M8H4K", (VOUCHER,)),
        ("V-7Q2M8H4KX", ()),
        ("XV-7Q2M8H4K", ()),
        ("V-7Q2M8H4O", ()),
        ("VOUCHERPOOL01", ()),
        ("", ()),
    ],
)
def test_a_voucher_is_found_in_what_a_bank_passes_on(text, found):
    assert vouchers_in(text) == found


@given(st.from_regex(r"\+?[1-9][0-9]{7,14}", fullmatch=True))
def test_no_telephone_number_is_kept(number):
    grouped = " ".join(number[start : start + 3] for start in range(0, len(number), 3))
    for text in (f"to {number} ok", f"({grouped})", f"tel:{number[:4]}-{number[4:]}"):
        assert number[-6:] not in kept_text(text).replace(" ", "").replace("-", "")


def test_a_charge_that_names_a_voucher_of_its_amount_is_taken_for_the_voucher():
    assert decide(out(code="PMNT/ICDT/CHRG")).kind is MatchKind.SETTLE
    assert decide(out(code="NCHG"), item(state=ItemState.SETTLED)).why is Why.ALREADY_PAID
    assert decide(out(code="NCHG", amount=-25)).kind is MatchKind.FEE
