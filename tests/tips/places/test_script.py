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


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_folding_any_text_keeps_offsets_in_order(text):
    folded = fold(text)
    assert len(folded.compact) == len(folded.at)
    assert list(folded.at) == sorted(folded.at)
    assert all(folded.compact[token.start : token.end] == token.text for token in folded.tokens)
