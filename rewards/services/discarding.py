"""Throw away an import that was read wrongly, before anything came of it; the file may then be read again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from accounts.services import StaffMember
from core import audit
from core.db import db
from core.errors import Conflict, Invalid
from rewards import payout_queries, statement_queries
from rewards.batch_states import statement_name
from rewards.payout_models import (
    BankStatement,
    DiscardedStatement,
    StatementException,
    StatementLine,
    StatementMatch,
)
from rewards.repeats import MoneyResult, once
from rewards.services.reconciling import LONGEST_NOTE, require_money_role


def discard_import(
    *, statement: str, reason: str, actor: StaffMember, key: str, now: datetime
) -> MoneyResult:
    """Discard the import that brought a statement, with every part of its file; numbers are not used again.

    Raise Conflict once one of its lines was taken for something, even if that was undone, and where a later
    statement of the account builds on it.
    """
    reason = " ".join(reason.split())[:LONGEST_NOTE]
    if not reason:
        raise Invalid({"reason": ["Write why it is discarded; it is kept."]})
    require_money_role(actor)

    def act() -> MoneyResult:
        found = statement_queries.statement_by_name(statement)
        parts = statement_queries.parts_of_import(found)
        refusal = why_kept(parts)
        if refusal:
            raise Conflict(refusal)
        names = [statement_name(part.id) for part in parts]
        audit.record(
            action="statement.discarded",
            subject=("account", payout_queries.account_code(found.account_id)),
            actor_id=actor.id,
            detail={"statements": names, "file_sha256": found.file_sha256, "reason": reason},
            at=now,
        )
        _throw_away(parts, reason, actor, now)
        return MoneyResult("discarded")

    asked = {"statement": statement, "reason": reason}
    return once(key=key, scope="discard_import", actor_id=actor.id, asked=asked, now=now, act=act)


def why_kept(parts: Sequence[BankStatement]) -> str:
    """Say why an import is not discarded any more; empty where it can be."""
    ids = [part.id for part in parts]
    taken = (
        sa.select(StatementMatch.id)
        .join(StatementLine, StatementLine.id == StatementMatch.line_id)
        .where(StatementLine.statement_id.in_(ids))
    )
    if db.session.scalar(taken.limit(1)) is not None:
        return "One of its lines was taken for something, so it stays."
    later = sa.select(BankStatement.id).where(
        BankStatement.account_id == parts[0].account_id, BankStatement.id > max(ids)
    )
    newer = db.session.scalar(later.order_by(BankStatement.id).limit(1))
    return f"{statement_name(newer)} continues it, so it stays." if newer is not None else ""


def _throw_away(parts: Sequence[BankStatement], reason: str, actor: StaffMember, now: datetime) -> None:
    ids = [part.id for part in parts]
    lines = sa.select(StatementLine.id).where(StatementLine.statement_id.in_(ids))
    counts = sa.select(StatementLine.statement_id, sa.func.count()).where(StatementLine.statement_id.in_(ids))
    count = {row[0]: row[1] for row in db.session.execute(counts.group_by(StatementLine.statement_id))}
    for part in parts:
        db.session.add(
            DiscardedStatement(
                number=part.id,
                account_id=part.account_id,
                format=part.format,
                file_name=part.file_name,
                file_sha256=part.file_sha256,
                lines=count.get(part.id, 0),
                imported_by=part.imported_by,
                imported_at=part.imported_at,
                reason=reason,
                discarded_by=actor.id,
                discarded_at=now,
            )
        )
    db.session.flush()
    for statement in (
        sa.delete(StatementException).where(StatementException.line_id.in_(lines)),
        sa.delete(StatementLine).where(StatementLine.statement_id.in_(ids)),
        sa.delete(BankStatement).where(BankStatement.id.in_(ids)),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()
