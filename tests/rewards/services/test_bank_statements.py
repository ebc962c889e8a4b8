"""Statements: only sound files, each movement once, and each payment settled by its own line."""

from __future__ import annotations

import itertools

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from core.db import db, transaction
from core.errors import Invalid
from rewards import books, checks, payout_queries, queries, statement_queries
from rewards.models import Fund, LedgerEntry
from rewards.payout_models import StatementException, StatementLine
from rewards.services import accounts_and_layouts, reconciling, resolving
from tests.builders.payouts import (
    OPENING,
    Entry,
    add_account,
    camt,
    import_file,
    open_payouts,
    released,
)
from tests.builders.reward_office import NOW

PAID = 106_500


@pytest.fixture
def people(app):
    yield open_payouts()
    assert checks.check().violations == ()


def kinds():
    return db.session.scalars(sa.select(LedgerEntry.kind).order_by(LedgerEntry.id)).all()


def whys():
    rows = db.session.scalars(
        sa.select(StatementException.why)
        .where(StatementException.closed_at.is_(None))
        .order_by(StatementException.line_id)
    )
    return list(rows)


def bank():
    return books.balance(db.session.scalar(sa.select(Fund.id)), "Assets:Bank:Ops")


def out(voucher, amount=PAID, **more):
    return Entry(-amount, voucher, **more)


@pytest.mark.parametrize("version", ["02", "08"])
def test_a_booked_debit_with_voucher_amount_and_currency_settles(people, version):
    _, (voucher,) = released(people, 1)
    done = import_file(camt(out(voucher), version=version), people.reconciler)
    assert (done.statements, done.added, done.matched, done.unmatched) == (("S-0001",), 1, 1, 0)
    share = queries.share_by_ref(voucher)
    assert (share.state, share.receipt) == ("paid", "2026-03-02/1")
    assert bank() == OPENING - PAID
    assert kinds()[-1] == "settle"
    entry = db.session.scalar(sa.select(LedgerEntry).order_by(LedgerEntry.id.desc()).limit(1))
    assert entry.ref["stmt"] == "S-0001/1"


def test_the_same_file_twice_adds_nothing(people):
    _, (voucher,) = released(people, 1)
    file = camt(out(voucher))
    import_file(file, people.reconciler)
    again = import_file(file, people.reconciler)
    assert (again.statements, again.added, again.known) == (("S-0001",), 0, 1)
    assert kinds().count("settle") == 1


def test_overlapping_files_add_only_what_is_new(people):
    _, vouchers = released(people, 1, 2)
    first = out(vouchers[0], servicer_ref="BNK1")
    second = out(vouchers[1], servicer_ref="BNK2")
    import_file(camt(first), people.reconciler)
    done = import_file(camt(first, second, number=44), people.reconciler)
    assert (done.added, done.known, done.matched) == (1, 1, 1)
    assert bank() == OPENING - 2 * PAID
    inside = import_file(camt(second, opening=OPENING - PAID, number=45), people.reconciler)
    assert (inside.statements, inside.added, inside.known) == ((), 0, 1)


def test_a_statement_must_add_up_and_continue_the_last_one(people):
    import_file(camt(Entry(500, servicer_ref="A")), people.reconciler)
    for broken, words in (
        (camt(Entry(500), closing=OPENING), "does not add up"),
        (camt(Entry(700, servicer_ref="B"), number=44), "between them first"),
        (camt(account="999"), "of another account"),
        (camt(currency="EUR"), "in EUR; OPS is kept in USD"),
    ):
        with pytest.raises(Invalid) as refusal:
            import_file(broken, people.reconciler)
        assert words in refusal.value.errors["file"][0]


def test_a_gap_in_the_numbers_with_agreeing_balances_is_remarked(people):
    import_file(camt(number=43), people.reconciler)
    import_file(camt(number=46), people.reconciler)
    assert statement_queries.statement_by_name("S-0002").remarks == [
        "Number 46 follows number 43; the balances agree."
    ]


def test_pending_entries_are_kept_aside_until_they_are_booked(people):
    _, (voucher,) = released(people, 1)
    done = import_file(camt(out(voucher, status="PDNG")), people.reconciler)
    assert (done.added, done.matched) == (0, 0)
    assert queries.share_by_ref(voucher).state == "instructed"
    done = import_file(camt(out(voucher), number=44), people.reconciler)
    assert (done.added, done.matched) == (1, 1)


