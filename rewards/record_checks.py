"""Verify that what is kept beside the chain says what was chained: references, policy versions, signatures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.db import db
from rewards import ledger
from rewards.chain import digest_of_policy
from rewards.models import Fund, LedgerEntry, PolicyVersion, Reward, RewardApproval, RewardEvent
from rewards.violations import Violation


@dataclass(frozen=True, slots=True)
class References:
    """The names that links of the chain refer to, by the numbers kept in their columns."""

    funds: Mapping[int, str]
    rewards: Mapping[int, tuple[str, int, str]]


def references() -> References:
    """Read the names once for a whole walk along the chain."""
    rewards = sa.select(Reward.id, Reward.ref, Reward.case_id, Reward.case_number)
    return References(
        {row.id: row.code for row in db.session.execute(sa.select(Fund.id, Fund.code))},
        {row.id: (row.ref, row.case_id, row.case_number) for row in db.session.execute(rewards)},
    )


def columns(link: sa.Row[Any], known: References, *, entry: bool) -> Iterator[Violation]:
    """Compare the columns of a link, which no hash covers, with the references that were chained."""
    chained, kept = dict(link.ref), {}
    if entry:
        kept["fund"] = known.funds.get(link.fund_id, "")
        kept["reverses"] = ledger.entry_name(link.reverses_id) if link.reverses_id else ""
    if link.reward_id is not None:
        kept["reward"], case_id, kept["case"] = known.rewards[link.reward_id]
        if link.case_id != case_id:
            yield Violation("I8", f"seq {link.seq}", "it is kept under another case than its reward")
    elif chained.get("reward"):
        kept["reward"] = ""
    for name, value in kept.items():
        if chained.get(name, "") != value:
            yield Violation("I8", f"seq {link.seq}", f"it is kept under another {name} than was chained")


def policies() -> Iterator[Violation]:
    """Compare every policy version with the digest that the chain has of it."""
    said = {
        ref["version"]: ref["sha256"]
        for ref in db.session.scalars(
            sa.select(RewardEvent.ref)
            .where(RewardEvent.kind == "policy_changed")
            .order_by(RewardEvent.seq.desc())
        )
    }
    for row in db.session.scalars(sa.select(PolicyVersion).order_by(PolicyVersion.id)):
        if not said.get(str(row.id)) == row.sha256 == digest_of_policy(row.body):
            yield Violation("I8", f"policy {row.id}", "it is not the version that was chained")


def signatures() -> Iterator[Violation]:
    """Compare the signatures of every reward with those the chain has."""
    refs = dict(db.session.execute(sa.select(Reward.id, Reward.ref)).tuples().all())
    kept = Counter(
        db.session.execute(
            sa.select(RewardApproval.reward_id, RewardApproval.actor_id, RewardApproval.role)
        ).tuples()
    )
    said: Counter[tuple[int, int, str]] = Counter()
    for model, kind in ((RewardEvent, "signed"), (LedgerEntry, "approve")):
        for row in db.session.execute(
            sa.select(model.reward_id, model.actor_id, model.ref).where(
                model.kind == kind, model.reward_id.is_not(None)
            )
        ):
            said[row.reward_id, row.actor_id, row.ref.get("role", "")] += 1
    for reward_id, _, _ in sorted({*(kept - said), *(said - kept)}):
        yield Violation("I12", refs[reward_id], "its signatures are not those that were chained")
