"""Spell words as they sound, coarsely enough for text-message Spanish and for the many spellings of Asian names."""

from __future__ import annotations

import re
from functools import lru_cache

_DOUBLE = re.compile(r"(.)\1+")
_GLIDE = re.compile("(?<=[bdgklmnrt])w(?=[aeio])")  # "Rwanda" is "Ruanda"
_SOFT_N = re.compile("ny(?=[aeiou])")  # as "gn" and "nh" in French and Portuguese
_HISS = "\x01"  # sh, ch and sch, until every other c is gone
_LETTERS = str.maketrans({"h": "", "z": "s", "x": "s", "v": "b", "y": "i", _HISS: "c"})


@lru_cache(maxsize=32768)
def sounds(word: str) -> tuple[str, ...]:
    """Return the forms under which a folded word is kept and looked up, the likeliest first.

    Words of other scripts and numbers have one form, without doubled letters.
    """
    if not word.isascii() or word.isdigit():
        return (word,) if word.isdigit() else (_single(word),)
    plain = _spoken(_single(word))
    other = _elsewhere(word)
    if other == word:
        return (plain,)
    foreign = _spoken(_single(other))
    return (plain,) if plain == foreign else (plain, foreign)


def _elsewhere(word: str) -> str:
    """Respell a word as other languages hear the same letters: "ll", "oo", "ou", "tch", "dj", "gn" and "ny", "ph" and "w"."""
    word = word.replace("ll", "y").replace("oo", "u").replace("ee", "i").replace("ou", "u")
    word = word.replace("tch", "ch").replace("tsh", "ch").replace("dj", "j").replace("gn", "n")
    word = _SOFT_N.sub("n", word).replace("ph", "f")
    return _GLIDE.sub("u", word).replace("w", "v") if "w" in word else word


def _spoken(written: str) -> str:
    word = written
    if "h" in word:
        word = word.replace("sch", _HISS).replace("sh", _HISS).replace("ch", _HISS).replace("ph", "p")
    if "q" in word:
        word = word.replace("que", "ke").replace("qui", "ki").replace("q", "k")
    if "c" in word:
        word = word.replace("ce", "se").replace("ci", "si").replace("cy", "sy").replace("c", "k")
    word = word.replace("gue", "ge").replace("gui", "gi").translate(_LETTERS)
    return _single(word) or written


def _single(word: str) -> str:
    """Write doubled letters once; most words have none, and looking is quicker than replacing."""
    return _DOUBLE.sub(r"\1", word) if _DOUBLE.search(word) else word
