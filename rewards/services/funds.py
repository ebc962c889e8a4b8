"""Open funds, put money in, and keep the policy that spends it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from core.db import db
from core.errors import Conflict, Invalid, NotFound
from rewards import books, ledger, money, queries
from rewards.chain import digest_of_policy
from rewards.models import Fund, PolicyVersion
from rewards.policy import DEFAULT_POLICY, Policy, PolicyError, load_policy, with_rate

FUND_CODE = re.compile(r"[A-Z][A-Z0-9]{1,11}\Z")
SINCE_EVER = datetime(1970, 1, 1, tzinfo=UTC)
SOURCE = re.compile(r"[A-Z][A-Za-z0-9-]{1,39}\Z")


@dataclass(frozen=True, slots=True)
class FundSummary:
    """A fund as others see it; amounts are minor units and never below zero."""

    id: int
    code: str
    name: str
    currency: str
    available: int


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """The policy that decides now, and the version number it is kept under."""

    version: int
    policy: Policy


def ensure_fund(*, code: str, currency: str, now: datetime, name: str = "") -> FundSummary:
    """Open a fund, or return the one of that code; raise Conflict where it is kept in another currency."""
    if not FUND_CODE.match(code):
        raise Invalid({"fund": ["A fund code is 2 to 12 capital letters and figures."]})
    if currency not in money.EXPONENTS:
        raise Invalid({"currency": [f"{currency} is not an ISO 4217 currency code."]})
    books.lock_head()
    fund = queries.find_fund(code)
    if fund is None:
        fund = Fund(code=code, name=name or code, currency=currency, created_at=now)
        db.session.add(fund)
        db.session.flush()
    elif fund.currency != currency:
        raise Conflict(f"Fund {code} is kept in {fund.currency}.")
    return summary_of_fund(fund)


def require_source(source: str) -> str:
    """Return the name of who pays in or gets back; raise Invalid for one that no account can bear."""
    if not SOURCE.match(source):
        words = "Name the source in one word with a capital letter, for example Treasury."
        raise Invalid({"source": [words]})
    return source


def list_funds() -> tuple[FundSummary, ...]:
    """Return every fund by code."""
    return tuple(summary_of_fund(fund) for fund in db.session.scalars(sa.select(Fund).order_by(Fund.code)))


def policy_in_force(*, now: datetime) -> PolicyInForce:
    """Return the policy that decides now; the very first question stores the product's own as version 1."""
    row = _newest_policy(now) or _first_policy(now)
    return PolicyInForce(row.id, load_policy(row.body))


def policy_of_version(version: int) -> Policy:
    """Return an earlier policy, to recompute what it decided."""
    row = db.session.get(PolicyVersion, version)
    if row is None:
        raise NotFound(f"There is no policy version {version}.")
    return load_policy(row.body)


def set_rate(*, currency: str, rate: str, as_of: date, actor_id: int | None, now: datetime) -> int:
    """Store an exchange rate (fund currency for one unit) as a new policy version; return its number."""
    books.lock_head()
    newest = _newest_policy(now) or _first_policy(now)
    changed = with_rate(newest.body, currency=currency, rate=rate, as_of=as_of)
    try:
        load_policy(changed)
    except PolicyError as error:
        raise Invalid({"rate": list(error.faults)}) from error
    return store_policy(
        changed, note=f"rate of {currency}", actor_id=actor_id, now=now, effective_from=now
    ).id


def summary_of_fund(fund: Fund) -> FundSummary:
    """Describe a fund with what is free to reserve."""
    available = -books.balance(fund.id, ledger.AVAILABLE)
    return FundSummary(fund.id, fund.code, fund.name, fund.currency, available)


def _newest_policy(now: datetime) -> PolicyVersion | None:
    return db.session.scalar(
        sa.select(PolicyVersion)
        .where(PolicyVersion.effective_from <= now)
        # of two that begin at the same moment, the later one was meant
        .order_by(PolicyVersion.effective_from.desc(), PolicyVersion.id.desc())
        .limit(1)
    )


def _first_policy(now: datetime) -> PolicyVersion:
    books.lock_head()
    # In force since ever: a case may be closed as of a day before this installation was set up.
    return _newest_policy(now) or store_policy(
        dict(DEFAULT_POLICY), note="the product's own", actor_id=None, now=now, effective_from=SINCE_EVER
    )


def store_policy(
    body: dict[str, Any], *, note: str, actor_id: int | None, now: datetime, effective_from: datetime
) -> PolicyVersion:
    """Append a version of the policy and say so in the chain."""
    number = (db.session.scalar(sa.select(sa.func.max(PolicyVersion.id))) or 0) + 1
    digest = digest_of_policy(body)
    row = PolicyVersion(
        id=number,
        effective_from=effective_from,
        body=body,
        sha256=digest,
        note=note,
        created_by=actor_id,
        created_at=now,
    )
    db.session.add(row)
    db.session.flush()
    books.note(
        "policy_changed",
        actor_id=actor_id,
        notes={"version": str(number), "sha256": digest, "note": note},
    )
    return row
