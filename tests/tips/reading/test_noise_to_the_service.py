"""Complaints, questions and abuse that are meant for the service are noise; a tip that is angry as well is not."""

from __future__ import annotations

import pytest

from tests.tips.reading.test_reader import reading


@pytest.mark.parametrize(
    ("languages", "text", "located"),
    [
        (
            ["en", "fr"],
            "Good evening, what time does the bridge close tonight? do I need the yellow fever card",
            True,
        ),
        (["fr", "sw"], "vous êtes tous des voleurs, bande d'incapables", False),
        (["ur", "en"], "tum sab chor ho", False),
        (["ur", "en"], "سڑک میں گڑھے ہیں، سڑک کب بنے گی", False),
        (["ur", "en"], "yaar paise kab bhejo ge, bakaya paise bhi", False),
        (["bn", "en"], "tora chor, shala chor", False),
        (["bn", "en"], "রাস্তায় গর্ত, রাস্তা খারাপ, ঠিক করেন", False),
        (["id", "ms"], "jalan berlubang depan masjid, tolong diperbaiki", True),
        (["sw", "en"], "nyinyi ni wezi, mmekula rushwa", False),
        (["es", "en"], "son puros rateros, bola de corruptos", False),
        (["pt", "es"], "que horas fecha a ponte hoje?", True),
        (["tr", "en"], "kapı açık mı, kaçta kapanıyor?", False),
        (["ru", "en"], "вся дорога в ямах, почините дорогу, когда отремонтируют", False),
        (["vi", "en"], "đường xấu quá, nhiều ổ gà, bao giờ sửa", True),
    ],
)
def test_complaint_question_or_abuse_is_noise(languages: list[str], text: str, located: bool) -> None:
    assert reading(text, languages, located=located).is_noise


@pytest.mark.parametrize(
    ("languages", "text", "located"),
    [
        (
            ["en", "fr"],
            "you are all thieves, the guard sells seized cigarettes at the gate every night",
            True,
        ),
        (["fr", "sw"], "bande de voleurs, ils déchargent des cartons de cigarettes derrière le marché", True),
        (["ur", "en"], "sab milay huay hain, charas ka truck har raat bina chalan guzarta hai", False),
        (["id", "ms"], "jalan rusak dekat gudang, truk turunkan rokok tanpa cukai malam malam", True),
        (["id", "ms"], "ada orang jual daging rusa di pasar", True),
        (["en", "sw"], "they sell forged yellow fever certificates at the bus park, 20 dollars", True),
        (["pt", "es"], "abriram um buraco no muro e passam cigarro por ele de noite", True),
    ],
)
def test_tip_that_complains_as_well_is_kept(languages: list[str], text: str, located: bool) -> None:
    assert not reading(text, languages, located=located).is_noise
