from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tips.matching.words import MAX_CHARS, MAX_GRAMS, blanked, exact_form, grams, numbers, plain


def test_accents_case_and_lengthened_letters_make_no_difference() -> None:
    assert plain("Muelle VIEJOOOO de Popotlá") == plain("muelle viejo de popotla")


def test_vowel_signs_of_thai_and_burmese_are_kept() -> None:
    assert plain("บุหรี่") == "บุหรี่"
    assert plain("စီးကရက်") == "စီးကရက်"


def test_misspelt_word_still_shares_most_of_its_pieces() -> None:
    right, wrong, other = (grams(plain(word)) for word in ("aeropuerto", "aereopuerto", "cigarros"))
    assert len(right & wrong) >= 6
    assert not right & other


def test_scripts_in_one_word_are_told_apart() -> None:
    assert grams("pt") == frozenset()
    assert grams("เข้าปั๊มpttแม่ปะ") >= grams("แม่ปะ")


def test_chinese_is_read_in_pairs_of_signs() -> None:
    assert len(grams("香烟仓库") & grams("仓库里的香烟")) == 2


def test_numbers_are_read_in_any_script() -> None:
    assert numbers(plain("แผง ๑๔ stall 27, taxi ۳۱۸")) == {14, 27, 318}


def test_decimal_numbers_and_long_ones_are_no_stall_numbers() -> None:
    assert numbers("16.7012, 98.5085 1234567 12") == {12}


def test_blanked_parts_are_not_read() -> None:
    text = "plate AB 12 34 at stall 7"
    assert numbers(blanked(text, [(6, 14)])) == {7}


def test_copied_text_has_one_form_whatever_its_punctuation() -> None:
    assert exact_form(plain("¡Otra vez! El gas...")) == exact_form(plain("otra vez el GAS"))


def test_two_long_texts_keep_the_same_pieces() -> None:
    long = " ".join(f"word{letter}{other}ing" for letter in "abcdefghijklm" for other in "nopqrstuvwxyz")
    assert len(grams(long)) == MAX_GRAMS
    assert len(grams(long) & grams("extra " + long)) >= MAX_GRAMS - 6


@given(st.text(max_size=300))
def test_no_text_is_too_odd(text: str) -> None:
    small = plain(text)
    assert all(0 <= gram < 65_536 for gram in grams(small))
    assert all(0 <= number < 1_000_000 for number in numbers(small))


@given(st.text(max_size=80))
def test_reading_a_plain_text_again_changes_nothing_in_its_pieces(text: str) -> None:
    assert grams(plain(plain(text))) == grams(plain(text))


def test_letters_that_stand_for_many_do_not_make_a_text_endless() -> None:
    assert len(plain("ﷺ" * MAX_CHARS)) <= 2 * MAX_CHARS
