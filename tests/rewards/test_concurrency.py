"""Many at once, on real connections: limits hold, one wins, nobody meets a deadlock."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa
from flask import current_app

from core.db import db, transaction
from core.errors import AppError
from rewards import books, checks, ledger, queries, services
from rewards.models import LedgerEntry, RewardEvent
from tests.builders.reward_office import NOW, approve, new_key, open_office, propose, put_in, vault
from tests.builders.rewards import outcome, tip


def all_at_once(number, act):
    """Run `act(i)` in as many threads as there are numbers; return results and refusals."""
    app, barrier = current_app._get_current_object(), Barrier(number)

    def run(i):
        with app.app_context():
            barrier.wait()
            try:
                with transaction():
                    return act(i)
            except AppError as refusal:
                return refusal
            finally:
                db.session.remove()

    db.session.remove()
    with ThreadPoolExecutor(number) as pool:
        results = list(pool.map(run, range(number)))
    refusals = [result for result in results if isinstance(result, AppError)]
    return [result for result in results if not isinstance(result, AppError)], refusals


def count(kind):
    return db.session.scalar(sa.select(sa.func.count()).where(LedgerEntry.kind == kind))


@pytest.fixture
def office(app):
    yield open_office()
    assert checks.check().violations == ()


def test_forty_reserves_of_7500_against_50000_leave_exactly_six(office):
    facts = outcome(tip(1, 90), value=40_000_000)

    def act(i):
        return services.propose(
            case_id=i, case_number=f"C-2026-{i:06d}", outcome=facts, actor_id=None, now=NOW
        ).state

    states, refusals = all_at_once(40, act)
    assert refusals == []
    assert (states.count("proposed"), states.count("draft")) == (6, 34)
    fund = services.list_funds()[0]
    assert fund.available == 500_000
    assert books.balance(fund.id, ledger.RESERVED) == -4_500_000


def test_the_last_money_goes_to_one_of_those_who_wait(app):
    office = open_office(amount=0)
    refs = [propose(case_id).ref for case_id in range(1, 9)]
    with transaction():
        put_in(106_500 + 106_499)

    def act(i):
        return services.reserve(ref=refs[i], actor_id=office.finance.id, key=f"reserve-{i:04d}", now=NOW)

    done, refusals = all_at_once(8, act)
    assert (len(done), len(refusals)) == (1, 7)
    assert checks.check().violations == ()


def test_a_reward_approved_declined_and_withdrawn_at_once_has_one_fate(office):
    ref = propose().ref
    seen = queries.reward_by_ref(ref).snapshot_hash
    common = {"ref": ref, "snapshot": seen, "now": NOW}

    def act(i):
        if i % 3 == 0:
            return services.approve(actor=office.finance, key=f"approve-{i:04d}", **common)
        if i % 3 == 1:
            return services.decline(actor=office.director, reason="no", key=f"decline-{i:04d}", **common)
        if not services.withdraw(case_id=1, reason="reopened", actor_id=office.officer.id, now=NOW):
            raise AppError("nothing to withdraw")
        return "withdrawn"

    done, refusals = all_at_once(12, act)
    assert (len(done), len(refusals)) == (1, 11)
    assert count("approve") + count("release") == 1


def test_the_same_claim_twenty_times_at_once_pays_one(office):
    approve(propose().ref, office.finance)
    keys = [new_key() for _ in range(20)]
    done, refusals = all_at_once(20, lambda i: services.claim(tip_id=1, key=keys[i], vault=vault(), now=NOW))
    assert (len(done), len(refusals)) == (1, 19)
    assert {type(refusal) for refusal in refusals} == {services.NothingToCollect}
    claimed = sa.select(sa.func.count()).where(RewardEvent.kind == "claimed")
    assert db.session.scalar(claimed) == 1


def test_one_request_sent_ten_times_at_once_is_done_once(office):
    done, refusals = all_at_once(10, lambda _: put_in(700, key="the same request"))
    assert refusals == []
    assert len({result.entry for result in done}) == 1
    assert count("fund") == 2
