from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cases.exports import ExportedCase, ExportedSeizure, csv_lines, geojson, jsonl

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CASE = ExportedCase(
    number="C-2026-000014",
    state="closed",
    title="Timber near Pier 4",
    category="timber",
    priority="P2",
    unit="Forest unit",
    area=None,
    place="Pier 4",
    lat=-16.7,
    lon=98.5,
    radius_m=50.0,
    opened_at=NOW,
    closed_at=None,
    first_tip_at=NOW,
    last_tip_at=NOW,
    senders=2,
    confirmed=True,
    disposition="seizure",
    survivor=None,
    tips=("4821-07", "1234-50"),
    seizures=(ExportedSeizure("timber", "Teak", "12.5", "MTQ", 1_840_000, "USD"),),
)


def test_each_line_of_jsonl_is_one_case():
    (row,) = map(json.loads, jsonl([CASE]))
    assert row["number"] == "C-2026-000014"
    assert row["opened_at"] == "2026-03-02T08:00:00Z"
    assert row["tips"] == ["4821-07", "1234-50"]
    assert row["seizures"][0]["value_minor"] == 1_840_000


def test_csv_has_a_header_and_keeps_numbers_as_numbers():
    header, row = csv.reader(csv_lines([CASE]))
    values = dict(zip(header, row, strict=True))
    assert (values["lat"], values["closed_at"], values["tips"]) == ("-16.7", "", "4821-07 1234-50")
    assert values["seizures"] == "Teak: 12.5 MTQ, 1840000 minor USD"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_disarms_what_a_spreadsheet_would_run(start):
    _, row = csv.reader(csv_lines([replace(CASE, place=f"{start}HYPERLINK(1)")]))
    assert f"'{start}HYPERLINK(1)" in row


def test_geojson_is_one_collection_with_longitude_first():
    parsed = json.loads("".join(geojson([CASE, replace(CASE, number="C-2026-000015", lat=None, lon=None)])))
    placed, lost = parsed["features"]
    assert placed["geometry"] == {"type": "Point", "coordinates": [98.5, -16.7]}
    assert placed["properties"]["title"] == "Timber near Pier 4"
    assert lost["geometry"] is None


def test_an_empty_export_is_still_valid():
    assert list(jsonl([])) == []
    assert len(list(csv_lines([]))) == 1
    assert json.loads("".join(geojson([]))) == {"type": "FeatureCollection", "features": []}
