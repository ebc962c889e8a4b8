"""Say what a policy holds in lines of words and figures, and where two of them differ. PURE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from rewards import money
from rewards.eligibility import SCORE_PARTS
from rewards.outcome import Gate, Order
from rewards.policy import Policy
from rewards.words import REASONS

ORDER_WORDS: Mapping[str, str] = {
    Order.FIRST: "first tip of its case",
    Order.NEW_FACTS: "later tip with new facts",
    Order.CONFIRMS: "later tip that only confirms",
    Order.DUPLICATE: "repeats another tip",
}


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """One number of a policy: the part it belongs to, its name, what it is, and what it does."""

    part: str
    name: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Change:
    """One line that differs between two policies; empty where one of them does not have it."""

    part: str
    name: str
    before: str
    after: str


def described(policy: Policy) -> tuple[PolicyLine, ...]:
    """Write every number of a policy with what it decides."""
    return (
        *_gates(policy),
        *_score(policy),
        *_value(policy),
        *_split(policy),
        *_paying(policy),
        *_signing(policy),
        *_rates(policy),
    )


def differences(before: Policy, after: Policy) -> tuple[Change, ...]:
    """List the lines that differ, in the order of the newer policy, then those that are gone."""
    old = {(line.part, line.name): line.value for line in described(before)}
    new = {(line.part, line.name): line.value for line in described(after)}
    changed = [
        Change(*key, old.get(key, ""), value) for key, value in new.items() if old.get(key, "") != value
    ]
    return tuple(changed) + tuple(Change(*key, value, "") for key, value in old.items() if key not in new)


def percent_text(percent: Fraction) -> str:
    """Write a percentage as a person types it, without losing a digit."""
    if percent.denominator == 1:
        return str(percent.numerator)
    scaled = percent * 10**6
    if scaled.denominator != 1:
        return str(percent)
    whole, part = divmod(scaled.numerator, 10**6)
    return f"{whole}.{part:06d}".rstrip("0")


def _gates(policy: Policy) -> list[PolicyLine]:
    return [
        PolicyLine(
            "Gates",
            REASONS[gate],
            "not paid" if gate in policy.gates else "paid all the same",
            "A tip to which this applies receives nothing; the reason is kept with it.",
        )
        for gate in Gate
    ]


def _score(policy: Policy) -> list[PolicyLine]:
    parts = [
        PolicyLine(
            "Score",
            f"{name.capitalize()}, at most",
            f"{getattr(policy.card_maxima, name)} points",
            "How much this part of the officer's card can add to a score of 100.",
        )
        for name in SCORE_PARTS
    ]
    bands = [
        PolicyLine(
            "Score",
            f"From a score of {band.at_least}",
            f"{percent_text(band.percent)}%",
            "The share of the value part that a case earns from this score on.",
        )
        for band in policy.bands
    ]
    return parts + bands


def _value(policy: Policy) -> list[PolicyLine]:
    tiers, start = [], 0
    for tier in policy.tiers:
        span = f"above {_money(policy, start)}" if start else "from the first cent"
        end = f"up to {_money(policy, tier.upto)}" if tier.upto is not None else "without end"
        tiers.append(
            PolicyLine(
                "Value of the goods",
                f"Part {span}, {end}",
                f"{percent_text(tier.percent)}%",
                "Paid on this part of the appraised value only.",
            )
        )
        start = tier.upto or start
    points = _money(policy, policy.points_per_score)
    return [
        *tiers,
        PolicyLine("Pool", "For each point of score", points, "Pays live animals and goods without a price."),
        PolicyLine(
            "Pool", "Cap of a case", _money(policy, policy.cap), "Nothing above it, advances included."
        ),
        PolicyLine(
            "Pool",
            "Smallest reward",
            _money(policy, policy.floor),
            "A pool between nothing and this is raised.",
        ),
    ]


def _split(policy: Policy) -> list[PolicyLine]:
    return [
        PolicyLine(
            "Split",
            ORDER_WORDS[order].capitalize(),
            f"{policy.order_percent[order]}%",
            "A tip's weight is its score times this.",
        )
        for order in Order
    ]


def _paying(policy: Policy) -> list[PolicyLine]:
    return [
        PolicyLine(
            "Paying",
            "Advance, at most",
            f"{policy.advance_percent}% of the provisional pool",
            "May be paid after a seizure, before the case is closed.",
        ),
        PolicyLine(
            "Paying",
            "Time to collect",
            f"{policy.claim_days} days",
            "Counted from the approval; then the reward lapses.",
        ),
        PolicyLine(
            "Paying",
            "Tax kept back",
            f"{percent_text(policy.withhold_percent)}%",
            "Of each share, when it is paid.",
        ),
    ]


def _signing(policy: Policy) -> list[PolicyLine]:
    return [
        PolicyLine(
            "Signatures",
            f"Case total up to {_money(policy, limit.upto)}",
            " and ".join(" or ".join(sorted(roles)) for roles in limit.signatures),
            "Different people, none of whom worked on the case.",
        )
        for limit in policy.limits
    ]


def _rates(policy: Policy) -> list[PolicyLine]:
    return [
        PolicyLine(
            "Exchange rates",
            f"1 {code}",
            f"{rate.written} {policy.currency} (seen {rate.as_of})",
            "Turns goods valued in this currency into the fund's.",
        )
        for code, rate in sorted(policy.rates.items())
    ]


def _money(policy: Policy, amount: int) -> str:
    return f"{money.shown(amount, policy.currency)} {policy.currency}"
