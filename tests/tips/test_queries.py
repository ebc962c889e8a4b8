"""A look-up reads a bounded number of rows, whatever the history."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from core.db import db, execute, table_of, transaction
from tests.builders.tips import make_tip
from tests.tips.matching.tips_seen import seen
from tips import queries
from tips.matching.keys import DAY, Hit, KeyRead, lookup_plan
from tips.models import CaseKey
from tips.services import write_keys

NOW = 1_772_438_400
PLAN = (
    KeyRead(11, 30 * DAY, 5.0, 24),
    KeyRead(12, 30 * DAY, 1.5, 16),
    KeyRead(13, 30 * DAY, 0.5, 5),
)


def write(rows: list[tuple[int, int, int]]) -> None:
    """Write rows of key, time and tip, each tip in a case of its own."""
    with transaction():
        values = [{"key": k, "case_id": tip, "t": t, "tip_id": tip, "first_id": tip} for k, t, tip in rows]
        execute(sa.insert(table_of(CaseKey)), values)


def busy_cell(tips: range) -> None:
    """Write tips under every key of the plan, a minute apart."""
    write([(read.key, NOW - 60 * (tip + 1), tip) for read in PLAN for tip in tips])


def rows_scanned(statement: sa.TextClause, parameters: dict[str, Any]) -> int:
    """Count what the database does: rows out of its scans on PostgreSQL, hundreds of steps of its machine on SQLite."""
    if db.engine.dialect.name == "sqlite":
        steps = 0

        def step() -> int:
            nonlocal steps
            steps += 1
            return 0

        driver = db.session.connection().connection.driver_connection
        driver.set_progress_handler(step, 100)
        execute(statement, parameters).all()
        driver.set_progress_handler(None, 0)
        return steps
    text = sa.text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.text}")
    return scanned(execute(text, parameters).scalar_one()[0]["Plan"])


def scanned(node: dict[str, Any]) -> int:
    own = node["Actual Rows"] * node["Actual Loops"] if "Relation Name" in node else 0
    own += node.get("Rows Removed by Filter", 0) * node["Actual Loops"] if "Relation Name" in node else 0
    return round(own + sum(scanned(part) for part in node.get("Plans", ())))


def analyze() -> None:
    with transaction():
        execute(sa.text("ANALYZE"))


@pytest.mark.parametrize("with_statistics", [False, True])
def test_ten_times_the_history_of_a_cell_costs_a_look_up_nothing(app, with_statistics):
    busy_cell(range(500))
    if with_statistics:
        analyze()
    before = rows_scanned(*queries.hits_statement(PLAN, at=NOW))
    busy_cell(range(500, 5_000))
    if with_statistics:
        analyze()
    after = rows_scanned(*queries.hits_statement(PLAN, at=NOW))
    assert after <= 1.1 * before
    taken = execute(*queries.hits_statement(PLAN, at=NOW, count_only=True)).scalar_one()
    assert taken == sum(read.cases for read in PLAN)


def test_only_the_wanted_footprints_are_read_however_many_tips_there_are(app):
    tip = make_tip()
    write_copies(tip.tip_id, 2_000)
    statement, parameters = footprint_statement([tip.tip_id])
    assert rows_scanned(statement, parameters) <= 3
    assert [found for found, _ in queries.footprints_of([tip.tip_id])] == [tip.tip_id]


def write_copies(tip_id: int, count: int) -> None:
    """Copy a stored tip under other names."""
    columns = [
        column.name
        for column in sa.inspect(queries.Tip).columns
        if column.name not in {"id", "code", "source_key"}
    ]
    listed = ", ".join(columns)
    with transaction():
        execute(
            sa.text(
                f"INSERT INTO tips (code, source_key, {listed}) SELECT :code, :source, {listed} FROM tips WHERE id = :id"
            ),
            [{"code": f"copy{n}", "source": f"copy:{n}", "id": tip_id} for n in range(count)],
        )


def footprint_statement(ids: list[int]) -> tuple[sa.TextClause, dict[str, Any]]:
    """Catch the statement that reads footprints on its way."""
    caught: list[tuple[sa.TextClause, dict[str, Any]]] = []

    def catch(connection, statement, multi, single, options):
        caught.append((statement, dict(single)))

    sa.event.listen(db.engine, "before_execute", catch)
    queries.footprints_of(ids)
    sa.event.remove(db.engine, "before_execute", catch)
    return caught[-1]


def test_noise_has_no_footprint_for_the_matcher(app):
    tip, noise = make_tip(), make_tip("hello", sender="+66800000002")
    assert noise.is_noise
    assert [found for found, _ in queries.footprints_of([tip.tip_id, noise.tip_id])] == [tip.tip_id]


def test_of_each_key_the_freshest_cases_are_read(app):
    dice = random.Random(7)
    moments = {tip: NOW - dice.randrange(20 * DAY) for tip in range(1, 121)}
    rows = [(read.key, t, tip) for read in PLAN for tip, t in moments.items() if dice.random() < 0.25]
    write(rows)
    newest: list[Hit] = []
    for read in PLAN:
        own = sorted(((t, tip) for key, t, tip in rows if key == read.key), reverse=True)[: read.cases]
        newest += [Hit(tip, tip, tip, t, read.weight) for t, tip in own]
    assert sorted(queries.read_hits(PLAN, at=NOW)) == sorted(newest)


def test_what_is_too_old_or_lies_ahead_is_not_read(app):
    write([(11, NOW - 31 * DAY, 1), (11, NOW + 2 * 3_600, 2), (11, NOW + 60, 3)])
    assert [hit.newest_id for hit in queries.read_hits(PLAN, at=NOW)] == [3]


def test_a_case_of_many_tips_takes_one_row_and_hides_no_older_case(app):
    busy = replace(seen(sender="s"), sender=None, exact=0)
    for number in range(40):
        told = replace(busy, tip_id=100 + number, received_at=NOW - 60 * (40 - number))
        with transaction():
            write_keys(told.tip_id, told, case_id=1, secret=b"s")
    with transaction():
        write_keys(7, replace(busy, tip_id=7, received_at=NOW - 9 * DAY), case_id=2, secret=b"s")
    found = queries.read_hits(lookup_plan(busy, secret=b"s"), at=NOW)
    assert {(hit.case_id, hit.newest_id, hit.first_id) for hit in found} == {(1, 139, 100), (2, 7, 7)}


def test_what_came_after_a_tip_is_read_when_it_is_matched_anew(app):
    soon, late, too_late = NOW + 2 * 3_600, NOW + 20 * DAY, NOW + 31 * DAY
    write(
        [(13, soon + n, 10 + n) for n in range(5)] + [(13, late, 50), (11, too_late, 60), (11, NOW - 60, 70)]
    )
    assert {hit.newest_id for hit in queries.read_hits(PLAN, at=NOW, later=True)} == {10, 11, 12, 13, 14}
    assert [hit.newest_id for hit in queries.read_hits(PLAN, at=NOW)] == [70]


def test_no_key_reads_nothing(app):
    assert queries.read_hits((), at=NOW) == []
    assert queries.footprints_of([]) == []
