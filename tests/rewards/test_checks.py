"""The verifier names what is wrong when somebody with full power over the database was at work."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from rewards import checks, services
from rewards.cli import rewards_cli
from rewards.models import PolicyVersion
from rewards.policy import DEFAULT_POLICY
from tests.builders.reward_office import NOW, approve, claim, open_office, pay, propose
from tests.builders.rewards import outcome, tip


@pytest.fixture
def office(app):
    office = open_office()
    approve(propose(1).ref, office.finance)
    claimed = claim(1)
    pay(claimed.voucher, office.cashier, word=claimed.word)
    approve(propose(2, facts=outcome(tip(2, 80), tip(3, 60), value=3_000_000)).ref, office.finance)
    propose(4, facts=outcome(tip(4, 10)))
    return office


@contextmanager
def guards_off():
    """Do what an owner of the database could: switch every guard off for a moment."""
    if db.engine.dialect.name == "postgresql":
        tables = [
            "ledger_entries", "ledger_legs", "reward_events", "reward_approvals", "ledger_accounts", "ledger_head",
            "money_requests", "policy_versions", "funds",
        ]  # fmt: skip
        for table in tables:
            db.session.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        yield
        db.session.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
        names = db.session.execute(
            sa.text(
                "SELECT tgrelid::regclass::text, tgname FROM pg_trigger "
                "WHERE NOT tgisinternal AND tgenabled = 'D'"
            )
        ).all()
        for table, name in names:
            db.session.execute(sa.text(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"))
    else:
        triggers = db.session.execute(
            sa.text(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name <> 'audit_events'"
            )
        ).all()
        for name, _ in triggers:
            db.session.execute(sa.text(f"DROP TRIGGER {name}"))
        yield
        for _, statement in triggers:
            db.session.execute(sa.text(statement))
    db.session.commit()


def tamper(*statements):
    with guards_off():
        for statement in statements:
            db.session.execute(sa.text(statement))


def found():
    return {(violation.invariant, violation.where) for violation in checks.check().violations}


def test_sound_books_pass(office):
    report = checks.check()
    assert report.violations == ()
    assert report.entries == 7
    assert len(report.head) == 64


@pytest.mark.parametrize(
    ("statement", "violation"),
    [
        ("UPDATE ledger_legs SET amount = amount + 1 WHERE entry_id = 2 AND line_no = 1", ("I1", "J000002")),
        ("UPDATE ledger_entries SET effective_on = '2020-01-01' WHERE id = 3", ("I8", "seq 4")),
        ("UPDATE ledger_entries SET prev_hash = hash WHERE id = 2", ("I8", "seq 3")),
        ("DELETE FROM reward_events WHERE seq = 2", ("I8", "seq 3")),
        ("UPDATE ledger_head SET seq = seq + 1", ("I8", "seq 11")),
        ("UPDATE ledger_accounts SET balance = balance + 1 WHERE name = 'Assets:Bank:Ops'", ("I5", "GEN")),
        (
            "UPDATE ledger_accounts SET balance = balance - 1 WHERE name = 'Equity:Budget:Spent'",
            ("I15", "Equity:Budget:Spent of GEN"),
        ),
        (
            "UPDATE ledger_accounts SET balance = balance - 1 WHERE name = 'Equity:Budget:Spent'",
            ("I4", "GEN"),
        ),
        ("UPDATE ledger_accounts SET balance = balance + 1 WHERE name LIKE '%Appropriated'", ("I3", "GEN")),
        ("UPDATE ledger_legs SET currency = 'EUR' WHERE entry_id = 2", ("I6", "J000002")),
    ],
)
def test_tampering_with_the_books_is_named(office, statement, violation):
    tamper(statement)
    assert violation in found()


def test_tampering_with_rewards_is_named(office):
    large = db.session.scalar(sa.text("SELECT ref FROM rewards WHERE case_id = 2"))
    share = db.session.scalar(sa.text("SELECT ref FROM reward_shares WHERE tip_id = 2"))
    tamper("UPDATE reward_shares SET amount = amount + 1 WHERE tip_id = 2")
    assert {("I10", large), ("I11", share), ("I12", large)} <= found()


def test_a_state_without_its_money_is_named(office):
    share = db.session.scalar(sa.text("SELECT ref FROM reward_shares WHERE tip_id = 2"))
    tamper("UPDATE reward_shares SET state = 'paid' WHERE tip_id = 2")
    assert found() == {("I11", share)}


def test_a_pool_raised_past_its_signatures_and_cap_is_named(office):
    ref = db.session.scalar(sa.text("SELECT ref FROM rewards WHERE case_id = 2"))
    tamper("UPDATE rewards SET pool = 750001 WHERE case_id = 2")
    assert {("I9", "C-2026-000002"), ("I13", ref), ("I10", ref), ("I12", ref)} <= found()


def test_people_who_judged_their_own_work_are_named(office):
    person = office.finance.person_id
    ref = db.session.scalar(sa.text("SELECT ref FROM rewards WHERE case_id = 1"))
    share = db.session.scalar(sa.text("SELECT ref FROM reward_shares WHERE tip_id = 1"))
    tamper(
        f"INSERT INTO reward_involvements SELECT id, {person}, 'intake' FROM rewards WHERE case_id = 1",
        f"UPDATE reward_shares SET paid_by_person = {person} WHERE tip_id = 1",
    )
    assert found() == {("I12", ref), ("I12", share)}


def test_a_signature_moved_to_another_reward_is_named(office):
    ref = db.session.scalar(sa.text("SELECT ref FROM rewards WHERE case_id = 1"))
    first = db.session.scalar(sa.text("SELECT id FROM rewards WHERE case_id = 1"))
    tamper(f"UPDATE reward_approvals SET snapshot_hash = 'x' WHERE reward_id = {first}")
    assert found() == {("I12", ref)}


def test_a_signature_that_nobody_gave_is_named(office):
    ref, first, last = db.session.execute(
        sa.text("SELECT min(ref), min(id), max(id) FROM rewards WHERE case_id = 2")
    ).one()
    assert first == last
    tamper(
        "INSERT INTO reward_approvals (reward_id, actor_id, person_id, role, case_total, snapshot_hash, signed_at) "
        f"SELECT id, {office.director.id}, {office.director.person_id}, 'director', pool, snapshot_hash, proposed_at "
        f"FROM rewards WHERE id = {first}"
    )
    assert ("I12", ref) in found()
    tamper("UPDATE reward_approvals SET role = 'director'")
    assert ("I12", ref) in found()


@pytest.mark.parametrize(
    "change",
    [
        "reward_id = (SELECT id FROM rewards WHERE case_id = 2)",
        "reward_id = NULL",
        "case_id = 77",
        "fund_id = (SELECT max(id) FROM funds)",
        "reverses_id = 1",
    ],
)
def test_an_entry_kept_under_something_else_than_was_chained_is_named(office, change):
    with transaction():
        services.ensure_fund(code="OTHER", currency="USD", now=NOW)
    tamper(f"UPDATE ledger_entries SET {change} WHERE kind = 'reserve' AND case_id = 1")
    assert ("I8", "seq 3") in found()


def test_a_fund_under_another_name_is_named(office):
    tamper("UPDATE funds SET code = 'GENE'")
    assert ("I8", "seq 1") in found()


@pytest.mark.parametrize("change", ["body = '{}'", "sha256 = 'x'"])
def test_a_policy_that_was_changed_is_named(office, change):
    body = dict(DEFAULT_POLICY, claim_days=1)
    with guards_off():
        if change.startswith("body"):
            db.session.execute(sa.update(PolicyVersion).values(body=body))
        else:
            db.session.execute(sa.text(f"UPDATE policy_versions SET {change}"))
    assert found() == {("I8", "policy 1")}


def test_a_guard_that_is_gone_is_named(office):
    if db.engine.dialect.name == "postgresql":
        name = "ledger_entries_append_only"
        db.session.execute(sa.text(f"ALTER TABLE ledger_entries DISABLE TRIGGER {name}"))
    else:
        name = "ledger_legs_no_update"
        db.session.execute(sa.text(f"DROP TRIGGER {name}"))
    db.session.commit()
    assert found() == {("I7", name)}


def test_the_command_says_that_the_books_hold(office, runner):
    result = runner.invoke(rewards_cli, ["check"])
    assert (result.exit_code, result.output[:24]) == (0, "7 entries and 3 events h")


def test_the_command_prints_every_violation_and_fails(office, runner):
    tamper("UPDATE ledger_entries SET kind = 'other' WHERE id = 1")
    result = runner.invoke(rewards_cli, ["check"])
    assert result.exit_code == 1
    assert "I8 seq 1: its content is not what was chained" in result.output
