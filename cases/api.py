"""The staff's JSON API for cases: read only."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, Schema, fields, validate

from accounts.permissions import requires
from accounts.roles import CASE_READERS
from cases import queries
from cases.exports import ExportedCase
from cases.facts import CATEGORIES
from cases.queries import UNFINISHED_VIEW, VIEWS, Filters
from core.web import PAGE_SIZE

blueprint = Blueprint("cases_api", __name__, url_prefix="/api/v1/cases", description="Cases, for staff")
LAST_PAGE = 100_000


class CaseQuerySchema(Schema):
    """What to list."""

    class Meta:
        """Ignore what other versions of a client send."""

        unknown = EXCLUDE

    view = fields.String(load_default=UNFINISHED_VIEW, validate=validate.OneOf(VIEWS))
    category = fields.String(load_default=None, validate=validate.OneOf(CATEGORIES))
    page = fields.Integer(load_default=1, validate=validate.Range(1, LAST_PAGE))


class CaseSummarySchema(Schema):
    """A case in a list."""

    number = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True)
    category = fields.String(required=True, allow_none=True)
    priority = fields.String(required=True)
    priority_reasons = fields.List(fields.String(), required=True)
    unit = fields.String(required=True)
    tips = fields.Integer(required=True)
    senders = fields.Integer(required=True)
    confirmed = fields.Boolean(required=True)
    lat = fields.Float(required=True, allow_none=True)
    lon = fields.Float(required=True, allow_none=True)
    radius_m = fields.Float(required=True, allow_none=True)
    opened_at = fields.AwareDateTime(required=True)
    last_tip_at = fields.AwareDateTime(required=True, allow_none=True)


class CasePageSchema(Schema):
    """One page of the list."""

    total = fields.Integer(required=True)
    page = fields.Integer(required=True)
    cases = fields.List(fields.Nested(CaseSummarySchema), required=True)


class SeizureOutSchema(Schema):
    """A lot of goods taken: decimal quantity as text, value in minor units of its currency."""

    category = fields.String(required=True)
    description = fields.String(required=True)
    quantity = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    value_minor = fields.Integer(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)


class CaseSchema(Schema):
    """One case; `tips` are codes, the words of tips are not part of it."""

    number = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True)
    category = fields.String(required=True, allow_none=True)
    priority = fields.String(required=True)
    unit = fields.String(required=True)
    area = fields.String(required=True, allow_none=True)
    place = fields.String(required=True, allow_none=True)
    lat = fields.Float(required=True, allow_none=True)
    lon = fields.Float(required=True, allow_none=True)
    radius_m = fields.Float(required=True, allow_none=True)
    opened_at = fields.AwareDateTime(required=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
    senders = fields.Integer(required=True)
    confirmed = fields.Boolean(required=True)
    disposition = fields.String(required=True, allow_none=True)
    survivor = fields.String(required=True, allow_none=True)
    tips = fields.List(fields.String(), required=True)
    seizures = fields.List(fields.Nested(SeizureOutSchema), required=True)


@blueprint.route("")
class CaseList(MethodView):
    """The list."""

    @blueprint.arguments(CaseQuerySchema, location="query")
    @blueprint.response(200, CasePageSchema)
    @requires(*CASE_READERS)
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """List cases by priority, then by the latest word on them."""
        filters = Filters(view=asked["view"], category=asked["category"])
        rows = queries.list_cases(filters, limit=PAGE_SIZE, offset=(asked["page"] - 1) * PAGE_SIZE)
        return {"total": queries.count_cases(filters), "page": asked["page"], "cases": rows}


@blueprint.route("/<number>")
class OneCase(MethodView):
    """One case."""

    @blueprint.response(200, CaseSchema)
    @requires(*CASE_READERS)
    def get(self, number: str) -> ExportedCase:
        """Return one case."""
        return queries.exported_case(number)
