"""F22, I14: a closed month stays what it was, whoever tries what."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from core.db import db, transaction
from core.errors import Conflict, Invalid, NotAllowed
from rewards import asof, bounds, checks, exporting, reports, services
from rewards.asof import Known
from rewards.cli import rewards_cli
from rewards.models import LedgerPeriod, PeriodBalance
from tests.builders.reward_office import approve, new_key, open_office, propose, put_in
from tests.rewards.test_guards import PAIR, refused, write

APRIL = datetime(2026, 4, 2, 8, 0, tzinfo=UTC)
MARCH_END = date(2026, 3, 31)


def none_waiting(until, since):
    return 0


@pytest.fixture
def office(app):
    office = open_office()
    approve(propose().ref, office.finance)
    return office


@pytest.fixture(autouse=True)
def books_hold(app):
    yield
    db.session.rollback()
    assert checks.check().violations == ()


def soft(actor, name="2026-03", now=APRIL):
    with transaction():
        return services.soft_close(period=name, actor=actor, key=new_key(), now=now)


def shut(actor, name="2026-03", now=APRIL, waiting=none_waiting):
    examined = services.examine(period=name, now=now, unmatched=waiting)
    with transaction():
        return services.close_period(examined=examined, actor=actor, key=new_key(), now=now)


def closed(actor):
    soft(actor)
    shut(actor)


def deposit(actor, day, amount=100):
    with transaction():
        return services.deposit(
            fund="GEN", amount_minor=amount, source="Treasury", reference="S", actor_id=actor.id,
            key=new_key(), now=APRIL, effective_on=day,
        )  # fmt: skip


def test_a_month_is_closed_softly_then_for_good(office):
    before = asof.from_legs(Known(as_of=MARCH_END))
    closed(office.finance)
    row = db.session.scalars(sa.select(LedgerPeriod)).one()
    kept = {row.account_id: row.balance for row in db.session.scalars(sa.select(PeriodBalance))}
    assert (row.state, row.entries, kept) == ("closed", 3, before)
    assert len(row.head_hash) == 32
    line = next(line for line in services.list_periods(now=APRIL) if line.name == "2026-03")
    assert (line.state, line.entries, line.closed_by) == ("closed", 3, office.finance.id)


def test_only_finance_books_into_a_month_that_is_about_to_be_closed(office):
    soft(office.finance)
    for person in (office.director, office.officer):
        with pytest.raises(Conflict, match="Only finance books into 2026-03"):
            deposit(person, MARCH_END)
    assert deposit(office.finance, MARCH_END).entry == "J000004"
    assert deposit(office.director, APRIL.date()).entry == "J000005"


def test_a_soft_close_is_taken_back_and_a_hard_one_never(office):
    soft(office.finance)
    with transaction():
        services.reopen(period="2026-03", actor=office.finance, key=new_key(), now=APRIL)
    assert deposit(office.director, MARCH_END).entry == "J000004"
    closed(office.finance)
    with pytest.raises(Conflict), transaction():
        services.reopen(period="2026-03", actor=office.finance, key=new_key(), now=APRIL)
    for change in ("state = 'soft'", "ends_on = '2026-04-30'", "seq = seq + 1"):
        with pytest.raises(DBAPIError, match="stays closed|keeps its days|closes at the head"):
            db.session.execute(sa.text(f"UPDATE ledger_periods SET {change}"))
        db.session.rollback()
    for statement in ("DELETE FROM ledger_periods", "UPDATE period_balances SET balance = 0",
                      "DELETE FROM period_balances"):  # fmt: skip
        with pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(sa.text(statement))
        db.session.rollback()
    with pytest.raises(DBAPIError, match="sealed|append-only"):
        db.session.execute(
            sa.text("INSERT INTO period_balances SELECT period_id, account_id + 90, 5 FROM period_balances")
        )
    db.session.rollback()


def test_f22_nothing_enters_a_closed_month_neither_by_service_nor_by_hand(office):
    closed(office.finance)
    for day in (MARCH_END, date(2026, 3, 1), date(2020, 1, 1)):
        with pytest.raises(Conflict, match="closed until the end of 2026-03"):
            deposit(office.finance, day)
    assert deposit(office.finance, MARCH_END + timedelta(days=1)).entry == "J000004"
    refused(*write(*PAIR, effective_on=MARCH_END), words="the period is closed")


def test_a_month_is_not_closed_before_its_end_nor_before_the_one_before_it(office):
    with pytest.raises(Conflict, match="not over yet"):
        soft(office.finance, "2026-04")
    may = datetime(2026, 5, 2, tzinfo=UTC)
    soft(office.finance, "2026-04", now=may)
    with pytest.raises(Conflict, match="2026-03"):
        shut(office.finance, "2026-04", now=may)


def test_what_is_in_the_way_is_named(office):
    soft(office.finance)
    with pytest.raises(Conflict, match="3 without a match"):
        shut(office.finance, waiting=lambda *_: 3)
    asked = []
    services.examine(period="2026-03", now=APRIL, unmatched=lambda *days: asked.append(days) or 0)
    assert asked == [(MARCH_END, date(2026, 3, 28))]
    examined = services.examine(period="2026-03", now=APRIL, unmatched=none_waiting)
    with transaction():
        services.reopen(period="2026-03", actor=office.finance, key=new_key(), now=APRIL)
    with pytest.raises(Conflict, match="Examine it again"), transaction():
        services.close_period(examined=examined, actor=office.finance, key=new_key(), now=APRIL)


def test_an_officer_closes_nothing_and_a_period_is_a_month(office):
    with pytest.raises(NotAllowed):
        soft(office.officer)
    with pytest.raises(Invalid):
        soft(office.finance, "March")


def test_f22_the_answer_for_a_closed_day_and_link_is_the_same_for_ever(office):
    closed(office.finance)
    seq = db.session.scalar(sa.select(LedgerPeriod.seq))
    limits = Known(as_of=MARCH_END, seq=seq)
    balances, text = reports.trial_balances(limits), exporting.export(form="hledger", limits=limits)
    deposit(office.finance, MARCH_END + timedelta(days=1), amount=777)
    assert reports.trial_balances(limits) == balances
    assert exporting.export(form="hledger", limits=limits) == text
    assert reports.trial_balances() != balances


def test_balances_from_a_closed_month_on_equal_those_from_the_legs(office):
    for day, amount in ((date(2026, 2, 3), 11), (date(2026, 3, 9), 22), (date(2026, 4, 1), 33)):
        deposit(office.finance, day, amount)
    soft(office.finance, "2026-02")
    shut(office.finance, "2026-02")
    closed(office.finance)
    deposit(office.finance, date(2026, 4, 1), 44)
    newest = checks.check()
    for as_of in (None, date(2025, 1, 1), date(2026, 2, 28), date(2026, 3, 15), MARCH_END, date(2026, 4, 1)):
        for seq in (None, 0, 1, 5, 8, newest.entries + newest.events):
            limits = Known(as_of, seq)
            assert asof.balances(limits) == asof.from_legs(limits), limits


def test_a_key_closes_once(office):
    key = new_key()
    for _ in range(2):
        with transaction():
            services.soft_close(period="2026-03", actor=office.finance, key=key, now=APRIL)
    with pytest.raises(Conflict, match="used for something else"), transaction():
        services.soft_close(period="2026-02", actor=office.finance, key=key, now=APRIL)


def test_the_command_closes_and_says_what_is_in_the_way(office, runner):
    refused = runner.invoke(rewards_cli, ["close", "2026-03"])
    assert (refused.exit_code, "NO  Only finance posts into it" in refused.output) == (1, True)
    assert runner.invoke(rewards_cli, ["close", "2026-03", "--soft"]).exit_code == 0
    assert runner.invoke(rewards_cli, ["close", "2026-03", "--reopen"]).exit_code == 0
    assert runner.invoke(rewards_cli, ["close", "2026-03", "--soft"]).exit_code == 0
    done = runner.invoke(rewards_cli, ["close", "2026-03"])
    assert (done.exit_code, "2026-03 is closed." in done.output) == (0, True)
    assert runner.invoke(rewards_cli, ["close", "soon"]).exit_code == 1


def test_put_in_after_the_close_is_known_later(office):
    seq = reports.chain_head()[0]
    moment = db.session.scalar(sa.text("SELECT MAX(recorded_at) FROM ledger_entries"))
    with transaction():
        put_in(700)
    assert asof.seq_known_at(datetime(2020, 1, 1, tzinfo=UTC)) == 0
    assert asof.seq_known_at(datetime(2099, 1, 1, tzinfo=UTC)) == seq + 1
    assert moment is not None
    before = exporting.export(form="jsonl", limits=Known(seq=seq)).splitlines()
    assert len(before) == seq


def shut_what_is_over(office):
    """Close the oldest month that is open and over, if there is one."""
    lines = [
        line
        for line in services.list_periods(now=APRIL)
        if line.state == "open" and line.ends_on < APRIL.date()
    ]
    if lines:
        soft(office.finance, lines[-1].name)
        shut(office.finance, lines[-1].name)


@given(
    days=st.lists(st.integers(-60, 28), min_size=1, max_size=12),
    questions=st.lists(
        st.tuples(st.none() | st.integers(-70, 40), st.none() | st.integers(0, 20)), max_size=8
    ),
)
@settings(max_examples=25)
def test_f22_any_question_is_answered_from_the_legs_whatever_was_closed(office, days, questions):
    start = date(2026, 3, 2)
    for number, offset in enumerate(days):
        day = max(start + timedelta(days=offset), bounds.first_open_day() or date.min)
        with transaction():
            services.deposit(
                fund="GEN", amount_minor=number + 1, source="Treasury", reference="S", key=new_key(), now=APRIL,
                actor_id=office.finance.id, effective_on=day,
            )  # fmt: skip
    shut_what_is_over(office)
    for offset, seq in questions:
        limits = Known(start + timedelta(days=offset) if offset is not None else None, seq)
        assert asof.balances(limits) == asof.from_legs(limits)
