"""What residents read, in their language. Pure: TOML catalogues in `tips/locales/`, one a language.

A catalogue has `name` (the language in its own script), `dir` ("ltr" or "rtl") and tables of texts; a text
is addressed by its path, as in "sms.received". Placeholders are `{code}`-like and the same in every language.
A table with the keys of CLDR plural categories (zero, one, two, few, many, other) is one text whose form the
value of `count` chooses. A text that a catalogue lacks is taken from English; no text contains markup.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOCALES = Path(__file__).with_name("locales")
FALLBACK = "en"
PLURAL_CATEGORIES = frozenset({"zero", "one", "two", "few", "many", "other"})
NO_PLURAL = frozenset({"th", "my", "zh", "vi"})
ONE_UP_TO_TWO = frozenset({"fr"})

Text = str | Mapping[str, str]


@dataclass(frozen=True)
class Wording:
    """The texts of one language: `wording("th")("report.question")`."""

    lang: str
    name: str
    dir: str
    texts: Mapping[str, Text]

    def __getitem__(self, key: str) -> str:
        """Return a text as it is written, placeholders and all; raise KeyError for an unknown one."""
        text = self.texts[key]
        return text if isinstance(text, str) else text["other"]

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its placeholders filled; raise KeyError where text or value is missing."""
        text = self.texts[key]
        if not isinstance(text, str):
            text = text.get(plural(self.lang, _count(values)), text["other"])
        return text.format_map(values) if values else text

    def has(self, key: str) -> bool:
        """Tell whether there is such a text."""
        return key in self.texts


def wording(lang: str) -> Wording:
    """Return the texts of a language by its ISO 639-1 code, English where there is no catalogue."""
    base = lang.replace("_", "-").split("-")[0].lower()
    return _load(base if base in available() else FALLBACK)


@functools.cache
def available() -> tuple[str, ...]:
    """Return the codes of the languages that have a catalogue."""
    return tuple(sorted(path.stem for path in LOCALES.glob("*.toml")))


def offered(preferred: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return (code, own name) of the languages to offer: the deployment's in its order, then English."""
    codes = [code for code in preferred if code in available()]
    if FALLBACK not in codes:
        codes.append(FALLBACK)
    return tuple((code, _load(code).name) for code in codes)


def choose(asked: str | None, accept_language: str, preferred: Sequence[str]) -> str:
    """Pick the language of a page: what was asked for, else the browser's, else the deployment's first.

    `accept_language` is the header as it came; its order counts and its weights do not.
    """
    known = available()
    if asked in known:
        return str(asked)
    for part in accept_language[:200].split(","):
        code = part.split(";")[0].strip().split("-")[0].lower()
        if code in known:
            return code
    return next((code for code in preferred if code in known), FALLBACK)


def plural(lang: str, count: int) -> str:
    """Name the CLDR plural category of a whole number in one of our languages.

    https://www.unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html
    """
    if lang in NO_PLURAL:
        return "other"
    if lang == "ar":
        return _arabic(count)
    if lang in ONE_UP_TO_TWO:
        return "one" if count in {0, 1} else "other"
    return "one" if count == 1 else "other"


def _arabic(count: int) -> str:
    if count in {0, 1, 2}:
        return ("zero", "one", "two")[count]
    if 3 <= count % 100 <= 10:
        return "few"
    return "many" if 11 <= count % 100 <= 99 else "other"


def _count(values: Mapping[str, object]) -> int:
    count = values["count"]
    if not isinstance(count, int):
        raise TypeError("A text with plural forms needs a whole number as count.")
    return abs(count)


@functools.cache
def _load(lang: str) -> Wording:
    catalogue = read_catalogue(LOCALES / f"{lang}.toml")
    own = dict(_flatten(catalogue))
    name, direction = str(own.pop("name")), str(own.pop("dir"))
    texts = own if lang == FALLBACK else {**_load(FALLBACK).texts, **own}
    return Wording(lang=lang, name=name, dir=direction, texts=texts)


def read_catalogue(path: Path) -> Mapping[str, object]:
    """Read one catalogue file as it is, without the fallback."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _flatten(table: Mapping[str, object], path: str = "") -> list[tuple[str, Text]]:
    found: list[tuple[str, Text]] = []
    for key, value in table.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value, str):
            found.append((here, value))
        elif isinstance(value, dict) and set(value) <= PLURAL_CATEGORIES:
            found.append((here, {category: str(text) for category, text in value.items()}))
        elif isinstance(value, dict):
            found.extend(_flatten(value, here))
        else:
            raise TypeError(f"{here} is neither a text nor a table")
    return found
