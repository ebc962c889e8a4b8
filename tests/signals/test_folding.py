from hypothesis import given
from hypothesis import strategies as st

from signals.folding import fold


def test_digits_of_every_script_are_written_in_ascii():
    assert fold("٠١٢ ۳۴ ๕๖ ၇၈ ९০ ໑ ១ ７ 𝟠").text == "012 34 56 78 90 1 1 7 8"


def test_styled_letters_dashes_and_blanks_are_plain():
    assert fold("ＡＢ－１２ 𝐌𝐒 Ⓚ a\u00a0b\u2013c 桂A·1").text == "AB-12 MS K a b-c 桂A.1"


def test_letters_with_marks_and_superscripts_stay():
    assert fold("ñ é ç ม. m² ①").text == "ñ é ç ม. m² ①"


@given(st.text(st.one_of(st.characters(), st.sampled_from("\u200b\u200e\u2060１٣")), max_size=60), st.data())
def test_a_span_leads_back_to_the_same_letters(text, data):
    folded = fold(text)
    if not folded.text:
        return
    start = data.draw(st.integers(0, len(folded.text) - 1))
    end = data.draw(st.integers(start + 1, len(folded.text)))
    first, last = folded.span(start, end)
    assert 0 <= first < last <= len(text)
    assert fold(text[first:last]).text == folded.text[start:end]
