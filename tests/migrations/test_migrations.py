"""Models equal the schema, and a filled database survives the way down and up."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

import cases.services as case_services
from core import audit
from core.db import db, transaction
from core.migrating import alembic_config
from tests.builders import cases as casework
from tests.builders import reward_office as office
from tests.builders.tips import load_town, make_tip

GUARDED = ("audit_events", "ledger_entries", "case_transitions")


def migrate(runner, *args: str) -> None:
    db.session.remove()
    db.engine.dispose()
    done = runner.invoke(args=["db", *args])
    assert done.exit_code == 0, f"{done.output}\n{done.exception!r}"


def fill() -> None:
    load_town()
    make_tip()
    people = office.open_office()
    filed = casework.file_new(code="999999")
    (tip_id,) = [link.tip_id for link in case_services.links_of_case(filed.case_id)]
    casework.work_until_review(filed.case_id, [tip_id], casework.make_actor())
    office.approve(office.propose().ref, people.director)
    with transaction():
        audit.seal()


def triggers() -> set[str]:
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if db.engine.dialect.name == "sqlite"
        else "SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    found = set(db.session.scalars(sa.text(query)))
    db.session.rollback()
    return found


def tables() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names())


def test_the_chain_of_revisions_has_one_head_and_numbers_in_order():
    scripts = ScriptDirectory.from_config(alembic_config())
    assert len(scripts.get_heads()) == 1
    revisions = [script.revision for script in scripts.walk_revisions()][::-1]
    assert revisions == [f"{number:04d}" for number in range(1, len(revisions) + 1)]


def test_the_models_equal_the_migrated_schema(runner):
    migrate(runner, "check")


def test_a_filled_database_goes_down_to_nothing_and_up_again(runner):
    fill()
    guards, names = triggers(), tables()
    migrate(runner, "downgrade", "base")
    assert tables() <= {"alembic_version"}
    assert triggers() == set()
    migrate(runner, "upgrade")
    assert tables() == names
    assert triggers() == guards
    fill()
    assert db.session.scalar(sa.text("SELECT count(*) FROM case_transitions"))


@pytest.mark.parametrize("table", GUARDED)
def test_append_only_tables_refuse_change_and_removal(app, table):
    fill()
    for statement in (f"UPDATE {table} SET id = id + 1000", f"DELETE FROM {table}"):
        with pytest.raises(sa.exc.DBAPIError), transaction():
            db.session.execute(sa.text(statement))
    assert db.session.scalar(sa.text(f"SELECT count(*) FROM {table}"))


def test_a_database_that_is_not_migrated_is_not_ready(runner, client):
    assert client.get("/readyz").status_code == 200
    migrate(runner, "downgrade", "0003")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["reason"]) == (503, "migrations")
    migrate(runner, "upgrade")
    assert client.get("/readyz").status_code == 200
