from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wordsearch import LONGEST_QUERY, MOST_WORDS, places_of, read_query, words_of


@pytest.mark.parametrize(
    ("typed", "read"),
    [("  teak\n logs\t", "teak logs"), ("a\x00b", "a b"), ("len\u0303a", "leña"), ("", ""), (" \x7f ", "")],
)
def test_a_query_becomes_one_composed_line(typed, read):
    assert read_query(typed) == read


@given(st.text(max_size=400))
def test_a_query_is_bounded_and_reading_it_again_changes_nothing(text):
    once = read_query(text)
    assert len(once) <= LONGEST_QUERY
    assert read_query(once) == once
    assert len(words_of(once)) <= MOST_WORDS


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        (("teak",), "Teak and TEAK", ["Teak", "TEAK"]),
        (("te", "teak"), "teak", ["teak"]),
        (("ГРУЗОВИК",), "Красный грузовик", ["грузовик"]),
        (("leña",), "len\u0303a seca", ["len\u0303a"]),
        (("走私",), "桥边走私香烟", ["走私"]),
        (("a.b",), "acb a.b", ["a.b"]),
        ((), "teak", []),
    ],
)
def test_places_of_words_are_found_as_the_databases_find_them(words, text, found):
    assert [text[start:end] for start, end in places_of(words, text)] == found
