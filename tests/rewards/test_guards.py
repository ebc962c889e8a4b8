"""F15, I7: the database itself refuses to falsify the books, whoever asks."""

from __future__ import annotations

from itertools import product

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from core.db import db
from rewards import checks, ledger
from rewards.models import Fund, LedgerAccount, LedgerEntry, LedgerHead, LedgerLeg, RewardApproval
from tests.builders.reward_office import NOW, approve, claim, open_office, pay, propose


@pytest.fixture
def books(app):
    """A ledger in which every guarded table has rows."""
    office = open_office()
    approve(propose().ref, office.finance)
    claimed = claim(1)
    pay(claimed.voucher, office.cashier, word=claimed.word)
    before = checks.check()
    yield
    db.session.rollback()
    assert checks.check() == before


def refused(*statements, words=""):
    """Run statements in one transaction; the database must refuse it at the latest on commit."""
    with pytest.raises(DBAPIError, match=words):
        run(*statements)
    db.session.rollback()


def run(*statements):
    for statement in statements:
        db.session.execute(sa.text(statement) if isinstance(statement, str) else statement)
    db.session.commit()


def on(engine):
    if db.engine.dialect.name != engine:
        pytest.skip(f"about {engine} only")


APPEND_ONLY = [
    ("ledger_entries", "kind = 'fund'"),
    ("ledger_legs", "amount = amount + 1"),
    ("reward_events", "kind = 'x'"),
    ("reward_approvals", "role = 'director'"),
    ("policy_versions", "note = 'x'"),
    ("money_requests", "created_at = created_at"),
    ("reward_involvements", "person_id = person_id + 1"),
]


def test_nothing_is_changed_or_deleted(books):
    for table, change in APPEND_ONLY:
        refused(f"UPDATE {table} SET {change}", words="append-only")
        refused(f"DELETE FROM {table}", words="append-only")


def test_nothing_is_truncated(books):
    on("postgresql")
    for table in [*(name for name, _ in APPEND_ONLY), "ledger_head", "ledger_accounts"]:
        refused(f"TRUNCATE {table} CASCADE", words="append-only")


def test_nothing_is_replaced_whatever_the_pragma(books):
    on("sqlite")
    connection = db.engine.raw_connection()
    connection.execute("PRAGMA foreign_keys=OFF")
    try:
        for pragma, (table, _), verb in product(("ON", "OFF"), APPEND_ONLY, ("REPLACE", "INSERT OR REPLACE")):
            connection.execute(f"PRAGMA recursive_triggers={pragma}")
            with pytest.raises(connection.dbapi_connection.IntegrityError, match="books:"):
                connection.execute(f"{verb} INTO {table} SELECT * FROM {table}")
    finally:
        connection.rollback()
        connection.detach()
        connection.close()


def test_an_upsert_is_an_update(books):
    for table, key in (("ledger_entries", "id"), ("reward_events", "seq"), ("policy_versions", "id")):
        refused(
            f"INSERT INTO {table} SELECT * FROM {table} WHERE true "
            f"ON CONFLICT ({key}) DO UPDATE SET {key} = 99",
            words="books:",
        )


def test_bulk_changes_through_the_orm_are_refused_too(books):
    refused(sa.update(LedgerLeg).values(amount=1), words="append-only")
    refused(sa.delete(RewardApproval), words="append-only")


def test_an_account_keeps_what_it_is(books):
    for change in ("sign = -sign", "currency = 'EUR'", "name = name || 'x'", "fund_id = fund_id + 1"):
        refused(f"UPDATE ledger_accounts SET {change}", words="books:|CHECK|check")
    refused("DELETE FROM ledger_accounts", words="append-only")
    refused(
        "INSERT INTO ledger_accounts (id, fund_id, name, currency, sign, balance) "
        "VALUES (99, 1, 'Assets:X', 'USD', 1, 5)",
        words="empty|append-only",
    )


def test_a_balance_is_moved_by_legs_alone(books):
    for change in ("balance + 5", "balance - 5", "0"):
        refused(
            f"UPDATE ledger_accounts SET balance = {change} WHERE name = '{ledger.BANK}'",
            words="by legs alone",
        )
    pair = write(*PAIR)
    refused(
        pair[0],
        "UPDATE ledger_accounts SET balance = balance + 6 WHERE name LIKE '%Available'",
        words="by legs",
    )


def test_a_fund_keeps_its_code_and_currency(books):
    for change in ("code = 'OTHER'", "currency = 'EUR'", "id = id + 1"):
        refused(f"UPDATE funds SET {change}", words="keeps its code")
    refused("DELETE FROM funds", words="append-only")
    run("UPDATE funds SET name = 'The general fund'")


