"""Burmese in the encoding of old phones is read as if it had been written in Unicode."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tips.places import Gazetteer, Place, locate
from tips.reading.reader import read
from tips.zawgyi import is_zawgyi, to_unicode

MYAWADDY = Gazetteer(
    [Place("Myawaddy Bridge", ("မြဝတီတံတား",), 16.689, 98.513, "bridge")],
    centre=(16.689, 98.508),
    radius_km=30,
    country_codes=["MM"],
    languages=["my"],
)


@pytest.mark.parametrize(
    ("zawgyi", "unicode"),
    [
        ("ျမန္မာ", "မြန်မာ"),
        ("မဂၤလာပါ", "မင်္ဂလာပါ"),
        ("ကၽြန္ေတာ္", "ကျွန်တော်"),
        ("ေၾကာင္း", "ကြောင်း"),
        ("ၿမိဳ႕", "မြို့"),
        ("ေရႊ", "ရွှေ"),
        ("ပစၥည္း", "ပစ္စည်း"),
        ("ႏွစ္", "နှစ်"),
        ("အႏၲရာယ္", "အန္တရာယ်"),
        ("ယာဥ္", "ယာဉ်"),
        ("၀ယ္ေနတယ္", "ဝယ်နေတယ်"),
        ("သၿဂႋဳဟ္", "သင်္ဂြိုဟ်"),
        ("သစ္တံုးေတြ ကားနဲ႔ တင္သြားတယ္", "သစ်တုံးတွေ ကားနဲ့ တင်သွားတယ်"),
        ("ေဆးလိပ္ဖာေတြ ေလွနဲ႔ ခ်ေနတယ္", "ဆေးလိပ်ဖာတွေ လှေနဲ့ ချနေတယ်"),
    ],
)
def test_zawgyi_is_rewritten_in_the_order_of_unicode(zawgyi: str, unicode: str) -> None:
    assert to_unicode(zawgyi).text == unicode
    assert not is_zawgyi(unicode)


@pytest.mark.parametrize(
    "text",
    [
        "ကျောင်းနောက်မှာ ယာမ ရောင်းနေတယ်",
        "ကျွန်ုပ်တို့ ယောက်ျား နှစ်ယောက် တွေ့တယ်",
        "ၵူၼ်းမိူင်း ၶၢႆယႃႈမႃႉ",  # Shan
        "two trucks at the pier",
        "",
    ],
)
def test_what_is_no_zawgyi_stays_letter_for_letter(text: str) -> None:
    assert to_unicode(text).text == text


def test_tip_of_an_old_phone_is_read_like_any_other() -> None:
    reading = read(
        "မေန႔ည ၁၁ နာရီေလာက္က ကၽြန္းသစ္တံုးေတြ ကားနဲ႔ တင္သြားတယ္",
        languages=["my", "en"],
        located=False,
        has_observables=False,
        known_sender=False,
        received_at=datetime(2026, 5, 20, 15, 30, tzinfo=UTC),
        timezone="Asia/Yangon",
    )
    assert not reading.is_noise
    assert (reading.language, reading.category) == ("my", "timber")
    assert {"good.teak", "act.load"} <= reading.concepts
    assert reading.event_at == datetime(2026, 5, 19, 16, 30, tzinfo=UTC)
    assert reading.event_words == "မနေ့ ည ၁၁ နာရီလောက်က"


def test_place_is_found_in_zawgyi_and_marked_in_the_text_as_it_came() -> None:
    text = "ဒီည ျမဝတီတံတားေအာက္မွာ ေဆးလိပ္ေတြ ခ်ေနတယ္"
    found = locate(text, gazetteer=MYAWADDY)
    assert found is not None
    assert found.place == "Myawaddy Bridge"
    assert found.start == text.index("ျမဝတီ")
    assert found.words == text[found.start : found.end] == "ျမဝတီတံတား"[:-1]  # a mark of tone ends no word


@given(st.text(st.characters(min_codepoint=0x1000, max_codepoint=0x109F), max_size=60))
def test_any_burmese_letters_keep_their_origins(text: str) -> None:
    rewritten = to_unicode(text)
    assert len(rewritten.text) == len(rewritten.origins)
    assert set(rewritten.origins) == set(range(len(text)))


@pytest.mark.parametrize("sign", ["\u1033", "\u103a", "\u103c", "\u103d", "\u107e", "\u1094", "\u103c\u103d"])
def test_ten_thousand_signs_in_a_row_are_read_as_fast_as_a_text(sign: str) -> None:
    text = ("\u1031\u1000\u1033\u1034\u1033 " * 3 + sign * 10_000)[:10_000]
    started = time.perf_counter()
    assert to_unicode(text).text != text
    assert time.perf_counter() - started < 0.25  # quadratic work took seconds
