"""What staff do to the links of a case with other cases."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, request
from werkzeug.wrappers import Response

from accounts.permissions import requires
from accounts.roles import CASEWORKERS
from cases import schemas, services
from cases.acts import Form, named_case, perform
from cases.facts import Actor
from cases.services import Tied
from core.errors import NotFound

blueprint = Blueprint("ties", __name__)


@blueprint.post("/cases/<number>/links")
@requires(*CASEWORKERS)
def add(number: str) -> Response:
    """Link a case with another by hand."""

    def act(case_id: int, who: Actor, now: datetime, form: Form) -> Tied:
        other_id = named_case(form["other"], "other")
        if other_id is None:
            raise NotFound("There is no such case.")
        return services.tie_by_hand(
            case_id=case_id, other_id=other_id, reason=form["reason"], actor=who, now=now
        )

    return perform(number, act, schemas.TIE)


@blueprint.post("/cases/<number>/links/<int:tie_id>/confirm")
@requires(*CASEWORKERS)
def confirm(number: str, tie_id: int) -> Response:
    """Confirm that two cases have to do with each other."""

    def act(case_id: int, who: Actor, now: datetime, _: Form) -> Tied:
        _refuse_foreign(case_id, tie_id)
        return services.confirm_tie(tie_id=tie_id, actor=who, now=now)

    return perform(number, act)


@blueprint.post("/cases/<number>/links/<int:tie_id>/dismiss")
@requires(*CASEWORKERS)
def dismiss(number: str, tie_id: int) -> Response:
    """Rule that a link means nothing."""

    def act(case_id: int, who: Actor, now: datetime, form: Form) -> Tied:
        _refuse_foreign(case_id, tie_id)
        return services.dismiss_tie(tie_id=tie_id, why=form["why"], actor=who, now=now)

    return perform(number, act, schemas.TIE_DISMISSAL)


@blueprint.post("/cases/<number>/links/<int:tie_id>/undo")
@requires(*CASEWORKERS)
def undo(number: str, tie_id: int) -> Response:
    """Take back what was done to a link last."""
    what = request.args.get("what", "")

    def act(case_id: int, who: Actor, now: datetime, _: Form) -> Tied:
        _refuse_foreign(case_id, tie_id)
        return services.undo_tie(tie_id=tie_id, what=what, actor=who, now=now)

    return perform(number, act)


def _refuse_foreign(case_id: int, tie_id: int) -> None:
    if tie_id not in {view.tie_id for view in services.ties_of_case(case_id)}:
        raise NotFound("This case has no such link.")
