"""Look tips up through the newest and first of each case alone: one index to read and to write instead of two."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


FIRST = """
UPDATE case_keys SET first_id = COALESCE((
  SELECT b.tip_id FROM block_keys b JOIN case_tips l ON l.tip_id = b.tip_id AND l.detached_at IS NULL
  WHERE b.key = case_keys.key AND l.case_id = case_keys.case_id ORDER BY b.t, b.tip_id LIMIT 1
), tip_id)
"""


def upgrade() -> None:
    """Let a look-up read only the index of cases, and drop the rows of single tips."""
    op.drop_index("ix_case_keys_newest", table_name="case_keys")
    op.add_column("case_keys", sa.Column("first_id", sa.BigInteger, nullable=False, server_default="0"))
    op.execute(FIRST)
    with op.batch_alter_table("case_keys", table_kwargs={"sqlite_with_rowid": False}) as table:
        table.alter_column("first_id", server_default=None)
    op.create_index("ix_case_keys_newest", "case_keys", ["key", "t", "tip_id", "first_id", "case_id"])
    op.drop_table("block_keys")


def downgrade() -> None:
    """Give single tips their rows back, as far as the cases still know them."""
    op.create_table(
        "block_keys",
        *(
            sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False)
            for name in ("key", "t", "tip_id")
        ),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO block_keys (key, t, tip_id) SELECT DISTINCT key, t, tip_id FROM case_keys")
    op.drop_index("ix_case_keys_newest", table_name="case_keys")
    with op.batch_alter_table("case_keys", table_kwargs={"sqlite_with_rowid": False}) as table:
        table.drop_column("first_id")
    op.create_index("ix_case_keys_newest", "case_keys", ["key", "t"])
