"""Break a message into the pieces by which two messages are compared, whatever the script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from zlib import crc32

MAX_CHARS = 2_000
MAX_GRAMS = 160
MAX_NUMBERS = 12
_ACCENTS = re.compile("[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_LONG_LETTER = re.compile(r"(.)\1{2,}")
# Scripts whose words carry no spaces: a word takes one or two signs in the first group, a syllable or more in the second.
_DENSE = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\uaa60-\uaa7f"
_PIECES = re.compile(
    rf"(?P<dense>[{_DENSE}]+)|(?P<unspaced>[{_UNSPACED}]+)|(?P<word>(?:[^\W\d_{_DENSE}{_UNSPACED}]|[\u0900-\u0963\u0966-\u0dff])+)"
)


def plain(text: str) -> str:
    """Return small letters in one composed form, without accents, NUL or lone surrogates."""
    clean = text[:MAX_CHARS].encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
    small = unicodedata.normalize("NFKC", clean).casefold()[
        : 2 * MAX_CHARS
    ]  # a ligature may stand for many letters
    if small.isascii():
        return _LONG_LETTER.sub(r"\1", small)
    bare = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", small)))
    return _LONG_LETTER.sub(r"\1", bare)


def blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return the text with the spans replaced by a space each, so that they are not read twice."""
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    return text


def grams(text: str) -> frozenset[int]:
    """Return 16-bit hashes of the character n-grams of a plain text: 4 letters, 2 where one sign is a word.

    A text with more than MAX_GRAMS keeps those with the smallest hashes, so that two long texts keep the same ones.
    """
    found: set[str] = set()
    for match in _PIECES.finditer(text):
        word, script = match[0], match.lastgroup
        if script == "dense":
            found.update(_windows(word, 2))
        elif script == "unspaced":
            found.update(_windows(word, 4))
        elif len(word) > 2:
            found.update(_windows(f" {word} ", 4))
    hashes = {crc32(gram.encode()) & 0xFFFF for gram in found}
    return frozenset(hashes if len(hashes) <= MAX_GRAMS else sorted(hashes)[:MAX_GRAMS])


def _windows(word: str, size: int) -> Iterable[str]:
    if len(word) <= size:
        return (word,)
    return (word[at : at + size] for at in range(len(word) - size + 1))


def numbers(text: str) -> frozenset[int]:
    """Return the whole numbers of at most six digits that a plain text names, in any script's digits."""
    found: list[int] = []
    for piece in _DIGITS.findall(text):
        digits = "".join(sign for sign in piece if sign.isdecimal())
        if digits == piece and len(digits) <= 6:
            found.append(int(digits))
    return frozenset(found[:MAX_NUMBERS])


def exact_form(text: str) -> str:
    """Return only letters and digits of a plain text: equal for two messages that were copied."""
    return "".join(sign for sign in text if sign.isalnum())
