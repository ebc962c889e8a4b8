"""Recognise shipping containers (ISO 6346)."""

import re
from collections.abc import Iterator

from signals.cues import Cue, Cues
from signals.observable import Observable
from signals.placeholders import is_blank

_CONTAINER = re.compile(
    r"(?<![A-Za-z0-9])([A-Za-z]{3}[ -]?[UJZujz])[ ./-]{0,2}(\d[ .-]?\d[ .-]?\d[ .-]?\d[ .-]?\d[ .-]?\d)"
    r"(?:\s?[-./ (\[]{0,2}(\d)(?![A-Za-z0-9]|[.,]\d))"
)
#: Letters count from 10 upwards and skip the multiples of 11.
_LETTER = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (n for n in range(10, 39) if n % 11), strict=True))


def check_digit(code: str) -> int:
    """Compute the check digit of the first ten characters of a container number (ISO 6346, annex A)."""
    total: int = sum(
        (int(char) if char.isdigit() else _LETTER[char]) * 2**place for place, char in enumerate(code[:10])
    )
    return total % 11 % 10


def containers(text: str, cues: Cues) -> Iterator[Observable]:
    """Yield container numbers of a folded text; a wrong check digit needs a word for container nearby."""
    for match in _CONTAINER.finditer(text):
        owner = match[1].replace(" ", "").replace("-", "").upper()
        digits = re.sub(r"\D", "", match[2]) + match[3]
        if is_blank(digits):
            continue
        value = owner + digits
        if check_digit(value) == int(digits[-1]):
            yield Observable("container", value, match.start(), match.end(3), "checksum")
        elif cues.before(match.start(), Cue.CONTAINER, 40) is not None or " " not in match[1] + match[2]:
            yield Observable("container", value, match.start(), match.end(3), "format")
