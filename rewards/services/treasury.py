"""Money that comes to the bank or leaves it without a reward: paid in, given back, taken as a fee, remitted as tax."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import NotRequired, TypedDict, Unpack

from core import audit
from core.errors import Invalid
from rewards import books, ledger, money, queries
from rewards.ledger import Posting
from rewards.models import Fund
from rewards.repeats import MoneyResult, once
from rewards.services.funds import require_source


class Seen(TypedDict):
    """The statement line a movement was seen on, who books it under which key, and when it belongs."""

    fund: str
    reference: str
    actor_id: int | None
    key: str
    now: datetime
    effective_on: NotRequired[date | None]


def deposit(*, amount_minor: int, source: str, bank: str = ledger.BANK, **seen: Unpack[Seen]) -> MoneyResult:
    """Book money that has arrived at the bank: cash and budget grow by the same amount.

    `source` names the payer as one word (Treasury), `reference` the statement line it was seen on.
    """
    asked = {"amount": str(amount_minor), "source": source, "bank": bank}
    return _book(
        "deposit",
        lambda found: ledger.fund(amount_minor, found.currency, source=require_source(source), bank=bank),
        asked,
        **seen,
    )


def defund(*, amount_minor: int, source: str, bank: str = ledger.BANK, **seen: Unpack[Seen]) -> MoneyResult:
    """Give free money back to a source that paid it in; raise NotEnough beyond what is free or came from it."""
    asked = {"amount": str(amount_minor), "source": source, "bank": bank}
    return _book(
        "defund",
        lambda found: ledger.defund(amount_minor, found.currency, source=require_source(source), bank=bank),
        asked,
        **seen,
    )


def fee(*, amount_minor: int, bank: str = ledger.BANK, **seen: Unpack[Seen]) -> MoneyResult:
    """Book a fee the bank took, seen on the statement line `reference`; raise NotEnough where nothing is free."""
    asked = {"amount": str(amount_minor), "bank": bank}
    return _book("fee", lambda found: ledger.fee(amount_minor, found.currency, bank=bank), asked, **seen)


def remit(*, amount_minor: int, bank: str = ledger.BANK, **seen: Unpack[Seen]) -> MoneyResult:
    """Pay withheld tax to the tax office; raise NotEnough beyond what was withheld."""
    asked = {"amount": str(amount_minor), "bank": bank}
    return _book("remit", lambda found: ledger.remit(amount_minor, found.currency, bank=bank), asked, **seen)


def _book(
    name: str,
    template: Callable[[Fund], Posting],
    asked: Mapping[str, str],
    *,
    fund: str,
    reference: str,
    actor_id: int | None,
    key: str,
    now: datetime,
    effective_on: date | None = None,
) -> MoneyResult:
    found = queries.fund_by_code(fund)
    reference = " ".join(reference.split())[:80]
    if not reference:
        raise Invalid({"reference": ["Enter the reference of the statement line."]})
    try:
        posting = template(found)
    except money.MoneyError as error:
        raise Invalid({"amount": [str(error)]}) from error
    except ledger.LedgerError as error:
        raise Invalid({"bank": [str(error)]}) from error

    def act() -> MoneyResult:
        posted = books.post(
            posting,
            fund=found,
            idem_key=f"{posting.kind}:{hashlib.sha256(key.encode()).hexdigest()[:32]}",
            actor_id=actor_id,
            now=now,
            notes={"stmt": reference},
            effective_on=effective_on,
        )
        detail = {"amount": asked["amount"], "currency": found.currency, "entry": posted.name}
        audit.record(
            action=f"fund.{name}", subject=("fund", found.code), actor_id=actor_id, detail=detail, at=now
        )
        return MoneyResult(
            "posted", entry=posted.name, entry_id=posted.entry_id, seq=posted.seq, balances=posted.balances
        )

    day = effective_on.isoformat() if effective_on else ""
    request = {"fund": fund, "day": day, "reference": reference, **asked}
    return once(key=key, scope=name, actor_id=actor_id, asked=request, now=now, act=act)
