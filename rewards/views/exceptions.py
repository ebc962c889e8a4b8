"""The queue of statement lines that nothing fitted: who looks into each, and what it turned out to be."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, flash, redirect, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as BaseResponse

from accounts.permissions import current_user, requires
from accounts.roles import Role
from accounts.services import list_staff
from core.clock import utcnow
from core.db import transaction
from core.errors import Conflict, Invalid, NotAllowed
from core.web import PAGE_SIZE, Page, is_htmx, page_number, read_id, render
from rewards import importing, line_desk, payout_queries, payout_words, statement_queries, words
from rewards.forms import form, query
from rewards.line_desk import MINE
from rewards.payout_schemas import (
    AssignSchema,
    EntrySchema,
    FeeSchema,
    FundingSchema,
    MoneyFormSchema,
    QueueArgs,
    ReasonSchema,
    VoucherSchema,
)
from rewards.repeats import MoneyResult
from rewards.services import resolving, several_payments
from rewards.services.waiting_lines import oldest_unmatched
from rewards.views.bank_statements import LINE_HEADINGS, line_cells
from rewards.views.tables import csv_response

READERS = (Role.FINANCE, Role.DIRECTOR, Role.AUDITOR)
DECIDERS = (Role.FINANCE, Role.DIRECTOR)

blueprint = Blueprint("exceptions", __name__)

Resolution = Callable[..., MoneyResult]


@blueprint.get("/rewards/exceptions")
@requires(*READERS)
def queue() -> Response:
    """Show the lines that wait, oldest first."""
    asked = query(QueueArgs())
    owner = current_user().id if asked["owner"] == MINE else None
    counts = [line_desk.count_exceptions(), line_desk.count_exceptions(owner_id=current_user().id)]
    total = line_desk.count_exceptions(owner_id=owner, account=asked["account"])
    page = Page(page_number(), PAGE_SIZE, total)
    rows = line_desk.exception_rows(
        owner_id=owner, account=asked["account"], limit=page.size, offset=page.offset
    )
    return render(
        "rewards/exceptions.html",
        "rewards/_exceptions.html",
        asked=asked,
        tabs=[
            ("/rewards/exceptions", "All", counts[0]),
            ("/rewards/exceptions?owner=mine", "Mine", counts[1]),
        ],
        pager=page,
        rows=rows,
        oldest=oldest_unmatched(now=utcnow()),
        accounts=payout_queries.accounts(),
        may_decide=current_user().role in DECIDERS,
        payout=payout_words,
        words=words,
    )


@blueprint.get("/rewards/exceptions.csv")
@requires(*READERS)
def queue_csv() -> Response:
    """Download the lines that wait."""
    return csv_response("exceptions", LINE_HEADINGS, [line_cells(row) for row in line_desk.exception_rows()])


@blueprint.post("/rewards/exceptions/match-again")
@requires(*DECIDERS)
def match_again() -> BaseResponse:
    """Try every open line once more."""
    matched = importing.match_again_in_steps(actor=current_user(), now=utcnow())
    flash(f"{matched} more fitted." if matched else "Nothing new fitted.", "good" if matched else "info")
    return redirect(url_for(".queue"), 303)


@blueprint.get("/rewards/exceptions/<int:line_id>")
@requires(*READERS)
def line_page(line_id: int) -> Response:
    """Show one line with everything that may be made of it."""
    return _page(line_id)


@blueprint.get("/rewards/exceptions/<int:line_id>/history.csv")
@requires(*READERS)
def history_csv(line_id: int) -> Response:
    """Download what a line was taken for, undone times included."""
    name = line_desk.line_row(line_id).name
    rows = [
        (name, payout_words.MATCHES[kind], entry, who, at.isoformat(), back.isoformat() if back else "")
        for kind, entry, who, at, back in line_desk.history(line_id)
    ]
    return csv_response(f"line-{line_id}", ("line", "taken for", "entry", "by", "when", "taken back"), rows)


@blueprint.post("/rewards/exceptions/<int:line_id>/match")
@requires(*DECIDERS)
def match(line_id: int) -> BaseResponse:
    """Say which voucher a line is about."""
    return _resolve(line_id, VoucherSchema(), resolving.match_by_hand, "Matched by hand.")


@blueprint.post("/rewards/exceptions/<int:line_id>/match-several")
@requires(*DECIDERS)
def match_several(line_id: int) -> BaseResponse:
    """Say which payments a line covers that the bank booked in one sum."""
    resolution = partial(several_payments.match_several, vouchers=request.form.getlist("voucher"))
    return _resolve(line_id, MoneyFormSchema(), resolution, "Matched by hand, each voucher by itself.")


@blueprint.post("/rewards/exceptions/<int:line_id>/fee")
@requires(*DECIDERS)
def fee(line_id: int) -> BaseResponse:
    """Book a line as the bank's fee."""
    return _resolve(line_id, FeeSchema(), resolving.book_as_fee, "Booked as a fee.")


