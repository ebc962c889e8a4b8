from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tips.excerpt import BEFORE, ELLIPSIS, excerpt
from tips.highlight import Mark


def shown(parts) -> str:
    return "".join(part.text for part in parts)


def mark(text: str, word: str) -> Mark:
    return Mark(text.index(word), text.index(word) + len(word), "fact", "")


def test_a_short_text_is_shown_whole():
    text = "Teak at the pier"
    assert shown(excerpt(text, [mark(text, "pier")])) == text


def test_a_long_text_is_cut_around_its_first_mark():
    text = "a " * 300 + "teak" + " b" * 300
    parts = excerpt(text, [mark(text, "teak")])
    assert [part.text for part in parts if part.kind] == ["teak"]
    assert shown(parts).startswith(ELLIPSIS)
    assert shown(parts).endswith(ELLIPSIS)
    assert shown(parts).index("teak") <= BEFORE + 1


def test_a_mark_at_the_very_end_is_still_in_sight():
    text = "a " * 300 + "teak"
    parts = excerpt(text, [mark(text, "teak")])
    assert shown(parts).endswith("teak")


def test_no_vowel_sign_is_torn_from_its_letter():
    text = "ที่" * 200
    parts = excerpt(text, [Mark(300, 303, "fact", "")])
    assert shown(parts).strip(ELLIPSIS)[0] == "ท"


@given(st.text(max_size=600), st.integers(0, 600), st.integers(1, 60))
def test_what_is_shown_stands_in_the_text_and_is_bounded(text, start, length):
    inside = [Mark(start, start + length, "fact", "")] if start + length <= len(text) else []
    parts = excerpt(text, inside)
    whole = shown(part for part in parts if not (part.text == ELLIPSIS and ELLIPSIS not in text))
    assert whole in text
    assert any(part.kind for part in parts) or not inside or len(text) == 0
