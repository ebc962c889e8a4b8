"""Neighbours are told apart by the words only one of them says, and chatter by what no tip says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from tips.reading.reader import Reading, read

NOW = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)
STRAITS = ("id", "ms", "en")
DELTA = ("bn", "en", "hi")
PLAINS = ("hi", "en", "bn")


def reading(text: str, languages: Sequence[str]) -> Reading:
    return read(
        text,
        languages=languages,
        located=False,
        has_observables=False,
        known_sender=False,
        received_at=NOW,
        timezone="UTC",
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("id", "solar ditimbun di rumah pak lurah"),
        ("ms", "minyak diesel disorok dalam stor"),
        ("id", "rokok tanpa cukai dijual di toko depan kantor polisi"),
        ("ms", "rokok tak cukai dijual kat kedai depan balai polis"),
        ("id", "sabu dikirim lewat kapal sembako"),
        ("ms", "dadah dihantar guna bas ekspres"),
        ("id", "bayar berapa kalo kasih info"),
        ("ms", "siapa ni, dapat nombor saya dari mana"),
    ],
)
def test_malay_and_indonesian_are_told_apart_in_a_few_words(language: str, text: str) -> None:
    assert reading(text, STRAITS).language == language


@pytest.mark.parametrize(
    ("languages", "text"), [(DELTA, "dhonnobad bhai"), (DELTA, "apnara ki rate khola rakhen")]
)
def test_words_in_latin_letters_are_not_english_where_no_word_is(languages: Sequence[str], text: str) -> None:
    assert reading(text, languages).language == languages[0]


@pytest.mark.parametrize(
    ("languages", "text"),
    [
        (DELTA, "vai number ta kar"),
        (DELTA, "50 tk recharge e 2gb free offer, dial koro"),
        (DELTA, "খবর দিলে পুরস্কার কত?"),
        (DELTA, "রাস্তার বাতি নষ্ট অনেক দিন ধরে"),
        (DELTA, "sms dile taka kate naki"),
        (PLAINS, "ye number kiska h bhai"),
        (PLAINS, "khabar dene ka paisa kab milega"),
        (PLAINS, "mere ghar ke samne pani bhar jata h"),
        (STRAITS, "kalo lapor dapet berapa duit ya"),
        (STRAITS, "dah banyak kali report takde siapa datang"),
    ],
)
def test_chatter_offers_and_questions_are_noise(languages: Sequence[str], text: str) -> None:
    assert reading(text, languages).is_noise


@pytest.mark.parametrize(
    ("languages", "category", "text"),
    [
        (PLAINS, "drugs", "mera naam kisi ko mat batana, yaha smack bikti h raat me"),
        (PLAINS, "other", "bihar ki ladkiyon ko salary ka lalach deke nepal bhejte hai"),
        (DELTA, "drugs", "ঘর ভাড়া নিয়ে ইয়াবার ব্যবসা করে, সবাই জানে"),
        (DELTA, "drugs", "party ase mal nite rat 12 tar dike, dail ar ganja"),
        (DELTA, "food", "adar bosta khalas hocche ghate"),
        (STRAITS, "waste", "kilang tu buang sisa kimia dlm longkang tiap malam, busuk sangat"),
        (STRAITS, "minerals", "tambang emas liar pakai merkuri, airnya jadi kuning"),
    ],
)
def test_a_tip_that_sounds_like_chatter_is_still_a_tip(
    languages: Sequence[str], category: str, text: str
) -> None:
    read_so = reading(text, languages)
    assert not read_so.is_noise
    assert read_so.category == category


@pytest.mark.parametrize("languages", [("ar", "fr", "en"), ("fr", "ar", "es")])
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "hadou li 3andhom el portail bleu rahom y3amrou les bidons el mazout"),
        ("ar", "souk mlilya dik moulat lfoular lkhder mazal katbi3 la crème"),
        ("ar", "bni drar lbab lazra9 mazal khddam"),
        ("ar", "wahed khouna moul lhanout kaybi3 les cartouches de marlboro"),
        ("ar", "ghadi ydouzo lyoum m3a l 11 b les motos"),
        ("fr", "le portail bleu, ils remplissent les bidons de mazout chez lui"),
        ("fr", "la dame au foulard vert vend encore de la crème au souk"),
        ("fr", "le kayak de Lkhder est chargé de cartons, la police a vu ça"),
        ("fr", "chez Lahcen ils ont le katana et des bidons"),
    ],
)
def test_moroccan_and_algerian_speech_with_french_words_is_arabic(
    languages: tuple[str, ...], language: str, text: str
) -> None:
    assert reading(text, languages).language == language


def test_spanish_beside_arabic_stays_spanish() -> None:
    assert reading("el hombre le daba dinero de noche por la playa", ("ar", "fr", "es")).language == "es"
