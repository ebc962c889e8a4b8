import pytest
from hypothesis import given
from hypothesis import strategies as st

from tips.places.script import fold, marked


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Río Peñá", "rio pena"),
        ("Öncüler Kapısı", "oncüler kapisi"),
        ("สะพานมิตรภาพ 1", "สะพานมิตรภาพ1"),
        ("ศาลพะวอ", "สาลภะวอ"),
        ("ရင်မွေ့ဈေး", "ရင်မွေစျေး"),
        ("友誼橋", "友誼桥"),
        ("الجسر القديمة", "الجسر القديمه"),
        ("ёлка", "елка"),
        ("Pier １０", "pier 10"),
        ("ท่า ๑๐", "ท่า 10"),
        ("𝗠𝗲𝗿𝗰𝗮𝗱𝗼 ℍ", "mercado h"),
    ],
)
def test_spellings_that_look_or_sound_alike_fold_to_one(one, other):
    assert fold(one).compact == fold(other).compact


def test_short_names_keep_their_tone_marks_apart():
    assert marked("รพ") != marked("ร่พ")


def test_span_points_back_into_the_original_text():
    folded = fold("en  la PLÁZA x")
    start = folded.compact.index("plaza")
    assert folded.source[slice(*folded.span(start, start + 5))] == "PLÁZA"


def test_sentences_end_at_full_stops_but_not_after_abbreviations():
    assert fold("al norte. El puente").broken(0, 12)
    assert not fold("Sto. Tomas").broken(0, 8)


def test_a_letter_that_holds_a_number_and_a_word_is_a_number_and_a_word():
    tokens = fold("3㏤ 5㎞").tokens
    assert [(token.text, token.number) for token in tokens] == [
        ("35", True),
        ("日", False),
        ("5", True),
        ("km", False),
    ]


@pytest.mark.parametrize(
    ("written", "number"),
    [("½", "0.5"), ("1½", "1.5"), ("2¼", "2.25"), ("1/2", "0.5"), ("11/2", "11"), ("¾", "0.75")],
)
def test_halves_and_quarters_are_numbers(written, number):
    folded = fold(f"{written} km")
    assert folded.tokens[0].text == number
    assert folded.source[slice(*folded.span(0, folded.tokens[0].end))] in (written, written[:2])


def test_a_point_between_digits_stays_and_one_beside_them_ends_the_sentence():
    assert [token.text for token in fold("1.5 km. 2,5 km 7. 8").tokens] == [
        "1.5",
        "km",
        "2.5",
        "km",
        "7",
        "8",
    ]


def test_words_without_end_are_cut_to_what_can_be_looked_up():
    assert {len(token.text) for token in fold("a" * 1_000 + " " + "1" * 640).tokens} <= {64, 40, 1_000 % 64}


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_folding_what_is_folded_changes_no_letter(text):
    once = fold(text).compact
    assert fold(once).compact.replace(".", "") == once.replace(".", "")


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_folding_any_text_keeps_offsets_in_order(text):
    folded = fold(text)
    assert len(folded.compact) == len(folded.at)
    assert list(folded.at) == sorted(folded.at)
    assert all(folded.compact[token.start : token.end] == token.text for token in folded.tokens)
