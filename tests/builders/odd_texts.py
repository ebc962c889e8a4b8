"""Texts that nobody would write but somebody may send: pieces of every kind and script, and labelled tips garbled."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

from hypothesis import strategies as st

from tests.signals.texts import TEXTS

CORPORA = Path(__file__).parents[1] / "corpus"
WRITTEN = tuple(
    json.loads(line)["text"]
    for path in sorted(CORPORA.glob("*/tips.jsonl"))
    for line in path.read_text("utf-8").splitlines()
)
IDENTIFIERS = tuple(text for _, text, _ in TEXTS)
PIECES = (
    "16.7131, 98.5747", "16°42'47\"N 98°34'29\"E", "N16 42.78 E98 34.48", "lat 16.71310 lon: 98.57470", "16,7131 98,5747",
    "https://maps.google.com/?q=16.7131,98.5747", "geo:16.7131,98.5747;u=35", "https://maps.app.goo.gl/x", "7P72PH7F+6V",
    "PH7F+6V", "47Q LA 12345 67890", "47QLA1234567890", "١٦٫٧١٣١، ٩٨٫٥٧٤٧", "๑๖.๗๑๓๑ ๙๘.๕๗๔๗", "km 12", "500 m past the bridge",
    "2 km al norte de Mercado Hidalgo", "过了大桥500米", "เลยสะพาน 500 เมตร", "မီတာ ၃၀၀", "between the pier and the market",
    "Mercado Hidalgo", "Pier 10", "ท่า 10", "十号码头", "the same place", "㏠ km", "½ km", "3㎞", "²", "①②③", "𝟭𝟮𝟯𝟰",
    "plate 70-4418", "บล 4521", "กข 1234 เชียงใหม่", "京A12345", "٢٣٤ أ ب ج", "চট্টমেট্রো-গ ১১-১২৩৪", "MSKU 305438-3",
    "+66 81 234 5678",
    "00441234567890", "(555) 010-0199", "wa.me/66812345678", "a@b.co", "a [at] b [dot] com", "hxxp://evil[.]example/x",
    "1BTJFzVDBVkAUCkqxuXvGzYJJUTLAogLRE", "0x52908400098527886E0F7030069857D2E4169EE7", "IMEI 490154203237518",
    "VIN 1M8GDM9AXKP042788", "IMO 9074729", "(01)09506000134352", "serial AB1234567", "@some_name", "line: pat_99",
    "yesterday at 3", "昨晚两点", "เมื่อคืนตีสอง", "since Monday", "حوالي الساعة ٣", "गुटखा", "ﷺ", "ß", "İ", "ŉ", "ﬃ", "\u0e33", "ក្រ",
    "([{<", ")]}>", "....", "----", "++++", "@@", "//", "\u200b", "\u200f", "\u202e", "\u2066", "\ufeff", "\u0301\u0301",
    "\u20dd",
    "👨‍👩‍👧", "🇹🇭", "\ud800", "\x00", "\ufdd0", "\n", "\t", "\u2028", "\U0010ffff",
)  # fmt: skip
JOINTS = ("", " ", ", ", "\n", "\u200b", "-", "/", ". ")


def _forms(text: str) -> tuple[str, ...]:
    composed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD"))
    return (text, text.upper(), text.lower(), text.swapcase(), text[::-1], *composed)


@st.composite
def garbled(draw: st.DrawFn) -> str:
    """Draw a labelled tip or a list of pieces, cut, doubled, spelt otherwise and strewn with odd letters."""
    mixed = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=14)
    text = draw(
        st.one_of(
            st.sampled_from(WRITTEN),
            st.sampled_from(IDENTIFIERS),
            st.builds(lambda joint, pieces: joint.join(pieces), st.sampled_from(JOINTS), mixed),
        )
    )
    for _ in range(draw(st.integers(0, 4))):
        at, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        kind = draw(st.integers(0, 4))
        if kind == 0:
            text = text[:at] + text[end:]
        elif kind == 1:
            text = text[:at] + draw(st.one_of(st.sampled_from(PIECES), st.sampled_from(WRITTEN))) + text[at:]
        elif kind == 2:
            text = text[:end] + text[at:end][:40] * draw(st.integers(1, 6)) + text[end:]
        elif kind == 3:
            text = draw(st.sampled_from(_forms(text)))
        else:
            text = text[:at] + draw(st.characters(exclude_categories=())) + text[at:]
    return text[:4_500]
