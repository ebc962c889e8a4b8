"""The desk of a cash agent: voucher and word, the amount, the receipt."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from accounts.permissions import current_user, requires
from accounts.roles import Role
from core.clock import utcnow
from core.db import transaction
from core.errors import Conflict, Invalid, NotAllowed, TooMany
from core.vault import Vault
from core.web import render
from rewards.forms import form
from rewards.services import desk_paying
from rewards.services.desk_paying import DoesNotFit, Presented, ToPay
from rewards.workflow_schemas import PayDeskSchema

DECIDERS = (Role.FINANCE, Role.DIRECTOR)

blueprint = Blueprint("pay_desk", __name__)


@blueprint.get("/rewards/pay-desk")
@requires(*DECIDERS)
def pay_desk() -> Response:
    """Ask for voucher and word."""
    return _page({})


@blueprint.post("/rewards/pay-desk")
@requires(*DECIDERS)
def present() -> BaseResponse:
    """Say what is to be handed over, then book it under the number of the receipt."""
    typed = request.form.to_dict()
    try:
        values = form(PayDeskSchema())
        found, presented = _looked_at(values)
        if values["step"] == "look":
            return _page(typed, found=found)
        _hand_over(presented, values)
    except DoesNotFit as error:
        return _page({"voucher": typed.get("voucher", "")}, errors=error.errors, status=error.status)
    except Invalid as error:
        shown = found if "receipt" in error.errors else None
        return _page(typed, errors=error.errors, found=shown, status=error.status)
    except (TooMany, Conflict, NotAllowed) as error:
        refusal = (
            "Too many did not fit. Wait a quarter of an hour." if isinstance(error, TooMany) else error.detail
        )
        return _page({}, refusal=refusal, status=error.status)
    flash(f"{found.voucher} is paid, receipt {values['receipt'].strip()}.", "good")
    return redirect(url_for(".pay_desk"), 303)


def _looked_at(values: dict[str, Any]) -> tuple[ToPay, Presented]:
    actor, vault, now = current_user(), _vault(), utcnow()
    presented = desk_paying.present(voucher=values["voucher"], word=values["word"], vault=vault)
    try:
        return desk_paying.look_at(presented, actor=actor, vault=vault, now=now), presented
    except DoesNotFit:
        with transaction():
            desk_paying.count_wrong(presented, actor=actor, vault=vault, now=now)
        raise


def _hand_over(presented: Presented, values: dict[str, Any]) -> None:
    actor, vault, now = current_user(), _vault(), utcnow()
    with transaction():
        desk_paying.hand_over(
            presented, receipt=values["receipt"], actor=actor, key=values["key"], vault=vault, now=now
        )


def _page(
    values: dict[str, str],
    *,
    found: ToPay | None = None,
    errors: dict[str, list[str]] | None = None,
    refusal: str = "",
    status: int = 200,
) -> Response:
    return render(
        "rewards/pay_desk.html",
        status=status,
        values=values,
        found=found,
        errors=errors or {},
        refusal=refusal,
        key=values.get("key") or secrets.token_urlsafe(18),
    )


def _vault() -> Vault:
    vault: Vault = current_app.extensions["vault"]
    return vault
