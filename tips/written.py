"""Let an officer read an identifier as somebody wrote it, not as the matcher folds it for comparison."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import signals.services as signal_services
from signals.observable import Observable
from signals.placeholders import link_key
from signals.services import Mentioned
from tips.matching.footprint import folded
from tips.models import Tip

LONGEST = (
    40  # characters; what takes more room in a text, such as a long address, reads better in its normal form
)
Spellings = Mapping[tuple[str, str], str]
_BLANKS = re.compile(r"\s+")
_THERE = " there"  # how a reason names what only the other case says


def as_written(text: str, item: Observable | Mentioned) -> str:
    """Return an identifier in the letters of its text, its normal form where that is unwieldy or gone."""
    words = _BLANKS.sub(" ", text[item.start : item.end]).strip()
    return words if words and len(words) <= LONGEST else item.value


def spellings(text: str, found: Iterable[Observable | Mentioned]) -> dict[tuple[str, str], str]:
    """Return how a text writes each identifier, by kind and folded value."""
    return {(item.kind, folded(item.kind, item.value)): as_written(text, item) for item in found}


def linking(found: Iterable[Observable | Mentioned], text: str) -> dict[tuple[str, str], str]:
    """Return how a text writes what may link it with others, by kind and link key; fillers are left out."""
    keyed = ((item, link_key(item.kind, item.value)) for item in found)
    return {(item.kind, key): as_written(text, item) for item, key in keyed if key is not None}


def spellings_of(tip: Tip) -> dict[tuple[str, str], str]:
    """Return how a stored tip writes its identifiers."""
    return spellings(tip.text, signal_services.mentions_of(("tip", tip.id)))


def in_their_letters(reasons: Sequence[str], found: Spellings) -> tuple[str, ...]:
    """Write reasons with identifiers as they were written; what nobody wrote differently stays."""
    words = {value: written for (_, value), written in found.items() if value != written}
    if not words:
        return tuple(reasons)
    longest_first = sorted(words, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    return tuple(pattern.sub(lambda hit: words[hit[0]], reason) for reason in reasons)


def names_other(reasons: Iterable[str]) -> bool:
    """Tell whether a reason names an identifier of the other case, whose letters are in its own tips."""
    return any(reason.endswith(_THERE) and " another " in reason for reason in reasons)
