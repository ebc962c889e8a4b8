"""Which tips may leave a case together."""

from __future__ import annotations

import pytest

from cases.splits import MOST_SPLIT, why_not_split

LYING = {"100001", "100002", "100003"}


@pytest.mark.parametrize("ticked", [["100001"], ["100001", "100003"], ["100002", "100002"]])
def test_some_of_the_tips_may_leave(ticked):
    assert why_not_split(ticked, LYING) is None


@pytest.mark.parametrize(
    ("ticked", "guard", "words"),
    [
        ([], "ticked", "Tick the tips"),
        (sorted(LYING), "ticked", "Leave at least one tip"),
        (["100001", "999999"], "gone", "1 of the ticked tips left this case"),
        (["100001"] * (MOST_SPLIT + 1), "ticked", "at most 200"),
    ],
)
def test_a_choice_that_makes_no_sense_says_what_to_do(ticked, guard, words):
    refusal = why_not_split(ticked, LYING)
    assert refusal is not None
    assert refusal.guard == guard
    assert words in refusal.sentence


def test_the_only_tip_of_a_case_stays():
    assert why_not_split(["100001"], {"100001"}).guard == "ticked"
