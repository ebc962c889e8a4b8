"""Read a reward policy from plain data, refusing one that contradicts itself. PURE.

A policy version is data: stored once, never changed, and good for recomputing any reward it decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final

from rewards import money
from rewards.outcome import CARD_MAXIMA, Gate, Order, ScoreCard


class PolicyError(ValueError):
    """Carry every fault found in a policy's data."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Tier:
    """Pay `percent` on the part of the value up to `upto` minor units; None means the rest."""

    upto: int | None
    percent: Fraction


@dataclass(frozen=True, slots=True)
class Band:
    """Pay `percent` of the value part from this case score on."""

    at_least: int
    percent: Fraction


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of a currency is worth `rate` units of the fund's currency, as seen on `as_of`."""

    rate: Fraction
    written: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Limit:
    """Up to this case total, these signatures approve: one set of accepted roles for each signature."""

    upto: int
    signatures: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """All the numbers that decide a reward. Amounts are minor units of `currency`."""

    fund: str
    currency: str
    cap: int
    floor: int
    tiers: tuple[Tier, ...]
    bands: tuple[Band, ...]
    points_per_score: int
    order_percent: Mapping[Order, int]
    card_maxima: ScoreCard
    gates: frozenset[Gate]
    rates: Mapping[str, Rate]
    advance_percent: int
    limits: tuple[Limit, ...]
    claim_days: int
    withhold_percent: Fraction

    def factor(self, score: int) -> Fraction:
        """Return the share of the value part a case score earns; 0 below the threshold."""
        earned = [band.percent for band in self.bands if score >= band.at_least]
        return max(earned, default=Fraction(0)) / 100

    @property
    def threshold(self) -> int:
        """Return the lowest score that is paid at all."""
        return min(band.at_least for band in self.bands)

    def written(self, amount: Fraction | int) -> str:
        """Write an amount in minor units with all its decimals."""
        return money.shown_exactly(Fraction(amount), self.currency)

    def signatures_on(self, promised: int) -> tuple[frozenset[str], ...]:
        """Return who has to sign on a case that so much was ever promised on.

        What lapsed or was cancelled counts too, so that a limit cannot be waited around. It alone may lift the sum
        above the cap; the signatures of the cap are then the ones needed.
        """
        return self.signatures_for(min(promised, self.cap))

    def signatures_for(self, case_total: int) -> tuple[frozenset[str], ...]:
        """Return who has to sign for a case total; refuse a total above every limit."""
        for limit in self.limits:
            if case_total <= limit.upto:
                return limit.signatures
        raise PolicyError(["This total is above every approval limit of the policy."])


DEFAULT_POLICY: Final[Mapping[str, Any]] = {
    "fund": "GEN",
    "currency": "USD",
    "cap": 750_000,
    "floor": 5_000,
    "tiers": [
        {"upto": 1_000_000, "percent": "10"},
        {"upto": 5_000_000, "percent": "5"},
        {"upto": None, "percent": "2"},
    ],
    "bands": [
        {"at_least": 40, "percent": "50"},
        {"at_least": 60, "percent": "75"},
        {"at_least": 80, "percent": "100"},
    ],
    "points_per_score": 1_000,
    "order_percent": {"first": 100, "new_facts": 50, "confirms": 20, "duplicate": 0},
    "card_maxima": {"specificity": 30, "outcome": 30, "risk": 20, "cooperation": 10, "timeliness": 10},
    "gates": [gate.value for gate in Gate],
    "rates": {},
    "advance_percent": 25,
    "limits": [
        {"upto": 50_000, "signatures": [["supervisor", "finance", "director"]]},
        {"upto": 250_000, "signatures": [["finance", "director"]]},
        {"upto": 750_000, "signatures": [["finance", "director"], ["director"]]},
    ],
    "claim_days": 180,
}
"""The policy a new deployment starts with. It knows no exchange rates: a rate is entered, never assumed."""


def with_rate(data: Mapping[str, Any], *, currency: str, rate: str, as_of: date) -> dict[str, Any]:
    """Return the policy data with one exchange rate added or replaced."""
    rates = {**data["rates"], currency: {"rate": rate, "as_of": as_of.isoformat()}}
    return {**data, "rates": rates}


