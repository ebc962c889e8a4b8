"""Approve, decline and cancel: the decisions of people who had no part in the case."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.services import StaffMember
from core import audit
from core.db import db
from core.errors import Invalid
from rewards import books, ledger, payout_queries, queries
from rewards.models import Reward, RewardApproval, RewardShare
from rewards.policy import Policy
from rewards.refusals import step
from rewards.repeats import MoneyResult, once
from rewards.services.funds import policy_of_version
from rewards.services.moving import batch_of, owed_amount, post_for_share, round_key, settle_if_done
from rewards.services.proposing import close_shares, give_back, snapshot_hash
from rewards.states import (
    REWARD_MOVES,
    SHARE_MOVES,
    Facts,
    RewardState,
    ShareState,
    fully_signed,
)

LONGEST_REASON = 300


def approve(*, ref: str, snapshot: str, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Sign a reward; the last signature it needs turns the reserve into a debt to each share.

    `snapshot` is the hash shown on the page that was read. Raise Conflict where the reward changed since and
    NotAllowed where this person or role may not sign.
    """

    def act() -> MoneyResult:
        reward = queries.reward_by_ref(ref)
        policy = policy_of_version(reward.policy_version_id)
        facts = facts_of_reward(reward, policy, actor, snapshot)
        roles = [*(role for _, role in facts.signatures), actor.role.value]
        action = "approve" if fully_signed(roles, facts.needed) else "sign"
        reward.state = step(REWARD_MOVES, reward.state, action, facts)
        _sign(reward, actor, now)
        if action == "sign":
            return _signed(reward, actor, now)
        return _approved(reward, policy, actor, now)

    asked = {"reward": ref, "snapshot": snapshot}
    return once(key=key, scope="approve", actor_id=actor.id, asked=asked, now=now, act=act)


def decline(
    *, ref: str, snapshot: str, reason: str, actor: StaffMember, key: str, now: datetime
) -> MoneyResult:
    """Refuse a proposed reward for a stated reason and free what was reserved."""
    reason = required_reason(reason)

    def act() -> MoneyResult:
        reward = queries.reward_by_ref(ref)
        facts = facts_of_reward(reward, policy_of_version(reward.policy_version_id), actor, snapshot)
        reserved = reward.state == RewardState.PROPOSED
        reward.state = step(REWARD_MOVES, reward.state, "decline", facts)
        close_shares(reward, "decline")
        posted = give_back(reward, "declined", reserved=reserved, reason=reason, actor_id=actor.id, now=now)
        return _result(reward, posted)

    asked = {"reward": ref, "snapshot": snapshot, "reason": reason}
    return once(key=key, scope="decline", actor_id=actor.id, asked=asked, now=now, act=act)


def cancel(*, share_ref: str, reason: str, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Take back the approval of one share before it is claimed; the canceller is not one of its approvers."""
    reason = required_reason(reason)

    def act() -> MoneyResult:
        share = queries.share_by_ref(share_ref)
        reward = db.session.get_one(Reward, share.reward_id)
        share.state = step(SHARE_MOVES, share.state, "cancel", share_facts(share, actor, now))
        posted = post_for_share(
            ledger.cancel(owed_amount(share), reward.currency, share=share.ref),
            share,
            reward,
            idem_key=round_key("cancel", share),
            actor_id=actor.id,
            now=now,
            notes={"reason": reason},
        )
        audit.record(action="reward.cancelled", subject=("share", share.ref), actor_id=actor.id, at=now)
        settle_if_done(reward)
        return _result(reward, posted, share)

    asked = {"share": share_ref, "reason": reason}
    return once(key=key, scope="cancel", actor_id=actor.id, asked=asked, now=now, act=act)


def share_facts(share: RewardShare, actor: StaffMember, now: datetime, *, proof: bool = False) -> Facts:
    """Gather what the guards of a share look at."""
    approvals = queries.approvals_of(share.reward_id)
    return Facts(
        person_id=actor.person_id,
        role=actor.role.value,
        involved=queries.involved_in(share.reward_id),
        signatures=tuple((row.person_id, row.role) for row in approvals),
        now=now,
        expires_at=share.expires_at,
        proof=proof,
        batch=batch_paying(share),
    )


def batch_paying(share: RewardShare) -> str:
    """Name the batch that pays a share: the one it waits in, or the one it was sent with."""
    if share.state == ShareState.CLAIMED:
        return payout_queries.waiting_batch(share.id)
    return batch_of(share)


def facts_of_reward(reward: Reward, policy: Policy, actor: StaffMember, seen: str) -> Facts:
    """Gather what the guards of a reward look at; `seen` is the snapshot this person read."""
    case_total = queries.total_of_case(reward.case_id, without=reward.id) + reward.pool
    return Facts(
        person_id=actor.person_id,
        role=actor.role.value,
        involved=queries.involved_in(reward.id),
        signatures=tuple((row.person_id, row.role) for row in queries.approvals_of(reward.id)),
        needed=policy.signatures_on(case_total),
        snapshot_seen=seen,
        snapshot_now=snapshot_hash(reward),
    )


def _sign(reward: Reward, actor: StaffMember, now: datetime) -> None:
    db.session.add(
        RewardApproval(
            reward_id=reward.id,
            actor_id=actor.id,
            person_id=actor.person_id,
            role=actor.role.value,
            case_total=queries.total_of_case(reward.case_id, without=reward.id) + reward.pool,
            snapshot_hash=reward.snapshot_hash,
            signed_at=now,
        )
    )
    db.session.flush()


def _signed(reward: Reward, actor: StaffMember, now: datetime) -> MoneyResult:
    notes = {"snapshot": reward.snapshot_hash, "role": actor.role.value}
    seq = books.note("signed", actor_id=actor.id, subject=queries.subject_of(reward), notes=notes)
    audit.record(action="reward.signed", subject=("reward", reward.ref), actor_id=actor.id, at=now)
    return MoneyResult(reward.state, reward.ref, seq=seq)


def _approved(reward: Reward, policy: Policy, actor: StaffMember, now: datetime) -> MoneyResult:
    shares = [share for share in queries.shares_of(reward.id) if share.state == ShareState.PROPOSED]
    posted = books.post(
        ledger.approve(reward.pool, {share.ref: share.amount for share in shares}, reward.currency),
        fund=queries.fund_of(reward),
        idem_key=f"approve:{reward.ref}",
        actor_id=actor.id,
        now=now,
        subject=queries.subject_of(reward),
        share_ids={share.ref: share.id for share in shares},
        notes={"snapshot": reward.snapshot_hash, "role": actor.role.value},
    )
    reward.decided_at = now
    for share in shares:
        share.state = step(SHARE_MOVES, share.state, "approve", Facts())
        share.expires_at = now + timedelta(days=policy.claim_days)
    audit.record(
        action="reward.approved",
        subject=("reward", reward.ref),
        actor_id=actor.id,
        detail={"pool_minor": reward.pool, "currency": reward.currency, "entry": posted.name},
        at=now,
    )
    db.session.flush()
    return _result(reward, posted)


def _result(reward: Reward, posted: books.Posted | None, share: RewardShare | None = None) -> MoneyResult:
    state, voucher = (share.state, share.ref) if share is not None else (reward.state, "")
    if posted is None:
        return MoneyResult(state, reward.ref, voucher)
    return MoneyResult(state, reward.ref, voucher, posted.name, posted.entry_id, posted.seq, posted.balances)


def required_reason(reason: str) -> str:
    """Return a reason on one line; raise Invalid where there is none."""
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise Invalid({"reason": ["Write the reason in a sentence; it is kept with the books."]})
    return reason
