"""Recognise trade item numbers (GTIN) and electronic product codes (EPC)."""

import re
from collections.abc import Iterator

from signals.cues import Cue, Cues
from signals.observable import Observable
from signals.placeholders import is_blank

_GTIN = re.compile(r"(?<![\w+.,-])(\(01\)|\(00\))?\s?(\d(?:[ -]?\d){7,17})(?![\w]|[.,]\d)")
_EPC_URN = re.compile(
    r"(?<![\w:])urn:epc:(?:id|tag|raw|idpat):[a-z0-9-]{2,12}:[\w.%!()*+,:=_-]{3,80}", re.IGNORECASE
)
_EPC_HEX = re.compile(
    r"(?<![0-9A-Za-z])[0-9A-Fa-f]{4}(?:[ -]?[0-9A-Fa-f]{4}){5}(?![0-9A-Za-z]|[ -]?[0-9A-Fa-f]{4}\b)"
)
#: Headers of 96-bit codes with a filter and a partition of at most 6 next (GS1 TDS 2.0, table 14).
_PARTITIONED = frozenset({0x30, 0x31, 0x32, 0x33, 0x34, 0x3F})
_HEADERS = frozenset({*_PARTITIONED, 0x2C, 0x2D, 0x35, 0x36, 0x3C, 0x3D, 0x3E})
_GTIN_LENGTHS = frozenset({8, 12, 13, 14})


def gs1_checks(digits: str) -> bool:
    """Check the last digit of a GS1 key (GS1 General Specifications, 7.9)."""
    return sum(int(char) * (3 if place % 2 else 1) for place, char in enumerate(reversed(digits))) % 10 == 0


def gtins(text: str, cues: Cues) -> Iterator[Observable]:
    """Yield trade item numbers of a folded text; only beside a word for barcode or the identifier (01)."""
    if not cues.has(Cue.GTIN) and "(01)" not in text:
        return
    for match in _GTIN.finditer(text):
        value = re.sub(r"\D", "", match[2])
        if len(value) not in _GTIN_LENGTHS or is_blank(value) or not gs1_checks(value):
            continue
        if match[1] == "(01)" or cues.before(match.start(2), Cue.GTIN, 30) is not None:
            yield Observable("gtin", value, match.start(2), match.end(2), "checksum")


def product_codes(text: str, cues: Cues) -> Iterator[Observable]:
    """Yield electronic product codes of a folded text: as a URN or as the 96 bits read from a tag."""
    for match in _EPC_URN.finditer(text):
        value = match.group().rstrip(".,:;!)(")
        yield Observable("epc", value.upper(), match.start(), match.start() + len(value), "format")
    for match in _EPC_HEX.finditer(text):
        value = re.sub(r"[ -]", "", match.group()).upper()
        if is_blank(value):
            continue
        cued = cues.before(match.start(), Cue.EPC, 30) is not None
        if cued or (not value.isdigit() and _is_known_layout(value)):
            yield Observable("epc", value, match.start(), match.end(), "format")


def _is_known_layout(code: str) -> bool:
    header, second = int(code[:2], 16), int(code[2:4], 16)
    return header in _HEADERS and (header not in _PARTITIONED or second >> 2 & 7 <= 6)
