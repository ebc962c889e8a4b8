"""Find what services should have refused: people judging their own work, and guards that are gone."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from core.db import db
from rewards.models import Reward, RewardApproval, RewardInvolvement, RewardShare
from rewards.policy import Policy, PolicyError
from rewards.states import fully_signed

GUARDED = (
    "ledger_entries",
    "ledger_legs",
    "reward_events",
    "reward_approvals",
    "policy_versions",
    "money_requests",
)
SQLITE_GUARDS = frozenset(
    [f"{table}_no_{act}" for table in GUARDED for act in ("update", "delete", "replace")]
    + [f"ledger_entries_guard_{number}" for number in range(1, 6)]
    + [f"ledger_legs_guard_{number}" for number in range(1, 3)]
    + ["ledger_legs_whole", "ledger_legs_post", "ledger_entries_move", "reward_events_move"]
    + ["reward_events_guard_1", "ledger_head_guard_1", "ledger_accounts_fixed_1", "ledger_accounts_new_1"]
)
POSTGRES_GUARDS = frozenset(
    [f"{table}_{name}" for table in GUARDED for name in ("append_only", "no_truncate")]
    + ["ledger_entries_guard", "ledger_legs_guard", "reward_events_guard", "ledger_head_guard"]
    + ["ledger_legs_post", "ledger_entries_move", "reward_events_move", "ledger_accounts_fixed"]
)


def separation_of_duties() -> Iterator[tuple[str, str, str]]:
    """List approvals and payments by people who were not free to make them."""
    judged_own_case = (
        sa.select(Reward.ref, RewardInvolvement.part)
        .join(RewardApproval, RewardApproval.reward_id == Reward.id)
        .join(
            RewardInvolvement,
            sa.and_(
                RewardInvolvement.reward_id == Reward.id,
                RewardInvolvement.person_id == RewardApproval.person_id,
            ),
        )
    )
    for ref, part in db.session.execute(judged_own_case):
        yield "I12", ref, f"approved by somebody who worked on the case ({part.replace('_', ' ')})"
    paid_own_approval = sa.select(RewardShare.ref).join(
        RewardApproval,
        sa.and_(
            RewardApproval.reward_id == RewardShare.reward_id,
            RewardApproval.person_id == RewardShare.paid_by_person,
        ),
    )
    for ref in db.session.scalars(paid_own_approval):
        yield "I12", ref, "paid by somebody who approved it"


def enough_signatures(policy: Policy, roles: list[str], case_total: int) -> bool:
    """Tell whether these signatures cover a case total under a policy."""
    try:
        return fully_signed(roles, policy.signatures_for(case_total))
    except PolicyError:
        return False


def missing_guards() -> Iterator[tuple[str, str, str]]:
    """List triggers that should protect the books and are not there, or are switched off."""
    if db.engine.dialect.name == "postgresql":
        statement = sa.text("SELECT tgname FROM pg_trigger WHERE tgenabled = 'A'")
        expected = POSTGRES_GUARDS
    else:
        statement = sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        expected = SQLITE_GUARDS
    for name in sorted(expected - set(db.session.scalars(statement))):
        yield "I7", name, "this guard of the database is missing"
