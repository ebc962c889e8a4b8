"""The books on screen: browser with running balances, entries, trial balance, position, exports."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

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
from rewards import asof, exporting, money, reports, services, statements, words
from rewards.asof import Known
from rewards.forms import form, query
from rewards.schemas import BalanceArgs, LedgerArgs, ReverseSchema, TreasurySchema
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
    asked = query(LedgerArgs())
    limits = _limits(asked)
    wanted = LedgerFilter(asked["fund"], asked["account"], asked["reward"], limits)
    page = Page(page_number(), PAGE_SIZE, statements.count_lines(wanted))
    return render(
        "rewards/ledger.html",
        "rewards/_ledger.html",
        wanted=wanted,
        pager=page,
        lines=statements.ledger_lines(wanted, limit=page.size, offset=page.offset),
        account_options=[(name, name) for name in statements.account_names()],
        fund_options=[(fund.code, fund.name) for fund in services.list_funds()],
        limits=limits,
        limits_query=_limits_query(limits),
        head=reports.chain_head(limits.seq),
        words=words,
        formats=exporting.FORMATS,
        running=bool(wanted.account and not wanted.reward),
    )


@blueprint.get("/rewards/ledger/<name>")
@requires(*READERS)
def entry(name: str) -> Response:
    """Show one entry with everything the chain binds."""
    return _entry_page(name)


@blueprint.post("/rewards/ledger/<name>/reverse")
@requires(Role.FINANCE, Role.DIRECTOR)
def reverse(name: str) -> BaseResponse:
    """Undo an entry by its mirror."""
    try:
        values = form(ReverseSchema())
        with transaction():
            result = services.reverse(entry=name, actor=current_user(), now=utcnow(), **values)
    except Invalid as error:
        return _entry_page(name, errors=error.errors, status=error.status)
    except Conflict as error:
        return _entry_page(name, errors={"reason": [error.detail]}, status=error.status)
    return redirect(url_for(".entry", name=result.entry), 303)


def _entry_page(name: str, *, errors: dict[str, list[str]] | None = None, status: int = 200) -> Response:
    found = statements.entry_page(name)
    people = staff_by_ids({found.actor_id} if found.actor_id else set())
    actor = people[found.actor_id].name if found.actor_id in people else "the system"
    may = current_user().role in (Role.FINANCE, Role.DIRECTOR)
    return render(
        "rewards/entry.html",
        status=status,
        entry=found,
        actor=actor,
        words=words,
        reversible=may and found.reversed_by is None and services.can_reverse(found.kind),
        errors=errors or {},
        key=secrets.token_urlsafe(18),
        today=_local(utcnow()).date(),
    )


@blueprint.get("/rewards/ledger/trial-balance")
@requires(*READERS)
def trial_balance() -> Response:
    """Show the trial balance as of a day."""
    limits = _limits(query(BalanceArgs()))
    return render(
        "rewards/trial_balance.html",
        balances=reports.trial_balances(limits),
        limits=limits,
        limits_query=_limits_query(limits),
        head=reports.chain_head(limits.seq),
        words=words,
        now=utcnow(),
    )


@blueprint.get("/rewards/ledger/export")
@requires(*READERS)
def export() -> Response:
    """Download the whole ledger."""
    wanted = query(BalanceArgs())
    kind, ending = KINDS_OF_FILE[wanted["format"]]
    text = exporting.export(form=wanted["format"], limits=_limits(wanted))
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
def treasury() -> BaseResponse:
    """Book money that arrived, was given back, taken as a fee or remitted as tax."""
    try:
        _book(form(TreasurySchema()))
    except Invalid as error:
        return _funds_page(errors=error.errors, status=error.status)
    except Conflict as error:
        return _funds_page(errors={"amount": [error.detail]}, status=error.status)
    return redirect(url_for(".funds"), 303)


def _book(values: dict[str, Any]) -> None:
    currencies = {fund.code: fund.currency for fund in services.list_funds()}
    if values["fund"] not in currencies:
        raise Invalid({"fund": ["Choose a fund from the list."]})
    try:
        amount = money.parse_minor(values["amount"], currencies[values["fund"]])
    except money.MoneyError as error:
        raise Invalid({"amount": [str(error)]}) from error
    acts: dict[str, Callable[..., services.MoneyResult]] = {
        "deposit": partial(services.deposit, source=values["source"]),
        "defund": partial(services.defund, source=values["source"]),
        "fee": services.fee,
        "remit": services.remit,
    }
    with transaction():
        acts[values["what"]](
            fund=values["fund"],
            amount_minor=amount,
            reference=values["reference"],
            key=values["key"],
            actor_id=current_user().id,
            now=utcnow(),
            effective_on=values["day"],
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


def _limits(asked: dict[str, Any]) -> Known:
    return asof.known(as_of=asked["as_of"], seq=asked["seq"], known_at=asked["known_at"])


def _limits_query(limits: Known) -> str:
    named = {"as_of": limits.as_of.isoformat() if limits.as_of else None, "seq": limits.seq}
    return urlencode({name: value for name, value in named.items() if value is not None})


def _local(moment: datetime) -> datetime:
    return moment.astimezone(current_deployment().zone)
