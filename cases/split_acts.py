"""Splitting ticked tips off a case, from its page."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, request
from werkzeug.wrappers import Response

from accounts.permissions import requires
from accounts.roles import CASEWORKERS
from cases import schemas, services
from cases.acts import Form, named_case, perform
from cases.facts import Actor
from cases.services import Filed
from core.codes import read_digits

blueprint = Blueprint("splits", __name__)


@blueprint.post("/cases/<number>/split")
@requires(*CASEWORKERS)
def split(number: str) -> Response:
    """Split the ticked tips off a case, into a new one or the one that is named."""
    codes = [read_digits(code[:40]) or "" for code in request.form.getlist("tip")]

    def act(case_id: int, who: Actor, now: datetime, form: Form) -> Filed:
        return services.split_case(
            case_id=case_id,
            codes=codes,
            to_case_id=named_case(form["to"], "to"),
            note=form["note"],
            version=form["version"],
            actor=who,
            now=now,
        )

    return perform(number, act, schemas.SPLIT)
