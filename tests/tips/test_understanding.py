"""Whatever comes in is recognised, placed, read and remembered, or left alone; nothing raises."""

from __future__ import annotations

import csv
import json
import math
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.folding import fold
from signals.recognise import recognise
from tests.builders.odd_texts import CORPORA, garbled
from tests.tips.places.builders import gazetteer
from tips.inbound import DeviceFix, InboundTip
from tips.matching import Footprint, build_footprint, decide, default_weights, lookup_plan, storage_keys
from tips.matching.footprint import MIN_EXACT
from tips.matching.keys import MAX_READ, MAX_STORED
from tips.places import Gazetteer, Place
from tips.understanding import Town, Understanding, understand

NOW = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)
COUNTRIES = (("MX", "US"), ("TH", "MM"), ("BD", "IN"), ("KE", "UG"), ("GE", "TR"), ())
LANGUAGES = (("es", "en"), ("th", "en", "my", "zh"), ("bn", "hi"), ("sw", "en"), ("ar", "ur"))
AS_WRITTEN = frozenset({"plate", "container", "vin", "serial", "imei", "gtin", "imo"})
devices = st.none() | st.builds(
    DeviceFix, st.floats(-90, 90), st.floats(-180, 180), st.none() | st.floats(0, 1e6)
)


@lru_cache(maxsize=8)
def town(countries: tuple[str, ...] = ("MX", "US"), languages: tuple[str, ...] = ("es", "en")) -> Town:
    return Town(countries, languages, "America/Hermosillo", gazetteer())


def deployment(name: str) -> Town:
    folder = CORPORA / name
    about = json.loads((folder / "deployment.json").read_text("utf-8"))
    with (folder / "places.csv").open(encoding="utf-8", newline="") as rows:
        places = [
            Place(
                row["name"],
                tuple(row["aliases"].split(";")),
                float(row["lat"]),
                float(row["lon"]),
                row["kind"],
            )
            for row in csv.DictReader(rows)
        ]
    known = Gazetteer(
        places, centre=tuple(about["centre"]), radius_km=about["radius_km"], country_codes=about["country_codes"],
        languages=about["languages"],
    )  # fmt: skip
    return Town(tuple(about["country_codes"]), tuple(about["languages"]), about["timezone"], known)


def understood(text: str, where: Town, device: DeviceFix | None = None) -> Understanding:
    inbound = InboundTip("fuzz:1", "sms", text, device=device)
    return understand(inbound, town=where, received_at=NOW, known_sender=False, previous=None)


def remembered(text: str, seen: Understanding) -> Footprint:
    return build_footprint(
        tip_id=1, received_at=NOW, sender="a", text=text, location=seen.location, reading=seen.reading,
        observables=seen.observables,
    )  # fmt: skip


def letters(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum())


@given(garbled(), st.sampled_from(COUNTRIES), st.sampled_from(LANGUAGES), devices)
def test_whatever_is_sent_is_understood_or_left_alone(text, countries, languages, device):
    seen = understood(text, town(countries, languages), device)
    for item in seen.observables:
        assert 0 <= item.start < item.end <= len(text)
    assert all(one.end <= other.start for one, other in pairwise(seen.observables))
    place = seen.location
    if place is not None:
        assert -90 <= place.lat <= 90
        assert -180 <= place.lon <= 180
        assert 0 < place.radius_m < math.inf
        assert (place.start is None) == (place.end is None) == (place.words is None)
        if place.start is not None:
            assert place.words == text[place.start : place.end] != ""
    assert 0.0 <= seen.reading.noise_probability <= 1.0
    assert sum(seen.reading.categories.values()) == pytest.approx(1.0)


@given(garbled(), st.sampled_from(COUNTRIES))
def test_an_identifier_is_what_stands_at_its_place(text, countries):
    for item in recognise(text, countries=countries):
        written = letters(fold(text[item.start : item.end]).text)
        if item.kind in AS_WRITTEN:
            assert letters(item.value) in written
        elif item.kind == "phone":
            digits = "".join(sign for sign in item.value if sign.isdigit())
            assert "".join(sign for sign in written if sign.isdigit())[-6:] == digits[-6:]


@given(garbled(), st.sampled_from(COUNTRIES), st.sampled_from(LANGUAGES))
def test_whatever_was_understood_is_remembered_and_found_by_bounded_keys(text, countries, languages):
    footprint = remembered(text, understood(text, town(countries, languages)))
    assert remembered(text, understood(text, town(countries, languages))) == footprint
    stored = storage_keys(footprint, secret=b"s")
    plan = lookup_plan(footprint, secret=b"s")
    assert len(stored) <= MAX_STORED
    assert len(plan) <= MAX_READ
    assert Footprint.from_json(footprint.to_json()).to_json() == footprint.to_json()
    if footprint.located and footprint.radius_m <= 2_000:
        assert set(stored) & {read.key for read in plan}


@pytest.mark.parametrize("name", sorted(path.parent.name for path in CORPORA.glob("*/tips.jsonl")))
def test_wide_and_styled_letters_say_what_plain_ones_say(name):
    for line in (CORPORA / name / "tips.jsonl").read_text("utf-8").splitlines()[::6]:
        text = json.loads(line)["text"]
        plain, composed = (unicodedata.normalize(form, text) for form in ("NFKC", "NFC"))
        values = [
            {(item.kind, item.value) for item in recognise(one, countries=("MX", "US"))}
            for one in (plain, composed)
        ]
        assert values[0] == values[1], text


@pytest.mark.parametrize("name", sorted(path.parent.name for path in CORPORA.glob("*/tips.jsonl")))
def test_the_same_words_from_somebody_else_at_the_same_place_and_minute_are_the_same_incident(name):
    where = deployment(name)
    for line in (CORPORA / name / "tips.jsonl").read_text("utf-8").splitlines()[::5]:
        text = json.loads(line)["text"]
        seen = understood(text, where)
        if seen.reading.is_noise or len(letters(text)) < MIN_EXACT:
            continue
        first = remembered(text, seen)
        copy = replace(first, tip_id=2, sender="somebody else", received_at=first.received_at + 60)
        decision = decide(copy, [replace(first, case_id=7)], weights=default_weights())
        assert (decision.outcome, decision.case_id, decision.relation) == ("attach", 7, "corroborates"), text
        assert decision.probability >= 0.9
        assert "the same text, word for word" in decision.reasons


def test_name_of_a_place_does_not_say_what_happens_there():
    market = Place("Charcoal Market", (), 16.7, 98.5, "market")
    known = Gazetteer([market], centre=(16.7, 98.5), radius_km=50, country_codes=("TH",), languages=("en",))
    there = Town(("TH",), ("en",), "Asia/Bangkok", known)
    tip = InboundTip(
        source_key="1",
        channel="sms",
        text="men sell pistols and rifle ammunition behind the charcoal market at night",
    )
    seen = understand(tip, town=there, received_at=NOW, known_sender=False, previous=None)
    assert seen.location is not None
    assert seen.reading.category == "weapons"
    assert "good.charcoal" not in seen.reading.concepts
