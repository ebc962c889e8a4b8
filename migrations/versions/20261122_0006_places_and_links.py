"""Remember names that officers teach, links between cases, and what officers ruled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KINDS = (
    "email", "url", "epc", "eth", "btc", "trx", "container", "vin", "imei", "imo", "gtin", "account", "phone",
    "plate", "serial", "hand",
)  # fmt: skip
UNPLACED = "lat IS NULL AND NOT is_noise"


def upgrade() -> None:
    """Add the tables, and the columns by which a place is known to come from an officer."""
    op.add_column("places", sa.Column("taught_at", UtcDateTime))
    op.add_column("places", sa.Column("removed_at", UtcDateTime))
    op.create_index(
        "ix_tips_unplaced", "tips", ["id"], sqlite_where=sa.text(UNPLACED), postgresql_where=sa.text(UNPLACED)
    )
    _taught_names()
    _tip_placements()
    _old_footprints()
    _case_links()
    _tip_rulings()


def downgrade() -> None:
    """Take the tables away; a name that was taught is forgotten."""
    for table in ("tip_rulings", "case_links", "old_footprints", "tip_placements", "taught_names"):
        op.drop_table(table)
    op.drop_index("ix_tips_unplaced", "tips")
    op.drop_column("places", "removed_at")
    op.drop_column("places", "taught_at")


def _taught_names() -> None:
    op.create_table(
        "taught_names",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("place_id", sa.Integer, sa.ForeignKey("places.id"), nullable=False),
        sa.Column("is_place", sa.Boolean, nullable=False),
        sa.Column("tip_id", sa.Integer, sa.ForeignKey("tips.id"), nullable=False),
        sa.Column("taught_by", sa.Integer, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("taught_at", UtcDateTime, nullable=False),
        sa.Column("removed_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("removed_at", UtcDateTime),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("next_tip_id", sa.Integer),
        sa.Column("tried", sa.Integer, nullable=False),
        sa.CheckConstraint("state IN ('trying', 'done', 'leaving', 'gone')", name="known_state"),
        sa.CheckConstraint("(removed_at IS NULL) = (state IN ('trying', 'done'))", name="removed_leaves"),
    )
    op.create_index("ix_taught_names_tip_id", "taught_names", ["tip_id"])
    op.create_index("ix_taught_names_place_id", "taught_names", ["place_id"])
    live = sa.text("removed_at IS NULL")
    op.create_index(
        "uq_taught_names_live", "taught_names", ["key"], unique=True, sqlite_where=live, postgresql_where=live
    )


def _tip_placements() -> None:
    op.create_table(
        "tip_placements",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("tip_id", sa.Integer, sa.ForeignKey("tips.id"), nullable=False),
        sa.Column("cause", sa.String(10), nullable=False),
        sa.Column("taught_id", sa.Integer, sa.ForeignKey("taught_names.id")),
        sa.Column("actor_id", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("before", sa.JSON, nullable=False),
        sa.Column("undone_at", UtcDateTime),
        sa.Column("undone_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.CheckConstraint("cause IN ('officer', 'taught', 'geocoder')", name="known_cause"),
        sa.CheckConstraint("(cause = 'taught') = (taught_id IS NOT NULL)", name="taught_by_a_name"),
    )
    op.create_index("ix_tip_placements_tip_id", "tip_placements", ["tip_id"])
    op.create_index("ix_tip_placements_taught_id", "tip_placements", ["taught_id"])


def _old_footprints() -> None:
    op.create_table(
        "old_footprints",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("tip_id", sa.Integer, sa.ForeignKey("tips.id"), nullable=False),
        sa.Column("until", UtcDateTime, nullable=False),
        sa.Column("footprint", sa.Text, nullable=False),
    )
    op.create_index("ix_old_footprints_tip_id_until", "old_footprints", ["tip_id", "until"])


def _case_links() -> None:
    op.create_table(
        "case_links",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("low_id", sa.Integer, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("high_id", sa.Integer, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("value", sa.String(512), nullable=False),
        sa.Column("written", sa.String(512), nullable=False),
        sa.Column("low_tip_id", sa.Integer, sa.ForeignKey("tips.id")),
        sa.Column("high_tip_id", sa.Integer, sa.ForeignKey("tips.id")),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("made_by", sa.String(10), nullable=False),
        sa.Column("made_by_id", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("confirmed_at", UtcDateTime),
        sa.Column("confirmed_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("dismissed_at", UtcDateTime),
        sa.Column("dismissed_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("dismissed_why", sa.String(300)),
        sa.UniqueConstraint("low_id", "high_id", "kind", "value", name="uq_case_links_pair"),
        sa.CheckConstraint("low_id < high_id", name="in_order"),
        sa.CheckConstraint(f"kind IN ({', '.join(map(repr, KINDS))})", name="known_kind"),
        sa.CheckConstraint("made_by IN ('machine', 'user')", name="known_maker"),
        sa.CheckConstraint("(kind = 'hand') = (low_tip_id IS NULL)", name="tips_share"),
        sa.CheckConstraint("(low_tip_id IS NULL) = (high_tip_id IS NULL)", name="both_tips"),
        sa.CheckConstraint("(dismissed_at IS NULL) = (dismissed_why IS NULL)", name="dismissed_why"),
    )
    for column in ("high_id", "low_tip_id", "high_tip_id"):
        op.create_index(f"ix_case_links_{column}", "case_links", [column])


def _tip_rulings() -> None:
    op.create_table(
        "tip_rulings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("tip_id", sa.Integer, sa.ForeignKey("tips.id"), nullable=False),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("same", sa.Boolean, nullable=False),
        sa.Column("how", sa.String(12), nullable=False),
        sa.Column("probability", sa.Float),
        sa.Column("model_version", sa.String(60)),
        sa.Column("members", sa.JSON, nullable=False),
        sa.Column("ruled_at", UtcDateTime, nullable=False),
        sa.Column("ruled_by", sa.Integer, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("action_id", sa.Integer, sa.ForeignKey("case_actions.id"), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime),
        sa.CheckConstraint(
            "how IN ('confirmed', 'elsewhere', 'moved_in', 'moved_out', 'rejected', 'merged')",
            name="known_how",
        ),
        sa.CheckConstraint("probability IS NULL OR probability BETWEEN 0 AND 1", name="probability_range"),
    )
    op.create_index("ix_tip_rulings_ruled_at", "tip_rulings", ["ruled_at", "id"])
    op.create_index("ix_tip_rulings_tip_id", "tip_rulings", ["tip_id"])
    op.create_index("ix_tip_rulings_action_id", "tip_rulings", ["action_id"])
