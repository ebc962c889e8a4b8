"""Payout batches on screen: collect vouchers, approve, release, download, print, and follow each to its end."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date, timedelta

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from accounts.permissions import current_user, requires
from accounts.roles import Role
from core.clock import utcnow
from core.db import transaction
from core.deployment import current_deployment
from core.errors import AppError, Conflict, Invalid
from core.web import PAGE_SIZE, Page, is_htmx, page_number, render
from rewards import batch_desk, payout_queries, payout_words, services, words
from rewards.batch_desk import VIEWS, BatchLine
from rewards.forms import form, query
from rewards.money import plain
from rewards.payout_kinds import FileKind
from rewards.payout_schemas import (
    BatchListArgs,
    MakeBatchSchema,
    NewBatchArgs,
    ReasonSchema,
    SignBatchSchema,
)
from rewards.services import batches, payout_files
from rewards.views.tables import csv_response
from rewards.vouchers import qr_code

READERS = (Role.FINANCE, Role.DIRECTOR, Role.AUDITOR)
DECIDERS = (Role.FINANCE, Role.DIRECTOR)
MIME = {FileKind.PAIN: "application/xml", FileKind.CSV: "text/csv"}

blueprint = Blueprint("batches", __name__)


@blueprint.get("/rewards/batches")
@requires(*READERS)
def batch_list() -> Response:
    """Show batches view by view."""
    view = query(BatchListArgs())["view"]
    counts = batch_desk.counts()
    page = Page(page_number(), PAGE_SIZE, counts[view])
    return render(
        "rewards/batches.html",
        "rewards/_batches.html",
        view=view,
        tabs=[(f"/rewards/batches?view={name}", words_, counts[name]) for name, words_ in VIEWS.items()],
        pager=page,
        lines=batch_desk.batch_lines(view, limit=page.size, offset=page.offset),
        accounts=payout_queries.accounts(),
        may_decide=_may_decide(),
        payout=payout_words,
        words=words,
    )


@blueprint.get("/rewards/batches.csv")
@requires(*READERS)
def batches_csv() -> Response:
    """Download the list of all batches."""
    headings = (
        "batch",
        "account",
        "state",
        "currency",
        "total",
        "vouchers",
        "paid",
        "paid total",
        "back",
        "made",
        "pay on",
    )
    return csv_response("batches", headings, [_csv_row(line) for line in batch_desk.batch_lines(None)])


@blueprint.get("/rewards/batches/new")
@requires(*DECIDERS)
def new_batch() -> Response:
    """Offer the claimed vouchers to be collected."""
    return _new_page(query(NewBatchArgs())["account"])


@blueprint.post("/rewards/batches")
@requires(*DECIDERS)
def make() -> BaseResponse:
    """Make a batch of the chosen vouchers."""
    chosen = request.form.getlist("voucher")
    try:
        values = form(MakeBatchSchema())
        with transaction():
            made = batches.make_batch(
                vouchers=chosen, today=_today(), actor=current_user(), now=utcnow(), **values
            )
    except Invalid as error:
        return _new_page(request.form.get("account", ""), chosen, errors=error.errors, status=error.status)
    except AppError as error:
        return _new_page(
            request.form.get("account", ""), chosen, refusal=error.detail, status=Conflict.status
        )
    return redirect(url_for(".batch_page", name=made.batch), 303)


@blueprint.get("/rewards/batches/<name>")
@requires(*READERS)
def batch_page(name: str) -> Response:
    """Show one batch: its vouchers, who did what, and what comes next."""
    return _page(name)


@blueprint.post("/rewards/batches/<name>/approve")
@requires(*DECIDERS)
def approve(name: str) -> BaseResponse:
    """Approve a batch."""

    def act() -> str:
        values = form(SignBatchSchema())
        with transaction():
            batches.approve_batch(batch=name, actor=current_user(), now=utcnow(), **values)
        return f"{name} is approved. A third person releases it."

    return _answer(name, act)


@blueprint.post("/rewards/batches/<name>/release")
@requires(*DECIDERS)
def release(name: str) -> BaseResponse:
    """Release a batch, which writes its file."""

    def act() -> str:
        values = form(SignBatchSchema())
        with transaction():
            batches.release_batch(batch=name, actor=current_user(), now=utcnow(), **values)
        return f"{name} is released. Download the file and hand it in."

    return _answer(name, act)


@blueprint.post("/rewards/batches/<name>/cancel")
@requires(*DECIDERS)
def cancel(name: str) -> BaseResponse:
    """Give a batch up."""

    def act() -> str:
        values = form(ReasonSchema())
        with transaction():
            batches.cancel_batch(batch=name, actor=current_user(), now=utcnow(), **values)
        return f"{name} is cancelled. Its vouchers can go into another batch."

    return _answer(name, act)


@blueprint.post("/rewards/batches/<name>/items/<voucher>/reject")
@requires(*DECIDERS)
def reject(name: str, voucher: str) -> BaseResponse:
    """Book that the bank refused one voucher."""

    def act() -> str:
        values = form(ReasonSchema())
        with transaction():
            batches.reject_item(batch=name, voucher=voucher, actor=current_user(), now=utcnow(), **values)
        return f"{voucher} is owed again and can go into another batch."

    return _answer(name, act, voucher=voucher)


@blueprint.post("/rewards/batches/<name>/items/<voucher>/take-back")
@requires(*DECIDERS)
def take_back(name: str, voucher: str) -> BaseResponse:
    """Book that a voucher called rejected is on its way after all."""

    def act() -> str:
        values = form(ReasonSchema())
        with transaction():
            services.take_back_rejection(
                batch=name, voucher=voucher, actor=current_user(), now=utcnow(), **values
            )
        return f"{voucher} is on its way again."

    return _answer(name, act, voucher=voucher)


@blueprint.get("/rewards/batches/<name>/file")
@requires(*READERS)
def payout_file(name: str) -> Response:
    """Download the file as it was sent."""
    sent = payout_files.payout_file(batch=name)
    response = Response(sent.data, mimetype=MIME[FileKind(sent.kind)])
    response.headers["Content-Disposition"] = f'attachment; filename="{sent.name}"'
    return response


@blueprint.get("/rewards/batches/<name>/items.csv")
@requires(*READERS)
def items_csv(name: str) -> Response:
    """Download the vouchers of a batch with what became of them."""
    page = batch_desk.batch_page(name, viewer=current_user())
    headings = ("voucher", "payment", "amount", "currency", "state", "reason", "entry", "statement line")
    rows = [
        (
            item.voucher,
            item.ref,
            plain(item.amount, page.line.currency),
            page.line.currency,
            payout_words.ITEM_STATES[item.state][0],
            item.reason,
            item.entry,
            item.statement,
        )
        for item in page.items
    ]
    return csv_response(name, headings, rows)


@blueprint.get("/rewards/batches/<name>/vouchers")
@requires(*READERS)
def vouchers(name: str) -> Response:
    """Show a batch's vouchers as slips to print, one each."""
    page = batch_desk.batch_page(name, viewer=current_user())
    slips = [(item, qr_code(item.voucher)) for item in page.items if item.state in ("instructed", "settled")]
    return render("rewards/vouchers.html", shown=page, slips=slips, payout=payout_words)


