"""Fold text of any script so that two spellings of one name become equal, and remember where each letter came from."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

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
    for part in unicodedata.normalize("NFKD", wide).casefold():  # styled capitals only now are capitals
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


_POINT = "\ufdd0"  # a noncharacter that stands for the point inside a number while a text is folded
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[.,](?=\d)")
_FRACTIONS = {"½": "5", "⅓": "33", "⅔": "67", "¼": "25", "¾": "75"}  # what stands behind the point
_MORE = dict(
    zip(_FRACTIONS, "\ufdd1\ufdd2\ufdd3\ufdd4\ufdd5", strict=True)
)  # the same behind a whole number, as in "1½"
_NOTHING = "\ufdd6"  # one that is dropped, so that every rewriting keeps the length of a text
_BEHIND_DIGIT = re.compile(rf"(?<=\d)( ?)([{''.join(_FRACTIONS)}])")
_TAILS = dict(zip(_FRACTIONS, "\ufdd7\ufdd8\ufdd9\ufdda\ufddb", strict=True))  # the digits without a point
_SLASHED = {(1, 2): "½", (1, 3): "⅓", (2, 3): "⅔", (1, 4): "¼", (3, 4): "¾"}
_SLASH = re.compile(r"(?:(?<![\d/\ufdd0])(\d{1,3})[ -])?(?<![\d/])(\d)/(\d)(?![\d/])")
_NONCHARACTERS = re.compile("[\ufdd0-\ufddb]")
_MOST_LETTERS = 16_384
_RUNS = "".join(f"{chr(low)}-{chr(high)}" for low, high in _UNSPACED)
_STOPS = f"{_SPACE}{_BREAK}{_SOFT}{_POINT}"
# no word is longer than 64 letters; more would only fill the memories of those who look words up
_PIECES = re.compile(
    rf"(?P<number>[0-9]{{1,64}}(?:{_POINT}[0-9]+)*)|(?P<run>[{_RUNS}]+)|(?P<word>[^{_STOPS}0-9{_RUNS}]{{1,64}})"
    rf"|(?P<stop>[{_BREAK}{_SOFT}])"
)


class Token(NamedTuple):
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
        return bisect_right(self.breaks, start) < bisect_left(self.breaks, end)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Translate positions in `compact` to offsets in the original text."""
        return self.at[start], self.at[end - 1] + 1


_NUMERALS = {_POINT: _POINT, _NOTHING: ""} | {
    letter: whole + _POINT + digits
    for fraction, digits in _FRACTIONS.items()
    for letter, whole in ((fraction, "0"), (_MORE[fraction], ""))
}
_NUMERALS |= {_TAILS[fraction]: digits for fraction, digits in _FRACTIONS.items()}


class _Letters(dict[int, str]):
    """Keep the folded forms of letters met so far, for `str.translate`; bounded, whatever people send."""

    def __init__(self) -> None:
        self.uneven: set[str] = set()  # letters that fold to none or to several

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        folded = _NUMERALS[letter] if letter in _NUMERALS else fold_letter(letter)
        if len(self) < _MOST_LETTERS:
            self[code] = folded
            if len(folded) != 1:
                self.uneven.add(chr(code))
        return folded

    def fold(self, text: str) -> tuple[str, Sequence[int]]:
        """Return the folded letters of a text and the offset that each came from."""
        folded = text.translate(self)
        if len(self) < _MOST_LETTERS and self.uneven.isdisjoint(text):
            return folded, range(len(text))
        offsets = [offset for offset, letter in enumerate(text) for _ in self[ord(letter)]]
        return folded, offsets


_letters = _Letters()


def fold(text: str) -> Folded:
    """Fold a whole text."""
    folded, offsets = _letters.fold(_with_points(text))
    compact: list[str] = []
    at: list[int] = []
    tokens: list[Token] = []
    breaks: list[int] = []
    soft: list[int] = []
    length = 0
    unspaced = False
    for piece in _PIECES.finditer(folded):
        kind, word = piece.lastgroup, piece[0]
        start, end = piece.span()
        if kind == "stop":
            offset = offsets[start]
            hard = word == _BREAK and not (text[offset] == "." and _is_abbreviation(text, offset))
            (breaks if hard else soft).append(length)
            continue
        number, run = kind == "number", kind == "run"
        if number:
            word = word.replace(_POINT, ".")
        unspaced = unspaced or run
        stop = length + end - start
        tokens.append(Token(word, length, stop, number, run, text[offsets[start]].isupper()))
        compact.append(word)
        at += offsets[start:end]
        length = stop
    return Folded("".join(compact), tuple(at), tuple(tokens), tuple(breaks), frozenset(soft), unspaced, text)


def _with_points(text: str) -> str:
    """Mark the points of numbers, letter for letter; halves and quarters have one too."""
    text = _BETWEEN_DIGITS.sub(_POINT, _NONCHARACTERS.sub(_SPACE, text))
    if not text.isascii():
        text = text.replace("\u2044", "/")
        text = _BEHIND_DIGIT.sub(lambda match: _NOTHING * len(match[1]) + _MORE[match[2]], text)
    return _SLASH.sub(_slashed, text) if "/" in text else text


def _slashed(match: re.Match[str]) -> str:
    """Write "1/2" and "2 1/2" as one number each."""
    whole, letter = match[1], _SLASHED.get((int(match[2]), int(match[3])))
    if letter is None:
        return match[0]
    return f"{whole}{_NOTHING}{_POINT}{_NOTHING}{_TAILS[letter]}" if whole else f"0{_POINT}{_TAILS[letter]}"


def _is_abbreviation(text: str, offset: int) -> bool:
    """Take a full stop after at most three letters, or with a letter right behind it, for no end of a sentence."""
    behind = text[offset + 1 : offset + 2]
    if behind and not behind.isspace():
        return True
    start = offset
    while start > 0 and text[start - 1].isalpha():
        start -= 1
    return 0 < offset - start <= 3 and not is_unspaced(text[start])
