from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.titles import LONGEST_PLACE, case_number, case_title, is_case_number, read_case_number


@pytest.mark.parametrize(
    ("category", "place", "title"),
    [
        ("timber", "Rim Moei market", "Timber near Rim Moei market"),
        ("timber", None, "Timber, place not known"),
        (None, "Rim Moei market", "Report near Rim Moei market"),
        ("other", None, "Report, place not known"),
        ("fuel", "  Pier \n 4 ", "Fuel near Pier 4"),
    ],
)
def test_a_title_is_goods_and_place_alone(category, place, title):
    assert case_title(category, place) == title


def test_a_long_place_is_cut():
    assert len(case_title("fuel", "x" * 500)) == len("Fuel near ") + LONGEST_PLACE


def test_numbers_carry_the_year_and_at_least_six_digits():
    assert case_number(2026, 14) == "C-2026-000014"
    assert case_number(2026, 1_000_000) == "C-2026-1000000"


@pytest.mark.parametrize(("year", "count"), [(2026, 0), (26, 1)])
def test_an_impossible_number_is_refused(year, count):
    with pytest.raises(ValueError, match="case number"):
        case_number(year, count)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("C-2026-000014", True),
        ("C-2026-1000000", True),
        ("C-2026-14", False),
        ("C-2026-000014\n", False),
        ("٢", False),
    ],
)
def test_only_case_numbers_look_like_case_numbers(text, good):
    assert is_case_number(text) is good


@pytest.mark.parametrize(
    "typed",
    ["C-2026-000014", "c 2026 14", "c2026000014", " C–2026–14 ", "C-２０２６-000014", "c.2026.000014"],
)
def test_a_case_number_is_read_however_it_was_typed(typed):
    assert read_case_number(typed) == "C-2026-000014"


@pytest.mark.parametrize(
    "typed", ["", "2026-14", "C-2026", "C-2026-0", "C-202614", "C-0026-14", "C-2026-14 x", "teak"]
)
def test_other_words_are_no_case_number(typed):
    assert read_case_number(typed) is None


@given(st.integers(1000, 9999), st.integers(1, 999_999_999))
def test_every_case_number_reads_as_itself(year, count):
    assert read_case_number(case_number(year, count)) == case_number(year, count)
