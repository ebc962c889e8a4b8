from __future__ import annotations

import pytest
import sqlalchemy as sa

from core import audit
from core.audit import AuditEvent
from core.db import db, transaction
from tests.builders.tips import MORNING

GUARDS = {
    "sqlite": ("audit_events_no_delete", "audit_events_no_replace", "audit_events_seal_once"),
    "postgresql": ("audit_events_guard",),
}


def write(number: int = 3, *, seal: bool = True) -> None:
    with transaction():
        for position in range(number):
            audit.record(
                action="case.opened",
                subject=("case", position),
                actor_id=None,
                detail={"tip": position, "words": "ครับ"},
                at=MORNING,
            )
    if seal:
        with transaction():
            audit.seal()


def tamper(statement: str) -> None:
    """Change the table as its owner could: the guards are taken away first."""
    with transaction():
        for name in GUARDS[db.engine.dialect.name]:
            on = " ON audit_events" if db.engine.dialect.name == "postgresql" else ""
            db.session.execute(sa.text(f"DROP TRIGGER {name}{on}"))
        db.session.execute(sa.text(statement))


def test_a_chain_that_nobody_touched_holds(app):
    write(3)
    write(2)
    links, broken = audit.verify()
    assert (links, broken) == (5, None)
    assert audit.head()[0] == 5


def test_an_empty_chain_holds(app):
    assert audit.verify() == (0, None)
    assert audit.head() == (0, "00" * 32)


@pytest.mark.parametrize(
    ("statement", "link", "reason"),
    [
        ("UPDATE audit_events SET action = 'case.closed' WHERE seq = 2", 2, "its content has been changed"),
        ("UPDATE audit_events SET actor_id = 9 WHERE seq = 2", 2, "its content has been changed"),
        ("UPDATE audit_events SET subject_id = '9' WHERE seq = 3", 3, "its content has been changed"),
        ("UPDATE audit_events SET detail = '{}' WHERE seq = 1", 1, "its content has been changed"),
        ("UPDATE audit_events SET request_id = 'x' WHERE seq = 1", 1, "its content has been changed"),
        ("DELETE FROM audit_events WHERE seq = 1", 1, "this link is missing"),
        ("DELETE FROM audit_events WHERE seq = 2", 2, "this link is missing"),
        (
            "UPDATE audit_events SET prev_hash = (SELECT hash FROM audit_events WHERE seq = 3) WHERE seq = 2",
            2,
            "it does not follow the link before it",
        ),
        (
            "UPDATE audit_events SET hash = (SELECT hash FROM audit_events WHERE seq = 3) WHERE seq = 2",
            2,
            "its content has been changed",
        ),
    ],
)
def test_each_way_of_tampering_is_named_with_its_link(runner, statement, link, reason):
    write(4)
    tamper(statement)
    links, broken = audit.verify()
    assert (links, broken) == (link - 1, audit.BrokenLink(link, reason))
    db.session.rollback()
    done = runner.invoke(args=["audit", "verify"])
    assert done.exit_code == 1
    assert f"link {link}: {reason}" in done.output


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET action = 'x'",
        "UPDATE audit_events SET seq = NULL, hash = NULL",
        "UPDATE audit_events SET action = 'x', seq = 99 WHERE seq IS NULL",
        "DELETE FROM audit_events",
        "INSERT OR REPLACE INTO audit_events SELECT * FROM audit_events",
        "TRUNCATE audit_events",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_event(app, statement):
    only = {"INSERT OR REPLACE": "sqlite", "TRUNCATE": "postgresql"}
    if any(statement.startswith(words) and db.engine.dialect.name != name for words, name in only.items()):
        pytest.skip("a statement of the other engine")
    write(2)
    write(1, seal=False)
    with pytest.raises(sa.exc.DBAPIError), transaction():
        db.session.execute(sa.text(statement))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEvent)) == 3
    assert audit.verify() == (2, None)


def test_the_command_seals_what_waits_and_tells_the_head(runner):
    write(3, seal=False)
    done = runner.invoke(args=["audit", "verify"])
    assert done.exit_code == 0
    assert "3 links hold; the head is 3 " in done.output
    assert done.output.split()[-1] == audit.head()[1]


def test_sealing_takes_events_in_order_and_in_bounded_steps(app):
    write(5, seal=False)
    with transaction():
        assert audit.seal(limit=2) == 2
    with transaction():
        assert audit.seal() == 3
        assert audit.seal() == 0
    pairs = db.session.execute(sa.select(AuditEvent.id, AuditEvent.seq).order_by(AuditEvent.id)).all()
    assert [seq for _, seq in pairs] == [1, 2, 3, 4, 5]


def test_an_event_is_rolled_back_with_the_act_it_describes(app):
    def act_and_fail() -> None:
        with transaction():
            audit.record(action="x", subject=("case", 1), actor_id=None)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act_and_fail()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEvent)) == 0
