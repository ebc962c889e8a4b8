"""Batches: three people, one file, one payment for each voucher."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import product

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from accounts.roles import Role
from core.db import db, transaction
from core.errors import Conflict, Invalid, NotAllowed
from rewards import checks, payout_queries, queries
from rewards.models import LedgerEntry, Reward
from rewards.payout_file import from_pain_001
from rewards.payout_models import BankAccount, PayoutBatch
from rewards.payout_schema import require_valid
from rewards.services import batches, payout_files
from tests.builders.payouts import (
    TODAY,
    Entry,
    add_account,
    approved,
    camt,
    claimed_vouchers,
    import_file,
    make,
    open_payouts,
    release,
    released,
    snapshot,
)
from tests.builders.reward_office import NOW, _member, change_policy, new_key, pay


@pytest.fixture
def people(app):
    yield open_payouts()
    assert checks.check().violations == ()


def kinds():
    return db.session.scalars(sa.select(LedgerEntry.kind).order_by(LedgerEntry.id)).all()


def states(batch):
    return [item.state for item in payout_queries.items_of(payout_queries.batch_by_name(batch).id)]


def test_a_batch_goes_through_three_hands_and_books_each_voucher_out_once(people):
    batch, vouchers = released(people, 1, 2)
    assert batch == "B-0001"
    assert kinds().count("instruct") == 2
    assert {queries.share_by_ref(ref).state for ref in vouchers} == {"instructed"}
    assert states(batch) == ["instructed", "instructed"]


def test_the_file_says_what_the_batch_says_and_is_valid(people):
    batch, vouchers = released(people, 1, 2)
    sent = payout_files.payout_file(batch=batch)
    require_valid(sent.data)
    order = from_pain_001(sent.data)
    assert [payment.voucher for payment in order.payments] == sorted(vouchers)
    assert (order.message_id, order.total, order.currency) == ("WR-B-0001", 213_000, "USD")
    assert sent.sha256 == hashlib.sha256(sent.data).hexdigest()
    assert payout_files.payout_file(batch=batch) == sent


def test_a_sent_file_cannot_be_changed_even_in_the_database(people):
    released(people, 1)
    for change in (
        "file = NULL",
        "total = total + 1",
        "state = 'cancelled'",
        "file_sha256 = NULL",
        "released_person = 999",
        "made_person = 998",
        "pay_on = '2030-01-01'",
        "account_id = NULL",
    ):
        with pytest.raises(DBAPIError, match=r"never changed|CHECK|check"), transaction():
            db.session.execute(sa.text(f"UPDATE payout_batches SET {change}"))


def test_a_sent_batch_is_neither_deleted_nor_replaced(people):
    released(people, 1)
    columns = ", ".join(column.name for column in PayoutBatch.__table__.columns)
    copy = f"SELECT {columns} FROM payout_batches"
    attacks = ["DELETE FROM payout_batches"]
    if db.engine.dialect.name == "sqlite":
        attacks += [f"REPLACE INTO payout_batches ({columns}) {copy}"]
        attacks += [
            f"INSERT INTO payout_batches ({columns}) {copy} WHERE 1 ON CONFLICT (id) DO UPDATE SET total = 1"
        ]
    else:
        attacks += ["TRUNCATE payout_batches CASCADE"]
    for attack in attacks:
        with pytest.raises(DBAPIError, match="never changed"), transaction():
            db.session.execute(sa.text(attack))


def test_nothing_in_a_file_leads_back_to_a_tip_or_a_case(people):
    batch, (voucher,) = released(people, 1)
    share = queries.share_by_ref(voucher)
    reward = db.session.get_one(Reward, share.reward_id)
    text = payout_files.payout_file(batch=batch).data.decode()
    for secret in (share.tip_code, share.tip_code.replace("-", ""), reward.case_number, reward.ref, "tip"):
        assert secret not in text


def test_who_may_make_approve_and_release_is_judged_on_the_person(people):
    """All 125 ways to share three steps among five people, one of whom approved the reward."""
    outsider = _member("auditor")
    staff = [people.maker, people.approver, people.releaser, people.office.finance, outsider]
    signer = people.office.finance
    (voucher,) = claimed_vouchers(people, 1)
    allowed = []
    for maker, approver, releaser in product(staff, repeat=3):
        try:
            with transaction():
                batch = batches.make_batch(
                    account="OPS", vouchers=[voucher], pay_on=TODAY, today=TODAY, actor=maker,
                    key=new_key(), now=NOW,
                ).batch  # fmt: skip
                seen = snapshot(batch)
                batches.approve_batch(batch=batch, snapshot=seen, actor=approver, key=new_key(), now=NOW)
                batches.release_batch(batch=batch, snapshot=seen, actor=releaser, key=new_key(), now=NOW)
                allowed.append((maker, approver, releaser))
                raise Conflict("not kept")
        except (NotAllowed, Conflict):
            continue
    expected = [
        trio
        for trio in product(staff, repeat=3)
        if len(set(trio)) == 3 and outsider not in trio and signer not in (trio[0], trio[2])
    ]
    assert allowed == expected


def test_the_database_itself_refuses_the_same_person_twice(people):
    batch = make(people, claimed_vouchers(people, 1))
    for column in ("approved_person", "released_person"):
        with pytest.raises(DBAPIError), transaction():
            db.session.execute(sa.text(f"UPDATE payout_batches SET {column} = made_person"))
    assert payout_queries.batch_by_name(batch).approved_person is None


def test_a_voucher_is_in_one_live_batch_only(people):
    vouchers = claimed_vouchers(people, 1)
    make(people, vouchers)
    with pytest.raises(Conflict, match="can no longer be put into a batch"):
        make(people, vouchers)
    assert batches.batch_candidates(account="OPS", actor=people.maker) == ()


def test_a_voucher_in_a_batch_is_not_paid_at_the_desk(people):
    approved_batch = make(people, claimed_vouchers(people, 1))
    (item,) = payout_queries.items_of(1)
    with pytest.raises(Conflict, match="It is in batch B-0001"):
        pay(item.voucher, people.reconciler, receipt="slip 1")
    approved(people, approved_batch)
    release(people, approved_batch)
    with pytest.raises(Conflict, match="It is in batch B-0001"):
        pay(item.voucher, people.reconciler, receipt="slip 1")


def test_a_cancelled_batch_lets_its_vouchers_go(people):
    vouchers = claimed_vouchers(people, 1)
    batch = make(people, vouchers)
    with transaction():
        batches.cancel_batch(batch=batch, reason="Wrong day", actor=people.approver, key=new_key(), now=NOW)
    assert states(batch) == ["cancelled"]
    assert make(people, vouchers) == "B-0002"
    with pytest.raises(Conflict):
        approved(people, batch)


def test_a_released_batch_is_not_cancelled(people):
    batch, _ = released(people, 1)
    with pytest.raises(Conflict, match="It is released"), transaction():
        batches.cancel_batch(batch=batch, reason="Late", actor=people.approver, key=new_key(), now=NOW)


def test_one_voucher_that_the_bank_rejects_is_owed_again_and_can_be_sent_again(people):
    batch, vouchers = released(people, 1, 2, 3)
    with transaction():
        batches.reject_item(
            batch=batch, voucher=vouchers[1], reason="Closed", actor=people.reconciler, key=new_key(), now=NOW
        )
    assert {ref: queries.share_by_ref(ref).state for ref in vouchers} == {
        vouchers[0]: "instructed",
        vouchers[1]: "claimed",
        vouchers[2]: "instructed",
    }
    again = make(people, [vouchers[1]])
    approved(people, again)
    release(people, again)
    assert kinds().count("instruct") == 4


def test_whoever_released_a_batch_does_not_reject_in_it(people):
    batch, (voucher,) = released(people, 1)
    with pytest.raises(NotAllowed, match="You released this batch"), transaction():
        batches.reject_item(
            batch=batch, voucher=voucher, reason="x", actor=people.releaser, key=new_key(), now=NOW
        )


def test_an_award_claimed_after_the_batch_was_made_waits_for_the_next(people):
    batch = make(people, claimed_vouchers(people, 1))
    later = claimed_vouchers(people, 2)
    approved(people, batch)
    release(people, batch)
    assert len(states(batch)) == 1
    assert [c.voucher for c in batches.batch_candidates(account="OPS", actor=people.maker)] == later


def test_an_account_that_nobody_else_confirmed_pays_nothing(people):
    from_one = people.maker
    with transaction():
        db.session.execute(sa.update(BankAccount).values(confirmed_at=None))
    with pytest.raises(Conflict, match="not confirmed yet"):
        make(people, claimed_vouchers(people, 1), actor=from_one)


def test_a_stale_page_neither_approves_nor_releases(people):
    batch = make(people, claimed_vouchers(people, 1))
    with pytest.raises(Conflict, match="has changed since"), transaction():
        batches.approve_batch(batch=batch, snapshot="0" * 64, actor=people.approver, key=new_key(), now=NOW)


def test_an_agent_gets_csv_and_a_batch_of_nothing_is_refused(people):
    add_account(people, code="AGENT1", kind="agent", number="AGENT1", bic="", pool_number="")
    batch, (voucher,) = released(people, 1, account="AGENT1")
    sent = payout_files.payout_file(batch=batch)
    assert sent.name == "B-0001.csv"
    header, row = sent.data.decode().splitlines()
    assert header == "Voucher,Amount,Currency,Payment reference,Pay on"
    assert row.startswith(f"{voucher},1065.00,USD,P-")
    with pytest.raises(Invalid, match="Some of what was entered"):
        make(people, [])


def test_the_same_request_twice_makes_one_batch(people):
    (voucher,) = claimed_vouchers(people, 1)
    key = new_key()
    names = []
    for _ in range(2):
        with transaction():
            made = batches.make_batch(
                account="OPS",
                vouchers=[voucher],
                pay_on=TODAY,
                today=TODAY,
                actor=people.maker,
                key=key,
                now=NOW,
            )
        names.append(made.batch)
    assert names == ["B-0001", "B-0001"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PayoutBatch)) == 1


def test_a_second_account_or_another_role_of_the_same_human_does_not_help(people):
    batch = make(people, claimed_vouchers(people, 1))
    same_human = replace(people.approver, person_id=people.maker.person_id)
    promoted = replace(people.maker, role=Role.DIRECTOR)
    for actor in (same_human, promoted):
        with pytest.raises(NotAllowed, match="You made this batch"):
            approved(people, batch, actor)
    approved(people, batch)
    for actor in (promoted, replace(people.releaser, person_id=people.approver.person_id)):
        with pytest.raises(NotAllowed, match="You (made|approved) this batch"):
            release(people, batch, actor)


def test_the_database_holds_one_live_payment_for_each_voucher(people):
    make(people, claimed_vouchers(people, 1))
    copy = (
        "INSERT INTO payout_items (id, batch_id, line_no, ref, share_id, voucher, amount, state, reason) "
        "SELECT id + 1, batch_id, line_no + 1, 'P-00000000', share_id, voucher, amount, 'settled', '' FROM payout_items"
    )
    with pytest.raises(DBAPIError), transaction():
        db.session.execute(sa.text(copy))


def test_tax_that_is_kept_back_is_neither_in_the_file_nor_paid(app):
    people = open_payouts()
    with transaction():
        change_policy(withhold_percent="10")
    batch, (voucher,) = released(people, 1)
    (payment,) = from_pain_001(payout_files.payout_file(batch=batch).data).payments
    assert payment.amount == 106_500 - 10_650
    assert import_file(camt(Entry(-payment.amount, voucher)), people.reconciler).matched == 1
    assert checks.check().violations == ()
