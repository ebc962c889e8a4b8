"""Guess which words of a tip name its place, where no place that is known goes by them."""

from __future__ import annotations

import re

from tips.places.phrases import Hit
from tips.places.script import Folded, fold
from tips.places.vocabulary import Cue, cues, words
from tips.places.wording import wording

MOST_HINTS = 3
LONGEST_NAME = 80  # characters
SHORTEST_NAME = 3  # letters; two in scripts without spaces
TELLING_LETTERS = 4  # in words that are not everyday ones
_HAPPENS = frozenset({"at", "near", "past", "before", "between", "plain"})
_MOST_WORDS = 4
_RUN_LETTERS = 14  # of a script without spaces, where nothing says where a name ends
_LINE_LENGTH = 60  # the form's own field for the place stands last, on a line of its own
_STOPS = frozenset((
    "with", "and", "but", "a", "the", "who", "which", "where", "that", "now", "on", "in", "at", "near", "by",
    "behind", "every", "from", "to", "is", "are", "was", "were", "men", "has", "con", "y", "e", "que", "un",
    "una", "el", "la", "los", "las", "com", "para", "por", "avec", "et", "qui", "les", "des", "du", "dan",
    "yang", "va",
))  # fmt: skip
_EDGES = " \t\r\n.,;:!?\"'()[]«»“”،؛。、！？"


def place_hints(text: str, *, channel: str) -> tuple[str, ...]:
    """Return up to three runs of words that may name the place, the likeliest first, as the text writes them."""
    found = [*_last_line(text, channel), *_behind_cues(text)]
    return tuple(dict.fromkeys(hint for hint in found if is_telling(hint)))[:MOST_HINTS]


def is_telling(name: str) -> bool:
    """Tell whether words can name one place: not too short, and not of everyday words or numbers alone."""
    folded = fold(name)
    if not folded.compact or len(name) > LONGEST_NAME:
        return False
    if folded.unspaced:
        return len(folded.compact) > 1
    if len(folded.compact) < SHORTEST_NAME:
        return False
    parts = wording(folded)
    names = [part.text for part in parts if part.role == "name"]
    if any(part.role == "kind" for part in parts) and names:
        return True
    return sum(len(name) for name in names if name not in words().common) >= TELLING_LETTERS


def name_key(name: str) -> str:
    """Return a name as it is compared, so that two spellings of it are one."""
    return fold(name).compact[:400]


def span_of(text: str, name: str) -> tuple[int, int] | None:
    """Find words in a text however they are spelt; None where they do not stand there."""
    whole, sought = fold(text), fold(name)
    start = whole.compact.find(sought.compact) if sought.compact else -1
    return whole.span(start, start + len(sought.compact)) if start >= 0 else None


def _last_line(text: str, channel: str) -> list[str]:
    lines = text.rsplit("\n", 1)
    if channel != "web" or len(lines) < 2 or len(lines[1]) > _LINE_LENGTH:
        return []
    return [lines[1].strip(_EDGES)]


def _behind_cues(text: str) -> list[str]:
    """Take the words behind "near", "at" and their like, up to the next stop, cue or number."""
    folded = fold(text)
    every = cues().find(folded)
    hits = [hit for hit in every if not hit.payload.behind and hit.payload.role in _HAPPENS]
    hits.sort(key=lambda hit: (hit.payload.role != "near", hit.start))
    ends = sorted(hit.start for hit in every)
    return [found for hit in hits if (found := _run_after(text, folded, hit, ends))]


def _run_after(text: str, folded: Folded, hit: Hit[Cue], ends: list[int]) -> str:
    small = words()
    taken: list[tuple[int, int]] = []
    for token in folded.tokens:
        if token.start < hit.end and token.end > hit.end and token.run:
            next_cue = next((end for end in ends if end > hit.end + 1), token.end)
            taken.append((hit.end, min(token.end, next_cue, hit.end + _RUN_LETTERS)))
            break
        if token.start < hit.end:
            continue
        stop = any(hit.end < each <= token.start for each in (*folded.breaks, *folded.soft))
        if stop or (token.number and not taken) or len(taken) == _MOST_WORDS:
            break
        if token.text in small.articles and not taken:
            continue
        if taken and (token.number or token.text in _STOPS):
            break
        taken.append((token.start, token.end))
        if token.run:
            break
    if not taken:
        return ""
    start, end = folded.span(taken[0][0], taken[-1][1])
    return re.sub(r"\s+", " ", text[start:end]).strip(_EDGES)
