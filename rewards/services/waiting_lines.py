"""Tell how long statement lines have waited for a match; a period closes only once none waits too long."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from core.db import db
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
