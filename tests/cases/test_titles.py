from __future__ import annotations

import pytest

from cases.titles import LONGEST_PLACE, case_number, case_title, is_case_number


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
