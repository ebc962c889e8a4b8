"""Months have names, and a month is closed only when everything holds."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.periods import PeriodError, PeriodState, closing_steps, month_named, month_of, months_between

MARCH = month_named("2026-03")
READY = {
    "state": PeriodState.SOFT,
    "today": date(2026, 4, 1),
    "earlier_open": (),
    "violations": {},
    "unmatched": 0,
    "unmatched_days": 5,
}


@given(st.dates(date(1, 1, 1), date(9999, 11, 30)))
def test_every_day_lies_in_the_month_named_after_it(day):
    month = month_of(day)
    assert month.starts_on <= day <= month.ends_on
    assert (month.ends_on + timedelta(days=1)).day == 1
    assert month_named(f"{day.year:04d}-{day.month:02d}") == month


@pytest.mark.parametrize(
    "name", ["", "2026", "2026-13", "2026-3", "2026-00", "0000-01", "2026-03\n", "２０２６-03"]
)
def test_what_is_no_month_is_refused(name):
    with pytest.raises(PeriodError):
        month_named(name)


def test_months_follow_each_other_over_the_year():
    names = [month.name for month in months_between(date(2025, 11, 30), date(2026, 2, 1))]
    assert names == ["2025-11", "2025-12", "2026-01", "2026-02"]


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        ({}, []),
        ({"today": date(2026, 3, 31)}, [0]),
        ({"earlier_open": ("2026-02",)}, [1]),
        ({"state": PeriodState.OPEN}, [2]),
        ({"violations": {"I8": 2}}, [3]),
        ({"unmatched": 1}, [4]),
    ],
)
def test_each_condition_stands_for_itself(change, failing):
    steps = closing_steps(MARCH, **{**READY, **change})
    assert [number for number, step in enumerate(steps) if not step.holds] == failing
