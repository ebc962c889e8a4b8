"""Funds, the reward ledger with its guards, reward policy, rewards and their shares."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOST = 9_000_000_000_000_000
APPEND_ONLY = {
    "ledger_entries": (("id",), ("seq",), ("idem_key",), ("reverses_id",)),
    "ledger_legs": (("entry_id", "line_no"),),
    "reward_events": (("seq",),),
    "reward_approvals": (("id",), ("reward_id", "person_id")),
    "policy_versions": (("id",),),
    "money_requests": (("key_hash",),),
}
TABLES = (
    "money_requests", "claim_codes", "reward_approvals", "reward_involvements", "reward_events",
    "ledger_legs", "ledger_entries", "reward_shares", "rewards", "policy_versions", "ledger_head",
    "ledger_accounts", "funds",
)  # fmt: skip
FUNCTIONS = (
    "books_append_only", "books_entry_guard", "books_event_guard", "books_leg_guard",
    "books_head_guard", "books_account_guard", "books_new_account_guard",
    "books_leg_post", "books_entry_move", "books_event_move",
)  # fmt: skip


def upgrade() -> None:
    """Create the tables, the chain's head, and the guards that keep the books honest."""
    _create_books()
    _create_rewards()
    _create_ledger()
    _create_workflow()
    op.bulk_insert(
        sa.table(
            "ledger_head",
            sa.column("id", sa.Integer),
            sa.column("ledger", sa.String),
            sa.column("seq", sa.BigInteger),
            sa.column("entries", sa.BigInteger),
            sa.column("hash", sa.LargeBinary),
        ),
        [{"id": 1, "ledger": "WAYPOST-REWARDS", "seq": 0, "entries": 0, "hash": bytes(32)}],
    )
    postgres = op.get_bind().dialect.name == "postgresql"
    for statement in _postgres_guards() if postgres else _sqlite_guards():
        op.execute(statement)


def downgrade() -> None:
    """Drop everything again."""
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for name in FUNCTIONS:
            op.execute(f"DROP FUNCTION {name}()")


