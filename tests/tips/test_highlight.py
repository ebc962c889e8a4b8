"""Words on the desk are shown whole, with what was understood marked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tips.highlight import Mark, Part, highlight

marks = st.lists(
    st.builds(
        Mark,
        start=st.integers(-3, 40),
        end=st.integers(-3, 40),
        kind=st.sampled_from(["place", "observable"]),
        title=st.just("x"),
    ),
    max_size=6,
)


def test_marked_words_stand_between_the_unmarked_ones():
    assert highlight("near Gate 3 now", [Mark(5, 11, "place", "Gate 3")]) == (
        Part("near "),
        Part("Gate 3", "place", "Gate 3"),
        Part(" now"),
    )


def test_of_two_overlapping_marks_the_longer_of_the_first_stays():
    found = highlight("KBX 123A", [Mark(4, 8, "observable", "serial"), Mark(0, 8, "observable", "plate")])
    assert found == (Part("KBX 123A", "observable", "plate"),)


def test_marks_that_touch_both_stay():
    assert [part.kind for part in highlight("abcd", [Mark(2, 4, "b", ""), Mark(0, 2, "a", "")])] == ["a", "b"]


def test_a_mark_beyond_the_text_is_left_out():
    assert highlight("abc", [Mark(1, 9, "place", "")]) == (Part("abc"),)


def test_an_empty_text_has_no_parts():
    assert highlight("", []) == ()


@given(text=st.text(max_size=40), found=marks)
def test_the_parts_joined_are_the_text(text, found):
    assert "".join(part.text for part in highlight(text, found)) == text
