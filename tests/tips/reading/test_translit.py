"""Russian typed in Latin letters is found however it is spelt, and takes no word from another language."""

from __future__ import annotations

import pytest

from tips.reading.lexicon import find
from tips.reading.text import prepare
from tips.reading.translit import plain_spelling


def concepts(text: str, *languages: str) -> set[str]:
    return {hit.concept for hit in find(prepare(text), languages)}


@pytest.mark.parametrize(
    ("typed", "concept"),
    [
        ("sigarety", "good.cigarettes"),
        ("tabletki", "good.medicine"),
        ("perepravlyayut", "act.cross"),
        ("nelegalnye", "act.smuggle"),
        ("mikroavtobusy", "vehicle.van"),
        ("medvezhji lapy", "good.bear"),
        ("bezdomnye sobaki", "noise.public_service"),
        ("ekskavator", "vehicle.excavator"),
    ],
)
def test_russian_in_latin_letters_means_the_same(typed: str, concept: str) -> None:
    assert concept in concepts(typed, "ru")


@pytest.mark.parametrize(
    "spellings",
    [
        ("solyarka", "soliarka", "soljarka", "солярка"),
        ("khromaya", "hromaja", "xromaia", "хромая"),
        ("shcheben", "scheben", "щебень"),
        ("granitsa", "granica", "граница"),
    ],
)
def test_every_way_of_spelling_is_one(spellings: tuple[str, ...]) -> None:
    assert len({plain_spelling(word) for word in spellings}) == 1


def test_phrase_in_latin_letters_wants_all_its_words() -> None:
    assert "good.gas_bottle" in concepts("gazovye ballony", "ru")
    assert "good.gas_bottle" not in concepts("gazovye plity", "ru")


def test_word_of_another_language_keeps_its_meaning() -> None:
    assert concepts("havale", "ru", "tr") == concepts("havale", "tr")


def test_short_word_of_another_language_is_not_taken_for_russian() -> None:
    assert not concepts("most of the duty", "ru")
