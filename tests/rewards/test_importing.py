"""A long statement is matched in steps that each let others write."""

from __future__ import annotations

import sqlalchemy as sa

from accounts.models import Staff
from core.db import db
from rewards import checks, statement_queries
from rewards.importing import import_in_steps, match_again_in_steps
from rewards.services import reconciling
from tests.builders.payouts import Entry, camt, import_file, open_payouts, released
from tests.builders.reward_office import NOW


def test_lines_beyond_the_first_few_are_matched_in_steps_of_their_own(app, monkeypatch):
    for module in ("reconciling", "bank_statements"):
        monkeypatch.setattr(f"rewards.services.{module}.AT_ONCE", 2)
    people = open_payouts()
    _, vouchers = released(people, 1, 2, 3)
    lines = [*(Entry(-106_500, voucher) for voucher in vouchers), Entry(-5), Entry(-6)]
    done = import_in_steps(
        account="OPS",
        data=camt(*lines).encode(),
        file_name="long.xml",
        layout="",
        actor=people.reconciler,
        now=NOW,
    )
    assert (done.added, done.matched, done.unmatched, done.later) == (5, 3, 2, 0)
    assert checks.check().violations == ()


def test_what_a_crash_between_steps_left_is_matched_again(app, monkeypatch):
    monkeypatch.setattr("rewards.services.bank_statements.AT_ONCE", 0)
    people = open_payouts()
    _, (voucher,) = released(people, 1)
    assert import_file(camt(Entry(-106_500, voucher)), people.reconciler).later == 1
    assert statement_queries.exception_of(1).why == "new"
    assert reconciling.match_new(now=NOW) == (1, 1)


def test_lines_of_somebody_who_changed_roles_meanwhile_are_matched_all_the_same(app, monkeypatch):
    monkeypatch.setattr("rewards.services.bank_statements.AT_ONCE", 0)
    people = open_payouts()
    _, (voucher,) = released(people, 1)
    import_file(camt(Entry(-106_500, voucher)), people.reconciler)
    importer = sa.update(Staff).where(Staff.id == people.reconciler.id)
    db.session.execute(importer.values(role="auditor"))
    db.session.commit()
    assert reconciling.match_new(now=NOW) == (1, 1)
    assert reconciling.match_new(now=NOW) == (0, 0)
    assert checks.check().violations == ()


def test_the_releaser_matches_nothing_of_their_own_by_leaving_it_to_the_worker(app, monkeypatch):
    monkeypatch.setattr("rewards.services.bank_statements.AT_ONCE", 0)
    people = open_payouts()
    _, (voucher,) = released(people, 1)
    import_file(camt(Entry(-106_500, voucher)), people.releaser)
    db.session.execute(sa.update(Staff).where(Staff.id == people.releaser.id).values(role="officer"))
    db.session.commit()
    assert reconciling.match_new(now=NOW) == (1, 0)
    assert statement_queries.exception_of(1).why == "same_person"


def test_open_lines_are_tried_again_in_steps(app, monkeypatch):
    monkeypatch.setattr("rewards.services.reconciling.AT_ONCE", 2)
    people = open_payouts()
    _, vouchers = released(people, 1, 2, 3)
    import_file(camt(*(Entry(-106_500, voucher) for voucher in vouchers), Entry(-5)), people.releaser)
    assert match_again_in_steps(actor=people.releaser, now=NOW) == 0
    assert match_again_in_steps(actor=people.reconciler, now=NOW) == 3
    assert checks.check().violations == ()
