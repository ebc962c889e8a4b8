"""Read the books the way finance looks at them: statements, trial balance, position."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from core.db import db
from core.errors import NotFound
from rewards import chart, ledger
from rewards.models import Fund, LedgerAccount, LedgerEntry, LedgerHead, LedgerLeg, Reward, RewardShare


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


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One account of a trial balance; debit and credit are minor units, one of them 0."""

    account: str
    debit: int
    credit: int


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The accounts of one fund as of a day; both totals are equal or the books are wrong."""

    fund: str
    name: str
    currency: str
    lines: tuple[BalanceLine, ...]

    @property
    def debit(self) -> int:
        """Add the debits up."""
        return sum(line.debit for line in self.lines)

    @property
    def credit(self) -> int:
        """Add the credits up."""
        return sum(line.credit for line in self.lines)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a fund stands, in minor units, and how it came there."""

    fund: str
    name: str
    currency: str
    cash: int
    available: int
    reserved: int
    owed: int
    spent: int
    appropriated: int
    months: tuple[tuple[str, int, int, int], ...]
    drawing: chart.Chart | None


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """What part of the ledger is asked for; empty means everything."""

    fund: str = ""
    account: str = ""
    reward: str = ""


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
    )


def trial_balances(*, as_of: date | None) -> tuple[TrialBalance, ...]:
    """Add the legs up by fund and account, over entries effective up to and including a day."""
    statement = (
        sa.select(LedgerAccount.fund_id, LedgerAccount.name, sa.func.sum(LedgerLeg.amount).label("total"))
        .join(LedgerAccount, LedgerAccount.id == LedgerLeg.account_id)
        .join(LedgerEntry, LedgerEntry.id == LedgerLeg.entry_id)
        .group_by(LedgerAccount.fund_id, LedgerAccount.name)
        .order_by(LedgerAccount.name)
    )
    if as_of is not None:
        statement = statement.where(LedgerEntry.effective_on <= as_of)
    lines: defaultdict[int, list[BalanceLine]] = defaultdict(list)
    for row in db.session.execute(statement):
        total = int(row.total)
        lines[row.fund_id].append(BalanceLine(row.name, max(total, 0), max(-total, 0)))
    funds = db.session.scalars(sa.select(Fund).order_by(Fund.code))
    return tuple(TrialBalance(fund.code, fund.name, fund.currency, tuple(lines[fund.id])) for fund in funds)


def chain_head() -> tuple[int, str]:
    """Return sequence and hash of the newest link, to be printed on every statement."""
    head = db.session.execute(sa.select(LedgerHead.seq, LedgerHead.hash)).one()
    return head.seq, head.hash.hex()


def positions(*, today: date) -> tuple[Position, ...]:
    """Tell where every fund stands and draw how it came there."""
    return tuple(_position(fund, today) for fund in db.session.scalars(sa.select(Fund).order_by(Fund.code)))


def _position(fund: Fund, today: date) -> Position:
    rows = db.session.execute(
        sa.select(LedgerEntry.effective_on, LedgerAccount.name, sa.func.sum(LedgerLeg.amount).label("moved"))
        .join(LedgerAccount, LedgerAccount.id == LedgerLeg.account_id)
        .join(LedgerEntry, LedgerEntry.id == LedgerLeg.entry_id)
        .where(LedgerAccount.fund_id == fund.id)
        .group_by(LedgerEntry.effective_on, LedgerAccount.name)
        .order_by(LedgerEntry.effective_on)
    ).all()
    held: defaultdict[str, int] = defaultdict(int)
    available: dict[date, int] = {}
    promised: dict[date, int] = {}
    months: dict[str, tuple[str, int, int, int]] = {}
    for row in rows:
        held[_group(row.name)] += int(row.moved)
        free, bound = -held[ledger.AVAILABLE], -held[ledger.RESERVED] - held["owed"]
        available[row.effective_on], promised[row.effective_on] = free, bound
        month = f"{row.effective_on:%b %Y}"
        months[month] = (month, held["cash"], free, bound)
    return Position(
        fund=fund.code,
        name=fund.name,
        currency=fund.currency,
        cash=held["cash"],
        available=-held[ledger.AVAILABLE],
        reserved=-held[ledger.RESERVED],
        owed=-held["owed"],
        spent=-held[ledger.SPENT],
        appropriated=held[ledger.APPROPRIATED],
        months=tuple(reversed(months.values()))[:12],
        drawing=chart.step_chart(
            (
                chart.Series("Free", tuple(available.items())),
                chart.Series("Promised", tuple(promised.items())),
            ),
            until=today,
        ),
    )


def _group(account: str) -> str:
    if account.startswith(("Assets:Bank", "Assets:MobileMoney")):
        return "cash"
    return "owed" if account in (ledger.PAYABLE, ledger.IN_TRANSIT, ledger.TAX_WITHHELD) else account


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
    return statement


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
