"""Find typed words inside stored texts, alike on both databases and in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

LONGEST_QUERY = 200
MOST_WORDS = 8
_REFUSED = {"Cc", "Cs"}  # a database refuses NUL, and half a character is none


def read_query(text: str) -> str:
    """Take what a person typed into a search box: one line of at most 200 characters, composed."""
    kept = "".join(" " if unicodedata.category(character) in _REFUSED else character for character in text)
    return " ".join(unicodedata.normalize("NFC", kept[:LONGEST_QUERY]).split())[:LONGEST_QUERY]


def words_of(query: str) -> tuple[str, ...]:
    """Split a query into the words that must all be there, at most eight."""
    return tuple(dict.fromkeys(query.split()))[:MOST_WORDS]


def holds_words(words: Sequence[str], columns: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[bool]:
    """Write the condition that each word stands in one of the columns, in capitals or not."""
    return sa.and_(*(_holds(word, columns) for word in words))


def places_of(words: Iterable[str], text: str) -> list[tuple[int, int]]:
    """Return start and end of each place where one of the words stands in a text."""
    # of two words that begin alike the longer one is marked
    spelled = sorted({form for word in words for form in _spellings(word)}, key=len, reverse=True)
    if not spelled:
        return []
    pattern = "|".join(re.escape(form) for form in spelled)
    return [found.span() for found in re.finditer(pattern, text, re.IGNORECASE)]


def _holds(word: str, columns: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[bool]:
    return sa.or_(
        *(column.icontains(form, autoescape=True) for column in columns for form in _spellings(word))
    )


def _spellings(word: str) -> tuple[str, ...]:
    """List how a word may be stored: databases fold the case of ASCII alone, and phones decompose accents."""
    if word.isascii():
        return (word,)
    cased = (word, word.lower(), word.upper(), word.capitalize())
    return tuple(
        dict.fromkeys(unicodedata.normalize(form, each) for each in cased for form in ("NFC", "NFD"))
    )
