"""Verify rewards and shares against the books, the policy that decided them and the people who signed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from core.db import db
from rewards import ledger, violations
from rewards.facts import from_facts
from rewards.models import (
    ADVANCE,
    FINAL,
    LedgerAccount,
    LedgerEntry,
    LedgerLeg,
    PolicyVersion,
    Reward,
    RewardApproval,
    RewardShare,
)
from rewards.policy import Policy, load_policy
from rewards.queries import ENDED, LAPSED
from rewards.services.proposing import ADVANCES, computed, snapshot_of
from rewards.states import RewardState, ShareState
from rewards.violations import Violation

BATCH = 1_000
HELD = (ledger.PAYABLE, ledger.IN_TRANSIT, ledger.TAX_WITHHELD)


def rewards() -> Iterator[Violation]:
    """Check pools, splits, reserves, signatures and caps of every reward."""
    policies = {row.id: load_policy(row.body) for row in db.session.scalars(sa.select(PolicyVersion))}
    reserved = _reserved()
    # what was promised on a case up to each reward: a balance after an advance needs the signatures of both
    signed_for: defaultdict[int, int] = defaultdict(int)
    for batch in _batches():
        ids = [reward.id for reward in batch]
        shares, approvals = _grouped(RewardShare, ids), _grouped(RewardApproval, ids)
        for reward in batch:
            policy = policies[reward.policy_version_id]
            yield from _split(reward, policy, shares[reward.id])
            signed_for[reward.case_id] += reward.pool if reward.state not in ENDED else 0
            yield from _signatures(reward, policy, approvals[reward.id], signed_for[reward.case_id])
            if (reward.state == RewardState.PROPOSED) != (reserved.get(reward.id, 0) < 0):
                yield Violation("I11", reward.ref, f"its reserve does not fit that it is {reward.state}")
    yield from _caps(policies)


def _caps(policies: Mapping[int, Policy]) -> Iterator[Violation]:
    """Check what stands on each case against the cap of its newest reward, and advances against the final one."""
    lapsed = _lapsed()
    newest: dict[int, sa.Row[Any]] = {}
    standing: defaultdict[tuple[int, str], int] = defaultdict(int)
    rows = sa.select(Reward.id, Reward.case_id, Reward.case_number, Reward.kind, Reward.pool, Reward.facts)
    for row in db.session.execute(
        rows.add_columns(Reward.policy_version_id).where(Reward.state.not_in(ENDED)).order_by(Reward.id)
    ):
        newest[row.case_id] = row
        standing[row.case_id, row.kind] += row.pool - lapsed.get(row.id, 0)
    for case_id, row in newest.items():
        advances = standing[case_id, ADVANCE]
        if advances + standing[case_id, FINAL] > policies[row.policy_version_id].cap:
            yield Violation("I9", row.case_number, "more is promised than the cap of its case")
        if row.kind == FINAL and advances > row.facts.get(ADVANCES, 0):
            yield Violation("I9", row.case_number, "more was paid in advance than was deducted")


def shares() -> Iterator[Violation]:
    """Check that the books hold for every share what its state says."""
    held: defaultdict[int, dict[str, int]] = defaultdict(dict)
    rows = db.session.execute(
        sa.select(LedgerLeg.share_id, LedgerAccount.name, sa.func.sum(LedgerLeg.amount).label("total"))
        .join(LedgerAccount, LedgerAccount.id == LedgerLeg.account_id)
        .where(LedgerLeg.share_id.is_not(None), LedgerAccount.name.in_(HELD))
        .group_by(LedgerLeg.share_id, LedgerAccount.name)
    )
    for row in rows:
        held[row.share_id][row.name] = int(row.total)
    for share in db.session.execute(
        sa.select(RewardShare.id, RewardShare.ref, RewardShare.state, RewardShare.amount).order_by(
            RewardShare.id
        )
    ):
        has = held[share.id]
        net = -share.amount - has.get(ledger.TAX_WITHHELD, 0)
        owed = net if share.state in (ShareState.APPROVED, ShareState.CLAIMED) else 0
        moving = net if share.state == ShareState.INSTRUCTED else 0
        if (has.get(ledger.PAYABLE, 0), has.get(ledger.IN_TRANSIT, 0)) != (owed, moving):
            yield Violation("I11", share.ref, f"the books do not agree that it is {share.state}")


def _split(reward: Reward, policy: Policy, parts: Sequence[RewardShare]) -> Iterator[Violation]:
    if sum(share.amount for share in parts) != reward.pool:
        yield Violation("I10", reward.ref, "its shares do not add up to the pool")
    if any(share.amount and not share.weight for share in parts):
        yield Violation("I10", reward.ref, "a share of weight zero receives money")
    again = computed(policy, from_facts(reward.facts), reward.kind, reward.facts.get(ADVANCES, 0))
    if (again.pool, [part.amount for part in again.shares]) != (reward.pool, [part.amount for part in parts]):
        yield Violation("I10", reward.ref, "recomputed under its own policy version it gives another amount")
    if reward.snapshot_hash != snapshot_of(reward, parts):
        yield Violation("I12", reward.ref, "it is no longer what its approvers read")


def _signatures(
    reward: Reward, policy: Policy, approvals: Sequence[RewardApproval], total: int
) -> Iterator[Violation]:
    if reward.state not in (RewardState.APPROVED, RewardState.SETTLED):
        return
    if not violations.enough_signatures(policy, [row.role for row in approvals], total):
        yield Violation("I13", reward.ref, "its signatures do not cover the total of its case")
    if any(row.snapshot_hash != reward.snapshot_hash for row in approvals):
        yield Violation("I12", reward.ref, "a signature is bound to another snapshot")


def _batches() -> Iterator[Sequence[Reward]]:
    last = 0
    while batch := db.session.scalars(
        sa.select(Reward).where(Reward.id > last).order_by(Reward.id).limit(BATCH)
    ).all():
        yield batch
        last = batch[-1].id


def _grouped(model: Any, reward_ids: Sequence[int]) -> Mapping[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in db.session.scalars(sa.select(model).where(model.reward_id.in_(reward_ids)).order_by(model.id)):
        found[row.reward_id].append(row)
    return found


def _lapsed() -> dict[int, int]:
    rows = db.session.execute(
        sa.select(RewardShare.reward_id, sa.func.sum(RewardShare.amount))
        .where(RewardShare.state.in_(LAPSED))
        .group_by(RewardShare.reward_id)
    )
    return {reward_id: int(total) for reward_id, total in rows}


def _reserved() -> dict[int, int]:
    rows = db.session.execute(
        sa.select(LedgerEntry.reward_id, sa.func.sum(LedgerLeg.amount))
        .join(LedgerEntry, LedgerEntry.id == LedgerLeg.entry_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerLeg.account_id)
        .where(LedgerEntry.reward_id.is_not(None), LedgerAccount.name == ledger.RESERVED)
        .group_by(LedgerEntry.reward_id)
    )
    return {reward_id: int(total) for reward_id, total in rows}
