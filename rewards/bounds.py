"""Refuse what the books cannot bear: accounts, debts and reserves below zero, and days that are closed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

import sqlalchemy as sa

from accounts.roles import Role
from accounts.services import staff_by_ids
from core.db import db, execute
from core.errors import Conflict
from rewards import ledger, money
from rewards.ledger import Posting
from rewards.models import LedgerAccount, LedgerEntry, LedgerLeg, LedgerPeriod
from rewards.periods import PeriodState
from rewards.rows import Account

SHARE_ACCOUNTS = frozenset({ledger.PAYABLE, ledger.IN_TRANSIT, ledger.TAX_WITHHELD, ledger.CLAWBACK})
_NOT_OPEN = sa.select(LedgerPeriod.name, LedgerPeriod.state, LedgerPeriod.starts_on).where(
    LedgerPeriod.ends_on >= sa.bindparam("effective_on"), LedgerPeriod.state != PeriodState.OPEN.value
)


class NotEnough(Conflict):
    """An account would end on the wrong side of zero."""


class PeriodClosed(Conflict):
    """The effective day lies in a period that takes no entry, or none of this person."""


def balances_after(posting: Posting, accounts: Mapping[str, Account]) -> dict[str, int]:
    """Return the balances a posting leaves behind; raise NotEnough."""
    moves: defaultdict[str, int] = defaultdict(int)
    for leg in posting.legs:
        moves[leg.account] += leg.amount
    after = {name: accounts[name].balance + moved for name, moved in moves.items()}
    for name, balance in after.items():
        if accounts[name].sign * balance < 0:
            has = money.shown(abs(accounts[name].balance), posting.legs[0].currency)
            raise NotEnough(f"{name} holds {has} {posting.legs[0].currency}, which is not enough.")
        if abs(balance) > money.MAX_MINOR:
            raise NotEnough(f"{name} would hold more than the books can count.")
    return after


def require_owed(posting: Posting, share_ids: Mapping[str, int]) -> None:
    """Refuse to take more from a share than the books hold for it; raise NotEnough."""
    taken: defaultdict[tuple[int, str], int] = defaultdict(int)
    for leg in posting.legs:
        if leg.share is not None and leg.account in SHARE_ACCOUNTS:
            taken[share_ids[leg.share], leg.account] += leg.amount
    for (share_id, account), moved in taken.items():
        sign = ledger.sign_of(account)
        if sign * moved < 0 and sign * (held_for_share(share_id).get(account, 0) + moved) < 0:
            raise NotEnough(f"{account} does not hold that much for this voucher.")


def require_reserved(posting: Posting, reward_id: int | None) -> None:
    """Refuse to take more from a reserve than was set aside for the reward; raise NotEnough."""
    moved = sum(leg.amount for leg in posting.legs if leg.account == ledger.RESERVED)
    if moved > 0 and reward_id is not None and _reserved_for(reward_id) + moved > 0:
        raise NotEnough("More would be taken than was reserved for this reward.")


def held_for_share(share_id: int) -> dict[str, int]:
    """Add the legs of a share up by account, in signed minor units."""
    rows = db.session.execute(
        sa.select(LedgerAccount.name, sa.func.sum(LedgerLeg.amount).label("total"))
        .join(LedgerAccount, LedgerAccount.id == LedgerLeg.account_id)
        .where(LedgerLeg.share_id == share_id)
        .group_by(LedgerAccount.name)
    )
    return {row.name: int(row.total) for row in rows}


def require_open(effective_on: date, *, actor_id: int | None) -> None:
    """Refuse a day in a closed period, and to all but finance one in a period closed softly."""
    for row in execute(_NOT_OPEN, {"effective_on": effective_on}):
        if row.state == PeriodState.CLOSED:
            raise PeriodClosed(f"The books are closed until the end of {row.name}.")
        if row.starts_on <= effective_on and not _is_finance(actor_id):
            raise PeriodClosed(f"Only finance books into {row.name}, which is about to be closed.")


def first_open_day() -> date | None:
    """Return the day after everything that is closed; None where nothing is."""
    last = db.session.scalar(
        sa.select(sa.func.max(LedgerPeriod.ends_on)).where(LedgerPeriod.state == PeriodState.CLOSED)
    )
    return last + timedelta(days=1) if last is not None else None


def _is_finance(actor_id: int | None) -> bool:
    if actor_id is None:
        return False
    member = staff_by_ids({actor_id}).get(actor_id)
    return member is not None and member.role is Role.FINANCE


def _reserved_for(reward_id: int) -> int:
    total = db.session.scalar(
        sa.select(sa.func.sum(LedgerLeg.amount))
        .join(LedgerEntry, LedgerEntry.id == LedgerLeg.entry_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerLeg.account_id)
        .where(LedgerEntry.reward_id == reward_id, LedgerAccount.name == ledger.RESERVED)
    )
    return int(total or 0)
