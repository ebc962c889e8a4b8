"""Check digits against what the standards' own examples and an independent library say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean, iban, imo, iso6346, luhn

from signals import accounts, containers, trade, vehicles, vessels

DIGITS = "0123456789"


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=length, max_size=length)


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3), st.sampled_from("UJZ"), digits(6))
def test_a_container_number_ends_as_iso_6346_says(owner, category, number):
    code = owner + category + number
    assert containers.check_digit(code) == int(iso6346.calc_check_digit(code))


@given(digits(7).filter(lambda number: number[0] != "0"))
def test_a_ship_number_ends_as_imo_says(number):
    assert (vessels.check_digit(number) == int(number[-1])) == imo.is_valid(number)


@given(digits(15))
def test_luhn_agrees(number):
    assert vehicles.luhn_checks(number) == luhn.is_valid(number)


@given(st.one_of(digits(8), digits(12), digits(13), digits(14)))
def test_a_trade_item_number_ends_as_gs1_says(number):
    assert trade.gs1_checks(number) == ean.is_valid(number)


@pytest.mark.parametrize("clabe", ["032180000118359719", "002010077777777771", "999760000000123451"])
def test_a_clabe_ends_by_its_weights(clabe):
    assert accounts.clabe_checks(clabe)
    assert [last for last in DIGITS if accounts.clabe_checks(clabe[:17] + last)] == [clabe[17]]


@pytest.mark.parametrize("value", ["GB82WEST12345698765432", "DE89370400440532013000", "NO9386011117947"])
def test_an_iban_leaves_one(value):
    assert accounts.iban_checks(value)
    assert iban.is_valid(value)
    assert not accounts.iban_checks(value[:-1] + str((int(value[-1]) + 1) % 10))


@pytest.mark.parametrize("vin", ["1M8GDM9AXKP042788", "11111111111111111", "5GZCZ43D13S812715"])
def test_position_nine_of_an_american_vin_agrees(vin):
    assert vehicles.vin_checks(vin)
    assert not vehicles.vin_checks(vin[:16] + ("3" if vin[16] != "3" else "4"))
