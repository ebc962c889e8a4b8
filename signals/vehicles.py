"""Recognise vehicle identification numbers and the numbers of mobile devices."""

import re
from collections.abc import Iterator

from signals.cues import DECISIVE, Cue, Cues
from signals.observable import Observable
from signals.placeholders import is_blank

_VIN = re.compile(r"(?<![A-Za-z0-9])[A-HJ-NPR-Za-hj-npr-z0-9]{17}(?![A-Za-z0-9])")
_SPACED_VIN = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-HJ-NPR-Za-hj-npr-z0-9][ -]?){16}[A-HJ-NPR-Za-hj-npr-z0-9](?![A-Za-z0-9])"
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VIN_VALUE = dict(
    zip(
        "ABCDEFGHJKLMNPRSTUVWXYZ",
        (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9),
        strict=True,
    )
)
_IMEI = re.compile(r"(?<![\w.,+-])\d{2}[ -]?\d{2,4}[ -]?(?:\d[ -]?){8,10}\d(?![\w]|[.,]\d)")
#: Reporting bodies that hand out device numbers; older and newer ones are all in these two digits.
_BODIES = frozenset({"01", "35", "86", "99", "98", "91", "44", "45", "49", "52", "53", "54"})


def vin_checks(vin: str) -> bool:
    """Check position nine of a VIN (ISO 3779 with the check digit of North America and China)."""
    total = sum(
        weight * (int(char) if char.isdigit() else _VIN_VALUE[char])
        for weight, char in zip(_VIN_WEIGHTS, vin, strict=True)
    )
    return vin[8] == "0123456789X"[total % 11]


def luhn_checks(digits: str) -> bool:
    """Check the last digit by Luhn's rule (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def vins(text: str, cues: Cues) -> Iterator[Observable]:
    """Yield VINs of a folded text; European ones have no check digit, so their shape has to do."""
    pattern = _SPACED_VIN if cues.has(Cue.VIN) else _VIN
    for match in pattern.finditer(text):
        value = match.group().replace(" ", "").replace("-", "").upper()
        letters = sum(char.isalpha() for char in value)
        cued = cues.before(match.start(), Cue.VIN, 45) is not None
        if is_blank(value) or letters < 1 or letters > 14:
            continue
        if " " in match.group() and not (cued and any(char.isdigit() for char in match.group()[:12])):
            continue
        if letters >= 2 and vin_checks(value):
            yield Observable("vin", value, match.start(), match.end(), "checksum")
        elif cued or (letters >= 3 and value[-4:].isdigit() and not cues.has(Cue.SERIAL)):
            yield Observable("vin", value, match.start(), match.end(), "format")


def imeis(text: str, cues: Cues) -> Iterator[Observable]:
    """Yield device numbers (3GPP TS 23.003) of a folded text: 15 digits that pass Luhn or follow a word."""
    for match in _IMEI.finditer(text):
        value = re.sub(r"\D", "", match.group())
        if len(value) != 15 or is_blank(value[:14]):
            continue
        cued = cues.before(match.start(), Cue.IMEI, 40) is not None
        other = cues.before(match.start(), DECISIVE & ~Cue.IMEI & ~Cue.PHONE & ~Cue.SERIAL, 30) is not None
        if luhn_checks(value) and (cued or (value[:2] in _BODIES and not other)):
            yield Observable("imei", value, match.start(), match.end(), "checksum")
        elif cued:
            yield Observable("imei", value, match.start(), match.end(), "format")
