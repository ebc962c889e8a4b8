"""Quantities of seized goods, counted in thousandths of a unit so that no figure is ever rounded."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from rewards.words import MEASURES

UNITS = MEASURES
"""Unit codes of UN/ECE Recommendation 20 and 21 that a seizure may be measured in."""

SCALE = 1000
MOST_THOUSANDTHS = 9 * 10**15


def quantity_of(text: str) -> int:
    """Read a decimal with at most three places as thousandths; raise ValueError with a sentence otherwise."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError("Write the quantity as a number, such as 12.5.") from None
    if not number.is_finite() or number <= 0:
        raise ValueError("The quantity has to be more than zero.")
    if number > Decimal(MOST_THOUSANDTHS) / SCALE:
        raise ValueError("The quantity is too large.")
    thousandths = number * SCALE
    if thousandths != thousandths.to_integral_value():
        raise ValueError("Give at most three decimal places.")
    return int(thousandths)


def quantity_text(thousandths: int) -> str:
    """Write thousandths as the shortest decimal."""
    whole, rest = divmod(thousandths, SCALE)
    return f"{whole}.{rest:03d}".rstrip("0") if rest else str(whole)
