"""Spell words as they sound, coarsely enough for text-message Spanish and for the many spellings of Asian names."""

from __future__ import annotations

import re
from functools import lru_cache

_DOUBLE = re.compile(r"(.)\1+")


@lru_cache(maxsize=32768)
def sounds(word: str) -> tuple[str, ...]:
    """Return the forms under which a folded word is kept and looked up, the likeliest first.

    Words of other scripts and numbers have one form, without doubled letters.
    """
    if not word.isascii() or word.isdigit():
        return (word,) if word.isdigit() else (_DOUBLE.sub(r"\1", word),)
    plain = _spoken(_DOUBLE.sub(r"\1", word))
    spanish = _spoken(_DOUBLE.sub(r"\1", word.replace("ll", "y").replace("oo", "u").replace("ee", "i")))
    return (plain,) if plain == spanish else (plain, spanish)


def _spoken(written: str) -> str:
    word = re.sub(r"sch|sh|ch", "\x01", written)
    word = word.replace("ph", "p")
    word = re.sub(r"qu(?=[ei])", "k", word).replace("q", "k")
    word = re.sub(r"c(?=[eiy])", "s", word).replace("c", "k")
    word = re.sub(r"gu(?=[ei])", "g", word)
    word = word.replace("h", "")
    word = re.sub(r"[zx]", "s", word)
    word = re.sub(r"v", "b", word)
    word = word.replace("y", "i").replace("\x01", "c")
    return _DOUBLE.sub(r"\1", word) or written
