"""Find words of time in a message: days, parts of the day, numbers, units, clocks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tips.reading.text import fold, is_run, plain_form

FOLDER = Path(__file__).with_name("times")
_PIECES = re.compile(
    r"(?<![\d.,+/-])(?P<time>[01]?\d|2[0-3])[:h.](?P<minute>[0-5]\d)(?:[:.][0-5]\d)?(?![\d°'.,]\d|\d|°)"
    r"|(?P<number>\d+(?:[.,]\d+)?)"
    r"|(?P<run>[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3400-\u9fff]+)"
    r"|(?P<word>(?:[^\W\d_]|[\u0900-\u0963\u0966-\u0dff])+(?:'(?:[^\W\d_])+)?)"
)
_DAYS = ("today", "tonight", "this_morning", "yesterday", "last_night", "before_yesterday", "last_week")
_SIMPLE = ("now", "recently", "tomorrow", "every", "every_before", "ago_before", "ago_after")
_CLOCK = ("clock_before", "clock_after", "from_six", "am", "pm")
_UNIT_MINUTES = {
    "minute": 1,
    "half_hour": 30,
    "hour": 60,
    "two_hours": 120,
    "day": 1440,
    "two_days": 2880,
    "week": 10080,
    "month": 43200,
}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


_NUMBER = re.compile(r"(?P<number>\d+)")


@dataclass(frozen=True, slots=True)
class Item:
    """One word of time: its kind, its value, and where it stands in the folded text."""

    kind: str
    value: str | float
    start: int
    end: int
    shifted: bool = False  # an hour counted from sunrise, as in Swahili
    minutes: float | None = None  # of a unit; also of a word such as "saat", which says "at" and "hour"


@dataclass(slots=True)
class TimeWords:
    """The words of time of some languages, arranged for one pass."""

    phrases: dict[str, list[tuple[tuple[str, ...], str, str | float]]] = field(default_factory=dict)
    runs: dict[str, tuple[str, str | float]] = field(default_factory=dict)
    sizes: dict[str, list[int]] = field(
        default_factory=dict
    )  # first two letters -> lengths of words, longest first
    starts: re.Pattern[str] = _NUMBER
    units: dict[str, float] = field(default_factory=dict)
    shifted: bool = False


@cache
def known_languages() -> frozenset[str]:
    """Return the languages that have a file of time words."""
    return frozenset(path.stem for path in FOLDER.glob("*.toml"))


@cache
def load(languages: tuple[str, ...]) -> TimeWords:
    """Read the files of some languages; those without a file are left out."""
    built = TimeWords()
    for language in languages:
        for table in _tables(language):
            built.shifted = built.shifted or bool(table.get("counted_from_sunrise"))
            for kind, value, words in _entries(table):
                for word in (piece.strip() for piece in words.split(",")):
                    _add(built, fold(plain_form(word)), kind, value)
    for word in built.runs:
        lengths = built.sizes.setdefault(word[:2], [])
        if len(word) not in lengths:
            lengths.append(len(word))
    for lengths in built.sizes.values():
        lengths.sort(reverse=True)
    if built.sizes:
        letters = "".join(sorted({start[0] for start in built.sizes}))
        built.starts = re.compile(rf"(?P<number>\d+)|[{re.escape(letters)}]")
    for phrases in built.phrases.values():
        phrases.sort(key=lambda entry: -len(entry[0]))
    return built


@cache
def _tables(language: str) -> tuple[dict[str, object], ...]:
    """Return a language's own file and the one it builds on; its own words come first and win."""
    if language not in known_languages():
        return ()
    table = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return (table, *(_tables(str(table["also"])) if "also" in table else ()))


def items(folded: str, languages: tuple[str, ...]) -> list[Item]:
    """Return the words of time in order of appearance."""
    words = load(languages)
    pieces = list(_PIECES.finditer(folded))
    found: list[Item] = []
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        kind, step = piece.lastgroup, 1
        if kind == "word":
            if piece[0] in words.phrases:
                step = _in_words(pieces, at, words, found)
        elif kind == "run":
            found.extend(_in_run(piece[0], piece.start(), words))
        elif kind == "minute":
            minutes = int(piece["time"]) * 60 + int(piece["minute"])
            found.append(Item("time", float(minutes), piece.start(), piece.end(), words.shifted))
        elif len(piece[0]) <= 4:
            found.append(_number(piece[0], piece.start(), words.shifted))
        at += step
    return found


def _in_words(pieces: list[re.Match[str]], at: int, words: TimeWords, found: list[Item]) -> int:
    """Add the longest phrase that starts here; return how many words it took."""
    for phrase, kind, value in words.phrases[pieces[at].group()]:
        if len(phrase) == 1 or phrase == tuple(piece[0] for piece in pieces[at : at + len(phrase)]):
            last = pieces[at + len(phrase) - 1]
            unit = words.units.get(" ".join(phrase))
            found.append(Item(kind, value, pieces[at].start(), last.end(), words.shifted, unit))
            return len(phrase)
    return 1


def _in_run(run: str, offset: int, words: TimeWords) -> Iterator[Item]:
    """Yield the words of time in letters without spaces, going from one possible first letter to the next."""
    start = words.starts.search(run)
    while start:
        at, step = start.start(), 1
        if start["number"]:
            step = len(start["number"])
            if step <= 4:
                yield _number(start["number"], offset + at, words.shifted)
        else:
            for size in (*words.sizes.get(run[at : at + 2], ()), *words.sizes.get(run[at], ())):
                word = run[at : at + size]
                match = words.runs.get(word)
                if match:
                    step = len(word)
                    unit = words.units.get(word)
                    yield Item(match[0], match[1], offset + at, offset + at + step, minutes=unit)
                    break
        start = words.starts.search(run, at + step)


def _number(digits: str, start: int, shifted: bool) -> Item:
    return Item("number", float(digits.replace(",", ".")), start, start + len(digits), shifted)


def _entries(table: dict[str, object]) -> Iterator[tuple[str, str | float, str]]:
    """Yield (kind, value, comma-separated words) for everything in one language's file."""
    for name in (*_SIMPLE, *_CLOCK):
        if name in table:
            yield name, name, str(table[name])
    for name in _DAYS:
        if name in table:
            yield "day", name, str(table[name])
    for name, words in _section(table, "part"):
        yield "part", name, words
    for name, words in _section(table, "unit"):
        yield "unit", float(_UNIT_MINUTES[name]), words
    for name, words in _section(table, "weekday"):
        yield "weekday", float(_WEEKDAYS.index(name)), words
    for name, words in _section(table, "number"):
        yield "number", float(name), words
    for name, words in _section(table, "hour"):
        yield "hour", float(name), words


def _section(table: dict[str, object], name: str) -> Iterator[tuple[str, str]]:
    section = table.get(name)
    if isinstance(section, dict):
        yield from ((str(key), str(words)) for key, words in section.items())


def _add(built: TimeWords, word: str, kind: str, value: str | float) -> None:
    if not word:
        return
    if kind == "unit":
        built.units[word] = float(value)
    if is_run(word):
        built.runs.setdefault(word, (kind, value))
    else:
        phrase = tuple(word.split())
        built.phrases.setdefault(phrase[0], []).append((phrase, kind, value))