def load_policy(data: Mapping[str, Any]) -> Policy:
    """Build a Policy from plain data; raise PolicyError naming everything that is wrong with it."""
    try:
        policy = _built(data)
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise PolicyError([f"The policy cannot be read: {error}."]) from error
    faults = _faults(policy)
    if faults:
        raise PolicyError(faults)
    return policy


def _built(data: Mapping[str, Any]) -> Policy:
    return Policy(
        fund=str(data["fund"]),
        currency=str(data["currency"]),
        cap=money.checked_minor(data["cap"]),
        floor=money.checked_minor(data["floor"], allow_zero=True),
        tiers=tuple(Tier(row["upto"], Fraction(row["percent"])) for row in data["tiers"]),
        bands=tuple(Band(row["at_least"], Fraction(row["percent"])) for row in data["bands"]),
        points_per_score=money.checked_minor(data["points_per_score"], allow_zero=True),
        order_percent={Order(name): int(percent) for name, percent in data["order_percent"].items()},
        card_maxima=ScoreCard(**data["card_maxima"]),
        gates=frozenset(Gate(name) for name in data["gates"]),
        rates={code: _rate(row) for code, row in data["rates"].items()},
        advance_percent=int(data["advance_percent"]),
        limits=tuple(_limit(row) for row in data["limits"]),
        claim_days=int(data["claim_days"]),
        # older versions knew no withholding and keep their bytes
        withhold_percent=Fraction(data.get("withhold_percent", "0")),
    )


def _rate(row: Mapping[str, str]) -> Rate:
    # A float would bring its binary error into an exact calculation.
    if not isinstance(row["rate"], str):
        raise ValueError("an exchange rate is written as a decimal string")
    as_of = date.fromisoformat(row["as_of"])
    return Rate(Fraction(row["rate"]), row["rate"], as_of.isoformat())


def _limit(row: Mapping[str, Any]) -> Limit:
    return Limit(money.checked_minor(row["upto"]), tuple(frozenset(roles) for roles in row["signatures"]))


def _faults(policy: Policy) -> list[str]:
    ends = [tier.upto for tier in policy.tiers]
    limits = [limit.upto for limit in policy.limits]
    bands = [(band.at_least, band.percent) for band in policy.bands]
    numbers = [end for end in ends[:-1] if end is not None]
    unknown = [code for code in (policy.currency, *policy.rates) if code not in money.EXPONENTS]
    checks = [
        (not unknown, f"Unknown currency: {', '.join(unknown)}."),
        (policy.floor <= policy.cap, "The smallest reward is above the cap."),
        (ends[-1:] == [None] and numbers == sorted(set(numbers)), "Tiers rise, and the last one has no end."),
        (len(numbers) == len(ends) - 1, "Only the last tier has no end."),
        (all(0 <= tier.percent <= 100 for tier in policy.tiers), "A tier pays between 0 and 100 percent."),
        (bool(bands) and bands == sorted(set(bands)), "Score bands rise."),
        (all(0 < band.percent <= 100 for band in policy.bands), "A band pays above 0 and up to 100 percent."),
        (
            [band.percent for band in policy.bands] == sorted(band.percent for band in policy.bands),
            "A higher score never earns a smaller percentage.",
        ),
        (set(policy.order_percent) == set(Order), "Every order of a tip has a percentage."),
        (all(0 <= p <= 100 for p in policy.order_percent.values()), "Order factors are 0 to 100 percent."),
        (policy.card_maxima.total == CARD_MAXIMA.total, "The parts of a score add up to 100."),
        (all(rate.rate > 0 for rate in policy.rates.values()), "An exchange rate is above zero."),
        (0 <= policy.advance_percent <= 100, "An advance is 0 to 100 percent."),
        (bool(limits) and limits == sorted(set(limits)), "Approval limits rise."),
        (bool(limits) and limits[-1] >= policy.cap, "The highest approval limit covers the cap."),
        (all(limit.signatures for limit in policy.limits), "Every limit needs at least one signature."),
        (0 <= policy.withhold_percent < 100, "Tax withheld is 0 to below 100 percent."),
        (policy.claim_days > 0, "A reward can be claimed for at least one day."),
    ]
    return [sentence for holds, sentence in checks if not holds]
