from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.asking import identifiers_meant
from signals.observable import KINDS


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("70-4418", ("plate", "704418")),
        ("๗๐-๔๔๑๘", ("plate", "704418")),
        ("truck kbx-123a", ("plate", "KBX123A")),
        ("msku 1234565", ("container", "MSKU1234565")),
        ("0812345678", ("phone", "+66812345678")),
        ("Someone@Example.org", ("email", "Someone@Example.org")),
        ("sn 55a-88", ("serial", "SN55A88")),
    ],
)
def test_typed_words_are_read_as_the_identifier_they_may_mean(typed, meant):
    assert meant in identifiers_meant(typed, countries=("TH", "MM"))


def test_words_without_a_digit_offer_only_themselves_as_a_whole():
    assert {value for _, value in identifiers_meant("teak logs")} == {"TEAKLOGS", "teak logs"}


def test_nothing_typed_means_nothing():
    assert identifiers_meant(" -") == tuple(
        (kind, "-") for kind in KINDS if kind in {"email", "url", "epc", "eth", "btc", "trx"}
    )


@given(st.text(max_size=200))
def test_any_text_is_answered_with_a_bounded_list_of_known_kinds(text):
    meant = identifiers_meant(text, countries=("TH",))
    assert len(meant) <= 300
    assert all(kind in KINDS and value for kind, value in meant)
