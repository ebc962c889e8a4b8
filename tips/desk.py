"""The desk: three panes, one decision after the other, nothing reloads."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Blueprint, Response, current_app, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

import cases.services as case_services
from accounts.permissions import current_user, requires
from accounts.roles import CASE_READERS, CASEWORKERS
from cases.facts import CATEGORIES, Actor
from core.clock import utcnow
from core.db import transaction
from core.deployment import current_deployment
from core.errors import Conflict, Invalid, NotFound
from core.vault import Vault
from core.web import is_htmx, read_id, render, settings
from tips import desk_lists, desk_tip, known_places, queries, triage
from tips.also_in import also_in
from tips.desk_lists import View
from tips.models import Tip
from tips.triage import Decided

blueprint = Blueprint("desk", __name__, template_folder="templates")


@blueprint.get("/desk")
@requires(*CASEWORKERS)
def desk() -> Response:
    """Show a view of the desk."""
    view = current_view()
    if is_htmx():
        return render("tips/desk.html", "tips/_list.html", desk=_desk(view), tip=None)
    return render("tips/desk.html", desk=_desk(view), tip=None)


@blueprint.get("/desk/<code>")
@requires(*CASEWORKERS)
def open_tip(code: str) -> Response:
    """Show one tip beside the list."""
    view = current_view()
    tip = desk_tip.tip_context(tip_row(code))
    return render(
        "tips/desk.html", "tips/_opened.html", desk=_around(view) if is_htmx() else _desk(view), tip=tip
    )


@blueprint.get("/desk/news")
@requires(*CASEWORKERS)
def news() -> Response:
    """Tell how many tips came since the list was drawn; 204 where none did."""
    after, view = read_id(request.args.get("after", "")), current_view()
    count = desk_lists.count_view(view, after_tip_id=after) if after is not None else 0
    if not count:
        return Response(status=204)
    return render("tips/_news.html", news=count, desk={"view_href": view.href()})


@blueprint.get("/desk/map.json")
@requires(*CASEWORKERS)
def map_points() -> Response:
    """Return the points of a view as GeoJSON."""
    return jsonify(desk_lists.map_features(current_view()))


@blueprint.get("/map/places.json")
@requires(*CASE_READERS)
def map_places() -> Response:
    """Return the deployment's landmarks for the base map."""
    deployment = current_deployment()
    return jsonify(
        name=deployment.name,
        centre=deployment.centre,
        radius_km=deployment.radius_km,
        places=known_places.landmarks(),
    )


@blueprint.post("/desk/<code>/confirm")
@requires(*CASEWORKERS)
def confirm(code: str) -> BaseResponse:
    """Confirm that a tip belongs where it lies."""
    return decide(code, lambda tip, actor: triage.confirm(tip, actor=actor, now=utcnow()), "Confirmed")


@blueprint.post("/desk/<code>/attach")
@requires(*CASEWORKERS)
def attach(code: str) -> BaseResponse:
    """Move a tip to the case whose number was given."""
    number = request.form.get("case", "")[:20]
    return decide(
        code,
        lambda tip, actor: triage.attach(tip, number, actor=actor, now=utcnow()),
        "Attached",
    )


@blueprint.post("/desk/<code>/own-case")
@requires(*CASEWORKERS)
def own_case(code: str) -> BaseResponse:
    """Open a case of its own for a tip."""
    return decide(code, lambda tip, actor: triage.separate(tip, actor=actor, now=utcnow()), "Own case")


@blueprint.post("/desk/<code>/noise")
@requires(*CASEWORKERS)
def noise(code: str) -> BaseResponse:
    """Set a tip aside as noise."""
    back = "undo" in request.args
    return decide(
        code,
        lambda tip, actor: triage.set_aside(tip, actor=actor, now=utcnow()),
        "Set aside",
        stay=back,
        taken_back=back,
    )


@blueprint.post("/desk/<code>/not-noise")
@requires(*CASEWORKERS)
def not_noise(code: str) -> BaseResponse:
    """Make a tip of what was set aside."""
    action_id = read_id(request.args.get("action", ""))
    return decide(
        code,
        lambda tip, actor: triage.bring_back(
            tip, action_id=action_id, actor=actor, vault=_vault(), now=utcnow()
        ),
        "A tip",
        stay=True,
        taken_back=action_id is not None,
    )


@blueprint.post("/desk/<code>/category")
@requires(*CASEWORKERS)
def category(code: str) -> BaseResponse:
    """Correct a tip's category."""
    name = request.args.get("category") or request.form.get("category", "")
    return decide(
        code,
        lambda tip, actor: triage.correct_category(tip, name, actor=actor, now=utcnow()),
        "Corrected",
        stay=True,
        taken_back="category" in request.args,
    )


@blueprint.post("/desk/<code>/undo/<int:action_id>")
@requires(*CASEWORKERS)
def undo(code: str, action_id: int) -> BaseResponse:
    """Take an act of filing back."""
    return decide(
        code,
        lambda tip, actor: triage.take_back(tip, action_id, actor=actor, now=utcnow()),
        None,
        stay=True,
    )


