"""Compute a reward from a case's outcome, keeping every step for the page that explains it. PURE.

All arithmetic is rational. It is rounded twice only: the pool is floored once, and each share once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from rewards import money
from rewards.eligibility import (
    BELOW_THRESHOLD,
    Candidate,
    candidates_of,
    gate_step,
    reasons_of,
    require_sound,
    score_step,
    weight_of,
    written_code,
)
from rewards.outcome import CaseOutcome
from rewards.policy import Policy
from rewards.valuation import Step, pool_of

NO_ELIGIBLE_TIP = "no_eligible_tip"
NO_REWARD_OUTCOME = "no_reward_outcome"
NOTHING_TO_PAY = "nothing_to_pay"
PAID_IN_ADVANCE = "paid_in_advance"
SPLIT = "Split by weight (score × order)"


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


def calculate(policy: Policy, outcome: CaseOutcome) -> Calculation:
    """Apply the policy to a closed case.

    Raise OutcomeError for facts outside their bounds and MissingRates when goods are valued in a currency the
    policy cannot convert; a case that earns nothing needs no rates.
    """
    require_sound(policy, outcome)
    candidates = candidates_of(policy, outcome)
    steps = [gate_step(candidates)]
    eligible = [candidate for candidate in candidates if not candidate.reasons]
    score = max((candidate.score for candidate in eligible), default=0)
    factor = policy.factor(score)
    steps.append(score_step(policy, eligible, score, factor))
    weights = {candidate.tip.tip_id: weight_of(policy, candidate) for candidate in candidates}
    reason = _no_reward(outcome, eligible, factor, sum(weights.values()))
    pool = 0
    if reason is None:
        pool, more = pool_of(policy, outcome.seizures, score, factor)
        steps.extend(more)
        reason = None if pool else NOTHING_TO_PAY
    shares, split_step = _shares(policy, candidates, weights, pool)
    if pool:
        steps.append(split_step)
    return Calculation(policy.currency, score, pool, shares, tuple(steps), reason)


def calculate_advance(policy: Policy, outcome: CaseOutcome) -> Calculation:
    """Compute what may be paid after a seizure, before a case is closed; raise as calculate does."""
    provisional = calculate(policy, outcome)
    pool = advance(policy, provisional.pool)
    shown = money.shown(pool, policy.currency)
    working = f"{policy.advance_percent}% of {money.shown(provisional.pool, policy.currency)}, rounded down"
    return _with_pool(
        provisional, pool, Step("Advance", working, shown), provisional.reason or NOTHING_TO_PAY
    )


def calculate_balance(policy: Policy, outcome: CaseOutcome, advances: int) -> Calculation:
    """Compute what a closed case still earns after advances in minor units; raise as calculate does."""
    final = calculate(policy, outcome)
    if not advances or not final.pool:
        return final
    pool = balance_after_advances(final.pool, advances)
    earned, paid = money.shown(final.pool, policy.currency), money.shown(advances, policy.currency)
    working = f"{earned} \N{MINUS SIGN} {paid} paid in advance"
    step = Step("Balance after advances", working, money.shown(pool, policy.currency))
    return _with_pool(final, pool, step, PAID_IN_ADVANCE)


def advance(policy: Policy, provisional_pool: int) -> int:
    """Return the most that may be paid ahead of the final decision."""
    return provisional_pool * policy.advance_percent // 100


def balance_after_advances(final_pool: int, advances: int) -> int:
    """Return what is still due after advances; an advance that was too large is not asked back."""
    return max(0, final_pool - advances)


def _with_pool(found: Calculation, pool: int, step: Step, reason: str) -> Calculation:
    """Split another pool by the same weights, as one more step."""
    amounts = money.split(pool, [share.weight for share in found.shares])
    shares = tuple(replace(share, amount=amount) for share, amount in zip(found.shares, amounts, strict=True))
    worked = tuple(row for row in found.steps if row.title != SPLIT)
    split = (_split_step(shares, found.currency),) if pool else ()
    steps = (*worked, step, *split)
    return replace(found, pool=pool, shares=shares, steps=steps, reason=None if pool else reason)


def _no_reward(
    outcome: CaseOutcome, eligible: Sequence[Candidate], factor: Fraction, total_weight: int
) -> str | None:
    if not outcome.rewardable:
        return NO_REWARD_OUTCOME
    if not eligible:
        return NO_ELIGIBLE_TIP
    if factor == 0:
        return BELOW_THRESHOLD
    return None if total_weight else NO_ELIGIBLE_TIP


def _shares(
    policy: Policy, candidates: Sequence[Candidate], weights: Mapping[int, int], pool: int
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
            reasons_of(policy, candidate),
        )
        for candidate, amount in zip(candidates, amounts, strict=True)
    )
    return shares, _split_step(shares, policy.currency)


def _split_step(shares: Sequence[Share], currency: str) -> Step:
    paid = [share for share in shares if share.weight]
    total = sum(share.weight for share in paid)
    words = "; ".join(f"{written_code(share.code)}: {share.weight} of {total}" for share in paid)
    return Step(SPLIT, words, " / ".join(money.shown(share.amount, currency) for share in paid))
