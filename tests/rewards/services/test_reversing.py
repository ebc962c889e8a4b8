"""F18: corrections undo exactly one entry, once, and never push an account over zero."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from core.errors import Conflict, Invalid, NotAllowed, NotFound
from rewards import books, bounds, checks, ledger, services
from rewards.models import LedgerEntry
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
    put_in,
)

TODAY = NOW.date()


@pytest.fixture
def office(app):
    return open_office()


@pytest.fixture(autouse=True)
def books_hold(app):
    yield
    db.session.rollback()
    assert checks.check().violations == ()


def undo(name, actor, **changes):
    asked = {"effective_on": TODAY, "reason": "booked twice", "key": new_key(), "now": NOW, **changes}
    with transaction():
        return services.reverse(entry=name, actor=actor, **asked)


def newest(kind):
    number = db.session.scalar(sa.select(sa.func.max(LedgerEntry.id)).where(LedgerEntry.kind == kind))
    return ledger.entry_name(number)


def paid_share(office):
    ref = propose().ref
    approve(ref, office.finance)
    claimed = claim(1)
    pay(claimed.voucher, office.cashier, word=claimed.word)
    return ref, claimed


def test_a_deposit_is_undone_leg_by_leg_once(office):
    with transaction():
        second = put_in(700, actor_id=office.finance.id).entry
    undone = undo(second, office.director)
    assert undone.entry == "J000003"
    assert undone.balances[ledger.BANK] == 5_000_000
    with pytest.raises(Conflict, match="reversed already, by J000003"):
        undo(second, office.director)
    with pytest.raises(Conflict, match="A reversal is not reversed"):
        undo("J000003", office.cashier)
    with pytest.raises(NotFound):
        undo("J000099", office.director)


def test_what_is_promised_already_cannot_be_undone(office):
    propose()
    with pytest.raises(books.NotEnough):
        undo("J000001", office.director)


def test_nobody_undoes_what_they_booked_themselves(office):
    with pytest.raises(NotAllowed, match="somebody else"):
        undo("J000001", office.finance)
    with pytest.raises(NotAllowed):
        undo("J000001", office.officer)
    undo("J000001", office.cashier)


def test_a_reversal_is_never_dated_before_its_entry_and_never_into_a_closed_month(office):
    with pytest.raises(Invalid, match=r"^") as refused:
        undo("J000001", office.cashier, effective_on=TODAY - timedelta(days=1))
    assert "effective_on" in refused.value.errors
    april = NOW + timedelta(days=40)
    with transaction():
        services.soft_close(period="2026-03", actor=office.finance, key=new_key(), now=april)
    examined = services.examine(period="2026-03", now=april, unmatched=lambda *_: 0)
    with transaction():
        services.close_period(examined=examined, actor=office.finance, key=new_key(), now=april)
    name = undo("J000001", office.cashier, now=april).entry
    assert db.session.scalar(
        sa.select(LedgerEntry.effective_on).where(LedgerEntry.id == int(name[1:]))
    ) == date(2026, 4, 1)


def test_a_payment_booked_by_mistake_goes_back_step_by_step_and_is_paid_again(office):
    ref, claimed = paid_share(office)
    with pytest.raises(Conflict, match="reverse those first"):
        undo(newest("instruct"), office.director)
    undo(newest("settle"), office.director)
    assert only_share(ref).state == "instructed"
    undo(newest("instruct"), office.director)
    assert only_share(ref).state == "claimed"
    again = pay(claimed.voucher, office.cashier, word=claimed.word)
    assert (again.state, only_share(ref).state) == ("paid", "paid")
    assert (
        db.session.scalars(sa.select(LedgerEntry.idem_key))
        .all()[-1]
        .startswith(f"settle:{claimed.voucher}:3")
    )


def test_tax_given_back_with_a_payment_undone_is_withheld_again_when_it_is_paid(office):
    with transaction():
        services.policy_in_force(now=NOW)
        change_policy(withhold_percent="10")
    ref, claimed = paid_share(office)
    for kind in ("settle", "instruct", "withhold"):
        undo(newest(kind), office.director)
    assert bounds.held_for_share(only_share(ref).id)[ledger.PAYABLE] == -106_500
    pay(claimed.voucher, office.cashier, word=claimed.word)
    held = bounds.held_for_share(only_share(ref).id)
    assert (held[ledger.TAX_WITHHELD], held[ledger.BANK]) == (-10_650, -95_850)


def test_an_entry_that_others_stand_on_is_not_undone_though_one_between_was(office):
    ref, claimed = paid_share(office)
    undo(newest("settle"), office.director)
    pay(claimed.voucher, office.cashier, word=claimed.word)
    with pytest.raises(Conflict, match="reverse those first"):
        undo(newest("instruct"), office.director)
    assert only_share(ref).state == "paid"


def test_a_lapsed_reward_is_brought_back_with_a_new_time_to_collect(office):
    ref = propose().ref
    approve(ref, office.finance)
    late = NOW + timedelta(days=181)
    with transaction():
        services.expire_due(now=late)
    undo(newest("forfeit"), office.director, effective_on=late.date(), now=late)
    share = only_share(ref)
    assert (share.state, share.expires_at) == ("approved", late + timedelta(days=180))
    claim(1, now=late)


def test_a_decision_about_a_reward_is_not_undone_behind_its_back(office):
    approve(propose().ref, office.finance)
    for name in ("J000002", "J000003"):
        with pytest.raises(Conflict, match="decision about its reward"):
            undo(name, office.director)


def test_a_key_undoes_once_and_answers_again(office):
    key = new_key()
    first, second = (undo("J000001", office.cashier, key=key) for _ in range(2))
    assert first == second
    with pytest.raises(Conflict, match="used for something else"):
        undo("J000001", office.cashier, key=key, reason="another")


def test_money_that_came_back_is_owed_and_sent_again(office):
    ref = propose().ref
    approve(ref, office.finance)
    claim(1)
    share = only_share(ref)
    for batch in ("B-1", "B-2"):
        with transaction():
            (sent,) = moving.instruct(share_ids=[share.id], batch=batch, actor_id=None, now=NOW)
        with transaction():
            done = moving.settle(share_id=share.id, statement_line=f"S/{batch}", actor_id=None, now=NOW)
        assert (sent.state, sent.amount, done.state) == ("instructed", 106_500, "paid")
        assert only_share(ref).state == "paid"
        if batch == "B-1":
            with transaction():
                moving.returned(share_id=share.id, statement_line="S/9", actor_id=None, now=NOW)
            assert only_share(ref).state == "claimed"
    with pytest.raises(Conflict), transaction():
        moving.settle(share_id=share.id, statement_line="S/10", actor_id=None, now=NOW)


def test_only_the_rejected_one_of_a_batch_is_owed_again(office):
    refs = [propose(number).ref for number in (1, 2)]
    for number, ref in enumerate(refs, start=1):
        approve(ref, office.finance)
        claim(number)
    ids = [only_share(ref).id for ref in refs]
    with transaction():
        moving.instruct(share_ids=ids, batch="B-1", actor_id=None, now=NOW)
    with pytest.raises(Conflict, match="batch B-1"):
        pay(only_share(refs[0]).ref, office.cashier, receipt="slip")
    with transaction():
        moving.reject(share_ids=ids[:1], reason="account closed", actor_id=None, now=NOW)
    assert [only_share(ref).state for ref in refs] == ["claimed", "instructed"]
    with pytest.raises(NotFound), transaction():
        moving.instruct(share_ids=[999], batch="B-2", actor_id=None, now=NOW)
