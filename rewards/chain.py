"""Bind entries and events into one chain of hashes. PURE."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from rewards.ledger import LedgerError, Leg, Posting
from rewards.money import MAX_MINOR

GENESIS: Final = bytes(32)
CHAIN_TAG: Final = b"GTR-LEDGER-v1\0"
RECORD_VERSION: Final = 1
_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def entry_record(
    *,
    ledger: str,
    seq: int,
    name: str,
    candidate: Posting,
    effective_on: date,
    recorded_at: datetime,
    actor: str,
    idem: str,
    ref: Mapping[str, str],
) -> dict[str, Any]:
    """Return the facts of an entry exactly as the chain binds them."""
    return {
        "v": RECORD_VERSION,
        "ledger": ledger,
        "seq": seq,
        "id": name,
        "kind": candidate.kind,
        "effective_on": effective_on.isoformat(),
        "recorded_at": timestamp(recorded_at),
        "actor": actor,
        "idem": idem,
        "ref": dict(ref),
        "legs": [_leg_record(leg) for leg in candidate.legs],
    }


def event_record(
    *, ledger: str, seq: int, kind: str, recorded_at: datetime, actor: str, ref: Mapping[str, str]
) -> dict[str, Any]:
    """Return the facts of an event without money exactly as the chain binds them."""
    return {
        "v": RECORD_VERSION,
        "ledger": ledger,
        "seq": seq,
        "id": f"E{seq:06d}",
        "kind": kind,
        "recorded_at": timestamp(recorded_at),
        "actor": actor,
        "ref": dict(ref),
    }


def _leg_record(leg: Leg) -> list[str | int]:
    record: list[str | int] = [leg.account, leg.currency, leg.amount]
    return record if leg.share is None else [*record, leg.share]


def timestamp(moment: datetime) -> str:
    """Write an aware time as UTC with all six decimals."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def canonical(record: Mapping[str, Any]) -> bytes:
    """Return the one byte string of a record: sorted keys, no spaces, ASCII, whole numbers only."""
    _require_exact(record)
    return _ENCODER.encode(record).encode("ascii")


def _require_exact(value: object) -> None:
    if isinstance(value, str):
        return
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise LedgerError("Every key of a record is text.")
        for inner in value.values():
            _require_exact(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _require_exact(inner)
    elif not _is_whole(value):
        raise LedgerError(f"{value!r} has no place in a chained record.")


def chained(previous: bytes, record: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 that binds a record to everything before it."""
    if len(previous) != len(GENESIS):
        raise LedgerError("A chain link has 32 bytes.")
    return hashlib.sha256(CHAIN_TAG + previous + canonical(record)).digest()


def digest_of_policy(body: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a policy's data, as the chain tells of it."""
    return hashlib.sha256(canonical(_without_null(body))).hexdigest()


def _without_null(value: Any) -> Any:
    """Write the open end of the last tier as text, for a chained record knows no null."""
    if isinstance(value, dict):
        return {name: _without_null(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_null(inner) for inner in value]
    return "" if value is None else value


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_MINOR
