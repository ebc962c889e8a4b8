"""Lines that nothing fitted: what a person may make of them, and how it is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from core import audit
from core.db import db, transaction
from core.errors import Conflict, Invalid, NotAllowed
from rewards import books, checks, queries, statement_queries
from rewards.models import Fund, LedgerEntry
from rewards.payout_models import StatementLine
from rewards.services import resolving, reversing
from rewards.services.waiting_lines import oldest_unmatched
from tests.builders.payouts import OPENING, Entry, add_account, camt, import_file, open_payouts, released
from tests.builders.reward_office import NOW, _member, new_key, put_in

PAID = 106_500


@pytest.fixture
def people(app):
    yield open_payouts()
    assert checks.check().violations == ()


def line():
    db.session.expire_all()
    return db.session.scalar(sa.select(StatementLine).order_by(StatementLine.id.desc()).limit(1))


def bank():
    return books.balance(db.session.scalar(sa.select(Fund.id)), "Assets:Bank:Ops")


def act(function, actor, **asked):
    with transaction():
        return function(line_id=line().id, actor=actor, key=new_key(), now=NOW, **asked)


def undone(actor, **asked):
    return act(resolving.undo, actor, **{"reason": "A mistake", **asked})


def entries():
    return db.session.scalars(sa.select(LedgerEntry.kind).order_by(LedgerEntry.id)).all()


def test_a_line_without_reference_is_matched_by_hand_and_taken_back_by_another(people):
    _, (voucher,) = released(people, 1)
    import_file(camt(Entry(-PAID)), people.reconciler)
    with pytest.raises(NotAllowed, match="You released this batch"):
        act(resolving.match_by_hand, people.releaser, voucher=voucher)
    assert act(resolving.match_by_hand, people.reconciler, voucher=voucher.lower()).state == "settle"
    assert queries.share_by_ref(voucher).state == "paid"
    with pytest.raises(NotAllowed, match="You booked this entry"):
        undone(people.reconciler)
    undone(people.approver)
    assert queries.share_by_ref(voucher).state == "instructed"
    assert (line().state, bank()) == ("open", OPENING)
    act(resolving.match_by_hand, people.reconciler, voucher=voucher)
    assert queries.share_by_ref(voucher).state == "paid"


@pytest.mark.parametrize(
    ("amount", "asked", "words"),
    [
        (-PAID + 1, None, "another amount"),
        (-PAID, "V-ZZZZZZZZ", "No batch has sent"),
        (PAID, None, "not paid"),
    ],
)
def test_a_match_by_hand_still_has_to_fit(people, amount, asked, words):
    _, (voucher,) = released(people, 1)
    import_file(camt(Entry(amount)), people.reconciler)
    with pytest.raises(Invalid) as refusal:
        act(resolving.match_by_hand, people.reconciler, voucher=asked or voucher)
    assert words in refusal.value.errors["voucher"][0]
    assert line().state == "open"


def test_a_fee_money_in_and_a_foreign_line_are_booked_or_left_out_and_taken_back(people):
    import_file(camt(Entry(-700)), people.reconciler)
    act(resolving.book_as_fee, people.reconciler, reason="Paper statement")
    assert bank() == OPENING - 700
    undone(people.approver)
    assert bank() == OPENING
    act(resolving.ignore, people.reconciler, reason="Belongs to the other office")
    undone(people.reconciler)
    import_file(camt(Entry(9_000, servicer_ref="IN"), opening=OPENING - 700, number=44), people.reconciler)
    act(resolving.book_as_funding, people.reconciler, source="Donor")
    assert (bank(), entries()[-1]) == (OPENING + 9_000, "fund")
    undone(people.approver)
    assert bank() == OPENING


def test_money_booked_by_hand_before_is_linked_once(people):
    import_file(camt(Entry(OPENING), opening=0), people.reconciler)
    with pytest.raises(Invalid, match="Some of what"):
        act(resolving.link_to_entry, people.reconciler, entry="J000099")
    act(resolving.link_to_entry, people.reconciler, entry="J000001")
    assert line().state == "done"
    with pytest.raises(Conflict, match="belongs to line 1 of S-0001"), transaction():
        reversing.reverse(
            entry="J000001",
            effective_on=NOW.date(),
            reason="x",
            actor=people.approver,
            key=new_key(),
            now=NOW,
        )
    undone(people.reconciler)
    assert entries() == ["fund"]


def test_signs_are_kept(people):
    import_file(camt(Entry(500)), people.reconciler)
    with pytest.raises(Invalid):
        act(resolving.book_as_fee, people.reconciler, reason="x")
    import_file(camt(Entry(-500, servicer_ref="B"), opening=OPENING + 500, number=44), people.reconciler)
    with pytest.raises(Invalid):
        act(resolving.book_as_funding, people.reconciler, source="Treasury")
    for refused in ({"reason": " "},):
        with pytest.raises(Invalid):
            act(resolving.ignore, people.reconciler, **refused)


def test_two_people_on_one_line_leave_one_entry(people):
    import_file(camt(Entry(-700)), people.reconciler)
    act(resolving.book_as_fee, people.reconciler, reason="fee")
    with pytest.raises(Conflict, match="Somebody else"):
        act(resolving.ignore, people.approver, reason="not ours")


def test_only_those_who_decide_about_money_touch_a_line(people):
    import_file(camt(Entry(-700)), people.reconciler)
    for role in ("auditor", "officer", "supervisor"):
        with pytest.raises(NotAllowed):
            act(resolving.ignore, _member(role), reason="x")


def test_an_owner_and_a_note_stay_with_the_line(people):
    import_file(camt(Entry(-700)), people.reconciler)
    with transaction():
        resolving.assign(
            line_id=line().id, owner_id=people.maker.id, note=" asked the  bank ", actor=people.maker, now=NOW
        )
    found = statement_queries.exception_of(line().id)
    assert (found.owner_id, found.note) == (people.maker.id, "asked the bank")


def test_the_books_of_a_sent_voucher_change_on_the_batchs_own_page(people):
    released(people, 1)
    sent = db.session.scalar(sa.select(LedgerEntry.id).where(LedgerEntry.kind == "instruct"))
    with pytest.raises(Conflict, match="belongs to batch B-0001"), transaction():
        reversing.reverse(
            entry=f"J{sent:06d}",
            effective_on=NOW.date(),
            reason="x",
            actor=people.approver,
            key=new_key(),
            now=NOW,
        )


def test_the_age_of_the_oldest_open_line_is_told_for_the_close_of_a_period(people):
    assert oldest_unmatched(now=NOW) is None
    import_file(camt(Entry(-700)), people.reconciler)
    assert oldest_unmatched(now=NOW + timedelta(days=9, hours=1)) == 9
    act(resolving.ignore, people.reconciler, reason="x")
    assert oldest_unmatched(now=NOW) is None


def test_everything_done_to_a_line_is_in_the_audit_trail(people):
    _, (voucher,) = released(people, 1)
    import_file(camt(Entry(-PAID, voucher)), people.reconciler)
    undone(people.approver)
    actions = db.session.scalars(sa.select(audit.AuditEvent.action).order_by(audit.AuditEvent.id)).all()
    expected = ["batch.made", "batch.approved", "batch.released", "statement.settle", "statement.imported"]
    assert [name for name in actions if name in {*expected, "statement.undone"}] == [
        *expected,
        "statement.undone",
    ]


def test_money_moved_to_an_agent_leaves_the_bank_and_is_there(people):
    add_account(people, code="AGENT1", kind="agent", number="AGENT1", bic="", pool_number="")
    import_file(camt(Entry(-90_000)), people.reconciler)
    act(resolving.book_as_defund, people.reconciler, source="Treasury")
    import_file(camt(Entry(90_000), opening=0, account="AGENT1"), people.reconciler, account="AGENT1")
    with pytest.raises(Invalid):
        act(resolving.book_as_defund, people.reconciler, source="Treasury")
    act(resolving.book_as_funding, people.reconciler, source="Treasury")
    fund = db.session.scalar(sa.select(Fund.id))
    held = {
        name: books.balance(fund, name) for name in ("Assets:MobileMoney:Agent1", "Income:Funding:Treasury")
    }
    assert (bank(), held) == (
        OPENING - 90_000,
        {"Assets:MobileMoney:Agent1": 90_000, "Income:Funding:Treasury": -OPENING},
    )


def test_whoever_released_a_voucher_does_not_take_its_match_back(people):
    _, (voucher,) = released(people, 1)
    import_file(camt(Entry(-PAID, voucher)), None)
    with pytest.raises(NotAllowed, match="You released this batch"):
        undone(people.releaser)
    assert undone(people.reconciler).state == "reversed"


def test_a_line_is_not_linked_to_what_was_reversed(people):
    with transaction():
        wrong = put_in(700).entry
        undo = reversing.reverse(
            entry=wrong, effective_on=NOW.date(), reason="Typed twice", actor=people.reconciler,
            key=new_key(), now=NOW,
        )  # fmt: skip
    import_file(camt(Entry(700)), people.reconciler)
    for entry in (wrong, undo.entry):
        with pytest.raises(Invalid) as refusal:
            act(resolving.link_to_entry, people.reconciler, entry=entry)
        assert "neither moved money" in refusal.value.errors["entry"][0]
        import_file(camt(Entry(-700), opening=OPENING + 700, number=44), people.reconciler)
