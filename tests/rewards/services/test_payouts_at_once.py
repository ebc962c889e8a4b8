"""F19, F20, F21 by processes: one batch, one file and one settlement come out, and a kill leaves all or nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from core.errors import Conflict
from rewards import checks, payout_queries, queries, services
from rewards.models import LedgerEntry
from rewards.payout_models import PayoutBatch, StatementLine
from rewards.services import bank_statements, batches, reconciling, resolving
from tests.builders.payouts import (
    TODAY,
    Entry,
    approved,
    camt,
    claimed_vouchers,
    import_file,
    make,
    open_payouts,
    released,
    snapshot,
)
from tests.builders.reward_office import NOW, pay
from tests.rewards.processes import at_once, killed_at

PAID = 106_500
LATE = NOW + timedelta(days=400)


@pytest.fixture
def people(app):
    yield open_payouts()
    db.session.rollback()
    assert checks.check().violations == ()


def count(kind):
    return db.session.scalar(sa.select(sa.func.count()).where(LedgerEntry.kind == kind))


def test_one_of_many_releases_goes_through_and_one_file_is_sent(people):
    batch = make(people, claimed_vouchers(people, 1, 2))
    approved(people, batch)
    common = {"batch": batch, "snapshot": snapshot(batch), "actor": people.releaser, "now": NOW}
    done, refused = at_once(6, lambda i: batches.release_batch(key=f"release-{i:04d}", **common).state)
    assert (done, refused) == (["released"], ["Conflict"] * 5)
    assert count("instruct") == 2


def test_release_and_cancellation_at_once_leave_one_fate(people):
    batch = make(people, claimed_vouchers(people, 1))
    approved(people, batch)
    seen = snapshot(batch)

    def act(i):
        if i % 2:
            return batches.cancel_batch(
                batch=batch, reason="no", actor=people.maker, key=f"cancel-{i:04d}", now=NOW
            ).state
        return batches.release_batch(
            batch=batch, snapshot=seen, actor=people.releaser, key=f"release-{i:04d}", now=NOW
        ).state

    done, refused = at_once(6, act)
    assert (len(done), refused) == (1, ["Conflict"] * 5)
    assert count("instruct") == (done == ["released"])


def test_one_voucher_goes_into_one_of_many_batches(people):
    (voucher,) = claimed_vouchers(people, 1)

    def act(i):
        return batches.make_batch(
            account="OPS", vouchers=[voucher], pay_on=TODAY, today=TODAY, actor=people.maker,
            key=f"make-{i:06d}", now=NOW,
        ).batch  # fmt: skip

    done, refused = at_once(6, act)
    assert (done, refused) == (["B-0001"], ["Conflict"] * 5)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PayoutBatch)) == 1


def test_the_same_statement_imported_by_many_settles_once(people):
    _, (voucher,) = released(people, 1)
    file = camt(Entry(-PAID, voucher), Entry(-3)).encode()
    parsed = bank_statements.read_statements(account="OPS", data=file)

    def act(_):
        done = bank_statements.import_statement(
            account="OPS", data=file, parsed=parsed, file_name="x", actor=people.reconciler, now=NOW
        )
        return done.added

    done, refused = at_once(6, act)
    assert (sorted(done), refused) == ([0] * 5 + [2], [])
    assert count("settle") == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StatementLine)) == 2


def test_what_is_in_a_batch_neither_lapses_nor_is_paid_at_the_desk(people):
    _, (voucher,) = released(people, 1)
    for state in ("instructed", "paid"):
        with transaction():
            assert services.expire_due(now=LATE) == 0
        assert queries.share_by_ref(voucher).state == state
        if state == "instructed":
            import_file(camt(Entry(-PAID, voucher)), people.reconciler)
    with pytest.raises(Conflict):
        pay(voucher, people.reconciler, receipt="slip")


def test_a_release_killed_at_any_statement_leaves_all_or_nothing(people):
    batch = make(people, claimed_vouchers(people, 1))
    approved(people, batch)
    seen = snapshot(batch)

    def act():
        batches.release_batch(
            batch=batch, snapshot=seen, actor=people.releaser, key="release-this-batch", now=NOW
        )

    statement = 1
    while killed_at(statement, act):
        db.session.rollback()
        row = payout_queries.batch_by_name(batch)
        assert (row.state, row.file_sha256, count("instruct")) == ("approved", None, 0)
        statement += 5
    assert payout_queries.batch_by_name(batch).state == "released"
    assert count("instruct") == 1


def test_an_import_killed_at_any_statement_leaves_all_or_nothing(people):
    _, (voucher,) = released(people, 1)
    file = camt(Entry(-PAID, voucher)).encode()
    parsed = bank_statements.read_statements(account="OPS", data=file)

    def act():
        bank_statements.import_statement(
            account="OPS", data=file, parsed=parsed, file_name="x", actor=people.reconciler, now=NOW
        )

    statement = 1
    while killed_at(statement, act):
        db.session.rollback()
        assert count("settle") == 0
        assert db.session.scalar(sa.select(sa.func.count()).select_from(StatementLine)) == 0
        statement += 5
    assert import_file(file, people.reconciler).added == 0
    assert count("settle") == 1


def test_a_match_by_hand_a_line_left_out_and_match_again_at_once_leave_one_fate(people):
    _, (voucher,) = released(people, 1)
    import_file(camt(Entry(-PAID, voucher)), people.releaser)
    line = db.session.scalar(sa.select(StatementLine.id))
    db.session.rollback()

    def act(i):
        asked = {"line_id": line, "actor": people.reconciler, "key": f"either-{i:06d}", "now": NOW}
        if i % 3 == 0:
            return resolving.match_by_hand(voucher=voucher, **asked).state
        if i % 3 == 1:
            return resolving.ignore(reason="Not ours", **asked).state
        return "settle" if reconciling.match_again(actor=people.reconciler, now=NOW)[1] else ""

    done, _ = at_once(6, act)
    assert len([state for state in done if state]) == 1
    assert count("settle") == (1 if "settle" in done else 0)
