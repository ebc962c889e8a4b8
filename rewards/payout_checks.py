"""Verify that batches and statements say what the books say."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import sqlalchemy as sa

from core.db import db
from rewards.batch_states import BatchState, ItemState, batch_name, statement_name
from rewards.models import LedgerAccount, LedgerEntry, LedgerLeg, RewardShare
from rewards.payout_kinds import LineState, MatchKind
from rewards.payout_models import BankAccount, PayoutBatch, PayoutItem, StatementLine, StatementMatch
from rewards.states import ShareState
from rewards.violations import Violation

OWED = {ShareState.APPROVED, ShareState.CLAIMED, ShareState.INSTRUCTED}
AGREES = {
    ItemState.WAITING: {ShareState.CLAIMED},
    ItemState.INSTRUCTED: {ShareState.INSTRUCTED},
    ItemState.SETTLED: set(ShareState) - OWED,
}


def payouts() -> Iterator[Violation]:
    """Yield where a batch, its file or a statement line does not agree with the books."""
    yield from _batches()
    yield from _items()
    yield from _lines()


def _batches() -> Iterator[Violation]:
    totals = dict(
        db.session.execute(
            sa.select(PayoutItem.batch_id, sa.func.sum(PayoutItem.amount)).group_by(PayoutItem.batch_id)
        )
        .tuples()
        .all()
    )
    for batch in db.session.scalars(sa.select(PayoutBatch).order_by(PayoutBatch.id)):
        name = batch_name(batch.id)
        if int(totals.get(batch.id, 0)) != batch.total:
            yield Violation("I11", name, "its total is not the sum of its vouchers")
        if batch.state == BatchState.RELEASED:
            digest = hashlib.sha256(batch.file or b"").hexdigest()
            if digest != batch.file_sha256:
                yield Violation("I11", name, "its file is not the one that was sent")


def _items() -> Iterator[Violation]:
    rows = db.session.execute(
        sa.select(PayoutItem.voucher, PayoutItem.state, RewardShare.state.label("share"))
        .join(RewardShare, RewardShare.id == PayoutItem.share_id)
        .where(PayoutItem.state.in_(list(AGREES)))
    )
    for row in rows:
        if row.share not in AGREES[ItemState(row.state)]:
            yield Violation("I11", row.voucher, f"its batch says {row.state}, its share {row.share}")


def _lines() -> Iterator[Violation]:
    """Compare each line with what its entries moved on the account it is of."""
    rows = db.session.execute(
        sa.select(
            StatementLine.statement_id,
            StatementLine.line_no,
            StatementLine.state,
            StatementLine.amount,
            sa.func.count(StatementMatch.id).label("matches"),
            sa.func.max(StatementMatch.kind).label("kind"),
            sa.func.sum(_moved()).label("moved"),
        )
        .join(BankAccount, BankAccount.id == StatementLine.account_id)
        .outerjoin(
            StatementMatch,
            sa.and_(StatementMatch.line_id == StatementLine.id, StatementMatch.undone_at.is_(None)),
        )
        .group_by(StatementLine.id)
        .order_by(StatementLine.id)
    )
    for row in rows:
        where = f"{statement_name(row.statement_id)}/{row.line_no}"
        if (row.state == LineState.DONE) != (row.matches > 0):
            yield Violation("I11", where, "it is called matched without a match, or open with one")
        elif row.kind not in (None, MatchKind.IGNORED) and int(row.moved) != row.amount:
            words = "its entry" if row.matches == 1 else "its entries together"
            yield Violation("I11", where, f"{words} moved another amount on this account")


def _moved() -> sa.ScalarSelect[int]:
    """Add up what the entry of a match moved on the account of its line."""
    return (
        sa.select(sa.func.coalesce(sa.func.sum(LedgerLeg.amount), 0))
        .join(LedgerEntry, LedgerEntry.id == LedgerLeg.entry_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerLeg.account_id)
        .where(
            LedgerLeg.entry_id == StatementMatch.entry_id,
            LedgerAccount.fund_id == BankAccount.fund_id,
            LedgerAccount.name == BankAccount.ledger_name,
        )
        .correlate(StatementMatch, BankAccount)
        .scalar_subquery()
    )
