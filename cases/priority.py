"""How urgent a case is: severity of harm times immediacy times confidence, with its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

PRIORITIES = ("P1", "P2", "P3", "P4")
HIGHEST_FACTOR = 4
THRESHOLDS = ((32, "P1"), (24, "P2"), (6, "P3"))
"""Lowest product of the three factors (1 to 4 each) for each priority; anything less is P4."""

LIVES_AT_LEAST = "P2"
TODAY = 3

SEVERITY = {
    "weapons": 4,
    "drugs": 4,
    "minerals": 3,
    "wildlife": 3,
    "waste": 3,
    "counterfeit": 3,
    "timber": 2,
    "fuel": 2,
    "antiquities": 2,
    "currency": 2,
    "tobacco": 2,
    "food": 2,
    "other": 2,
}
UNKNOWN_SEVERITY = 2
HARM_WORDS = {4: "lives are at risk", 3: "lasting harm", 2: "harm to revenue or trade", 1: "little harm"}

FRESH = timedelta(hours=2)
RECENT = timedelta(hours=12)
STALE = timedelta(hours=72)
SURE_OF_CATEGORY = 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the priority is computed from; `event_at` and `reported_at` are those of the latest news."""

    category: str | None
    category_probability: float
    senders: int
    confirmed: bool
    event_at: datetime | None
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class Priority:
    """P1 (now) to P4 (when there is time), the points behind it (1 to 64), and why."""

    level: str
    points: int
    reasons: tuple[str, ...]


def assess(evidence: Evidence) -> Priority:
    """Compute the priority and say each factor in a sentence."""
    factors = (_severity(evidence), _immediacy(evidence), _confidence(evidence))
    points = 1
    for factor, _ in factors:
        points *= factor
    level = next((level for lowest, level in THRESHOLDS if points >= lowest), PRIORITIES[-1])
    reasons = tuple(reason for _, reason in factors)
    if level > LIVES_AT_LEAST and factors[0][0] == HIGHEST_FACTOR and factors[1][0] >= TODAY:
        return Priority(
            LIVES_AT_LEAST, points, (*reasons, f"Lives are at risk today: at least {LIVES_AT_LEAST}.")
        )
    return Priority(level, points, reasons)


def _severity(evidence: Evidence) -> tuple[int, str]:
    if evidence.category is None:
        return UNKNOWN_SEVERITY, f"The goods are not known yet ({UNKNOWN_SEVERITY} of {HIGHEST_FACTOR})."
    factor = SEVERITY[evidence.category]
    return factor, f"{evidence.category.capitalize()}: {HARM_WORDS[factor]} ({factor} of {HIGHEST_FACTOR})."


def _immediacy(evidence: Evidence) -> tuple[int, str]:
    if evidence.event_at is None:
        return 3, f"Reported without a time, taken as today (3 of {HIGHEST_FACTOR})."
    age = evidence.reported_at - evidence.event_at
    if age < timedelta(0):
        return 4, f"It is still to come (4 of {HIGHEST_FACTOR})."
    if age <= FRESH:
        return 4, f"Reported within two hours (4 of {HIGHEST_FACTOR})."
    if age <= RECENT:
        return 3, f"Reported within half a day (3 of {HIGHEST_FACTOR})."
    if age <= STALE:
        return 2, f"Reported within three days (2 of {HIGHEST_FACTOR})."
    return 1, f"Reported more than three days later (1 of {HIGHEST_FACTOR})."


def _confidence(evidence: Evidence) -> tuple[int, str]:
    voices = max(evidence.senders, 1)
    factor = min(voices, HIGHEST_FACTOR - 1) + (1 if evidence.confirmed else 0)
    heard = "One sender" if voices == 1 else f"{voices} independent senders"
    checked = ", confirmed by an officer" if evidence.confirmed else ", not confirmed yet"
    unsure = evidence.category is not None and evidence.category_probability < SURE_OF_CATEGORY
    if unsure and factor > 1:
        return factor - 1, f"{heard}{checked}, and the goods are a guess ({factor - 1} of {HIGHEST_FACTOR})."
    return factor, f"{heard}{checked} ({factor} of {HIGHEST_FACTOR})."
