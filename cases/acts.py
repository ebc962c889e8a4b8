"""What staff do on the page of a case: each form posts here and comes back to the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, request
from marshmallow import Schema, ValidationError
from werkzeug.wrappers import Response

from accounts.permissions import requires
from accounts.roles import CASEWORKERS
from cases import schemas, services
from cases.closing import GRADES
from cases.facts import Actor
from cases.queries import case_by_number
from cases.services import Filed, SeizureEntry, Tied
from cases.services.closing import checklist_of
from cases.services.pages import survivor_id_of
from cases.showing import actor, show_case
from cases.states import Ask
from core.clock import utcnow
from core.codes import read_digits
from core.db import transaction
from core.deployment import current_deployment
from core.errors import Conflict, Invalid, NotFound
from core.web import is_htmx, render

blueprint = Blueprint("acts", __name__)
GRADE_PREFIX = "grade-"
Form = Mapping[str, Any]
Act = Callable[[int, Actor, datetime, Form], Filed | Tied | str]


@blueprint.post("/cases/<number>/claim")
@requires(*CASEWORKERS)
def claim(number: str) -> Response:
    """Take a case that nobody has."""
    return perform(number, lambda case_id, who, now, _: services.claim(case_id=case_id, actor=who, now=now))


@blueprint.post("/cases/<number>/assign")
@requires(*CASEWORKERS)
def assign(number: str) -> Response:
    """Give a case to somebody, or to nobody."""

    def act(case_id: int, who: Actor, now: datetime, form: Form) -> Filed:
        assignee, version = form["assignee"], form["version"]
        return services.assign(case_id=case_id, assignee_id=assignee, actor=who, now=now, version=version)

    return perform(number, act, schemas.ASSIGN)


@blueprint.post("/cases/<number>/confirm")
@requires(*CASEWORKERS)
def confirm(number: str) -> Response:
    """Confirm a case with all its tips."""
    return perform(
        number, lambda case_id, who, now, _: services.confirm_case(case_id=case_id, actor=who, now=now)
    )


@blueprint.post("/cases/<number>/priority")
@requires(*CASEWORKERS)
def priority(number: str) -> Response:
    """Override the priority, or return to the computed one."""
    return perform(
        number,
        lambda case_id, who, now, form: services.set_priority(case_id=case_id, actor=who, now=now, **form),
        schemas.PRIORITY,
    )


@blueprint.post("/cases/<number>/category")
@requires(*CASEWORKERS)
def category(number: str) -> Response:
    """Say what goods a case is about."""
    return perform(
        number,
        lambda case_id, who, now, form: services.set_category(case_id=case_id, actor=who, now=now, **form),
        schemas.CATEGORY_CHOICE,
    )


@blueprint.post("/cases/<number>/unit")
@requires(*CASEWORKERS)
def unit(number: str) -> Response:
    """Hand a case to another unit."""

    def act(case_id: int, who: Actor, now: datetime, form: Form) -> Filed:
        return services.set_unit(
            case_id=case_id, unit_id=form["unit"], actor=who, now=now, version=form["version"]
        )

    return perform(number, act, schemas.UNIT_CHOICE)


@blueprint.post("/cases/<number>/state")
@requires(*CASEWORKERS)
def state(number: str) -> Response:
    """Move a case to another state."""

    def act(case_id: int, who: Actor, now: datetime, form: Form) -> Filed:
        words = {name: form[name] for name in ("reason", "review_on", "agency", "contact", "disclosure")}
        ask = Ask(**words, survivor_id=named_case(form["survivor"], "survivor"))
        moved = services.transition(
            case_id=case_id, to=form["to"], actor=who, ask=ask, now=now, version=form["version"]
        )
        said = f"{moved.number} is {moved.after.replace('_', ' ')} now."
        return Filed(moved.case_id, moved.number, said, moved.action_id or 0)

    return perform(number, act, schemas.MOVE)


@blueprint.post("/cases/<number>/notes")
@requires(*CASEWORKERS)
def add_note(number: str) -> Response:
    """Add a note."""

    def act(case_id: int, who: Actor, now: datetime, form: Form) -> str:
        services.add_note(case_id=case_id, body=form["body"], actor=who, now=now)
        return "Note added."

    return perform(number, act, schemas.NOTE)


@blueprint.post("/cases/<number>/notes/<int:note_id>")
@requires(*CASEWORKERS)
def edit_note(number: str, note_id: int) -> Response:
    """Replace a note's text; 409 with both texts where somebody saved in between."""

    def act(case_id: int, who: Actor, now: datetime, form: Form) -> str:
        services.edit_note(
            case_id=case_id,
            note_id=note_id,
            body=form["body"],
            version=form["version"] or 0,
            actor=who,
            now=now,
        )
        return "Note saved."

    return perform(number, act, schemas.NOTE)


@blueprint.post("/cases/<number>/outcome")
@requires(*CASEWORKERS)
def outcome(number: str) -> Response:
    """Save the closing form as far as it is filled in."""

    def act(case_id: int, who: Actor, now: datetime, form: Form) -> str:
        services.set_outcome(case_id=case_id, actor=who, now=now, **_outcome(case_id, form))
        return "Outcome saved."

    return perform(number, act, schemas.OUTCOME)


