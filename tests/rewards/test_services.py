"""From a closed case to money handed over, and every way it must not go."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from core.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from rewards import books, checks, ledger, services
from rewards.models import ClaimCode, Fund, LedgerEntry, RewardEvent
from tests.builders.accounts import make_staff
from tests.builders.reward_office import (
    NOW,
    approve,
    claim,
    new_key,
    only_share,
    open_office,
    pay,
    propose,
    put_in,
    reward,
    vault,
)
from tests.builders.rewards import goods, outcome, tip


@pytest.fixture
def office(app):
    return open_office()


@pytest.fixture(autouse=True)
def books_hold(app):
    """After every test, whatever it tried, the books must be sound."""
    yield
    db.session.rollback()
    assert checks.check().violations == ()


def balances():
    fund = db.session.scalar(sa.select(Fund).where(Fund.code == "GEN"))
    names = (
        ledger.BANK,
        ledger.AVAILABLE,
        ledger.RESERVED,
        ledger.PAYABLE,
        ledger.IN_TRANSIT,
        ledger.REWARDS,
    )
    return [abs(books.balance(fund.id, name)) for name in names]


def entries():
    return db.session.scalars(sa.select(LedgerEntry.kind).order_by(LedgerEntry.id)).all()


def events():
    return db.session.scalars(sa.select(RewardEvent.kind).order_by(RewardEvent.seq)).all()


def test_a_reward_goes_from_proposal_to_the_hand_of_the_resident(office):
    proposal = propose()
    assert (proposal.state, proposal.pool, balances()) == (
        "proposed",
        106_500,
        [5_000_000, 4_893_500, 106_500, 0, 0, 0],
    )
    assert services.summary_for_tip(tip_id=1, now=NOW).state == "none"
    assert approve(proposal.ref, office.finance).state == "approved"
    assert balances() == [5_000_000, 4_893_500, 0, 106_500, 0, 106_500]
    assert services.summary_for_tip(tip_id=1, now=NOW).state == "ready"
    claimed = claim(1)
    assert balances() == [5_000_000, 4_893_500, 0, 106_500, 0, 106_500]
    assert services.summary_for_tip(tip_id=1, now=NOW).state == "collect"
    assert reward(proposal.ref).state == "approved"
    paid = pay(claimed.voucher, office.cashier, word=claimed.word)
    assert (paid.state, balances()) == ("paid", [4_893_500, 4_893_500, 0, 0, 0, 106_500])
    assert services.summary_for_tip(tip_id=1, now=NOW).state == "done"
    assert reward(proposal.ref).state == "settled"
    assert entries() == ["fund", "reserve", "approve", "instruct", "settle"]
    assert services.has_paid(case_id=1)


def test_each_share_is_approved_together_but_claimed_and_paid_alone(office):
    tips = (tip(1, 80), tip(2, 65, order="new_facts"), tip(3, 40, order="new_facts"), tip(4, 20))
    proposal = propose(facts=outcome(*tips, value=3_000_000))
    approve(proposal.ref, office.finance)
    first, second = claim(1), claim(2)
    assert first.amount_minor + second.amount_minor < proposal.pool
    pay(second.voucher, office.cashier, word=second.word)
    states = {n: services.summary_for_tip(tip_id=n, now=NOW).state for n in (1, 2, 3, 4)}
    assert states == {1: "collect", 2: "done", 3: "ready", 4: "none"}
    assert reward(proposal.ref).state == "approved"


def test_below_the_threshold_there_is_no_reward_but_a_reason(office):
    proposal = propose(facts=outcome(tip(score=39), value=40_000_000))
    assert (proposal.ref, proposal.reason) == (None, "below_threshold")
    assert services.reward_of_case(case_id=1).reason == "below_threshold"
    assert db.session.scalars(sa.select(RewardEvent.kind).order_by(RewardEvent.seq)).all()[-1] == "no_reward"
    assert services.reward_of_case(case_id=2) is None


def test_an_outcome_that_earns_nothing_earns_nothing(office):
    assert propose(rewardable=False).reason == "no_reward_outcome"


def test_proposing_the_same_again_changes_nothing(office):
    first = propose()
    assert propose() == first
    assert entries() == ["fund", "reserve"]
    with pytest.raises(Conflict):
        propose(facts=outcome(tip(score=90), value=1_840_000))


def test_a_missing_exchange_rate_is_named_and_can_be_entered(office):
    facts = replace(outcome(tip(score=80)), seizures=(goods(100_000_000, "THB"),))
    with pytest.raises(Invalid) as refused:
        propose(facts=facts)
    assert "THB into USD" in refused.value.errors["seizures"][0]
    with transaction():
        version = services.set_rate(
            currency="THB", rate="0.0281", as_of=date(2026, 3, 1), actor_id=office.finance.id, now=NOW
        )
    proposal = propose(facts=facts)
    assert proposal.pool == 190_500
    assert reward(proposal.ref).policy_version_id == version == 2
    with pytest.raises(Invalid), transaction():
        services.set_rate(currency="THB", rate="-1", as_of=date(2026, 3, 1), actor_id=None, now=NOW)


def test_a_new_policy_leaves_older_rewards_as_they_were(office):
    proposal = propose()
    with transaction():
        services.set_rate(currency="THB", rate="0.03", as_of=date(2026, 3, 1), actor_id=None, now=NOW)
    approve(proposal.ref, office.finance)
    assert reward(proposal.ref).policy_version_id == 1


def test_a_case_closed_without_money_in_the_fund_waits_for_it(app):
    office = open_office(amount=0)
    proposal = propose()
    assert proposal.state == "draft"
    with pytest.raises(Conflict):
        approve(proposal.ref, office.finance)
    with pytest.raises(Conflict, match="not enough"), transaction():
        services.reserve(ref=proposal.ref, actor_id=office.finance.id, key=new_key(), now=NOW)
    with transaction():
        put_in(106_500)
    with transaction():
        services.reserve(ref=proposal.ref, actor_id=office.finance.id, key=new_key(), now=NOW)
    approve(proposal.ref, office.finance)
    assert balances()[1] == 0


def test_a_draft_can_be_declined_or_withdrawn_without_an_entry(app):
    office = open_office(amount=0)
    first, second = propose(1), propose(2)
    with transaction():
        services.decline(
            ref=first.ref, snapshot=reward(first.ref).snapshot_hash, reason="no fund", actor=office.finance,
            key=new_key(), now=NOW,
        )  # fmt: skip
    with transaction():
        assert services.withdraw(case_id=2, reason="opened again", actor_id=office.officer.id, now=NOW)
    assert (reward(first.ref).state, reward(second.ref).state, entries()) == ("declined", "withdrawn", [])


def test_declining_frees_the_reserve_and_needs_a_reason(office):
    proposal = propose()
    details = {
        "ref": proposal.ref,
        "snapshot": reward(proposal.ref).snapshot_hash,
        "actor": office.finance,
        "now": NOW,
    }
    with pytest.raises(Invalid), transaction():
        services.decline(reason="  ", key=new_key(), **details)
    with transaction():
        services.decline(reason="Paid by another office", key=new_key(), **details)
    assert balances()[:3] == [5_000_000, 5_000_000, 0]
    assert services.reward_of_case(case_id=1).reason == "Paid by another office"
    assert propose().state == "proposed"


def test_reopening_a_case_takes_the_proposal_back_until_it_is_approved(office):
    proposal = propose()
    with transaction():
        assert services.withdraw(case_id=1, reason="opened again", actor_id=office.officer.id, now=NOW)
        assert not services.withdraw(case_id=1, reason="opened again", actor_id=office.officer.id, now=NOW)
    again = propose(facts=outcome(tip(score=90), value=1_840_000))
    assert again.ref != proposal.ref
    approve(again.ref, office.finance)
    with pytest.raises(Conflict), transaction():
        services.withdraw(case_id=1, reason="opened again", actor_id=office.officer.id, now=NOW)


def test_who_worked_on_the_case_cannot_approve_even_from_another_account(office):
    closer = make_staff("finance")
    other_account = make_staff("director", person_id=closer.person_id)
    proposal = propose(involved={closer.person_id: "closing_officer"})
    for actor in (closer, other_account):
        with pytest.raises(NotAllowed, match="closing officer"):
            approve(proposal.ref, actor)
    assert reward(proposal.ref).state == "proposed"


@pytest.mark.parametrize("role", ["officer", "supervisor", "auditor", "admin"])
def test_other_roles_decide_nothing(office, role):
    proposal, outsider = propose(), make_staff(role)
    with pytest.raises(NotAllowed):
        approve(proposal.ref, outsider)
    approve(proposal.ref, office.finance)
    with pytest.raises(NotAllowed):
        pay(claim(1).voucher, outsider, receipt="R-1")


def test_a_supervisor_signs_alone_up_to_the_lowest_limit_of_a_case_without_own_work(office):
    supervisor = make_staff("supervisor")
    at_limit, above = propose(1, outcome(tip(1, 50))), propose(2, outcome(tip(2, 51)))
    own = propose(3, outcome(tip(3, 50), involved={supervisor.person_id: "closing_officer"}))
    assert (at_limit.pool, above.pool) == (50_000, 51_000)
    assert approve(at_limit.ref, supervisor).state == "approved"
    for refused in (above, own):
        with pytest.raises(NotAllowed):
            approve(refused.ref, supervisor)
        assert reward(refused.ref).state == "proposed"


def test_finance_signs_alone_up_to_the_limit_and_needs_the_director_above(office):
    at_limit = propose(1, facts=outcome(tip(1, 80), value=4_000_000))
    assert at_limit.pool == 250_000
    assert approve(at_limit.ref, office.finance).state == "approved"
    above = propose(2, facts=outcome(tip(2, 80), value=4_000_020))
    assert above.pool == 250_001
    assert approve(above.ref, office.finance).state == "proposed"
    with pytest.raises(NotAllowed):
        approve(above.ref, office.finance)
    with pytest.raises(NotAllowed, match="director"):
        approve(above.ref, office.cashier)
    assert approve(above.ref, office.director).state == "approved"


def test_one_person_with_two_accounts_is_still_one_signature(office):
    twin = make_staff("director", person_id=office.finance.person_id)
    above = propose(facts=outcome(tip(1, 80), value=5_000_000))
    approve(above.ref, office.finance)
    with pytest.raises(NotAllowed, match="signed already"):
        approve(above.ref, twin)


def test_a_stale_snapshot_is_refused(office):
    proposal = propose()
    with pytest.raises(Conflict, match="has changed"):
        approve(proposal.ref, office.finance, snapshot="0" * 64)


def test_an_approver_neither_pays_nor_cancels(office):
    proposal = propose()
    approve(proposal.ref, office.finance)
    with pytest.raises(NotAllowed), transaction():
        services.cancel(
            share_ref=only_share(proposal.ref).ref, reason="x", actor=office.finance, key=new_key(), now=NOW
        )
    claimed = claim(1)
    with pytest.raises(NotAllowed):
        pay(claimed.voucher, office.finance, word=claimed.word)


def test_cancelling_before_the_claim_frees_the_budget(office):
    proposal = propose()
    approve(proposal.ref, office.finance)
    with transaction():
        services.cancel(
            share_ref=only_share(proposal.ref).ref, reason="proved false", actor=office.director,
            key=new_key(), now=NOW,
        )  # fmt: skip
    assert balances() == [5_000_000, 5_000_000, 0, 0, 0, 0]
    with pytest.raises(services.NothingToCollect):
        claim(1)


def test_a_share_is_claimed_once_and_every_refusal_reads_the_same(office):
    proposal = propose()
    refusals = set()
    for tip_id in (1, 99):
        with pytest.raises(services.NothingToCollect) as refused:
            claim(tip_id)
        refusals.add(str(refused.value))
    approve(proposal.ref, office.finance)
    with pytest.raises(services.NothingToCollect) as refused:
        claim(1, now=only_share(proposal.ref).expires_at)
    refusals.add(str(refused.value))
    claim(1)
    with pytest.raises(services.NothingToCollect) as refused:
        claim(1)
    assert refusals == {str(refused.value)}
    assert events().count("claimed") == 1


def test_asking_again_with_the_same_key_gives_the_same_word(office):
    approve(propose().ref, office.finance)
    first = claim(1, key="lost-answer-1")
    assert claim(1, key="lost-answer-1") == first
    assert events().count("claimed") == 1


def test_the_collection_word_is_kept_only_as_a_slow_hash(office):
    approve(propose().ref, office.finance)
    word = claim(1).word
    stored = db.session.scalar(sa.select(ClaimCode.word_hash))
    assert stored.startswith("$argon2id$")
    assert len(word) == 12
    assert word not in stored


def test_a_word_is_read_as_people_write_it(office):
    approve(propose().ref, office.finance)
    claimed = claim(1)
    typed = services.shown_word(claimed.word).lower().replace("0", "o").replace("1", "l")
    assert pay(claimed.voucher, office.cashier, word=typed).state == "paid"


def test_five_wrong_words_lock_the_voucher_for_a_day(office):
    approve(propose().ref, office.finance)
    claimed = claim(1)
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(services.WrongWord):
            pay(claimed.voucher, office.cashier, word="WRONG")
        with transaction():
            assert (
                services.count_wrong_word(share_ref=claimed.voucher, actor_id=office.cashier.id, now=NOW)
                == left
            )
    for word, receipt in ((claimed.word, ""), ("", "R-1")):
        with pytest.raises(TooMany):
            pay(claimed.voucher, office.cashier, word=word, receipt=receipt)
    later = NOW + timedelta(hours=24)
    assert pay(claimed.voucher, office.cashier, word=claimed.word, now=later).state == "paid"


def test_a_receipt_pays_where_the_word_is_lost_and_nothing_pays_without_either(office):
    approve(propose().ref, office.finance)
    voucher = claim(1).voucher
    with pytest.raises(Invalid):
        pay(voucher, office.cashier)
    assert pay(voucher, office.cashier, receipt="Slip 17").state == "paid"
    with pytest.raises(Conflict):
        pay(voucher, office.cashier, receipt="Slip 17")
    entry = db.session.scalar(sa.select(LedgerEntry).where(LedgerEntry.kind == "settle"))
    assert entry.ref["receipt"] == "Slip 17"


def test_what_nobody_collects_lapses_once(office):
    proposal = propose()
    approve(proposal.ref, office.finance)
    end = only_share(proposal.ref).expires_at
    with transaction():
        assert services.expire_due(now=end - timedelta(microseconds=1)) == 0
    assert services.summary_for_tip(tip_id=1, now=end).state == "lapsed"
    with transaction():
        assert services.expire_due(now=end) == 1
    with transaction():
        assert services.expire_due(now=end) == 0
    assert services.summary_for_tip(tip_id=1, now=end).state == "lapsed"
    assert (balances()[1], reward(proposal.ref).state) == (5_000_000, "settled")


def test_the_same_request_is_answered_once_and_a_changed_one_is_refused(office):
    key = new_key()
    with transaction():
        first = put_in(500, key=key)
    with transaction():
        assert put_in(500, key=key) == first
    for change in ({"amount": 501}, {"amount": 500, "actor_id": office.finance.id}):
        with pytest.raises(Conflict), transaction():
            put_in(change["amount"], actor_id=change.get("actor_id"), key=key)
    assert entries() == ["fund", "fund"]
    proposal = propose()
    with pytest.raises(Conflict):
        approve(proposal.ref, office.finance, key=key)
    assert approve(proposal.ref, office.finance, key="approve-once") == approve(
        proposal.ref, office.finance, key="approve-once"
    )


def test_a_refused_attempt_does_not_use_up_its_key(office):
    proposal = propose()
    with pytest.raises(NotAllowed):
        approve(proposal.ref, office.officer, key="same-key-twice")
    assert approve(proposal.ref, office.finance, key="same-key-twice").state == "approved"


def test_a_request_key_is_neither_missing_nor_endless(office):
    for key in ("short", "x" * 201):
        with pytest.raises(Invalid), transaction():
            put_in(1, key=key)


def test_deposits_of_odd_amounts_are_refused(office):
    for amount in (0, -1, 1.5, True, "5", 2**53, None):
        with pytest.raises(Invalid), transaction():
            put_in(amount)


def test_deposits_name_their_source_and_statement(office):
    details = {"fund": "GEN", "amount_minor": 1, "actor_id": None, "key": new_key(), "now": NOW}
    for source, reference in (("two words", "r"), ("a:b", "r"), ("Treasury", " ")):
        with pytest.raises(Invalid), transaction():
            services.deposit(source=source, reference=reference, **details)


def test_a_balance_cannot_grow_past_what_the_books_count(office):
    with pytest.raises(Conflict), transaction():
        put_in(9_000_000_000_000_000)


def test_funds_are_opened_once_and_keep_their_currency(office):
    with transaction():
        assert services.ensure_fund(code="GEN", currency="USD", now=NOW).available == 5_000_000
        services.ensure_fund(code="UG", currency="UGX", name="Uganda", now=NOW)
    assert [fund.code for fund in services.list_funds()] == ["GEN", "UG"]
    for code, currency, error in (("GEN", "EUR", Conflict), ("g", "USD", Invalid), ("XX", "XXX", Invalid)):
        with pytest.raises(error), transaction():
            services.ensure_fund(code=code, currency=currency, now=NOW)
    with pytest.raises(NotFound), transaction():
        services.deposit(
            fund="NONE", amount_minor=1, source="X", reference="r", actor_id=None, key=new_key(), now=NOW
        )


def test_unknown_rewards_and_vouchers_are_not_found(office):
    with pytest.raises(NotFound):
        approve("R-NONE", office.finance, snapshot="x")
    with pytest.raises(NotFound):
        pay("V-NONE", office.cashier, receipt="r")


def test_tips_are_told_once_that_something_waits(office):
    proposal = propose()
    assert services.unannounced() == ()
    approve(proposal.ref, office.finance)
    (waiting,) = services.unannounced()
    assert waiting.tip_id == 1
    with transaction():
        services.mark_announced(share_ids=[waiting.share_id], now=NOW)
    assert services.unannounced() == ()


def test_a_clock_set_back_never_puts_a_later_link_before_an_earlier_one(office):
    propose()
    with transaction():
        services.propose(
            case_id=2, case_number="C-2026-000002", outcome=outcome(tip(2), value=1_840_000), actor_id=None,
            now=NOW - timedelta(days=30),
        )  # fmt: skip
    times = db.session.scalars(sa.select(LedgerEntry.recorded_at).order_by(LedgerEntry.seq)).all()
    assert times == sorted(times)
    effective = db.session.scalars(sa.select(LedgerEntry.effective_on).order_by(LedgerEntry.seq)).all()
    assert effective[-1] < effective[0]


def test_a_preview_stores_nothing(office):
    with transaction():
        calculation = services.preview(outcome=outcome(tip(score=72), value=1_840_000), now=NOW)
    assert calculation.pool == 106_500
    assert services.reward_of_case(case_id=1) is None
    with pytest.raises(Invalid):
        services.preview(outcome=outcome(tip(grade="splendid")), now=NOW)


def test_the_vault_of_another_installation_makes_other_words(office):
    approve(propose().ref, office.finance)
    claimed = claim(1, key="some-request")
    other = replace(vault(), pepper="another pepper, just as long as that")
    with transaction():
        again = services.claim(tip_id=1, key="some-request", vault=other, now=NOW)
    assert again.word != claimed.word
