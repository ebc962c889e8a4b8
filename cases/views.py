"""The list of cases and the page of a case."""

from __future__ import annotations

from flask import Blueprint, Response, request
from marshmallow import ValidationError

from accounts.permissions import current_user, requires
from accounts.roles import CASE_READERS
from cases import acts, queries, split_acts, tie_acts
from cases.facts import CATEGORY_WORDS
from cases.queries import UNCONFIRMED_VIEW, UNFINISHED_VIEW, VIEWS, Filters
from cases.schemas import LIST
from cases.services.timeline import TONES
from cases.showing import show_case
from cases.states import words
from core.web import PAGE_SIZE, Page, page_number, read_id, render

blueprint = Blueprint("cases", __name__, template_folder="templates")
blueprint.register_blueprint(acts.blueprint)
blueprint.register_blueprint(split_acts.blueprint)
blueprint.register_blueprint(tie_acts.blueprint)
VIEW_WORDS = {UNFINISHED_VIEW: "Unfinished", UNCONFIRMED_VIEW: "To confirm"}


@blueprint.get("/cases")
@requires(*CASE_READERS)
def case_list() -> Response:
    """Show cases by priority, filtered and in pages."""
    filters = _filters()
    page = Page(page_number(), PAGE_SIZE, queries.count_cases(filters))
    counts = queries.counts_by_view(filters)
    asked = _asked(filters)
    return render(
        "cases/list.html",
        "cases/_list.html",
        rows=queries.list_cases(filters, limit=page.size, offset=page.offset),
        paging=page,
        filters=filters,
        tabs=[(f"/cases?view={view}{asked}", _view_words(view), counts[view]) for view in VIEWS],
        here=f"/cases?view={filters.view}{asked}",
        units=queries.list_units(),
        categories=CATEGORY_WORDS,
        tones=TONES,
        words=words,
    )


@blueprint.get("/cases/<number>")
@requires(*CASE_READERS)
def case(number: str) -> Response:
    """Show one case; `done` names an act that was just made without script, to offer its undo."""
    return show_case(number, done=read_id(request.args.get("done", "")))


def _filters() -> Filters:
    try:
        asked = LIST.load(request.args.to_dict())
    except ValidationError as error:
        asked = error.valid_data if isinstance(error.valid_data, dict) else {}
    view = asked.get("view", UNFINISHED_VIEW)
    return Filters(
        view=view if view in VIEWS else UNFINISHED_VIEW,
        unit_id=asked.get("unit"),
        category=asked.get("category"),
        assignee_id=current_user().id if asked.get("mine") else None,
    )


def _asked(filters: Filters) -> str:
    """Write the filters beside the view back into an address."""
    parts = {
        "unit": filters.unit_id,
        "category": filters.category,
        "mine": "yes" if filters.assignee_id else None,
    }
    return "".join(f"&{name}={value}" for name, value in parts.items() if value is not None)


def _view_words(view: str) -> str:
    return VIEW_WORDS.get(view) or words(view).capitalize()
