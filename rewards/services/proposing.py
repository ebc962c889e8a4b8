"""Compute the reward of a closed case and set the money aside."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from core import audit
from core.codes import new_reference
from core.db import db
from core.errors import Conflict, Invalid
from rewards import books, chain, ledger, queries
from rewards.calculation import Calculation, calculate_advance, calculate_balance
from rewards.eligibility import OutcomeError
from rewards.facts import to_facts
from rewards.models import ADVANCE, FINAL, Reward, RewardInvolvement, RewardShare
from rewards.outcome import CaseOutcome
from rewards.policy import Policy
from rewards.refusals import step
from rewards.repeats import MoneyResult, once
from rewards.services.funds import PolicyInForce, ensure_fund, policy_in_force
from rewards.states import REWARD_MOVES, SHARE_MOVES, Facts, RewardState, ShareState
from rewards.valuation import MissingRates, Step

ABOVE_CAP = "above_cap"
ADVANCES = "advances"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What closing a case earned; `ref` is None and `reason` a code when it earned nothing.

    State `draft` means that the fund cannot cover it yet: finance reserves it once money has come in.
    """

    ref: str | None
    state: str | None
    pool: int
    currency: str
    reason: str | None
    steps: tuple[Step, ...]


def preview(*, outcome: CaseOutcome, now: datetime) -> Calculation:
    """Compute what closing would propose, without storing anything; raise Invalid as propose does."""
    return _calculated(policy_in_force(now=now).policy, outcome, FINAL)


def propose(
    *, case_id: int, case_number: str, outcome: CaseOutcome, actor_id: int | None, now: datetime
) -> Proposal:
    """Compute the reward of a case and reserve it.

    Asked again with the same facts, return the same proposal. Raise Conflict where another reward stands, and
    Invalid naming each missing exchange rate or fact out of bounds.
    """
    books.lock_head()
    in_force = policy_in_force(now=now)
    facts = to_facts(outcome)
    standing = queries.live_reward_of_case(case_id)
    if standing is not None:
        return _same_again(standing, facts)
    _withdraw_undecided_advance(case_id, actor_id=actor_id, now=now)
    advances = queries.advances_of_case(case_id)
    if advances:
        facts[ADVANCES] = advances
    calculation = _calculated(in_force.policy, outcome, FINAL, advances)
    case = books.Subject(case_id=case_id, case=case_number)
    return _store(case, FINAL, facts, outcome, calculation, in_force, actor_id=actor_id, now=now)


def propose_advance(
    *, case_id: int, case_number: str, outcome: CaseOutcome, actor_id: int | None, now: datetime
) -> Proposal:
    """Compute and reserve what may be paid ahead of the closing of a case.

    Raise Conflict where the case has a reward or an advance already, and Invalid before anything was seized.
    """
    books.lock_head()
    in_force = policy_in_force(now=now)
    if not outcome.seizures:
        raise Invalid({"seizures": ["An advance follows a seizure. Record what was seized first."]})
    if queries.live_reward_of_case(case_id) is not None:
        raise Conflict("This case has its reward already.")
    if queries.live_reward_of_case(case_id, ADVANCE) is not None:
        raise Conflict("This case has its advance already.")
    calculation = _calculated(in_force.policy, outcome, ADVANCE)
    if calculation.reason is not None:
        return Proposal(None, None, 0, calculation.currency, calculation.reason, calculation.steps)
    case = books.Subject(case_id=case_id, case=case_number)
    return _store(
        case, ADVANCE, to_facts(outcome), outcome, calculation, in_force, actor_id=actor_id, now=now
    )


def reserve(*, ref: str, actor_id: int | None, key: str, now: datetime) -> MoneyResult:
    """Set money aside for a reward that had to wait for it; raise Conflict while the fund is too low."""

    def act() -> MoneyResult:
        reward = queries.reward_by_ref(ref)
        step(REWARD_MOVES, reward.state, "reserve", Facts())
        posted = _reserve(reward, actor_id=actor_id, now=now)
        return MoneyResult(
            reward.state, reward.ref, "", posted.name, posted.entry_id, posted.seq, posted.balances
        )

    return once(key=key, scope="reserve", actor_id=actor_id, asked={"reward": ref}, now=now, act=act)


def withdraw(*, case_id: int, reason: str, actor_id: int | None, now: datetime) -> bool:
    """Take back the proposal of a case that is opened again; return whether there was one.

    Raise Conflict once it was approved: then it has to be cancelled share by share.
    """
    books.lock_head()
    _forget_declined(case_id, reason, actor_id=actor_id)
    reward = queries.live_reward_of_case(case_id)
    if reward is None:
        return False
    _withdraw(reward, reason, actor_id=actor_id, now=now)
    return True


