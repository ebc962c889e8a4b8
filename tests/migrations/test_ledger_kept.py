"""F25: a filled ledger survives the way down and up again: guards, chain and totals are as they were."""

from __future__ import annotations

import sqlalchemy as sa

from core.db import db
from rewards import checks, guards, reports
from rewards.models import RewardShare
from tests.builders.reward_office import approve, claim, open_office, pay, propose
from tests.migrations.test_migrations import migrate


def test_f25_down_and_up_on_a_filled_ledger_changes_nothing(app, runner):
    office = open_office()
    refs = [propose(number).ref for number in (1, 2, 3, 4)]
    for ref in refs[:3]:
        approve(ref, office.finance)
    words = [claim(number) for number in (1, 2)]
    pay(words[0].voucher, office.cashier, word=words[0].word)

    def kept():
        states = db.session.scalars(sa.select(RewardShare.state).order_by(RewardShare.id)).all()
        found = checks.check(), reports.trial_balances(), reports.chain_head(), guards.found(), states
        db.session.rollback()
        return found

    before = kept()
    assert before[0].violations == ()
    for revision in ("0006", "0008", "0006"):
        migrate(runner, "downgrade" if revision == "0006" else "upgrade", revision)
    migrate(runner, "upgrade")
    assert kept() == before
    pay(words[1].voucher, office.cashier, word=words[1].word)
    assert checks.check().violations == ()
