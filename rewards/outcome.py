"""What a closed case tells the reward office: plain facts, no names, no thread. PURE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Grade(StrEnum):
    """How much one tip contributed, as the closing officer judges it."""

    DECISIVE = "decisive"
    USEFUL = "useful"
    KNOWN = "known"
    NONE = "none"
    MISLEADING = "misleading"


class Order(StrEnum):
    """Where a tip stands among the tips of its case; decides its order factor."""

    FIRST = "first"
    NEW_FACTS = "new_facts"
    CONFIRMS = "confirms"
    DUPLICATE = "duplicate"


class Gate(StrEnum):
    """A reason for which a tip cannot be paid, stored as a reason code."""

    AFTER_ACTION = "after_action"
    ALREADY_KNOWN = "already_known"
    PUBLIC = "public"
    OFFICIAL = "official"
    OFFENDER = "offender"
    DUTY_TO_REPORT = "duty_to_report"
    VICTIM = "victim"
    PAID_ELSEWHERE = "paid_elsewhere"
    PROVED_FALSE = "proved_false"


@dataclass(frozen=True, slots=True)
class ScoreCard:
    """Points for one tip, 0 to 100 in all."""

    specificity: int
    outcome: int
    risk: int
    cooperation: int
    timeliness: int

    @property
    def total(self) -> int:
        """Add the five parts up."""
        return self.specificity + self.outcome + self.risk + self.cooperation + self.timeliness


CARD_MAXIMA: Final = ScoreCard(specificity=30, outcome=30, risk=20, cooperation=10, timeliness=10)

DEFAULT_CARDS: Final[Mapping[Grade, ScoreCard]] = MappingProxyType(
    {
        Grade.DECISIVE: ScoreCard(specificity=26, outcome=30, risk=10, cooperation=6, timeliness=8),
        Grade.USEFUL: ScoreCard(specificity=20, outcome=18, risk=10, cooperation=5, timeliness=7),
        Grade.KNOWN: ScoreCard(specificity=10, outcome=0, risk=5, cooperation=5, timeliness=5),
        Grade.NONE: ScoreCard(specificity=5, outcome=0, risk=0, cooperation=5, timeliness=0),
        Grade.MISLEADING: ScoreCard(specificity=0, outcome=0, risk=0, cooperation=0, timeliness=0),
    }
)
"""The card each grade starts with in the closing form: 80, 60, 25, 10 and 0 points."""


def default_card(grade: str) -> ScoreCard:
    """Return the card a grade starts with; the closing officer may change it."""
    return DEFAULT_CARDS[Grade(grade)]


@dataclass(frozen=True, slots=True)
class TipOutcome:
    """One tip of the case as the closing officer leaves it.

    `code` is the public tip code, `sender` an opaque alias shared by tips proved to come from one person,
    `gates` the reason codes the officer found, each with its evidence.
    """

    tip_id: int
    code: str
    received_at: datetime
    channel: str
    grade: str
    order: str = Order.FIRST
    card: ScoreCard | None = None
    sender: str | None = None
    gates: Mapping[str, str] = field(default_factory=dict)

    @property
    def scored(self) -> ScoreCard:
        """Return the officer's card, or the grade's own."""
        return self.card if self.card is not None else default_card(self.grade)


@dataclass(frozen=True, slots=True)
class Seizure:
    """Goods taken, with their appraised value in minor units of `currency`; 0 where nothing has a price."""

    commodity: str
    quantity: str
    unit: str
    value_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """Everything the reward policy may know about a closed case.

    `action_at` is the first enforcement act, `involved` maps a person id to the part that person had in the
    case (closing_officer, case_officer, intake); none of them may approve the reward. `rewardable` is False
    for a disposition that never earns one.
    """

    disposition: str
    tips: tuple[TipOutcome, ...]
    seizures: tuple[Seizure, ...] = ()
    action_at: datetime | None = None
    involved: Mapping[int, str] = field(default_factory=dict)
    district: str | None = None
    rewardable: bool = True
