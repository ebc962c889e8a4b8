from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.measures import MOST_THOUSANDTHS, quantity_of, quantity_text


@given(st.integers(1, MOST_THOUSANDTHS))
def test_a_written_quantity_reads_back_exactly(thousandths):
    assert quantity_of(quantity_text(thousandths)) == thousandths


@pytest.mark.parametrize(
    ("text", "thousandths"), [("12.5", 12_500), (" 3 ", 3_000), ("0.001", 1), ("1e3", 1_000_000)]
)
def test_decimals_are_read_as_thousandths(text, thousandths):
    assert quantity_of(text) == thousandths


@pytest.mark.parametrize("text", ["", "many", "0", "-1", "1.2345", "NaN", "Infinity", "1e300", "1,5"])
def test_what_is_no_quantity_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match=r"\.$"):
        quantity_of(text)
