"""Tables of rewards."""

from __future__ import annotations

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of rewards."""


def downgrade() -> None:
    """Drop them again."""
