"""Tables of signals."""

from __future__ import annotations

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of signals."""


def downgrade() -> None:
    """Drop them again."""
