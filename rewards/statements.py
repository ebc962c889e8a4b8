"""Read the ledger line by line: movements with running balances, and one entry in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from core.db import db
from core.errors import NotFound
from rewards import ledger
from rewards.asof import EVERYTHING, Known
from rewards.models import Fund, LedgerAccount, LedgerEntry, LedgerLeg, Reward, RewardShare


@dataclass(frozen=True, slots=True)
class LegLine:
    """One movement in a list; `running` is the account's balance after it, where one account is shown."""

    entry: str
    kind: str
    effective_on: date
    account: str
    currency: str
    amount: int
    reward: str | None
    share: str | None
    first: bool
    running: int | None = None


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One entry with everything that was chained about it."""

    name: str
    seq: int
    kind: str
    effective_on: date
    recorded_at: datetime
    actor_id: int | None
    fund: str
    ref: dict[str, str]
    idem_key: str
    prev_hash: str
    hash: str
    legs: tuple[LegLine, ...]
    reverses: str | None
    reversed_by: str | None


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """What part of the ledger is asked for; empty means everything."""

    fund: str = ""
    account: str = ""
    reward: str = ""
    limits: Known = EVERYTHING


def ledger_lines(wanted: LedgerFilter, *, limit: int, offset: int) -> tuple[LegLine, ...]:
    """Return movements newest first, with running balances where fund and account are given.

    Ordered by effective date and sequence, as exports are, so that printed and exported balances agree.
    """
    order = (LedgerEntry.effective_on, LedgerEntry.seq, LedgerLeg.line_no)
    running: Any = sa.null()
    if wanted.account and not wanted.reward:
        partition = (LedgerLeg.account_id,)
        running = sa.func.sum(LedgerLeg.amount).over(partition_by=partition, order_by=order)
    statement = _filtered(
        sa.select(
            LedgerEntry.id,
            LedgerEntry.kind,
            LedgerEntry.effective_on,
            LedgerEntry.seq,
            LedgerLeg.line_no,
            LedgerAccount.name,
            LedgerLeg.currency,
            LedgerLeg.amount,
            Reward.ref.label("reward"),
            RewardShare.ref.label("share"),
            running.label("running"),
        ),
        wanted,
    ).subquery()
    rows = db.session.execute(
        sa.select(statement)
        .order_by(statement.c.effective_on.desc(), statement.c.seq.desc(), statement.c.line_no)
        .limit(limit)
        .offset(offset)
    ).all()
    return _leg_lines(rows)


def count_lines(wanted: LedgerFilter) -> int:
    """Count the movements of a filter."""
    return db.session.scalar(_filtered(sa.select(sa.func.count()), wanted)) or 0


def account_names() -> tuple[str, ...]:
    """Return the names of all accounts in use."""
    return tuple(db.session.scalars(sa.select(LedgerAccount.name).distinct().order_by(LedgerAccount.name)))


def entry_page(name: str) -> EntryPage:
    """Return one entry by its printed number; raise NotFound."""
    digits = name.removeprefix("J")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else 0
    entry = db.session.get(LedgerEntry, number)
    if entry is None or ledger.entry_name(number) != name:
        raise NotFound(f"There is no entry {name}.")
    fund = db.session.get_one(Fund, entry.fund_id)
    statement = _filtered(
        sa.select(
            LedgerEntry.id,
            LedgerEntry.kind,
            LedgerEntry.effective_on,
            LedgerAccount.name,
            LedgerLeg.currency,
            LedgerLeg.amount,
            Reward.ref.label("reward"),
            RewardShare.ref.label("share"),
            sa.null().label("running"),
        ),
        LedgerFilter(),
    )
    legs = db.session.execute(statement.where(LedgerEntry.id == number).order_by(LedgerLeg.line_no)).all()
    return EntryPage(
        name=name,
        seq=entry.seq,
        kind=entry.kind,
        effective_on=entry.effective_on,
        recorded_at=entry.recorded_at,
        actor_id=entry.actor_id,
        fund=fund.code,
        ref=dict(entry.ref),
        idem_key=entry.idem_key,
        prev_hash=entry.prev_hash.hex(),
        hash=entry.hash.hex(),
        legs=_leg_lines(legs),
        reverses=ledger.entry_name(entry.reverses_id) if entry.reverses_id else None,
        reversed_by=_reversed_by(number),
    )


def _reversed_by(number: int) -> str | None:
    found = db.session.scalar(sa.select(LedgerEntry.id).where(LedgerEntry.reverses_id == number))
    return ledger.entry_name(found) if found is not None else None


def _filtered(statement: sa.Select[Any], wanted: LedgerFilter) -> sa.Select[Any]:
    statement = (
        statement.select_from(LedgerLeg)
        .join(LedgerEntry, LedgerEntry.id == LedgerLeg.entry_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerLeg.account_id)
        .join(Fund, Fund.id == LedgerEntry.fund_id)
        .outerjoin(Reward, Reward.id == LedgerEntry.reward_id)
        .outerjoin(RewardShare, RewardShare.id == LedgerLeg.share_id)
    )
    for column, value in (
        (Fund.code, wanted.fund),
        (LedgerAccount.name, wanted.account),
        (Reward.ref, wanted.reward),
    ):
        if value:
            statement = statement.where(column == value)
    return statement.where(*wanted.limits.conditions())


def _leg_lines(rows: Sequence[sa.Row[Any]]) -> tuple[LegLine, ...]:
    lines, last = [], None
    for row in rows:
        running = int(row.running) if row.running is not None else None
        lines.append(
            LegLine(
                ledger.entry_name(row.id),
                row.kind,
                row.effective_on,
                row.name,
                row.currency,
                row.amount,
                row.reward,
                row.share,
                row.id != last,
                running,
            )
        )
        last = row.id
    return tuple(lines)
