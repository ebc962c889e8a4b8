"""List payout batches and gather one of them for one person, with what that person may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from accounts.services import StaffMember, staff_by_ids
from core.db import db
from rewards import payout_queries
from rewards.batch_states import BATCH_MOVES, ITEM_MOVES, BatchState, ItemState, batch_name, statement_name
from rewards.models import LedgerEntry, LedgerLeg
from rewards.payout_models import BankAccount, PayoutBatch, PayoutItem, StatementLine, StatementMatch
from rewards.services.batches import facts_of_batch
from rewards.states import Refused, move

VIEWS: Final = {
    "waiting": "To approve or release",
    "sent": "On their way",
    "done": "Settled",
    "cancelled": "Cancelled",
}
_PENDING = (BatchState.MADE, BatchState.APPROVED)


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One batch in a list; amounts are minor units."""

    name: str
    account: str
    state: str
    currency: str
    total: int
    count: int
    settled: int
    settled_total: int
    back: int
    made_at: datetime
    pay_on: date

    @property
    def words(self) -> str:
        """Name where the batch stands, by what became of its vouchers."""
        if self.state != BatchState.RELEASED:
            return self.state
        return "settled" if self.settled + self.back == self.count else "released"


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One voucher of a batch: where it stands, what was booked, and the statement line that says so."""

    ref: str
    voucher: str
    amount: int
    state: str
    reason: str
    entry: str
    statement: str
    line_id: int | None
    may_reject: bool
    may_take_back: bool


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Everything the page of one batch shows; a refusal is "" where the person may do it."""

    line: BatchLine
    batch: PayoutBatch
    account: BankAccount
    items: tuple[ItemLine, ...]
    people: dict[int, str]
    refusals: dict[str, str]


def counts() -> dict[str, int]:
    """Count the batches of each view."""
    return {
        view: db.session.scalar(sa.select(sa.func.count()).select_from(PayoutBatch).where(_of_view(view)))
        or 0
        for view in VIEWS
    }


def batch_lines(view: str | None, *, limit: int | None = None, offset: int = 0) -> tuple[BatchLine, ...]:
    """List the batches of a view, or all, newest first."""
    statement = _lines()
    if view is not None:
        statement = statement.where(_of_view(view))
    rows = db.session.execute(statement.order_by(PayoutBatch.id.desc()).limit(limit).offset(offset))
    return tuple(_line(row) for row in rows)


def batch_page(name: str, *, viewer: StaffMember) -> BatchPage:
    """Gather one batch for one person; raise NotFound."""
    batch = payout_queries.batch_by_name(name)
    items = payout_queries.items_of(batch.id)
    row = db.session.execute(_lines().where(PayoutBatch.id == batch.id)).one()
    actors = {batch.made_by, batch.approved_by, batch.released_by, batch.cancelled_by} - {None}
    people = {key: member.name for key, member in staff_by_ids({key for key in actors if key}).items()}
    return BatchPage(
        line=_line(row),
        batch=batch,
        account=db.session.get_one(BankAccount, batch.account_id),
        items=_item_lines(batch, items, viewer),
        people=people,
        refusals={
            action: _refusal(batch, items, action, viewer) for action in ("approve", "release", "cancel")
        },
    )


def _lines() -> sa.Select[Any]:
    settled = PayoutItem.state == ItemState.SETTLED
    back = PayoutItem.state.in_((ItemState.REJECTED, ItemState.RETURNED))
    parts = (
        sa.select(
            PayoutItem.batch_id,
            sa.func.count().label("vouchers"),
            sa.func.sum(sa.case((settled, 1), else_=0)).label("settled"),
            sa.func.sum(sa.case((settled, PayoutItem.amount), else_=0)).label("settled_total"),
            sa.func.sum(sa.case((back, 1), else_=0)).label("back"),
        )
        .group_by(PayoutItem.batch_id)
        .subquery()
    )
    return (
        sa.select(
            PayoutBatch,
            BankAccount.code,
            parts.c.vouchers,
            parts.c.settled,
            parts.c.settled_total,
            parts.c.back,
        )
        .join(parts, parts.c.batch_id == PayoutBatch.id)
        .join(BankAccount, BankAccount.id == PayoutBatch.account_id)
    )


def _line(row: sa.Row[Any]) -> BatchLine:
    batch, account, count, settled, settled_total, back = row
    return BatchLine(
        batch_name(batch.id),
        account,
        batch.state,
        batch.currency,
        batch.total,
        count,
        int(settled),
        int(settled_total),
        int(back),
        batch.made_at,
        batch.pay_on,
    )


def _of_view(view: str) -> sa.ColumnElement[bool]:
    if view == "waiting":
        return PayoutBatch.state.in_(_PENDING)
    if view == "cancelled":
        return PayoutBatch.state == BatchState.CANCELLED
    moving = sa.exists().where(
        PayoutItem.batch_id == PayoutBatch.id, PayoutItem.state == ItemState.INSTRUCTED
    )
    return sa.and_(PayoutBatch.state == BatchState.RELEASED, moving if view == "sent" else ~moving)


def _item_lines(batch: PayoutBatch, items: Sequence[PayoutItem], viewer: StaffMember) -> tuple[ItemLine, ...]:
    matches = {
        row.item_id: row
        for row in db.session.execute(
            sa.select(
                StatementMatch.item_id,
                StatementMatch.entry_id,
                StatementLine.id,
                StatementLine.statement_id,
                StatementLine.line_no,
            )
            .join(StatementLine, StatementLine.id == StatementMatch.line_id)
            .where(
                StatementMatch.item_id.in_([item.id for item in items]), StatementMatch.undone_at.is_(None)
            )
            .order_by(StatementMatch.id)
        )
    }
    entries = _sent_entries(batch, items)
    lines = []
    for item in items:
        match = matches.get(item.id)
        number = match.entry_id if match is not None else entries.get(item.share_id)
        lines.append(
            ItemLine(
                item.ref,
                item.voucher,
                item.amount,
                item.state,
                item.reason,
                f"J{number:06d}" if number else "",
                f"{statement_name(match.statement_id)}/{match.line_no}" if match is not None else "",
                match.id if match is not None else None,
                _may(batch, item, viewer, "reject"),
                _may(batch, item, viewer, "unreject"),
            )
        )
    return tuple(lines)


def _sent_entries(batch: PayoutBatch, items: Sequence[PayoutItem]) -> dict[int, int]:
    rows = db.session.execute(
        sa.select(LedgerLeg.share_id, LedgerEntry.id, LedgerEntry.ref)
        .join(LedgerEntry, LedgerEntry.id == LedgerLeg.entry_id)
        .where(
            LedgerLeg.share_id.in_([item.share_id for item in items]),
            LedgerEntry.kind.in_(("instruct", "rejected")),
        )
        .order_by(LedgerEntry.id)
    )
    name = batch_name(batch.id)
    return {row.share_id: row.id for row in rows if row.ref.get("batch") == name}


def _may(batch: PayoutBatch, item: PayoutItem, viewer: StaffMember, action: str) -> bool:
    try:
        move(ITEM_MOVES, item.state, action, facts_of_batch(batch, [item], viewer, batch.snapshot_hash))
    except Refused:
        return False
    return True


def _refusal(batch: PayoutBatch, items: Sequence[PayoutItem], action: str, viewer: StaffMember) -> str:
    try:
        move(BATCH_MOVES, batch.state, action, facts_of_batch(batch, items, viewer, batch.snapshot_hash))
    except Refused as refused:
        return " ".join(reason.words for reason in refused.reasons)
    return ""
