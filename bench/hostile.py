"""Ten thousand characters meant to be slow, in every script, and the readers that must not mind."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime

from signals.recognise import recognise
from tips.matching.footprint import build_footprint
from tips.places import locate
from tips.reading.reader import read
from tips.understanding import Town

LONGEST = 10_000
WHOLE = "whole step"
_AT = datetime(2026, 5, 20, 15, 30, tzinfo=UTC)
_SEEDS = {
    "one digit": "1", "digits and blanks": "1 ", "plus signs": "+1 ", "dots": "1.1.1.1.", "commas": "1,111",
    "brackets": "(", "nested brackets": "([{", "hyphens": "1-", "handles": "@a", "host labels": "a.",
    "broken dots": "a[.]", "one long host": "http://aaaaaaaaaa", "many links": "http://a.b/ ",
    "map links": "https://maps.google.com/?q=1.1,", "plates": "ABC 123 ", "plates with words": "plate ABC 123 ",
    "Thai plates": "บล 4521 ", "Thai letters": "ก", "Burmese letters": "ကြ", "Khmer letters": "ក្រ", "Lao letters": "ກ",
    "Bengali": "চট্টমেট্রো ", "Devanagari": "क्ष", "Chinese words": "车牌", "Arabic joined": "لا", "Urdu": "گاڑی ",
    "phones": "call 0712 345 678 ", "numbers": "7 123 456 789 0 ", "trunk codes": "0044 ",
    "hashed addresses": "0x" + "aB" * 20 + " ", "base58": "1BTJFzVDBVkAUCkqxuXvGzYJJUTLAogLRE ",
    "accounts": "FR76 3000 6000 ", "serials": "serial A1-", "chassis": "vin 1 A ", "degrees": "1° 1' ",
    "degrees north": "1 1 N ", "decimals": "16.71, 98.57 ", "labels": "lat 1.11 lon ", "one letter": "a",
    "one word": "mercado ", "a landmark": "Mercado Hidalgo ", "half a landmark": "puente ", "San": "San ",
    "distances": "500 m past the bridge ", "distances in Chinese": "过了大桥500米", "distances in Thai": "เลยสะพาน 500 เมตร ",
    "directions": "2 km al norte de ", "kilometres": "km 12 ", "between": "between the market and the bridge ",
    "hours": "at 3 ", "days": "yesterday last night ", "days in Chinese": "昨晚两点", "days in Thai": "เมื่อคืนตีสอง",
    "goods": "cigarettes timber gold ", "combining marks": "a\u0301\u0302", "only marks": "\u0301", "zero width": "a\u200b",
    "direction marks": "\u202e1\u202c", "right-to-left marks": "\u200f1 ", "emoji": "👨‍👩‍👧 ", "flags": "🇹🇭",
    "wide letters": "ＡＢ１２", "ligatures": "ﷺ", "dotted I": "İ", "sharp s": "ß", "lone surrogates": "\ud800",
    "line breaks": "\n", "blanks": " ", "full stops": ". ", "quotes": "\"'", "plus codes": "7P72+",
    "grids": "47Q LA 12345 ", "at signs": "@@", "capitals": "AB ",
}  # fmt: skip


def texts() -> dict[str, str]:
    """Return every hostile text by its name."""
    made = {name: (seed * (LONGEST // len(seed) + 1))[:LONGEST] for name, seed in _SEEDS.items()}
    everything = " ".join(_SEEDS.values())
    return made | {"everything": (everything * (LONGEST // len(everything) + 1))[:LONGEST]}


def milliseconds(text: str, town: Town) -> dict[str, float]:
    """Time each reader on a text, in the processor's milliseconds: what else the machine does must not count."""
    began = time.process_time()
    observables = recognise(text, countries=town.country_codes)
    recognised = time.process_time()
    location = locate(text, gazetteer=town.gazetteer)
    located = time.process_time()
    reading = read(
        text, languages=town.languages, located=location is not None, has_observables=bool(observables),
        known_sender=False, received_at=_AT, timezone=town.timezone,
    )  # fmt: skip
    understood = time.process_time()
    build_footprint(
        tip_id=0, received_at=_AT, sender=None, text=text, location=location, reading=reading, observables=observables
    )  # fmt: skip
    done = time.process_time()
    spent = {
        "recognise": recognised - began, "locate": located - recognised, "read": understood - located,
        "footprint": done - understood, WHOLE: done - began,
    }  # fmt: skip
    return {part: round(seconds * 1e3, 3) for part, seconds in spent.items()}


def slowest(text: str, towns: Iterable[Town]) -> dict[str, float]:
    """Return the worst of each reader over some towns, once the process has seen the languages of the text."""
    measured = []
    for town in towns:
        milliseconds(text[: LONGEST // 10], town)
        measured.append(milliseconds(text, town))
    return {part: max(one[part] for one in measured) for part in measured[0]}
