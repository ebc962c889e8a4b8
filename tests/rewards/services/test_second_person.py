"""Steps about one voucher that take two people."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from core.errors import Conflict, Invalid, NotAllowed
from rewards import books, checks, ledger, queries, services
from rewards.models import LedgerEntry, RewardEvent
from rewards.services import moving
from rewards.services.second_person import owed_back, possible
from rewards.violations import separation_of_duties
from rewards.workflow_kinds import AskedFor
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
)


@pytest.fixture
def office(app):
    yield open_office()
    assert checks.check().violations == ()


@pytest.fixture
def second(office):
    return _member("finance")


def ask(kind, ref, actor, reason="a reason"):
    share = only_share(ref).ref
    with transaction():
        return services.ask(kind=kind, share_ref=share, reason=reason, actor=actor, key=new_key(), now=NOW)


def open_request():
    return db.session.scalars(
        sa.select(SecondPersonRequest.id).order_by(SecondPersonRequest.id.desc())
    ).first()


def confirm(actor, **changes):
    with transaction():
        return services.confirm(
            **{"request_id": open_request(), "actor": actor, "key": new_key(), "now": NOW} | changes
        )


def events():
    return db.session.scalars(sa.select(RewardEvent.kind).order_by(RewardEvent.seq)).all()


@pytest.fixture
def claimed(office):
    ref = propose().ref
    approve(ref, office.finance)
    return ref, claim(1)


@pytest.fixture
def paid(office, claimed):
    ref, _ = claimed
    pay(only_share(ref).ref, office.cashier, receipt="slip 7")
    return ref


def test_a_new_word_kills_the_old_one_and_reaches_only_the_holder_of_the_tip(office, second, claimed):
    ref, old = claimed
    ask("new_word", ref, office.cashier)
    assert queries.live_claim_code(only_share(ref).id) is not None
    confirm(second)
    assert services.summary_for_tip(tip_id=1, now=NOW).state == "ready"
    with pytest.raises(services.WrongWord):
        pay(only_share(ref).ref, office.cashier, word=old.word)
    new = claim(1)
    assert new.word != old.word
    assert (new.voucher, new.amount_minor) == (old.voucher, old.amount_minor)
    with pytest.raises(services.WrongWord):
        pay(only_share(ref).ref, office.cashier, word=old.word)
    assert pay(only_share(ref).ref, office.cashier, word=new.word).state == "paid"
    assert [kind for kind in events() if "word" in kind] == [
        "new_word_asked",
        "word_revoked",
        "word_given_anew",
    ]
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(sa.select(table)):
            assert new.word not in repr(tuple(row)), table.name


def test_the_new_word_is_given_once_and_again_for_the_same_request_only(office, second, claimed):
    ask("new_word", claimed[0], office.cashier)
    confirm(second)
    key = new_key()
    assert claim(1, key=key).word == claim(1, key=key).word
    with pytest.raises(services.NothingToCollect):
        claim(1)


def test_the_request_that_gave_the_dead_word_gives_it_no_more(office, second):
    ref, key = propose().ref, new_key()
    approve(ref, office.finance)
    claim(1, key=key)
    ask("new_word", ref, office.cashier)
    confirm(second)
    with pytest.raises(services.NothingToCollect):
        claim(1, key=key)


def test_a_locked_voucher_is_freed_by_a_new_word(office, second, claimed):
    ref, old = claimed
    share = only_share(ref).ref
    for _ in range(5):
        with transaction():
            services.count_wrong_word(share_ref=share, actor_id=office.cashier.id, now=NOW)
    ask("new_word", ref, office.cashier)
    confirm(second)
    new = claim(1)
    assert pay(share, office.cashier, word=new.word).state == "paid"


def test_its_sender_is_told_again_that_something_waits(office, second, claimed):
    ref, _ = claimed
    with transaction():
        services.mark_announced(share_ids=[only_share(ref).id], now=NOW)
    assert services.unannounced() == ()
    ask("new_word", ref, office.cashier)
    confirm(second)
    assert [row.tip_id for row in services.unannounced()] == [1]


@pytest.mark.parametrize("kind", ["new_word", "cancel", "clawback"])
def test_nobody_confirms_what_they_asked_for_approved_or_worked_on(office, kind):
    worker = _member("finance")
    ref = propose(involved={worker.person_id: "intake"}).ref
    approve(ref, office.finance)
    if kind != "cancel":
        claim(1)
    if kind == "clawback":
        pay(only_share(ref).ref, office.cashier, receipt="slip")
    with pytest.raises(NotAllowed):
        ask(kind, ref, office.officer)
    with pytest.raises(NotAllowed):
        ask(kind, ref, worker)
    ask(kind, ref, office.cashier)
    for nobody in (office.cashier, office.finance, worker, office.officer):
        with pytest.raises(NotAllowed):
            confirm(nobody)
    confirm(office.director)
    assert list(separation_of_duties()) == []


def test_a_second_account_of_the_same_human_does_not_help(office, claimed):
    twin = _member("director")
    merged = type(twin)(twin.id, office.cashier.person_id, twin.email, twin.name, twin.role)
    ask("new_word", claimed[0], office.cashier)
    with pytest.raises(NotAllowed):
        confirm(merged)


def test_the_database_itself_refuses_one_person_for_both(office, claimed):
    ask("new_word", claimed[0], office.cashier)
    one = {
        "state": "confirmed",
        "decided_by": office.cashier.id,
        "decided_person": office.cashier.person_id,
        "decided_at": NOW,
    }
    with pytest.raises(sa.exc.IntegrityError):
        db.session.execute(sa.update(SecondPersonRequest).values(**one))
    db.session.rollback()


def test_a_cancellation_by_two_frees_the_money(office):
    ref = propose().ref
    approve(ref, office.finance)
    free = books.balance(queries.fund_by_code("GEN").id, ledger.AVAILABLE)
    ask("cancel", ref, office.cashier)
    assert only_share(ref).state == "approved"
    assert confirm(office.director).state == "cancelled"
    assert books.balance(queries.fund_by_code("GEN").id, ledger.AVAILABLE) == free - 106_500


def test_a_claim_between_asking_and_confirming_wins(office):
    ref = propose().ref
    approve(ref, office.finance)
    ask("cancel", ref, office.cashier)
    claim(1)
    with pytest.raises(Conflict):
        confirm(office.director)
    assert only_share(ref).state == "claimed"


def test_fraud_is_asked_back_comes_in_parts_and_the_rest_is_given_up(office, second, paid):
    ask("clawback", paid, office.cashier)
    assert confirm(second).entry
    assert owed_back(only_share(paid)) == 106_500
    with pytest.raises(Conflict):
        ask("clawback", paid, office.cashier)

    def receive(amount, reference="S-1/4", key=None):
        with transaction():
            return services.receive_back(
                share_ref=only_share(paid).ref, amount_minor=amount, reference=reference, actor=office.cashier,
                key=key or new_key(), now=NOW,
            )  # fmt: skip

    receive(6_500)
    with pytest.raises(Conflict):
        receive(1, reference="S-1/4")
    with pytest.raises(books.NotEnough):
        receive(100_001, reference="S-1/5")
    receive(60_000, reference="S-1/5")
    ask("write_off", paid, office.cashier)
    confirm(second)
    assert owed_back(only_share(paid)) == 0
    fund = queries.fund_by_code("GEN").id
    assert books.balance(fund, ledger.RECOVERED) == -66_500
    assert books.balance(fund, ledger.BANK) == 5_000_000 - 106_500 + 66_500
    assert possible(only_share(paid)) == ()


def test_what_makes_no_sense_now_is_refused_with_its_reason(office, claimed):
    ref, _ = claimed
    for kind in ("cancel", "clawback", "write_off"):
        with pytest.raises(Conflict, match="claimed"):
            ask(kind, ref, office.cashier)
    assert possible(only_share(ref)) == (AskedFor.NEW_WORD,)
    with pytest.raises(Invalid):
        ask("new_word", ref, office.cashier, reason=" ")
    ask("new_word", ref, office.cashier)
    with pytest.raises(Conflict, match="asked for already"):
        ask("new_word", ref, office.director)


def test_a_request_is_refused_or_taken_back_and_can_be_made_again(office, second, claimed):
    ref, old = claimed
    ask("new_word", ref, office.cashier)
    with transaction():
        services.refuse(request_id=open_request(), actor=office.cashier, key=new_key(), now=NOW)
    with pytest.raises(Conflict):
        confirm(second)
    ask("new_word", ref, office.cashier)
    confirm(second)
    assert "new_word_refused" in events()


def test_the_same_confirmation_twice_is_done_once(office, second, claimed):
    ask("new_word", claimed[0], office.cashier)
    key, request = new_key(), open_request()
    first = confirm(second, key=key, request_id=request)
    assert confirm(second, key=key, request_id=request) == first
    assert events().count("word_revoked") == 1


def test_a_tip_holder_says_got_or_not_and_the_books_keep_it(office, paid):
    def say(got, tip_id=1, now=NOW):
        with transaction():
            return services.answer_collection(tip_id=tip_id, got=got, channel="sms", now=now)

    assert say(False)
    assert say(False, now=NOW + timedelta(hours=1))
    assert events().count("resident_got_nothing") == 1
    assert say(True)
    assert say(True, tip_id=99) is False
    assert events()[-1] == "resident_got"


def test_money_that_was_asked_back_neither_comes_back_nor_is_unpaid_behind_the_claim(office, second, paid):
    settled = db.session.scalars(sa.select(LedgerEntry.id).where(LedgerEntry.kind == "settle")).one()
    ask("clawback", paid, office.cashier)
    confirm(second)
    with pytest.raises(Conflict, match="asked back"), transaction():
        moving.returned(share_id=only_share(paid).id, statement_line="S-1/9", actor_id=None, now=NOW)
    undo = {
        "entry": ledger.entry_name(settled),
        "effective_on": NOW.date(),
        "reason": "wrong",
        "key": new_key(),
    }
    with pytest.raises(Conflict, match="Later entries"), transaction():
        services.reverse(actor=office.director, now=NOW, **undo)
