"""Let balances be moved by legs alone, and keep who worked on a case and what a fund is."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# the legs of the posting that is being written: numbered after every entry there is
NOT_BY_A_LEG = """NEW.balance <> OLD.balance AND NOT EXISTS (
  SELECT 1 FROM ledger_legs WHERE account_id = NEW.id AND amount = NEW.balance - OLD.balance
  AND entry_id > (SELECT entries FROM ledger_head))"""
ANOTHER_FUND = "NEW.id <> OLD.id OR NEW.code <> OLD.code OR NEW.currency <> OLD.currency"
ON_ACCOUNT = (NOT_BY_A_LEG, "a balance is moved by legs alone")
ON_FUND = (ANOTHER_FUND, "a fund keeps its code and currency")
ON_PERSON = ("TRUE", "append-only")
TRIGGERS = {
    "ledger_accounts_moved": ("UPDATE", "ledger_accounts", *ON_ACCOUNT),
    "funds_fixed": ("UPDATE", "funds", *ON_FUND),
    "funds_no_delete": ("DELETE", "funds", *ON_PERSON),
    "reward_involvements_no_update": ("UPDATE", "reward_involvements", *ON_PERSON),
    "reward_involvements_no_delete": ("DELETE", "reward_involvements", *ON_PERSON),
}
# REPLACE deletes without a delete trigger unless a pragma is set, so a key that exists is refused
REPLACED = {
    "funds_no_replace": ("funds", "id = NEW.id OR code = NEW.code"),
    "reward_involvements_no_replace": (
        "reward_involvements",
        "reward_id = NEW.reward_id AND person_id = NEW.person_id",
    ),
}
TRUNCATED = ("funds", "reward_involvements")


def upgrade() -> None:
    """Add the guards."""
    postgres = op.get_bind().dialect.name == "postgresql"
    for name, (action, table, clause, words) in TRIGGERS.items():
        if postgres:
            _guard(name, f"BEFORE {action}", table, f"books_{name}")
        else:
            _refuse(name, action, table, clause, words)
    for name, (table, same) in REPLACED.items():
        if not postgres:
            _refuse(name, "INSERT", table, f"EXISTS (SELECT 1 FROM {table} WHERE {same})", "append-only")
    if postgres:
        for table in TRUNCATED:
            _guard(f"{table}_no_truncate", "BEFORE TRUNCATE", table, "books_append_only")


def downgrade() -> None:
    """Take them away."""
    if op.get_bind().dialect.name == "postgresql":
        for name, (_, table, *_rest) in TRIGGERS.items():
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION books_{name}()")
        for table in TRUNCATED:
            op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
    else:
        for name in (*TRIGGERS, *REPLACED):
            op.execute(f"DROP TRIGGER {name}")


def _refuse(name: str, action: str, table: str, clause: str, words: str) -> None:
    refuse = f"SELECT RAISE(ABORT, 'books: {words}')"
    op.execute(f"CREATE TRIGGER {name} BEFORE {action} ON {table} WHEN {clause} BEGIN {refuse}; END")


def _guard(name: str, when: str, table: str, function: str) -> None:
    if name in TRIGGERS:
        action, _, clause, words = TRIGGERS[name]
        refuse = f"RAISE EXCEPTION 'books: {words}' USING ERRCODE = 'integrity_constraint_violation';"
        passed = "OLD" if action == "DELETE" else "NEW"
        op.execute(
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
            f"SET search_path FROM CURRENT AS $$ BEGIN IF {clause} THEN {refuse} END IF; RETURN {passed}; END $$"
        )
    level = "STATEMENT" if when.endswith("TRUNCATE") else "ROW"
    op.execute(f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {level} EXECUTE FUNCTION {function}()")
    # ALWAYS, or a session in replication mode would skip it
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
