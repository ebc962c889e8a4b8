"""What a resident may be told of their tip: neutral words for every inner state. Pure."""

from __future__ import annotations

from enum import StrEnum


class Standing(StrEnum):
    """The public standing of a tip; it reveals neither outcome nor whether somebody else reported the same."""

    RECEIVED = "received"
    READING = "reading"
    CLOSED = "closed"


READING_STATES = {"assessing", "active", "field_action", "on_hold", "referred", "pending_review"}
CLOSED_STATES = {"closed", "sealed"}


def standing_of(case_state: str | None) -> Standing:
    """Translate the inner state of a tip's case into what its sender may know."""
    if case_state in CLOSED_STATES:
        return Standing.CLOSED
    return Standing.READING if case_state in READING_STATES else Standing.RECEIVED
