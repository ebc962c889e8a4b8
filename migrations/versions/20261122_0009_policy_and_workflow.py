"""Steps that need a second person, and what residents say after collecting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OPEN = "state = 'open'"
VIOLATIONS = """
CREATE VIEW request_violations AS
SELECT s.ref AS ref, r.kind || ' asked for and confirmed by the same person' AS words
  FROM second_person_requests r
  JOIN reward_shares s ON s.id = r.share_id
  WHERE r.state = 'confirmed' AND r.decided_person = r.asked_person
UNION ALL
SELECT s.ref, r.kind || ' confirmed by somebody who approved the reward'
  FROM second_person_requests r
  JOIN reward_shares s ON s.id = r.share_id
  JOIN reward_approvals a ON a.reward_id = s.reward_id AND a.person_id = r.decided_person
  WHERE r.state = 'confirmed'
UNION ALL
SELECT s.ref, r.kind || ' asked for or confirmed by somebody who worked on the case'
  FROM second_person_requests r
  JOIN reward_shares s ON s.id = r.share_id
  JOIN reward_involvements i ON i.reward_id = s.reward_id AND i.person_id IN (r.asked_person, r.decided_person)
  WHERE r.state = 'confirmed'
"""


def upgrade() -> None:
    """Add both tables and the view that has to stay empty."""
    op.create_table(
        "second_person_requests",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("share_id", sa.Integer, sa.ForeignKey("reward_shares.id"), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_by", sa.Integer, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("asked_person", sa.Integer, nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("decided_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("decided_person", sa.Integer),
        sa.Column("decided_at", UtcDateTime),
        sa.CheckConstraint("kind IN ('new_word', 'cancel', 'clawback', 'write_off')", name="known_kind"),
        sa.CheckConstraint("state IN ('open', 'confirmed', 'refused')", name="known_state"),
        sa.CheckConstraint("state <> 'confirmed' OR decided_person <> asked_person", name="two_people"),
        sa.CheckConstraint("(state = 'open') = (decided_by IS NULL)", name="decided_by_somebody"),
    )
    op.create_index(
        "uq_second_person_requests_one_open", "second_person_requests", ["share_id", "kind"],
        unique=True, sqlite_where=sa.text(OPEN), postgresql_where=sa.text(OPEN),
    )  # fmt: skip
    op.create_table(
        "collection_answers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("share_id", sa.Integer, sa.ForeignKey("reward_shares.id"), nullable=False),
        sa.Column("said", sa.String(3), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("said_at", UtcDateTime, nullable=False),
        sa.Column("state", sa.String(6), nullable=False),
        sa.Column("owner_id", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("closed_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("closed_at", UtcDateTime),
        sa.CheckConstraint("said IN ('got', 'not')", name="known_words"),
        sa.CheckConstraint("state IN ('open', 'closed')", name="known_state"),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at_a_time"),
    )
    op.create_index(
        "uq_collection_answers_one_open", "collection_answers", ["share_id"],
        unique=True, sqlite_where=sa.text(OPEN), postgresql_where=sa.text(OPEN),
    )  # fmt: skip
    op.execute(VIOLATIONS)


def downgrade() -> None:
    """Drop them again."""
    op.execute("DROP VIEW request_violations")
    op.drop_table("collection_answers")
    op.drop_table("second_person_requests")
