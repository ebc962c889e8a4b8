"""The desk learns: an officer names a place from a tip, or says where a tip happened."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, request
from marshmallow import ValidationError
from werkzeug.wrappers import Response as BaseResponse

from accounts.permissions import current_user, requires
from accounts.roles import CASEWORKERS, Role
from cases.facts import Actor
from core.clock import utcnow
from core.codes import show_tip_code
from core.db import transaction
from core.errors import Invalid, NotFound
from core.jobs import wake
from core.vault import Vault
from core.web import PAGE_SIZE, Page, is_htmx, page_number, render
from tips import desk_lists, desk_tip, taught_pages, teaching
from tips.desk import current_view, decide, tip_row
from tips.known_places import places_like
from tips.models import Tip
from tips.schemas import NAME
from tips.triage import Decided

blueprint = Blueprint("names", __name__, template_folder="templates")
BY_OFFICER_M = 150.0  # how exactly somebody points at a map
LONGEST_QUERY = 80
KEEPERS = (*CASEWORKERS, Role.ADMIN)
TRY_AGAIN = "try_again"


@blueprint.get("/desk/<code>/places")
@requires(*CASEWORKERS)
def places(code: str) -> Response:
    """Offer the places that a few letters may mean, nearest first."""
    tip = tip_row(code).tip
    query = request.args.get("q", "")[:LONGEST_QUERY]
    offers = places_like(query, near=desk_tip.near_point(tip))
    return render("tips/_place_offers.html", offers=offers, query=query)


@blueprint.post("/desk/<code>/names")
@requires(*CASEWORKERS)
def teach(code: str) -> BaseResponse:
    """Learn what the words of a tip name, or only where the tip happened, by the button that was pressed."""
    answer = decide(code, _taught, "Placed", stay=True, moves=True)
    wake(TRY_AGAIN)
    return answer


@blueprint.post("/desk/<code>/names/<int:taught_id>/remove")
@requires(*CASEWORKERS)
def remove_from_tip(code: str, taught_id: int) -> BaseResponse:
    """Take back a name that was taught from a tip."""

    def act(tip: Tip, actor: Actor) -> Decided:
        if taught_id not in {name.id for name in taught_pages.taught_from(tip.id)}:
            raise NotFound("This name was not taught from this tip.")
        return Decided(teaching.forget(taught_id, actor=actor, vault=_vault(), now=utcnow()).sentence, None)

    answer = decide(code, act, None, stay=True, taken_back=True, moves=True)
    wake(TRY_AGAIN)
    return answer


@blueprint.post("/desk/<code>/position/<int:placement_id>/undo")
@requires(*CASEWORKERS)
def undo_position(code: str, placement_id: int) -> BaseResponse:
    """Put a tip back to where it lay before an officer moved it."""

    def act(tip: Tip, actor: Actor) -> Decided:
        teaching.undo_position(tip, placement_id, actor=actor, vault=_vault(), now=utcnow())
        return Decided(f"{show_tip_code(tip.code)} lies where it did before.", None)

    return decide(code, act, None, stay=True, taken_back=True, moves=True)


@blueprint.get("/desk/names/<int:taught_id>")
@requires(*KEEPERS)
def one_name(taught_id: int) -> Response:
    """Show what a name placed; as a part of the desk, how far the trying has come and then the rows that changed."""
    name = taught_pages.one_taught(taught_id)
    view = current_view()
    rows = desk_lists.rows_of(taught_pages.placed_by(taught_id), view)
    points = desk_lists.map_features(view) if is_htmx() and not name.working else None
    return render("tips/name.html", "tips/_tried.html", name=name, rows=rows, points=points)


@blueprint.get("/admin/names")
@requires(*KEEPERS)
def names() -> Response:
    """List the names that officers taught."""
    return _list()


@blueprint.post("/admin/names/<int:taught_id>/remove")
@requires(*KEEPERS)
def remove(taught_id: int) -> Response:
    """Take back a name; the tips that it placed are placed again without it."""
    with transaction():
        done = teaching.forget(taught_id, actor=_actor(), vault=_vault(), now=utcnow())
    wake(TRY_AGAIN)
    return _list(said=done.sentence)


def _list(said: str = "") -> Response:
    page = Page(page_number(), PAGE_SIZE, taught_pages.count_taught())
    rows = taught_pages.list_taught(limit=page.size, offset=page.offset)
    return render("tips/names.html", "tips/_names.html", names=rows, paging=page, said=said)


def _taught(tip: Tip, actor: Actor) -> Decided:
    form = _form()
    now, vault, code = utcnow(), _vault(), show_tip_code(tip.code)
    if form["place"] is not None:
        done = teaching.teach_alias(
            tip, form["words"], place_id=form["place"], actor=actor, vault=vault, now=now
        )
        return Decided(done.sentence, f"/desk/{code}/names/{done.taught_id}/remove")
    lat, lon = _point(form, tip)
    if form["act"] == "position":
        placement = teaching.set_position(
            tip, lat=lat, lon=lon, radius_m=BY_OFFICER_M, actor=actor, vault=vault, now=now
        )
        return Decided(f"{code} lies where you put it.", f"/desk/{code}/position/{placement}/undo")
    done = teaching.teach_place(tip, form["words"], lat=lat, lon=lon, actor=actor, vault=vault, now=now)
    return Decided(done.sentence, f"/desk/{code}/names/{done.taught_id}/remove")


def _form() -> dict[str, Any]:
    try:
        form: dict[str, Any] = NAME.load(request.form.to_dict())
    except ValidationError as error:
        said = error.normalized_messages()
        raise Invalid(
            {name: [f"{name}: {' '.join(map(str, some))}"] for name, some in said.items()}
        ) from error
    return form


def _point(form: dict[str, Any], tip: Tip) -> tuple[float, float]:
    """Take the point that was picked, or where the tip lies already."""
    lat, lon = form["lat"], form["lon"]
    if form["act"] == "here":
        lat, lon = tip.lat, tip.lon
    if lat is None or lon is None:
        raise Invalid({"lat": ["Pick the place on the map, or type both coordinates."]})
    return lat, lon


def _actor() -> Actor:
    member = current_user()
    return Actor(id=member.id, role=member.role.value, person_id=member.person_id)


def _vault() -> Vault:
    vault: Vault = current_app.extensions["vault"]
    return vault
