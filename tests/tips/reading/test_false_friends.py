"""An everyday word that only looks like a good, a trick or a greeting tells of none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tips.reading.lexicon import IGNORED, categories, find
from tips.reading.reader import read
from tips.reading.text import prepare

NOW = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)


def concepts(text: str, language: str) -> set[str]:
    return {hit.concept for hit in find(prepare(text), (language,))} - {IGNORED}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "la camionnette blanche était en panne, la nuit est tombée"),
        ("fr", "mais il est à côté de l'armée"),
        ("fr", "une grosse moto de marque Bajaj avec une inscription rouge"),
        ("fr", "un camion décharge, il a payé 500 francs en passant"),
        ("fr", "il montre le chemin en cachette"),
        ("fr", "derrière l'ancienne gare, la semaine passée"),
        ("ar", "مستودع قديم عند البيوت القديمة"),
        ("ar", "كيف حالك بعد ثلاث ساعات"),
        ("ar", "انا من بن قردان من طرف الملك فهد"),
        ("ar", "كلية الطب وسيارة بدون نمر"),
        ("ar", "كل فرد من العائلة على مركب صيد"),
        ("ur", "ہو سکے تو آئیں، اللہ کا شکر ہے"),
        ("ur", "darwaza khula chor gaye"),
        ("ur", "sab log ghar chale gaye hain"),
        ("ur", "الو کے پٹھے، وہ مزار کے پاس آئس کریم کھا رہا ہے"),
    ],
)
def test_everyday_words_speak_of_no_trade(language: str, text: str) -> None:
    assert not concepts(text, language) & categories().keys()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "le camion est prêt, ils déchargent en cours de route à la maison"),
        ("fr", "bruit de moteurs, ils balancent des fûts dans le caniveau"),
        ("fr", "les voitures vendues passent la nuit"),
        ("ar", "سيارة رقم تسجيل تونسي جاي من سوريا"),
        ("ur", "لنک روڈ پر خالی پلاٹ میں بوریاں بھرتے ہیں"),
        ("ur", "ابو بکر مسجد کے پاس گٹر میں تیل پھینکتے ہیں، جان کا خطرہ ہے"),
    ],
)
def test_words_of_a_tip_are_no_noise(language: str, text: str) -> None:
    assert not {concept for concept in concepts(text, language) if concept.startswith("noise.")}


def test_french_accents_tell_maize_from_but() -> None:
    assert "good.maize" in concepts("deux sacs de maïs", "fr")
    assert "good.maize" not in concepts("deux sacs mais vides", "fr")


@pytest.mark.parametrize(
    ("languages", "language", "text"),
    [
        (["fr", "ar"], "ar", "wa7ed nazel b tomobil"),
        (["ar", "en"], "ar", "y7amlo bidonat f lil"),
        (["ar", "en"], "en", "a man with 3bags of rice at gate b2b"),
        (["fr", "ar"], "fr", "un type avec 3 sacs près du pont"),
    ],
)
def test_digits_inside_latin_words_tell_arabic(languages: list[str], language: str, text: str) -> None:
    found = read(
        text,
        languages=languages,
        located=True,
        has_observables=False,
        known_sender=False,
        received_at=NOW,
        timezone="UTC",
    )
    assert found.language == language


def test_french_my_is_not_an_english_monday() -> None:
    found = read(
        "mon voisin cache des cartons",
        languages=["fr", "en"],
        located=True,
        has_observables=False,
        known_sender=False,
        received_at=NOW,
        timezone="UTC",
    )
    assert found.event_at is None