def _create_books() -> None:
    op.create_table(
        "funds",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(12), nullable=False, unique=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("fund_id", sa.Integer, sa.ForeignKey("funds.id"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("sign", sa.SmallInteger, nullable=False),
        sa.Column("balance", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("fund_id", "name"),
        sa.CheckConstraint("sign IN (-1, 1)", name="known_sign"),
        sa.CheckConstraint("sign * balance >= 0", name="right_side_of_zero"),
        sa.CheckConstraint(f"balance BETWEEN -{MOST} AND {MOST}", name="bounded"),
    )
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("ledger", sa.String(40), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("entries", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("recorded_at", UtcDateTime),
        sa.CheckConstraint("id = 1", name="only_one"),
    )
    op.create_table(
        "policy_versions",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("effective_from", UtcDateTime, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("created_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )


def _create_rewards() -> None:
    op.create_table(
        "rewards",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("ref", sa.String(20), nullable=False, unique=True),
        sa.Column("case_id", sa.Integer, nullable=False),
        sa.Column("case_number", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("fund_id", sa.Integer, sa.ForeignKey("funds.id"), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("pool", sa.BigInteger, nullable=False),
        sa.Column("score", sa.SmallInteger, nullable=False),
        sa.Column("policy_version_id", sa.Integer, sa.ForeignKey("policy_versions.id"), nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("steps", sa.JSON, nullable=False),
        sa.Column("snapshot_hash", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("proposed_by", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("proposed_at", UtcDateTime, nullable=False),
        sa.Column("decided_at", UtcDateTime),
        sa.CheckConstraint(
            "state IN ('draft', 'proposed', 'approved', 'declined', 'withdrawn', 'settled')",
            name="known_state",
        ),
        sa.CheckConstraint("kind IN ('final', 'advance')", name="known_kind"),
        sa.CheckConstraint("pool > 0", name="positive_pool"),
    )
    live = sa.text("state NOT IN ('declined', 'withdrawn')")
    op.create_index(
        "uq_rewards_one_live_per_case", "rewards", ["case_id", "kind"],
        unique=True, sqlite_where=live, postgresql_where=live,
    )  # fmt: skip
    op.create_index("ix_rewards_state", "rewards", ["state"])
    op.create_table(
        "reward_shares",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("reward_id", sa.Integer, sa.ForeignKey("rewards.id"), nullable=False),
        sa.Column("ref", sa.String(20), nullable=False, unique=True),
        sa.Column("tip_id", sa.Integer, nullable=False),
        sa.Column("tip_code", sa.String(20), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("score", sa.SmallInteger, nullable=False),
        sa.Column("weight", sa.Integer, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("expires_at", UtcDateTime),
        sa.Column("claimed_at", UtcDateTime),
        sa.Column("paid_at", UtcDateTime),
        sa.Column("paid_by_person", sa.Integer),
        sa.Column("receipt", sa.String(80), nullable=False),
        sa.Column("announced_at", UtcDateTime),
        sa.UniqueConstraint("reward_id", "tip_id"),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'claimed', 'paid', 'declined', 'withdrawn', 'cancelled', "
            "'expired', 'nothing')",
            name="known_state",
        ),
        sa.CheckConstraint("amount >= 0 AND (weight > 0 OR amount = 0)", name="weight_zero_gets_nothing"),
    )
    op.create_index("ix_reward_shares_tip_id", "reward_shares", ["tip_id"])
    op.create_index("ix_reward_shares_state", "reward_shares", ["state"])


def _create_ledger() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False, unique=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("fund_id", sa.Integer, sa.ForeignKey("funds.id"), nullable=False),
        sa.Column("reward_id", sa.Integer, sa.ForeignKey("rewards.id")),
        sa.Column("case_id", sa.Integer),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.Column("actor_id", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("idem_key", sa.String(120), nullable=False, unique=True),
        sa.Column("reverses_id", sa.BigInteger, sa.ForeignKey("ledger_entries.id"), unique=True),
        sa.Column("ref", sa.JSON, nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
    )
    op.create_index("ix_ledger_entries_effective_on_seq", "ledger_entries", ["effective_on", "seq"])
    op.create_index("ix_ledger_entries_reward_id", "ledger_entries", ["reward_id"])
    op.create_table(
        "ledger_legs",
        sa.Column(
            "entry_id",
            sa.BigInteger,
            sa.ForeignKey("ledger_entries.id", deferrable=True, initially="DEFERRED"),
            primary_key=True,
        ),
        sa.Column("line_no", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("ledger_accounts.id"), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("share_id", sa.Integer, sa.ForeignKey("reward_shares.id")),
        sa.CheckConstraint(f"amount <> 0 AND amount BETWEEN -{MOST} AND {MOST}", name="bounded"),
    )
    op.create_index("ix_ledger_legs_account_id_entry_id", "ledger_legs", ["account_id", "entry_id"])
    op.create_index("ix_ledger_legs_share_id", "ledger_legs", ["share_id"])
    op.create_table(
        "reward_events",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("reward_id", sa.Integer, sa.ForeignKey("rewards.id")),
        sa.Column("case_id", sa.Integer),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.Column("actor_id", sa.Integer, sa.ForeignKey("staff.id")),
        sa.Column("ref", sa.JSON, nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
    )
    op.create_index("ix_reward_events_reward_id", "reward_events", ["reward_id"])
    op.create_index("ix_reward_events_case_id", "reward_events", ["case_id"])


def _create_workflow() -> None:
    op.create_table(
        "reward_involvements",
        sa.Column("reward_id", sa.Integer, sa.ForeignKey("rewards.id"), primary_key=True),
        sa.Column("person_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("part", sa.String(30), nullable=False),
    )
    op.create_table(
        "reward_approvals",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("reward_id", sa.Integer, sa.ForeignKey("rewards.id"), nullable=False),
        sa.Column("actor_id", sa.Integer, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("case_total", sa.BigInteger, nullable=False),
        sa.Column("snapshot_hash", sa.String(64), nullable=False),
        sa.Column("signed_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("reward_id", "person_id"),
    )
    op.create_table(
        "claim_codes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("share_id", sa.Integer, sa.ForeignKey("reward_shares.id"), nullable=False),
        sa.Column("word_hash", sa.String(200), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("tries", sa.SmallInteger, nullable=False),
        sa.Column("locked_until", UtcDateTime),
        sa.Column("used_at", UtcDateTime),
        sa.Column("revoked_at", UtcDateTime),
    )
    live = sa.text("used_at IS NULL AND revoked_at IS NULL")
    op.create_index(
        "uq_claim_codes_one_live_per_share", "claim_codes", ["share_id"],
        unique=True, sqlite_where=live, postgresql_where=live,
    )  # fmt: skip
    op.create_table(
        "money_requests",
        sa.Column("key_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("request_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("entry_id", sa.BigInteger, sa.ForeignKey("ledger_entries.id")),
        sa.Column("response", sa.JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )


# The clauses are the same on both databases. Legs come first, the entry last, so that it is judged whole.
UNBALANCED = """EXISTS (
  SELECT 1 FROM ledger_legs WHERE entry_id = NEW.id GROUP BY currency HAVING SUM(amount) <> 0)"""
TOO_FEW = "(SELECT COUNT(*) FROM ledger_legs WHERE entry_id = NEW.id) < 2"
OTHER_FUND = """EXISTS (
  SELECT 1 FROM ledger_legs l JOIN ledger_accounts a ON a.id = l.account_id
  WHERE l.entry_id = NEW.id AND a.fund_id <> NEW.fund_id)"""
NOT_NEXT_ENTRY = "NOT EXISTS (SELECT 1 FROM ledger_head WHERE entries + 1 = NEW.id)"
NOT_NEXT_LINK = """NOT EXISTS (
  SELECT 1 FROM ledger_head WHERE seq + 1 = NEW.seq AND hash = NEW.prev_hash)"""
SEALED = "EXISTS (SELECT 1 FROM ledger_entries WHERE id = NEW.entry_id)"
OTHER_CURRENCY = """NOT EXISTS (
  SELECT 1 FROM ledger_accounts WHERE id = NEW.account_id AND currency = NEW.currency)"""
HEAD_WITHOUT_LINK = """NEW.seq <> OLD.seq + 1 OR NOT (
  EXISTS (SELECT 1 FROM ledger_entries WHERE seq = NEW.seq AND hash = NEW.hash)
  OR EXISTS (SELECT 1 FROM reward_events WHERE seq = NEW.seq AND hash = NEW.hash))"""
MOVED_ACCOUNT = """NEW.id <> OLD.id OR NEW.fund_id <> OLD.fund_id OR NEW.name <> OLD.name
  OR NEW.currency <> OLD.currency OR NEW.sign <> OLD.sign"""

ON_ENTRY = (
    (UNBALANCED, "the entry does not balance"),
    (TOO_FEW, "an entry has at least two legs"),
    (OTHER_FUND, "an entry touches one fund"),
    (NOT_NEXT_ENTRY, "entry numbers have no gaps"),
    (NOT_NEXT_LINK, "the link does not follow the head"),
)
ON_EVENT = ((NOT_NEXT_LINK, "the link does not follow the head"),)
ON_LEG = (
    (SEALED, "the entry is sealed"),
    (OTHER_CURRENCY, "the account has another currency"),
)
ON_HEAD = ((HEAD_WITHOUT_LINK, "the head follows the chain"),)
ON_ACCOUNT = ((MOVED_ACCOUNT, "an account keeps its fund, name, currency and sign"),)
ON_NEW_ACCOUNT = (("NEW.balance <> 0", "a new account is empty"),)

MOVE_BALANCE = "UPDATE ledger_accounts SET balance = balance + NEW.amount WHERE id = NEW.account_id;"
MOVE_HEAD_BY_ENTRY = (
    "UPDATE ledger_head SET seq = NEW.seq, entries = NEW.id, hash = NEW.hash, recorded_at = NEW.recorded_at;"
)
MOVE_HEAD_BY_EVENT = "UPDATE ledger_head SET seq = NEW.seq, hash = NEW.hash, recorded_at = NEW.recorded_at;"


def _sqlite_guards() -> list[str]:
    guards = []
    for table, keys in APPEND_ONLY.items():
        guards += [_refusal(f"{table}_no_{act.lower()}", act, table, "1") for act in ("UPDATE", "DELETE")]
        # REPLACE deletes without a delete trigger unless a pragma is set, so a key that exists is refused.
        guards.append(_refusal(f"{table}_no_replace", "INSERT", table, _taken(table, keys)))
    for table in ("ledger_head", "ledger_accounts"):
        guards.append(_refusal(f"{table}_no_delete", "DELETE", table, "1"))
    guards += [
        _refusal("ledger_head_no_second", "INSERT", "ledger_head", "1"),
        _refusal(
            "ledger_accounts_no_replace",
            "INSERT",
            "ledger_accounts",
            _taken("ledger_accounts", (("id",), ("fund_id", "name"))),
        ),
        _refusal(
            "ledger_legs_whole",
            "INSERT",
            "ledger_legs",
            "typeof(NEW.amount) <> 'integer'",
            "whole units only",
        ),
        *_refusals("ledger_entries_guard", "INSERT", "ledger_entries", ON_ENTRY),
        *_refusals("reward_events_guard", "INSERT", "reward_events", ON_EVENT),
        *_refusals("ledger_legs_guard", "INSERT", "ledger_legs", ON_LEG),
        *_refusals("ledger_head_guard", "UPDATE", "ledger_head", ON_HEAD),
        *_refusals("ledger_accounts_fixed", "UPDATE", "ledger_accounts", ON_ACCOUNT),
        *_refusals("ledger_accounts_new", "INSERT", "ledger_accounts", ON_NEW_ACCOUNT),
        _effect("ledger_legs_post", "ledger_legs", MOVE_BALANCE),
        _effect("ledger_entries_move", "ledger_entries", MOVE_HEAD_BY_ENTRY),
        _effect("reward_events_move", "reward_events", MOVE_HEAD_BY_EVENT),
    ]
    return guards


def _taken(table: str, keys: tuple[tuple[str, ...], ...]) -> str:
    same = (" AND ".join(f"{column} = NEW.{column}" for column in key) for key in keys)
    return f"EXISTS (SELECT 1 FROM {table} WHERE {' OR '.join(f'({clause})' for clause in same)})"


def _refusals(name: str, action: str, table: str, rules: tuple[tuple[str, str], ...]) -> list[str]:
    return [_refusal(f"{name}_{n}", action, table, *rule) for n, rule in enumerate(rules, start=1)]


def _refusal(name: str, action: str, table: str, clause: str, words: str = "append-only") -> str:
    refuse = f"SELECT RAISE(ABORT, 'books: {words}')"
    return f"CREATE TRIGGER {name} BEFORE {action} ON {table} WHEN {clause} BEGIN {refuse}; END"


def _effect(name: str, table: str, statement: str) -> str:
    return f"CREATE TRIGGER {name} AFTER INSERT ON {table} BEGIN {statement} END"


def _postgres_guards() -> list[str]:
    guards = [
        _function("books_append_only", _raise("append-only")),
        _function("books_entry_guard", _judge(ON_ENTRY)),
        _function("books_event_guard", _judge(ON_EVENT)),
        _function("books_leg_guard", _judge(ON_LEG)),
        _function("books_head_guard", _judge(ON_HEAD)),
        _function("books_account_guard", _judge(ON_ACCOUNT)),
        _function("books_new_account_guard", _judge(ON_NEW_ACCOUNT)),
        _function("books_leg_post", f"{MOVE_BALANCE} RETURN NULL;"),
        _function("books_entry_move", f"{MOVE_HEAD_BY_ENTRY} RETURN NULL;"),
        _function("books_event_move", f"{MOVE_HEAD_BY_EVENT} RETURN NULL;"),
    ]
    for table in (*APPEND_ONLY, "ledger_head", "ledger_accounts"):
        acts = "UPDATE OR DELETE" if table in APPEND_ONLY else "DELETE"
        guards += _trigger(f"{table}_append_only", f"BEFORE {acts}", table, "books_append_only")
        guards += _trigger(f"{table}_no_truncate", "BEFORE TRUNCATE", table, "books_append_only")
    for name, when, table, function in (
        ("ledger_head_no_second", "BEFORE INSERT", "ledger_head", "books_append_only"),
        ("ledger_head_guard", "BEFORE UPDATE", "ledger_head", "books_head_guard"),
        ("ledger_accounts_fixed", "BEFORE UPDATE", "ledger_accounts", "books_account_guard"),
        ("ledger_accounts_new", "BEFORE INSERT", "ledger_accounts", "books_new_account_guard"),
        ("ledger_legs_guard", "BEFORE INSERT", "ledger_legs", "books_leg_guard"),
        ("ledger_legs_post", "AFTER INSERT", "ledger_legs", "books_leg_post"),
        ("ledger_entries_guard", "BEFORE INSERT", "ledger_entries", "books_entry_guard"),
        ("ledger_entries_move", "AFTER INSERT", "ledger_entries", "books_entry_move"),
        ("reward_events_guard", "BEFORE INSERT", "reward_events", "books_event_guard"),
        ("reward_events_move", "AFTER INSERT", "reward_events", "books_event_move"),
    ):
        guards += _trigger(name, when, table, function)
    return guards


def _judge(rules: tuple[tuple[str, str], ...]) -> str:
    checks = (f"IF {clause} THEN {_raise(words)} END IF;" for clause, words in rules)
    return f"{' '.join(checks)} RETURN NEW;"


def _raise(words: str) -> str:
    return f"RAISE EXCEPTION 'books: {words}' USING ERRCODE = 'integrity_constraint_violation';"


def _function(name: str, body: str) -> str:
    # Runs with its owner's rights: the application itself needs none to move balances or the head.
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
        f"SET search_path FROM CURRENT AS $$ BEGIN {body} END $$"
    )


def _trigger(name: str, when: str, table: str, function: str) -> list[str]:
    level = "STATEMENT" if when.endswith("TRUNCATE") else "ROW"
    return [
        f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {level} EXECUTE FUNCTION {function}()",
        # ALWAYS, or a session in replication mode would skip it.
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
    ]
