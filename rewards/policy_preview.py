"""Compute what another policy would have given past cases, beside what they were given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from core.db import db
from rewards.calculation import calculate
from rewards.eligibility import OutcomeError
from rewards.facts import from_facts
from rewards.models import FINAL, Reward
from rewards.policy import Policy
from rewards.states import RewardState
from rewards.valuation import MissingRates
from rewards.words import REASONS

MOST_CASES = 200
DRAWN = 16
# as wide as a phone, so that labels stay legible there: each stands above its bars
WIDTH, RIGHT, ROW = 360, 100, 44


@dataclass(frozen=True, slots=True)
class PastCase:
    """One past case under the present and the other policy; amounts are pools in minor units, before advances.

    `after` is None where the other policy cannot compute it; `words` then says why.
    """

    ref: str
    case_number: str
    proposed_at: datetime
    score: int
    before: int
    after: int | None
    words: str

    @property
    def change(self) -> int:
        """Return how much more the other policy gives; 0 where it cannot be computed."""
        return 0 if self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True)
class Bar:
    """One drawn case: its label, and the lengths of both bars from the left edge."""

    label: str
    y: int
    before: float
    after: float
    change: int


@dataclass(frozen=True, slots=True)
class Preview:
    """Past cases under another policy, with totals of those that can be computed under both."""

    cases: tuple[PastCase, ...]
    currency: str
    before: int
    after: int
    raised: int
    lowered: int
    unreadable: int
    bars: tuple[Bar, ...]
    height: int


def preview(policy: Policy, *, compared_with: Policy) -> Preview:
    """Compute the newest past cases under both policies, the largest change first in the drawing."""
    rows = db.session.scalars(
        sa.select(Reward)
        .where(Reward.kind == FINAL, Reward.state != RewardState.WITHDRAWN)
        .order_by(Reward.id.desc())
        .limit(MOST_CASES)
    )
    cases = tuple(_past_case(row, policy, compared_with) for row in rows)
    known = [case for case in cases if case.after is not None]
    bars = _bars(known, policy.cap)
    return Preview(
        cases=cases,
        currency=policy.currency,
        before=sum(case.before for case in known),
        after=sum(case.after or 0 for case in known),
        raised=sum(case.change > 0 for case in known),
        lowered=sum(case.change < 0 for case in known),
        unreadable=len(cases) - len(known),
        bars=bars,
        height=len(bars) * ROW + 8,
    )


def _past_case(reward: Reward, policy: Policy, present: Policy) -> PastCase:
    outcome = from_facts(reward.facts)
    after: int | None = None
    try:
        before = calculate(present, outcome).pool
        computed = calculate(policy, outcome)
        after, words = computed.pool, REASONS.get(computed.reason or "", "")
    except (MissingRates, OutcomeError) as error:
        before, words = reward.pool, str(error)
    return PastCase(reward.ref, reward.case_number, reward.proposed_at, reward.score, before, after, words)


def _bars(cases: Sequence[PastCase], cap: int) -> tuple[Bar, ...]:
    changed = sorted((case for case in cases if case.change), key=lambda case: -abs(case.change))[:DRAWN]
    longest = max([cap, *(max(case.before, case.after or 0) for case in changed)])
    room = WIDTH - RIGHT
    return tuple(
        Bar(
            case.case_number,
            place * ROW + 4,
            round(room * case.before / longest, 1),
            round(room * (case.after or 0) / longest, 1),
            case.change,
        )
        for place, case in enumerate(changed)
    )
