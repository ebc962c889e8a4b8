"""Compute a reward from a case's outcome, keeping every step for the page that explains it. PURE.

All arithmetic is rational. It is rounded twice only: the pool is floored once, and each share once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from rewards import money
from rewards.outcome import CaseOutcome, Gate, Grade, Order, ScoreCard, Seizure, TipOutcome
from rewards.policy import Policy

BELOW_THRESHOLD = "below_threshold"
NO_ELIGIBLE_TIP = "no_eligible_tip"
NO_REWARD_OUTCOME = "no_reward_outcome"
NOTHING_TO_PAY = "nothing_to_pay"
MERGED = "merged"

SCORE_PARTS = ("specificity", "outcome", "risk", "cooperation", "timeliness")

_GRADE_GATES = {Grade.KNOWN: Gate.ALREADY_KNOWN, Grade.MISLEADING: Gate.PROVED_FALSE}


class MissingRates(ValueError):
    """Name every currency of the seizures for which the policy has no exchange rate."""

    def __init__(self, currencies: Sequence[str], *, into: str) -> None:
        super().__init__(f"No exchange rate into {into} for {', '.join(currencies)}.")
        self.currencies = tuple(currencies)
        self.into = into


class OutcomeError(ValueError):
    """Name what is wrong with the facts handed over, field by field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the arithmetic: what is computed, how, and what comes out."""

    title: str
    working: str
    result: str


@dataclass(frozen=True, slots=True)
class Share:
    """What one tip receives, in minor units, and the reason codes if it receives nothing."""

    tip_id: int
    code: str
    channel: str
    score: int
    weight: int
    amount: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calculation:
    """A computed reward. `reason` says why when the pool is 0."""

    currency: str
    score: int
    pool: int
    shares: tuple[Share, ...]
    steps: tuple[Step, ...]
    reason: str | None = None


@dataclass(slots=True)
class _Candidate:
    tip: TipOutcome
    score: int
    order_percent: int
    received_at: datetime
    reasons: tuple[str, ...]


def calculate(policy: Policy, outcome: CaseOutcome) -> Calculation:
    """Apply the policy to a closed case.

    Raise OutcomeError for facts outside their bounds and MissingRates when goods are valued in a currency the
    policy cannot convert; a case that earns nothing needs no rates.
    """
    _require_sound(policy, outcome)
    candidates = _candidates(policy, outcome)
    steps = [_gate_step(candidates)]
    eligible = [candidate for candidate in candidates if not candidate.reasons]
    score = max((candidate.score for candidate in eligible), default=0)
    factor = policy.factor(score)
    steps.append(_score_step(policy, eligible, score, factor))
    weights = {candidate.tip.tip_id: _weight(policy, candidate) for candidate in candidates}
    reason = _no_reward(outcome, eligible, factor, sum(weights.values()))
    pool = 0
    if reason is None:
        pool, more = _pool(policy, outcome, score, factor)
        steps.extend(more)
        reason = None if pool else NOTHING_TO_PAY
    shares, split_step = _shares(policy, candidates, weights, pool)
    if pool:
        steps.append(split_step)
    return Calculation(policy.currency, score, pool, shares, tuple(steps), reason)


def advance(policy: Policy, provisional_pool: int) -> int:
    """Return the most that may be paid ahead of the final decision."""
    return provisional_pool * policy.advance_percent // 100


def balance_after_advances(final_pool: int, advances: int) -> int:
    """Return what is still due after advances; an advance that was too large is not asked back."""
    return max(0, final_pool - advances)


def _require_sound(policy: Policy, outcome: CaseOutcome) -> None:
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


def _candidates(policy: Policy, outcome: CaseOutcome) -> list[_Candidate]:
    ordered = sorted(outcome.tips, key=lambda tip: (tip.received_at, tip.code))
    candidates = [
        _Candidate(
            tip,
            tip.scored.total,
            policy.order_percent[Order(tip.order)],
            tip.received_at,
            _closed_gates(policy, tip, outcome.action_at),
        )
        for tip in ordered
    ]
    first_of: dict[str, _Candidate] = {}
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


def _closed_gates(policy: Policy, tip: TipOutcome, action_at: datetime | None) -> tuple[str, ...]:
    found = {Gate(name) for name in tip.gates}
    by_grade = _GRADE_GATES.get(Grade(tip.grade))
    if by_grade is not None:
        found.add(by_grade)
    if action_at is not None and not tip.received_at < action_at:
        found.add(Gate.AFTER_ACTION)
    return tuple(sorted(gate.value for gate in found & policy.gates))


def _weight(policy: Policy, candidate: _Candidate) -> int:
    if candidate.reasons or candidate.score < policy.threshold:
        return 0
    return candidate.score * candidate.order_percent


def _no_reward(
    outcome: CaseOutcome, eligible: Sequence[_Candidate], factor: Fraction, total_weight: int
) -> str | None:
    if not outcome.rewardable:
        return NO_REWARD_OUTCOME
    if not eligible:
        return NO_ELIGIBLE_TIP
    if factor == 0:
        return BELOW_THRESHOLD
    return None if total_weight else NO_ELIGIBLE_TIP


def _pool(policy: Policy, outcome: CaseOutcome, score: int, factor: Fraction) -> tuple[int, tuple[Step, ...]]:
    value, value_step = _value(policy, outcome.seizures)
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


def _shares(
    policy: Policy, candidates: Sequence[_Candidate], weights: Mapping[int, int], pool: int
) -> tuple[tuple[Share, ...], Step]:
    amounts = money.split(pool, [weights[c.tip.tip_id] for c in candidates])
    shares = tuple(
        Share(
            candidate.tip.tip_id,
            candidate.tip.code,
            candidate.tip.channel,
            candidate.score,
            weights[candidate.tip.tip_id],
            amount,
            _share_reasons(policy, candidate),
        )
        for candidate, amount in zip(candidates, amounts, strict=True)
    )
    paid = [share for share in shares if share.weight]
    words = "; ".join(f"{share.code}: {share.weight} of {sum(weights.values())}" for share in paid)
    result = " / ".join(money.shown(share.amount, policy.currency) for share in paid)
    return shares, Step("Split by weight (score × order)", words, result)


def _share_reasons(policy: Policy, candidate: _Candidate) -> tuple[str, ...]:
    if candidate.reasons:
        return candidate.reasons
    if candidate.score < policy.threshold:
        return (BELOW_THRESHOLD,)
    return () if candidate.order_percent else (candidate.tip.order,)


def _gate_step(candidates: Sequence[_Candidate]) -> Step:
    refused = [f"{c.tip.code}: {', '.join(c.reasons)}" for c in candidates if c.reasons]
    working = "; ".join(refused) or "no gate is closed"
    eligible = len(candidates) - len(refused)
    return Step("Gates", working, f"{eligible} of {len(candidates)} eligible")


def _score_step(policy: Policy, eligible: Sequence[_Candidate], score: int, factor: Fraction) -> Step:
    scores = "; ".join(f"{c.tip.code}: {_card_words(c.tip.scored)}" for c in eligible)
    outcome = f"{factor * 100}% of the value part" if factor else f"below {policy.threshold}: no reward"
    return Step("Case score (best eligible tip)", scores or "no eligible tip", f"{score}: {outcome}")


def _card_words(card: ScoreCard) -> str:
    parts = (card.specificity, card.outcome, card.risk, card.cooperation, card.timeliness)
    return f"{' + '.join(str(part) for part in parts)} = {card.total}"
