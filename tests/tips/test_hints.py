from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tips.hints import is_telling, name_key, place_hints, span_of


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("They sell ivory behind the Xqzv workshop every night", "Xqzv workshop"),
        ("venden cigarros atras de la bodega del Chuy los domingos", "bodega del Chuy"),
        ("Ten logs under a tarp by old brick kiln, 5 men", "old brick kiln"),
        ("在老王磨坊附近卖象牙", "老王磨坊"),
    ],
)
def test_the_words_behind_a_small_word_of_place_are_offered(text, hint):
    assert hint in place_hints(text, channel="sms")


def test_what_the_form_asked_for_as_the_place_comes_first():
    text = "men sell stolen phones near the red gate\nthe Xqzv workshop"
    assert place_hints(text, channel="web")[0] == "the Xqzv workshop"


@pytest.mark.parametrize("name", ["", "x", "night", "the men", "5", "x" * 200])
def test_ordinary_words_and_numbers_name_no_place(name):
    assert not is_telling(name)


def test_a_span_is_found_however_the_words_are_spelt():
    text = "Detrás de La  Bodega del Chuy"
    start, end = span_of(text, "bodega DEL chuy")
    assert text[start:end] == "Bodega del Chuy"
    assert span_of(text, "Brunt Hollow") is None
    assert name_key("Bodega del Chuy") == name_key("bodega  del chuy")


@given(st.text(max_size=200))
def test_hints_of_any_text_stand_in_it(text):
    for hint in place_hints(text, channel="web"):
        assert span_of(text, hint) is not None
