"""Batches and statements go down and up again without touching the books (F25)."""

from __future__ import annotations

import sqlalchemy as sa

from core.db import db
from rewards import checks
from rewards.payout_models import PayoutBatch
from tests.builders.payouts import Entry, camt, import_file, open_payouts, released
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
