from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.codes import new_tip_code, show_secret, show_tip_code
from tips.conversation.keywords import SPOKEN, WHOLE, WITH_CODE, Ask, Command, fold, read_command


@pytest.mark.parametrize(("ask", "word"), [(ask, word) for ask, words in WHOLE.items() for word in words])
def test_every_whole_word_is_heard_in_any_case_and_with_a_full_stop(ask, word):
    assert read_command(f"  {word.upper()}. ") == Command(ask)


@pytest.mark.parametrize(
    "text",
    [
        "stop the truck",
        "they will start at 6",
        "help, a boat is landing",
        "info on the bridge",
        "end of the road",
    ],
)
def test_a_keyword_inside_a_sentence_is_a_tip(text):
    assert read_command(text) is None


@pytest.mark.parametrize("word", WITH_CODE[Ask.STATUS])
def test_status_with_a_code_is_heard_however_the_code_is_grouped(word):
    code = new_tip_code()
    for written in (code, show_tip_code(code), f"{code[:2]} {code[2:]}", f"#{show_tip_code(code)}"):
        assert read_command(f"{word} {written}") == Command(Ask.STATUS, code)


def test_status_in_thai_digits_is_heard():
    code = "482174" if read_command("STATUS 482174") == Command(Ask.STATUS, "482174") else new_tip_code()
    thai = "".join(chr(0x0E50 + int(digit)) for digit in code)
    assert read_command(f"สถานะ {thai}") == Command(Ask.STATUS, code)


def test_a_wrong_check_digit_gives_a_command_without_a_code():
    code = new_tip_code()
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    assert read_command(f"status {wrong}") == Command(Ask.STATUS, None)


def test_claim_takes_code_and_secret():
    code, secret = new_tip_code(), "123456789012"
    assert read_command(f"claim {show_tip_code(code)} {show_secret(secret)}") == Command(
        Ask.CLAIM, code, secret
    )


@pytest.mark.parametrize(
    ("text", "language"),
    [("ARRÊT", "fr"), ("หยุด", "th"), ("STOP", None), ("estado 482174", "es"), ("parar", None)],
)
def test_a_keyword_tells_its_language_where_only_one_has_it(text, language):
    command = read_command(text)
    assert command is not None
    assert command.language == language


def test_every_word_with_a_language_is_a_keyword():
    known = {fold(word) for words in (*WHOLE.values(), *WITH_CODE.values()) for word in words}
    assert {fold(word) for words in SPOKEN.values() for word in words} <= known


def test_a_word_that_only_begins_like_a_keyword_is_a_tip():
    assert read_command("keys were left in the truck") is None
    assert read_command("daily they unload here") is None


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text):
    read_command(text)
