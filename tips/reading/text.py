"""Bring a message to the one form in which words are looked up."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from tips.zawgyi import to_unicode

MAX_CHARS = 4_000
_MARKS = "\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff\u200c\u200d"
_WORD = re.compile(rf"(?:[^\W_]|[{_MARKS}])+(?:['\u2019](?=[^\W\d_]))?")
# Scripts written without spaces between words: Thai, Lao, Burmese, Khmer, kana and Han.
_RUN = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uaa60-\uaa7f]+")
_ACCENTS = re.compile("[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
_LETTER_FORMS = str.maketrans(
    {
        "đ": "d",
        "ø": "o",
        "ł": "l",
        "ı": "i",
        "ə": "e",  # Azerbaijani, next door to Turkish
        "æ": "ae",
        "œ": "oe",
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ې": "ي",
        "ئ": "ي",
        "ک": "ك",
        "ة": "ه",
        "ہ": "ه",
        "ھ": "ه",
        "ۂ": "ه",
        "ے": "ي",
        "ں": "ن",
        "ؤ": "و",
        "ё": "е",
        "’": "'",
        "\u0901": "\u0902",  # Devanagari and Bengali nasal signs and dots below are often left out or mixed up
        "\u0981": None,
        "\u093c": None,
        "\u09bc": None,
        "\u200b": None,
        "\u200c": None,
        "\u200d": None,
        "\ufeff": None,
    }
)


@dataclass(frozen=True, slots=True)
class Text:
    """A message, in Unicode, with its words in two forms: as written in small letters, and without accents."""

    raw: str
    plain: str
    folded: str
    words: tuple[str, ...]
    plain_words: tuple[str, ...]
    runs: tuple[str, ...]


def plain_form(text: str) -> str:
    """Return compatibility-composed small letters with accents kept; lone surrogates become spaces."""
    clean = text.encode("utf-8", "replace").decode("utf-8") if not text.isascii() else text
    return unicodedata.normalize("NFKC", clean).casefold()


def fold(plain: str) -> str:
    """Drop accents of alphabets and unify letter forms; vowel signs of Indic and Asian scripts stay."""
    if plain.isascii():
        return plain
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", plain))
    return unicodedata.normalize("NFC", bare).translate(_LETTER_FORMS)


def is_run(piece: str) -> bool:
    """Say whether a piece is written in a script without spaces."""
    return _RUN.match(piece) is not None


def prepare(text: str) -> Text:
    """Split the first 4,000 characters of a message into words and unspaced runs."""
    raw = to_unicode(text[:MAX_CHARS]).text
    plain = plain_form(raw)[: 2 * MAX_CHARS]  # one ligature may stand for eighteen letters
    folded = fold(plain)
    spaced = _RUN.sub(" ", plain)
    plain_words = tuple(word.rstrip("'\u2019") for word in _WORD.findall(spaced))
    words = plain_words if spaced.isascii() else tuple(fold(word) for word in plain_words)
    return Text(raw, plain, folded, words, plain_words, tuple(_RUN.findall(folded)))
