"""Batches and statements go down and up again without touching the books (F25)."""

from __future__ import annotations

import sqlalchemy as sa

from core.db import db, transaction
from rewards import checks
from rewards.payout_models import PayoutBatch
from rewards.services.several_payments import match_several
from tests.builders.payouts import Entry, camt, import_file, open_payouts, released
from tests.builders.reward_office import NOW, new_key
from tests.migrations.test_migrations import migrate, triggers


def test_the_books_outlive_the_tables_of_batches_and_statements(runner):
    people = open_payouts()
    _, vouchers = released(people, 1, 2)
    import_file(camt(Entry(-106_500, vouchers[0]), Entry(-5)), people.reconciler)
    before, guards = checks.check(), triggers()
    assert before.violations == ()
    migrate(runner, "downgrade", "0007")
    assert "payout_batches" not in sa.inspect(db.engine).get_table_names()
    assert triggers() < guards
    migrate(runner, "upgrade")
    assert triggers() == guards
    after = checks.check()
    assert (after.entries, after.head, after.violations) == (before.entries, before.head, ())
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PayoutBatch)) == 0


def test_a_line_that_stands_for_several_payments_keeps_the_first_on_the_way_down(runner):
    people = open_payouts()
    _, vouchers = released(people, 1, 2)
    import_file(camt(Entry(-213_000)), people.reconciler)
    with transaction():
        match_several(line_id=1, vouchers=vouchers, actor=people.reconciler, key=new_key(), now=NOW)
    migrate(runner, "downgrade", "0010")
    live = "SELECT id FROM statement_matches WHERE undone_at IS NULL"
    assert db.session.scalars(sa.text(live)).all() == [1]
    migrate(runner, "upgrade")
    assert db.session.scalars(sa.text("SELECT id FROM statement_matches")).all() == [1, 2]
