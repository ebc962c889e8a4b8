"""Undo the particles and endings of a word that the lexicon does not hold in the form it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from tips.reading.text import fold

_SHORTEST = 3  # letters that an Arabic word keeps, and a Turkish word without its plural
_STEM = 4  # letters that a Russian or Turkish word keeps
_ARABIC = re.compile("[\u0621-\u064a]{4,}")
_JOINED = ("وبال", "فبال", "وعال", "وال", "فال", "بال", "كال", "عال", "هال", "ولل", "لل", "ال")
_PARTICLES = ("وب", "ول", "وك", "ب", "ل", "ك", "ف")  # without the article they begin many a word of their own
_VERB_PARTICLES = ("وس", "وح", "وه", "س", "ح", "ه")  # "will", before the third person only
_POSSESSIVES = (
    ("تهم", "ه"),
    ("تها", "ه"),
    ("تنا", "ه"),
    ("تين", "ه"),
    ("ته", "ه"),
    ("هم", ""),
    ("ها", ""),
    ("نا", ""),
)
_CYRILLIC = re.compile("[а-я]{5,}")
_CASES = tuple(
    fold(ending)
    for ending in (
        *("ами", "ями", "ого", "его", "ому", "ему", "ыми", "ими"),
        *(
            "ов",
            "ев",
            "ей",
            "ам",
            "ям",
            "ах",
            "ях",
            "ой",
            "ый",
            "ий",
            "ая",
            "яя",
            "ое",
            "ее",
            "ые",
            "ие",
            "ую",
            "юю",
        ),
        *("ом", "ем", "ым", "им", "ых", "их", "ью", "а", "я", "о", "е", "ы", "и", "у", "ю", "ь"),
    )
)
_NOMINATIVES = (
    "",
    "а",
    "я",
    "ь",
    "ы",
    "и",
    "о",
    "е",
    fold("й"),
    fold("ый"),
    fold("ий"),
    fold("ая"),
    fold("ые"),
)
_TURKISH = re.compile("[a-z]{6,}")
_PLURALS = ("lar", "ler")
_PLURAL = "(?:l[ae]r)?"
_OWNER = "(?:[iu]?m|[iu]m[iu]z|[iu]?n|[iu]n[iu]z|s?[iu])?"
_CASE = "(?:[yn]?[iu]|[yn]?[ae]|n?[dt][ae]n?|n?[iu]n|y?l[ae])?"
_ENDINGS = re.compile(f"{_PLURAL}{_OWNER}{_CASE}(?:ki)?")
_HARDENED = {"g": "k", "b": "p", "d": "t"}  # "ağacı" is "ağaç", but c and ç fold into one letter


def bare_forms(word: str, language: str) -> Iterator[str]:
    """Yield the forms that a folded word may have in the lexicon, the likeliest first; none for most languages."""
    undo = _UNDO.get(language)
    return undo(word) if undo is not None else iter(())


def _arabic(word: str) -> Iterator[str]:
    if not _ARABIC.fullmatch(word):
        return
    for rest in (word, *_without_particles(word)):
        if rest != word:
            yield rest
        for ending, instead in _POSSESSIVES:
            if rest.endswith(ending) and len(rest) - len(ending) > _SHORTEST:
                yield rest[: -len(ending)] + instead


def _without_particles(word: str) -> Iterator[str]:
    for particle in _JOINED:
        if word.startswith(particle) and len(word) - len(particle) >= _SHORTEST:
            yield word[len(particle) :]
    if word[0] == "و":
        yield word[1:]
    for particle in _PARTICLES:
        if word.startswith(particle) and len(word) - len(particle) > _SHORTEST:
            yield word[len(particle) :]
    for particle in _VERB_PARTICLES:
        if word.startswith(particle + "ي") and len(word) - len(particle) > _SHORTEST:
            yield word[len(particle) :]


def _russian(word: str) -> Iterator[str]:
    if not _CYRILLIC.fullmatch(word):
        return
    for ending in ("", *_CASES):
        stem = word.removesuffix(ending)
        if len(stem) < _STEM or len(stem) + len(ending) != len(word):
            continue
        for nominative in _NOMINATIVES:
            if len(stem) + len(nominative) > _STEM and nominative != ending:
                yield stem + nominative


def _turkish(word: str) -> Iterator[str]:
    """Yield stems, longest first; a stem of four letters has to lose two, or 'posta' (mail) would be 'post' (pelt).

    A stem of three letters has to lose a plural, as "hap" does in "haplardan".
    """
    if not _TURKISH.fullmatch(word):
        return
    for size in range(len(word) - 1, _SHORTEST - 1, -1):
        if (size == _STEM and len(word) == size + 1) or not _ENDINGS.fullmatch(word, size):
            continue
        if size < _STEM and word[size : size + 3] not in _PLURALS:
            continue
        stem = word[:size]
        yield stem
        if stem[-1] in _HARDENED:
            yield stem[:-1] + _HARDENED[stem[-1]]


_UNDO: Mapping[str, Callable[[str], Iterator[str]]] = {"ar": _arabic, "ru": _russian, "tr": _turkish}
