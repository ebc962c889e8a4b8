"""Read the ledger for an export, as of a day where one is given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from core.db import db
from rewards import asof, chain, exports, ledger, links
from rewards.asof import EVERYTHING, Known
from rewards.books import actor_name
from rewards.exports import ExportEntry, ExportLeg, Header
from rewards.models import Fund, LedgerHead

FORMATS = ("hledger", "beancount", "csv", "jsonl")


def export(*, form: str, limits: Known = EVERYTHING) -> str:
    """Write the ledger in one of FORMATS, as of a day and as known at a link of the chain.

    JSON lines hold the whole chain, events included, so that anybody can recompute it.
    """
    if form == "jsonl":
        return exports.to_jsonl(_chain_records(limits))
    entries = list(_entries(limits))
    if form == "csv":
        return exports.to_csv(entries)
    seq, digest = asof.head_at(limits.seq)
    header = Header(db.session.scalar(sa.select(LedgerHead.ledger)) or "", seq, digest)
    return (
        exports.to_beancount(header, entries) if form == "beancount" else exports.to_journal(header, entries)
    )


def _entries(limits: Known) -> Iterator[ExportEntry]:
    funds = {fund.id: fund.code for fund in db.session.scalars(sa.select(Fund))}
    for row, legs in links.entries_with_legs():
        if not _counts(row, limits):
            continue
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


def _chain_records(limits: Known) -> Iterator[dict[str, Any]]:
    name = db.session.scalar(sa.select(LedgerHead.ledger)) or ""
    for link, legs in links.links():
        if limits.seq is not None and link.seq > limits.seq:
            return
        if legs is None:
            record = links.event_record(name, link)
        elif _counts(link, limits):
            record = links.entry_record(name, link, legs)
        else:
            continue
        yield {**record, "prev_hash": link.prev_hash.hex(), "hash": link.hash.hex()}


def _counts(entry: sa.Row[Any], limits: Known) -> bool:
    in_time = limits.as_of is None or entry.effective_on <= limits.as_of
    return in_time and (limits.seq is None or entry.seq <= limits.seq)
