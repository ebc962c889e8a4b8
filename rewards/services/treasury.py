"""Money that leaves the bank without a reward: given back, taken as a fee, remitted as tax."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime

from core import audit
from core.errors import Invalid
from rewards import books, ledger, money, queries
from rewards.ledger import Posting
from rewards.models import Fund
from rewards.repeats import MoneyResult, once
from rewards.services.funds import SOURCE


def defund(
    *,
    fund: str,
    amount_minor: int,
    source: str,
    reference: str,
    actor_id: int | None,
    key: str,
    now: datetime,
    effective_on: date | None = None,
    bank: str = ledger.BANK,
) -> MoneyResult:
    """Give free money back to a source that paid it in; raise NotEnough beyond what is free or came from it."""
    if not SOURCE.match(source):
        raise Invalid({"source": ["Name the source as it was named when the money came."]})
    return _book(
        "defund",
        lambda found: ledger.defund(amount_minor, found.currency, source=source, bank=bank),
        fund=fund,
        asked={"amount": str(amount_minor), "source": source, "reference": reference, "bank": bank},
        reference=reference,
        actor_id=actor_id,
        key=key,
        now=now,
        effective_on=effective_on,
    )


def fee(
    *,
    fund: str,
    amount_minor: int,
    reference: str,
    actor_id: int | None,
    key: str,
    now: datetime,
    effective_on: date | None = None,
    bank: str = ledger.BANK,
) -> MoneyResult:
    """Book a fee the bank took, seen on the statement line `reference`; raise NotEnough where nothing is free."""
    return _book(
        "fee",
        lambda found: ledger.fee(amount_minor, found.currency, bank=bank),
        fund=fund,
        asked={"amount": str(amount_minor), "reference": reference, "bank": bank},
        reference=reference,
        actor_id=actor_id,
        key=key,
        now=now,
        effective_on=effective_on,
    )


def remit(
    *,
    fund: str,
    amount_minor: int,
    reference: str,
    actor_id: int | None,
    key: str,
    now: datetime,
    effective_on: date | None = None,
    bank: str = ledger.BANK,
) -> MoneyResult:
    """Pay withheld tax to the tax office; raise NotEnough beyond what was withheld."""
    return _book(
        "remit",
        lambda found: ledger.remit(amount_minor, found.currency, bank=bank),
        fund=fund,
        asked={"amount": str(amount_minor), "reference": reference, "bank": bank},
        reference=reference,
        actor_id=actor_id,
        key=key,
        now=now,
        effective_on=effective_on,
    )


def _book(
    kind: str,
    template: Callable[[Fund], Posting],
    *,
    fund: str,
    asked: Mapping[str, str],
    reference: str,
    actor_id: int | None,
    key: str,
    now: datetime,
    effective_on: date | None,
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
            idem_key=f"{kind}:{hashlib.sha256(key.encode()).hexdigest()[:32]}",
            actor_id=actor_id,
            now=now,
            notes={"stmt": reference},
            effective_on=effective_on,
        )
        detail = {"amount": asked["amount"], "currency": found.currency, "entry": posted.name}
        audit.record(
            action=f"fund.{kind}", subject=("fund", found.code), actor_id=actor_id, detail=detail, at=now
        )
        return MoneyResult(
            "posted", entry=posted.name, entry_id=posted.entry_id, seq=posted.seq, balances=posted.balances
        )

    day = effective_on.isoformat() if effective_on else ""
    request = {"fund": fund, "day": day, **asked}
    return once(key=key, scope=kind, actor_id=actor_id, asked=request, now=now, act=act)