def _new_page(
    code: str,
    chosen: list[str] | None = None,
    *,
    errors: dict[str, list[str]] | None = None,
    refusal: str = "",
    status: int = 200,
) -> Response:
    accounts = payout_queries.accounts()
    usable = [account for account in accounts if account.confirmed_at is not None]
    account = next((account for account in usable if account.code == code), usable[0] if usable else None)
    candidates = batches.batch_candidates(account=account.code, actor=current_user()) if account else ()
    return render(
        "rewards/batch_new.html",
        status=status,
        account=account,
        accounts=usable,
        unconfirmed=[row for row in accounts if row.confirmed_at is None],
        candidates=candidates,
        chosen=chosen,
        pay_on=_today() + timedelta(days=1),
        today=_today(),
        key=_new_key(),
        errors=errors or {},
        refusal=refusal,
        words=words,
        payout=payout_words,
    )


def _answer(name: str, act: Callable[[], str], *, voucher: str = "") -> BaseResponse:
    try:
        done = act()
    except Invalid as error:
        return _page(name, errors=error.errors, voucher=voucher, status=error.status)
    except Conflict as error:
        return _page(name, refusal=error.detail, status=error.status)
    if is_htmx():
        return _page(name, done=done)
    return redirect(url_for(".batch_page", name=name), 303)


def _page(
    name: str,
    *,
    errors: dict[str, list[str]] | None = None,
    refusal: str = "",
    done: str = "",
    voucher: str = "",
    status: int = 200,
) -> Response:
    return render(
        "rewards/batch.html",
        "rewards/_batch.html",
        status=status,
        shown=batch_desk.batch_page(name, viewer=current_user()),
        errors=errors or {},
        refusal=refusal,
        done=done,
        voucher=voucher,
        new_key=_new_key,
        may_decide=_may_decide(),
        payout=payout_words,
        words=words,
    )


def _csv_row(line: BatchLine) -> tuple[object, ...]:
    return (
        line.name,
        line.account,
        payout_words.BATCH_STATES[line.words][0],
        line.currency,
        plain(line.total, line.currency),
        line.count,
        line.settled,
        plain(line.settled_total, line.currency),
        line.back,
        line.made_at.date().isoformat(),
        line.pay_on.isoformat(),
    )


def _may_decide() -> bool:
    return current_user().role in DECIDERS


def _today() -> date:
    return utcnow().astimezone(current_deployment().zone).date()


def _new_key() -> str:
    return secrets.token_urlsafe(18)
