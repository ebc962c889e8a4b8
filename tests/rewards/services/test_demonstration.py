"""The demonstration's payouts: three hands, a batch at the bank, and a statement that leaves one line to look into."""

from __future__ import annotations

import sqlalchemy as sa

from core.db import db, transaction
from rewards import checks
from rewards.payout_models import PayoutBatch
from rewards.services import batches, demonstration
from tests.builders.payouts import import_file
from tests.builders.reward_office import NOW, open_office, propose, vault


def test_a_batch_is_sent_and_its_statement_can_be_imported(app):
    office = open_office()
    for case_id in range(1, 6):
        propose(case_id)
    with transaction():
        statement = demonstration.begin_payouts(
            hands=demonstration.Hands(office.finance, office.cashier, office.director), vault=vault(), now=NOW
        )
    assert db.session.scalars(sa.select(PayoutBatch.state)).all() == ["released"]
    assert len(batches.batch_candidates(account="OPS", actor=office.cashier)) == 2
    done = import_file(statement, office.finance)
    assert (done.added, done.matched, done.unmatched) == (4, 3, 1)
    assert checks.check().violations == ()


def test_without_rewards_the_account_is_there_and_nothing_is_sent(app):
    office = open_office()
    with transaction():
        demonstration.begin_payouts(
            hands=demonstration.Hands(office.finance, office.cashier, office.director), vault=vault(), now=NOW
        )
    assert db.session.scalars(sa.select(PayoutBatch.id)).all() == []
