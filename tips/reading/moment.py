"""Tell when something happened from words next to the time the message came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tips.reading.text import Text


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in UTC and the words that gave it."""

    at: datetime
    words: str


def when(text: Text, languages: Sequence[str], *, received_at: datetime, timezone: str) -> Moment | None:
    """Return the time that the words name, or None."""
    return None
