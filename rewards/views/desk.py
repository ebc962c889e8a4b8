"""The reward desk: what waits for a decision, one reward with its arithmetic, approval and payment."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from flask import Blueprint, Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from accounts.permissions import current_user, requires
from accounts.roles import Role
from core.clock import utcnow
from core.db import transaction
from core.errors import Conflict, Invalid, TooMany
from core.web import PAGE_SIZE, Page, is_htmx, page_number, render
from rewards import desk, detail, queries, seen, services, words, workflow_desk
from rewards.forms import form, query
from rewards.schemas import ApproveSchema, DeclineSchema, ListArgs, PaySchema, ReserveSchema

READERS = (Role.FINANCE, Role.DIRECTOR, Role.AUDITOR, Role.SUPERVISOR)
DECIDERS = (Role.FINANCE, Role.DIRECTOR)

blueprint = Blueprint("rewards", __name__)


@blueprint.get("/rewards")
@requires(*READERS)
def reward_list() -> Response:
    """Show what waits, view by view."""
    view = query(ListArgs())["view"]
    counts = desk.counts()
    page = Page(page_number(), PAGE_SIZE, counts[view])
    read = desk.share_lines if view in desk.SHARE_VIEWS else desk.reward_lines
    lines = read(view, limit=page.size, offset=page.offset)
    tabs = [(f"/rewards?view={name}", _tab_words(name), counts[name]) for name in desk.VIEWS]
    return render(
        "rewards/index.html",
        "rewards/_list.html",
        view=view,
        tabs=tabs,
        pager=page,
        lines=lines,
        funds=services.list_funds(),
        waiting=workflow_desk.count_waiting(now=utcnow()),
        words=words,
    )


@blueprint.get("/rewards/<ref>")
@requires(*READERS)
def reward_page(ref: str) -> Response:
    """Show one reward: the arithmetic step by step, its shares, signatures and entries."""
    return _page(ref)


@blueprint.post("/rewards/<ref>/approve")
@requires(*DECIDERS, Role.SUPERVISOR)
def approve(ref: str) -> BaseResponse:
    """Sign a reward."""

    def act() -> str:
        values = form(ApproveSchema())
        values.pop("seen")
        with transaction():
            result = services.approve(ref=ref, actor=current_user(), now=utcnow(), **values)
        return "Approved." if result.entry else "Signed. One more signature is needed."

    return _answer(ref, act)


@blueprint.post("/rewards/<ref>/decline")
@requires(*DECIDERS)
def decline(ref: str) -> BaseResponse:
    """Refuse a proposed reward."""

    def act() -> str:
        values = form(DeclineSchema())
        values.pop("seen")
        with transaction():
            services.decline(ref=ref, actor=current_user(), now=utcnow(), **values)
        return "Declined. The money is free again."

    return _answer(ref, act)


@blueprint.post("/rewards/<ref>/take-back")
@requires(*DECIDERS)
def take_back(ref: str) -> BaseResponse:
    """Take a mistaken refusal back."""

    def act() -> str:
        values = form(DeclineSchema())
        values.pop("seen")
        with transaction():
            services.take_back_decline(ref=ref, actor=current_user(), now=utcnow(), **values)
        return "Taken back. It waits for approval again."

    return _answer(ref, act)


@blueprint.post("/rewards/<ref>/reserve")
@requires(*DECIDERS)
def reserve(ref: str) -> BaseResponse:
    """Set money aside for a reward that had to wait."""

    def act() -> str:
        values = form(ReserveSchema())
        with transaction():
            services.reserve(ref=ref, actor_id=current_user().id, now=utcnow(), **values)
        return "Reserved. It can be approved now."

    return _answer(ref, act)


@blueprint.post("/rewards/<ref>/shares/<share_ref>/pay")
@requires(*DECIDERS)
def pay(ref: str, share_ref: str) -> BaseResponse:
    """Book that a voucher was paid out."""

    def act() -> str:
        values = form(PaySchema())
        _pay(share_ref, values)
        return f"{share_ref} is paid."

    return _answer(ref, act, share_ref=share_ref)


@blueprint.get("/rewards/for-case/<int:case_id>")
@requires(Role.OFFICER, *READERS)
def for_case(case_id: int) -> Response:
    """Show the reward of a case inside the case's own page."""
    reward = services.reward_of_case(case_id=case_id)
    linked = current_user().role in READERS
    return render("rewards/_for_case.html", reward=reward, linked=linked, reasons=words.REASONS, words=words)


def _pay(share_ref: str, values: dict[str, str]) -> None:
    actor, now, vault = current_user(), utcnow(), current_app.extensions["vault"]
    compared = services.compare_word(share_ref=share_ref, word=values["word"], vault=vault)
    try:
        with transaction():
            services.pay(share_ref=share_ref, actor=actor, vault=vault, now=now, compared=compared, **values)
    except services.WrongWord as wrong:
        # Counted in a transaction of its own: the refused payment has taken everything else back.
        with transaction():
            left = services.count_wrong_word(share_ref=share_ref, actor_id=actor.id, now=now)
        tries = f"{left} tries left." if left else "The voucher is locked for a day."
        raise Invalid({"word": [*wrong.errors["word"], tries]}) from wrong


def _answer(ref: str, act: Callable[[], str], *, share_ref: str = "") -> BaseResponse:
    try:
        done = act()
    except Invalid as error:
        return _page(ref, errors=error.errors, share_ref=share_ref, status=error.status)
    except (Conflict, TooMany) as error:
        return _page(ref, refusal=error.detail, changed=_changed(ref), status=Conflict.status)
    if is_htmx():
        return _page(ref, done=done)
    return redirect(url_for(".reward_page", ref=ref), 303)


def _changed(ref: str) -> tuple[str, ...]:
    """Tell what is no longer as it was on the page that was sent in."""
    return seen.changes(request.form.get("seen", ""), detail.lines_read(queries.reward_by_ref(ref)))


def _page(
    ref: str,
    *,
    errors: dict[str, list[str]] | None = None,
    refusal: str = "",
    changed: tuple[str, ...] = (),
    done: str = "",
    share_ref: str = "",
    status: int = 200,
) -> Response:
    return render(
        "rewards/reward.html",
        "rewards/_reward.html",
        status=status,
        shown=detail.reward_page(ref, viewer=current_user(), now=utcnow()),
        new_key=_new_key,
        errors=errors or {},
        refusal=refusal,
        changed=changed,
        done=done,
        share_ref=share_ref,
        reasons=words.REASONS,
        words=words,
    )


def _tab_words(view: str) -> str:
    return {**desk.REWARD_VIEWS, **desk.SHARE_VIEWS}[view][0]


def _new_key() -> str:
    """Make the key that lets a form be sent twice without paying twice."""
    return secrets.token_urlsafe(18)
