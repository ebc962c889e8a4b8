"""Show the page of a case, after a look or after an act."""

from __future__ import annotations

from flask import Response, request

from accounts.permissions import current_user
from cases import queries
from cases.closing import DISPOSITIONS
from cases.facts import CATEGORY_WORDS, Actor
from cases.measures import UNITS, quantity_text
from cases.services.pages import CasePage, case_page
from cases.ties import metres_between
from core.clock import utcnow
from core.codes import show_tip_code
from core.deployment import current_deployment
from core.errors import AppError
from core.web import render, settings
from rewards.money import EXPONENTS

CASE_ALONE_KM = 3.0
FARTHEST_FRAMED_M = 30_000.0
FRAMED_PER_KM = 3.3  # the map frames about a third of the radius it is given to each side
CHOICES = {
    "dispositions": [(key, disposition.label) for key, disposition in DISPOSITIONS.items()],
    "measures": list(UNITS.items()),
    "currencies": sorted(EXPONENTS),
    "categories": CATEGORY_WORDS,
    "tip_code": show_tip_code,
    "quantity_text": quantity_text,
}


def show_case(
    number: str,
    *,
    said: str = "",
    done: int | None = None,
    undo: str | None = None,
    refused: AppError | None = None,
) -> Response:
    """Render the page of a case, or its body for htmx, with what was done or refused.

    `done` is an act to offer the undo of; one that was undone already offers nothing. `undo` is the address that
    takes back what is no act of filing.
    """
    shown = case_page(number=number, actor=actor(), now=utcnow())
    return render(
        "cases/case.html",
        "cases/_answer.html",
        status=refused.status if refused is not None else 200,
        shown=shown,
        case=shown.case,
        features=_features(shown),
        map_radius_km=_map_radius_km(shown),
        tile_url=settings().tile_url,
        said=said,
        undo=f"/cases/actions/{done}/undo?on={number}"
        if done is not None and queries.can_undo(done)
        else undo,
        refused=refused,
        typed=request.form,
        **CHOICES,
    )


def actor() -> Actor:
    """Act as whoever is signed in."""
    member = current_user()
    return Actor(member.id, member.role.value, member.person_id)


def _features(page: CasePage) -> dict[str, object]:
    """Draw the case, its tips and, faintly, the cases that it is linked with as GeoJSON for the map."""
    case = page.case
    place = _point(case.number, "case", case.title, case.lat, case.lon, case.radius_m)
    tips = [
        _point(show_tip_code(tip.code), "tip", tip.place or "", tip.lat, tip.lon, tip.radius_m)
        for tip in page.links
    ]
    linked = {tie.number: tie for tie in page.ties if tie.dismissed_why is None}.values()
    faint = [
        _point(
            tie.number,
            "case",
            f"{tie.number} {tie.title}",
            tie.lat,
            tie.lon,
            tie.radius_m,
            f"/cases/{tie.number}",
        )
        for tie in linked
    ]
    return {
        "type": "FeatureCollection",
        "features": [feature for feature in (place, *tips, *faint) if feature is not None],
    }


def _map_radius_km(page: CasePage) -> float:
    """Choose how much of the map to frame: the case alone, or as far as the cases that it is linked with."""
    case = page.case
    if case.lat is None or case.lon is None:
        return current_deployment().radius_km
    away = [
        metres_between((case.lat, case.lon), (tie.lat, tie.lon))
        for tie in page.ties
        if tie.dismissed_why is None and tie.lat is not None and tie.lon is not None
    ]
    near = [metres for metres in away if metres <= FARTHEST_FRAMED_M]
    return max(CASE_ALONE_KM, FRAMED_PER_KM * max(near, default=0.0) / 1000)


def _point(
    key: str,
    kind: str,
    label: str,
    lat: float | None,
    lon: float | None,
    radius_m: float | None,
    linked_href: str | None = None,
) -> dict[str, object] | None:
    if lat is None or lon is None:
        return None
    selected = kind == "case" and linked_href is None
    properties: dict[str, object] = {
        "id": key,
        "kind": kind,
        "label": label,
        "radius_m": radius_m,
        "selected": selected,
    }
    if linked_href is not None:
        properties |= {"faint": True, "href": linked_href, "note": "Linked case"}
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "id": key, "geometry": geometry, "properties": properties}
