"""The plain data that crosses the border of this package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

CATEGORIES = (
    "wildlife",
    "timber",
    "tobacco",
    "counterfeit",
    "minerals",
    "drugs",
    "fuel",
    "food",
    "antiquities",
    "weapons",
    "waste",
    "currency",
    "other",
)
CATEGORY_WORDS = tuple((category, category.capitalize()) for category in CATEGORIES)
RELATIONS = ("first", "corroborates", "follow_up")


@dataclass(frozen=True, slots=True)
class TipFacts:
    """What a case needs to know of a tip: never its words, never its sender's number.

    `sender_alias` is an opaque name of the sender; `independent` says whether an anonymous tip may count as
    a voice of its own.
    """

    tip_id: int
    code: str
    received_at: datetime
    category: str | None
    category_probability: float
    lat: float | None
    lon: float | None
    radius_m: float | None
    place: str | None
    language: str | None
    sender_alias: str | None
    independent: bool
    event_at: datetime | None = None
    channel: str = "sms"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A case that a tip may belong to, best first, with sentences an officer can read aloud."""

    case_id: int
    probability: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filing:
    """The matcher's decision as plain data; `case_id` is set only where `outcome` is "attach"."""

    outcome: str
    case_id: int | None
    relation: str
    probability: float | None
    reasons: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]
    model_version: str


@dataclass(frozen=True, slots=True)
class FiledTip:
    """Where a tip now lies."""

    case_id: int
    number: str
    relation: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: duties are kept apart by `person_id`, because one person may hold two accounts."""

    id: int | None
    role: str
    person_id: int | None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the rules of a state change look at.

    `came_from` is the state before a hold or a merge; `gaps` are the open items of the closing list.
    """

    state: str
    category: str | None
    tips: int
    senders: int
    notes: int
    gaps: tuple[str, ...]
    assignee_id: int | None = None
    assignee_person: int | None = None
    disposition_person: int | None = None
    came_from: str | None = None
    entered_at: datetime | None = None
    survivor_state: str | None = None
    reward_paid: bool = False
