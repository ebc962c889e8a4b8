"""Read the chain back: entries with their legs and events, each as it was chained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from core.db import db
from rewards import books, chain, ledger
from rewards.ledger import Leg, Posting
from rewards.models import LedgerAccount, LedgerEntry, LedgerLeg, RewardEvent, RewardShare

BATCH = 1_000


def links() -> Iterator[tuple[sa.Row[Any], list[sa.Row[Any]] | None]]:
    """Walk entries (with their legs) and events in one line by sequence."""
    events = iter(db.session.execute(sa.select(*RewardEvent.__table__.c).order_by(RewardEvent.seq)))
    event = next(events, None)
    for entry, legs in entries_with_legs():
        while event is not None and event.seq < entry.seq:
            yield event, None
            event = next(events, None)
        yield entry, legs
    while event is not None:
        yield event, None
        event = next(events, None)


def entries_with_legs() -> Iterator[tuple[sa.Row[Any], list[sa.Row[Any]]]]:
    """Read the whole ledger in order of sequence, a batch of entries at a time."""
    last = 0
    while True:
        statement = sa.select(*LedgerEntry.__table__.c).where(LedgerEntry.seq > last)
        entries = db.session.execute(statement.order_by(LedgerEntry.seq).limit(BATCH)).all()
        if not entries:
            return
        legs = _legs_between(entries)
        for entry in entries:
            yield entry, legs[entry.id]
        last = entries[-1].seq


def _legs_between(entries: Any) -> defaultdict[int, list[sa.Row[Any]]]:
    rows = db.session.execute(
        sa.select(
            LedgerLeg.entry_id,
            LedgerLeg.currency,
            LedgerLeg.amount,
            LedgerAccount.name.label("account"),
            LedgerAccount.currency.label("account_currency"),
            LedgerAccount.fund_id,
            RewardShare.ref.label("share"),
        )
        .join(LedgerAccount, LedgerAccount.id == LedgerLeg.account_id)
        .outerjoin(RewardShare, RewardShare.id == LedgerLeg.share_id)
        .where(LedgerLeg.entry_id.in_([entry.id for entry in entries]))
        .order_by(LedgerLeg.entry_id, LedgerLeg.line_no)
    )
    legs: defaultdict[int, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows:
        legs[row.entry_id].append(row)
    return legs


def entry_record(name: str, entry: sa.Row[Any], legs: list[sa.Row[Any]]) -> dict[str, Any]:
    """Rebuild what was chained for an entry."""
    return chain.entry_record(
        ledger=name,
        seq=entry.seq,
        name=ledger.entry_name(entry.id),
        candidate=Posting(entry.kind, tuple(leg_of(row) for row in legs)),
        effective_on=entry.effective_on,
        recorded_at=entry.recorded_at,
        actor=books.actor_name(entry.actor_id),
        idem=entry.idem_key,
        ref=entry.ref,
    )


def event_record(name: str, event: sa.Row[Any]) -> dict[str, Any]:
    """Rebuild what was chained for an event."""
    return chain.event_record(
        ledger=name,
        seq=event.seq,
        kind=event.kind,
        recorded_at=event.recorded_at,
        actor=books.actor_name(event.actor_id),
        ref=event.ref,
    )


def leg_of(row: sa.Row[Any]) -> Leg:
    """Return a row of a leg as a leg of a posting."""
    return Leg(row.account, row.currency, row.amount, row.share)
