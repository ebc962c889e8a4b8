"""Load the words for directions, distances and kinds of places from the data files, once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from tips.places.phrases import PhraseIndex
from tips.places.script import fold

_Table = Mapping[str, Any]


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((files("tips.places") / "data" / f"{name}.toml").read_text(encoding="utf-8"))


def _everyday() -> frozenset[str]:
    lines = (files("tips.places") / "data" / "common.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@dataclass(frozen=True, slots=True)
class CoordinateWords:
    """Hold the patterns for labels and hemispheres of written coordinates."""

    lat: re.Pattern[str]
    lon: re.Pattern[str]
    hemispheres: re.Pattern[str]
    letters: Mapping[str, str]

    def letter(self, word: str) -> str:
        """Return N, S, E or W for a hemisphere word."""
        return self.letters[word.casefold()]


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))


@lru_cache(maxsize=1)
def coordinate_words() -> CoordinateWords:
    """Return the compiled label patterns; group 1 of each label pattern is the number behind it."""
    table = _load("coordinates")
    number = r"[\s:=.(]{0,4}(?:is\s|es\s)?\s?(-?\d{1,3}[.,]\d{2,})"
    letters = {word.casefold(): letter for letter, words in table["hemispheres"].items() for word in words}
    either = _alternatives(letters)
    return CoordinateWords(
        re.compile(rf"(?<![a-z])(?:{_alternatives(table['lat'])}){number}", re.IGNORECASE),
        re.compile(rf"(?<![a-z])(?:{_alternatives(table['lon'])}){number}", re.IGNORECASE),
        re.compile(
            rf"(?:(?<=[\d°'\"])|(?<=[\d°'\"]\s))(?:{either})(?![^\W\d_])|(?<![^\W\d_])(?:{either})(?=\s?\d)",
            re.IGNORECASE,
        ),
        letters,
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """Describe one kind of place; `radius_m` is how far from the mapped point it reaches.

    `toward` names the kinds that show the way to it, `like` those that people say for it.
    """

    name: str
    kinds: frozenset[str]
    single: bool
    radius_m: float
    toward: tuple[str, ...]
    like: frozenset[str]
    anchor: bool


@dataclass(frozen=True, slots=True)
class Words:
    """Hold the small words and the kind words, folded."""

    articles: frozenset[str]
    links: frozenset[str]
    common: frozenset[str]
    abbreviations: Mapping[str, str]
    numbers: Mapping[str, str]
    kinds: PhraseIndex[str]
    kind_words: Mapping[str, str]
    kind_phrases: Mapping[tuple[str, ...], str]
    kind_runs: frozenset[str]
    kind_of: Mapping[str, str]
    by_name: Mapping[str, Kind]
    prefixes: tuple[str, ...]
    endings: Mapping[str, tuple[str, ...]]
    keep: int
    number_variants: Mapping[str, tuple[str, ...]]
    postpositions: Mapping[str, frozenset[str]]


def _plain(word: str) -> str:
    return fold(word).compact


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(_plain(word) for word in words)


@lru_cache(maxsize=1)
def words() -> Words:
    """Return articles, links, abbreviations, numbers and kinds."""
    small, kinds, numbers = _load("words"), _load("kinds"), _load("numbers")["numbers"]
    index: PhraseIndex[str] = PhraseIndex()
    kind_words: dict[str, str] = {}
    kind_phrases: dict[tuple[str, ...], str] = {}
    kind_of: dict[str, str] = {}
    by_name: dict[str, Kind] = {}
    for name, table in kinds.items():
        by_name[name] = Kind(
            name,
            frozenset(table["kinds"]),
            table.get("single", False),
            float(table["radius_m"]),
            (name, *table.get("toward", ())),
            frozenset({name, *table.get("like", ())}),
            table.get("anchor", False),
        )
        kind_of.update(dict.fromkeys(table["kinds"], name))
        for word in table["words"]:
            index.add(word, name)
            folded = fold(word)
            if folded.unspaced:
                continue
            if len(folded.tokens) == 1:
                kind_words.setdefault(folded.compact, name)
            else:
                kind_phrases.setdefault(tuple(token.text for token in folded.tokens), name)
    spoken = {
        _plain(word): value for value, spellings in numbers.items() for word in spellings if " " not in word
    }
    variants = {
        value: tuple(_plain(word) for word in spellings if fold(word).unspaced)
        for value, spellings in numbers.items()
    }
    return Words(
        _folded(small["articles"]),
        _folded(small["links"]),
        _folded(small["common"]) | _everyday(),
        {_plain(short): _plain(full) for short, full in small["abbreviations"].items()},
        spoken,
        index,
        kind_words,
        kind_phrases,
        frozenset(_plain(word) for table in kinds.values() for word in table["words"] if fold(word).unspaced),
        kind_of,
        by_name,
        tuple(sorted(_folded(small["prefixes"]["arabic"]), key=len, reverse=True)),
        {
            script: tuple(sorted(_folded(found) - {""}, key=len, reverse=True))
            for script, found in small["endings"].items()
            if script != "keep"
        },
        small["endings"]["keep"],
        variants,
        {language: _folded(found) for language, found in small["postpositions"].items()},
    )


@dataclass(frozen=True, slots=True)
class Cue:
    """Say what a cue word makes of the place next to it; `behind` is true for words that follow their place."""

    role: str
    behind: bool


@lru_cache(maxsize=1)
def cues() -> PhraseIndex[Cue]:
    """Return the cue words for the part a place plays."""
    index: PhraseIndex[Cue] = PhraseIndex()
    for table in _load("cues")["cue"]:
        for word in table["before"]:
            index.add(word, Cue(table["role"], False))
        for word in table["after"]:
            index.add(word, Cue(table["role"], True))
    return index


@lru_cache(maxsize=1)
def introducers() -> frozenset[str]:
    """Return the last words of all cues that stand in front of a place, such as "in", "de" or "near"."""
    spellings = (word for table in _load("cues")["cue"] for word in table["before"])
    return frozenset(
        tokens[-1].text for tokens in (fold(word).tokens for word in spellings) if not tokens[-1].run
    )


@lru_cache(maxsize=1)
def bearings() -> PhraseIndex[float]:
    """Return the points of the compass, in degrees."""
    index: PhraseIndex[float] = PhraseIndex()
    for degrees, spellings in _load("bearings").items():
        for word in spellings:
            index.add(word, float(degrees))
    return index


@dataclass(frozen=True, slots=True)
class Unit:
    """Hold one unit as it is written in one way."""

    metres: float
    short: bool
    alone: bool
    before_number: bool
    twice: bool
    needs: frozenset[str]
    weight: bool


@lru_cache(maxsize=1)
def units() -> PhraseIndex[Unit]:
    """Return the units of distance."""
    index: PhraseIndex[Unit] = PhraseIndex()
    for table in _load("units")["unit"]:
        before = _folded(table.get("before_number", ()))
        weight = _folded(table.get("weight", ()))
        needs = frozenset(table.get("needs", ()))
        for style in ("words", "short", "twice"):
            for word in table.get(style, ()):
                unit = Unit(
                    metres=table["metres"],
                    short=style == "short",
                    alone=bool(table.get("alone")) and style == "words",
                    before_number=_plain(word) in before,
                    twice=style == "twice",
                    needs=needs,
                    weight=_plain(word) in weight,
                )
                index.add(word, unit)
    return index


@lru_cache(maxsize=1)
def ways() -> PhraseIndex[str]:
    """Return the words that a unit may need next to it, such as those for walking."""
    index: PhraseIndex[str] = PhraseIndex()
    for table in _load("units")["unit"]:
        for word in table.get("needs", ()):
            index.add(word, word)
    return index


@dataclass(frozen=True, slots=True)
class Amount:
    """Hold what a number word is worth; `added` amounts go on top of the number before them."""

    value: float
    added: bool


@lru_cache(maxsize=1)
def amounts() -> PhraseIndex[Amount]:
    """Return number words as they count units."""
    table = _load("numbers")
    index: PhraseIndex[Amount] = PhraseIndex()
    for value, spellings in (*table["numbers"].items(), *table["counts"].items()):
        for word in spellings:
            index.add(word, Amount(float(value), False))
    halves = table["halves"]
    for name, amount in (
        ("alone", Amount(0.5, False)),
        ("after", Amount(0.5, True)),
        ("one_and_half", Amount(1.5, False)),
        ("two_and_half", Amount(2.5, False)),
    ):
        for word in halves[name]:
            index.add(word, amount)
    return index


@lru_cache(maxsize=1)
def situations() -> PhraseIndex[str]:
    """Return the whole-text hints by their name."""
    index: PhraseIndex[str] = PhraseIndex()
    for name, spellings in _load("situations").items():
        for word in spellings if isinstance(spellings, list) else ():
            index.add(word, name)
    return index


def preload() -> None:
    """Read all data files now, so that the first tip does not wait for them."""
    for table in (coordinate_words, words, cues, introducers, bearings, units, ways, amounts, situations):
        table()


@lru_cache(maxsize=1)
def vague_metres() -> float:
    """Return how far "a little past" is taken to be."""
    return float(_load("situations")["vague_metres"])
