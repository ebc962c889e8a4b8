"""Plain builders for reward facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from rewards.outcome import CaseOutcome, ScoreCard, Seizure, TipOutcome
from rewards.policy import DEFAULT_POLICY, Policy, load_policy

START = datetime(2026, 2, 1, 8, 0, tzinfo=UTC)
ACTION = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)


def card(total: int) -> ScoreCard:
    """Spread a total over the five parts of a score card."""
    parts = []
    for most in (30, 30, 20, 10, 10):
        parts.append(min(most, total))
        total -= parts[-1]
    return ScoreCard(*parts)


def tip(number: int = 1, score: int = 80, **changes: Any) -> TipOutcome:
    """Build the number-th tip of a case, received that many hours after the start."""
    values: dict[str, Any] = {
        "tip_id": number,
        "code": f"1000-0{number}",
        "received_at": START + timedelta(hours=number),
        "channel": "sms",
        "grade": "decisive",
        "card": card(score),
    }
    return TipOutcome(**{**values, **changes})


def goods(value_minor: int, currency: str = "USD") -> Seizure:
    """Build a seizure of that value."""
    return Seizure("timber", "12", "m3", value_minor, currency)


def outcome(*tips: TipOutcome, value: int = 0, **changes: Any) -> CaseOutcome:
    """Build a closed case with these tips and goods of that value in US cents."""
    values: dict[str, Any] = {
        "disposition": "seizure",
        "tips": tips or (tip(),),
        "seizures": (goods(value),) if value else (),
        "action_at": ACTION,
        "involved": {900: "closing_officer"},
        "district": "Mae Ramat",
    }
    return CaseOutcome(**{**values, **changes})


def policy(changes: Mapping[str, Any] | None = None) -> Policy:
    """Build the default policy with some of its numbers changed."""
    return load_policy({**DEFAULT_POLICY, **(changes or {})})
