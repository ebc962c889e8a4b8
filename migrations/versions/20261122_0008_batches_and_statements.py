"""Pay in batches and read bank statements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = (
    "statement_matches", "statement_exceptions", "statement_lines", "bank_statements", "payout_items",
    "payout_batches", "bank_accounts", "file_profiles",
)  # fmt: skip
LIVE_ITEM = "state IN ('waiting', 'instructed', 'settled')"
LIVE_MATCH = "undone_at IS NULL"
BOOKED = "state <> 'pending'"
# what was sent to a bank can be sent again as it was, and never otherwise; nor are its signatures exchanged
FROZEN = (
    "id", "account_id", "currency", "state", "total", "pay_on", "snapshot_hash", "made_by", "made_person",
    "approved_by", "approved_person", "released_by", "released_person", "file_kind", "file_name", "file",
    "file_sha256",
)  # fmt: skip
WORDS = "books: a file that was sent is never changed"
VIOLATIONS = """
CREATE VIEW payout_violations AS
SELECT 'batch ' || CAST(b.id AS VARCHAR(20)) AS ref, 'made and approved by the same person' AS words
  FROM payout_batches b WHERE b.approved_person = b.made_person
UNION ALL
SELECT 'batch ' || CAST(b.id AS VARCHAR(20)), 'released by who made or approved it'
  FROM payout_batches b WHERE b.released_person IN (b.made_person, b.approved_person)
UNION ALL
SELECT i.voucher, 'put into a batch or released by somebody who approved the reward'
  FROM payout_items i
  JOIN payout_batches b ON b.id = i.batch_id
  JOIN reward_shares s ON s.id = i.share_id
  JOIN reward_approvals a ON a.reward_id = s.reward_id AND a.person_id IN (b.made_person, b.released_person)
UNION ALL
SELECT i.voucher, 'batched, approved or released by somebody who worked on the case'
  FROM payout_items i
  JOIN payout_batches b ON b.id = i.batch_id
  JOIN reward_shares s ON s.id = i.share_id
  JOIN reward_involvements v ON v.reward_id = s.reward_id
   AND v.person_id IN (b.made_person, b.approved_person, b.released_person)
UNION ALL
SELECT i.voucher, 'reconciled by the person who released it'
  FROM statement_matches m
  JOIN payout_items i ON i.id = m.item_id
  JOIN payout_batches b ON b.id = i.batch_id
  WHERE m.made_person = b.released_person
