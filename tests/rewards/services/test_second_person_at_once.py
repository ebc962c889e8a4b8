"""Steps of two people under a crowd: processes confirm, claim, pay and expire at the same moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from rewards import checks, queries, services
from rewards.models import ClaimCode, LedgerEntry, RewardEvent
from rewards.workflow_models import SecondPersonRequest
from tests.builders.reward_office import (
    NOW,
    _member,
    approve,
    claim,
    new_key,
    only_share,
    open_office,
    pay,
    propose,
    vault,
)
from tests.rewards.processes import at_once


@pytest.fixture
def office(app):
    yield open_office()
    assert checks.check().violations == ()


def count(kind, model=LedgerEntry):
    return db.session.scalar(sa.select(sa.func.count()).where(model.kind == kind))


def ask(kind, ref, actor):
    with transaction():
        services.ask(
            kind=kind, share_ref=only_share(ref).ref, reason="r", actor=actor, key=new_key(), now=NOW
        )
    return db.session.scalars(sa.select(SecondPersonRequest.id)).one()


def test_one_of_ten_confirmations_revokes_the_word_and_one_of_ten_claims_gets_the_new_one(office):
    ref = propose().ref
    approve(ref, office.finance)
    claim(1)
    people = [_member("finance") for _ in range(10)]
    request = ask("new_word", ref, office.cashier)
    done, refused = at_once(
        10,
        lambda i: (
            services.confirm(request_id=request, actor=people[i], key=f"confirm-{i:04d}", now=NOW).state
        ),
    )
    assert (done, set(refused)) == (["claimed"], {"Conflict"})
    made = [services.make_word(tip_id=1, key=f"again-key-{i:04d}", vault=vault()) for i in range(10)]
    done, refused = at_once(
        10,
        lambda i: (
            services.claim(tip_id=1, key=f"again-key-{i:04d}", vault=vault(), now=NOW, made=made[i]).word
        ),
    )
    assert (len(done), set(refused)) == (1, {"NothingToCollect"})
    live = sa.select(sa.func.count()).select_from(ClaimCode).where(ClaimCode.revoked_at.is_(None))
    assert (db.session.scalar(live), count("word_given_anew", RewardEvent)) == (1, 1)


def test_a_word_revoked_while_it_is_paid_against_has_one_outcome(office):
    ref = propose().ref
    approve(ref, office.finance)
    taken = claim(1)
    share = only_share(ref).ref
    request = ask("new_word", ref, office.cashier)
    compared = services.compare_word(share_ref=share, word=taken.word, vault=vault())

    def act(i):
        if i % 2:
            return services.confirm(
                request_id=request, actor=office.director, key=f"confirm-{i:04d}", now=NOW
            ).state
        return services.pay(
            share_ref=share, actor=office.cashier, key=f"pay-key-{i:04d}", vault=vault(), now=NOW, word=taken.word,
            compared=compared,
        ).state  # fmt: skip

    done, _ = at_once(8, act)
    assert len(done) == 1
    assert (count("settle"), count("word_revoked", RewardEvent)) in ((1, 0), (0, 1))


def test_f19_expiry_races_claim_and_a_confirmed_cancellation_to_one_outcome(office):
    ref = propose().ref
    approve(ref, office.finance)
    end = only_share(ref).expires_at
    request = ask("cancel", ref, office.cashier)
    just = end - timedelta(microseconds=1)
    made = services.make_word(tip_id=1, key="claim-key-0001", vault=vault())

    def act(i):
        if i % 3 == 0:
            return services.expire_due(now=end)
        if i % 3 == 1:
            return services.confirm(
                request_id=request, actor=office.director, key=f"confirm-{i:04d}", now=just
            ).state
        return services.claim(tip_id=1, key="claim-key-0001", vault=vault(), now=just, made=made).voucher

    at_once(9, act)
    state = only_share(ref).state
    assert state in ("expired", "cancelled", "claimed")
    assert (count("forfeit"), count("cancel"), count("claimed", RewardEvent)) == (
        int(state == "expired"), int(state == "cancelled"), int(state == "claimed")
    )  # fmt: skip


def test_fraud_is_asked_back_once_however_many_confirm(office):
    ref = propose().ref
    approve(ref, office.finance)
    claim(1)
    pay(only_share(ref).ref, office.cashier, receipt="slip")
    request = ask("clawback", ref, office.cashier)
    done, refused = at_once(
        6,
        lambda i: (
            services.confirm(request_id=request, actor=office.director, key=f"confirm-{i:04d}", now=NOW).entry
        ),
    )
    assert (len(done), set(refused), count("clawback_raised")) == (1, {"Conflict"}, 1)


def test_ten_answers_of_one_resident_leave_one_open_query(office):
    ref = propose().ref
    approve(ref, office.finance)
    claim(1)
    pay(only_share(ref).ref, office.cashier, receipt="slip")
    done, refused = at_once(
        10, lambda _: services.answer_collection(tip_id=1, got=False, channel="sms", now=NOW)
    )
    assert (done, refused, count("resident_got_nothing", RewardEvent)) == ([True] * 10, [], 1)
    assert queries.share_of_tip(1).state == "paid"
