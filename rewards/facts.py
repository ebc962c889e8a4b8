"""Keep a case's outcome as plain text and whole numbers, so that any reward can be recomputed. PURE."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rewards.chain import timestamp
from rewards.outcome import CaseOutcome, ScoreCard, Seizure, TipOutcome


def to_facts(outcome: CaseOutcome) -> dict[str, Any]:
    """Write an outcome as JSON that can be chained: text, whole numbers, lists and objects only."""
    return {
        "disposition": outcome.disposition,
        "rewardable": int(outcome.rewardable),
        "district": outcome.district or "",
        "action_at": timestamp(outcome.action_at) if outcome.action_at else "",
        "tips": [_from_tip(tip) for tip in outcome.tips],
        "seizures": [
            [lot.commodity, lot.quantity, lot.unit, lot.value_minor, lot.currency] for lot in outcome.seizures
        ],
    }


def from_facts(facts: Mapping[str, Any]) -> CaseOutcome:
    """Read an outcome back; who was involved is kept elsewhere and plays no part in the arithmetic."""
    return CaseOutcome(
        disposition=facts["disposition"],
        rewardable=bool(facts["rewardable"]),
        district=facts["district"] or None,
        action_at=_moment(facts["action_at"]) if facts["action_at"] else None,
        tips=tuple(_to_tip(row) for row in facts["tips"]),
        seizures=tuple(Seizure(*row) for row in facts["seizures"]),
    )


def _from_tip(tip: TipOutcome) -> dict[str, Any]:
    card = tip.scored
    return {
        "tip": tip.tip_id,
        "code": tip.code,
        "received_at": timestamp(tip.received_at),
        "channel": tip.channel,
        "grade": str(tip.grade),
        "order": str(tip.order),
        "sender": tip.sender or "",
        "gates": {str(gate): evidence for gate, evidence in tip.gates.items()},
        "card": [card.specificity, card.outcome, card.risk, card.cooperation, card.timeliness],
    }


def _to_tip(row: Mapping[str, Any]) -> TipOutcome:
    return TipOutcome(
        tip_id=row["tip"],
        code=row["code"],
        received_at=_moment(row["received_at"]),
        channel=row["channel"],
        grade=row["grade"],
        order=row["order"],
        sender=row["sender"] or None,
        gates=dict(row["gates"]),
        card=ScoreCard(*row["card"]),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
