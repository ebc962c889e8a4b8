"""Money out of the fund without a reward: only what is free, each once, and tax only what was withheld."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.db import db, transaction
from core.errors import Conflict, Invalid, NotFound
from rewards import books, checks, ledger, queries, services
from rewards.services import moving
from tests.builders.reward_office import (
    NOW,
    approve,
    change_policy,
    claim,
    new_key,
    only_share,
    open_office,
    pay,
    propose,
)


@pytest.fixture
def office(app):
    return open_office()


@pytest.fixture(autouse=True)
def books_hold(app):
    yield
    db.session.rollback()
    assert checks.check().violations == ()


def act(service, **changes):
    asked = {
        "fund": "GEN", "amount_minor": 1_000, "reference": "S-1", "actor_id": None, "key": new_key(), "now": NOW,
    }  # fmt: skip
    with transaction():
        return service(**{**asked, **changes})


def held(name):
    return books.balance(queries.fund_by_code("GEN").id, name)


def test_free_money_goes_back_to_the_source_it_came_from(office):
    act(services.defund, source="Treasury")
    assert (held(ledger.BANK), held(ledger.AVAILABLE), held(ledger.APPROPRIATED)) == (
        4_999_000,
        -4_999_000,
        4_999_000,
    )
    with pytest.raises(books.NotEnough):
        act(services.defund, source="Donor")
    propose()
    with pytest.raises(books.NotEnough):
        act(services.defund, source="Treasury", amount_minor=4_999_000)


def test_a_fee_is_paid_from_what_is_free(office):
    act(services.fee)
    assert (held(ledger.FEES), held(ledger.SPENT), held(ledger.AVAILABLE)) == (1_000, -1_000, -4_999_000)
    with pytest.raises(books.NotEnough):
        act(services.fee, amount_minor=4_999_001)


@pytest.mark.parametrize("service", [services.fee, services.remit, services.defund])
def test_the_same_request_is_booked_once_and_another_under_its_key_refused(office, service):
    if service is services.remit:
        withheld_share(office)
    more = {"source": "Treasury"} if service is services.defund else {}
    key = new_key()
    assert act(service, key=key, amount_minor=10, **more) == act(service, key=key, amount_minor=10, **more)
    with pytest.raises(Conflict, match="used for something else"):
        act(service, key=key, amount_minor=11, **more)
    with pytest.raises(Invalid):
        act(service, reference=" ", **more)
    with pytest.raises(Invalid):
        act(service, amount_minor=0, **more)
    with pytest.raises(Invalid):
        act(service, bank="Income:Forfeited", **more)
    with pytest.raises(NotFound):
        act(service, fund="NONE", **more)


@pytest.mark.parametrize("service", [services.deposit, services.defund, services.fee])
def test_money_moves_on_a_day_that_has_come_and_the_day_belongs_to_the_request(office, service):
    more = {} if service is services.fee else {"source": "Treasury"}
    with pytest.raises(Conflict, match="has not come yet"):
        act(service, effective_on=NOW.date() + timedelta(days=2), **more)
    key = new_key()
    act(service, effective_on=NOW.date(), key=key, **more)
    with pytest.raises(Conflict, match="used for something else"):
        act(service, effective_on=NOW.date() - timedelta(days=1), key=key, **more)


def withheld_share(office, number=1):
    with transaction():
        if services.policy_in_force(now=NOW).version == 1:
            change_policy(withhold_percent="12.5")
    ref = propose(number).ref
    approve(ref, office.finance)
    claimed = claim(number)
    pay(claimed.voucher, office.cashier, word=claimed.word)
    return only_share(ref)


def test_tax_is_withheld_once_when_a_share_is_sent_out_and_remitted_later(office):
    share = withheld_share(office)
    assert (held(ledger.TAX_WITHHELD), held(ledger.BANK)) == (-13_312, 5_000_000 - (106_500 - 13_312))
    with pytest.raises(books.NotEnough):
        act(services.remit, amount_minor=13_313)
    with transaction():
        moving.returned(share_id=share.id, statement_line="S-2", actor_id=None, now=NOW)
    with transaction():
        (sent,) = moving.instruct(share_ids=[share.id], batch="B-1", actor_id=None, now=NOW)
    assert (sent.amount, held(ledger.TAX_WITHHELD)) == (106_500 - 13_312, -13_312)
    act(services.remit, amount_minor=13_312)
    assert (held(ledger.TAX_WITHHELD), held(ledger.BANK)) == (0, 5_000_000 - 13_312)