@blueprint.get("/tips/for-case/<number>")
@requires(*CASE_READERS)
def tips_for_case(number: str) -> Response:
    """Show the tips of a case in their own words, as a part of its page."""
    case_id = case_services.case_id_by_number(number)
    if case_id is None:
        raise NotFound("There is no case by this number.")
    links = case_services.links_of_case(case_id)
    found = queries.tips_by_ids([link.tip_id for link in links])
    shown = desk_tip.tips_context([found[link.tip_id] for link in links])
    tips = [tip | {"link": link} for tip, link in zip(shown, links, strict=True)]
    ticked = request.args.getlist("tip")
    return render("tips/for_case.html", "tips/_for_case.html", tips=tips, number=number, ticked=ticked)


@blueprint.get("/tips/also-in/<number>")
@requires(*CASE_READERS)
def also_in_of_case(number: str) -> Response:
    """Show where else the identifiers of a case's tips were named, as a part of its page."""
    case_id = case_services.case_id_by_number(number)
    if case_id is None:
        raise NotFound("There is no case by this number.")
    found = queries.tips_by_ids([link.tip_id for link in case_services.links_of_case(case_id)])
    shared = also_in([row.tip for row in found.values()])
    return render("tips/also_in.html", "tips/_also_in_case.html", also=shared, number=number)


def decide(
    code: str,
    act: Any,
    decided: str | None,
    *,
    stay: bool = False,
    taken_back: bool = False,
    moves: bool = False,
) -> BaseResponse:
    """Make one decision; what takes an earlier one back offers no undo, so that undoing goes on backwards.

    `moves` says that a tip may have got another place, so that the map is drawn anew.
    """
    view = current_view()
    member = current_user()
    actor = Actor(id=member.id, role=member.role.value, person_id=member.person_id)
    try:
        with transaction():
            tip = triage.lock_tip(code)
            done: Decided = act(tip, actor)
            tip_id = tip.id
    except (Conflict, NotFound, Invalid) as error:
        return _refused(code, view, error)
    row = queries.tips_by_ids([tip_id])[tip_id]
    if not is_htmx():
        return redirect(view.tip_href(row.tip.code), 303)
    following = None if stay else desk_lists.next_tip_id(view, row.tip)
    shown = queries.tips_by_ids([following])[following] if following is not None else row
    tip_shown = desk_tip.tip_context(shown) | {"say": done.sentence}
    decided_row = desk_lists.rows_of([tip_id], view)[0] | {"decided": decided}
    answer = render(
        "tips/_decision.html",
        desk=_desk(view),
        tip=tip_shown,
        row=decided_row,
        said=done.sentence,
        undo_href=None if taken_back else done.undo_href,
        points=desk_lists.map_features(view) if moves else None,
    )
    answer.headers["HX-Replace-Url"] = view.tip_href(shown.tip.code)  # a reload opens what is on the screen
    return answer


def _refused(code: str, view: View, error: Conflict | NotFound | Invalid) -> BaseResponse:
    """Show the tip as it is now with what was wrong; what was typed stays in its field."""
    if not is_htmx():
        raise error
    said, status = error.detail, 409
    if isinstance(error, Invalid):
        said, status = " ".join(message for some in error.errors.values() for message in some), 422
    tip = desk_tip.tip_context(tip_row(code)) | {"conflict": said}
    tip["teach"] |= {"typed": request.form.get("words", "")[:120]}
    return render("tips/_opened.html", status=status, desk=_around(view), tip=tip)


def _around(view: View) -> dict[str, Any]:
    """Tell a tip that is drawn alone which view it was opened from."""
    return {
        "view": view.name,
        "view_href": view.href(),
        "category": view.category,
        "tile_url": settings().tile_url,
    }


def _desk(view: View) -> dict[str, Any]:
    cursors = {name: desk_lists.read_cursor(request.args.get(name, "")) for name in ("before", "after")}
    context = desk_lists.list_context(
        view, older_than=cursors["before"], newer_than=cursors["after"], now=utcnow()
    )
    return context | {"tile_url": settings().tile_url}


def current_view() -> View:
    """Return the list that a request belongs to."""
    name, wanted = request.values.get("view", ""), request.args.get("category", "")
    if (
        request.method == "POST" or not name
    ):  # the address on the screen names the list that is worked through
        asked = parse_qs(urlsplit(request.headers.get("HX-Current-URL", "")).query)
        name = asked.get("view", [name])[0]
        wanted = asked.get("category", [wanted if request.method == "GET" else ""])[0]
    category = wanted if wanted in CATEGORIES else None
    return View(name if name in desk_lists.VIEWS else "waiting", category, current_user())


def tip_row(code: str) -> queries.TipRow:
    """Find a tip by the code of an address; raise NotFound where there is none."""
    tip: Tip | None = queries.tip_by_code(code.replace("-", ""))
    if tip is None:
        raise NotFound("There is no such tip.")
    return queries.tips_by_ids([tip.id])[tip.id]


def _vault() -> Vault:
    vault: Vault = current_app.extensions["vault"]
    return vault
