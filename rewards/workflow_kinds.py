"""Name the steps that need a second person and what residents answer. PURE."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class AskedFor(StrEnum):
    """What one person asks for and another confirms."""

    NEW_WORD = "new_word"
    CANCEL = "cancel"
    CLAWBACK = "clawback"
    WRITE_OFF = "write_off"


class RequestState(StrEnum):
    """Where such a step stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class Said(StrEnum):
    """What a resident said after collecting."""

    GOT = "got"
    NOT = "not"


class QueryState(StrEnum):
    """Whether somebody still has to look into an answer."""

    OPEN = "open"
    CLOSED = "closed"


WORDS: Final = {
    AskedFor.NEW_WORD: "New collection word",
    AskedFor.CANCEL: "Cancel the approval",
    AskedFor.CLAWBACK: "Ask the money back (fraud)",
    AskedFor.WRITE_OFF: "Give up what is owed back",
}
SAID_WORDS: Final = {Said.GOT: "Has it", Said.NOT: "Does not have it"}