UNFIT = [
    (lambda v: Entry(-PAID + 1, v), "wrong_amount"),
    (lambda _: Entry(-PAID), "no_voucher"),
    (lambda _: Entry(-PAID, "V-ZZZZZZZZ"), "unknown_voucher"),
    (lambda v: Entry(-PAID, f"{v} V-ZZZZZZZZ"), "several_vouchers"),
    (lambda v: Entry(PAID, v), "not_paid"),
    (lambda v: Entry(-PAID, v, reversal=True), "reversal"),
    (lambda v: Entry(-PAID, v, currency="EUR"), "other_currency"),
]


@pytest.mark.parametrize(("entry", "why"), UNFIT)
def test_a_line_that_does_not_fit_waits_and_books_nothing(people, entry, why):
    _, (voucher,) = released(people, 1)
    before = kinds()
    done = import_file(camt(entry(voucher)), people.reconciler)
    assert (done.matched, whys()) == (0, [why])
    assert kinds() == before
    assert queries.share_by_ref(voucher).state == "instructed"


def test_a_second_debit_for_a_paid_voucher_waits(people):
    _, (voucher,) = released(people, 1)
    done = import_file(
        camt(out(voucher, servicer_ref="A"), out(voucher, servicer_ref="B")), people.reconciler
    )
    assert (done.matched, whys()) == (1, ["already_paid"])
    assert kinds().count("settle") == 1


def test_two_equal_rows_of_csv_are_two_movements_and_never_four(people):
    layout = {"day": "Date", "amount": "Amount", "voucher": "Reference", "text": "Text"}
    accounts_and_layouts.save_layout(
        name="Bank", purpose="statement", body=layout, actor=people.maker, now=NOW
    )
    db.session.commit()
    row = "2026-03-02,-12.50,,ATM charge\n"
    done = import_file(f"Date,Amount,Reference,Text\n{row}{row}", people.reconciler, layout="Bank")
    assert (done.added, done.known) == (2, 0)
    again = import_file(
        f"Date,Amount,Reference,Text\n{row}{row}2026-03-03,-1.00,,Other\n", people.reconciler, layout="Bank"
    )
    assert (again.added, again.known) == (1, 2)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StatementLine)) == 3


def test_money_that_comes_back_is_owed_again(people):
    _, (voucher,) = released(people, 1)
    import_file(camt(out(voucher), Entry(PAID, voucher, reversal=True)), people.reconciler)
    assert queries.share_by_ref(voucher).state == "claimed"
    assert kinds()[-2:] == ["settle", "returned"]
    assert bank() == OPENING


def test_a_fee_is_known_by_its_bank_code(people):
    import_file(camt(Entry(-250, code="PMNT/ICDT/CHRG")), people.reconciler)
    assert kinds()[-1] == "fee"
    assert bank() == OPENING - 250


def test_whoever_released_the_batch_reconciles_nothing_of_it(people):
    _, (voucher,) = released(people, 1)
    done = import_file(camt(out(voucher)), people.releaser)
    assert (done.matched, whys()) == (0, ["same_person"])
    with transaction():
        assert reconciling.match_again(actor=people.releaser, now=NOW) == (1, 0)
    with transaction():
        assert reconciling.match_again(actor=people.reconciler, now=NOW) == (1, 1)
    assert whys() == []


def test_an_import_by_the_machine_settles(people):
    _, (voucher,) = released(people, 1)
    assert import_file(camt(out(voucher))).matched == 1


def test_an_account_without_money_in_the_books_settles_nothing(people):
    add_account(people, code="MOMO", kind="mobile_money", number="77", bic="", pool_number="")
    _, (voucher,) = released(people, 1, account="MOMO")
    import_file(camt(out(voucher), account="77"), people.reconciler, account="MOMO")
    assert whys() == ["too_little"]


