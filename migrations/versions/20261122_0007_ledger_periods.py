"""Close the books by period, know shares that are on their way, and list what breaks the separation of duties."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OLD_STATES = (
    "'proposed', 'approved', 'claimed', 'paid', 'declined', 'withdrawn', 'cancelled', 'expired', 'nothing'"
)
NEW_STATES = OLD_STATES.replace("'claimed', ", "'claimed', 'instructed', ")

CLOSED_BEFORE = """EXISTS (
  SELECT 1 FROM ledger_periods WHERE state = 'closed' AND ends_on >= NEW.effective_on)"""
NOT_AT_HEAD = """NEW.state = 'closed' AND NOT EXISTS (
  SELECT 1 FROM ledger_head WHERE seq = NEW.seq AND hash = NEW.head_hash)"""
MOVED_PERIOD = (
    "NEW.id <> OLD.id OR NEW.name <> OLD.name OR NEW.starts_on <> OLD.starts_on OR NEW.ends_on <> OLD.ends_on"
)
SEALED_PERIOD = "EXISTS (SELECT 1 FROM ledger_periods WHERE id = NEW.period_id AND state = 'closed')"
ON_ENTRY = ((CLOSED_BEFORE, "the period is closed"),)
ON_PERIOD = (
    ("OLD.state = 'closed'", "a closed period stays closed"),
    (MOVED_PERIOD, "a period keeps its days"),
    (NOT_AT_HEAD, "a period closes at the head"),
)
ON_NEW_PERIOD = (("NEW.state = 'closed'", "a period is open before it is closed"),)
ON_BALANCE = ((SEALED_PERIOD, "the balances of a closed period are sealed"),)
FUNCTIONS = (
    "books_entry_period_guard", "books_period_guard", "books_new_period_guard", "books_period_balance_guard",
)  # fmt: skip

ON_ITS_WAY = """
UPDATE reward_shares SET state = 'instructed' WHERE state = 'claimed' AND (
  SELECT SUM(l.amount) FROM ledger_legs l JOIN ledger_accounts a ON a.id = l.account_id
  WHERE l.share_id = reward_shares.id AND a.name = 'Liabilities:InTransit') <> 0"""

VIOLATIONS = """
CREATE VIEW duty_violations AS
SELECT r.ref AS ref, 'approved by somebody who worked on the case (' || REPLACE(i.part, '_', ' ') || ')' AS words
  FROM rewards r
  JOIN reward_approvals a ON a.reward_id = r.id
  JOIN reward_involvements i ON i.reward_id = r.id AND i.person_id = a.person_id
UNION ALL
SELECT s.ref, 'paid by somebody who approved it'
  FROM reward_shares s
  JOIN reward_approvals a ON a.reward_id = s.reward_id AND a.person_id = s.paid_by_person
UNION ALL
SELECT s.ref, 'paid by somebody who worked on the case (' || REPLACE(i.part, '_', ' ') || ')'
  FROM reward_shares s
  JOIN reward_involvements i ON i.reward_id = s.reward_id AND i.person_id = s.paid_by_person
UNION ALL
SELECT r.ref, 'cancelled by somebody who approved it'
  FROM ledger_entries e
  JOIN rewards r ON r.id = e.reward_id
  JOIN staff p ON p.id = e.actor_id
  JOIN reward_approvals a ON a.reward_id = e.reward_id AND a.person_id = p.person_id
  WHERE e.kind = 'cancel'
UNION ALL
SELECT 'seq ' || CAST(e.seq AS VARCHAR(20)), 'reversed by the person who booked it'
  FROM ledger_entries e
  JOIN ledger_entries o ON o.id = e.reverses_id
  JOIN staff p ON p.id = e.actor_id
  JOIN staff q ON q.id = o.actor_id AND q.person_id = p.person_id
