"""Tables of money on its way: accounts, payout batches, bank statements and what was made of their lines."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Model, UtcDateTime
from rewards.batch_states import BatchState, ItemState
from rewards.models import among, unique_where
from rewards.payout_kinds import AccountKind, FileKind, LineState, MatchKind, Purpose

LIVE_ITEM = "state IN ('waiting', 'instructed', 'settled')"
LIVE_MATCH = "undone_at IS NULL"
BOOKED = "state <> 'pending'"


class FileProfile(Model):
    """A saved layout: which column of a CSV file means what."""

    __tablename__ = "file_profiles"
    __table_args__ = (sa.CheckConstraint(among("purpose", Purpose), name="known_purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60), unique=True)
    purpose: Mapped[str] = mapped_column(sa.String(10))
    body: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    made_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BankAccount(Model):
    """Where a fund's money lies and vouchers are paid from; usable once a second person has confirmed it."""

    __tablename__ = "bank_accounts"
    __table_args__ = (
        sa.UniqueConstraint("fund_id", "ledger_name"),
        sa.CheckConstraint(among("kind", AccountKind), name="known_kind"),
        sa.CheckConstraint("confirmed_person <> made_person", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(12), unique=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    kind: Mapped[str] = mapped_column(sa.String(12))
    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("funds.id"))
    currency: Mapped[str] = mapped_column(sa.String(3))
    number: Mapped[str] = mapped_column(sa.String(34))
    bic: Mapped[str] = mapped_column(sa.String(11))
    holder: Mapped[str] = mapped_column(sa.String(70))
    pool_name: Mapped[str] = mapped_column(sa.String(70))
    pool_number: Mapped[str] = mapped_column(sa.String(34))
    ledger_name: Mapped[str] = mapped_column(sa.String(80))
    where_words: Mapped[str] = mapped_column(sa.String(300))
    payout_profile_id: Mapped[int | None] = mapped_column(sa.ForeignKey("file_profiles.id"))
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    made_person: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    confirmed_person: Mapped[int | None]
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PayoutBatch(Model):
    """Vouchers that one file tells the payer to pay; the file is written once, at release."""

    __tablename__ = "payout_batches"
    __table_args__ = (
        sa.CheckConstraint(among("state", BatchState), name="known_state"),
        sa.CheckConstraint(among("file_kind", FileKind), name="known_file_kind"),
        sa.CheckConstraint("approved_person <> made_person", name="approver_is_not_maker"),
        sa.CheckConstraint(
            "released_person <> made_person AND released_person <> approved_person", name="three_people"
        ),
        sa.CheckConstraint("(state = 'released') = (file_sha256 IS NOT NULL)", name="file_at_release"),
        sa.Index("ix_payout_batches_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("bank_accounts.id"))
    currency: Mapped[str] = mapped_column(sa.String(3))
    state: Mapped[str] = mapped_column(sa.String(12))
    total: Mapped[int] = mapped_column(sa.BigInteger)
    pay_on: Mapped[date]
    snapshot_hash: Mapped[str] = mapped_column(sa.String(64))
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    made_person: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    approved_person: Mapped[int | None]
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    released_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    released_person: Mapped[int | None]
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(sa.String(300))
    file_kind: Mapped[str] = mapped_column(sa.String(10))
    file_name: Mapped[str] = mapped_column(sa.String(60))
    file: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)
    file_sha256: Mapped[str | None] = mapped_column(sa.String(64))


class PayoutItem(Model):
    """One voucher in a batch; a share has at most one that is not over."""

    __tablename__ = "payout_items"
    __table_args__ = (
        sa.UniqueConstraint("batch_id", "line_no"),
        sa.CheckConstraint(among("state", ItemState), name="known_state"),
        sa.CheckConstraint("amount > 0", name="positive_amount"),
        unique_where("uq_payout_items_one_live_per_share", "share_id", where=LIVE_ITEM),
        sa.Index("ix_payout_items_voucher", "voucher"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("payout_batches.id"))
    line_no: Mapped[int]
    ref: Mapped[str] = mapped_column(sa.String(20), unique=True)
    share_id: Mapped[int] = mapped_column(sa.ForeignKey("reward_shares.id"))
    voucher: Mapped[str] = mapped_column(sa.String(20))
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    state: Mapped[str] = mapped_column(sa.String(12))
    reason: Mapped[str] = mapped_column(sa.String(300))


class BankStatement(Model):
    """One imported statement; opening and closing are None where the file has no balances."""

    __tablename__ = "bank_statements"
    __table_args__ = (
        sa.UniqueConstraint("account_id", "file_sha256", "part"),
        sa.Index("ix_bank_statements_account_id_to_on", "account_id", "to_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("bank_accounts.id"))
    format: Mapped[str] = mapped_column(sa.String(80))
    bank_ref: Mapped[str] = mapped_column(sa.String(60))
    sequence: Mapped[int | None]
    from_on: Mapped[date]
    to_on: Mapped[date]
    opening: Mapped[int | None] = mapped_column(sa.BigInteger)
    closing: Mapped[int | None] = mapped_column(sa.BigInteger)
    file_name: Mapped[str] = mapped_column(sa.String(120))
    file_sha256: Mapped[str] = mapped_column(sa.String(64))
    part: Mapped[int]
    known: Mapped[int]
    remarks: Mapped[list[str]] = mapped_column(sa.JSON)
    imported_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DiscardedStatement(Model):
    """An import that was read wrongly and thrown away before anything came of it; its number is never used again."""

    __tablename__ = "discarded_statements"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("bank_accounts.id"))
    format: Mapped[str] = mapped_column(sa.String(80))
    file_name: Mapped[str] = mapped_column(sa.String(120))
    file_sha256: Mapped[str] = mapped_column(sa.String(64))
    lines: Mapped[int]
    imported_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(sa.String(300))
    discarded_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    discarded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StatementLine(Model):
    """One movement the bank reports; amounts in minor units, credits positive. `text` has numbers masked."""

    __tablename__ = "statement_lines"
    __table_args__ = (
        sa.UniqueConstraint("statement_id", "line_no"),
        sa.CheckConstraint(among("state", LineState), name="known_state"),
        sa.CheckConstraint("amount <> 0", name="not_zero"),
        unique_where("uq_statement_lines_once", "account_id", "fingerprint", "occurrence", where=BOOKED),
        sa.Index("ix_statement_lines_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    statement_id: Mapped[int] = mapped_column(sa.ForeignKey("bank_statements.id"))
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("bank_accounts.id"))
    line_no: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(10))
    booked_on: Mapped[date]
    value_on: Mapped[date | None]
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
    vouchers: Mapped[list[str]] = mapped_column(sa.JSON)
    servicer_ref: Mapped[str] = mapped_column(sa.String(60))
    text: Mapped[str] = mapped_column(sa.String(300))
    code: Mapped[str] = mapped_column(sa.String(40))
    reversal: Mapped[bool]
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    occurrence: Mapped[int]


class StatementException(Model):
    """A line that nothing fitted: why, who looks into it, and what they found so far."""

    __tablename__ = "statement_exceptions"

    line_id: Mapped[int] = mapped_column(
        sa.ForeignKey("statement_lines.id"), primary_key=True, autoincrement=False
    )
    why: Mapped[str] = mapped_column(sa.String(30))
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    note: Mapped[str] = mapped_column(sa.String(300))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StatementMatch(Model):
    """What a line, or a part of it, was taken for, by whom; undone ones stay for the record."""

    __tablename__ = "statement_matches"
    __table_args__ = (
        sa.CheckConstraint(among("kind", MatchKind), name="known_kind"),
        unique_where(
            "uq_statement_matches_one_live_whole", "line_id", where=f"{LIVE_MATCH} AND item_id IS NULL"
        ),
        unique_where(
            "uq_statement_matches_one_live_per_item",
            "line_id",
            "item_id",
            where=f"{LIVE_MATCH} AND item_id IS NOT NULL",
        ),
        sa.Index("ix_statement_matches_item_id", "item_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(sa.ForeignKey("statement_lines.id"))
    kind: Mapped[str] = mapped_column(sa.String(10))
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payout_items.id"))
    entry_id: Mapped[int | None] = mapped_column(sa.BigInteger, sa.ForeignKey("ledger_entries.id"))
    reason: Mapped[str] = mapped_column(sa.String(300))
    made_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    made_person: Mapped[int | None]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
