"""F8, F9, F10: what is no amount is refused before it reaches the books, and nothing ever wraps around."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from core.errors import AppError, Invalid
from rewards import books, ledger, queries, services
from rewards.ledger import Leg, Posting
from rewards.models import LedgerEntry
from rewards.money import MAX_MINOR
from tests.builders.reward_office import NOW, new_key, open_office

NO_AMOUNTS = [
    0, -1, 1.0, "100", True, 1e3, float("nan"), float("inf"), 2**53, 2**63 - 1, 2**63, None, 10**30, "１００",
    MAX_MINOR + 1, b"5", [5],
]  # fmt: skip
NO_TYPED_AMOUNTS = [
    "0",
    "-1",
    "1e3",
    "NaN",
    "1.005",
    "9007199254740993",
    "9" * 40,
    "１００",
    "",
    " ",
    "0x10",
    "1,00",
]


@pytest.fixture
def office(app):
    return open_office()


def entries():
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(LedgerEntry))


@pytest.mark.parametrize("service", [services.deposit, services.defund, services.fee, services.remit])
def test_f8_no_service_books_what_is_no_amount(office, service):
    more = {"source": "Treasury"} if service in (services.deposit, services.defund) else {}
    for amount in NO_AMOUNTS:
        asked = {"fund": "GEN", "reference": "S", "actor_id": None, "key": new_key(), "now": NOW, **more}
        with pytest.raises(Invalid), transaction():
            service(amount_minor=amount, **asked)
    assert entries() == 1


def test_f8_no_form_books_what_is_no_amount(office, sign_in):
    finance = sign_in("finance")
    for what in ("deposit", "defund", "fee", "remit"):
        for amount in NO_TYPED_AMOUNTS:
            form = {
                "what": what, "fund": "GEN", "amount": amount, "source": "Treasury", "reference": "S",
                "key": new_key(),
            }  # fmt: skip
            assert finance.post("/rewards/funds", data=form).status_code == 422, (what, amount)
    assert entries() == 1


def test_f9_sums_near_the_bound_are_refused_before_they_wrap(office):
    asked = {"fund": "GEN", "source": "Treasury", "reference": "S", "actor_id": None, "now": NOW}
    with transaction():
        services.deposit(amount_minor=MAX_MINOR - 5_000_000, key=new_key(), **asked)
    for amount in (1, MAX_MINOR):
        with pytest.raises(books.NotEnough, match="more than the books can count"), transaction():
            services.deposit(amount_minor=amount, key=new_key(), **asked)
    assert entries() == 2


def test_f9_many_legs_on_one_account_are_added_up_before_they_are_judged(office):
    half = MAX_MINOR // 2 + 1
    legs = [Leg(ledger.AVAILABLE, "USD", half)] * 2 + [Leg(ledger.RESERVED, "USD", -half)] * 2
    with pytest.raises(books.NotEnough), transaction():
        books.post(
            Posting("reserve", tuple(legs)),
            fund=queries.fund_by_code("GEN"),
            idem_key="wide",
            actor_id=None,
            now=NOW,
        )


@pytest.mark.parametrize(
    "legs",
    [
        ((ledger.AVAILABLE, "EUR", 5), (ledger.RESERVED, "EUR", -5)),
        ((ledger.AVAILABLE, "USD", 5), (ledger.RESERVED, "EUR", -5)),
        ((ledger.AVAILABLE, "USD", 5), (ledger.RESERVED, "USD", -4), (ledger.REWARDS, "EUR", -1)),
        ((ledger.AVAILABLE, "usd", 5), (ledger.RESERVED, "usd", -5)),
        ((ledger.AVAILABLE, "XXQ", 5), (ledger.RESERVED, "XXQ", -5)),
    ],
)
def test_f10_currencies_are_not_mixed_and_unknown_ones_not_booked(office, legs):
    posting = Posting("reserve", tuple(Leg(*leg) for leg in legs))
    with pytest.raises((ValueError, AppError, sa.exc.DBAPIError)), transaction():
        books.post(posting, fund=queries.fund_by_code("GEN"), idem_key="mixed", actor_id=None, now=NOW)
    assert entries() == 1


@pytest.mark.parametrize(("currency", "typed", "minor"), [("UGX", "1,065", 1065), ("KWD", "10.655", 10655)])
def test_f10_each_currency_has_its_own_decimals(office, sign_in, currency, typed, minor):
    with transaction():
        services.ensure_fund(code="ALT", currency=currency, now=NOW)
    finance = sign_in("finance")
    form = {"what": "deposit", "fund": "ALT", "source": "Treasury", "reference": "S"}
    assert finance.post("/rewards/funds", data={**form, "amount": f"{typed}.5" if minor == 1065 else f"{typed}5",
                                                "key": new_key()}).status_code == 422  # fmt: skip
    assert finance.post("/rewards/funds", data={**form, "amount": typed, "key": new_key()}).status_code == 303
    db.session.rollback()
    assert books.balance(queries.fund_by_code("ALT").id, ledger.BANK) == minor
