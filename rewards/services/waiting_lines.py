"""Tell how long statement lines have waited for a match; a period closes only once none waits too long."""

from __future__ import annotations

from datetime import date, datetime, time

import sqlalchemy as sa

from core.db import db
from core.deployment import current_deployment
from rewards.payout_kinds import LineState
from rewards.payout_models import BankStatement, StatementLine


def oldest_unmatched(*, now: datetime) -> int | None:
    """Return the age in whole days of the line that waits longest, None where none waits."""
    since = db.session.scalar(
        sa.select(sa.func.min(BankStatement.imported_at))
        .join(StatementLine, StatementLine.statement_id == BankStatement.id)
        .where(StatementLine.state == LineState.OPEN)
    )
    return (now - since).days if since is not None else None


def unmatched_lines(booked_until: date, imported_until: date) -> int:
    """Count lines without a match that are booked up to one day and came in up to the end of another."""
    end = datetime.combine(imported_until, time.max, current_deployment().zone)
    statement = (
        sa.select(sa.func.count())
        .select_from(StatementLine)
        .join(BankStatement, BankStatement.id == StatementLine.statement_id)
        .where(
            StatementLine.state == LineState.OPEN,
            StatementLine.booked_on <= booked_until,
            BankStatement.imported_at <= end,
        )
    )
    return db.session.scalar(statement) or 0
