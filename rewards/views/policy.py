"""The policy on screen: what it says, how it changed, and a form that shows past cases under new numbers."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from accounts.permissions import current_user, requires
from accounts.roles import Role
from core.clock import utcnow
from core.db import transaction
from core.deployment import current_deployment
from core.errors import Conflict, Invalid
from core.web import render
from rewards import policy_preview, policy_text, words
from rewards.eligibility import SCORE_PARTS
from rewards.forms import form
from rewards.money import plain
from rewards.outcome import Gate, Order
from rewards.policy import load_policy
from rewards.policy_form import BANDS, LIMITS, SIGNER_WORDS, TIERS, FullPolicySchema, to_body, to_fields
from rewards.services import policies
from rewards.services.funds import policy_in_force
from rewards.views.tables import csv_response

READERS = (Role.FINANCE, Role.DIRECTOR, Role.AUDITOR, Role.SUPERVISOR)

blueprint = Blueprint("policy", __name__)


@blueprint.get("/rewards/policy")
@requires(*READERS)
def policy_page() -> Response:
    """Show the policy in force, every number explained, and all its versions."""
    with transaction():
        # the very first look stores the product's own policy as version 1
        in_force = policy_in_force(now=utcnow())
    return render(
        "rewards/policy.html",
        version=in_force.version,
        lines=policy_text.described(in_force.policy),
        versions=policies.list_versions(now=utcnow()),
        may_edit=current_user().role is Role.DIRECTOR,
    )


@blueprint.get("/rewards/policy/<int:version>")
@requires(*READERS)
def version_page(version: int) -> Response:
    """Show one version and what it changed."""
    policy = load_policy(policies.policy_body(version))
    line = next(line for line in policies.list_versions(now=utcnow()) if line.number == version)
    before = load_policy(policies.policy_body(version - 1)) if version > 1 else None
    return render(
        "rewards/policy_version.html",
        line=line,
        lines=policy_text.described(policy),
        changes=policy_text.differences(before, policy) if before else (),
    )


@blueprint.get("/rewards/policy/edit")
@requires(Role.DIRECTOR)
def edit_page() -> Response:
    """Open the newest version in a form."""
    newest = policies.list_versions(now=utcnow())[0].number
    return _edit(to_fields(policies.policy_body(newest)) | {"base": str(newest)})


@blueprint.post("/rewards/policy/preview")
@requires(Role.DIRECTOR)
def preview() -> Response:
    """Show past cases under the numbers of the form, which stays as it is."""
    try:
        values = form(FullPolicySchema())
        body = to_body(values, policies.policy_body(values["base"]))
    except Invalid as error:
        return _edit(request.form.to_dict(), errors=error.errors, status=error.status)
    return _edit(request.form.to_dict(), shown=_compared(body))


@blueprint.post("/rewards/policy/preview.csv")
@requires(Role.DIRECTOR)
def preview_csv() -> Response:
    """Download the preview."""
    values = form(FullPolicySchema())
    shown = _compared(to_body(values, policies.policy_body(values["base"])))["preview"]
    headings = ("Reward", "Case", "Score", "Currency", "Pool now", "Pool then", "Change", "Remark")
    return csv_response(
        "policy-preview",
        headings,
        [
            (
                case.ref,
                case.case_number,
                case.score,
                shown.currency,
                plain(case.before, shown.currency),
                plain(case.after, shown.currency) if case.after is not None else "",
                plain(case.change, shown.currency),
                case.words,
            )
            for case in shown.cases
        ],
    )


@blueprint.post("/rewards/policy")
@requires(Role.DIRECTOR)
def save() -> BaseResponse:
    """Store the form as a new version."""
    try:
        values = form(FullPolicySchema())
        body = to_body(values, policies.policy_body(values["base"]))
        with transaction():
            saved = policies.change_policy(
                body=body,
                base=values["base"],
                note=values["note"],
                effective_from=_moment(values["effective_on"]),
                actor=current_user(),
                key=values["key"],
                now=utcnow(),
            )
    except Invalid as error:
        return _edit(request.form.to_dict(), errors=error.errors, status=error.status)
    except Conflict as error:
        return _edit(request.form.to_dict(), refusal=error.detail, status=error.status)
    flash(f"Version {saved.state} is saved.", "good")
    return redirect(url_for(".version_page", version=int(saved.state)), 303)


def _compared(body: Mapping[str, Any]) -> dict[str, Any]:
    present = policy_in_force(now=utcnow())
    wanted = load_policy(body)
    return {
        "present": present.version,
        "preview": policy_preview.preview(wanted, compared_with=present.policy),
        "changes": policy_text.differences(present.policy, wanted),
    }


def _edit(
    values: Mapping[str, str],
    *,
    errors: dict[str, list[str]] | None = None,
    shown: dict[str, Any] | None = None,
    refusal: str = "",
    status: int = 200,
) -> Response:
    in_force = policy_in_force(now=utcnow())
    return render(
        "rewards/policy_edit.html",
        status=status,
        values={**values, "key": values.get("key") or secrets.token_urlsafe(18)},
        errors=errors or {},
        shown=shown,
        refusal=refusal,
        currency=in_force.policy.currency,
        rates=in_force.policy.rates,
        parts=SCORE_PARTS,
        orders=[(order.value, policy_text.ORDER_WORDS[order]) for order in Order],
        gates=[(gate.value, words.REASONS[gate]) for gate in Gate],
        tiers=range(1, TIERS + 1),
        bands=range(1, BANDS + 1),
        limits=range(1, LIMITS + 1),
        signers=list(SIGNER_WORDS.items()),
    )


def _moment(day: date | None) -> datetime | None:
    if day is None or day == utcnow().astimezone(current_deployment().zone).date():
        return None
    return datetime.combine(day, time(), current_deployment().zone)
