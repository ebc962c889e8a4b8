"""Answer a repeated request about money with the first answer, and refuse the same key for something else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

import sqlalchemy as sa

from core.db import db
from core.errors import Conflict, Invalid
from rewards import books, chain
from rewards.models import MoneyRequest

SHORTEST_KEY = 8
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class MoneyResult:
    """What a step about money did: new state, entry written, balances left, in minor units."""

    state: str
    reward: str = ""
    share: str = ""
    entry: str = ""
    entry_id: int | None = None
    seq: int = 0
    balances: Mapping[str, int] = field(default_factory=dict)
    batch: str = ""


def answer_to(key: str) -> MoneyResult | None:
    """Return what a request key was answered before; None for a new one."""
    response = db.session.scalar(sa.select(MoneyRequest.response).where(MoneyRequest.key_hash == _hash(key)))
    return MoneyResult(**response) if response is not None else None


def once(
    *,
    key: str,
    scope: str,
    actor_id: int | None,
    asked: Mapping[str, str],
    now: datetime,
    act: Callable[[], MoneyResult],
) -> MoneyResult:
    """Do `act` unless the key was answered before; then return that answer.

    Raise Conflict where the key was used for another request. A refused attempt does not use up its key, for
    the transaction that would have remembered it is rolled back.
    """
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise Invalid({"key": [f"A request key has {SHORTEST_KEY} to {LONGEST_KEY} characters."]})
    books.lock_head()
    key_hash = _hash(key)
    request = {"scope": scope, "actor": books.actor_name(actor_id), **asked}
    fingerprint = hashlib.sha256(chain.canonical(request)).digest()
    known = db.session.execute(
        sa.select(MoneyRequest.request_sha256, MoneyRequest.response).where(MoneyRequest.key_hash == key_hash)
    ).first()
    if known is not None:
        if known.request_sha256 != fingerprint:
            raise Conflict("This request key was used for something else. Load the page again.")
        return MoneyResult(**known.response)
    result = act()
    db.session.execute(
        sa.insert(MoneyRequest).values(
            key_hash=key_hash,
            request_sha256=fingerprint,
            entry_id=result.entry_id,
            response=asdict(result),
            created_at=now,
        )
    )
    return result


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
