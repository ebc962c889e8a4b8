"""The guards that a migration makes are the guards that the product expects."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from rewards import guards
from rewards.cli import rewards_cli
from tests.builders.reward_office import open_office, put_in


@pytest.fixture(autouse=True)
def looked_up_again(app):
    yield
    guards.forget()


def drop(name):
    on = "" if db.engine.dialect.name == "sqlite" else " ON ledger_legs"
    db.session.execute(sa.text(f"DROP TRIGGER {name}{on}"))
    db.session.commit()


def test_a_migrated_database_has_every_guard_with_its_text(app):
    assert guards.found() == guards.expected(db.engine.dialect.name)
    assert list(guards.faults()) == []


def test_f15_after_a_guard_was_dropped_nothing_is_booked(app):
    open_office()
    guards.forget()
    drop("ledger_legs_post")
    with pytest.raises(guards.GuardsGone), transaction():
        put_in(700)


def test_f15_a_guard_that_was_weakened_is_noticed(app, runner):
    drop("ledger_legs_post")
    if db.engine.dialect.name == "sqlite":
        weak = "CREATE TRIGGER ledger_legs_post AFTER INSERT ON ledger_legs BEGIN SELECT 1; END"
    else:
        weak = (
            "CREATE TRIGGER ledger_legs_post AFTER INSERT ON ledger_legs FOR EACH ROW "
            "EXECUTE FUNCTION books_leg_guard()"
        )
    db.session.execute(sa.text(weak))
    db.session.commit()
    result = runner.invoke(rewards_cli, ["guards"])
    assert (result.exit_code, "ledger_legs_post" in result.output) == (1, True)
    assert "altered or switched off" in result.output


def test_a_trigger_that_is_not_ours_is_noticed(app):
    function = "books_leg_guard()"
    made = (
        "CREATE TRIGGER stranger AFTER INSERT ON ledger_legs BEGIN SELECT 1; END"
        if db.engine.dialect.name == "sqlite"
        else f"CREATE TRIGGER stranger AFTER INSERT ON ledger_legs FOR EACH ROW EXECUTE FUNCTION {function}"
    )
    db.session.execute(sa.text(made))
    assert ("stranger", "this trigger on the books is not ours") in list(guards.faults())
    db.session.rollback()


def test_f15_a_starting_server_says_that_a_guard_is_gone_and_starts(app):
    guards.forget()
    assert guards.look(app)
    guards.forget()
    drop("ledger_legs_post")
    assert not guards.look(app)
