"""Write rows of the books past the product: a yardstick without guards, and a large ledger in little time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from bench.ledger_year import FUNDS, year
from core.db import db, transaction
from rewards import asof, chain, ledger, queries, services
from rewards.asof import Known
from rewards.ledger import Leg, Posting
from rewards.models import LedgerAccount, LedgerEntry, LedgerHead, LedgerLeg, LedgerPeriod, PeriodBalance

BATCH = 500
BARE = (
    "CREATE TABLE bare_head (id INTEGER PRIMARY KEY, seq BIGINT NOT NULL, entries BIGINT NOT NULL, hash {bytes} NOT NULL)",
    "CREATE TABLE bare_accounts (id INTEGER PRIMARY KEY, balance BIGINT NOT NULL)",
    "CREATE TABLE bare_entries (id BIGINT PRIMARY KEY, seq BIGINT NOT NULL UNIQUE, kind VARCHAR(20) NOT NULL, "
    "fund_id INTEGER NOT NULL, reward_id INTEGER, effective_on DATE NOT NULL, recorded_at {time} NOT NULL, "
    "idem_key VARCHAR(120) NOT NULL UNIQUE, ref {json} NOT NULL, prev_hash {bytes} NOT NULL, hash {bytes} NOT NULL)",
    "CREATE INDEX bare_entries_day ON bare_entries (effective_on, seq)",
    "CREATE INDEX bare_entries_reward ON bare_entries (reward_id)",
    "CREATE TABLE bare_legs (entry_id BIGINT NOT NULL, line_no SMALLINT NOT NULL, account_id INTEGER NOT NULL, "
    "currency VARCHAR(3) NOT NULL, amount BIGINT NOT NULL, share_id INTEGER, PRIMARY KEY (entry_id, line_no))",
    "CREATE INDEX bare_legs_account ON bare_legs (account_id, entry_id)",
    "CREATE INDEX bare_legs_share ON bare_legs (share_id)",
)
TYPES = {
    "sqlite": {"bytes": "BLOB", "time": "DATETIME", "json": "JSON"},
    "postgresql": {"bytes": "BYTEA", "time": "TIMESTAMP WITH TIME ZONE", "json": "JSON"},
}


def make_bare_tables() -> None:
    """Make tables with the columns and indexes of the books, but without triggers."""
    with transaction():
        for statement in BARE:
            db.session.execute(sa.text(statement.format(**TYPES[db.engine.dialect.name])))
        db.session.execute(sa.text("INSERT INTO bare_head VALUES (1, 0, 0, :hash)"), {"hash": bytes(32)})
        db.session.execute(sa.text("INSERT INTO bare_accounts VALUES (1, 0), (2, 0)"))


def bare_writer(address: str, run: str) -> Callable[[int, int], None]:
    """Return what writes the rows of one posting with the bare driver in a transaction."""
    url = make_url(address)
    sqlite = url.get_backend_name() == "sqlite"
    mark, lock = ("?", "") if sqlite else ("%s", " FOR UPDATE")
    connections: list[Any] = []

    def connection() -> Any:
        if not connections:
            connections.append(_sqlite(str(url.database)) if sqlite else _postgres(url))
        return connections[0]

    def write(writer: int, number: int) -> None:
        found = connection()
        found.execute("BEGIN IMMEDIATE" if sqlite else "BEGIN")
        seq, entries, digest = found.execute(
            f"SELECT seq, entries, hash FROM bare_head WHERE id = 1{lock}"
        ).fetchone()
        now = datetime.now(UTC)
        legs = [(entries + 1, line, line, "USD", 3 - 2 * line, None) for line in (1, 2)]
        marks = ", ".join([mark] * 6)
        found.cursor().executemany(f"INSERT INTO bare_legs VALUES ({marks})", legs)
        found.execute(
            f"INSERT INTO bare_entries VALUES ({', '.join([mark] * 11)})",
            (
                entries + 1, seq + 1, "reserve", 1, None, now.date().isoformat(), now.isoformat(),
                f"{run}:{writer}:{number}", json.dumps({"fund": "GEN"}), digest, digest,
            ),
        )  # fmt: skip
        for line in (1, 2):
            found.execute(
                f"UPDATE bare_accounts SET balance = balance + {mark} WHERE id = {mark}", (3 - 2 * line, line)
            )
        found.execute(
            f"UPDATE bare_head SET seq = {mark}, entries = {mark} WHERE id = 1", (seq + 1, entries + 1)
        )
        found.execute("COMMIT")

    return write


def _sqlite(path: str) -> sqlite3.Connection:
    opened = sqlite3.connect(path, isolation_level=None, timeout=5)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "cache_size=-65536"):
        opened.execute(f"PRAGMA {pragma}")
    return opened


def _postgres(url: sa.URL) -> psycopg.Connection[Any]:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def fill(entries: int) -> None:
    """Write a year of that many entries, chained as the product chains them and through its triggers."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with transaction():
        for code, currency, _, _ in FUNDS:
            services.ensure_fund(code=code, currency=currency, now=now)
        funds = {code: queries.fund_by_code(code) for code, *_ in FUNDS}
        events = list(year(entries))
        accounts = _accounts(funds, events)
    head = db.session.execute(sa.select(LedgerHead.ledger, LedgerHead.seq, LedgerHead.hash)).one()
    previous, seq = head.hash, head.seq
    last = now
    legs: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for number, event in enumerate(events, start=1):
        seq += 1
        posting = Posting(
            event.posting.kind, tuple(Leg(x.account, x.currency, x.amount) for x in event.posting.legs)
        )
        moment = datetime.combine(event.day, time(9), tzinfo=UTC)
        moment = last = max(moment, last)
        fund, ref = funds[event.fund], {"fund": event.fund, "stmt": f"S-{number}"}
        if event.undoes is not None:
            ref["reverses"] = ledger.entry_name(event.undoes)
        record = chain.entry_record(
            ledger=head.ledger, seq=seq, name=ledger.entry_name(number), candidate=posting,
            effective_on=event.day, recorded_at=moment, actor="system", idem=f"year:{number}", ref=ref,
        )  # fmt: skip
        digest = chain.chained(previous, record)
        legs += [
            {"entry_id": number, "line_no": line, "account_id": accounts[fund.id, leg.account],
             "currency": leg.currency, "amount": leg.amount, "share_id": None}
            for line, leg in enumerate(posting.legs, start=1)
        ]  # fmt: skip
        rows.append({
            "id": number, "seq": seq, "kind": posting.kind, "fund_id": fund.id, "effective_on": event.day,
            "recorded_at": moment, "idem_key": f"year:{number}", "reverses_id": event.undoes, "ref": ref,
            "prev_hash": previous, "hash": digest,
        })  # fmt: skip
        previous = digest
        if len(rows) == BATCH or number == len(events):
            with transaction():
                db.session.execute(sa.insert(LedgerLeg), legs)
                db.session.execute(sa.insert(LedgerEntry), rows)
            legs, rows = [], []
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")


