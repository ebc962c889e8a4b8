"""What waits for a person: steps for a second one, residents who got nothing, locked vouchers."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from accounts.permissions import current_user, requires
from accounts.roles import Role
from core.clock import utcnow
from core.db import transaction
from core.errors import Conflict, Invalid, NotAllowed
from core.web import render
from rewards import money, queries, services, words, workflow_desk
from rewards.forms import form
from rewards.repeats import MoneyResult
from rewards.views.tables import csv_response
from rewards.workflow_schemas import AskSchema, CloseQuerySchema, DecideSchema, ReceivedSchema

READERS = (Role.FINANCE, Role.DIRECTOR, Role.AUDITOR)
DECIDERS = (Role.FINANCE, Role.DIRECTOR)

blueprint = Blueprint("attention", __name__)


@blueprint.get("/rewards/attention")
@requires(*READERS)
def attention() -> Response:
    """Show what waits for a person."""
    return _page()


@blueprint.get("/rewards/attention/requests.csv")
@requires(*READERS)
def requests_csv() -> Response:
    """Download the steps that wait for a second person."""
    rows = workflow_desk.open_requests(current_user())
    headings = ("Voucher", "Reward", "Step", "Amount", "Currency", "Reason", "Asked by", "Asked at")
    cells = [
        (row.voucher, row.reward, row.words, money.plain(row.amount, row.currency), row.currency, row.reason,
         row.asked_by, row.asked_at.isoformat())
        for row in rows
    ]  # fmt: skip
    return csv_response("second-person", headings, cells)


@blueprint.get("/rewards/attention/queries.csv")
@requires(*READERS)
def queries_csv() -> Response:
    """Download the residents who say that they got nothing."""
    headings = ("Voucher", "Reward", "State", "Amount", "Currency", "Channel", "Said at", "Owner")
    cells = [
        (row.voucher, row.reward, row.state, money.plain(row.amount, row.currency), row.currency, row.channel,
         row.said_at.isoformat(), row.owner)
        for row in workflow_desk.open_queries(current_user())
    ]  # fmt: skip
    return csv_response("queries", headings, cells)


@blueprint.get("/rewards/attention/locked.csv")
@requires(*READERS)
def locked_csv() -> Response:
    """Download the vouchers that wrong words have locked."""
    headings = ("Voucher", "Reward", "Amount", "Currency", "Opens at")
    cells = [
        (row.voucher, row.reward, money.plain(row.amount, row.currency), row.currency, row.locked_until.isoformat())
        for row in workflow_desk.locked_vouchers(now=utcnow())
    ]  # fmt: skip
    return csv_response("locked", headings, cells)


@blueprint.post("/rewards/<ref>/shares/<share_ref>/ask")
@requires(*DECIDERS)
def ask(ref: str, share_ref: str) -> BaseResponse:
    """Ask for a step that another person confirms."""

    def act() -> None:
        values = form(AskSchema())
        with transaction():
            services.ask(share_ref=share_ref, actor=current_user(), now=utcnow(), **values)

    said = "Asked for. Another person, none of the approvers, has to confirm it."
    return _back_to_reward(ref, act, said)


@blueprint.post("/rewards/<ref>/shares/<share_ref>/received-back")
@requires(*DECIDERS)
def received_back(ref: str, share_ref: str) -> BaseResponse:
    """Book money that was owed back and arrived."""

    def act() -> None:
        values = form(ReceivedSchema())
        try:
            amount = money.parse_minor(values["amount"], queries.reward_by_ref(ref).currency)
        except money.MoneyError as error:
            raise Invalid({"amount": [str(error)]}) from error
        with transaction():
            services.receive_back(
                share_ref=share_ref,
                amount_minor=amount,
                reference=values["reference"],
                key=values["key"],
                actor=current_user(),
                now=utcnow(),
            )

    return _back_to_reward(ref, act, "Booked. The money is free again.")


@blueprint.post("/rewards/requests/<int:request_id>/confirm")
@requires(*DECIDERS)
def confirm(request_id: int) -> BaseResponse:
    """Confirm what another person asked for."""
    return _decide(request_id, services.confirm, "Confirmed and done.")


@blueprint.post("/rewards/requests/<int:request_id>/refuse")
@requires(*DECIDERS)
def refuse(request_id: int) -> BaseResponse:
    """Refuse what was asked for."""
    return _decide(request_id, services.refuse, "Refused. Nothing has changed.")


@blueprint.post("/rewards/queries/<int:answer_id>/take")
@requires(*DECIDERS)
def take(answer_id: int) -> BaseResponse:
    """Make a query one's own."""

    def act() -> None:
        with transaction():
            services.take_query(answer_id=answer_id, actor=current_user(), now=utcnow())

    return _answer(act, "It is yours now.")


@blueprint.post("/rewards/queries/<int:answer_id>/close")
@requires(*DECIDERS)
def close(answer_id: int) -> BaseResponse:
    """Close a query with what was found out."""

    def act() -> None:
        note = form(CloseQuerySchema())["note"]
        with transaction():
            services.close_query(answer_id=answer_id, note=note, actor=current_user(), now=utcnow())

    return _answer(act, "The query is closed.")


def _decide(request_id: int, step: Callable[..., MoneyResult], said: str) -> BaseResponse:
    def act() -> None:
        key = form(DecideSchema())["key"]
        with transaction():
            step(request_id=request_id, actor=current_user(), key=key, now=utcnow())

    return _answer(act, said)


def _answer(act: Callable[[], None], said: str) -> BaseResponse:
    try:
        act()
    except Invalid as error:
        return _page(errors=error.errors, status=error.status)
    except Conflict as error:
        return _page(refusal=error.detail, status=error.status)
    flash(said, "good")
    return redirect(url_for(".attention"), 303)


def _back_to_reward(ref: str, act: Callable[[], None], said: str) -> BaseResponse:
    try:
        act()
    except (Conflict, NotAllowed) as error:
        flash(error.detail, "bad")
    except Invalid as error:
        flash(" ".join(words for messages in error.errors.values() for words in messages), "bad")
    else:
        flash(said, "good")
    return redirect(f"/rewards/{ref}", 303)


def _page(*, errors: dict[str, list[str]] | None = None, refusal: str = "", status: int = 200) -> Response:
    viewer = current_user()
    return render(
        "rewards/attention.html",
        status=status,
        requests=workflow_desk.open_requests(viewer),
        queries=workflow_desk.open_queries(viewer),
        locked=workflow_desk.locked_vouchers(now=utcnow()),
        may_decide=viewer.role in DECIDERS,
        new_key=lambda: secrets.token_urlsafe(18),
        errors=errors or {},
        refusal=refusal,
        words=words,
    )
