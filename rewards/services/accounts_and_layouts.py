"""Keep the accounts that money goes through and the layouts of their files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from accounts.services import StaffMember
from core import audit
from core.db import db
from core.errors import Conflict, Invalid, NotAllowed
from rewards import books, ledger, payout_csv, payout_queries
from rewards.bank_files import columns
from rewards.bank_files.parsed import FileFault
from rewards.payout_file import PLAIN_TEXT, PayoutFault
from rewards.payout_kinds import AccountKind, Purpose
from rewards.payout_models import BankAccount, FileProfile
from rewards.queries import fund_by_code
from rewards.states import MONEY_ROLES

CODE = re.compile(r"[A-Z][A-Z0-9]{1,11}\Z")
BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\Z")
TEXTS = {"name": 80, "holder": 70, "pool_name": 70, "number": 34, "pool_number": 34}


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """What a person enters about an account; `payout_layout` names a saved layout, "" for the usual columns."""

    code: str
    name: str
    kind: str
    fund: str
    number: str
    holder: str
    bic: str = ""
    pool_name: str = "Voucher pool"
    pool_number: str = ""
    where_words: str = ""
    payout_layout: str = ""


def add_account(*, details: AccountDetails, actor: StaffMember, now: datetime) -> str:
    """Enter an account; nothing is paid from it until somebody else has confirmed its numbers."""
    _require_money_role(actor)
    fund = fund_by_code(details.fund)
    _require_sound(details)
    books.lock_head()
    if db.session.scalar(sa.select(BankAccount.id).where(BankAccount.code == details.code)):
        raise Invalid({"code": [f"There is an account {details.code} already. Choose another short name."]})
    number = "".join(details.number.split())
    twin = sa.select(BankAccount.code).where(
        sa.func.upper(BankAccount.number) == number.upper(), BankAccount.currency == fund.currency
    )
    if (code := db.session.scalar(twin)) is not None:
        raise Invalid({"number": [f"That is account {code}. Kept twice, its statements would count twice."]})
    layout = (
        payout_queries.profile_named(details.payout_layout, Purpose.PAYOUT) if details.payout_layout else None
    )
    row = BankAccount(
        code=details.code,
        name=details.name,
        kind=details.kind,
        fund_id=fund.id,
        currency=fund.currency,
        number=number,
        bic=details.bic,
        holder=details.holder,
        pool_name=details.pool_name,
        pool_number="".join(details.pool_number.split()) or details.code,
        ledger_name=_ledger_name(details, fund.id),
        where_words=details.where_words,
        payout_profile_id=layout.id if layout else None,
        made_by=actor.id,
        made_person=actor.person_id,
        made_at=now,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(action="account.added", subject=("account", row.code), actor_id=actor.id, at=now)
    return row.code


def confirm_account(*, code: str, actor: StaffMember, now: datetime) -> None:
    """Confirm that an account's numbers are right; raise NotAllowed for whoever entered them."""
    _require_money_role(actor)
    books.lock_head()
    account = payout_queries.account_by_code(code)
    if account.confirmed_at is not None:
        raise Conflict(f"Account {code} is confirmed already.")
    if account.made_person == actor.person_id:
        raise NotAllowed("You entered this account, so somebody else confirms it.")
    account.confirmed_by, account.confirmed_person, account.confirmed_at = actor.id, actor.person_id, now
    db.session.flush()
    audit.record(action="account.confirmed", subject=("account", code), actor_id=actor.id, at=now)


def save_layout(
    *, name: str, purpose: str, body: Mapping[str, Any], actor: StaffMember | None, now: datetime
) -> str:
    """Keep a column layout under a name; the same name replaces a statement layout, for files change."""
    if actor is not None:
        _require_money_role(actor)
    name = " ".join(name.split())[:60]
    if not name:
        raise Invalid({"name": ["Give the layout a name, such as the bank's."]})
    dumped = _dumped(purpose, body)
    books.lock_head()
    row = db.session.scalar(sa.select(FileProfile).where(FileProfile.name == name))
    if row is not None and (row.purpose != purpose or purpose == Purpose.PAYOUT):
        raise Invalid({"name": [f"There is a layout named {name} already. Choose another name."]})
    if row is None:
        row = FileProfile(
            name=name, purpose=purpose, body=dumped, made_by=actor.id if actor else None, made_at=now
        )
        db.session.add(row)
    row.body, row.made_at = dumped, now
    db.session.flush()
    actor_id = actor.id if actor else None
    audit.record(action="layout.saved", subject=("layout", name), actor_id=actor_id, at=now)
    return name


def _dumped(purpose: str, body: Mapping[str, Any]) -> dict[str, Any]:
    try:
        if purpose == Purpose.PAYOUT:
            return payout_csv.dump_layout(payout_csv.load_layout(body))
        return columns.dump_layout(columns.load_layout(body))
    except (FileFault, PayoutFault) as fault:
        raise Invalid({"layout": [str(fault)]}) from fault


def _ledger_name(details: AccountDetails, fund_id: int) -> str:
    taken = sa.select(BankAccount.id).where(
        BankAccount.fund_id == fund_id, BankAccount.ledger_name == ledger.BANK
    )
    if details.kind == AccountKind.BANK:
        # the first bank account of a fund is where its money has been all along
        first = db.session.scalar(taken) is None
        return ledger.BANK if first else f"Assets:Bank:{details.code.title()}"
    return f"Assets:MobileMoney:{details.code.title()}"


def _require_sound(details: AccountDetails) -> None:
    errors: dict[str, list[str]] = {}
    if not CODE.match(details.code):
        errors["code"] = ["A short name is 2 to 12 capital letters and figures."]
    if details.kind not in set(AccountKind):
        errors["kind"] = ["Choose a bank, a mobile-money operator or an agent."]
    if details.bic and not BIC.match(details.bic):
        errors["bic"] = ["A BIC has 8 or 11 letters and figures."]
    for name, longest in TEXTS.items():
        value = getattr(details, name)
        if name == "pool_number" and not value:
            continue
        fits = bool(value.strip()) if name == "name" else PLAIN_TEXT.match(value)
        if not fits or len(value) > longest:
            errors[name] = [f"Write up to {longest} plain Latin letters and figures, as banks require."]
    if details.kind == AccountKind.BANK and not details.pool_number:
        errors["pool_number"] = ["Enter the account that the bank pays vouchers from."]
    if len(details.where_words) > 300:
        errors["where_words"] = ["Write at most 300 letters."]
    if errors:
        raise Invalid(errors)


def _require_money_role(actor: StaffMember) -> None:
    if actor.role.value not in MONEY_ROLES:
        raise NotAllowed("Only finance and the director decide about money.")
