"""F12: Money is whole, bounded, and adds up."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards import money

weights = st.lists(st.integers(0, 10_000), min_size=1, max_size=12).filter(any)
pools = st.integers(0, money.MAX_MINOR)


def brute_force(pool: int, parts: list[int]) -> list[int]:
    """Share out one unit at a time after the floors, the way one would by hand."""
    exact = [Fraction(pool * weight, sum(parts)) for weight in parts]
    shares = [value.numerator // value.denominator for value in exact]
    left = [value - share for value, share in zip(exact, shares, strict=True)]
    while sum(shares) < pool:
        best = left.index(max(left))
        shares[best] += 1
        left[best] = Fraction(-1)
    return shares


@pytest.mark.parametrize(
    ("pool", "parts", "shares"),
    [
        (1_000_001, [2, 2, 3], (285_715, 285_714, 428_572)),
        (10_000, [1, 1, 1], (3_334, 3_333, 3_333)),
        (10_000, [1] * 7, (1_429,) * 4 + (1_428,) * 3),
        (0, [0, 0], (0, 0)),
    ],
)
def test_split_gives_the_worked_shares(pool, parts, shares):
    assert money.split(pool, parts) == shares


@given(pools, weights)
def test_split_adds_up_and_stays_within_one_unit_of_the_exact_share(pool, parts):
    shares = money.split(pool, parts)
    assert sum(shares) == pool
    assert min(shares) >= 0
    for share, weight in zip(shares, parts, strict=True):
        assert abs(share - Fraction(pool * weight, sum(parts))) < 1


@given(st.integers(0, 10**9), weights)
def test_split_agrees_with_handing_out_one_unit_at_a_time(pool, parts):
    assert list(money.split(pool, parts)) == brute_force(pool, parts)


@given(pools, weights, st.integers(1, 1000))
def test_split_ignores_scaled_weights_and_tips_of_weight_zero(pool, parts, scale):
    shares = money.split(pool, parts)
    assert money.split(pool, [weight * scale for weight in parts]) == shares
    assert money.split(pool, [*parts, 0]) == (*shares, 0)


def test_split_refuses_to_lose_a_pool_or_to_take_money_away():
    for pool, parts in ((5, [0, 0]), (5, []), (-1, [1]), (5, [2, -1])):
        with pytest.raises(money.MoneyError):
            money.split(pool, parts)


@pytest.mark.parametrize("value", [0, -1, 1.0, "100", True, float("nan"), 2**53, 2**63, None, 10**30])
def test_only_whole_positive_amounts_within_bounds_are_booked(value):
    with pytest.raises(money.MoneyError):
        money.checked_minor(value)


def test_zero_is_an_amount_only_where_allowed():
    assert money.checked_minor(0, allow_zero=True) == 0
    assert money.checked_minor(money.MAX_MINOR) == money.MAX_MINOR


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1065", "USD", 106_500),
        ("1,065.5", "USD", 106_550),
        (" 1065.00 ", "USD", 106_500),
        ("1,000,001", "UGX", 1_000_001),
        ("3.334", "KWD", 3_334),
    ],
)
def test_typed_amounts_are_read_without_rounding(text, currency, minor):
    assert money.parse_minor(text, currency) == minor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-5",
        "+5",
        "1e3",
        "1.005",
        "12,34.00",
        "１００",
        "5 0",
        "0",
        "0.00",
        "NaN",
        "$5",
        "9" * 17,
        "1.0\n2",
    ],
)
def test_anything_else_typed_as_an_amount_is_refused(text):
    with pytest.raises(money.MoneyError):
        money.parse_minor(text, "USD")


def test_decimals_follow_the_currency():
    assert money.plain(-5, "USD") == "-0.05"
    assert money.plain(1_000_001, "UGX") == "1000001"
    assert money.plain(3_334, "KWD") == "3.334"
    assert money.shown(-123_456_789, "USD") == "\N{MINUS SIGN}1,234,567.89"
    with pytest.raises(money.MoneyError):
        money.parse_minor("1.5", "UGX")
    for code in ("usd", "XXX", "", "US", None):
        with pytest.raises(money.MoneyError):
            money.exponent(code)


@given(st.integers(-money.MAX_MINOR, money.MAX_MINOR), st.sampled_from(sorted(money.EXPONENTS)))
def test_plain_amounts_can_be_read_back(amount, currency):
    written = money.plain(amount, currency)
    assert Fraction(written) * 10 ** money.exponent(currency) == amount


def test_exact_amounts_show_all_decimals_or_admit_that_they_do_not():
    assert money.shown_exactly(Fraction(1_999_999_5, 100), "USD") == "1,999.9995"
    assert money.shown_exactly(Fraction(100_000), "USD") == "1,000.00"
    assert money.shown_exactly(Fraction(100, 3), "USD") == "≈ 0.33333333"
    assert money.shown_exactly(Fraction(-5, 2), "UGX") == "\N{MINUS SIGN}2.5"


def test_conversion_keeps_the_fraction():
    assert money.convert(100_00, "THB", into="USD", rate=Fraction("0.0281")) == 281
    assert money.convert(1_000, "UGX", into="USD", rate=Fraction("0.00027")) == 27
    assert money.convert(1, "KWD", into="USD", rate=Fraction("3.251")) == Fraction("0.3251")
