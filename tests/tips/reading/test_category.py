"""What the model of categories reads is the same in every process."""

from __future__ import annotations

import pytest

from tips.reading.category import features
from tips.reading.reader import understand


@pytest.mark.parametrize(
    ("text", "leading"),
    [("cigarettes and gold in the boat", "tobacco"), ("gold and cigarettes in the boat", "minerals")],
)
def test_of_two_trades_named_as_often_the_one_said_first_leads(text: str, leading: str):
    prepared, _, _, hits = understand(text, ["en"])
    found = features(prepared, hits)
    assert [name for name in found if name.startswith("top:")] == [f"top:{leading}"]


def test_features_come_in_the_order_of_the_text_so_that_sums_are_equal_to_the_last_digit():
    prepared, _, _, hits = understand("a man loads boxes of gold at the pier", ["en"])
    concepts = [name for name in features(prepared, hits) if name.startswith("c:")]
    assert concepts == [
        f"c:{concept}" for concept in dict.fromkeys(hit.concept for hit in hits) if f"c:{concept}" in concepts
    ]
