"""Tables of the reward office: the books, the policy they follow, and the rewards they pay.

Entries, legs, events, approvals, policy versions and answered requests are append-only by database triggers;
an account's balance and the chain's head are moved by triggers alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Model, UtcDateTime
from rewards.money import MAX_MINOR
from rewards.periods import PeriodState
from rewards.states import RewardState, ShareState

ONLY = 1
FINAL = "final"
ADVANCE = "advance"


def among(column: str, values: Iterable[str]) -> str:
    """Write the condition that a column holds one of these values."""
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


def unique_where(name: str, *columns: str, where: str) -> sa.Index:
    """Write an index that keeps these columns unique among the rows of a condition, on both databases."""
    return sa.Index(name, *columns, unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


class Fund(Model):
    """A pot of money in one currency; every entry touches exactly one."""

    __tablename__ = "funds"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(12), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    currency: Mapped[str] = mapped_column(sa.String(3))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LedgerAccount(Model):
    """One account of a fund; `sign` says on which side of zero its balance must stay."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        sa.UniqueConstraint("fund_id", "name"),
        sa.CheckConstraint("sign IN (-1, 1)", name="known_sign"),
        sa.CheckConstraint("sign * balance >= 0", name="right_side_of_zero"),
        sa.CheckConstraint(f"balance BETWEEN -{MAX_MINOR} AND {MAX_MINOR}", name="bounded"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("funds.id"))
    name: Mapped[str] = mapped_column(sa.String(80))
    currency: Mapped[str] = mapped_column(sa.String(3))
    sign: Mapped[int] = mapped_column(sa.SmallInteger)
    balance: Mapped[int] = mapped_column(sa.BigInteger)


