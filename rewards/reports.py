"""Add the books up: trial balance, chain head, position of each fund."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from core.db import db
from rewards import asof, chart, ledger
from rewards.asof import EVERYTHING, Known
from rewards.models import Fund, LedgerAccount, LedgerEntry, LedgerLeg


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


def trial_balances(limits: Known = EVERYTHING) -> tuple[TrialBalance, ...]:
    """Add the legs up by fund and account, as of a day and as known at a link."""
    held = asof.balances(limits)
    accounts = sa.select(LedgerAccount.id, LedgerAccount.fund_id, LedgerAccount.name)
    lines: defaultdict[int, list[BalanceLine]] = defaultdict(list)
    for row in db.session.execute(accounts.order_by(LedgerAccount.name)):
        if row.id in held:
            total = held[row.id]
            lines[row.fund_id].append(BalanceLine(row.name, max(total, 0), max(-total, 0)))
    funds = db.session.scalars(sa.select(Fund).order_by(Fund.code))
    return tuple(TrialBalance(fund.code, fund.name, fund.currency, tuple(lines[fund.id])) for fund in funds)


def chain_head(seq: int | None = None) -> tuple[int, str]:
    """Return sequence and hash of the newest link, or of an earlier one, to be printed on every statement."""
    return asof.head_at(seq)


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
