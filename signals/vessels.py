"""Recognise ships by their IMO number."""

import re
from collections.abc import Iterator

from signals.cues import Cue, Cues
from signals.observable import Observable
from signals.placeholders import is_blank

_IMO = re.compile(
    r"(?<![A-Za-z0-9])(?:IMO|ИМО)(?![A-Za-zа-яА-Я])[^0-9\n]{0,24}?(\d{7})(?![\w]|[.,]\d|-\d)", re.IGNORECASE
)


def check_digit(digits: str) -> int:
    """Compute the seventh digit of an IMO ship number (IMO resolution A.1117(30))."""
    return sum(int(digit) * weight for digit, weight in zip(digits[:6], range(7, 1, -1), strict=True)) % 10


def vessels(text: str, cues: Cues) -> Iterator[Observable]:
    """Yield ships named by IMO number in a folded text; the number of a shipping company is none."""
    for match in _IMO.finditer(text):
        value = match[1]
        if is_blank(value) or check_digit(value) != int(value[-1]):
            continue
        start, end = match.span(1)
        if cues.before(start, Cue.COMPANY, 24) is None:
            yield Observable("imo", value, start, end, "checksum")