"""


def upgrade() -> None:
    """Create the tables and the guard of files that were sent."""
    _create_accounts()
    _create_batches()
    _create_statements()
    _create_findings()
    op.execute(VIOLATIONS)
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _changed(different: str) -> str:
    columns = " OR ".join(f"NEW.{name} {different} OLD.{name}" for name in FROZEN)
    return f"OLD.file_sha256 IS NOT NULL AND ({columns})"


def _guard_postgresql() -> None:
    refuse = f"RAISE EXCEPTION '{WORDS}' USING ERRCODE = 'integrity_constraint_violation'"
    op.execute(
        "CREATE FUNCTION books_sent_file() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'TRUNCATE' THEN {refuse}; "
        f"ELSIF TG_OP = 'DELETE' THEN IF OLD.file_sha256 IS NOT NULL THEN {refuse}; END IF; RETURN OLD; "
        f"ELSIF {_changed('IS DISTINCT FROM')} THEN {refuse}; END IF; RETURN NEW; END $$"
    )
    for name, event, rows in (
        ("payout_batches_sent", "UPDATE OR DELETE", "ROW"),
        ("payout_batches_kept", "TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON payout_batches "
            f"FOR EACH {rows} EXECUTE FUNCTION books_sent_file()"
        )
        op.execute(f"ALTER TABLE payout_batches ENABLE ALWAYS TRIGGER {name}")


def _guard_sqlite() -> None:
    # REPLACE deletes without a word to the other triggers, so the insert is refused first
    sent = "EXISTS (SELECT 1 FROM payout_batches b WHERE b.id = NEW.id AND b.file_sha256 IS NOT NULL)"
    for name, event, when in (
        ("sent", "UPDATE", _changed("IS NOT")),
        ("kept", "DELETE", "OLD.file_sha256 IS NOT NULL"),
        ("replaced", "INSERT", sent),
    ):
        op.execute(
            f"CREATE TRIGGER payout_batches_{name} BEFORE {event} ON payout_batches WHEN {when} "
            f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
        )


def downgrade() -> None:
    """Drop them again."""
    op.execute("DROP VIEW payout_violations")
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION books_sent_file()")


def _among(column: str, *values: str) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _person(name: str, *, required: bool = False) -> list[sa.Column[int]]:
    return [
        sa.Column(f"{name}_by", sa.Integer, sa.ForeignKey("staff.id"), nullable=not required),
        sa.Column(f"{name}_person", sa.Integer, nullable=not required),
        sa.Column(f"{name}_at", UtcDateTime, nullable=not required),
    ]


def _create_accounts() -> None:
    op.create_table(
        "file_profiles",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(60), nullable=False, unique=True),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("made_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.CheckConstraint(_among("purpose", "payout", "statement"), name="known_purpose"),
    )
    op.create_table(
        "bank_accounts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(12), nullable=False, unique=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("fund_id", sa.Integer, sa.ForeignKey("funds.id"), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("number", sa.String(34), nullable=False),
        sa.Column("bic", sa.String(11), nullable=False),
        sa.Column("holder", sa.String(70), nullable=False),
        sa.Column("pool_name", sa.String(70), nullable=False),
        sa.Column("pool_number", sa.String(34), nullable=False),
        sa.Column("ledger_name", sa.String(80), nullable=False),
        sa.Column("where_words", sa.String(300), nullable=False),
        sa.Column("payout_profile_id", sa.Integer, sa.ForeignKey("file_profiles.id")),
        *_person("made", required=True),
        *_person("confirmed"),
        sa.UniqueConstraint("fund_id", "ledger_name"),
        sa.CheckConstraint(_among("kind", "bank", "mobile_money", "agent"), name="known_kind"),
        sa.CheckConstraint("confirmed_person <> made_person", name="two_people"),
    )


def _create_batches() -> None:
    op.create_table(
        "payout_batches",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("bank_accounts.id"), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("pay_on", sa.Date, nullable=False),
        sa.Column("snapshot_hash", sa.String(64), nullable=False),
        *_person("made", required=True),
        *_person("approved"),
        *_person("released"),
        sa.Column("cancelled_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("cancelled_at", UtcDateTime),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("file_kind", sa.String(10), nullable=False),
        sa.Column("file_name", sa.String(60), nullable=False),
        sa.Column("file", sa.LargeBinary),
        sa.Column("file_sha256", sa.String(64)),
        sa.CheckConstraint(_among("state", "made", "approved", "released", "cancelled"), name="known_state"),
        sa.CheckConstraint(_among("file_kind", "pain.001", "csv"), name="known_file_kind"),
        sa.CheckConstraint("approved_person <> made_person", name="approver_is_not_maker"),
        sa.CheckConstraint(
            "released_person <> made_person AND released_person <> approved_person", name="three_people"
        ),
        sa.CheckConstraint("(state = 'released') = (file_sha256 IS NOT NULL)", name="file_at_release"),
    )
    op.create_index("ix_payout_batches_state", "payout_batches", ["state"])
    op.create_table(
        "payout_items",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("payout_batches.id"), nullable=False),
        sa.Column("line_no", sa.Integer, nullable=False),
        sa.Column("ref", sa.String(20), nullable=False, unique=True),
        sa.Column("share_id", sa.Integer, sa.ForeignKey("reward_shares.id"), nullable=False),
        sa.Column("voucher", sa.String(20), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.UniqueConstraint("batch_id", "line_no"),
        sa.CheckConstraint(
            _among("state", "waiting", "instructed", "settled", "rejected", "returned", "cancelled"),
            name="known_state",
        ),
        sa.CheckConstraint("amount > 0", name="positive_amount"),
    )
    op.create_index(
        "uq_payout_items_one_live_per_share", "payout_items", ["share_id"],
        unique=True, sqlite_where=sa.text(LIVE_ITEM), postgresql_where=sa.text(LIVE_ITEM),
    )  # fmt: skip
    op.create_index("ix_payout_items_voucher", "payout_items", ["voucher"])


def _create_statements() -> None:
    op.create_table(
        "bank_statements",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("bank_accounts.id"), nullable=False),
        sa.Column("format", sa.String(80), nullable=False),
        sa.Column("bank_ref", sa.String(60), nullable=False),
        sa.Column("sequence", sa.Integer),
        sa.Column("from_on", sa.Date, nullable=False),
        sa.Column("to_on", sa.Date, nullable=False),
        sa.Column("opening", sa.BigInteger),
        sa.Column("closing", sa.BigInteger),
        sa.Column("file_name", sa.String(120), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("known", sa.Integer, nullable=False),
        sa.Column("remarks", sa.JSON, nullable=False),
        sa.Column("imported_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("imported_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("account_id", "file_sha256", "part"),
    )
    op.create_index("ix_bank_statements_account_id_to_on", "bank_statements", ["account_id", "to_on"])
    op.create_table(
        "statement_lines",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("statement_id", sa.Integer, sa.ForeignKey("bank_statements.id"), nullable=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("bank_accounts.id"), nullable=False),
        sa.Column("line_no", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("booked_on", sa.Date, nullable=False),
        sa.Column("value_on", sa.Date),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("vouchers", sa.JSON, nullable=False),
        sa.Column("servicer_ref", sa.String(60), nullable=False),
        sa.Column("text", sa.String(300), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("reversal", sa.Boolean, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("occurrence", sa.Integer, nullable=False),
        sa.UniqueConstraint("statement_id", "line_no"),
        sa.CheckConstraint(_among("state", "pending", "open", "done"), name="known_state"),
        sa.CheckConstraint("amount <> 0", name="not_zero"),
    )
    op.create_index(
        "uq_statement_lines_once", "statement_lines", ["account_id", "fingerprint", "occurrence"],
        unique=True, sqlite_where=sa.text(BOOKED), postgresql_where=sa.text(BOOKED),
    )  # fmt: skip
    op.create_index("ix_statement_lines_state", "statement_lines", ["state"])


def _create_findings() -> None:
    op.create_table(
        "statement_exceptions",
        sa.Column(
            "line_id", sa.Integer, sa.ForeignKey("statement_lines.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("why", sa.String(30), nullable=False),
        sa.Column("owner_id", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("closed_at", UtcDateTime),
    )
    op.create_table(
        "statement_matches",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("line_id", sa.Integer, sa.ForeignKey("statement_lines.id"), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("item_id", sa.Integer, sa.ForeignKey("payout_items.id")),
        sa.Column("entry_id", sa.BigInteger, sa.ForeignKey("ledger_entries.id")),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("made_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("made_person", sa.Integer),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("undone_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("undone_at", UtcDateTime),
        sa.CheckConstraint(
            _among("kind", "settle", "returned", "fee", "funding", "defund", "linked", "ignored"),
            name="known_kind",
        ),
    )
    op.create_index(
        "uq_statement_matches_one_live_per_line", "statement_matches", ["line_id"],
        unique=True, sqlite_where=sa.text(LIVE_MATCH), postgresql_where=sa.text(LIVE_MATCH),
    )  # fmt: skip
    op.create_index("ix_statement_matches_item_id", "statement_matches", ["item_id"])
