"""F7: clocks that disagree, are set back or leap; what was recorded when never runs backwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from rewards import checks, rows, services
from rewards.cli import rewards_cli
from rewards.models import LedgerEntry, RewardEvent
from tests.builders.reward_office import NOW, approve, claim, only_share, open_office, propose, put_in
from tests.rewards.test_checks import tamper


@pytest.fixture
def office(app):
    yield open_office()
    assert checks.check().violations == ()


def recorded():
    rows = db.session.execute(
        sa.union_all(
            sa.select(LedgerEntry.seq, LedgerEntry.recorded_at),
            sa.select(RewardEvent.seq, RewardEvent.recorded_at),
        )
    )
    return [moment for _, moment in sorted(tuple(row) for row in rows)]


@pytest.mark.parametrize("off", [timedelta(days=-1), timedelta(days=1), timedelta(days=-3650)])
def test_f7_the_database_says_when_something_was_recorded_and_not_the_application(office, off):
    wrong = datetime.now(UTC) + off
    with transaction():
        services.deposit(
            fund="GEN", amount_minor=5, source="Treasury", reference="S", actor_id=None, key="a wrong clock",
            now=wrong,
        )  # fmt: skip
    entry = db.session.scalars(sa.select(LedgerEntry).order_by(LedgerEntry.id.desc())).first()
    assert abs(entry.recorded_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert abs(entry.effective_on - wrong.date()) <= timedelta(days=1)


def test_f7_a_database_clock_that_was_set_back_waits_for_the_last_link(office, monkeypatch):
    engine = db.engine.dialect.name
    earlier = "'2020-01-01 00:00:00.000000'" + ("::timestamptz" if engine == "postgresql" else "")
    before = recorded()[-1]
    monkeypatch.setitem(rows.CLOCKS, engine, earlier)
    with transaction():
        put_in(5)
    propose()
    assert recorded() == sorted(recorded())
    assert recorded()[-1] == before


def test_f7_a_recorded_time_that_runs_backwards_is_named(app):
    open_office()
    earlier = "recorded_at = '2020-01-01 00:00:00+00:00'"
    put = db.session.scalar(sa.select(sa.func.count()).select_from(LedgerEntry))
    with transaction():
        put_in(5)
    tamper(f"UPDATE ledger_entries SET {earlier} WHERE id = {put + 1}")
    words = {str(violation) for violation in checks.check().violations}
    assert f"I8 seq {put + 1}: was recorded before the link before it" in words


@pytest.mark.parametrize(("microseconds", "collected"), [(-1, True), (0, False), (1, False)])
def test_f7_a_claim_is_judged_to_the_microsecond(office, microseconds, collected):
    ref = propose().ref
    approve(ref, office.finance)
    moment = only_share(ref).expires_at + timedelta(microseconds=microseconds)
    if collected:
        assert claim(1, now=moment).voucher == only_share(ref).ref
    else:
        with pytest.raises(services.NothingToCollect):
            claim(1, now=moment)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), "2026-03-29"),
        (datetime(2026, 10, 25, 1, 0, tzinfo=UTC), "2026-10-25"),
        (datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), "2026-12-31"),
    ],
)
def test_f7_days_are_those_of_the_deployment_whatever_the_season(office, moment, day):
    with transaction():
        services.deposit(
            fund="GEN", amount_minor=5, source="Treasury", reference="S", actor_id=None, key="around midnight",
            now=moment,
        )  # fmt: skip
    newest = db.session.scalars(sa.select(LedgerEntry).order_by(LedgerEntry.id.desc())).first()
    assert newest.effective_on.isoformat() == day
    assert NOW.tzinfo is UTC


def test_f7_a_leap_second_is_no_time_at_all(office, runner):
    answer = runner.invoke(rewards_cli, ["export", "--as-of", "2026-12-31T23:59:60"])
    assert answer.exit_code == 2