@blueprint.post("/cases/<number>/outcome/check")
@requires(*CASEWORKERS)
def check_outcome(number: str) -> Response:
    """Show what the closing list would still miss, without saving anything."""
    try:
        form = schemas.OUTCOME.load(request.form.to_dict())
    except ValidationError as error:
        form = {
            **schemas.OUTCOME.load({}),
            **(error.valid_data if isinstance(error.valid_data, dict) else {}),
        }
    case = case_by_number(number)
    typed = _outcome(case.id, form)
    items = checklist_of(case, disposition=typed["disposition"], summary=typed["summary"],
                         nil_seizures=typed["nil_seizures"], grades=typed["grades"])  # fmt: skip
    return render("cases/_checklist.html", checklist=items)


@blueprint.post("/cases/<number>/advance")
@requires(*CASEWORKERS)
def advance(number: str) -> Response:
    """Propose a part of the reward before the case is closed."""
    return perform(
        number, lambda case_id, who, now, _: services.propose_advance(case_id=case_id, actor=who, now=now)
    )


@blueprint.post("/cases/<number>/seizures")
@requires(*CASEWORKERS)
def record_seizure(number: str) -> Response:
    """Record a lot of goods taken."""

    def act(case_id: int, who: Actor, now: datetime, form: Form) -> str:
        services.record_seizure(case_id=case_id, entry=SeizureEntry(**form), actor=who, now=now)
        return "Seizure recorded."

    return perform(number, act, schemas.SEIZURE)


@blueprint.post("/cases/<number>/seizures/<int:seizure_id>/withdraw")
@requires(*CASEWORKERS)
def withdraw_seizure(number: str, seizure_id: int) -> Response:
    """Withdraw a lot that was recorded by mistake."""

    def act(case_id: int, who: Actor, now: datetime, _: Form) -> str:
        services.withdraw_seizure(case_id=case_id, seizure_id=seizure_id, actor=who, now=now)
        return "Seizure withdrawn."

    return perform(number, act)


@blueprint.post("/cases/<number>/tips/<code>/confirm")
@requires(*CASEWORKERS)
def confirm_tip(number: str, code: str) -> Response:
    """Confirm that a tip belongs to the case."""

    def act(case_id: int, who: Actor, now: datetime, _: Form) -> Filed:
        return services.confirm_tip(tip_id=_tip_in(case_id, code), actor=who, now=now)

    return perform(number, act)


@blueprint.post("/cases/<number>/tips/<code>/move")
@requires(*CASEWORKERS)
def move_tip(number: str, code: str) -> Response:
    """Move a tip to another case, or to a new one where none is named."""

    def act(case_id: int, who: Actor, now: datetime, form: Form) -> Filed:
        return services.move_tip(
            tip_id=_tip_in(case_id, code),
            to_case_id=named_case(form["to"], "to"),
            actor=who,
            now=now,
            reason=form["reason"],
        )

    return perform(number, act, schemas.TIP_MOVE)


@blueprint.post("/cases/actions/<int:action_id>/undo")
@requires(*CASEWORKERS)
def undo(action_id: int) -> Response:
    """Take back an act of filing, and stay on the case that the page showed."""
    number = request.args.get("on", "")[:20] or services.case_of_action(action_id)

    def act(_: int, who: Actor, now: datetime, __: Form) -> str:
        return services.undo(action_id=action_id, actor=who, now=now).sentence

    return perform(number, act)


def perform(number: str, act: Act, schema: Schema | None = None) -> Response:
    """Read the form, do one act in one transaction, and show the case with what came of it."""
    try:
        form = _read(schema)
        with transaction():
            done = act(case_by_number(number).id, actor(), utcnow(), form)
    except (Invalid, Conflict) as refused:
        return show_case(number, refused=refused)
    said = done if isinstance(done, str) else done.sentence
    action_id = done.action_id if isinstance(done, Filed) else 0
    if is_htmx():
        back = (
            f"/cases/{number}/links/{done.tie_id}/undo?what={done.undo}"
            if isinstance(done, Tied) and done.undo
            else None
        )
        answer = show_case(number, said=said, done=action_id or None, undo=back)
        answer.headers["HX-Trigger"] = "case-moved"  # what stands beside the case looks again
        return answer
    return redirect(f"/cases/{number}" + (f"?done={action_id}" if action_id else ""), 303)


def _read(schema: Schema | None) -> Form:
    if schema is None:
        return {}
    try:
        form: Form = schema.load(request.form.to_dict())
    except ValidationError as error:
        raise Invalid(schemas.flat_messages(error)) from error
    return form


def _tip_in(case_id: int, code: str) -> int:
    digits = read_digits(code)
    for link in services.links_of_case(case_id):
        if link.code == digits:
            return link.tip_id
    raise NotFound("This tip is not in the case.")


def named_case(number: str | None, field: str) -> int | None:
    """Find the case that a field names; raise Invalid beside the field for an unknown one."""
    try:
        return survivor_id_of(number)
    except NotFound as error:
        raise Invalid({field: [f"There is no case {number}."]}) from error


def _outcome(case_id: int, form: Form) -> dict[str, Any]:
    """Add the grades, whose fields are named by tip, and read the local time of the first act."""
    local = form["action_at"]
    action_at = local.replace(tzinfo=current_deployment().zone) if local is not None else None
    asked = {
        link.tip_id: request.form.get(GRADE_PREFIX + link.code, "")
        for link in services.links_of_case(case_id)
    }
    grades = {tip_id: grade for tip_id, grade in asked.items() if grade in GRADES}
    return {**form, "action_at": action_at, "grades": grades}
