"""The fund chart keeps its lines inside the box and its labels apart."""

from __future__ import annotations

import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from rewards.chart import HEIGHT, WIDTH, Series, step_chart

days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
points = st.dictionaries(days, st.integers(0, 10**12), min_size=1, max_size=20).map(
    lambda found: tuple(sorted(found.items()))
)


def test_nothing_is_drawn_before_anything_happened():
    assert step_chart([Series("Free", ())], until=date(2026, 1, 1)) is None


def test_one_step_up_is_drawn_where_it_happened():
    chart = step_chart(
        [Series("Free", ((date(2026, 1, 1), 0), (date(2026, 1, 11), 100)))], until=date(2026, 1, 21)
    )
    assert chart.lines[0].path == "M8.0 154.0 H260.0 V14.0 H512"
    assert (chart.first_day, chart.last_day) == (date(2026, 1, 1), date(2026, 1, 21))


@given(points, points)
def test_every_point_lies_in_the_box_and_labels_do_not_touch(free, promised):
    chart = step_chart([Series("Free", free), Series("Promised", promised)], until=date(2026, 6, 1))
    for line in chart.lines:
        for command, value in re.findall(r"([HV])(-?[\d.]+)", line.path):
            assert 0 <= float(value) <= (WIDTH if command == "H" else HEIGHT)
    first, second = chart.lines
    assert second.label_y - first.label_y >= 26
