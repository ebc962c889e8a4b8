"""Write into the books: one lock, one entry, one more link in the chain.

Whoever posts locks the chain's head first. That order alone makes numbers gap-free, limits hold under
concurrency, and deadlocks between writers impossible.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.db import UtcDateTime, db, execute, table_of
from core.deployment import current_deployment
from core.errors import Conflict
from rewards import bounds, chain, guards, ledger
from rewards.bounds import NotEnough as NotEnough
from rewards.ledger import Posting
from rewards.models import ONLY, Fund, LedgerAccount, LedgerEntry, LedgerHead, LedgerLeg, RewardEvent

# The application's clock may be wrong or set back; what was recorded when is told by the database's own.
CLOCKS = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'",
    "postgresql": "clock_timestamp()",
}

# built once, for every posting runs them
_NEW_LEG = sa.insert(table_of(LedgerLeg))
_NEW_ENTRY = sa.insert(table_of(LedgerEntry))
_TAKEN = sa.select(LedgerEntry.id).where(LedgerEntry.idem_key == sa.bindparam("idem_key"))
_ACCOUNTS = sa.select(LedgerAccount.id, LedgerAccount.name, LedgerAccount.sign, LedgerAccount.balance).where(
    LedgerAccount.fund_id == sa.bindparam("fund_id"),
    LedgerAccount.name.in_(sa.bindparam("names", expanding=True)),
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What an entry or event is about; the names go into the chained reference, the ids into columns."""

    reward_id: int | None = None
    reward: str = ""
    case_id: int | None = None
    case: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """What was written: the entry's number and name, its link, and the balances it leaves behind."""

    entry_id: int
    name: str
    seq: int
    hash: str
    balances: Mapping[str, int]


NOTHING = Subject()


def lock_head() -> sa.Row[Any]:
    """Wait for our turn and return the newest link with the database's clock; every posting starts here."""
    return execute(_locked_head(CLOCKS[db.engine.dialect.name])).one()


@functools.cache
def _locked_head(clock: str) -> sa.Select[Any]:
    statement = sa.select(
        LedgerHead.ledger,
        LedgerHead.seq,
        LedgerHead.entries,
        LedgerHead.hash,
        LedgerHead.recorded_at,
        sa.type_coerce(sa.literal_column(clock), UtcDateTime).label("clock"),
    )
    return statement.where(LedgerHead.id == ONLY).with_for_update()


def post(
    posting: Posting,
    *,
    fund: Fund,
    idem_key: str,
    actor_id: int | None,
    now: datetime,
    subject: Subject = NOTHING,
    share_ids: Mapping[str, int] | None = None,
    notes: Mapping[str, str] | None = None,
    effective_on: date | None = None,
    reverses_id: int | None = None,
) -> Posted:
    """Book a posting in a fund.

    `idem_key` names the business event (reserve:R-7Q2M) and is taken once. `now` gives the effective day where
    none is given. Raise NotEnough where an account, a share's debt or a reward's reserve would cross zero,
    and Conflict where the event is in the books already or its day lies in a closed period.
    """
    ledger.require_sound(posting)
    guards.require_intact()
    db.session.flush()
    head = lock_head()
    _refuse_second(idem_key)
    today = now.astimezone(current_deployment().zone).date()
    effective = effective_on or today
    if effective > today + timedelta(days=1):  # the bank's day may begin before ours
        raise Conflict(f"{effective} has not come yet. Choose today or the day it happened.")
    bounds.require_open(effective, actor_id=actor_id)
    accounts = _accounts(fund, posting)
    balances = bounds.balances_after(posting, accounts)
    bounds.require_owed(posting, share_ids or {})
    bounds.require_reserved(posting, subject.reward_id)
    number, recorded_at = head.entries + 1, _not_before(head.recorded_at, head.clock)
    ref = {"fund": fund.code, **_named(subject), **{k: v for k, v in (notes or {}).items() if v}}
    if reverses_id is not None:
        ref["reverses"] = ledger.entry_name(reverses_id)
    record = chain.entry_record(
        ledger=head.ledger,
        seq=head.seq + 1,
        name=ledger.entry_name(number),
        candidate=posting,
        effective_on=effective,
        recorded_at=recorded_at,
        actor=actor_name(actor_id),
        idem=idem_key,
        ref=ref,
    )
    digest = chain.chained(head.hash, record)
    execute(_NEW_LEG, _legs(posting, number, accounts, share_ids or {}))
    entry = {
        "id": number,
        "seq": head.seq + 1,
        "kind": posting.kind,
        "fund_id": fund.id,
        "reward_id": subject.reward_id,
        "case_id": subject.case_id,
        "effective_on": effective,
        "recorded_at": recorded_at,
        "actor_id": actor_id,
        "idem_key": idem_key,
        "reverses_id": reverses_id,
        "ref": ref,
        "prev_hash": head.hash,
        "hash": digest,
    }
    execute(_NEW_ENTRY, entry)
    return Posted(number, ledger.entry_name(number), head.seq + 1, digest.hex(), balances)