def _withdraw(reward: Reward, reason: str, *, actor_id: int | None, now: datetime) -> None:
    reserved = reward.state == RewardState.PROPOSED
    reward.state = step(REWARD_MOVES, reward.state, "withdraw", Facts())
    close_shares(reward, "withdraw")
    give_back(reward, "withdrawn", reserved=reserved, reason=reason, actor_id=actor_id, now=now)


def _forget_declined(case_id: int, reason: str, *, actor_id: int | None) -> None:
    """Close what was declined on a case that is opened again: its facts may change, so it is not taken back."""
    for reward in queries.declined_of_case(case_id):
        reward.state = step(REWARD_MOVES, reward.state, "withdraw", Facts())
        notes = {"reason": reason[:300]}
        books.note("withdrawn", actor_id=actor_id, subject=queries.subject_of(reward), notes=notes)


def snapshot_hash(reward: Reward) -> str:
    """Hash everything an approver signs: facts, shares, amounts and policy version."""
    return snapshot_of(reward, queries.shares_of(reward.id))


def snapshot_of(reward: Reward, parts: Sequence[RewardShare]) -> str:
    """Hash a reward with the shares at hand."""
    shares = [
        [share.ref, share.tip_id, share.amount, share.weight, share.score, list(share.reasons)]
        for share in parts
    ]
    record = {
        "reward": reward.ref,
        "case": reward.case_number,
        "pool": reward.pool,
        "currency": reward.currency,
        "policy": reward.policy_version_id,
        "facts": reward.facts,
        "shares": shares,
    }
    return hashlib.sha256(chain.canonical(record)).hexdigest()


def close_shares(reward: Reward, action: str) -> None:
    """Take every undecided share of a reward to its end."""
    for share in queries.shares_of(reward.id):
        if share.state == ShareState.PROPOSED:
            share.state = step(SHARE_MOVES, share.state, action, Facts())


def give_back(
    reward: Reward, event: str, *, reserved: bool, reason: str, actor_id: int | None, now: datetime
) -> books.Posted | None:
    """Release what was reserved for a reward, or just note why it ended when nothing was."""
    reward.reason, reward.decided_at = reason[:300], now
    audit.record(action=f"reward.{event}", subject=("reward", reward.ref), actor_id=actor_id, at=now)
    subject = queries.subject_of(reward)
    notes = {"reason": reason[:300]}
    if not reserved:
        books.note(event, actor_id=actor_id, subject=subject, notes=notes)
        return None
    return books.post(
        ledger.release(reward.pool, reward.currency),
        fund=queries.fund_of(reward),
        idem_key=_round_key("release", reward),
        actor_id=actor_id,
        now=now,
        subject=subject,
        notes=notes,
    )


def computed(policy: Policy, outcome: CaseOutcome, kind: str, advances: int) -> Calculation:
    """Compute a reward of a kind: an advance, or what is left of the final pool; raise as calculate does."""
    return (
        calculate_advance(policy, outcome)
        if kind == ADVANCE
        else calculate_balance(policy, outcome, advances)
    )


def _store(
    case: books.Subject,
    kind: str,
    facts: dict[str, Any],
    outcome: CaseOutcome,
    calculation: Calculation,
    in_force: PolicyInForce,
    *,
    actor_id: int | None,
    now: datetime,
) -> Proposal:
    assert case.case_id is not None, "a reward is that of a case"
    reason = calculation.reason
    if reason is None and queries.standing_on_case(case.case_id) + calculation.pool > in_force.policy.cap:
        reason = ABOVE_CAP
    if reason is not None:
        books.note("no_reward", actor_id=actor_id, subject=case, notes={"reason": reason})
        return Proposal(None, None, 0, calculation.currency, reason, calculation.steps)
    reward = _stored(case, kind, facts, calculation, in_force, actor_id, now)
    _store_people(reward, outcome.involved)
    _store_shares(reward, calculation)
    reward.snapshot_hash = snapshot_hash(reward)
    reserve_if_funded(reward, actor_id=actor_id, now=now)
    return _proposal(reward, calculation.steps)


def _withdraw_undecided_advance(case_id: int, *, actor_id: int | None, now: datetime) -> None:
    """Take back an advance that nobody approved before the case was closed; the whole is proposed instead."""
    reward = queries.live_reward_of_case(case_id, ADVANCE)
    if reward is not None and reward.state in (RewardState.DRAFT, RewardState.PROPOSED):
        _withdraw(reward, "the case is closed, the whole reward is proposed", actor_id=actor_id, now=now)


