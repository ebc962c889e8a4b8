"""A sum that the bank booked for several vouchers: finance names them, and they agree to the minor unit."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from core.errors import Conflict, Invalid, NotAllowed
from rewards import books, checks, line_desk, queries, statement_queries
from rewards.models import Fund, LedgerEntry
from rewards.payout_models import StatementLine, StatementMatch
from rewards.services import resolving
from rewards.services.several_payments import match_several
from tests.builders.payouts import OPENING, Entry, add_account, camt, import_file, open_payouts, released
from tests.builders.reward_office import NOW, new_key

PAID = 106_500


@pytest.fixture
def people(app):
    yield open_payouts()
    db.session.rollback()
    assert checks.check().violations == ()


def line_id():
    return db.session.scalar(sa.select(sa.func.max(StatementLine.id)))


def act(function, actor, **asked):
    with transaction():
        return function(line_id=line_id(), actor=actor, key=new_key(), now=NOW, **asked)


def states(vouchers):
    return [queries.share_by_ref(ref).state for ref in vouchers]


def bank():
    return books.balance(db.session.scalar(sa.select(Fund.id)), "Assets:Bank:Ops")


def test_one_sum_settles_each_voucher_by_an_entry_of_its_own(people):
    batch, vouchers = released(people, 1, 2, 3)
    import_file(camt(Entry(-2 * PAID)), people.reconciler)
    assert act(match_several, people.reconciler, vouchers=vouchers[:2]).state == "settle"
    assert states(vouchers) == ["paid", "paid", "instructed"]
    assert bank() == OPENING - 2 * PAID
    row = line_desk.line_row(line_id())
    assert [(part.voucher, part.batch, part.amount) for part in row.parts] == [
        (ref, batch, -PAID) for ref in sorted(vouchers[:2])
    ]
    assert len({part.entry for part in row.parts}) == 2
    noted = db.session.scalars(sa.select(LedgerEntry.ref).where(LedgerEntry.kind == "settle"))
    assert {ref["stmt"] for ref in noted} == {"S-0001/1"}


def test_a_sum_that_came_back_is_returned_voucher_by_voucher(people):
    _, vouchers = released(people, 1, 2)
    import_file(camt(*(Entry(-PAID, ref) for ref in vouchers)), people.reconciler)
    import_file(camt(Entry(2 * PAID), opening=OPENING - 2 * PAID, number=44), people.reconciler)
    assert act(match_several, people.reconciler, vouchers=vouchers).state == "returned"
    assert states(vouchers) == ["claimed", "claimed"]
    assert bank() == OPENING


@pytest.mark.parametrize("off", [-1, 1])
def test_a_sum_off_by_one_unit_books_nothing(people, off):
    _, vouchers = released(people, 1, 2)
    import_file(camt(Entry(-2 * PAID + off)), people.reconciler)
    with pytest.raises(Invalid) as refused:
        act(match_several, people.reconciler, vouchers=vouchers)
    assert "Together they are 2,130.00, but the line is 2,1" in refused.value.errors["vouchers"][0]
    assert states(vouchers) == ["instructed", "instructed"]
    assert bank() == OPENING


def test_each_voucher_has_to_fit_and_every_misfit_is_named(people):
    _, vouchers = released(people, 1, 2, 3)
    import_file(camt(Entry(-PAID, vouchers[2])), people.reconciler)
    import_file(camt(Entry(-2 * PAID), opening=OPENING - PAID, number=44), people.reconciler)
    with pytest.raises(Invalid) as refused:
        act(match_several, people.reconciler, vouchers=[vouchers[0], vouchers[2], "V-NONE"])
    assert refused.value.errors["vouchers"] == [
        "No batch has sent V-NONE.", f"{vouchers[2]}: The voucher was paid already.",
    ]  # fmt: skip
    assert states(vouchers) == ["instructed", "instructed", "paid"]


def test_a_voucher_of_another_account_does_not_fit(people):
    add_account(people, code="SECOND", number="009", name="Second")
    _, here = released(people, 1)
    _, there = released(people, 2, account="SECOND")
    import_file(camt(Entry(-2 * PAID)), people.reconciler)
    with pytest.raises(Invalid) as refused:
        act(match_several, people.reconciler, vouchers=[*here, *there])
    assert refused.value.errors["vouchers"] == [f"{there[0]}: The voucher was sent from another account."]


@pytest.mark.parametrize("chosen", [0, 1])
def test_one_voucher_is_no_sum_even_when_it_is_named_twice(people, chosen):
    _, vouchers = released(people, 1)
    import_file(camt(Entry(-2 * PAID)), people.reconciler)
    with pytest.raises(Invalid):
        act(match_several, people.reconciler, vouchers=(vouchers * 2)[: 2 * chosen])


def test_whoever_released_one_of_them_does_not_match_it_and_a_line_is_matched_once(people):
    _, vouchers = released(people, 1, 2, 3, 4)
    import_file(camt(Entry(-2 * PAID)), people.reconciler)
    with pytest.raises(NotAllowed, match="You released this batch"):
        act(match_several, people.releaser, vouchers=vouchers[:2])
    act(match_several, people.reconciler, vouchers=vouchers[:2])
    with pytest.raises(Conflict, match="already"):
        act(match_several, people.reconciler, vouchers=vouchers[2:])


def test_taking_it_back_reverses_every_part_and_it_can_be_matched_anew(people):
    _, vouchers = released(people, 1, 2, 3)
    import_file(camt(Entry(-2 * PAID)), people.reconciler)
    act(match_several, people.reconciler, vouchers=vouchers[:2])
    with pytest.raises(NotAllowed, match="You booked this entry"):
        act(resolving.undo, people.reconciler, reason="wrong ones")
    act(resolving.undo, people.approver, reason="wrong ones")
    assert states(vouchers) == ["instructed"] * 3
    assert bank() == OPENING
    assert statement_queries.live_matches(line_id()) == []
    act(match_several, people.reconciler, vouchers=vouchers[1:])
    assert states(vouchers) == ["instructed", "paid", "paid"]


def test_the_verifier_notices_a_part_that_is_missing(people):
    _, vouchers = released(people, 1, 2)
    import_file(camt(Entry(-2 * PAID)), people.reconciler)
    act(match_several, people.reconciler, vouchers=vouchers)
    last = db.session.scalar(sa.select(sa.func.max(StatementMatch.id)))
    db.session.execute(sa.delete(StatementMatch).where(StatementMatch.id == last))
    words = [str(violation) for violation in checks.check().violations]
    db.session.rollback()
    assert words == ["I11 S-0001/1: its entry moved another amount on this account"]


def test_the_database_keeps_one_match_of_a_line_for_each_payment(people):
    _, vouchers = released(people, 1, 2)
    import_file(camt(Entry(-2 * PAID)), people.reconciler)
    act(match_several, people.reconciler, vouchers=vouchers)
    copy = (
        "INSERT INTO statement_matches (line_id, kind, item_id, reason, made_at) "
        "SELECT line_id, kind, {}, reason, made_at FROM statement_matches WHERE id = 1"
    )
    for item in ("item_id", "NULL"):
        if item == "NULL":
            db.session.execute(sa.text(copy.format(item)))
        with pytest.raises(sa.exc.IntegrityError):
            db.session.execute(sa.text(copy.format(item)))
        db.session.rollback()
