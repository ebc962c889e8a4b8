from __future__ import annotations

import csv
import io
import json

import pytest

from core.spreadsheets import DANGEROUS
from tests.builders.tips import BOAT, load_town, make_tip

FIELDS = [
    "external_id", "code", "received_at", "channel", "text", "is_noise", "case", "relation", "match_probability",
    "suggestions", "category", "category_probability", "language", "lat", "lon", "radius_m", "located_by",
    "observables",
]  # fmt: skip
FORMULAS = ["=1+1", "+SUM(A1)", "-2+3", "@cmd", '=HYPERLINK("http://evil","x")', "\uff1d1"]


def run(runner, kind: str) -> str:
    done = runner.invoke(args=["tips", "export", "--format", kind])
    assert done.exit_code == 0, done.exception
    return done.stdout


@pytest.mark.parametrize("kind", ["jsonl", "csv", "geojson"])
def test_no_number_of_a_sender_is_in_the_export(runner, kind):
    load_town()
    make_tip(sender="+66812345678")
    make_tip(sender="0812345678", channel="web", minutes=3)
    text = run(runner, kind)
    assert "812345678" not in text.replace(" ", "").replace("-", "")


def test_a_row_has_the_fields_of_the_contract_in_their_order(runner):
    load_town()
    make_tip()
    make_tip("hello", minutes=1)
    first, second = (json.loads(line) for line in run(runner, "jsonl").splitlines())
    assert list(first) == list(second) == FIELDS
    assert (first["is_noise"], first["relation"], first["match_probability"]) == (False, "first", None)
    assert first["case"].startswith("C-2026-")
    assert first["received_at"] == "2026-03-02T08:00:00Z"
    assert {"kind": "plate", "value": "704418"} in first["observables"]
    assert (second["is_noise"], second["case"], second["relation"], second["suggestions"]) == (
        True,
        None,
        None,
        [],
    )


def test_a_tip_that_joined_says_with_which_probability(runner):
    load_town()
    make_tip()
    make_tip(f"{BOAT} now", sender="+66800000002", minutes=4)
    _, second = (json.loads(line) for line in run(runner, "jsonl").splitlines())
    assert second["relation"] == "corroborates"
    assert 0.5 < second["match_probability"] <= 1


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_the_table_is_a_formula(runner, text):
    make_tip(text)
    rows = list(csv.DictReader(io.StringIO(run(runner, "csv"))))
    assert list(rows[0]) == FIELDS
    assert rows[0]["text"] == f"'{text}"
    assert not any(value.startswith(DANGEROUS) for value in rows[0].values())


def test_numbers_stay_numbers_in_the_table(runner):
    load_town()
    make_tip("cigarettes on a boat", device=(16.7012, 98.5085))
    (row,) = csv.DictReader(io.StringIO(run(runner, "csv")))
    assert (float(row["lat"]), float(row["lon"])) == (16.7012, 98.5085)
    assert json.loads(row["suggestions"]) == []


def test_the_map_file_has_points_and_keeps_tips_without_one(runner):
    load_town()
    make_tip()
    make_tip("a man sells stolen phones somewhere", minutes=2)
    collection = json.loads(run(runner, "geojson"))
    placed, unplaced = collection["features"]
    lon, lat = placed["geometry"]["coordinates"]
    assert (round(lat, 1), round(lon, 1)) == (16.7, 98.5)
    assert unplaced["geometry"] is None
    assert set(placed["properties"]) == set(FIELDS) - {"lat", "lon"}


def test_an_empty_database_exports_empty_files(runner):
    assert run(runner, "jsonl") == ""
    assert run(runner, "csv").strip() == ",".join(FIELDS)
    assert json.loads(run(runner, "geojson")) == {"type": "FeatureCollection", "features": []}


def test_every_tip_is_exported_once_in_order_across_batches(runner, monkeypatch):
    monkeypatch.setattr("tips.export.BATCH", 2)
    tips = [make_tip(f"{BOAT} {n}", minutes=n // 3) for n in range(7)]
    codes = [json.loads(line)["code"].replace("-", "") for line in run(runner, "jsonl").splitlines()]
    assert codes == [tip.code for tip in tips]
