"""Part of a reward paid before a case is closed: bounded, deducted, under the same cap (E8, I9)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from core.errors import Conflict, Invalid, NotAllowed
from rewards import checks, ledger, queries, services
from rewards.models import LedgerEntry
from tests.builders.reward_office import (
    NOW,
    approve,
    change_policy,
    claim,
    new_key,
    only_share,
    open_office,
    pay,
    propose,
    reward,
)
from tests.builders.rewards import outcome, tip


@pytest.fixture
def office(app):
    yield open_office()
    assert checks.check().violations == ()


def advance(case_id=1, facts=None):
    facts = facts or outcome(tip(case_id, 80), value=3_000_000)
    with transaction():
        return services.propose_advance(
            case_id=case_id, case_number=f"C-2026-{case_id:06d}", outcome=facts, actor_id=None, now=NOW
        )


FINAL = outcome(tip(1, 60), value=2_400_000)
LATE = NOW + timedelta(days=180)


def lapse():
    with transaction():
        assert services.expire_due(now=LATE) == 1


def bring_back(office):
    number = db.session.scalar(sa.select(LedgerEntry.id).where(LedgerEntry.kind == "forfeit"))
    db.session.rollback()
    with transaction():
        return services.reverse(
            entry=ledger.entry_name(number), effective_on=LATE.date(), reason="was ill", actor=office.director,
            key=new_key(), now=LATE,
        )  # fmt: skip


def test_e8_an_advance_of_a_quarter_is_deducted_from_the_final_pool(office):
    first = advance()
    assert (first.pool, first.state) == (50_000, "proposed")
    assert first.steps[-2].working == "25% of 2,000.00, rounded down"
    approve(first.ref, office.finance)
    final = propose(facts=FINAL)
    assert final.pool == 77_500
    assert final.steps[-2].working == "1,275.00 \N{MINUS SIGN} 500.00 paid in advance"
    assert final.steps[-1].result == "775.00"
    assert reward(final.ref).facts["advances"] == 50_000
    assert queries.total_of_case(1) == 127_500


def test_an_advance_is_rounded_down_and_split_like_a_reward(office):
    two = outcome(tip(1, 80), tip(2, 40, order="new_facts"), value=2_999_999)
    found = advance(facts=two)
    shares = [share.amount for share in queries.shares_of(reward(found.ref).id)]
    assert (found.pool, sum(shares)) == (199_999 // 4, 199_999 // 4)
    assert shares == [39_999, 10_000]


def test_an_advance_larger_than_the_final_pool_is_kept_and_nothing_more_is_due(office):
    approve(advance(facts=outcome(tip(1, 80), value=40_000_000)).ref, office.finance)
    final = propose(facts=outcome(tip(1, 40), value=100_000))
    assert (final.ref, final.reason, final.pool) == (None, "paid_in_advance", 0)
    claimed = claim(1)
    assert claimed.amount_minor == 187_500
    assert pay(claimed.voucher, office.cashier, word=claimed.word).state == "paid"


def test_advance_and_balance_stay_under_the_cap_and_the_limit_counts_both(office):
    approve(advance(facts=outcome(tip(1, 100), value=90_000_000)).ref, office.finance)
    final = propose(facts=outcome(tip(1, 100), value=90_000_000))
    assert (final.pool, queries.total_of_case(1)) == (562_500, 750_000)
    assert approve(final.ref, office.finance).entry == ""
    with pytest.raises(NotAllowed):
        approve(final.ref, office.cashier)
    assert approve(final.ref, office.director).entry


def test_an_advance_that_nobody_approved_is_withdrawn_when_the_case_is_closed(office):
    first = advance()
    final = propose(facts=FINAL)
    assert (reward(first.ref).state, final.pool) == ("withdrawn", 127_500)


def test_an_advance_that_lapsed_or_was_declined_is_not_deducted(office):
    first = advance()
    approve(first.ref, office.finance)
    with transaction():
        services.expire_due(now=NOW + timedelta(days=180))
    assert propose(facts=FINAL).pool == 127_500
    second = advance(2)
    with transaction():
        services.decline(
            ref=second.ref, snapshot=reward(second.ref).snapshot_hash, reason="no", actor=office.finance,
            key=new_key(), now=NOW,
        )  # fmt: skip
    assert propose(2, outcome(tip(2, 60), value=2_400_000)).pool == 127_500


def test_an_advance_that_lapsed_leaves_the_whole_cap_to_the_final_reward_and_the_strictest_signatures(office):
    largest = outcome(tip(1, 100), value=90_000_000)
    approve(advance(facts=largest).ref, office.finance)
    lapse()
    final = propose(facts=largest)
    assert (final.reason, final.pool) == (None, 750_000)
    assert approve(final.ref, office.finance).entry == ""
    with pytest.raises(NotAllowed):
        approve(final.ref, office.cashier)
    assert approve(final.ref, office.director).entry


def test_what_lapsed_is_not_brought_back_once_the_final_reward_pays_it(office):
    approve(advance().ref, office.finance)
    lapse()
    final = propose(facts=FINAL)
    with pytest.raises(Conflict, match=final.ref):
        bring_back(office)
    approve(final.ref, office.finance)
    with pytest.raises(Conflict, match=final.ref):
        bring_back(office)


def test_what_lapsed_after_it_was_deducted_is_brought_back(office):
    first = advance()
    approve(first.ref, office.finance)
    assert propose(facts=FINAL).pool == 77_500
    lapse()
    assert bring_back(office).state == "reversed"
    assert only_share(first.ref).state == "approved"


def test_a_cap_raised_between_advance_and_closing_holds_for_the_case(office):
    approve(advance(facts=outcome(tip(1, 100), value=90_000_000)).ref, office.finance)
    with transaction():
        change_policy(cap=900_000, limits=[{"upto": 900_000, "signatures": [["director"]]}])
    final = propose(facts=outcome(tip(1, 100), value=90_000_000))
    assert (final.pool, queries.total_of_case(1)) == (712_500, 900_000)
    assert approve(final.ref, office.director).entry


def test_an_advance_paid_beside_a_final_reward_that_did_not_deduct_it_is_named(office):
    first = advance()
    approve(first.ref, office.finance)
    lapse()
    propose(facts=FINAL)
    db.session.execute(sa.text("UPDATE reward_shares SET state = 'approved' WHERE state = 'expired'"))
    assert "I9 C-2026-000001: more was paid in advance than was deducted" in map(
        str, checks.check().violations
    )
    db.session.rollback()


def test_one_advance_a_case_after_a_seizure_and_before_its_closing(office):
    with pytest.raises(Invalid):
        advance(facts=outcome(tip(1, 80)))
    assert advance(9, outcome(tip(9, 30), value=100_000)).reason == "below_threshold"
    advance()
    with pytest.raises(Conflict):
        advance()
    propose(facts=FINAL)
    with pytest.raises(Conflict):
        advance()


def test_closing_twice_with_the_same_facts_gives_the_same_balance(office):
    approve(advance().ref, office.finance)
    assert propose(facts=FINAL) == propose(facts=FINAL)


def test_a_tip_with_advance_and_balance_collects_one_after_the_other(office):
    first = advance()
    approve(first.ref, office.finance)
    final = propose(facts=FINAL)
    key = new_key()
    taken = claim(1, key=key)
    assert taken.amount_minor == 50_000
    with pytest.raises(services.NothingToCollect):
        claim(1)
    approve(final.ref, office.finance)
    assert services.summary_for_tip(tip_id=1, now=NOW).state == "ready"
    assert claim(1, key=key) == taken
    rest = claim(1)
    assert (rest.amount_minor, rest.voucher) == (77_500, only_share(final.ref).ref)
