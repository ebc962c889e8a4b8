"""F4 and F6: a process killed at any statement of any event leaves all or nothing, and asking again completes it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from rewards import checks, queries, services
from rewards.models import LedgerEntry, LedgerHead, LedgerLeg, RewardShare
from rewards.services import moving
from tests.builders.reward_office import NOW, approve, claim, open_office, propose, put_in, vault
from tests.builders.rewards import outcome, tip
from tests.rewards.processes import killed_at

KEY = "the key of this request"
LATE = NOW + timedelta(days=181)
APRIL = NOW + timedelta(days=40)


class World:
    """An office with shares in every state, and one request for each kind of event."""

    def __init__(self) -> None:
        self.office = open_office()
        for number in range(1, 7):
            approve(propose(number).ref, self.office.finance)
        self.proposed = propose(7).ref
        self.words = {number: claim(number) for number in (2, 3, 4, 5)}
        shares = db.session.scalars(sa.select(RewardShare).order_by(RewardShare.tip_id))
        self.share = {share.tip_id: (share.id, share.ref) for share in shares}
        with transaction():
            ids = [self.share[number][0] for number in (4, 5)]
            moving.instruct(share_ids=ids, batch="B-1", actor_id=None, now=NOW)
        with transaction():
            moving.settle(share_id=self.share[5][0], statement_line="S/1", actor_id=None, now=NOW)
        with transaction():
            fee = services.fee(
                fund="GEN", amount_minor=5, reference="S/2", actor_id=None, key="an earlier fee", now=NOW
            )
        self.fee = fee.entry

    def decision(self, ref):
        return {"ref": ref, "snapshot": queries.reward_by_ref(ref).snapshot_hash, "key": KEY, "now": NOW}

    def treasury(self, **more):
        return {
            "fund": "GEN",
            "amount_minor": 7,
            "reference": "S/3",
            "actor_id": None,
            "key": KEY,
            "now": NOW,
            **more,
        }

    def line(self, tip_id):
        return {"share_id": self.share[tip_id][0], "statement_line": "S/9", "actor_id": None, "now": NOW}


EVENTS = {
    "fund": lambda _: put_in(700, key=KEY),
    "defund": lambda w: services.defund(**w.treasury(), source="Treasury"),
    "fee": lambda w: services.fee(**w.treasury()),
    "reserve": lambda _: services.propose(
        case_id=8,
        case_number="C-2026-000008",
        outcome=outcome(tip(8, 72), value=1_840_000),
        actor_id=None,
        now=NOW,
    ),
    "approve": lambda w: services.approve(actor=w.office.finance, **w.decision(w.proposed)),
    "release": lambda w: services.decline(actor=w.office.finance, reason="no", **w.decision(w.proposed)),
    "claim": lambda _: services.claim(tip_id=1, key=KEY, vault=vault(), now=NOW),
    "cancel": lambda w: services.cancel(
        share_ref=w.share[1][1], reason="no", actor=w.office.director, key=KEY, now=NOW
    ),
    "pay": lambda w: services.pay(
        share_ref=w.share[2][1], actor=w.office.cashier, word=w.words[2].word, vault=vault(), key=KEY, now=NOW
    ),
    "reverse": lambda w: services.reverse(
        entry=w.fee, effective_on=NOW.date(), reason="wrong", actor=w.office.director, key=KEY, now=NOW
    ),
    "soft_close": lambda w: services.soft_close(period="2026-03", actor=w.office.finance, key=KEY, now=APRIL),
}
# Building blocks that answer no request of their own: a second call is refused instead of answered again.
BLOCKS = {
    "instruct": lambda w: moving.instruct(share_ids=[w.share[3][0]], batch="B-2", actor_id=None, now=NOW),
    "settle": lambda w: moving.settle(**w.line(4)),
    "rejected": lambda w: moving.reject(share_ids=[w.share[4][0]], reason="no", actor_id=None, now=NOW),
    "returned": lambda w: moving.returned(**w.line(5)),
    "forfeit": lambda _: services.expire_due(now=LATE),
}


def state():
    """Read what an event could have left behind, without any of it being added up."""
    counts = [
        db.session.scalar(sa.select(sa.func.count()).select_from(table)) for table in (LedgerEntry, LedgerLeg)
    ]
    head = db.session.execute(sa.select(LedgerHead.seq, LedgerHead.hash)).one()
    shares = db.session.execute(sa.select(RewardShare.id, RewardShare.state).order_by(RewardShare.id)).all()
    db.session.rollback()
    return counts, tuple(head), [tuple(row) for row in shares]


def killed_everywhere(act):
    """Kill a process at each statement in turn until one comes through; return how many were killed."""
    before, statement = state(), 1
    while killed_at(statement, act):
        assert state() == before, statement
        statement += 1
    assert state() != before
    assert checks.check().violations == ()
    return statement - 1


@pytest.mark.parametrize("event", EVENTS)
def test_f4_killed_at_each_statement_all_or_nothing_and_a_retry_answers(app, event):
    world = World()
    assert killed_everywhere(lambda: EVENTS[event](world)) >= 8
    after = state()
    with transaction():
        assert EVENTS[event](world) is not None
    assert state() == after


@pytest.mark.parametrize("event", BLOCKS)
def test_f4_killed_at_each_statement_a_building_block_leaves_all_or_nothing(app, event):
    world = World()
    assert killed_everywhere(lambda: BLOCKS[event](world)) >= 8


def test_f4_closing_a_month_is_all_or_nothing(app):
    world = World()
    with transaction():
        services.soft_close(period="2026-03", actor=world.office.finance, key="softly first", now=APRIL)
    examined = services.examine(period="2026-03", now=APRIL, unmatched=lambda *_: 0)
    db.session.rollback()
    close = {"examined": examined, "actor": world.office.finance, "key": KEY, "now": APRIL}
    assert killed_everywhere(lambda: services.close_period(**close)) >= 8
