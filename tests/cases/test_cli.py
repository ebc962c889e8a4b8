from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from cases.models import Unit
from core.db import db
from tests.builders.cases import file_into, file_new, make_actor, move_to


def test_the_export_holds_one_row_a_case(app, runner, monkeypatch):
    monkeypatch.setattr("cases.queries.EXPORT_BATCH", 2)
    one, other, third = file_new(), file_new(), file_new()
    file_into(other.case_id)
    move_to(one.case_id, "merged", actor=make_actor(), survivor_id=other.case_id)
    result = runner.invoke(args=["cases", "export", "--format", "jsonl"])
    rows = [json.loads(line) for line in result.output.splitlines()]
    assert [row["number"] for row in rows] == [one.number, other.number, third.number]
    assert [(row["state"], row["survivor"], len(row["tips"])) for row in rows] == [
        ("merged", other.number, 0),
        ("open", None, 3),
        ("open", None, 1),
    ]


@pytest.mark.parametrize("name", ["csv", "geojson"])
def test_other_formats_print_too(app, runner, name):
    filed = file_new()
    result = runner.invoke(args=["cases", "export", "--format", name])
    assert result.exit_code == 0
    assert filed.number in result.output


def test_routing_is_loaded_from_a_file(app, runner, tmp_path):
    file = tmp_path / "routing.json"
    file.write_text(json.dumps({"units": [{"key": "patrol", "name": "River patrol"}]}))
    result = runner.invoke(args=["cases", "route", str(file)])
    assert result.output == "1 units, 0 areas, 0 rules.\n"
    assert db.session.scalar(sa.select(Unit.name).where(Unit.key == "patrol")) == "River patrol"


@pytest.mark.parametrize(
    ("text", "said"), [("{\n]", "line 2 is not JSON"), ('{"units": []}', "units: "), ("[]", "form: ")]
)
def test_a_routing_file_that_does_not_fit_is_refused_with_where(app, runner, tmp_path, text, said):
    file = tmp_path / "routing.json"
    file.write_text(text)
    result = runner.invoke(args=["cases", "route", str(file)])
    assert result.exit_code == 1
    assert said in result.output
