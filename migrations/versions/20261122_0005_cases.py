"""Units and routing; cases with their tips, states, notes, seizures, grades and undoable acts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CATEGORIES = (
    "('wildlife', 'timber', 'tobacco', 'counterfeit', 'minerals', 'drugs', 'fuel', 'food', 'antiquities', "
    "'weapons', 'waste', 'currency', 'other')"
)
APPEND_ONLY = ("case_transitions", "case_note_revisions")
TABLES = (
    "case_units",
    "case_areas",
    "case_routing_rules",
    "case_counters",
    "cases",
    "case_tips",
    "tip_suggestions",
    "case_transitions",
    "case_notes",
    "case_note_revisions",
    "case_seizures",
    "case_contributions",
    "case_actions",
)


def upgrade() -> None:
    """Create the tables, the triage unit that unrouted cases go to, and the guards of append-only tables."""
    _case_units()
    _case_areas()
    _case_routing_rules()
    _case_counters()
    _cases()
    _case_tips()
    _tip_suggestions()
    _case_transitions()
    _case_notes()
    _case_note_revisions()
    _case_seizures()
    _case_contributions()
    _case_actions()
    units = sa.table("case_units", sa.column("key"), sa.column("name"), sa.column("is_triage", sa.Boolean))
    op.bulk_insert(units, [{"key": "triage", "name": "Triage", "is_triage": True}])
    guard = _guard_on_postgresql if op.get_bind().dialect.name == "postgresql" else _guard_on_sqlite
    for table in APPEND_ONLY:
        guard(table)


def downgrade() -> None:
    """Drop them again."""
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_guard()")


def _guard_on_sqlite(table: str) -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) {refuse}"
    )


def _guard_on_postgresql(table: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for name, events, each in (
        ("guard", "UPDATE OR DELETE", "ROW"),
        ("no_truncate", "TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_{name} BEFORE {events} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION {table}_guard()"
        )


def _case_units() -> None:
    op.create_table(
        "case_units",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(40), nullable=False, unique=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("is_triage", sa.Boolean, nullable=False),
    )
    op.create_index(
        "uq_case_units_triage",
        "case_units",
        ["is_triage"],
        unique=True,
        sqlite_where=sa.text("is_triage"),
        postgresql_where=sa.text("is_triage"),
    )


def _case_areas() -> None:
    op.create_table(
        "case_areas",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(40), nullable=False, unique=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("shape", sa.JSON, nullable=False),
        sa.Column("special", sa.Boolean, nullable=False),
    )


def _case_routing_rules() -> None:
    op.create_table(
        "case_routing_rules",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("unit_id", sa.Integer, sa.ForeignKey("case_units.id"), nullable=False),
        sa.Column("area_id", sa.Integer, sa.ForeignKey("case_areas.id")),
        sa.Column("category", sa.String(20)),
        sa.CheckConstraint(f"category IN {CATEGORIES}", name="known_category"),
    )


def _case_counters() -> None:
    op.create_table(
        "case_counters",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.String(16), nullable=False, unique=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("entered_at", UtcDateTime, nullable=False),
        sa.Column("came_from", sa.String(20)),
        sa.Column("review_on", sa.Date),
        sa.Column("survivor_id", sa.Integer, sa.ForeignKey("cases.id")),
        sa.Column("closed_at", UtcDateTime),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("category", sa.String(20)),
        sa.Column("category_probability", sa.Float, nullable=False),
        sa.Column("category_set", sa.String(20)),
        sa.Column("lat", sa.Float),
        sa.Column("lon", sa.Float),
        sa.Column("radius_m", sa.Float),
        sa.Column("place", sa.String(200)),
        sa.Column("first_tip_at", UtcDateTime),
        sa.Column("last_tip_at", UtcDateTime),
        sa.Column("event_at", UtcDateTime),
        sa.Column("tips", sa.Integer, nullable=False),
        sa.Column("senders", sa.Integer, nullable=False),
        sa.Column("priority", sa.String(2), nullable=False),
        sa.Column("priority_points", sa.Integer, nullable=False),
        sa.Column("priority_reasons", sa.JSON, nullable=False),
        sa.Column("priority_set", sa.String(2)),
        sa.Column("priority_set_reason", sa.String(500)),
        sa.Column("priority_set_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("unit_id", sa.Integer, sa.ForeignKey("case_units.id"), nullable=False),
        sa.Column("unit_reason", sa.String(300), nullable=False),
        sa.Column("area", sa.String(120)),
        sa.Column("unit_set_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("assignee_id", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("assigned_at", UtcDateTime),
        sa.Column("confirmed_at", UtcDateTime),
        sa.Column("confirmed_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("disposition", sa.String(20)),
        sa.Column("disposition_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("closing_summary", sa.Text, nullable=False),
        sa.Column("nil_seizures", sa.Boolean, nullable=False),
        sa.Column("action_at", UtcDateTime),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
        sa.CheckConstraint(f"category IN {CATEGORIES}", name="known_category"),
        sa.CheckConstraint(f"category_set IN {CATEGORIES}", name="known_category_set"),
        sa.CheckConstraint(
            "disposition IN ('seizure_arrest', 'seizure', 'arrest', 'disrupted', 'fined', "
            "'referred_out', 'lawful', 'unfounded', 'insufficient', 'malicious')",
            name="known_disposition",
        ),
        sa.CheckConstraint("priority IN ('P1', 'P2', 'P3', 'P4')", name="known_priority"),
        sa.CheckConstraint("priority_set IN ('P1', 'P2', 'P3', 'P4')", name="known_priority_set"),
        sa.CheckConstraint(
            "state IN ('open', 'assessing', 'active', 'on_hold', 'referred', "
            "'pending_review', 'closed', 'merged')",
            name="known_state",
        ),
        sa.CheckConstraint("(state = 'merged') = (survivor_id IS NOT NULL)", name="merged_has_survivor"),
    )
    op.create_index("ix_cases_assignee_id", "cases", ["assignee_id"])
    op.create_index("ix_cases_state_last", "cases", ["state", "last_tip_at"])
    op.create_index("ix_cases_survivor_id", "cases", ["survivor_id"])
    op.create_index("ix_cases_unit_id", "cases", ["unit_id"])


def _case_tips() -> None:
    op.create_table(
        "case_tips",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("tip_id", sa.Integer, sa.ForeignKey("tips.id"), nullable=False),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("relation", sa.String(20), nullable=False),
        sa.Column("probability", sa.Float),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("model_version", sa.String(60), nullable=False),
        sa.Column("made_by", sa.String(10), nullable=False),
        sa.Column("made_by_id", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("confirmed_at", UtcDateTime),
        sa.Column("confirmed_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("detached_at", UtcDateTime),
        sa.Column("detached_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("detached_reason", sa.String(300)),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("event_at", UtcDateTime),
        sa.Column("category", sa.String(20)),
        sa.Column("category_probability", sa.Float, nullable=False),
        sa.Column("lat", sa.Float),
        sa.Column("lon", sa.Float),
        sa.Column("radius_m", sa.Float),
        sa.Column("place", sa.String(200)),
        sa.Column("language", sa.String(20)),
        sa.Column("sender_alias", sa.String(80)),
        sa.Column("independent", sa.Boolean, nullable=False),
        sa.CheckConstraint("made_by IN ('machine', 'user')", name="known_maker"),
        sa.CheckConstraint("relation IN ('first', 'corroborates', 'follow_up')", name="known_relation"),
        sa.CheckConstraint("probability IS NULL OR probability BETWEEN 0 AND 1", name="probability_range"),
    )
    op.create_index("ix_case_tips_case_id_sender_alias", "case_tips", ["case_id", "sender_alias"])
    waiting = sa.text("detached_at IS NULL AND confirmed_at IS NULL")
    op.create_index(
        "ix_case_tips_waiting",
        "case_tips",
        ["received_at", "tip_id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("ix_case_tips_tip_id", "case_tips", ["tip_id"])
    op.create_index(
        "uq_case_tips_live_tip",
        "case_tips",
        ["tip_id"],
        unique=True,
        sqlite_where=sa.text("detached_at IS NULL"),
        postgresql_where=sa.text("detached_at IS NULL"),
    )


def _tip_suggestions() -> None:
    op.create_table(
        "tip_suggestions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("tip_id", sa.Integer, sa.ForeignKey("tips.id"), nullable=False),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("probability", sa.Float, nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("model_version", sa.String(60), nullable=False),
        sa.Column("ruling", sa.String(10)),
        sa.Column("ruled_at", UtcDateTime),
        sa.Column("ruled_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.CheckConstraint("ruling IN ('accepted', 'rejected')", name="known_ruling"),
        sa.CheckConstraint("probability BETWEEN 0 AND 1", name="probability_range"),
        sa.UniqueConstraint("tip_id", "case_id"),
    )
    op.create_index("ix_tip_suggestions_case_id", "tip_suggestions", ["case_id"])


def _case_transitions() -> None:
    op.create_table(
        "case_transitions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("from_state", sa.String(20)),
        sa.Column("to_state", sa.String(20), nullable=False),
        sa.Column("actor_id", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("ix_case_transitions_case_id", "case_transitions", ["case_id"])


def _case_notes() -> None:
    op.create_table(
        "case_notes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("author_id", sa.Integer, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("edited_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("edited_at", UtcDateTime),
    )
    op.create_index("ix_case_notes_case_id", "case_notes", ["case_id"])


def _case_note_revisions() -> None:
    op.create_table(
        "case_note_revisions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("note_id", sa.Integer, sa.ForeignKey("case_notes.id"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("author_id", sa.Integer, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("note_id", "version"),
    )


def _case_seizures() -> None:
    op.create_table(
        "case_seizures",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("category", sa.String(20), nullable=False),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("quantity_thousandths", sa.BigInteger),
        sa.Column("unit", sa.String(4)),
        sa.Column("value_minor", sa.BigInteger),
        sa.Column("currency", sa.String(3)),
        sa.Column("recorded_by", sa.Integer, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.Column("withdrawn_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("withdrawn_at", UtcDateTime),
        sa.CheckConstraint(f"category IN {CATEGORIES}", name="known_category"),
        sa.CheckConstraint(
            "unit IN ('KGM', 'GRM', 'TNE', 'LTR', 'MTQ', 'H87', 'CT', 'PK', 'BG', 'HEA')", name="known_unit"
        ),
        sa.CheckConstraint("value_minor >= 0", name="no_negative_value"),
        sa.CheckConstraint("quantity_thousandths > 0", name="some_quantity"),
    )
    op.create_index("ix_case_seizures_case_id", "case_seizures", ["case_id"])


def _case_contributions() -> None:
    op.create_table(
        "case_contributions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("tip_id", sa.Integer, sa.ForeignKey("tips.id"), nullable=False),
        sa.Column("grade", sa.String(12), nullable=False),
        sa.Column("position", sa.String(12), nullable=False),
        sa.Column("card", sa.JSON),
        sa.Column("gates", sa.JSON, nullable=False),
        sa.Column("graded_by", sa.Integer, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("graded_at", UtcDateTime, nullable=False),
        sa.CheckConstraint(
            "grade IN ('decisive', 'useful', 'known', 'none', 'misleading')", name="known_grade"
        ),
        sa.CheckConstraint(
            "position IN ('first', 'new_facts', 'confirms', 'duplicate')", name="known_position"
        ),
        sa.UniqueConstraint("case_id", "tip_id"),
    )


def _case_actions() -> None:
    op.create_table(
        "case_actions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("tip_id", sa.Integer, sa.ForeignKey("tips.id")),
        sa.Column("image", sa.JSON, nullable=False),
        sa.Column("actor_id", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("undone_at", UtcDateTime),
        sa.Column("undone_by", sa.Integer, sa.ForeignKey("staff.id")),
    )
    op.create_index("ix_case_actions_case_id", "case_actions", ["case_id"])
    op.create_index("ix_case_actions_tip_id", "case_actions", ["tip_id"])
    op.create_index("ix_case_actions_actor_id_at", "case_actions", ["actor_id", "at"])