def note(
    kind: str,
    *,
    actor_id: int | None,
    subject: Subject = NOTHING,
    notes: Mapping[str, str] | None = None,
) -> int:
    """Chain an event without money; return its sequence number."""
    guards.require_intact()
    db.session.flush()
    head = lock_head()
    recorded_at = _not_before(head.recorded_at, head.clock)
    ref = {**_named(subject), **{name: value for name, value in (notes or {}).items() if value}}
    record = chain.event_record(
        ledger=head.ledger,
        seq=head.seq + 1,
        kind=kind,
        recorded_at=recorded_at,
        actor=actor_name(actor_id),
        ref=ref,
    )
    db.session.execute(
        sa.insert(RewardEvent).values(
            seq=head.seq + 1,
            kind=kind,
            reward_id=subject.reward_id,
            case_id=subject.case_id,
            recorded_at=recorded_at,
            actor_id=actor_id,
            ref=ref,
            prev_hash=head.hash,
            hash=chain.chained(head.hash, record),
        )
    )
    return int(head.seq) + 1


def balance(fund_id: int, account: str) -> int:
    """Return an account's balance in minor units; 0 for one not opened yet."""
    found = db.session.scalar(
        sa.select(LedgerAccount.balance).where(
            LedgerAccount.fund_id == fund_id, LedgerAccount.name == account
        )
    )
    return found or 0


def actor_name(actor_id: int | None) -> str:
    """Name an actor in the chain; a job of the machine is `system`."""
    return f"u:{actor_id}" if actor_id is not None else "system"


def _named(subject: Subject) -> dict[str, str]:
    named = {"case": subject.case, "reward": subject.reward}
    return {name: value for name, value in named.items() if value}


def _not_before(last: datetime | None, clock: datetime) -> datetime:
    # A clock that was set back must not put a later link before an earlier one.
    return clock if last is None or clock > last else last


def _refuse_second(idem_key: str) -> None:
    taken = execute(_TAKEN, {"idem_key": idem_key}).scalar_one_or_none()
    if taken is not None:
        raise Conflict(f"This is in the books already, as {ledger.entry_name(taken)}.")


def _accounts(fund: Fund, posting: Posting) -> dict[str, sa.Row[Any]]:
    names = {leg.account for leg in posting.legs}
    found = _accounts_named(fund, names)
    for name in sorted(names - set(found)):
        values = {
            "fund_id": fund.id,
            "name": name,
            "currency": fund.currency,
            "sign": ledger.sign_of(name),
            "balance": 0,
        }
        db.session.execute(sa.insert(LedgerAccount).values(values))
    return found if len(found) == len(names) else _accounts_named(fund, names)


def _accounts_named(fund: Fund, names: set[str]) -> dict[str, sa.Row[Any]]:
    rows = execute(_ACCOUNTS, {"fund_id": fund.id, "names": sorted(names)})
    return {row.name: row for row in rows}


def _legs(
    posting: Posting, entry_id: int, accounts: Mapping[str, sa.Row[Any]], share_ids: Mapping[str, int]
) -> list[dict[str, Any]]:
    return [
        {
            "entry_id": entry_id,
            "line_no": line,
            "account_id": accounts[leg.account].id,
            "currency": leg.currency,
            "amount": leg.amount,
            "share_id": share_ids[leg.share] if leg.share else None,
        }
        for line, leg in enumerate(posting.legs, start=1)
    ]
