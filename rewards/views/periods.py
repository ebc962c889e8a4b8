"""Closing the books month by month: the list of periods and what is in the way of closing one."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from flask import Blueprint, Response, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from accounts.permissions import current_user, requires
from accounts.roles import Role
from accounts.services import staff_by_ids
from core.clock import utcnow
from core.db import transaction
from core.errors import Conflict
from core.web import render
from rewards import reports, services
from rewards.forms import form
from rewards.schemas import PeriodSchema

READERS = (Role.FINANCE, Role.DIRECTOR, Role.AUDITOR)
CLOSERS = (Role.FINANCE, Role.DIRECTOR)

blueprint = Blueprint("periods", __name__)


@blueprint.get("/rewards/periods")
@requires(*READERS)
def period_list() -> Response:
    """Show every month of the books and whether it is closed."""
    lines = services.list_periods(now=utcnow())
    ids = {line.closed_by for line in lines} | {line.soft_closed_by for line in lines}
    people = {number: member.name for number, member in staff_by_ids({n for n in ids if n}).items()}
    return render("rewards/periods.html", lines=lines, people=people, head=reports.chain_head())


@blueprint.get("/rewards/periods/<name>")
@requires(*READERS)
def period_page(name: str) -> Response:
    """Examine one month and show what is in the way of closing it."""
    return _page(name)


@blueprint.post("/rewards/periods/<name>/soft")
@requires(*CLOSERS)
def soft_close(name: str) -> BaseResponse:
    """Keep everybody but finance out of a month."""
    return _answer(name, lambda key: _in_one(services.soft_close, name, key))


@blueprint.post("/rewards/periods/<name>/reopen")
@requires(*CLOSERS)
def reopen(name: str) -> BaseResponse:
    """Take a soft close back."""
    return _answer(name, lambda key: _in_one(services.reopen, name, key))


@blueprint.post("/rewards/periods/<name>/close")
@requires(*CLOSERS)
def close(name: str) -> BaseResponse:
    """Close a month for good."""

    def act(key: str) -> None:
        now = utcnow()
        examined = services.examine(period=name, now=now, unmatched=services.lines_waiting)
        with transaction():
            services.close_period(examined=examined, actor=current_user(), key=key, now=now)

    return _answer(name, act)


def _in_one(step: Callable[..., services.MoneyResult], name: str, key: str) -> None:
    actor, now = current_user(), utcnow()
    with transaction():
        step(period=name, actor=actor, key=key, now=now)


def _answer(name: str, act: Callable[[str], None]) -> BaseResponse:
    try:
        act(form(PeriodSchema())["key"])
    except Conflict as error:
        return _page(name, refusal=error.detail, status=error.status)
    return redirect(url_for(".period_page", name=name), 303)


def _page(name: str, *, refusal: str = "", status: int = 200) -> Response:
    now = utcnow()
    examined = services.examine(period=name, now=now, unmatched=services.lines_waiting)
    line = next((line for line in services.list_periods(now=now) if line.name == name), None)
    ids = {number for number in (line.closed_by, line.soft_closed_by) if number} if line else set()
    return render(
        "rewards/period.html",
        status=status,
        examined=examined,
        line=line,
        people={number: member.name for number, member in staff_by_ids(ids).items()},
        refusal=refusal,
        may=current_user().role in CLOSERS,
        keys=[secrets.token_urlsafe(18) for _ in range(2)],
        head=reports.chain_head(),
    )
