"""Match Russian that is written in Latin letters with the Cyrillic words of the lexicon."""

from __future__ import annotations

LANGUAGES = frozenset(("ru",))
SHORTEST = 5  # letters; a shorter word in Latin letters is more often a word of another language
_LETTERS = str.maketrans(
    dict(zip("абвгдезиклмнопрстуфхцыэі", "abvgdeziklmnoprstufhciei", strict=True))
    | {"ж": "zh", "ч": "ch", "ш": "sh", "щ": "sh", "ю": "iu", "я": "ia", "ь": "", "ъ": ""}
    | {"y": "i", "j": "i", "w": "v", "x": "h", "q": "k", "'": ""}
)
# people spell one letter in several ways: each is brought to the one that the table above gives
_SPELLINGS = (("shch", "sh"), ("sch", "sh"), ("kh", "h"), ("ts", "c"), ("tz", "c"), ("ie", "e"))


def plain_spelling(word: str) -> str:
    """Spell a folded word in Latin letters, one way for every way people write it, doubled letters once."""
    spelt = word.translate(_LETTERS)
    for written, instead in _SPELLINGS:
        spelt = spelt.replace(written, instead)
    return "".join(letter for at, letter in enumerate(spelt) if at == 0 or letter != spelt[at - 1])


def is_cyrillic(word: str) -> bool:
    """Say whether a folded word has Cyrillic letters alone, so that it can be spelt in Latin ones."""
    return all("а" <= letter <= "я" or letter == "і" for letter in word)
