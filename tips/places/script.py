"""Fold text of any script so that two spellings of one name become equal, and remember where each letter came from."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

# Scripts that are written without spaces between words: names in them are found as substrings.
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x19E0, 0x19FF),
    (0x3040, 0x30FF),  # Kana
    (0x3400, 0x9FFF),  # Han
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_HAN = ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
_DROPPED = frozenset(
    [*range(0x0E47, 0x0E4F), *range(0x0EC8, 0x0ECE), 0x0E31 + 0x1000]  # Thai and Lao tone marks
    + [0x1037, 0x1038]  # Burmese tone marks
    + [*range(0x17C9, 0x17D2)]  # Khmer signs
    + [*range(0x0610, 0x061B), *range(0x064B, 0x0660), 0x0670, 0x0640]  # Arabic vowel signs and stretching
    + [0x093C, 0x0901, 0x09BC, 0x0981]  # nukta and nasal dots of Devanagari and Bengali
    + [0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, 0x00AD]
)
_WRITTEN_OUT = {"ဈ": "စျ", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "\u0e4d": "", "ँ": "", "ঁ": ""}


def _same_letters() -> dict[int, str]:
    source = files("tips.places") / "data" / "letters.toml"
    tables = tomllib.loads(source.read_text(encoding="utf-8")).values()
    pairs = {ord(other): kept for table in tables for kept, others in table.items() for other in others}
    return pairs | {ord(letter): text for letter, text in _WRITTEN_OUT.items()}


_SAME = _same_letters()
_SPACE, _BREAK, _SOFT = " ", "\n", ","
_BREAKS = frozenset(".!?;\n\r。！？；।؟۔၊။៖።…")
_SOFT_BREAKS = frozenset(',:，、：()（）[]{}«»"“”—–|/،؛')


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= code <= high for low, high in ranges)


@lru_cache(maxsize=8192)
def is_unspaced(letter: str) -> bool:
    """Tell whether this letter belongs to a script without spaces between words."""
    return _within(ord(letter), _UNSPACED)


def is_han(letter: str) -> bool:
    """Tell whether this is a Chinese character."""
    return _within(ord(letter), _HAN)


@lru_cache(maxsize=16384)
def fold_letter(letter: str) -> str:
    """Return the folded form of one character: letters and digits, or one of space, break and soft break.

    An empty string means that the character carries no meaning for a name, such as an accent.
    """
    if ord(letter) in _DROPPED:
        return ""
    if letter in _BREAKS:
        return _BREAK
    if letter in _SOFT_BREAKS:
        return _SOFT
    value = unicodedata.decimal(letter, None)
    if value is not None:
        return str(int(value))
    wide = letter.casefold().translate(_SAME)
    kept: list[str] = []
    for part in unicodedata.normalize("NFKD", wide):
        category = unicodedata.category(part)
        if category[0] in "LN" or (category[0] == "M" and ord(part) >= 0x0900):
            kept.append("" if ord(part) in _DROPPED else part.translate(_SAME))
        elif category[0] != "M":
            kept.append(_SPACE)
    joined = "".join(kept)
    if not joined:
        return ""
    return joined.replace(" ", "") or _SPACE


def marked(text: str) -> str:
    """Return letters, digits and all their marks: the form in which short names have to agree."""
    return "".join(
        letter
        for letter in unicodedata.normalize("NFC", text.casefold())
        if unicodedata.category(letter)[0] in "LNM"
    )


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or run of an unspaced script; `start` and `end` are positions in `Folded.compact`."""

    text: str
    start: int
    end: int
    number: bool
    run: bool
    capital: bool


@dataclass(frozen=True, slots=True)
class Folded:
    """A text without spaces and accents; `at` gives the original offset of each letter of `compact`.

    `breaks` holds the positions before which a sentence ends, `soft` those before which a comma or bracket stands.
    """

    compact: str
    at: tuple[int, ...]
    tokens: tuple[Token, ...]
    breaks: tuple[int, ...]
    soft: frozenset[int]
    unspaced: bool
    source: str

    def broken(self, start: int, end: int) -> bool:
        """Tell whether a sentence ends inside a stretch of `compact`."""
        return any(start < stop < end for stop in self.breaks)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Translate positions in `compact` to offsets in the original text."""
        return self.at[start], self.at[end - 1] + 1


def fold(text: str) -> Folded:
    """Fold a whole text."""
    letters: list[str] = []
    at: list[int] = []
    tokens: list[Token] = []
    breaks: list[int] = []
    soft: set[int] = set()
    begin, kind, capital = 0, 0, False  # kind of the open token: 0 none, 1 word, 2 number, 3 run
    unspaced = False

    def close() -> None:
        nonlocal kind
        if kind and len(letters) > begin:
            tokens.append(Token("".join(letters[begin:]), begin, len(letters), kind == 2, kind == 3, capital))
        kind = 0

    length = len(text)
    for offset, letter in enumerate(text):
        folded = fold_letter(letter)
        if not folded:
            continue
        if folded in (_BREAK, _SOFT):
            between_digits = (
                kind == 2
                and letter in ".,:"
                and offset + 1 < length
                and text[offset - 1].isdecimal()
                and text[offset + 1].isdecimal()
            )
            if between_digits and letter != ":":
                letters.append(".")
                at.append(offset)
                continue
            close()
            if folded == _BREAK and not (letter == "." and _is_abbreviation(text, offset)):
                breaks.append(len(letters))
            else:
                soft.add(len(letters))
            continue
        if folded == _SPACE:
            close()
            continue
        first = folded[0]
        wanted = 2 if first.isdecimal() else 3 if is_unspaced(first) else 1
        unspaced = unspaced or wanted == 3
        if wanted != kind:
            close()
            begin, kind, capital = len(letters), wanted, letter.isupper()
        letters.extend(folded)
        at.extend([offset] * len(folded))
    close()
    return Folded("".join(letters), tuple(at), tuple(tokens), tuple(breaks), frozenset(soft), unspaced, text)


def _is_abbreviation(text: str, offset: int) -> bool:
    """Take a full stop after at most three letters, or with a letter right behind it, for no end of a sentence."""
    behind = text[offset + 1 : offset + 2]
    if behind and not behind.isspace():
        return True
    start = offset
    while start > 0 and text[start - 1].isalpha():
        start -= 1
    return 0 < offset - start <= 3 and not is_unspaced(text[start])
