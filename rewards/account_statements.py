"""Statements that finance signs: what a fund's cash did between two days, and everything booked for one case."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from core.db import db
from core.errors import Invalid, NotFound
from rewards import asof, ledger, queries
from rewards.asof import Known
from rewards.models import LedgerAccount, LedgerEntry, LedgerLeg, Reward, RewardShare


@dataclass(frozen=True, slots=True)
class CashLine:
    """One movement of cash; `running` is what the fund's cash accounts hold after it, in minor units."""

    entry: str
    kind: str
    effective_on: date
    account: str
    voucher: str
    reference: str
    amount: int
    running: int


@dataclass(frozen=True, slots=True)
class FundStatement:
    """A fund between two days, both included; amounts in minor units, what left is negative."""

    fund: str
    name: str
    currency: str
    starts_on: date
    ends_on: date
    opening: int
    closing: int
    by_kind: tuple[tuple[str, int, int], ...]
    lines: tuple[CashLine, ...]
    accounts: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One leg of an entry about a case."""

    entry: str
    kind: str
    effective_on: date
    fund_id: int
    account: str
    voucher: str
    currency: str
    amount: int
    first: bool


@dataclass(frozen=True, slots=True)
class CaseStatement:
    """Everything booked for the rewards of a case, and what each account holds for it now."""

    case_number: str
    rewards: tuple[str, ...]
    currency: str
    lines: tuple[CaseLine, ...]
    held: tuple[tuple[str, int], ...]


def fund_statement(*, fund: str, starts_on: date, ends_on: date, seq: int | None = None) -> FundStatement:
    """Add up a fund between two days, as known at a link; raise NotFound, or Invalid where the days are swapped."""
    if starts_on > ends_on:
        raise Invalid({"starts_on": ["The first day is not after the last."]})
    found = queries.fund_by_code(fund)
    names = _names(found.id)
    before = asof.balances(Known(starts_on - timedelta(days=1), seq))
    after = asof.balances(Known(ends_on, seq))
    opening = sum(before.get(account, 0) for account, name in names.items() if ledger.CASH.match(name))
    lines = _cash_lines([account for account, name in names.items() if ledger.CASH.match(name)],
                        starts_on, ends_on, seq, opening)  # fmt: skip
    by_kind: defaultdict[str, list[int]] = defaultdict(list)
    for line in lines:
        by_kind[line.kind].append(line.amount)
    return FundStatement(
        fund=found.code,
        name=found.name,
        currency=found.currency,
        starts_on=starts_on,
        ends_on=ends_on,
        opening=opening,
        closing=lines[-1].running if lines else opening,
        by_kind=tuple((kind, len(amounts), sum(amounts)) for kind, amounts in sorted(by_kind.items())),
        lines=lines,
        accounts=tuple(
            (name, before.get(account, 0), after.get(account, 0))
            for account, name in sorted(names.items(), key=lambda item: item[1])
        ),
    )


def case_statement(case_number: str) -> CaseStatement:
    """Return everything booked for a case; raise NotFound where no reward was ever computed for it."""
    rewards = db.session.scalars(
        sa.select(Reward).where(Reward.case_number == case_number).order_by(Reward.id)
    ).all()
    if not rewards:
        raise NotFound(f"Nothing was ever booked for {case_number}.")
    rows = db.session.execute(
        sa.select(LedgerEntry, LedgerAccount.name, LedgerLeg.currency, LedgerLeg.amount, RewardShare.ref)
        .join(LedgerLeg, LedgerLeg.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerLeg.account_id)
        .outerjoin(RewardShare, RewardShare.id == LedgerLeg.share_id)
        .where(LedgerEntry.reward_id.in_([reward.id for reward in rewards]))
        .order_by(LedgerEntry.effective_on, LedgerEntry.seq, LedgerLeg.line_no)
    ).all()
    held: defaultdict[str, int] = defaultdict(int)
    lines, last = [], None
    for entry, account, currency, amount, voucher in rows:
        held[account] += amount
        name = ledger.entry_name(entry.id)
        lines.append(
            CaseLine(
                name,
                entry.kind,
                entry.effective_on,
                entry.fund_id,
                account,
                voucher or "",
                currency,
                amount,
                entry.id != last,
            )  # fmt: skip
        )
        last = entry.id
    return CaseStatement(
        case_number,
        tuple(reward.ref for reward in rewards),
        rewards[0].currency,
        tuple(lines),
        tuple(sorted((account, total) for account, total in held.items() if total)),
    )


def _names(fund_id: int) -> dict[int, str]:
    rows = db.session.execute(
        sa.select(LedgerAccount.id, LedgerAccount.name).where(LedgerAccount.fund_id == fund_id)
    )
    return {row.id: row.name for row in rows}


def _cash_lines(
    account_ids: list[int], starts_on: date, ends_on: date, seq: int | None, opening: int
) -> tuple[CashLine, ...]:
    statement = (
        sa.select(LedgerEntry, LedgerAccount.name, LedgerLeg.amount, RewardShare.ref)
        .join(LedgerLeg, LedgerLeg.entry_id == LedgerEntry.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerLeg.account_id)
        .outerjoin(RewardShare, RewardShare.id == LedgerLeg.share_id)
        .where(
            LedgerLeg.account_id.in_(account_ids),
            LedgerEntry.effective_on >= starts_on,
            *Known(ends_on, seq).conditions(),
        )
        .order_by(LedgerEntry.effective_on, LedgerEntry.seq, LedgerLeg.line_no)
    )
    lines, running = [], opening
    for entry, account, amount, voucher in db.session.execute(statement):
        running += amount
        reference = entry.ref.get("stmt") or entry.ref.get("batch") or entry.ref.get("receipt") or ""
        name = ledger.entry_name(entry.id)
        lines.append(
            CashLine(name, entry.kind, entry.effective_on, account, voucher or "", reference, amount, running)
        )
    return tuple(lines)
