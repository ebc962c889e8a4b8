"""Count money in whole minor units and never lose one. PURE."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

MAX_MINOR: Final = 9_000_000_000_000_000
"""Largest amount we book, in minor units; below 2**53, so that no reader of our JSON rounds it."""

# ISO 4217, active codes of circulating money. Two decimals unless named below.
_TWO_DECIMALS: Final = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY
COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR
ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP
SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR
ZMW ZWG
"""
_NO_DECIMALS: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DECIMALS: Final = "BHD IQD JOD KWD LYD OMR TND"

EXPONENTS: Final[dict[str, int]] = {
    **dict.fromkeys(_TWO_DECIMALS.split(), 2),
    **dict.fromkeys(_NO_DECIMALS.split(), 0),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
}
"""Number of decimals of each currency (ISO 4217)."""

_PLAIN: Final = re.compile(r"[0-9]{1,16}(?:\.([0-9]{1,3}))?\Z")
_GROUPED: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){1,5}(?:\.([0-9]{1,3}))?\Z")


class MoneyError(ValueError):
    """Say in one sentence why an amount or a currency cannot be used."""


def exponent(currency: str) -> int:
    """Return how many decimals a currency has; refuse codes ISO 4217 does not list."""
    try:
        return EXPONENTS[currency]
    except (KeyError, TypeError):
        raise MoneyError(f"{currency!r} is not an ISO 4217 currency code.") from None


def checked_minor(value: object, *, allow_zero: bool = False) -> int:
    """Return an amount in minor units if it is a whole positive number we can book.

    Booleans and floats are refused: PostgreSQL would silently round 2.5 into a BIGINT.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise MoneyError("An amount is a whole number of minor units.")
    if value < 0 or (value == 0 and not allow_zero):
        raise MoneyError("An amount is greater than zero.")
    if value > MAX_MINOR:
        raise MoneyError("An amount is at most 9,000,000,000,000,000 minor units.")
    return value


def parse_minor(text: str, currency: str) -> int:
    """Read an amount a person typed ("1,065.00") as minor units, without ever rounding."""
    digits = exponent(currency)
    match = _PLAIN.match(text.strip()) or _GROUPED.match(text.strip())
    if match is None or not text.isascii():
        raise MoneyError("Write the amount in figures, for example 1065.00.")
    decimals = match.group(1) or ""
    if len(decimals) > digits:
        raise MoneyError(f"{currency} has {digits} decimals.")
    whole = match.group(0).replace(",", "").split(".")[0]
    return checked_minor(int(whole + decimals.ljust(digits, "0")))


def plain(amount: int, currency: str) -> str:
    """Write minor units as a bare decimal without thousands marks, as journals want it."""
    digits = exponent(currency)
    sign, body = ("-" if amount < 0 else ""), str(abs(amount)).rjust(digits + 1, "0")
    return f"{sign}{body[:-digits]}.{body[-digits:]}" if digits else f"{sign}{body}"


def shown(amount: int, currency: str) -> str:
    """Write minor units for people: thousands marks, a true minus sign, no currency code."""
    whole, _, decimals = plain(abs(amount), currency).partition(".")
    grouped = f"{int(whole):,}" + (f".{decimals}" if decimals else "")
    return f"\N{MINUS SIGN}{grouped}" if amount < 0 else grouped


def shown_exactly(amount: Fraction, currency: str, *, places: int = 6) -> str:
    """Write a fraction of minor units with every decimal it has, or the first few behind a ≈ sign."""
    least = exponent(currency)
    major = amount / 10**least
    scaled = major * 10 ** (least + places)
    digits = str(abs(scaled.numerator) // scaled.denominator).rjust(least + places + 1, "0")
    whole, decimals = digits[: -(least + places)], digits[-(least + places) :]
    decimals = decimals[:least] + decimals[least:].rstrip("0")
    text = f"{int(whole):,}" + (f".{decimals}" if decimals else "")
    text = f"\N{MINUS SIGN}{text}" if amount < 0 else text
    return text if scaled.denominator == 1 else f"≈ {text}"


def split(pool: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Share a pool out by weight so that the shares add up to it exactly.

    Largest remainder: everybody gets the floor of the exact share and the units left over go to the largest
    remainders, earlier positions first when two are equal. A weight of 0 never receives anything.
    """
    if pool < 0 or any(weight < 0 for weight in weights):
        raise MoneyError("Neither a pool nor a weight is below zero.")
    total = sum(weights)
    if total == 0:
        if pool:
            raise MoneyError("A pool cannot be split when every weight is zero.")
        return tuple(0 for _ in weights)
    shares = [pool * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(pool * weights[i] % total), i))
    for i in by_remainder[: pool - sum(shares)]:
        shares[i] += 1
    return tuple(shares)


def convert(amount: int, currency: str, *, into: str, rate: Fraction) -> Fraction:
    """Turn minor units of one currency into (unrounded) minor units of another at major-to-major rate."""
    to, given = exponent(into), exponent(currency)
    return rate * amount * Fraction(10) ** (to - given)
