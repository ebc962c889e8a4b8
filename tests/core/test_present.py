"""Times, amounts and counts read the same everywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import present
from core.deployment import Deployment
from core.present import MINUS, age, amount, counted, distance, iso_time, local_time, percent

NOW = datetime(2026, 3, 1, 8, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [
        (0, "USD", "0.00"),
        (5, "USD", "0.05"),
        (-1250, "USD", f"{MINUS}12.50"),
        (123456789, "THB", "1,234,567.89"),
        (1500, "JPY", "1,500"),
        (1500, "VND", "1,500"),
        (-1, "KWD", f"{MINUS}0.001"),
        (9007199254740993, "USD", "90,071,992,547,409.93"),
    ],
)
def test_an_amount_has_the_digits_of_its_currency(minor, currency, expected):
    assert amount(minor, currency) == expected


@given(
    minor=st.integers(min_value=-(10**15), max_value=10**15), currency=st.sampled_from(["USD", "JPY", "KWD"])
)
def test_an_amount_read_back_is_the_same_number(minor, currency):
    text = amount(minor, currency).replace(",", "").replace(".", "").replace(MINUS, "-")
    assert int(text) == minor


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        (timedelta(0), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=2), "2 d"),
        (timedelta(seconds=-30), "now"),
        (timedelta(minutes=-5), "in 5 min"),
    ],
)
def test_an_age_is_said_in_one_unit(earlier, expected):
    assert age(NOW - earlier, NOW) == expected


def test_a_moment_reads_in_the_zone_of_the_town(monkeypatch):
    town = Deployment("Mae Sot", ("TH",), ("th",), (16.7, 98.6), 45, "Asia/Bangkok")
    monkeypatch.setattr(present, "current_deployment", lambda: town)
    assert local_time(NOW) == "1 Mar 2026 15:15"
    assert local_time(NOW, seconds=True) == "1 Mar 2026 15:15:30"


def test_machines_read_utc():
    bangkok = NOW.astimezone(datetime.fromisoformat("2026-03-01T00:00:00+07:00").tzinfo)
    assert iso_time(bangkok) == "2026-03-01T08:15:30Z"


@pytest.mark.parametrize(
    ("metres", "expected"),
    [
        (0, "0 m"),
        (84.4, "84 m"),
        (123, "120 m"),
        (994, "990 m"),
        (996, "1.0 km"),
        (1240, "1.2 km"),
        (34_200, "34 km"),
    ],
)
def test_a_distance_is_as_exact_as_people_say_it(metres, expected):
    assert distance(metres) == expected


@pytest.mark.parametrize(
    ("share", "expected"), [(0, "0 %"), (0.001, "1 %"), (0.914, "91 %"), (0.999, "99 %"), (1, "100 %")]
)
def test_only_what_is_certain_reads_a_hundred_percent(share, expected):
    assert percent(share) == expected


def test_one_of_a_thing_is_singular():
    assert [counted(number, "tip", "tips") for number in (0, 1, 1200)] == ["0 tips", "1 tip", "1,200 tips"]
