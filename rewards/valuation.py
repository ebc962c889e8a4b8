"""Turn seized goods and a score into the pool of a case. PURE.

All arithmetic is rational; the pool is floored to a minor unit once, at its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from rewards import money
from rewards.outcome import Seizure
from rewards.policy import Policy


class MissingRates(ValueError):
    """Name every currency of the seizures for which the policy has no exchange rate."""

    def __init__(self, currencies: Sequence[str], *, into: str) -> None:
        super().__init__(f"No exchange rate into {into} for {', '.join(currencies)}.")
        self.currencies = tuple(currencies)
        self.into = into


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the arithmetic: what is computed, how, and what comes out."""

    title: str
    working: str
    result: str


def pool_of(
    policy: Policy, seizures: Sequence[Seizure], score: int, factor: Fraction
) -> tuple[int, tuple[Step, ...]]:
    """Return the pool in minor units and how it came about; raise MissingRates."""
    value, value_step = _value(policy, seizures)
    tiered, tier_words = _tiered(policy, value)
    points = score * policy.points_per_score
    exact = min(Fraction(policy.cap), max(tiered * factor, Fraction(points)))
    pool = exact.numerator // exact.denominator
    floored = policy.floor if 0 < pool < policy.floor else pool
    steps = (
        value_step,
        Step("Value part", f"{tier_words}; × {factor * 100}%", policy.written(tiered * factor)),
        Step("Points part", f"{score} × {policy.written(policy.points_per_score)}", policy.written(points)),
        Step("Larger of both, up to the cap", f"cap {policy.written(policy.cap)}", policy.written(exact)),
        Step("Pool", _pool_words(policy, pool, floored), policy.written(floored)),
    )
    return floored, steps


def _pool_words(policy: Policy, pool: int, floored: int) -> str:
    if floored != pool:
        return f"raised to the smallest reward, {money.shown(policy.floor, policy.currency)}"
    return f"rounded down to {policy.currency} minor units"


def _value(policy: Policy, seizures: Sequence[Seizure]) -> tuple[Fraction, Step]:
    priced = [seizure for seizure in seizures if seizure.value_minor]
    missing = sorted({s.currency for s in priced} - {policy.currency} - set(policy.rates))
    if missing:
        raise MissingRates(missing, into=policy.currency)
    total, words = Fraction(0), []
    for seizure in priced:
        written = money.shown(seizure.value_minor, seizure.currency)
        if seizure.currency == policy.currency:
            total += seizure.value_minor
            words.append(f"{seizure.commodity} {written}")
            continue
        rate = policy.rates[seizure.currency]
        total += money.convert(seizure.value_minor, seizure.currency, into=policy.currency, rate=rate.rate)
        words.append(
            f"{seizure.commodity} {written} {seizure.currency} × {rate.written} (rate of {rate.as_of})"
        )
    return total, Step("Appraised value", " + ".join(words) or "nothing with a price", policy.written(total))


def _tiered(policy: Policy, value: Fraction) -> tuple[Fraction, str]:
    due, start, words = Fraction(0), 0, []
    for tier in policy.tiers:
        end = value if tier.upto is None else min(value, Fraction(tier.upto))
        if end > start:
            due += (end - start) * tier.percent / 100
            words.append(f"{tier.percent}% of {policy.written(end - start)}")
        start = tier.upto if tier.upto is not None else start
    return due, " + ".join(words) or "no value"
