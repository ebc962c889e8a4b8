"""Words are found with the particles and endings that people write, and known words keep their meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tips.reading.affixes import bare_forms
from tips.reading.lexicon import find, vocabulary
from tips.reading.text import prepare


def concepts(text: str, language: str) -> set[str]:
    return {hit.concept for hit in find(prepare(text), (language,))}


@pytest.mark.parametrize("word", ["بالسكر", "والسكر", "للسكر", "وسكر", "فالسكر", "وبالسكر", "هالسكر"])
def test_arabic_noun_is_found_behind_its_particles(word: str) -> None:
    assert "good.sugar" in concepts(word, "ar")


def test_arabic_noun_is_found_before_its_owner_and_as_a_pair() -> None:
    assert "vehicle.truck" in concepts("شاحنتهم", "ar") & concepts("شاحنتين", "ar")


def test_arabic_verb_is_found_behind_the_future() -> None:
    assert "act.sell" in concepts("سيبيعون", "ar") & concepts("ويبيعون", "ar")


def test_arabic_word_that_only_begins_like_a_particle_stays_unknown() -> None:
    assert "place.well" not in concepts("كبير", "ar")
    assert not concepts("لبنان", "ar")


@pytest.mark.parametrize("word", ["паспортов", "лодками", "алкоголем", "кладбищем"])
def test_russian_cases_need_no_line_of_their_own(word: str) -> None:
    assert concepts(word, "ru") & {"good.passport", "vehicle.boat", "good.alcohol", "place.cemetery"}


@pytest.mark.parametrize(
    ("word", "concept"),
    [
        ("sandallarından", "vehicle.boat"),
        ("petrolünü", "good.crude"),
        ("altınlarımız", "good.gold"),
        ("haplardan", "good.pills"),
        ("muzlarını", "good.fruit"),
    ],
)
def test_turkish_endings_come_off_together(word: str, concept: str) -> None:
    assert concept in concepts(word, "tr")


def test_short_turkish_word_does_not_eat_a_longer_one() -> None:
    assert "good.pelt" not in concepts("posta", "tr")


def test_turkish_word_of_three_letters_is_bare_only_without_its_plural() -> None:
    assert "vehicle.animal" not in concepts("atmaya", "tr")


def test_phrase_does_not_keep_its_first_word_from_being_read_bare() -> None:
    assert "good.chemical_waste" in concepts("льют химию в реку", "ru")


def test_azerbaijani_vowel_is_read_as_its_turkish_neighbour() -> None:
    assert "act.cross" in concepts("gecə sərhəddən keçirlər", "tr")


def test_noise_is_met_only_as_it_stands() -> None:
    assert "noise.test" not in concepts("والتجربه", "ar")


@pytest.mark.parametrize("language", ["ar", "ru", "tr"])
def test_known_word_never_changes_its_meaning(language: str) -> None:
    meanings: dict[tuple[str, bool], set[str]] = {}
    for entry in vocabulary(language).entries:
        if len(entry.parts) == 1 and entry.parts[0][0].isalnum():
            meanings.setdefault(entry.parts[0], set()).add(entry.concept)
    for word, stem in meanings:
        if not stem:
            begun = (meanings.get((word[:size], True), set()) for size in range(1, len(word) + 1))
            assert concepts(word, language) <= meanings[(word, False)].union(*begun), word


@given(
    st.text(alphabet="وبالكفسهمنةتياشحسكرлодкамиеыйьkamyonlrdi", max_size=30),
    st.sampled_from(["ar", "ru", "tr", "es"]),
)
def test_every_bare_form_is_another_and_no_shorter_than_three_letters(word: str, language: str) -> None:
    forms = list(bare_forms(word, language))
    assert word not in forms
    assert all(3 <= len(form) <= len(word) + 2 for form in forms)
    assert language != "es" or not forms
