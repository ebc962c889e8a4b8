"""A mistaken no is taken back: a declined reward waits for approval again, a rejected payment is on its way again."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.audit import AuditEvent
from core.db import db, transaction
from core.errors import Conflict, Invalid, NotAllowed
from rewards import checks, ledger, queries, services
from rewards.models import LedgerEntry, RewardEvent
from rewards.services import batches
from tests.builders.payouts import Entry, approved, camt, import_file, make, open_payouts, released
from tests.builders.reward_office import (
    NOW,
    _member,
    approve,
    new_key,
    open_office,
    propose,
    put_in,
    reward,
)
from tests.builders.rewards import outcome, tip
from tests.rewards.views.pages import decision

TWO_SIGNATURES = {"facts": outcome(tip(1, 80), value=5_000_000)}


@pytest.fixture(autouse=True)
def books_hold(app):
    yield
    db.session.rollback()
    assert checks.check().violations == ()


@pytest.fixture
def office(app):
    return open_office()


def decline(ref, actor):
    with transaction():
        return services.decline(ref=ref, reason="no", actor=actor, now=NOW, **decision(ref))


def take_back(ref, actor, **changes):
    values = {"reason": "the wrong case", "actor": actor, "now": NOW, **decision(ref), **changes}
    with transaction():
        return services.take_back_decline(ref=ref, **values)


def entries(ref):
    kinds = (
        sa.select(LedgerEntry.kind).where(LedgerEntry.reward_id == reward(ref).id).order_by(LedgerEntry.id)
    )
    return list(db.session.scalars(kinds))


def test_a_declined_reward_waits_for_approval_again_with_its_money_set_aside(office):
    ref = propose().ref
    before = list(db.session.execute(sa.text("SELECT id, hash FROM ledger_entries ORDER BY id")))
    decline(ref, office.director)
    assert take_back(ref, office.director).state == "proposed"
    assert (reward(ref).reason, reward(ref).decided_at) == ("", None)
    assert entries(ref) == ["reserve", "release", "reserve"]
    after = list(db.session.execute(sa.text("SELECT id, hash FROM ledger_entries ORDER BY id")))
    assert after[: len(before)] == before
    event = db.session.scalars(sa.select(RewardEvent).where(RewardEvent.kind == "decline_undone")).one()
    assert event.ref["reason"] == "the wrong case"
    acts = db.session.scalars(sa.select(AuditEvent.action).where(AuditEvent.subject_id == ref))
    assert "reward.decline_undone" in set(acts)
    assert approve(ref, office.finance).state == "approved"


def test_it_can_be_declined_and_taken_back_as_often_as_people_err(office):
    ref = propose().ref
    for _ in range(3):
        decline(ref, office.director)
        take_back(ref, office.finance)
    assert entries(ref) == ["reserve"] + ["release", "reserve"] * 3


def test_a_signature_given_before_counts_on(office):
    ref = propose(**TWO_SIGNATURES).ref
    approve(ref, office.finance)
    decline(ref, office.director)
    take_back(ref, office.cashier)
    with pytest.raises(NotAllowed, match="signed already"):
        approve(ref, office.finance)
    assert approve(ref, office.director).state == "approved"


def test_where_the_money_went_elsewhere_it_waits_for_funds(app):
    office = open_office(106_500)
    ref = propose().ref
    decline(ref, office.director)
    propose(2)
    assert take_back(ref, office.director).state == "draft"
    with transaction():
        put_in(106_500)
        services.reserve(ref=ref, actor_id=office.finance.id, key=new_key(), now=NOW)
    assert reward(ref).state == "proposed"


def test_a_case_that_was_opened_again_leaves_its_declined_reward_behind(office):
    ref = propose().ref
    decline(ref, office.director)
    with transaction():
        services.withdraw(case_id=1, reason="new facts", actor_id=office.officer.id, now=NOW)
    assert reward(ref).state == "withdrawn"
    with pytest.raises(Conflict, match="cannot be taken back"):
        take_back(ref, office.director)
    assert propose(1, outcome(tip(1, 50))).state == "proposed"


def test_a_case_with_another_reward_by_now_keeps_that_one(office):
    ref = propose().ref
    decline(ref, office.director)
    other = propose(1, outcome(tip(1, 50))).ref
    with pytest.raises(Conflict, match=other):
        take_back(ref, office.director)


def test_an_advance_is_not_taken_back_behind_the_final_reward(office):
    with transaction():
        advance = services.propose_advance(
            case_id=1,
            case_number="C-2026-000001",
            outcome=outcome(tip(1, 72), value=1_840_000),
            actor_id=None,
            now=NOW,
        ).ref
    decline(advance, office.director)
    propose()
    with pytest.raises(Conflict, match="pays this already"):
        take_back(advance, office.director)


def test_only_people_free_to_decide_take_a_refusal_back_and_say_why(office):
    worked = _member("finance")
    ref = propose(involved={worked.person_id: "closing_officer"}).ref
    decline(ref, office.director)
    for nobody in (worked, office.officer):
        with pytest.raises(NotAllowed):
            take_back(ref, nobody)
    with pytest.raises(Invalid):
        take_back(ref, office.director, reason=" ")
    with pytest.raises(Conflict, match="changed since"):
        take_back(ref, office.director, snapshot="0" * 64)
    assert reward(ref).state == "declined"


@pytest.fixture
def rejected(app):
    """Send two vouchers out and call the first rejected; return people, batch, both vouchers."""
    people = open_payouts()
    batch, vouchers = released(people, 1, 2)
    with transaction():
        batches.reject_item(
            batch=batch, voucher=vouchers[0], reason="no", actor=people.reconciler, key=new_key(), now=NOW
        )
    return people, batch, vouchers


def unreject(batch, voucher, actor, **changes):
    values = {"reason": "read the wrong line", "key": new_key(), "now": NOW, **changes}
    with transaction():
        return services.take_back_rejection(batch=batch, voucher=voucher, actor=actor, **values)


def test_a_payment_called_rejected_is_on_its_way_again_and_settles_by_statement(rejected):
    people, batch, (voucher, _) = rejected
    assert unreject(batch, voucher, people.maker).state == "reversed"
    assert queries.share_by_ref(voucher).state == "instructed"
    assert import_file(camt(Entry(-106_500, voucher)), people.reconciler).matched == 1
    assert queries.share_by_ref(voucher).state == "paid"
    acts = db.session.scalars(sa.select(AuditEvent.action).where(AuditEvent.subject_id == batch))
    assert "batch.rejection_undone" in set(acts)


def test_a_rejection_can_come_again_after_it_was_taken_back(rejected):
    people, batch, (voucher, _) = rejected
    unreject(batch, voucher, people.maker)
    with transaction():
        batches.reject_item(
            batch=batch, voucher=voucher, reason="yes", actor=people.maker, key=new_key(), now=NOW
        )
    unreject(batch, voucher, people.reconciler)
    assert queries.share_by_ref(voucher).state == "instructed"


def test_neither_who_called_it_rejected_nor_who_released_it_takes_that_back(rejected):
    people, batch, (voucher, other) = rejected
    with pytest.raises(NotAllowed, match="You booked this entry"):
        unreject(batch, voucher, people.reconciler)
    with pytest.raises(NotAllowed, match="You released this batch"):
        unreject(batch, voucher, people.releaser)
    with pytest.raises(Conflict, match="instructed"):
        unreject(batch, other, people.maker)


def test_a_voucher_that_went_another_way_meanwhile_stays_there(rejected):
    people, batch, (voucher, _) = rejected
    second = make(people, [voucher])
    with pytest.raises(Conflict, match=second):
        unreject(batch, voucher, people.maker)
    approved(people, second)
    with transaction():
        batches.cancel_batch(batch=second, reason="no", actor=people.maker, key=new_key(), now=NOW)
    unreject(batch, voucher, people.maker)
    assert queries.share_by_ref(voucher).state == "instructed"


def test_the_entry_itself_is_still_left_to_the_page_of_its_batch(rejected):
    people, batch, _ = rejected
    name = ledger.entry_name(db.session.scalar(sa.select(sa.func.max(LedgerEntry.id))))
    with pytest.raises(Conflict, match=batch), transaction():
        services.reverse(
            entry=name, effective_on=NOW.date(), reason="x", actor=people.maker, key=new_key(), now=NOW
        )