"""


def upgrade() -> None:
    """Add the tables, their guards and the view."""
    _let_states_be(NEW_STATES)
    op.create_table(
        "ledger_periods",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(7), nullable=False, unique=True),
        sa.Column("starts_on", sa.Date, nullable=False, unique=True),
        sa.Column("ends_on", sa.Date, nullable=False, unique=True),
        sa.Column("state", sa.String(6), nullable=False),
        sa.Column("soft_closed_at", UtcDateTime),
        sa.Column("soft_closed_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("closed_at", UtcDateTime),
        sa.Column("closed_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("seq", sa.BigInteger),
        sa.Column("entries", sa.BigInteger),
        sa.Column("head_hash", sa.LargeBinary(32)),
        sa.CheckConstraint("state IN ('open', 'soft', 'closed')", name="known_state"),
        sa.CheckConstraint("starts_on <= ends_on", name="in_order"),
        sa.CheckConstraint("(state = 'closed') = (seq IS NOT NULL)", name="closed_at_a_link"),
    )
    op.create_table(
        "period_balances",
        sa.Column("period_id", sa.Integer, sa.ForeignKey("ledger_periods.id"), primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("ledger_accounts.id"), primary_key=True),
        sa.Column("balance", sa.BigInteger, nullable=False),
    )
    # what balances add up, without a look at the rows themselves
    op.drop_index("ix_ledger_legs_account_id_entry_id", "ledger_legs")
    for columns in (("account_id", "entry_id", "amount"), ("entry_id", "account_id", "amount")):
        op.create_index(f"ix_ledger_legs_{'_'.join(columns)}", "ledger_legs", list(columns))
    postgres = op.get_bind().dialect.name == "postgresql"
    for statement in _postgres_guards() if postgres else _sqlite_guards():
        op.execute(statement)
    op.execute(VIOLATIONS)


def downgrade() -> None:
    """Take them away; what is on its way counts as claimed again."""
    op.execute("DROP VIEW duty_violations")
    for columns in (("account_id", "entry_id", "amount"), ("entry_id", "account_id", "amount")):
        op.drop_index(f"ix_ledger_legs_{'_'.join(columns)}", "ledger_legs")
    op.create_index("ix_ledger_legs_account_id_entry_id", "ledger_legs", ["account_id", "entry_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER ledger_entries_open_period ON ledger_entries")
    else:
        op.execute("DROP TRIGGER ledger_entries_open_period_1")
    op.drop_table("period_balances")
    op.drop_table("ledger_periods")
    if op.get_bind().dialect.name == "postgresql":
        for name in FUNCTIONS:
            op.execute(f"DROP FUNCTION {name}()")
    op.execute("UPDATE reward_shares SET state = 'claimed' WHERE state = 'instructed'")
    _let_states_be(OLD_STATES)


def _let_states_be(states: str) -> None:
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.execute("ALTER TABLE reward_shares DROP CONSTRAINT ck_reward_shares_known_state")
        op.execute(
            f"ALTER TABLE reward_shares ADD CONSTRAINT ck_reward_shares_known_state CHECK (state IN ({states}))"
        )
    else:
        _rebuild_with(bind, states)
    if states == NEW_STATES:
        # A claim used to book the money out at once; what the books hold in transit is on its way.
        op.execute(ON_ITS_WAY)


def _rebuild_with(bind: sa.Connection, states: str) -> None:
    """Make the table anew with other words in its check; legs and codes that point at it wait for the rows."""
    table = bind.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'reward_shares'").scalar_one()
    indexes = bind.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE tbl_name = 'reward_shares' AND type = 'index' AND sql IS NOT NULL"
    ).scalars()
    statements = [
        "PRAGMA defer_foreign_keys=ON",
        "CREATE TEMP TABLE kept_shares AS SELECT * FROM reward_shares",
        "DROP TABLE reward_shares",
        table.replace(NEW_STATES, OLD_STATES).replace(OLD_STATES, states),
        "INSERT INTO reward_shares SELECT * FROM kept_shares",
        "DROP TABLE kept_shares",
        *indexes,
    ]
    for statement in statements:
        bind.exec_driver_sql(statement)


def _sqlite_guards() -> list[str]:
    return [
        *_refusals("ledger_entries_open_period", "INSERT", "ledger_entries", ON_ENTRY),
        *_refusals("ledger_periods_guard", "UPDATE", "ledger_periods", ON_PERIOD),
        *_refusals("ledger_periods_new", "INSERT", "ledger_periods", ON_NEW_PERIOD),
        *_refusals("period_balances_guard", "INSERT", "period_balances", ON_BALANCE),
        _refusal("ledger_periods_no_delete", "DELETE", "ledger_periods", "1"),
        _refusal("period_balances_no_update", "UPDATE", "period_balances", "1"),
        _refusal("period_balances_no_delete", "DELETE", "period_balances", "1"),
        _refusal(
            "ledger_periods_no_replace",
            "INSERT",
            "ledger_periods",
            "EXISTS (SELECT 1 FROM ledger_periods WHERE id = NEW.id OR name = NEW.name "
            "OR starts_on = NEW.starts_on OR ends_on = NEW.ends_on)",
        ),
        _refusal(
            "period_balances_no_replace",
            "INSERT",
            "period_balances",
            "EXISTS (SELECT 1 FROM period_balances "
            "WHERE period_id = NEW.period_id AND account_id = NEW.account_id)",
        ),
    ]


def _refusals(name: str, action: str, table: str, rules: tuple[tuple[str, str], ...]) -> list[str]:
    return [_refusal(f"{name}_{n}", action, table, *rule) for n, rule in enumerate(rules, start=1)]


def _refusal(name: str, action: str, table: str, clause: str, words: str = "append-only") -> str:
    refuse = f"SELECT RAISE(ABORT, 'books: {words}')"
    return f"CREATE TRIGGER {name} BEFORE {action} ON {table} WHEN {clause} BEGIN {refuse}; END"


def _postgres_guards() -> list[str]:
    guards = [
        _function("books_entry_period_guard", _judge(ON_ENTRY)),
        _function("books_period_guard", _judge(ON_PERIOD)),
        _function("books_new_period_guard", _judge(ON_NEW_PERIOD)),
        _function("books_period_balance_guard", _judge(ON_BALANCE)),
    ]
    for name, when, table, function in (
        ("ledger_entries_open_period", "BEFORE INSERT", "ledger_entries", "books_entry_period_guard"),
        ("ledger_periods_guard", "BEFORE UPDATE", "ledger_periods", "books_period_guard"),
        ("ledger_periods_new", "BEFORE INSERT", "ledger_periods", "books_new_period_guard"),
        ("ledger_periods_no_delete", "BEFORE DELETE", "ledger_periods", "books_append_only"),
        ("ledger_periods_no_truncate", "BEFORE TRUNCATE", "ledger_periods", "books_append_only"),
        ("period_balances_guard", "BEFORE INSERT", "period_balances", "books_period_balance_guard"),
        ("period_balances_append_only", "BEFORE UPDATE OR DELETE", "period_balances", "books_append_only"),
        ("period_balances_no_truncate", "BEFORE TRUNCATE", "period_balances", "books_append_only"),
    ):
        level = "STATEMENT" if when.endswith("TRUNCATE") else "ROW"
        guards += [
            f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {level} EXECUTE FUNCTION {function}()",
            # ALWAYS, or a session in replication mode would skip it.
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
        ]
    return guards


def _judge(rules: tuple[tuple[str, str], ...]) -> str:
    refusal = "RAISE EXCEPTION 'books: {}' USING ERRCODE = 'integrity_constraint_violation';"
    checks = (f"IF {clause} THEN {refusal.format(words)} END IF;" for clause, words in rules)
    return f"{' '.join(checks)} RETURN NEW;"


def _function(name: str, body: str) -> str:
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
        f"SET search_path FROM CURRENT AS $$ BEGIN {body} END $$"
    )
