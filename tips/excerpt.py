"""Cut the part of a text around its first mark, so that a list shows why a tip was found. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from tips.highlight import Mark, Part, highlight

LENGTH = 180
BEFORE = 48
ELLIPSIS = "…"


def excerpt(text: str, marks: Sequence[Mark], *, length: int = LENGTH) -> tuple[Part, ...]:
    """Return about `length` characters of a text with their marks, the first mark near the beginning."""
    first = min((mark.start for mark in marks), default=0)
    start = _whole(text, max(0, min(first - BEFORE, len(text) - length)))
    end = _whole(text, max(start + length, max((m.end for m in marks if m.start == first), default=0)))
    inside = [
        replace(mark, start=mark.start - start, end=mark.end - start)
        for mark in marks
        if start <= mark.start and mark.end <= end
    ]
    parts = highlight(text[start:end], inside)
    before = (Part(ELLIPSIS),) if start > 0 else ()
    after = (Part(ELLIPSIS),) if end < len(text) else ()
    return (*before, *parts, *after)


def _whole(text: str, at: int) -> int:
    """Step back to where a letter begins, so that no vowel sign or accent is torn from it."""
    at = min(at, len(text))
    while 0 < at < len(text) and unicodedata.category(text[at]).startswith("M"):
        at -= 1
    return at