def _accounts(funds: dict[str, Any], events: list[Any]) -> dict[tuple[int, str], int]:
    wanted = sorted({(funds[event.fund].id, leg.account) for event in events for leg in event.posting.legs})
    currencies = {fund.id: fund.currency for fund in funds.values()}
    for fund_id, name in wanted:
        db.session.execute(
            sa.insert(LedgerAccount).values(
                fund_id=fund_id, name=name, currency=currencies[fund_id], sign=ledger.sign_of(name), balance=0
            )
        )
    rows = db.session.execute(sa.select(LedgerAccount.id, LedgerAccount.fund_id, LedgerAccount.name))
    return {(row.fund_id, row.name): row.id for row in rows}


def close_softly_closed(now: datetime) -> None:
    """Close every softly closed month for good, without verifying the whole ledger once for each."""
    for name in sorted(db.session.scalars(sa.select(LedgerPeriod.name).where(LedgerPeriod.state == "soft"))):
        with transaction():
            row = db.session.scalars(sa.select(LedgerPeriod).where(LedgerPeriod.name == name)).one()
            head = db.session.execute(sa.select(LedgerHead.seq, LedgerHead.entries, LedgerHead.hash)).one()
            for account_id, held in sorted(asof.balances(Known(as_of=row.ends_on)).items()):
                db.session.add(PeriodBalance(period_id=row.id, account_id=account_id, balance=held))
            db.session.flush()
            row.state, row.closed_at = "closed", now
            row.seq, row.entries, row.head_hash = head.seq, head.entries, head.hash