@blueprint.post("/rewards/exceptions/<int:line_id>/funding")
@requires(*DECIDERS)
def funding(line_id: int) -> BaseResponse:
    """Book a line as money in."""
    return _resolve(line_id, FundingSchema(), resolving.book_as_funding, "Booked as money in.")


@blueprint.post("/rewards/exceptions/<int:line_id>/defund")
@requires(*DECIDERS)
def defund(line_id: int) -> BaseResponse:
    """Book a line as money taken out of the fund."""
    return _resolve(line_id, FundingSchema(), resolving.book_as_defund, "Booked as money taken out.")


@blueprint.post("/rewards/exceptions/<int:line_id>/link")
@requires(*DECIDERS)
def link(line_id: int) -> BaseResponse:
    """Say which entry booked a line before."""
    return _resolve(line_id, EntrySchema(), resolving.link_to_entry, "Linked to its entry.")


@blueprint.post("/rewards/exceptions/<int:line_id>/ignore")
@requires(*DECIDERS)
def ignore(line_id: int) -> BaseResponse:
    """Leave a line out."""
    return _resolve(line_id, ReasonSchema(), resolving.ignore, "Left out.")


@blueprint.post("/rewards/exceptions/<int:line_id>/undo")
@requires(*DECIDERS)
def undo(line_id: int) -> BaseResponse:
    """Take back what a line was taken for."""
    return _resolve(line_id, ReasonSchema(), resolving.undo, "Taken back. The line is open again.")


@blueprint.post("/rewards/exceptions/<int:line_id>/assign")
@requires(*DECIDERS)
def assign(line_id: int) -> BaseResponse:
    """Say who looks into a line."""

    def act() -> None:
        values = form(AssignSchema())
        owner = read_id(values["owner"])
        if owner is not None and owner not in dict(_owners()):
            raise Invalid({"owner": ["Choose somebody from the list."]})
        with transaction():
            resolving.assign(
                line_id=line_id, owner_id=owner, note=values["note"], actor=current_user(), now=utcnow()
            )

    return _answer(line_id, act, "Noted.")


def _resolve(line_id: int, schema: Schema, resolution: Resolution, said: str) -> BaseResponse:
    def act() -> None:
        values = form(schema)
        with transaction():
            resolution(line_id=line_id, actor=current_user(), now=utcnow(), **values)

    return _answer(line_id, act, said)


def _answer(line_id: int, act: Callable[[], None], said: str) -> BaseResponse:
    try:
        act()
    except Invalid as error:
        return _page(line_id, errors=error.errors, status=error.status)
    except (Conflict, NotAllowed) as error:
        return _page(line_id, refusal=error.detail, status=Conflict.status)
    if is_htmx():
        return _page(line_id, done=said)
    return redirect(url_for(".line_page", line_id=line_id), 303)


def _page(
    line_id: int,
    *,
    errors: dict[str, list[str]] | None = None,
    refusal: str = "",
    done: str = "",
    status: int = 200,
) -> Response:
    movement = statement_queries.line_by_id(line_id)
    return render(
        "rewards/exception.html",
        "rewards/_exception.html",
        status=status,
        line=line_desk.line_row(line_id),
        history=line_desk.history(line_id),
        same_amount=payout_queries.vouchers_of_amount(movement),
        several=payout_queries.payments_within(movement),
        chosen=request.form.getlist("voucher"),
        owners=_owners(),
        new_key=lambda: secrets.token_urlsafe(18),
        may_decide=current_user().role in DECIDERS,
        errors=errors or {},
        refusal=refusal,
        done=done,
        payout=payout_words,
        words=words,
    )


def _owners() -> list[tuple[int, str]]:
    return [(member.id, member.name) for member in list_staff() if member.role in DECIDERS]
