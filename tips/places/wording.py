"""Turn folded tokens into words that can be compared across spelling, inflection and, for kinds of places, language."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple

from tips.places.phonetics import sounds
from tips.places.script import Folded
from tips.places.vocabulary import words

Role = Literal["name", "number", "kind", "article", "link"]


class Word(NamedTuple):
    """One comparable word; `kind` names the kind of place where the word stands for one, `whole` keeps its ending.

    `apart` is true behind a comma, a bracket or the end of a sentence.
    """

    text: str
    role: Role
    kind: str
    start: int
    end: int
    capital: bool
    whole: str = ""
    apart: bool = False

    @property
    def forms(self) -> tuple[str, ...]:
        """Return the word without and, where it has one, with its ending: what looks like one may be the name's own."""
        return (self.text, self.whole) if self.whole and self.whole != self.text else (self.text,)

    @property
    def is_phrase(self) -> bool:
        """Tell whether this is a kind of several words, as "border post"."""
        return self.role == "kind" and not is_kind(self.text) and self.text in _joined_phrases()

    @property
    def weight(self) -> float:
        """Return how much this word tells one place from another."""
        if self.role == "number":
            return 1.5
        if self.role == "kind":
            return 0.6
        return 0.4 + min(len(self.text), 8) / 4 if self.role == "name" else 0.0


def wording(folded: Folded) -> list[Word]:
    """Return the words of a text or name; runs of unspaced scripts are left out, they are compared as letters."""
    small = words()
    kinds: dict[int, tuple[int, str]] = {}
    for hit in small.kinds.find(folded):
        if hit.start not in kinds or kinds[hit.start][0] < hit.end:
            kinds[hit.start] = (hit.end, hit.payload)
    stops = folded.soft.union(folded.breaks)
    found: list[Word] = []
    covered = -1
    for place, token in enumerate(folded.tokens):
        if token.run or token.start < covered:
            continue
        text = small.abbreviations.get(token.text, token.text)
        apart = token.start in stops
        kind_end, kind = kinds.get(token.start, (0, ""))
        if not kind and not token.number:
            kind_end, kind = _inflected_phrase(folded, place)
        if not kind and not token.number:
            kind = _kind_of(text)
            kind_end = token.end
        if token.number:
            found.append(Word(_plain_number(token.text), "number", "", token.start, token.end, False))
        elif kind:
            covered = kind_end
            text = text if kind_end == token.end else folded.compact[token.start : kind_end]
            found.append(Word(text, "kind", kind, token.start, kind_end, token.capital, apart=apart))
        elif text in small.articles:
            found.append(Word(text, "article", "", token.start, token.end, token.capital))
        elif text in small.links:
            found.append(Word(text, "link", "", token.start, token.end, token.capital))
        elif number := number_of(text):
            found.append(Word(number, "number", "", token.start, token.end, token.capital))
        else:
            found.append(Word(stem(text), "name", "", token.start, token.end, token.capital, text, apart))
    return found


def _plain_number(text: str) -> str:
    return text.lstrip("0") or "0"


def _inflected_phrase(folded: Folded, place: int) -> tuple[int, str]:
    """Find a kind of several words whose last one has an ending, as "বাস টার্মিনালে"; returns its end and the kind."""
    phrases = _stemmed_phrases()
    for length in phrases.get(folded.tokens[place].text, ()):
        tokens = folded.tokens[place : place + length]
        if len(tokens) < length or folded.broken(tokens[0].start, tokens[-1].end):
            continue
        begin = tuple(token.text for token in tokens[:-1])
        for last in (stem(tokens[-1].text), *without_ending(tokens[-1].text)):
            kind = _phrase_kinds().get((*begin, last), "")
            if kind:
                return tokens[-1].end, kind
    return 0, ""


@lru_cache(maxsize=1)
def _phrase_kinds() -> dict[tuple[str, ...], str]:
    return {(*phrase[:-1], stem(phrase[-1])): kind for phrase, kind in words().kind_phrases.items()}


@lru_cache(maxsize=1)
def _stemmed_phrases() -> dict[str, tuple[int, ...]]:
    """Return how many words the kinds have that begin with a word, the most first."""
    lengths: dict[str, set[int]] = {}
    for phrase in words().kind_phrases:
        lengths.setdefault(phrase[0], set()).add(len(phrase))
    return {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}


@lru_cache(maxsize=8192)
def _kind_of(text: str) -> str:
    """Find a kind word under its endings, in the plural, or by its sound."""
    kind = _written_kind(text)
    if kind:
        return kind
    return _spoken_kinds().get(sounds(text)[0], "") if len(text) >= 5 else ""


def _written_kind(text: str) -> str:
    small = words()
    for form in (stem(text), text[:-1] if text.endswith("s") else text, *without_ending(text)):
        entry = small.kind_words.get(form) if len(form) >= 3 else None
        if entry:
            return entry
    return ""


def is_kind(text: str) -> bool:
    """Tell whether a word is written as one for a kind of place, and does not only sound like one."""
    return text in words().kind_words or bool(_written_kind(text))


@lru_cache(maxsize=1)
def _joined_phrases() -> frozenset[str]:
    return frozenset("".join(phrase) for phrase in words().kind_phrases)


@lru_cache(maxsize=8192)
def number_of(text: str) -> str:
    """Return the digits for a number word, also one that is spelt as it sounds ("catorse"), or an empty string."""
    small = words()
    if text in small.numbers:
        return small.numbers[text]
    if len(text) < 4:
        return ""
    return _spoken_numbers().get(sounds(text)[0], "")


@lru_cache(maxsize=1)
def _endings() -> tuple[str, ...]:
    endings = words().endings
    return tuple(sorted({*endings["turkish"], *endings["swahili"]}, key=len, reverse=True))


@lru_cache(maxsize=8192)
def without_ending(text: str, least: int = 5) -> tuple[str, ...]:
    """Cut the endings that Turkish and Swahili put on a word for a place, the longest first, down to `least` letters."""
    if len(text) < 6 or not text.isascii() or not text.endswith(_endings()):
        return ()
    return tuple(
        text[: -len(ending)]
        for ending in _endings()
        if text.endswith(ending) and len(text) - len(ending) >= least
    )


@lru_cache(maxsize=1)
def _spoken_kinds() -> dict[str, str]:
    return {sounds(word)[0]: kind for word, kind in words().kind_words.items() if len(word) >= 5}


@lru_cache(maxsize=1)
def _spoken_numbers() -> dict[str, str]:
    return {sounds(word)[0]: value for word, value in words().numbers.items() if len(word) >= 4}


def _script(text: str) -> str:
    code = ord(text[0])
    if 0x0600 <= code <= 0x06FF or 0x0750 <= code <= 0x077F:
        return "arabic"
    if 0x0400 <= code <= 0x052F:
        return "cyrillic"
    if 0x0900 <= code <= 0x097F:
        return "devanagari"
    return "bengali" if 0x0980 <= code <= 0x09FF else ""


@lru_cache(maxsize=16384)
def stem(text: str) -> str:
    """Cut off articles, particles and endings that grow on names in Arabic, Cyrillic and Indic scripts."""
    script = _script(text)
    small = words()
    if script == "arabic":
        for prefix in small.prefixes:
            if text.startswith(prefix) and len(text) - len(prefix) >= 3:
                return text[len(prefix) :]
        return text
    for ending in small.endings.get(script, ()):
        if text.endswith(ending) and len(text) - len(ending) >= small.keep - 1:
            return text[: -len(ending)]
    return text
