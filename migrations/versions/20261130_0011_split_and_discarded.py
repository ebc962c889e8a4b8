"""Let one statement line stand for several payments, and remember which imports were discarded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OLD = "uq_statement_matches_one_live_per_line"
WHOLE, PARTS = "uq_statement_matches_one_live_whole", "uq_statement_matches_one_live_per_item"


def upgrade() -> None:
    """Allow one live match for each payment of a line, still one only where it is about no payment."""
    op.drop_index(OLD, table_name="statement_matches")
    _unique(WHOLE, ["line_id"], "undone_at IS NULL AND item_id IS NULL")
    _unique(PARTS, ["line_id", "item_id"], "undone_at IS NULL AND item_id IS NOT NULL")
    op.create_table(
        "discarded_statements",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("bank_accounts.id"), nullable=False),
        sa.Column("format", sa.String(80), nullable=False),
        sa.Column("file_name", sa.String(120), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("lines", sa.Integer, nullable=False),
        sa.Column("imported_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("imported_at", UtcDateTime, nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("discarded_by", sa.Integer, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("discarded_at", UtcDateTime, nullable=False),
    )


def downgrade() -> None:
    """Keep the first payment of a line that stands for several; the others wait to be said again."""
    op.drop_table("discarded_statements")
    op.drop_index(PARTS, table_name="statement_matches")
    op.drop_index(WHOLE, table_name="statement_matches")
    op.execute(
        "UPDATE statement_matches SET undone_at = made_at WHERE undone_at IS NULL AND id NOT IN "
        "(SELECT MIN(id) FROM statement_matches WHERE undone_at IS NULL GROUP BY line_id)"
    )
    _unique(OLD, ["line_id"], "undone_at IS NULL")


def _unique(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, "statement_matches", columns,
        unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where),
    )  # fmt: skip
