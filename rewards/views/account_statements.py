"""Statements on screen and on paper: a fund between two days, and one case."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response

from accounts.permissions import requires
from accounts.roles import Role
from core.clock import utcnow
from core.deployment import current_deployment
from core.web import render
from rewards import account_statements, asof, money, reports, services, statements, words
from rewards.asof import Known
from rewards.forms import query
from rewards.periods import month_of
from rewards.schemas import BalanceArgs, LedgerArgs, StatementArgs
from rewards.statements import LedgerFilter
from rewards.views.tables import csv_response

READERS = (Role.FINANCE, Role.DIRECTOR, Role.AUDITOR)
MOST_ROWS = 100_000

blueprint = Blueprint("account_statements", __name__)


@blueprint.get("/rewards/funds/<code>/statement")
@requires(*READERS)
def fund_statement(code: str) -> Response:
    """Show what a fund's cash did between two days; this month where none are given."""
    found = _fund_statement(code)
    return render(
        "rewards/fund_statement.html", found=found, head=reports.chain_head(), words=words, now=utcnow()
    )


@blueprint.get("/rewards/funds/<code>/statement.csv")
@requires(*READERS)
def fund_statement_csv(code: str) -> Response:
    """Download the cash movements of a fund."""
    found = _fund_statement(code)
    headings = ("entry", "day", "event", "account", "voucher", "reference", "amount", "balance", "currency")
    rows = [
        (
            line.entry, line.effective_on.isoformat(), line.kind, line.account, line.voucher, line.reference,
            money.plain(line.amount, found.currency), money.plain(line.running, found.currency), found.currency,
        )
        for line in found.lines
    ]  # fmt: skip
    return csv_response(f"{code}-{found.starts_on}-{found.ends_on}", headings, rows)


@blueprint.get("/rewards/funds/<code>/events.csv")
@requires(*READERS)
def fund_events_csv(code: str) -> Response:
    """Download the cash of a fund by kind of event."""
    found = _fund_statement(code)
    rows = [
        ("opening", "", money.plain(found.opening, found.currency), found.currency),
        *((kind, times, money.plain(amount, found.currency), found.currency) for kind, times, amount in found.by_kind),
        ("closing", "", money.plain(found.closing, found.currency), found.currency),
    ]  # fmt: skip
    return csv_response(f"{code}-events", ("event", "times", "amount", "currency"), rows)


@blueprint.get("/rewards/funds/<code>/accounts.csv")
@requires(*READERS)
def fund_accounts_csv(code: str) -> Response:
    """Download every account of a fund at both ends of a statement."""
    found = _fund_statement(code)
    rows = [
        (account, *(money.plain(amount, found.currency) for amount in (opening, closing - opening, closing)),
         found.currency)
        for account, opening, closing in found.accounts
    ]  # fmt: skip
    return csv_response(f"{code}-accounts", ("account", "beginning", "moved", "end", "currency"), rows)


@blueprint.get("/rewards/case-statements/<number>")
@requires(*READERS)
def case_statement(number: str) -> Response:
    """Show everything booked for the rewards of a case."""
    found = account_statements.case_statement(number)
    return render(
        "rewards/case_statement.html", found=found, head=reports.chain_head(), words=words, now=utcnow()
    )


@blueprint.get("/rewards/case-statements/<number>.csv")
@requires(*READERS)
def case_statement_csv(number: str) -> Response:
    """Download everything booked for the rewards of a case."""
    found = account_statements.case_statement(number)
    headings = ("entry", "day", "event", "account", "voucher", "amount", "currency")
    rows = [
        (
            line.entry, line.effective_on.isoformat(), line.kind, line.account, line.voucher,
            money.plain(line.amount, line.currency), line.currency,
        )
        for line in found.lines
    ]  # fmt: skip
    return csv_response(number, headings, rows)


@blueprint.get("/rewards/ledger.csv")
@requires(*READERS)
def ledger_csv() -> Response:
    """Download the movements that the ledger browser shows."""
    asked = query(LedgerArgs())
    wanted = LedgerFilter(asked["fund"], asked["account"], asked["reward"], _limits(asked))
    headings = ("entry", "day", "event", "account", "reward", "voucher", "amount", "currency", "balance")
    rows = [
        (
            line.entry, line.effective_on.isoformat(), line.kind, line.account, line.reward or "", line.share or "",
            money.plain(line.amount, line.currency), line.currency,
            money.plain(line.running, line.currency) if line.running is not None else "",
        )
        for line in statements.ledger_lines(wanted, limit=MOST_ROWS, offset=0)
    ]  # fmt: skip
    return csv_response("movements", headings, rows)


@blueprint.get("/rewards/ledger/trial-balance.csv")
@requires(*READERS)
def trial_balance_csv() -> Response:
    """Download the trial balance."""
    headings = ("fund", "account", "debit", "credit", "currency")
    rows = [
        (
            balance.fund, line.account, money.plain(line.debit, balance.currency),
            money.plain(line.credit, balance.currency), balance.currency,
        )
        for balance in reports.trial_balances(_limits(query(BalanceArgs())))
        for line in balance.lines
    ]  # fmt: skip
    return csv_response("trial-balance", headings, rows)


@blueprint.get("/rewards/periods.csv")
@requires(*READERS)
def periods_csv() -> Response:
    """Download the list of months."""
    headings = ("month", "state", "entries", "closed", "link", "hash")
    rows = [
        (line.name, line.state.value, line.entries, line.closed_at.isoformat() if line.closed_at else "",
         line.seq if line.seq is not None else "", line.head)
        for line in services.list_periods(now=utcnow())
    ]  # fmt: skip
    return csv_response("periods", headings, rows)


def _fund_statement(code: str) -> account_statements.FundStatement:
    asked = query(StatementArgs())
    month = month_of(_today())
    return account_statements.fund_statement(
        fund=code,
        starts_on=asked["starts_on"] or month.starts_on,
        ends_on=asked["ends_on"] or month.ends_on,
        seq=asked["seq"],
    )


def _limits(asked: dict[str, Any]) -> Known:
    return asof.known(as_of=asked["as_of"], seq=asked["seq"], known_at=asked["known_at"])


def _today() -> date:
    return utcnow().astimezone(current_deployment().zone).date()
