"""Cut a text into marked and unmarked parts, so that a page shows which words a fact came from. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """Words of a text worth showing: offsets, what they are, and what was understood."""

    start: int
    end: int
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Part:
    """A run of text; `kind` is None for words that nothing was understood from."""

    text: str
    kind: str | None = None
    title: str = ""


def highlight(text: str, marks: Iterable[Mark]) -> tuple[Part, ...]:
    """Return the parts of a text in order; of overlapping marks the earlier, then the longer one stays.

    The parts joined are the text again. Marks outside the text or without length are left out.
    """
    parts: list[Part] = []
    at = 0
    for mark in sorted(marks, key=lambda each: (each.start, -each.end)):
        if not at <= mark.start < mark.end <= len(text):
            continue
        if mark.start > at:
            parts.append(Part(text[at : mark.start]))
        parts.append(Part(text[mark.start : mark.end], mark.kind, mark.title))
        at = mark.end
    if at < len(text):
        parts.append(Part(text[at:]))
    return tuple(parts)
