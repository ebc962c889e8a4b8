"""Codes that people write down: tip codes with a check digit, secrets, Crockford references. Pure but for chance."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable

# H. M. Damm, "Total anti-symmetrische Quasigruppen" (2004): catches every single wrong digit and every swap of neighbours.
DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CROCKFORD_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
SHORTEST_CODE = 6
LONGEST_CODE = 12
SECRET_DIGITS = 12


def damm(digits: str) -> int:
    """Fold digits into their check digit; 0 where the last one already is it."""
    state = 0
    for digit in digits:
        state = DAMM[state][int(digit)]
    return state


def new_tip_code(*, length: int = SHORTEST_CODE, below: Callable[[int], int] = secrets.randbelow) -> str:
    """Draw a random tip code, digits only, the last a check digit."""
    body = "".join(str(below(10)) for _ in range(length - 1))
    return body + str(damm(body))


def is_tip_code(digits: str) -> bool:
    """Tell whether plain digits form a tip code with the right check digit."""
    return (
        SHORTEST_CODE <= len(digits) <= LONGEST_CODE
        and digits.isascii()
        and digits.isdigit()
        and damm(digits) == 0
    )


def show_tip_code(digits: str) -> str:
    """Group a tip code for the eye: 4821-77."""
    return f"{digits[:4]}-{digits[4:]}"


def read_tip_code(text: str) -> str | None:
    """Take a tip code as a person typed it, in any script's digits; None where the check digit is wrong."""
    digits = read_digits(text)
    return digits if digits is not None and is_tip_code(digits) else None


def read_digits(text: str) -> str | None:
    """Take digits out of groups with spaces, dashes or dots; None where anything else stands among them."""
    kept = [
        character
        for character in text
        if not (character.isspace() or unicodedata.category(character) in {"Pd", "Cf"} or character in "._")
    ]
    values = [unicodedata.digit(character, None) for character in kept]
    if not values or any(value is None for value in values):
        return None
    return "".join(str(value) for value in values)


def new_secret() -> str:
    """Draw the twelve digits that open a tip."""
    return "".join(str(secrets.randbelow(10)) for _ in range(SECRET_DIGITS))


def show_secret(digits: str) -> str:
    """Group a secret in fours."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def read_secret(text: str) -> str | None:
    """Take a secret as a person typed it; None where it is not twelve digits."""
    digits = read_digits(text)
    return digits if digits is not None and len(digits) == SECRET_DIGITS else None


def new_reference(length: int = 8) -> str:
    """Draw a random Crockford base32 reference."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(length))


def read_reference(text: str) -> str:
    """Fold what a person typed to Crockford's alphabet: O is 0, I and L are 1."""
    return "".join(text.upper().split()).replace("-", "").translate(CROCKFORD_MEANT)
