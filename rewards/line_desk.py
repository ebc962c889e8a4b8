"""Show statement lines with what was made of them, and queue those that wait for a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from accounts.services import staff_by_ids
from core.db import db
from core.errors import NotFound
from rewards import ledger
from rewards.batch_states import batch_name, statement_name
from rewards.payout_kinds import LineState
from rewards.payout_models import (
    BankAccount,
    BankStatement,
    PayoutItem,
    StatementException,
    StatementLine,
    StatementMatch,
)

MINE: Final = "mine"
CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Part:
    """What a line, or a part of it, was booked as: voucher and batch where it is a payment, and the entry."""

    voucher: str
    batch: str
    entry: str
    amount: int


@dataclass(frozen=True, slots=True)
class LineRow:
    """One movement with what was made of it."""

    id: int
    name: str
    statement: str
    account: str
    state: str
    booked_on: date
    amount: int
    currency: str
    vouchers: tuple[str, ...]
    text: str
    servicer_ref: str
    code: str
    match: str
    parts: tuple[Part, ...]
    matched_by: str
    matched_at: datetime | None
    reason: str
    why: str
    owner_id: int | None
    owner: str
    note: str
    since: datetime


def exception_rows(
    *, owner_id: int | None = None, account: str = "", limit: int | None = None, offset: int = 0
) -> tuple[LineRow, ...]:
    """List the lines that wait for a person, oldest first."""
    statement = _waiting(owner_id, account)
    ordered = statement.order_by(StatementException.opened_at, StatementLine.id).limit(limit).offset(offset)
    return line_rows(ordered)


def count_exceptions(*, owner_id: int | None = None, account: str = "") -> int:
    """Count the lines that wait for a person."""
    waiting = _waiting(owner_id, account).with_only_columns(StatementLine.id).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(waiting)) or 0


def line_row(line_id: int) -> LineRow:
    """Return one line; raise NotFound."""
    rows = line_rows(lines().where(StatementLine.id == line_id))
    if not rows:
        raise NotFound("There is no such statement line.")
    return rows[0]


def history(line_id: int) -> tuple[tuple[str, str, str, datetime, datetime | None], ...]:
    """Return what a line was taken for, newest first: kind, entry, by whom, when, taken back when."""
    matches = list(
        db.session.scalars(
            sa.select(StatementMatch)
            .where(StatementMatch.line_id == line_id)
            .order_by(StatementMatch.id.desc())
        )
    )
    people = staff_by_ids({match.made_by for match in matches if match.made_by})
    return tuple(
        (
            match.kind,
            ledger.entry_name(match.entry_id) if match.entry_id else "",
            people[match.made_by].name if match.made_by in people else "the system",
            match.made_at,
            match.undone_at,
        )
        for match in matches
    )


def lines() -> sa.Select[Any]:
    """Select lines with their account, statement and what is noted about them."""
    return (
        sa.select(
            StatementLine, BankAccount.code.label("account"), BankStatement.imported_at, StatementException
        )
        .join(BankAccount, BankAccount.id == StatementLine.account_id)
        .join(BankStatement, BankStatement.id == StatementLine.statement_id)
        .outerjoin(StatementException, StatementException.line_id == StatementLine.id)
    )


def _waiting(owner_id: int | None, account: str) -> sa.Select[Any]:
    statement = lines().where(StatementLine.state == LineState.OPEN)
    if owner_id is not None:
        statement = statement.where(StatementException.owner_id == owner_id)
    return statement.where(BankAccount.code == account) if account else statement


def line_rows(statement: sa.Select[Any]) -> tuple[LineRow, ...]:
    """Read selected lines with what they were taken for and the names of their people."""
    rows = db.session.execute(statement).all()
    matches = _live_matches([row.StatementLine.id for row in rows])
    wanted = {match.StatementMatch.made_by for found in matches.values() for match in found}
    wanted |= {row.StatementException.owner_id for row in rows if row.StatementException}
    people = {key: member.name for key, member in staff_by_ids({key for key in wanted if key}).items()}
    return tuple(_line_row(row, matches[row.StatementLine.id], people) for row in rows)


def _live_matches(line_ids: Sequence[int]) -> defaultdict[int, list[sa.Row[Any]]]:
    found: defaultdict[int, list[sa.Row[Any]]] = defaultdict(list)
    for start in range(0, len(line_ids), CHUNK):
        rows = db.session.execute(
            sa.select(StatementMatch, PayoutItem.voucher, PayoutItem.batch_id, PayoutItem.amount)
            .outerjoin(PayoutItem, PayoutItem.id == StatementMatch.item_id)
            .where(
                StatementMatch.line_id.in_(line_ids[start : start + CHUNK]),
                StatementMatch.undone_at.is_(None),
            )
            .order_by(StatementMatch.id)
        )
        for row in rows:
            found[row.StatementMatch.line_id].append(row)
    return found


def _line_row(row: sa.Row[Any], matches: Sequence[sa.Row[Any]], people: dict[int, str]) -> LineRow:
    line, waits = row.StatementLine, row.StatementException
    match = matches[0].StatementMatch if matches else None
    statement = statement_name(line.statement_id)
    return LineRow(
        id=line.id,
        name=f"{statement}/{line.line_no}",
        statement=statement,
        account=row.account,
        state=line.state,
        booked_on=line.booked_on,
        amount=line.amount,
        currency=line.currency,
        vouchers=tuple(line.vouchers),
        text=line.text,
        servicer_ref=line.servicer_ref,
        code=line.code,
        match=match.kind if match else "",
        parts=tuple(_part(line, found) for found in matches),
        matched_by=people.get(match.made_by, "the system") if match else "",
        matched_at=match.made_at if match else None,
        reason=match.reason if match else "",
        why=waits.why if waits and line.state == LineState.OPEN else "",
        owner_id=waits.owner_id if waits else None,
        owner=people.get(waits.owner_id, "") if waits else "",
        note=waits.note if waits else "",
        since=waits.opened_at if waits else row.imported_at,
    )


def _part(line: StatementLine, row: sa.Row[Any]) -> Part:
    match = row.StatementMatch
    return Part(
        voucher=row.voucher or "",
        batch=batch_name(row.batch_id) if row.batch_id else "",
        entry=ledger.entry_name(match.entry_id) if match.entry_id else "",
        amount=line.amount if row.amount is None else row.amount * (1 if line.amount > 0 else -1),
    )
