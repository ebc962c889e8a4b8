from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from core.db import db
from tests.builders.tips import TOWN, load_town
from tips.models import Contact, Message, Tip

LINE = {
    "id": "t-1",
    "channel": "sms",
    "from": "+66800000137",
    "text": "Long-tail boat unloading cartons of cigarettes at Rim Moei market",
    "received_at": "2026-03-01T10:40:03+07:00",
}
BAD = LINE | {"id": "t-2"}
BAD_LINES = [
    "not json",
    "[1, 2]",
    '{"id": "t-2"}',
    json.dumps(BAD | {"id": ""}),
    json.dumps(BAD | {"id": "nul\x00"}),
    '{"id": "lone \\ud800", "channel": "sms", "text": "x", "received_at": "2026-03-01T10:40:03Z"}',
    json.dumps(BAD | {"channel": "pigeon"}),
    json.dumps(BAD | {"received_at": "yesterday"}),
    json.dumps(BAD | {"received_at": "2026-03-01T10:40:03"}),
    json.dumps(BAD | {"received_at": "0001-01-01T00:00:00+14:00"}),
    json.dumps(BAD | {"received_at": "9999-12-31T23:59:59-12:00"}),
    json.dumps(BAD | {"lat": 91, "lon": 0}),
    json.dumps(BAD | {"lat": 16.7}),
    json.dumps(BAD | {"lat": float("nan"), "lon": 1}),
    json.dumps(BAD | {"text": "x" * 20_000}),
    json.dumps(BAD | {"text": None}),
    "[" * 100_000,
    "9" * 5_000,
]


def tips() -> list[Tip]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Tip).order_by(Tip.id)))


@pytest.mark.parametrize("bad", BAD_LINES, ids=range(len(BAD_LINES)))
def test_a_bad_line_is_named_by_its_number_and_the_rest_goes_in(runner, tmp_path, bad):
    load_town()
    file = tmp_path / "tips.jsonl"
    file.write_text("\n".join([json.dumps(LINE), bad, "", json.dumps(LINE | {"id": "t-9"})]))
    done = runner.invoke(args=["tips", "replay", str(file)])
    assert done.exit_code == 0, f"{done.output}\n{done.exception!r}"
    assert "line 2 was left out" in done.output
    assert "line 1 " not in done.output
    assert [tip.external_id for tip in tips()] == ["t-1", "t-9"]


def test_bytes_that_are_not_utf8_are_a_bad_line(runner, tmp_path):
    file = tmp_path / "tips.jsonl"
    file.write_bytes(b"\xff\xfe\n" + json.dumps(LINE).encode() + b"\n")
    done = runner.invoke(args=["tips", "replay", str(file)])
    assert "line 1 was left out" in done.output
    assert len(tips()) == 1


def test_each_tip_is_taken_in_at_its_own_time_and_nothing_is_sent(runner, tmp_path):
    load_town()
    file = tmp_path / "tips.jsonl"
    file.write_text(json.dumps(LINE) + "\n")
    assert "1 new case" in runner.invoke(args=["tips", "replay", str(file)]).output
    (tip,) = tips()
    assert tip.received_at.isoformat() == "2026-03-01T03:40:03+00:00"
    assert tip.contact_id == db.session.scalars(sa.select(Contact.id)).one()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Message)) == 0


def test_a_corpus_replayed_twice_adds_nothing_and_changes_nothing(runner, tmp_path):
    load_town()
    file = tmp_path / "tips.jsonl"
    file.write_text("".join((TOWN / "tips.jsonl").read_text().splitlines(keepends=True)[:40]))
    runner.invoke(args=["tips", "replay", str(file)])
    first = runner.invoke(args=["tips", "export"]).stdout
    again = runner.invoke(args=["tips", "replay", str(file)])
    assert "40 known already" in again.output
    assert runner.invoke(args=["tips", "export"]).stdout == first
    assert len(first.splitlines()) == 40


def test_gold_labels_are_never_looked_at(runner, tmp_path):
    load_town()
    file = tmp_path / "tips.jsonl"
    gold = {"category": "weapons", "gold_lat": 1.0, "gold_lon": 1.0, "incident": "i-9", "language": "fr"}
    file.write_text(json.dumps(LINE | gold) + "\n")
    runner.invoke(args=["tips", "replay", str(file)])
    (tip,) = tips()
    assert (tip.category, tip.language) == ("tobacco", "en")
    assert tip.lat > 16
