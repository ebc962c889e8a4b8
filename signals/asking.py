"""Read what somebody typed into a search box as identifiers. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from signals.folding import fold
from signals.observable import KINDS, LONGEST_VALUE
from signals.recognise import recognise

#: Kinds whose values stand as they were written; all others are upper case without spaces and dashes.
AS_WRITTEN = frozenset({"url", "email", "btc", "eth", "trx", "epc"})
_GAPS = re.compile(r"[\s\-._/]+")
_SHORTEST_PART = 4
_MOST_PARTS = 8


def identifiers_meant(text: str, *, countries: Sequence[str] = ()) -> tuple[tuple[str, str], ...]:
    """Give kind and value of all identifiers that typed words may mean, recognised ones first.

    A person who searches writes no word such as "plate" beside a number, so the bare value is offered as
    every kind, and so is each part that holds a digit.
    """
    meant = [(found.kind, found.value) for found in recognise(text, countries=countries)]
    plain = fold(text).text.strip()
    parts = [part for part in plain.split() if len(part) >= _SHORTEST_PART and _has_digit(part)]
    for written in dict.fromkeys((plain, *parts[:_MOST_PARTS])):
        meant += [(kind, value) for kind in KINDS if (value := _value(kind, written))]
    return tuple(dict.fromkeys(meant))


def _value(kind: str, written: str) -> str:
    value = written if kind in AS_WRITTEN else _GAPS.sub("", written).upper()
    return value if len(value) <= LONGEST_VALUE else ""


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)
