"""Read the ledger for an export, as of a day where one is given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa

from core.db import db
from rewards import chain, checks, exports, ledger
from rewards.books import actor_name
from rewards.exports import ExportEntry, ExportLeg, Header
from rewards.models import Fund, LedgerHead

FORMATS = ("hledger", "beancount", "csv", "jsonl")


def export(*, form: str, as_of: date | None = None) -> str:
    """Write the ledger in one of FORMATS, with entries effective up to and including `as_of`.

    JSON lines hold the whole chain, events included, so that anybody can recompute it.
    """
    if form == "jsonl":
        return exports.to_jsonl(_chain_records(as_of))
    entries = [entry for entry in _entries() if as_of is None or entry.effective_on <= as_of]
    if form == "csv":
        return exports.to_csv(entries)
    head = db.session.execute(sa.select(LedgerHead.ledger, LedgerHead.seq, LedgerHead.hash)).one()
    header = Header(head.ledger, head.seq, head.hash.hex())
    return (
        exports.to_beancount(header, entries) if form == "beancount" else exports.to_journal(header, entries)
    )


def _entries() -> Iterator[ExportEntry]:
    funds = {fund.id: fund.code for fund in db.session.scalars(sa.select(Fund))}
    for row, legs in checks.entries_with_legs():
        code = funds[row.fund_id]
        yield ExportEntry(
            name=ledger.entry_name(row.id),
            seq=row.seq,
            kind=row.kind,
            effective_on=row.effective_on,
            recorded_at=chain.timestamp(row.recorded_at),
            actor=actor_name(row.actor_id),
            tags={name: value for name, value in row.ref.items() if name != "snapshot"},
            # Funds are told apart by the last part of the account, so that balances can be asserted.
            legs=tuple(
                ExportLeg(f"{leg.account}:{code}", leg.currency, leg.amount, leg.share) for leg in legs
            ),
            hash=row.hash.hex(),
        )


def _chain_records(as_of: date | None) -> Iterator[dict[str, Any]]:
    name = db.session.scalar(sa.select(LedgerHead.ledger)) or ""
    for link, legs in checks.links():
        if legs is None:
            record = checks.event_record(name, link)
        elif as_of is None or link.effective_on <= as_of:
            record = checks.entry_record(name, link, legs)
        else:
            continue
        yield {**record, "prev_hash": link.prev_hash.hex(), "hash": link.hash.hex()}
