"""F1, F2, F3, F5, F19: many processes want the same thing at the same moment, and one order comes out."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from rewards import books, checks, ledger, queries, services
from rewards.ledger import Posting
from rewards.models import LedgerEntry, RewardEvent
from tests.builders.reward_office import (
    NOW,
    approve,
    claim,
    new_key,
    only_share,
    open_office,
    propose,
    put_in,
    vault,
)
from tests.rewards.processes import at_once


@pytest.fixture
def office(app):
    yield open_office()
    assert checks.check().violations == ()


def count(kind, model=LedgerEntry):
    return db.session.scalar(sa.select(sa.func.count()).where(model.kind == kind))


def held(account):
    return books.balance(queries.fund_by_code("GEN").id, account)


def test_f1_forty_processes_reserve_with_shuffled_legs_and_exactly_six_succeed(office):
    def act(i):
        posting = ledger.reserve(750_000, "USD")
        legs = random.Random(i).sample(posting.legs, len(posting.legs))
        fund = queries.fund_by_code("GEN")
        return books.post(
            Posting("reserve", tuple(legs)), fund=fund, idem_key=f"reserve:{i}", actor_id=None, now=NOW
        ).seq

    done, refused = at_once(40, act)
    assert (len(done), refused) == (6, ["NotEnough"] * 34)
    assert sorted(done) == list(range(min(done), min(done) + 6))
    assert (held(ledger.AVAILABLE), held(ledger.RESERVED)) == (-500_000, -4_500_000)


def test_f2_a_reward_approved_declined_and_withdrawn_by_processes_has_one_fate(office):
    ref = propose().ref
    common = {"ref": ref, "snapshot": queries.reward_by_ref(ref).snapshot_hash, "now": NOW}

    def act(i):
        if i % 3 == 0:
            return services.approve(actor=office.finance, key=f"approve-{i:04d}", **common).state
        if i % 3 == 1:
            return services.decline(
                actor=office.director, reason="no", key=f"decline-{i:04d}", **common
            ).state
        return services.withdraw(case_id=1, reason="reopened", actor_id=office.officer.id, now=NOW)

    done, refused = at_once(12, act)
    assert len([state for state in done if state]) == 1
    assert set(refused) <= {"Conflict"}
    assert count("approve") + count("release") == 1


def test_f3_of_fifty_processes_with_one_code_one_claims_and_the_rest_hear_the_same(office):
    approve(propose().ref, office.finance)
    made = [services.make_word(tip_id=1, key=f"claim-key-{i:04d}", vault=vault()) for i in range(50)]
    done, refused = at_once(
        50,
        lambda i: (
            services.claim(tip_id=1, key=f"claim-key-{i:04d}", vault=vault(), now=NOW, made=made[i]).voucher
        ),
    )
    assert (len(done), set(refused), len(refused)) == (1, {"NothingToCollect"}, 49)
    assert count("claimed", RewardEvent) == 1


def test_f5_one_request_sent_by_ten_processes_is_done_once_and_answered_the_same(office):
    done, refused = at_once(10, lambda _: put_in(700, key="the same request"))
    assert (refused, len({result.seq for result in done})) == ([], 1)
    assert count("fund") == 2


def test_f5_one_key_for_ten_different_amounts_books_one_of_them(office):
    done, refused = at_once(10, lambda i: put_in(700 + i, key="the same key"))
    assert (len(done), set(refused)) == (1, {"Conflict"})
    assert count("fund") == 2


def test_f5_a_refused_attempt_does_not_use_up_its_key(office):
    ref = propose().ref
    key, seen = new_key(), queries.reward_by_ref(ref).snapshot_hash
    asked = {"ref": ref, "snapshot": seen, "key": key, "now": NOW}
    done, refused = at_once(2, lambda _: services.approve(actor=office.officer, **asked).state)
    assert (done, refused) == ([], ["NotAllowed"] * 2)
    with transaction():
        assert services.approve(actor=office.finance, **asked).state == "approved"


def test_f19_expiry_and_claim_race_to_one_outcome(office):
    refs = [propose(number).ref for number in (1, 2, 3)]
    for ref in refs:
        approve(ref, office.finance)
    end = only_share(refs[0]).expires_at

    def act(i):
        if i % 2:
            return services.expire_due(now=end)
        before = end - timedelta(microseconds=1)
        return services.claim(
            tip_id=i // 2 % 3 + 1, key=f"claim-key-{i:04d}", vault=vault(), now=before
        ).voucher

    at_once(12, act)
    states = [only_share(ref).state for ref in refs]
    assert set(states) <= {"claimed", "expired"}
    assert (count("forfeit"), count("claimed", RewardEvent)) == (
        states.count("expired"),
        states.count("claimed"),
    )


def test_f19_the_job_on_five_nodes_ten_days_late_lapses_each_share_once(office):
    for number in (1, 2, 3):
        approve(propose(number).ref, office.finance)
    claim(3)
    late = NOW + timedelta(days=190)
    done, refused = at_once(5, lambda _: services.expire_due(now=late))
    assert (sum(done), refused, count("forfeit")) == (2, [], 2)
    with transaction():
        assert services.expire_due(now=late) == 0
