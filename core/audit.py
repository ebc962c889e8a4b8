"""The audit trail: who did what to which thing, append-only and hash-chained.

Rows are written inside the transaction of the change they describe, without a lock; a sealer puts them
in order and chains them afterwards, so that intake never waits for the chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import utcnow
from core.db import Model, UtcDateTime, db, execute, table_of
from core.request_id import current_request_id

CHAIN_TAG = b"waypost-audit-v1\0"
GENESIS = bytes(32)
SEAL_BATCH = 500


class AuditEvent(Model):
    """One act; `seq`, `prev_hash` and `hash` are filled once, by the sealer."""

    __tablename__ = "audit_events"
    __table_args__ = (sa.Index("ix_audit_events_subject", "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(sa.String(60))
    subject_kind: Mapped[str] = mapped_column(sa.String(30))
    subject_id: Mapped[str] = mapped_column(sa.String(60))
    request_id: Mapped[str | None] = mapped_column(sa.String(40))
    detail: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    seq: Mapped[int | None] = mapped_column(unique=True)
    prev_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32))
    hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32))


_INSERT = sa.insert(table_of(AuditEvent)).inline()


@dataclass(frozen=True)
class BrokenLink:
    """The first place where the chain does not hold."""

    seq: int
    reason: str


def record(
    *,
    action: str,
    subject: tuple[str, object],
    actor_id: int | None,
    detail: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> None:
    """Write down an act in the current transaction; `detail` must hold no number and no text of a tip."""
    kind, identity = subject
    execute(
        _INSERT,
        {
            "at": at or utcnow(),
            "actor_id": actor_id,
            "action": action,
            "subject_kind": kind,
            "subject_id": str(identity),
            "request_id": current_request_id(),
            "detail": dict(detail or {}),
        },
    )


def seal(limit: int = SEAL_BATCH) -> int:
    """Chain the rows that are not yet sealed, oldest first; return how many."""
    head = _head_for_update()
    rows = db.session.scalars(
        sa.select(AuditEvent).where(AuditEvent.seq.is_(None)).order_by(AuditEvent.id).limit(limit)
    ).all()
    seq, previous = head
    for row in rows:
        seq += 1
        row.seq, row.prev_hash = seq, previous
        row.hash = previous = _digest(row, seq, previous)
    db.session.flush()
    return len(rows)


def verify() -> tuple[int, BrokenLink | None]:
    """Recompute the chain; return how many links hold and the first that does not."""
    previous, expected = GENESIS, 0
    for row in _sealed_rows():
        expected += 1
        if row.seq != expected:
            return expected - 1, BrokenLink(expected, "this link is missing")
        if row.prev_hash != previous:
            return expected - 1, BrokenLink(expected, "it does not follow the link before it")
        if row.hash != _digest(row, expected, previous):
            return expected - 1, BrokenLink(expected, "its content has been changed")
        previous = row.hash
    return expected, None


def head() -> tuple[int, str]:
    """Return sequence and hash of the newest sealed link, to be published outside the database."""
    row = db.session.execute(
        sa.select(AuditEvent.seq, AuditEvent.hash)
        .where(AuditEvent.seq.is_not(None))
        .order_by(AuditEvent.seq.desc())
        .limit(1)
    ).first()
    return (row.seq, row.hash.hex()) if row else (0, GENESIS.hex())


def _head_for_update() -> tuple[int, bytes]:
    if db.engine.dialect.name == "postgresql":
        db.session.execute(
            sa.text("SELECT pg_advisory_xact_lock(7203541)")
        )  # two sealers must not fork the chain
    seq, digest = head()
    return seq, bytes.fromhex(digest)


def _sealed_rows() -> Iterator[AuditEvent]:
    statement = sa.select(AuditEvent).where(AuditEvent.seq.is_not(None)).order_by(AuditEvent.seq)
    yield from db.session.scalars(statement.execution_options(yield_per=SEAL_BATCH))


def _digest(row: AuditEvent, seq: int, previous: bytes) -> bytes:
    content = {
        "action": row.action,
        "actor": row.actor_id,
        "at": row.at.isoformat(timespec="microseconds"),
        "detail": row.detail,
        "id": row.id,
        "request": row.request_id,
        "seq": seq,
        "subject": [row.subject_kind, row.subject_id],
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(CHAIN_TAG + previous + canonical.encode()).digest()