class LedgerHead(Model):
    """The newest link of the chain; its single row is locked first by whoever posts."""

    __tablename__ = "ledger_head"
    __table_args__ = (sa.CheckConstraint(f"id = {ONLY}", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ledger: Mapped[str] = mapped_column(sa.String(40))
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    entries: Mapped[int] = mapped_column(sa.BigInteger)
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    recorded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LedgerEntry(Model):
    """One event with money. `id` is its gap-free number (J000001 is 1), `seq` its place in the chain."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        sa.Index("ix_ledger_entries_effective_on_seq", "effective_on", "seq"),
        sa.Index("ix_ledger_entries_reward_id", "reward_id"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(sa.BigInteger, unique=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("funds.id"))
    reward_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rewards.id"))
    case_id: Mapped[int | None]
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    idem_key: Mapped[str] = mapped_column(sa.String(120), unique=True)
    reverses_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, sa.ForeignKey("ledger_entries.id"), unique=True
    )
    ref: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    prev_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))


class LedgerLeg(Model):
    """One movement on one account; legs are written before the entry that seals them."""

    __tablename__ = "ledger_legs"
    __table_args__ = (
        sa.Index("ix_ledger_legs_account_id_entry_id_amount", "account_id", "entry_id", "amount"),
        sa.Index("ix_ledger_legs_share_id", "share_id"),
        sa.Index("ix_ledger_legs_entry_id_account_id_amount", "entry_id", "account_id", "amount"),
        sa.CheckConstraint(f"amount <> 0 AND amount BETWEEN -{MAX_MINOR} AND {MAX_MINOR}", name="bounded"),
    )

    entry_id: Mapped[int] = mapped_column(
        sa.BigInteger,
        sa.ForeignKey("ledger_entries.id", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    )
    line_no: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("ledger_accounts.id"))
    currency: Mapped[str] = mapped_column(sa.String(3))
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    share_id: Mapped[int | None] = mapped_column(sa.ForeignKey("reward_shares.id"))


class LedgerPeriod(Model):
    """One month of the books. Once closed it is sealed, with the chain's newest link at that moment."""

    __tablename__ = "ledger_periods"
    __table_args__ = (
        sa.CheckConstraint(among("state", PeriodState), name="known_state"),
        sa.CheckConstraint("starts_on <= ends_on", name="in_order"),
        sa.CheckConstraint("(state = 'closed') = (seq IS NOT NULL)", name="closed_at_a_link"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(7), unique=True)
    starts_on: Mapped[date] = mapped_column(unique=True)
    ends_on: Mapped[date] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(sa.String(6))
    soft_closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    soft_closed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    seq: Mapped[int | None] = mapped_column(sa.BigInteger)
    entries: Mapped[int | None] = mapped_column(sa.BigInteger)
    head_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32))


class PeriodBalance(Model):
    """What an account held at the end of a closed period, over all entries effective until then."""

    __tablename__ = "period_balances"

    period_id: Mapped[int] = mapped_column(sa.ForeignKey("ledger_periods.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("ledger_accounts.id"), primary_key=True)
    balance: Mapped[int] = mapped_column(sa.BigInteger)


class RewardEvent(Model):
    """One event without money, in the same chain as the entries."""

    __tablename__ = "reward_events"
    __table_args__ = (
        sa.Index("ix_reward_events_reward_id", "reward_id"),
        sa.Index("ix_reward_events_case_id", "case_id"),
    )

    seq: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(sa.String(30))
    reward_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rewards.id"))
    case_id: Mapped[int | None]
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    ref: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    prev_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))


class PolicyVersion(Model):
    """One version of the reward policy, as plain data; the newest one in effect decides new rewards."""

    __tablename__ = "policy_versions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    effective_from: Mapped[datetime] = mapped_column(UtcDateTime)
    body: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    note: Mapped[str] = mapped_column(sa.String(300))
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Reward(Model):
    """The reward of one case: what was computed, from which facts, and where it stands."""

    __tablename__ = "rewards"
    __table_args__ = (
        sa.CheckConstraint(among("state", RewardState), name="known_state"),
        sa.CheckConstraint(among("kind", (FINAL, ADVANCE)), name="known_kind"),
        sa.CheckConstraint("pool > 0", name="positive_pool"),
        unique_where(
            "uq_rewards_one_live_per_case", "case_id", "kind", where="state NOT IN ('declined', 'withdrawn')"
        ),
        sa.Index("ix_rewards_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(20), unique=True)
    case_id: Mapped[int]
    case_number: Mapped[str] = mapped_column(sa.String(20))
    kind: Mapped[str] = mapped_column(sa.String(10))
    state: Mapped[str] = mapped_column(sa.String(12))
    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("funds.id"))
    currency: Mapped[str] = mapped_column(sa.String(3))
    pool: Mapped[int] = mapped_column(sa.BigInteger)
    score: Mapped[int] = mapped_column(sa.SmallInteger)
    policy_version_id: Mapped[int] = mapped_column(sa.ForeignKey("policy_versions.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    steps: Mapped[list[dict[str, str]]] = mapped_column(sa.JSON)
    snapshot_hash: Mapped[str] = mapped_column(sa.String(64))
    reason: Mapped[str] = mapped_column(sa.String(300))
    proposed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RewardShare(Model):
    """The part of one tip. `ref` is the only name a bank or a cashier ever sees."""

    __tablename__ = "reward_shares"
    __table_args__ = (
        sa.UniqueConstraint("reward_id", "tip_id"),
        sa.CheckConstraint(among("state", ShareState), name="known_state"),
        sa.CheckConstraint("amount >= 0 AND (weight > 0 OR amount = 0)", name="weight_zero_gets_nothing"),
        sa.Index("ix_reward_shares_tip_id", "tip_id"),
        sa.Index("ix_reward_shares_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reward_id: Mapped[int] = mapped_column(sa.ForeignKey("rewards.id"))
    ref: Mapped[str] = mapped_column(sa.String(20), unique=True)
    tip_id: Mapped[int]
    tip_code: Mapped[str] = mapped_column(sa.String(20))
    channel: Mapped[str] = mapped_column(sa.String(20))
    score: Mapped[int] = mapped_column(sa.SmallInteger)
    weight: Mapped[int]
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    reasons: Mapped[list[str]] = mapped_column(sa.JSON)
    state: Mapped[str] = mapped_column(sa.String(12))
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paid_by_person: Mapped[int | None]
    receipt: Mapped[str] = mapped_column(sa.String(80))
    announced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RewardInvolvement(Model):
    """A person who worked on the case and may therefore not decide about its reward."""

    __tablename__ = "reward_involvements"

    reward_id: Mapped[int] = mapped_column(sa.ForeignKey("rewards.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    part: Mapped[str] = mapped_column(sa.String(30))


class RewardApproval(Model):
    """One signature, bound to the snapshot that was read and to the human who read it."""

    __tablename__ = "reward_approvals"
    __table_args__ = (sa.UniqueConstraint("reward_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reward_id: Mapped[int] = mapped_column(sa.ForeignKey("rewards.id"))
    actor_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    person_id: Mapped[int]
    role: Mapped[str] = mapped_column(sa.String(20))
    case_total: Mapped[int] = mapped_column(sa.BigInteger)
    snapshot_hash: Mapped[str] = mapped_column(sa.String(64))
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClaimCode(Model):
    """The collection word of a claimed share, kept only as a slow hash; one live word a share."""

    __tablename__ = "claim_codes"
    __table_args__ = (
        unique_where(
            "uq_claim_codes_one_live_per_share", "share_id", where="used_at IS NULL AND revoked_at IS NULL"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    share_id: Mapped[int] = mapped_column(sa.ForeignKey("reward_shares.id"))
    word_hash: Mapped[str] = mapped_column(sa.String(200))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(sa.SmallInteger)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MoneyRequest(Model):
    """A request that moved money, and what was answered, so that a repeat gets the same answer."""

    __tablename__ = "money_requests"

    key_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), primary_key=True)
    request_sha256: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    entry_id: Mapped[int | None] = mapped_column(sa.BigInteger, sa.ForeignKey("ledger_entries.id"))
    response: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
