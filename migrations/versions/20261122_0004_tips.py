"""Contacts, tips, messages, block keys, places."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CHANNEL_LIST = "channel IN ('sms', 'whatsapp', 'web')"
STATE_LIST = (
    "state IN ('received', 'answered', 'queued', 'sending', 'unknown', 'sent', 'delivered', 'undelivered', "
    "'failed', 'cancelled')"
)


def upgrade() -> None:
    """Create the tables of the door."""
    op.create_table(
        "contacts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("vault_id", sa.String(32), nullable=False, unique=True),
        sa.Column("number_sealed", sa.LargeBinary, nullable=False),
        sa.Column("number_index", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("alias", sa.String(12), nullable=False, unique=True),
        sa.Column("language", sa.String(8)),
        sa.Column("opted_out_at", UtcDateTime),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )
    _tips()
    _messages()
    op.create_table(
        "block_keys",
        sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("t", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("tip_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "case_keys",
        sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("case_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("t", sa.BigInteger, nullable=False),
        sa.Column("tip_id", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_case_keys_newest", "case_keys", ["key", "t"])
    op.create_table(
        "places",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False, unique=True),
        sa.Column("aliases", sa.JSON, nullable=False),
        sa.Column("lat", sa.Float, nullable=False),
        sa.Column("lon", sa.Float, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "geocode_requests",
        sa.Column("tip_id", sa.Integer, sa.ForeignKey("tips.id"), primary_key=True),
        sa.Column("words", sa.String(400), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )


def _tips() -> None:
    op.create_table(
        "tips",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(12), nullable=False, unique=True),
        sa.Column("secret_hash", sa.String(200)),
        sa.Column("source_key", sa.String(80), nullable=False, unique=True),
        sa.Column("external_id", sa.String(80), unique=True),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("contact_id", sa.Integer, sa.ForeignKey("contacts.id")),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("event_at", UtcDateTime),
        sa.Column("event_words", sa.String(120)),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("language_probability", sa.Float, nullable=False),
        sa.Column("category", sa.String(20)),
        sa.Column("category_probability", sa.Float),
        sa.Column("category_set_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("is_noise", sa.Boolean, nullable=False),
        sa.Column("noise_reason", sa.String(40)),
        sa.Column("noise_set_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("lat", sa.Float),
        sa.Column("lon", sa.Float),
        sa.Column("radius_m", sa.Float),
        sa.Column("located_by", sa.String(20)),
        sa.Column("place_name", sa.String(200)),
        sa.Column("place_words", sa.String(400)),
        sa.Column("place_start", sa.Integer),
        sa.Column("place_end", sa.Integer),
        sa.Column("place_outside", sa.Boolean, nullable=False),
        sa.Column("place_conflict", sa.JSON),
        sa.Column("footprint", sa.Text, nullable=False),
        sa.Column("model_version", sa.String(40), nullable=False),
        sa.CheckConstraint(CHANNEL_LIST, name="known_channel"),
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="point_on_earth"),
        sa.CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="whole_point"),
    )
    op.create_index("ix_tips_contact_id", "tips", ["contact_id"])
    op.create_index("ix_tips_received_at", "tips", ["received_at", "id"])
    op.create_index("ix_tips_noise", "tips", ["is_noise", "received_at"])


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("tip_id", sa.Integer, sa.ForeignKey("tips.id")),
        sa.Column("contact_id", sa.Integer, sa.ForeignKey("contacts.id")),
        sa.Column("source_key", sa.String(80), unique=True),
        sa.Column("answers_id", sa.Integer, sa.ForeignKey("messages.id"), unique=True),
        sa.Column("body", sa.Text),
        sa.Column("provider_id", sa.String(40), unique=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", UtcDateTime),
        sa.Column("failure", sa.String(80)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("moved_at", UtcDateTime, nullable=False),
        sa.CheckConstraint("direction IN ('in', 'out')", name="known_direction"),
        sa.CheckConstraint(STATE_LIST, name="known_state"),
        sa.CheckConstraint(CHANNEL_LIST, name="known_channel"),
    )
    op.create_index("ix_messages_due", "messages", ["state", "due_at"])
    op.create_index("ix_messages_contact", "messages", ["contact_id", "direction", "created_at"])
    op.create_index("ix_messages_tip_id", "messages", ["tip_id"])


def downgrade() -> None:
    """Drop the tables of the door."""
    for table in ("geocode_requests", "places", "case_keys", "block_keys", "messages", "tips", "contacts"):
        op.drop_table(table)
