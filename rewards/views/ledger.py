"""The books on screen: browser with running balances, entries, trial balance, position, exports."""

from __future__ import annotations

import secrets
from datetime import datetime

from flask import Blueprint, Response, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from accounts.permissions import current_user, requires
from accounts.roles import Role
from accounts.services import staff_by_ids
from core.clock import utcnow
from core.db import transaction
from core.deployment import current_deployment
from core.errors import Conflict, Invalid
from core.web import PAGE_SIZE, Page, page_number, render
from rewards import exporting, money, reports, services, statements, words
from rewards.forms import form, query
from rewards.schemas import BalanceArgs, DepositSchema, LedgerArgs
from rewards.statements import LedgerFilter

READERS = (Role.FINANCE, Role.DIRECTOR, Role.AUDITOR)
KINDS_OF_FILE = {
    "hledger": ("text/plain", "journal"),
    "beancount": ("text/plain", "beancount"),
    "csv": ("text/csv", "csv"),
    "jsonl": ("application/x-ndjson", "jsonl"),
}

blueprint = Blueprint("ledger", __name__)


@blueprint.get("/rewards/ledger")
@requires(*READERS)
def ledger_browser() -> Response:
    """Browse movements, newest first."""
    wanted = LedgerFilter(**query(LedgerArgs()))
    page = Page(page_number(), PAGE_SIZE, statements.count_lines(wanted))
    return render(
        "rewards/ledger.html",
        "rewards/_ledger.html",
        wanted=wanted,
        pager=page,
        lines=statements.ledger_lines(wanted, limit=page.size, offset=page.offset),
        account_options=[(name, name) for name in statements.account_names()],
        fund_options=[(fund.code, fund.name) for fund in services.list_funds()],
        head=reports.chain_head(),
        words=words,
        formats=exporting.FORMATS,
        running=bool(wanted.account and not wanted.reward),
    )


@blueprint.get("/rewards/ledger/<name>")
@requires(*READERS)
def entry(name: str) -> Response:
    """Show one entry with everything the chain binds."""
    found = statements.entry_page(name)
    people = staff_by_ids({found.actor_id} if found.actor_id else set())
    actor = people[found.actor_id].name if found.actor_id in people else "the system"
    return render("rewards/entry.html", entry=found, actor=actor, words=words)


@blueprint.get("/rewards/ledger/trial-balance")
@requires(*READERS)
def trial_balance() -> Response:
    """Show the trial balance as of a day."""
    as_of = query(BalanceArgs())["as_of"]
    return render(
        "rewards/trial_balance.html",
        balances=reports.trial_balances(as_of=as_of),
        as_of=as_of,
        head=reports.chain_head(),
        words=words,
        now=utcnow(),
    )


@blueprint.get("/rewards/ledger/export")
@requires(*READERS)
def export() -> Response:
    """Download the whole ledger."""
    wanted = query(BalanceArgs())
    kind, ending = KINDS_OF_FILE[wanted["format"]]
    text = exporting.export(form=wanted["format"], as_of=wanted["as_of"])
    response = Response(text, mimetype=kind)
    name = f"ledger-{_local(utcnow()):%Y-%m-%d}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.get("/rewards/funds")
@requires(*READERS)
def funds() -> Response:
    """Show where every fund stands."""
    return _funds_page()


@blueprint.post("/rewards/funds")
@requires(Role.FINANCE)
def deposit() -> BaseResponse:
    """Book money that has arrived at the bank."""
    try:
        values = form(DepositSchema())
        _deposit(values)
    except Invalid as error:
        return _funds_page(errors=error.errors, status=error.status)
    except Conflict as error:
        return _funds_page(errors={"amount": [error.detail]}, status=error.status)
    return redirect(url_for(".funds"), 303)


def _deposit(values: dict[str, str]) -> None:
    currencies = {fund.code: fund.currency for fund in services.list_funds()}
    if values["fund"] not in currencies:
        raise Invalid({"fund": ["Choose a fund from the list."]})
    try:
        amount = money.parse_minor(values["amount"], currencies[values["fund"]])
    except money.MoneyError as error:
        raise Invalid({"amount": [str(error)]}) from error
    with transaction():
        services.deposit(
            fund=values["fund"],
            amount_minor=amount,
            source=values["source"],
            reference=values["reference"],
            key=values["key"],
            actor_id=current_user().id,
            now=utcnow(),
        )


def _funds_page(*, errors: dict[str, list[str]] | None = None, status: int = 200) -> Response:
    today = _local(utcnow()).date()
    positions = reports.positions(today=today)
    return render(
        "rewards/funds.html",
        status=status,
        positions=positions,
        fund_options=[(row.fund, row.name) for row in positions],
        errors=errors or {},
        key=secrets.token_urlsafe(18),
        may_deposit=current_user().role is Role.FINANCE,
        head=reports.chain_head(),
        words=words,
    )


def _local(moment: datetime) -> datetime:
    return moment.astimezone(current_deployment().zone)
