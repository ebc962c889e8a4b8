"""Fold the many ways of writing a letter or digit, and find the way back to the original offsets."""

import unicodedata
from dataclasses import dataclass

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad\ufe58\ufe63\uff0d\u30fc\u0640"
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_MIDDLE_DOTS = "\u00b7\u2022\u30fb\u2027\u22c5\u2219\u0387\uff65"
_INVISIBLE = frozenset(
    [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0x061C, 0x180E]
)
#: Full-width forms, letter-like symbols and mathematical letters that stand for one ASCII character.
_STYLED = (range(0xFF01, 0xFF5F), range(0x2100, 0x2150), range(0x24B6, 0x24EA), range(0x1D400, 0x1D800))


@dataclass(frozen=True, slots=True)
class Folded:
    """Hold the folded text and, only where letters were dropped, each kept letter's original offset."""

    text: str
    origins: tuple[int, ...] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the original offsets of a folded span."""
        if self.origins is None:
            return start, end
        return self.origins[start], self.origins[end - 1] + 1


def _build_table() -> dict[int, str]:
    table: dict[int, str] = {}
    for block in (range(0x80, 0x10000), range(0x10000, 0x20000)):
        for point in block:
            digit = unicodedata.decimal(chr(point), None)
            if digit is not None:
                table[point] = str(digit)
    for styled in _STYLED:
        for point in styled:
            plain = unicodedata.normalize("NFKC", chr(point))
            if len(plain) == 1 and plain.isascii():
                table[point] = plain
    table.update(dict.fromkeys(map(ord, _DASHES), "-"))
    table.update(dict.fromkeys(map(ord, _SPACES), " "))
    table.update(dict.fromkeys(map(ord, _MIDDLE_DOTS), "."))
    return table


_TABLE = _build_table()


def fold(text: str) -> Folded:
    """Write digits of any script, full-width and styled letters, dashes and blanks in ASCII."""
    if text.isascii():
        return Folded(text, None)
    folded = text.translate(_TABLE)
    if not any(ord(letter) in _INVISIBLE for letter in set(folded)):
        return Folded(folded, None)
    origins = tuple(i for i, letter in enumerate(folded) if ord(letter) not in _INVISIBLE)
    return Folded("".join(folded[i] for i in origins), origins)
