from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core import codes

BODY = st.text("0123456789", min_size=5, max_size=11)


@given(BODY, st.data())
def test_every_single_wrong_digit_is_caught(body, data):
    code = body + str(codes.damm(body))
    place = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != code[place]]))
    assert codes.is_tip_code(code)
    assert not codes.is_tip_code(code[:place] + other + code[place + 1 :])


@given(BODY, st.data())
def test_every_swap_of_neighbours_is_caught(body, data):
    code = body + str(codes.damm(body))
    place = data.draw(st.integers(0, len(code) - 2))
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert swapped == code or not codes.is_tip_code(swapped)


def test_a_code_reads_back_as_people_write_it():
    code = codes.new_tip_code()
    shown = codes.show_tip_code(code)
    assert shown[4] == "-"
    for written in (
        shown,
        code,
        f" {code[:3]} {code[3:]} ",
        shown.replace("-", "\N{EN DASH}"),
        shown.replace("-", "."),
    ):
        assert codes.read_tip_code(written) == code


def test_digits_of_any_script_are_read():
    code = codes.new_tip_code()
    for zero in (0x0E50, 0x1040, 0x0660, 0x06F0, 0xFF10, 0x0966):
        assert codes.read_tip_code("".join(chr(zero + int(digit)) for digit in code)) == code


def test_a_longer_code_comes_when_the_space_fills():
    assert len(codes.new_tip_code(length=8)) == 8
    assert codes.is_tip_code(codes.new_tip_code(length=8))


@given(st.text(max_size=40))
def test_odd_text_is_no_code_and_no_error(text):
    codes.read_tip_code(text)
    codes.read_secret(text)
