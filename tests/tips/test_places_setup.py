from __future__ import annotations

import json
import shutil

import pytest
import sqlalchemy as sa

from core.db import db
from core.deployment import DeploymentRow
from tests.builders.tips import TOWN, make_tip
from tips.models import PlaceRow

GOOD = json.loads((TOWN / "deployment.json").read_text())


@pytest.fixture
def folder(tmp_path):
    for name in ("deployment.json", "places.csv", "routing.json"):
        shutil.copy(TOWN / name, tmp_path / name)
    return tmp_path


def load(runner, folder):
    db.session.rollback()
    return runner.invoke(args=["places", "load", str(folder)])


def stored() -> tuple:
    db.session.rollback()
    places = db.session.execute(sa.select(PlaceRow.id, PlaceRow.name, PlaceRow.aliases, PlaceRow.lat)).all()
    units = db.session.scalar(sa.text("SELECT count(*) FROM case_units"))
    return places, units


def test_the_same_folder_twice_changes_no_place_and_no_unit(runner, folder):
    first = load(runner, folder)
    assert first.exit_code == 0, first.output
    before = stored()
    again = load(runner, folder)
    assert "0 new places, 0 updated" in again.output
    assert stored() == before


def test_a_changed_place_is_updated_not_doubled_and_known_at_once(runner, folder):
    load(runner, folder)
    count = len(stored()[0])
    table = (folder / "places.csv").read_text(encoding="utf-8-sig").splitlines()
    name = table[1].split(",")[0]
    moved = {"name": name, "aliases": "Blue Heron Jetty", "lat": "16.71", "lon": "98.51", "kind": "landmark"}
    header = table[0].split(",")
    table[1] = ",".join(moved.get(column, "") for column in header)
    (folder / "places.csv").write_text("\n".join(table))
    assert "0 new places, 1 updated" in load(runner, folder).output
    assert len(stored()[0]) == count
    make_tip("boxes of cigarettes at Blue Heron Jetty now")
    lat = db.session.scalar(sa.text("SELECT lat FROM tips"))
    assert lat == pytest.approx(16.71, abs=0.005)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("deployment.json", "{", "deployment.json is not JSON"),
        ("deployment.json", "[]", "deployment.json"),
        ("deployment.json", json.dumps(GOOD | {"timezone": "Mars/Base"}), "time zone"),
        ("deployment.json", json.dumps(GOOD | {"timezone": "Asia"}), "time zone"),
        ("deployment.json", json.dumps(GOOD | {"timezone": "../../etc/passwd"}), "time zone"),
        ("deployment.json", json.dumps(GOOD | {"country_codes": ["Thailand"]}), "country_codes"),
        ("deployment.json", json.dumps(GOOD | {"languages": []}), "languages"),
        ("deployment.json", json.dumps(GOOD | {"centre": [16.7]}), "centre"),
        ("places.csv", "name,lat,lon\nPier,16.7,98.5\nHill,99,98.5\n", "places.csv, line 3"),
        ("places.csv", "name,lat,lon\n,16.7,98.5\n", "places.csv, line 2"),
        ("places.csv", "title,lat,lon\nPier,16.7,98.5\n", "places.csv, line 2"),
        ("places.csv", "name,lat,lon\nPi\x00er,16.7,x\n", "places.csv, line 2"),
        ("routing.json", "{", "routing.json is not JSON"),
        ("routing.json", "[]", "routing.json"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_nothing_is_stored(runner, folder, name, content, says):
    (folder / name).write_text(content)
    done = load(runner, folder)
    assert done.exit_code == 1, f"{done.output} {done.exception!r}"
    assert says in done.output
    assert "Traceback" not in done.output
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PlaceRow)) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DeploymentRow)) == 0


@pytest.mark.parametrize("name", ["deployment.json", "places.csv"])
def test_a_missing_or_foreign_file_is_named(runner, folder, name):
    (folder / name).write_bytes(b"\xff\xfe\x00")
    assert name in load(runner, folder).output
    (folder / name).unlink()
    done = load(runner, folder)
    assert done.exit_code == 1
    assert name in done.output


def test_a_name_with_hidden_characters_is_cleaned(runner, folder):
    (folder / "places.csv").write_text("name,aliases,lat,lon\nRed \x00Pier,a\x00b;;a\x00b,16.7,98.5\n")
    assert load(runner, folder).exit_code == 0
    ((_, name, aliases, _),) = stored()[0]
    assert (name, aliases) == ("Red Pier", ["ab"])
