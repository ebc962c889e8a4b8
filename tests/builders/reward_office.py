"""A reward office at work: people, a fund with money in it, and rewards on their way."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import current_app

from accounts.models import Staff
from accounts.roles import Role
from accounts.services import StaffMember
from core.db import db, transaction
from core.vault import Vault
from rewards import queries, services
from rewards.models import Reward, RewardShare
from rewards.outcome import CaseOutcome
from rewards.policy import DEFAULT_POLICY
from rewards.services import funds
from tests.builders.rewards import outcome, tip

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
FUNDS = 5_000_000
_keys = itertools.count(1)


def new_key() -> str:
    """Make a request key that was not used before."""
    return f"request-{next(_keys):06d}"


@dataclass(frozen=True)
class Office:
    """The people who decide, none of whom worked on a case."""

    finance: StaffMember
    cashier: StaffMember
    director: StaffMember
    officer: StaffMember


def open_office(amount: int = FUNDS) -> Office:
    """Create the people and put money into the fund."""
    office = Office(*(_member(role) for role in ("finance", "finance", "director", "officer")))
    with transaction():
        services.ensure_fund(code="GEN", currency="USD", now=NOW)
        if amount:
            put_in(amount, actor_id=office.finance.id)
    return office


def _member(role: str) -> StaffMember:
    """Create an account that nobody signs in to, so that no password is hashed."""
    number = next(_keys)
    with transaction():
        row = Staff(
            person_id=0,
            email=f"office{number}@example.org",
            name=f"{role.title()} {number}",
            role=role,
            password_hash="none",
            active=True,
            created_at=NOW,
        )
        db.session.add(row)
        db.session.flush()
        row.person_id = row.id
        return StaffMember(row.id, row.person_id, row.email, row.name, Role(role))


def put_in(amount: int, *, actor_id: int | None = None, key: str | None = None) -> services.MoneyResult:
    """Deposit into the fund, inside the caller's transaction."""
    return services.deposit(
        fund="GEN",
        amount_minor=amount,
        source="Treasury",
        reference="S-2026-03-02/1",
        actor_id=actor_id,
        key=key or new_key(),
        now=NOW,
    )


def change_policy(**changes: Any) -> int:
    """Put the default policy with some of its numbers changed in force, inside the caller's transaction."""
    body = {**DEFAULT_POLICY, **changes}
    return funds.store_policy(body, note="changed", actor_id=None, now=NOW, effective_from=NOW).id


def propose(case_id: int = 1, facts: CaseOutcome | None = None, **changes: Any) -> services.Proposal:
    """Close a case with one tip worth 1,065.00, or with the facts given; tip ids follow the case id."""
    facts = facts or outcome(tip(case_id, 72), value=1_840_000, **changes)
    with transaction():
        return services.propose(
            case_id=case_id, case_number=f"C-2026-{case_id:06d}", outcome=facts, actor_id=None, now=NOW
        )


def approve(ref: str, actor: StaffMember, **changes: Any) -> services.MoneyResult:
    """Approve what is in the database now."""
    values = {"snapshot": queries.reward_by_ref(ref).snapshot_hash, "key": new_key(), "now": NOW, **changes}
    with transaction():
        return services.approve(ref=ref, actor=actor, **values)


def claim(tip_id: int, **changes: Any) -> services.Claimed:
    """Claim a tip's share."""
    values = {"key": new_key(), "vault": vault(), "now": NOW, **changes}
    with transaction():
        return services.claim(tip_id=tip_id, **values)


def pay(share_ref: str, actor: StaffMember, **changes: Any) -> services.MoneyResult:
    """Pay a claimed share."""
    values = {"key": new_key(), "vault": vault(), "now": NOW, **changes}
    with transaction():
        return services.pay(share_ref=share_ref, actor=actor, **values)


def reward(ref: str) -> Reward:
    """Read a reward anew."""
    return queries.reward_by_ref(ref)


def only_share(ref: str) -> RewardShare:
    """Read the single share of a reward anew."""
    (share,) = queries.shares_of(reward(ref).id)
    return share


def vault() -> Vault:
    """Return the vault of the application under test."""
    return current_app.extensions["vault"]