def test_an_agents_list_settles_with_its_receipt_numbers(people):
    add_account(people, code="AGENT1", kind="agent", number="AGENT1", bic="", pool_number="")
    _, (voucher,) = released(people, 1, account="AGENT1")
    body = {
        "day": "Paid on",
        "amount": "Amount",
        "voucher": "Voucher",
        "receipt": "Receipt",
        "sign": "all_out",
    }
    accounts_and_layouts.save_layout(
        name="Agent", purpose="statement", body=body, actor=people.maker, now=NOW
    )
    db.session.commit()
    money = f"Paid on,Voucher,Amount,Receipt\n2026-03-02,,5000.00,{'FLOAT-1'}\n"
    with pytest.raises(Invalid):
        import_file(money, people.reconciler, account="AGENT1")
    in_body = {**body, "sign": "all_in"}
    accounts_and_layouts.save_layout(
        name="Float", purpose="statement", body=in_body, actor=people.maker, now=NOW
    )
    db.session.commit()
    import_file(money, people.reconciler, account="AGENT1", layout="Float")
    line = db.session.scalar(sa.select(StatementLine.id))
    with transaction():
        resolving.book_as_funding(
            line_id=line, source="Treasury", actor=people.reconciler, key="fund-the-agent", now=NOW
        )
    paid = f"Paid on,Voucher,Amount,Receipt\n2026-03-03,{voucher},1065.00,AG-000017\n"
    done = import_file(paid, people.reconciler, account="AGENT1", layout="Agent")
    assert (done.matched, done.unmatched) == (1, 0)
    assert queries.share_by_ref(voucher).receipt == "AG-000017"


def test_telephone_numbers_are_not_kept(people):
    import_file(camt(Entry(-5, "Sent to +66 81 234 5678 for account 0012345678")), people.reconciler)
    (line,) = db.session.scalars(sa.select(StatementLine))
    assert line.text == "Sent to [number] for account [number]"


BALANCED = {"day": "Date", "amount": "Amount", "text": "Text", "balance": "Balance"}


def csv_of(rows, first, last):
    """Write rows[first:last] with the running balance that the whole list gives."""
    lines = ["Date,Amount,Text,Balance"]
    for place in range(first, last):
        balance = OPENING + sum(rows[: place + 1])
        lines.append(f"2026-03-02,{rows[place] / 100:.2f},Transfer,{balance / 100:.2f}")
    return "\n".join(lines) + "\n"


@settings(max_examples=25)
@given(
    rows=st.lists(st.sampled_from([-100, -100, 250]), min_size=2, max_size=7),
    cuts=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), min_size=1, max_size=4),
)
def test_files_that_overlap_anyhow_bring_each_movement_once(office_of_files, rows, cuts):
    account = office_of_files()
    covered = 0
    for back, ahead in cuts:
        first, last = max(0, covered - back), min(len(rows), covered + ahead)
        if first >= last:
            continue
        done = import_file(csv_of(rows, first, last), None, account=account, layout="Balanced")
        added = max(0, last - covered)
        if ambiguous(rows, first, covered, last):
            assert done.added <= added
            return
        assert done.added == added
        covered = max(covered, last)
    statement = statement_queries.newest_statement(payout_queries.account_by_code(account).id)
    assert statement.closing == OPENING + sum(rows[:covered])


def ambiguous(rows, first, covered, last):
    """Tell whether the balance alone cannot say where the new rows begin."""
    closing, running = sum(rows[:covered]), sum(rows[:first])
    places = []
    for place in range(first, last + 1):
        if running == closing:
            places.append(place)
        running += rows[place] if place < len(rows) else 0
    return len(places) > 1


@pytest.fixture
def office_of_files(app):
    people = open_payouts()
    accounts_and_layouts.save_layout(
        name="Balanced", purpose="statement", body=BALANCED, actor=people.maker, now=NOW
    )
    db.session.commit()
    numbers = itertools.count(1)

    def new_account():
        code = f"M{next(numbers)}"
        return add_account(people, code=code, kind="mobile_money", number=code, bic="", pool_number="")

    return new_account


def test_lines_of_days_to_come_are_refused(people):
    import_file(camt(Entry(500), day="2026-03-03"), people.reconciler)
    with pytest.raises(Invalid) as refusal:
        import_file(camt(Entry(600), opening=OPENING + 500, day="2026-12-03"), people.reconciler)
    assert "2026-12-03, which is still to come" in refusal.value.errors["file"][0]


def test_a_number_that_comes_twice_with_other_lines_is_remarked(people):
    import_file(camt(Entry(500)), people.reconciler)
    import_file(camt(Entry(600, servicer_ref="B"), opening=OPENING + 500), people.reconciler)
    assert statement_queries.statement_by_name("S-0002").remarks == [
        "Number 43 came twice, with other lines; the balances agree."
    ]


def test_a_file_name_keeps_no_telephone_number(people):
    import_file(camt(), people.reconciler, file_name="wallet 255712345678\0.xml")
    assert statement_queries.statement_by_name("S-0001").file_name == "wallet [number].xml"


def test_one_account_is_not_kept_under_two_names(people):
    with pytest.raises(Invalid) as refusal:
        add_account(people, code="OPS2", number="0012 3456 7890")
    assert "That is account OPS." in refusal.value.errors["number"][0]
