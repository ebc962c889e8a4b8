"""Words that say what a number near them is, in every language of a border.

The words live in data/cues.json: class -> language -> words. A word that ends in * matches as a stem;
words of scripts without blanks (Thai, Lao, Khmer, Burmese, Chinese) match anywhere in a run of letters.
"""

import json
import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

_WORD = re.compile(r"[^\s.,;:!?()\[\]{}<>\"'«»“”‘’|、。，：；！？（）《》「」۔।။၊،؛…=]+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_GLUED_NUMBER = re.compile(r"([^\d\s]{2,12})[#-]?\d{4}")
_ARABIC_PREFIXES = ("وال", "بال", "لل", "ال", "و", "ب", "ل")
_LONGEST_WORD = 24


class Cue:
    """Name what a word nearby says about a number, one bit each; plain integers, for they are asked often."""

    PLATE = 1
    VEHICLE = 2
    PHONE = 4
    IMEI = 8
    VIN = 16
    IMO = 32
    CONTAINER = 64
    GTIN = 128
    EPC = 256
    SERIAL = 512
    NOTE = 1024
    NUMBER = 2048
    ACCOUNT = 4096
    CHAT = 8192
    HANDLE = 16384
    SECRET = 32768
    COMPANY = 65536
    UNIT = 131072
    PLACEWORD = 262144
    WALLET = 524288
    COLOUR = 1048576
    MOBILE_MONEY = 2097152
    PAPER = 4194304
    GOODS = 8388608


#: Classes that by themselves say what the next number is.
DECISIVE = (
    Cue.PLATE
    | Cue.PHONE
    | Cue.IMEI
    | Cue.VIN
    | Cue.IMO
    | Cue.GTIN
    | Cue.EPC
    | Cue.SERIAL
    | Cue.ACCOUNT
    | Cue.MOBILE_MONEY
)


@dataclass(frozen=True, slots=True)
class _Lexicon:
    words: dict[str, int]
    stems: dict[str, int]
    stem_lengths: tuple[int, ...]
    unspaced: tuple[tuple[str, int], ...]


@cache
def _lexicon() -> _Lexicon:
    path = Path(__file__).parent / "data" / "cues.json"
    words: dict[str, int] = {}
    stems: dict[str, int] = {}
    unspaced: dict[str, int] = {}
    for name, languages in json.loads(path.read_text("utf-8")).items():
        flag: int = getattr(Cue, name.upper())
        for entry in (word.lower() for listed in languages.values() for word in listed):
            table = unspaced if _UNSPACED.search(entry) else stems if entry.endswith("*") else words
            key = entry.removesuffix("*")
            table[key] = table.get(key, 0) | flag
    lengths = tuple(sorted({len(stem) for stem in stems}))
    longest_first = tuple(sorted(unspaced.items(), key=lambda item: (-len(item[0]), item[0])))
    return _Lexicon(words, stems, lengths, longest_first)


@lru_cache(maxsize=8192)
def _flags_of(word: str) -> int:
    lexicon = _lexicon()
    flags = lexicon.words.get(word, 0)
    for length in lexicon.stem_lengths:
        if length > len(word):
            break
        flags |= lexicon.stems.get(word[:length], 0)
    if not flags and "\u0600" <= word[0] <= "\u06ff":
        for prefix in _ARABIC_PREFIXES:
            if word.startswith(prefix) and len(word) > len(prefix) + 1:
                flags |= lexicon.words.get(word.removeprefix(prefix), 0)
    return flags


class Cues:
    """Know which cue words a text holds and where; build once per text."""

    def __init__(self, text: str) -> None:
        """Read the cue words of a folded text."""
        self._text = text
        self.shouted = text.isascii() and text == text.upper()
        found: list[tuple[int, int, int]] = []
        lowered = text.lower()
        if len(lowered) != len(text):  # a few letters, such as the Turkish İ, grow when lowered
            lowered = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
        for match in _WORD.finditer(lowered):
            word = match.group().strip("-#*_/")
            if word and len(word) <= _LONGEST_WORD and (flags := _flags_of(word)):
                found.append((match.start(), match.end(), flags))
            elif (glued := _GLUED_NUMBER.match(word)) and (flags := _flags_of(glued[1])):
                found.append((match.start(), match.start() + glued.end(1), flags))
        if _UNSPACED.search(lowered):
            found.extend(self._find_unspaced(lowered))
            found.sort()
        self._found = found
        self._starts = [start for start, _, _ in found]
        self._all = 0
        for _, _, flags in found:
            self._all |= flags

    @staticmethod
    def _find_unspaced(lowered: str) -> list[tuple[int, int, int]]:
        found = []
        for word, flags in _lexicon().unspaced:
            at = lowered.find(word)
            while at >= 0:
                found.append((at, at + len(word), flags))
                at = lowered.find(word, at + len(word))
        return found

    def has(self, wanted: int) -> bool:
        """Say whether the text holds any word of these classes."""
        return bool(self._all & wanted)

    def ends(self, wanted: int) -> frozenset[int]:
        """Give the offsets at which words of these classes end."""
        return frozenset(end for _, end, flags in self._found if flags & wanted)

    def foreign_words(self) -> frozenset[int]:
        """Give the offsets at which cue words of other scripts than the Latin start."""
        return frozenset(start for start, _, _ in self._found if self._text[start] > "\u024f")

    def before(self, start: int, wanted: int, reach: int) -> int | None:
        """Give the distance to the nearest such word that ends at most `reach` before `start`."""
        if not self._all & wanted:
            return None
        best: int | None = None
        for i in range(bisect_left(self._starts, start) - 1, -1, -1):
            at, end, flags = self._found[i]
            if start - at > reach + _LONGEST_WORD:
                break
            gap = start - end
            if flags & wanted and 0 <= gap <= reach and (best is None or gap < best):
                best = gap
        return best

    def after(self, end: int, wanted: int, reach: int) -> int | None:
        """Give the distance to the nearest such word that starts at most `reach` after `end`."""
        if not self._all & wanted:
            return None
        for i in range(bisect_left(self._starts, end), len(self._found)):
            at, _, flags = self._found[i]
            if at - end > reach:
                return None
            if flags & wanted:
                return at - end
        return None
