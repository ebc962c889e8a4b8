"""Read statements, their lines and what was made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from core.db import db
from core.errors import NotFound
from rewards.batch_states import statement_name
from rewards.payout_kinds import LineState, Why
from rewards.payout_models import (
    BankAccount,
    BankStatement,
    DiscardedStatement,
    StatementException,
    StatementLine,
    StatementMatch,
)


def newest_statement(account_id: int) -> BankStatement | None:
    """Return the statement of an account that reaches furthest and has balances."""
    return db.session.scalar(
        sa.select(BankStatement)
        .where(BankStatement.account_id == account_id, BankStatement.closing.is_not(None))
        .order_by(BankStatement.id.desc())
        .limit(1)
    )


def statement_by_name(name: str) -> BankStatement:
    """Return a statement by its printed number; raise NotFound."""
    digits = name.removeprefix("S-")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
    found = db.session.get(BankStatement, number) if statement_name(number) == name else None
    if found is None:
        raise NotFound(f"There is no statement {name}.")
    return found


def parts_of_import(statement: BankStatement) -> list[BankStatement]:
    """Return the statements that came in one file with this one, itself included."""
    return list(
        db.session.scalars(
            sa.select(BankStatement)
            .where(
                BankStatement.account_id == statement.account_id,
                BankStatement.file_sha256 == statement.file_sha256,
            )
            .order_by(BankStatement.id)
        )
    )


def discarded_statements() -> list[tuple[DiscardedStatement, str]]:
    """Return the discarded imports with their accounts, newest first."""
    rows = db.session.execute(
        sa.select(DiscardedStatement, BankAccount.code)
        .join(BankAccount, BankAccount.id == DiscardedStatement.account_id)
        .order_by(DiscardedStatement.number.desc())
    )
    return [(found, code) for found, code in rows]


def line_by_id(number: int) -> StatementLine:
    """Return a statement line freshly read; raise NotFound."""
    found = db.session.get(StatementLine, number, populate_existing=True)
    if found is None:
        raise NotFound("There is no such statement line.")
    return found


def live_matches(line_id: int) -> list[StatementMatch]:
    """Return what a line is taken for now: one match, or one for each payment it covers."""
    return list(
        db.session.scalars(
            sa.select(StatementMatch)
            .where(StatementMatch.line_id == line_id, StatementMatch.undone_at.is_(None))
            .order_by(StatementMatch.id)
            .execution_options(populate_existing=True)
        )
    )


def line_of_entry(entry_id: int) -> StatementLine | None:
    """Return the statement line that an entry was booked from or linked to."""
    return db.session.scalar(
        sa.select(StatementLine)
        .join(StatementMatch, StatementMatch.line_id == StatementLine.id)
        .where(StatementMatch.entry_id == entry_id, StatementMatch.undone_at.is_(None))
    )


def match_count(line_id: int) -> int:
    """Count how often a line was taken for something, undone times included."""
    statement = sa.select(sa.func.count()).where(StatementMatch.line_id == line_id)
    return db.session.scalar(statement) or 0


def exception_of(line_id: int) -> StatementException | None:
    """Return what is noted about a line that nothing fitted."""
    return db.session.get(StatementException, line_id, populate_existing=True)


def open_lines(*, after: int, limit: int) -> list[StatementLine]:
    """Return some of the booked lines without a match that come after one, oldest first."""
    return list(
        db.session.scalars(
            sa.select(StatementLine)
            .where(StatementLine.state == LineState.OPEN, StatementLine.id > after)
            .order_by(StatementLine.id)
            .limit(limit)
            .execution_options(populate_existing=True)
        )
    )


def new_lines(limit: int) -> tuple[int | None, list[StatementLine]]:
    """Return some of the open lines that nobody looked at yet, of the oldest statement first, and who imported it."""
    waiting = (
        sa.select(StatementLine)
        .join(StatementException, StatementException.line_id == StatementLine.id)
        .where(StatementLine.state == LineState.OPEN, StatementException.why == Why.NEW)
        .order_by(StatementLine.id)
    )
    first = db.session.scalar(waiting.limit(1))
    if first is None:
        return None, []
    own = waiting.where(StatementLine.statement_id == first.statement_id).limit(limit)
    lines = db.session.scalars(own.execution_options(populate_existing=True))
    return db.session.get_one(BankStatement, first.statement_id).imported_by, list(lines)


def count_new(statement_id: int) -> int:
    """Count the lines of a statement that nobody looked at yet."""
    statement = (
        sa.select(sa.func.count())
        .select_from(StatementLine)
        .join(StatementException, StatementException.line_id == StatementLine.id)
        .where(
            StatementLine.statement_id == statement_id,
            StatementLine.state == LineState.OPEN,
            StatementException.why == Why.NEW,
        )
    )
    return db.session.scalar(statement) or 0


def known_fingerprints(account_id: int, fingerprints: Sequence[str]) -> dict[str, int]:
    """Count the booked lines of an account by fingerprint, among these."""
    counts: dict[str, int] = {}
    for start in range(0, len(fingerprints), 500):
        rows: Any = db.session.execute(
            sa.select(StatementLine.fingerprint, sa.func.count())
            .where(
                StatementLine.account_id == account_id,
                StatementLine.state != LineState.PENDING,
                StatementLine.fingerprint.in_(fingerprints[start : start + 500]),
            )
            .group_by(StatementLine.fingerprint)
        )
        counts.update((row[0], row[1]) for row in rows)
    return counts


def next_statement() -> int:
    """Return the next number of a statement, past those discarded; the caller holds the head of the chain."""
    kept = db.session.scalar(sa.select(sa.func.max(BankStatement.id))) or 0
    return max(kept, db.session.scalar(sa.select(sa.func.max(DiscardedStatement.number))) or 0) + 1
