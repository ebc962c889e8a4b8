"""The lexicon's files are well formed, and words are found as they are written by people."""

from __future__ import annotations

import tomllib

import pytest

from tips.reading.lexicon import FOLDER, categories, find, known_languages, vocabulary
from tips.reading.noise import REASONS
from tips.reading.text import prepare

SPOKEN = {
    *("en", "es", "fr", "pt", "zh", "th", "my", "vi", "lo", "km", "ms", "id"),
    *("sw", "ar", "ru", "tr", "ur", "hi", "bn"),
}
SECTIONS = {
    *("ignored", "good", "vehicle", "act", "mark", "pack", "place"),
    *("colour", "number", "time", "unit", "person", "noise"),
}
SETTINGS = {"function", "accents", "sounds", "also"}


def table(language: str) -> dict[str, object]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def ids(language: str) -> set[str]:
    sections = {kind: words for kind, words in table(language).items() if isinstance(words, dict)}
    return {f"{kind}.{name}" for kind, words in sections.items() for name in words} - {"ignored.a"}


def concepts(text: str, language: str) -> set[str]:
    return {hit.concept for hit in find(prepare(text), (language,))}


def test_every_language_of_a_border_has_a_vocabulary() -> None:
    assert known_languages() >= SPOKEN


@pytest.mark.parametrize("language", sorted(known_languages()))
def test_file_has_only_known_sections_and_concepts(language: str) -> None:
    read = table(language)
    assert {name for name, value in read.items() if isinstance(value, dict)} <= SECTIONS
    assert {name for name, value in read.items() if not isinstance(value, dict)} <= SETTINGS
    assert ids(language) <= ids("en") | set(categories())


@pytest.mark.parametrize("language", sorted(known_languages()))
def test_file_has_no_empty_word_and_no_stray_star(language: str) -> None:
    for kind, words in table(language).items():
        if not isinstance(words, dict):
            continue
        for name, listed in words.items():
            pieces = [piece.strip() for piece in listed.split(",")]
            assert all(pieces), f"{kind}.{name} has an empty word"
            assert not [
                piece
                for piece in pieces
                for word in piece.split()
                if "*" in word[:-1] or (word.endswith("*") and len(word) < 3)
            ], f"{kind}.{name}"


@pytest.mark.parametrize("language", sorted(SPOKEN))
def test_file_is_rich_enough_to_tell_goods_acts_and_noise(language: str) -> None:
    words = vocabulary(language)
    met = {entry.concept for entry in words.entries} | {concept for _, concept in words.runs}
    spoken_for = {categories()[concept] for concept in met if concept in categories()}
    assert spoken_for == set(categories().values())
    assert {name.partition(".")[2] for name in met if name.startswith("noise.")} == set(REASONS)


def test_longer_phrase_hides_the_word_in_it() -> None:
    assert "good.gold" in concepts("they sell gold at night", "en")
    assert "good.petrol" in concepts("petrol in jerrycans", "en")
    assert "good.petrol" not in concepts("near the petrol station", "en")


def test_stem_meets_the_endings_of_a_word() -> None:
    assert "good.cigarettes" in concepts("выгружали коробки с сигаретами", "ru")
    assert "act.unload" in concepts("kayıktan çuval indiriyorlar, boşalttılar", "tr")


def test_accents_and_letter_forms_do_not_matter() -> None:
    assert concepts("CAMIÓN con lona", "es") == concepts("camion con lona", "es")
    assert "good.cigarettes" in concepts("سجاير", "ar") & concepts("سَجَايِر", "ar")
    assert "good.opium" in concepts("अफ़ीम की बोरी", "hi")


def test_malay_knows_the_words_it_shares_with_indonesian() -> None:
    assert "good.cigarettes" in concepts("rokok seludup", "ms")
    assert {entry.language for entry in vocabulary("ms").entries} == {"ms"}


def test_word_ends_with_its_syllable_in_scripts_without_spaces() -> None:
    assert "good.timber" in concepts("ລົດຂົນໄມ້", "lo")
    assert "vehicle.boat" in concepts("ទូកដឹកឈើ", "km")


@pytest.mark.parametrize(
    ("language", "ordinary", "concept"),
    [
        ("km", "គាត់ស្លាប់ហើយ", "good.betel"),  # "died" begins like "betel nut"
        ("km", "មកឱ្យទាន់ពេល", "good.duck"),  # "in time" begins like "duck"
        ("km", "ស្តាប់តន្ត្រី", "good.fish"),  # "music" ends like "fish", under another consonant
        ("th", "มีสัตว์", "unit.piece"),
        ("th", "นาะ", "good.wild_bird"),
    ],
)
def test_word_begins_and_ends_with_a_syllable_of_its_own(language: str, ordinary: str, concept: str) -> None:
    assert concept not in concepts(ordinary, language)


@pytest.mark.parametrize(
    ("language", "ordinary"),
    [
        ("my", "ဆရာမက နေရာပြောပြတယ်"),  # teacher, place: neither holds "yama"
        ("my", "လိပ်စာ ပေးပါ"),  # an address is no turtle
        ("my", "ဘယ်လိုလဲ အခုပဲ လိုင်စင်မရှိဘဲ"),  # particles that look like "exchange", "beans" and "duck"
        ("my", "မိုင်းလားကို သွားမယ်"),  # Mong La is a town
        ("th", "เวลาดำเนินการของเทศบาล"),
        ("th", "โครงการที่นครพนม"),
        ("km", "អាកាសធាតុនៅត្បូងឃ្មុំ"),
        ("lo", "ເທດສະບານເມືອງຄຳມ່ວນ"),
        ("vi", "thời tiết hôm nay thế nào"),
        ("zh", "金边和老街的天气"),
    ],
)
def test_ordinary_words_and_names_of_towns_are_no_goods(language: str, ordinary: str) -> None:
    assert not concepts(ordinary, language) & set(categories())


@pytest.mark.parametrize("text", ["আবার সোনা। আজ", "फिर से सोना।", "সোনা॥"])
def test_word_in_front_of_an_indic_full_stop_is_met(text):
    hits = find(prepare(text), ("bn", "hi"))
    assert "good.gold" in {hit.concept for hit in hits}