def test_the_head_only_follows_the_chain(books):
    refused("UPDATE ledger_head SET seq = seq + 1", words="head follows")
    refused(
        "UPDATE ledger_head SET hash = prev FROM (SELECT prev_hash AS prev FROM ledger_entries) p",
        words="head",
    )
    refused("DELETE FROM ledger_head", words="append-only")


def account(name):
    return db.session.scalar(sa.select(LedgerAccount.id).where(LedgerAccount.name == name))


def write(*legs, entry=None, currency="USD", **changes):
    """Write legs and their entry by hand, past every service."""
    head = db.session.execute(sa.select(LedgerHead.seq, LedgerHead.entries, LedgerHead.hash)).one()
    number = entry or head.entries + 1
    values = {
        "id": number,
        "seq": head.seq + 1,
        "kind": "reserve",
        "fund_id": db.session.scalar(sa.select(Fund.id)),
        "effective_on": NOW.date(),
        "recorded_at": NOW,
        "idem_key": "by-hand",
        "ref": {},
        "prev_hash": head.hash,
        "hash": b"h" * 32,
    }
    statements = [
        sa.insert(LedgerLeg).values(
            entry_id=number, line_no=line, account_id=account(name), currency=currency, amount=amount
        )
        for line, (name, amount) in enumerate(legs, start=1)
    ]
    return [*statements, sa.insert(LedgerEntry).values({**values, **changes})]


PAIR = ((ledger.AVAILABLE, 5), (ledger.RESERVED, -5))


UNSOUND = [
    (((ledger.AVAILABLE, 5), (ledger.RESERVED, -4)), {}, "does not balance"),
    (((ledger.AVAILABLE, 5),), {}, "does not balance|two legs"),
    ((), {}, "two legs"),
    (PAIR, {"seq": 99}, "follow the head"),
    (PAIR, {"id": 99}, "gaps|two legs|FOREIGN"),
    (PAIR, {"prev_hash": b"x" * 32}, "follow the head"),
    (PAIR, {"fund_id": 99}, "one fund"),
    (((ledger.AVAILABLE, 5_000_001), (ledger.RESERVED, -5_000_001)), {}, "right_side_of_zero"),
    (((ledger.AVAILABLE, 0), (ledger.RESERVED, 0)), {}, "bounded|two legs"),
    (((ledger.RESERVED, -(2**62)), (ledger.AVAILABLE, 2**62)), {}, "bounded|out of range|right_side"),
]


def test_entries_written_by_hand_must_be_sound(books):
    for legs, changes, words in UNSOUND:
        refused(*write(*legs, **changes), words=words)


def test_a_leg_has_the_currency_of_its_account(books):
    refused(*write(*PAIR, currency="EUR"), words="another currency")


def test_a_sealed_entry_takes_no_more_legs(books):
    refused(*write((ledger.AVAILABLE, 5), (ledger.RESERVED, -5), entry=1)[:2], words="sealed|append-only")


def test_a_leg_without_its_entry_is_not_kept(books):
    refused(write(*PAIR)[0], words="FOREIGN KEY|foreign key")


def test_half_a_unit_is_not_stored(books):
    on("sqlite")
    connection = db.engine.raw_connection()
    try:
        with pytest.raises(connection.dbapi_connection.IntegrityError, match="whole units"):
            connection.execute(
                "INSERT INTO ledger_legs (entry_id, line_no, account_id, currency, amount) "
                "VALUES (99, 1, 1, 'USD', 2.5)"
            )
    finally:
        connection.rollback()
        connection.close()


def test_replication_mode_does_not_switch_the_guards_off(books):
    on("postgresql")
    refused("SET LOCAL session_replication_role = replica", "DELETE FROM ledger_entries", words="append-only")


def test_a_reversal_is_written_once(books):
    reversal = write((ledger.AVAILABLE, -5), (ledger.RESERVED, 5))
    refused(*reversal, words="right_side_of_zero")


def test_rows_that_are_copied_in_are_judged_like_any_others(books):
    on("postgresql")
    connection = db.engine.raw_connection()
    cursor = connection.cursor()
    copy = "COPY ledger_legs (entry_id, line_no, account_id, currency, amount) FROM STDIN"
    with pytest.raises(psycopg.Error, match="sealed"), cursor.copy(copy) as rows:
        rows.write_row((1, 99, 1, "USD", 5))
    connection.rollback()
    connection.close()
