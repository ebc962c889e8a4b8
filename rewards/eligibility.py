"""Decide which tips of a case can be paid at all, and by which weight. PURE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Final

from core.codes import show_tip_code
from rewards import money
from rewards.outcome import CaseOutcome, Gate, Grade, Order, TipOutcome
from rewards.policy import Policy
from rewards.valuation import Step

BELOW_THRESHOLD: Final = "below_threshold"
MERGED: Final = "merged"
SCORE_PARTS: Final = ("specificity", "outcome", "risk", "cooperation", "timeliness")

_GRADE_GATES: Final = {Grade.KNOWN: Gate.ALREADY_KNOWN, Grade.MISLEADING: Gate.PROVED_FALSE}


class OutcomeError(ValueError):
    """Name what is wrong with the facts handed over, field by field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


@dataclass(slots=True)
class Candidate:
    """A tip on its way through the gates; score and order factor grow when a sender's tips are merged."""

    tip: TipOutcome
    score: int
    order_percent: int
    reasons: tuple[str, ...]


def require_sound(policy: Policy, outcome: CaseOutcome) -> None:
    """Refuse facts outside their bounds, naming all of them in one OutcomeError."""
    faults: dict[str, str] = {}
    for tip in outcome.tips:
        faults |= _tip_faults(policy, tip)
    for number, seizure in enumerate(outcome.seizures):
        try:
            money.exponent(seizure.currency)
            money.checked_minor(seizure.value_minor, allow_zero=True)
        except money.MoneyError as error:
            faults[f"seizures.{number}"] = str(error)
    if len({tip.tip_id for tip in outcome.tips}) != len(outcome.tips):
        faults["tips"] = "A tip is listed twice."
    if faults:
        raise OutcomeError(faults)


def candidates_of(policy: Policy, outcome: CaseOutcome) -> list[Candidate]:
    """Put the tips in order of receipt, close their gates, and merge those of one sender."""
    ordered = sorted(outcome.tips, key=lambda tip: (tip.received_at, tip.code))
    candidates = [
        Candidate(
            tip,
            tip.scored.total,
            policy.order_percent[Order(tip.order)],
            _closed_gates(policy, tip, outcome.action_at),
        )
        for tip in ordered
    ]
    first_of: dict[str, Candidate] = {}
    for candidate in candidates:
        sender = candidate.tip.sender
        if candidate.reasons or sender is None:
            continue
        first = first_of.setdefault(sender, candidate)
        if first is not candidate:
            first.score = max(first.score, candidate.score)
            first.order_percent = max(first.order_percent, candidate.order_percent)
            candidate.reasons = (MERGED,)
    return candidates


def weight_of(policy: Policy, candidate: Candidate) -> int:
    """Return score times order percentage; 0 for a tip that receives nothing."""
    if candidate.reasons or candidate.score < policy.threshold:
        return 0
    return candidate.score * candidate.order_percent


def reasons_of(policy: Policy, candidate: Candidate) -> tuple[str, ...]:
    """Return the reason codes of a tip that receives nothing."""
    if candidate.reasons:
        return candidate.reasons
    if candidate.score < policy.threshold:
        return (BELOW_THRESHOLD,)
    return () if candidate.order_percent else (candidate.tip.order,)


def gate_step(candidates: Sequence[Candidate]) -> Step:
    """Tell which tips were stopped, and why."""
    refused = [f"{written_code(c.tip.code)}: {', '.join(c.reasons)}" for c in candidates if c.reasons]
    working = "; ".join(refused) or "no gate is closed"
    eligible = len(candidates) - len(refused)
    return Step("Gates", working, f"{eligible} of {len(candidates)} eligible")


def score_step(policy: Policy, eligible: Sequence[Candidate], score: int, factor: Fraction) -> Step:
    """Tell how each tip scored and what the best score earns."""
    scores = "; ".join(f"{written_code(c.tip.code)}: {_score_words(c)}" for c in eligible)
    outcome = f"{factor * 100}% of the value part" if factor else f"below {policy.threshold}: no reward"
    return Step("Case score (best eligible tip)", scores or "no eligible tip", f"{score}: {outcome}")


def written_code(code: str) -> str:
    """Group a tip code for the eye, unless it is grouped already."""
    return show_tip_code(code) if code.isdigit() else code


def _tip_faults(policy: Policy, tip: TipOutcome) -> dict[str, str]:
    if tip.grade not in set(Grade):
        return {f"{tip.code}.grade": "Choose how much the tip contributed."}
    faults: dict[str, str] = {}
    if tip.order not in set(Order):
        faults[f"{tip.code}.order"] = "Choose where the tip stands among the others."
    if not set(tip.gates) <= set(Gate):
        faults[f"{tip.code}.gates"] = "Choose reasons from the list."
    for part in SCORE_PARTS:
        most = getattr(policy.card_maxima, part)
        if not 0 <= getattr(tip.scored, part) <= most:
            faults[f"{tip.code}.{part}"] = f"{part.capitalize()} is 0 to {most} points."
    return faults


def _closed_gates(policy: Policy, tip: TipOutcome, action_at: datetime | None) -> tuple[str, ...]:
    found = {Gate(name) for name in tip.gates}
    by_grade = _GRADE_GATES.get(Grade(tip.grade))
    if by_grade is not None:
        found.add(by_grade)
    if action_at is not None and not tip.received_at < action_at:
        found.add(Gate.AFTER_ACTION)
    return tuple(sorted(gate.value for gate in found & policy.gates))


def _score_words(candidate: Candidate) -> str:
    card = candidate.tip.scored
    words = f"{' + '.join(str(getattr(card, part)) for part in SCORE_PARTS)} = {card.total}"
    return words if card.total == candidate.score else f"{words}, {candidate.score} by its sender's best tip"
