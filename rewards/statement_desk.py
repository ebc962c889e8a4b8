"""List statements, gather one of them against the books, and queue the lines that wait for a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from accounts.services import staff_by_ids
from core.db import db
from rewards import statement_queries
from rewards.batch_states import statement_name
from rewards.line_desk import LineRow, line_rows, lines
from rewards.models import LedgerAccount, LedgerEntry, LedgerLeg
from rewards.payout_kinds import LineState
from rewards.payout_models import (
    BankAccount,
    BankStatement,
    StatementLine,
    StatementMatch,
)
from rewards.services.discarding import why_kept


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement in a list; amounts are minor units, None where the file has no balances."""

    name: str
    account: str
    format: str
    currency: str
    from_on: date
    to_on: date
    opening: int | None
    closing: int | None
    lines: int
    matched: int
    open: int
    pending: int
    known: int
    remarks: tuple[str, ...]
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class StatementPage:
    """A statement with its lines, and the bank's balance beside the books' on its last day."""

    row: StatementRow
    bank_ref: str
    sequence: int | None
    file_name: str
    file_sha256: str
    imported_by: str
    moved: int
    booked: tuple[LineRow, ...]
    pending: tuple[LineRow, ...]
    ledger_name: str
    in_books: int
    not_booked: int
    new: int
    parts: tuple[str, ...]
    why_kept: str

    @property
    def difference(self) -> int | None:
        """Return by how much the bank and the books differ; None without a closing balance."""
        return None if self.row.closing is None else self.row.closing - self.in_books


@dataclass(frozen=True, slots=True)
class DiscardedLine:
    """One import that was thrown away, and by whom."""

    name: str
    account: str
    file_name: str
    format: str
    lines: int
    who: str
    at: datetime
    reason: str


def discarded_lines() -> tuple[DiscardedLine, ...]:
    """List the imports that were thrown away, newest first."""
    rows = statement_queries.discarded_statements()
    people = staff_by_ids({found.discarded_by for found, _ in rows})
    return tuple(
        DiscardedLine(
            statement_name(found.number),
            code,
            found.file_name,
            found.format,
            found.lines,
            people[found.discarded_by].name,
            found.discarded_at,
            found.reason,
        )
        for found, code in rows
    )


def statement_rows(
    *, account: str = "", limit: int | None = None, offset: int = 0
) -> tuple[StatementRow, ...]:
    """List statements, newest first."""
    rows = db.session.execute(
        _statements(account).order_by(BankStatement.id.desc()).limit(limit).offset(offset)
    ).all()
    counts = _counts([row.BankStatement.id for row in rows])
    return tuple(_row(row, counts[row.BankStatement.id]) for row in rows)


def count_statements(account: str) -> int:
    """Count the statements of an account, or of all."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(_statements(account).subquery())) or 0


def statement_page(name: str, *, limit: int | None = None, offset: int = 0) -> StatementPage:
    """Gather one statement with some of its booked lines, or all; raise NotFound."""
    found = statement_queries.statement_by_name(name)
    number = found.id
    (row,) = db.session.execute(_statements("").where(BankStatement.id == number)).all()
    own = lines().where(StatementLine.statement_id == number).order_by(StatementLine.line_no)
    booked = own.where(StatementLine.state != LineState.PENDING)
    account = db.session.get_one(BankAccount, found.account_id)
    parts = statement_queries.parts_of_import(found)
    importer = staff_by_ids({found.imported_by} if found.imported_by else set())
    return StatementPage(
        row=_row(row, _counts([number])[number]),
        bank_ref=found.bank_ref,
        sequence=found.sequence,
        file_name=found.file_name,
        file_sha256=found.file_sha256,
        imported_by=importer[found.imported_by].name if found.imported_by in importer else "the system",
        moved=_moved(number),
        booked=line_rows(booked.limit(limit).offset(offset)),
        pending=line_rows(own.where(StatementLine.state == LineState.PENDING).limit(limit)),
        ledger_name=account.ledger_name,
        in_books=_in_books(account, found.to_on),
        not_booked=_not_booked(account, found),
        new=statement_queries.count_new(number),
        parts=tuple(statement_name(part.id) for part in parts),
        why_kept=why_kept(parts),
    )


def _statements(account: str) -> sa.Select[Any]:
    statement = sa.select(BankStatement, BankAccount.code, BankAccount.currency).join(
        BankAccount, BankAccount.id == BankStatement.account_id
    )
    return statement.where(BankAccount.code == account) if account else statement


def _counts(statement_ids: Sequence[int]) -> defaultdict[int, dict[str, int]]:
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    rows = db.session.execute(
        sa.select(StatementLine.statement_id, StatementLine.state, sa.func.count())
        .where(StatementLine.statement_id.in_(statement_ids))
        .group_by(StatementLine.statement_id, StatementLine.state)
    )
    for statement_id, state, count in rows:
        found[statement_id][state] = count
    return found


def _row(row: sa.Row[Any], counts: dict[str, int]) -> StatementRow:
    found, account, currency = row
    matched, waiting = counts.get(LineState.DONE, 0), counts.get(LineState.OPEN, 0)
    return StatementRow(
        statement_name(found.id),
        account,
        found.format,
        currency,
        found.from_on,
        found.to_on,
        found.opening,
        found.closing,
        matched + waiting,
        matched,
        waiting,
        counts.get(LineState.PENDING, 0),
        found.known,
        tuple(found.remarks),
        found.imported_at,
    )


def _moved(statement_id: int) -> int:
    total = db.session.scalar(
        sa.select(sa.func.sum(StatementLine.amount)).where(
            StatementLine.statement_id == statement_id, StatementLine.state != LineState.PENDING
        )
    )
    return int(total or 0)


def _in_books(account: BankAccount, day: date) -> int:
    total = db.session.scalar(
        sa.select(sa.func.sum(LedgerLeg.amount))
        .join(LedgerEntry, LedgerEntry.id == LedgerLeg.entry_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerLeg.account_id)
        .where(
            LedgerAccount.fund_id == account.fund_id,
            LedgerAccount.name == account.ledger_name,
            LedgerEntry.effective_on <= day,
        )
    )
    return int(total or 0)


def _not_booked(account: BankAccount, statement: BankStatement) -> int:
    """Add up the lines up to a statement's end that the books do not know: those that wait or were left out."""
    ignored = sa.exists().where(
        StatementMatch.line_id == StatementLine.id,
        StatementMatch.undone_at.is_(None),
        StatementMatch.entry_id.is_(None),
    )
    total = db.session.scalar(
        sa.select(sa.func.sum(StatementLine.amount)).where(
            StatementLine.account_id == account.id,
            StatementLine.booked_on <= statement.to_on,
            sa.or_(StatementLine.state == LineState.OPEN, ignored),
            StatementLine.state != LineState.PENDING,
        )
    )
    return int(total or 0)
