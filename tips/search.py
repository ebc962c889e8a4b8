"""The search box of the staff: one field for codes, numbers, identifiers and words."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from accounts.permissions import current_user, requires
from accounts.roles import CASE_READERS, CASEWORKERS
from accounts.services import StaffMember
from cases.services import FoundCase, case_of_tips
from core.codes import show_tip_code
from core.web import is_htmx, render
from core.wordsearch import LONGEST_QUERY, places_of, read_query, words_of
from tips import desk_lists, finding, queries
from tips.desk_lists import View
from tips.excerpt import excerpt
from tips.finding import Found
from tips.highlight import Mark, Part, highlight

blueprint = Blueprint("search", __name__, template_folder="templates")


@blueprint.get("/search")
@requires(*CASE_READERS)
def search() -> BaseResponse:
    """Show what a query brings up, or go straight to the one tip or case that it names."""
    query = read_query(request.args.get("q", ""))
    member = current_user()
    found = finding.find(query) if query else Found()
    address = _address(found, member)
    if address is not None:
        return _go(address)
    return render(
        "tips/search.html",
        "tips/_search_results.html",
        query=query,
        longest=LONGEST_QUERY,
        cases=[_case_row(case, query) for case in found.cases],
        rows=_tip_rows(found, query, member),
        found=found,
        scanned=finding.SCANNED,
    )


def _address(found: Found, member: StaffMember) -> str | None:
    if found.number is not None:
        return f"/cases/{found.number}"
    if found.code is None:
        return None
    if member.role in CASEWORKERS:
        return f"/desk/{show_tip_code(found.code)}?view=all"
    tip = queries.tip_by_code(found.code)
    home = case_of_tips([tip.id]).get(tip.id) if tip is not None else None
    return f"/cases/{home.number}" if home is not None else None


def _go(address: str) -> BaseResponse:
    if not is_htmx():
        return redirect(address, 303)
    response = Response(status=204)
    response.headers["HX-Redirect"] = address
    return response


def _tip_rows(found: Found, query: str, member: StaffMember) -> list[dict[str, Any]]:
    """Build the rows; who may not open the desk gets the tips' cases instead, and no tip without one."""
    ids = found.tip_ids
    words = words_of(query)
    meant = finding.spans_meant(query, ids)
    tips = queries.tips_by_ids(ids)
    homes = case_of_tips(ids)
    rows = []
    for row in desk_lists.rows_of(ids, View("all", None, member)):
        tip, home = tips[row["id"]].tip, homes.get(row["id"])
        if member.role not in CASEWORKERS:
            if home is None:
                continue
            row["href"] = f"/cases/{home.number}"
        marks = [Mark(start, end, "observable", name) for start, end, name in meant.get(tip.id, ())]
        marks += [Mark(start, end, "fact", "") for start, end in places_of(words, tip.text)]
        rows.append(
            row
            | {
                "parts": excerpt(tip.text, marks),
                "place_parts": _marked(row["place"] or "No place", words),
                "number": home.number if home is not None else None,
                "facts": list(dict.fromkeys(name for *_, name in meant.get(tip.id, ()))),
                "is_noise": tip.is_noise,
            }
        )
    return rows


def _case_row(case: FoundCase, query: str) -> dict[str, Any]:
    return {"case": case, "href": f"/cases/{case.number}", "title": _marked(case.title, words_of(query))}


def _marked(text: str, words: tuple[str, ...]) -> tuple[Part, ...]:
    return highlight(text, [Mark(start, end, "fact", "") for start, end in places_of(words, text)])