def _calculated(policy: Policy, outcome: CaseOutcome, kind: str, advances: int = 0) -> Calculation:
    try:
        return computed(policy, outcome, kind, advances)
    except MissingRates as missing:
        raise Invalid(
            {"seizures": [_rate_words(code, missing.into) for code in missing.currencies]}
        ) from missing
    except OutcomeError as error:
        raise Invalid({name: [words] for name, words in error.faults.items()}) from error


def _rate_words(currency: str, into: str) -> str:
    return (
        f"The policy has no exchange rate from {currency} into {into}. "
        f"Ask finance to enter one, or give the value in {into}."
    )


def _same_again(standing: Reward, facts: Mapping[str, Any]) -> Proposal:
    if {name: value for name, value in standing.facts.items() if name != ADVANCES} != facts:
        raise Conflict(
            f"Reward {standing.ref} of this case is {standing.state} on other facts. Withdraw it first."
        )
    return _proposal(standing, [Step(**row) for row in standing.steps])


def _proposal(reward: Reward, steps: Sequence[Step]) -> Proposal:
    return Proposal(reward.ref, reward.state, reward.pool, reward.currency, None, tuple(steps))


def _stored(
    case: books.Subject,
    kind: str,
    facts: dict[str, Any],
    calculation: Calculation,
    in_force: PolicyInForce,
    actor_id: int | None,
    now: datetime,
) -> Reward:
    policy = in_force.policy
    reward = Reward(
        ref=f"R-{new_reference()}",
        case_id=case.case_id,
        case_number=case.case,
        kind=kind,
        state=RewardState.DRAFT,
        fund_id=ensure_fund(code=policy.fund, currency=policy.currency, now=now).id,
        currency=calculation.currency,
        pool=calculation.pool,
        score=calculation.score,
        policy_version_id=in_force.version,
        facts=facts,
        steps=[asdict(row) for row in calculation.steps],
        snapshot_hash="",
        reason="",
        proposed_by=actor_id,
        proposed_at=now,
    )
    db.session.add(reward)
    db.session.flush()
    return reward


def _store_people(reward: Reward, involved: Mapping[int, str]) -> None:
    for person_id, part in sorted(involved.items()):
        db.session.add(RewardInvolvement(reward_id=reward.id, person_id=person_id, part=part))
    db.session.flush()


def _store_shares(reward: Reward, calculation: Calculation) -> None:
    for share in calculation.shares:
        db.session.add(
            RewardShare(
                reward_id=reward.id,
                ref=f"V-{new_reference()}",
                tip_id=share.tip_id,
                tip_code=share.code,
                channel=share.channel,
                score=share.score,
                weight=share.weight,
                amount=share.amount,
                reasons=list(share.reasons),
                state=ShareState.PROPOSED if share.amount else ShareState.NOTHING,
                receipt="",
            )
        )
        db.session.flush()


def _round_key(event: str, reward: Reward) -> str:
    """Name an event of a reward: the first time by the reward alone, then by how often it came before."""
    before = queries.count_entries(reward.id, event)
    return f"{event}:{reward.ref}:{before + 1}" if before else f"{event}:{reward.ref}"


def reserve_if_funded(reward: Reward, *, actor_id: int | None, now: datetime) -> None:
    """Set the money of a draft aside, or say in the chain that it waits for some."""
    if -books.balance(reward.fund_id, ledger.AVAILABLE) >= reward.pool:
        _reserve(reward, actor_id=actor_id, now=now)
        return
    subject = queries.subject_of(reward)
    books.note("waits_for_funds", actor_id=actor_id, subject=subject)
    audit.record(action="reward.waits_for_funds", subject=("reward", reward.ref), actor_id=actor_id, at=now)


def _reserve(reward: Reward, *, actor_id: int | None, now: datetime) -> books.Posted:
    reward.state = RewardState.PROPOSED
    posted = books.post(
        ledger.reserve(reward.pool, reward.currency),
        fund=queries.fund_of(reward),
        idem_key=_round_key("reserve", reward),
        actor_id=actor_id,
        now=now,
        subject=queries.subject_of(reward),
        notes={"snapshot": reward.snapshot_hash},
    )
    audit.record(
        action="reward.proposed",
        subject=("reward", reward.ref),
        actor_id=actor_id,
        detail={"pool_minor": reward.pool, "currency": reward.currency, "entry": posted.name},
        at=now,
    )
    return posted
