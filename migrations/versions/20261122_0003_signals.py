"""Identifiers and where each was mentioned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KINDS = (
    "email", "url", "epc", "eth", "btc", "trx", "container", "vin", "imei", "imo", "gtin", "account", "phone",
    "plate", "serial",
)  # fmt: skip
ASSURANCES = ("checksum", "registry", "format")


def upgrade() -> None:
    """Create the two tables of the link graph."""
    op.create_table(
        "observables",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("value", sa.String(512), nullable=False),
        sa.Column("link_key", sa.String(512)),
        sa.Column("assurance", sa.String(10), nullable=False),
        sa.UniqueConstraint("kind", "value"),
        sa.CheckConstraint(_among("kind", KINDS), name="kind"),
        sa.CheckConstraint(_among("assurance", ASSURANCES), name="assurance"),
    )
    op.create_index("ix_observables_kind_link_key", "observables", ["kind", "link_key"])
    op.create_table(
        "mentions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("observable_id", sa.Integer, sa.ForeignKey("observables.id"), nullable=False),
        sa.Column("subject_kind", sa.String(20), nullable=False),
        sa.Column("subject_id", sa.Integer, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("span_start", sa.Integer, nullable=False),
        sa.Column("span_end", sa.Integer, nullable=False),
        sa.UniqueConstraint(
            "subject_kind", "subject_id", "observable_id", "span_start", name="uq_mentions_subject"
        ),
        sa.CheckConstraint("span_start >= 0 AND span_end > span_start", name="span"),
    )
    op.create_index("ix_mentions_observable_id_at", "mentions", ["observable_id", "at"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("mentions")
    op.drop_table("observables")


def _among(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"
