"""Write into the books: one lock, one entry, one more link in the chain.

Whoever posts locks the chain's head first. That order alone makes numbers gap-free, limits hold under
concurrency, and deadlocks between writers impossible.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from core.db import db, execute, table_of
from core.deployment import current_deployment
from core.errors import Conflict
from rewards import bounds, chain, guards, ledger, rows
from rewards.bounds import NotEnough as NotEnough
from rewards.ledger import Posting
from rewards.models import Fund, LedgerAccount
from rewards.rows import Account

_NEW_ACCOUNT: Final = sa.insert(table_of(LedgerAccount))


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


def lock_head() -> rows.Head:
    """Wait for our turn and return the newest link with the database's clock; every posting starts here."""
    return rows.locked_head(db.session.connection())


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
    on = db.session.connection()
    head = rows.locked_head(on)
    today = now.astimezone(current_deployment().zone).date()
    effective = effective_on or today
    names = {leg.account for leg in posting.legs}
    found = rows.standing(on, key=idem_key, day=effective, fund_id=fund.id, names=names)
    if found.taken is not None:
        raise Conflict(f"This is in the books already, as {ledger.entry_name(found.taken)}.")
    if effective > today + timedelta(days=1):  # the bank's day may begin before ours
        raise Conflict(f"{effective} has not come yet. Choose today or the day it happened.")
    if found.period_in_doubt:
        bounds.require_open(effective, actor_id=actor_id)
    accounts = found.accounts if len(found.accounts) == len(names) else _opened(fund, names, found.accounts)
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
    rows.write_entry(on, _legs(posting, number, accounts, share_ids or {}), entry)
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
    on = db.session.connection()
    head = rows.locked_head(on)
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
    rows.write_event(
        on,
        {
            "seq": head.seq + 1,
            "kind": kind,
            "reward_id": subject.reward_id,
            "case_id": subject.case_id,
            "recorded_at": recorded_at,
            "actor_id": actor_id,
            "ref": ref,
            "prev_hash": head.hash,
            "hash": chain.chained(head.hash, record),
        },
    )
    return head.seq + 1


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


def _opened(fund: Fund, names: set[str], standing: Mapping[str, Account]) -> dict[str, Account]:
    """Open the accounts that the fund does not have yet."""
    found = dict(standing)
    for name in sorted(names - set(standing)):
        sign = ledger.sign_of(name)
        values = {"fund_id": fund.id, "name": name, "currency": fund.currency, "sign": sign, "balance": 0}
        made = execute(_NEW_ACCOUNT, values).inserted_primary_key
        assert made is not None, "one row was inserted"
        found[name] = Account(made[0], sign, 0)
    return found


def _legs(
    posting: Posting, entry_id: int, accounts: Mapping[str, Account], share_ids: Mapping[str, int]
) -> list[tuple[object, ...]]:
    return [
        (
            entry_id,
            line,
            accounts[leg.account].id,
            leg.currency,
            leg.amount,
            share_ids[leg.share] if leg.share else None,
        )
        for line, leg in enumerate(posting.legs, start=1)
    ]
