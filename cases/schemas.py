"""What the forms of cases and the routing file may hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, post_load, pre_load, validate

from cases.closing import DISPOSITIONS
from cases.facts import CATEGORIES
from cases.measures import UNITS, quantity_of
from cases.priority import PRIORITIES
from cases.routing import polygons_of
from cases.states import STATES
from core.web import LARGEST_ID
from rewards.money import EXPONENTS, checked_minor, parse_minor

LONGEST_LINE = 500
LONGEST_TEXT = 10_000
KEY = validate.Regexp(r"[a-z0-9_-]{1,40}\Z", error="Use small letters, digits, - and _.")
NAME = validate.Length(1, 120)
ID = validate.Range(0, LARGEST_ID)


def flat_messages(error: ValidationError) -> dict[str, list[str]]:
    """Turn nested messages into one list for each path."""
    flat: dict[str, list[str]] = {}

    def walk(path: str, node: Any) -> None:
        if isinstance(node, Mapping):
            for key, value in node.items():
                walk(f"{path}.{key}" if path else str(key), value)
        else:
            flat.setdefault(path.replace("_schema", "form") or "form", []).extend(
                str(message) for message in node
            )

    walk("", error.normalized_messages())
    return flat


class Form(Schema):
    """A form post: blanks mean nothing was entered, unknown fields are ignored."""

    class Meta:
        """Ignore the token and what a browser's helpers add."""

        unknown = EXCLUDE

    @pre_load
    def drop_blanks(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """Treat an empty box like a missing one; NUL never reaches a database."""
        cleaned = {
            name: value.replace("\0", "") if isinstance(value, str) else value for name, value in data.items()
        }
        return {name: value for name, value in cleaned.items() if value != ""}


class UnitSchema(Schema):
    """A unit of the routing file."""

    key = fields.String(required=True, validate=KEY)
    name = fields.String(required=True, validate=NAME)


class AreaSchema(Schema):
    """An area of the routing file, with its outline as GeoJSON."""

    key = fields.String(required=True, validate=KEY)
    name = fields.String(required=True, validate=NAME)
    shape = fields.Dict(required=True)
    special = fields.Boolean(load_default=False)

    @post_load
    def check_shape(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Refuse an outline that is no area."""
        try:
            polygons_of(data["shape"])
        except ValueError as error:
            raise ValidationError({"shape": [str(error)]}) from error
        return data


class RuleSchema(Schema):
    """A rule of the routing file; area and category may be left out."""

    unit = fields.String(required=True)
    area = fields.String(load_default=None, allow_none=True)
    category = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(CATEGORIES))


class RoutingSchema(Schema):
    """The routing file: units, areas, rules, and which unit does triage."""

    class Meta:
        """A misspelt field is an error, not a rule that silently never holds."""

        unknown = RAISE

    units = fields.List(fields.Nested(UnitSchema), required=True, validate=validate.Length(min=1))
    areas = fields.List(fields.Nested(AreaSchema), load_default=list)
    rules = fields.List(fields.Nested(RuleSchema), load_default=list)
    triage = fields.String(load_default=None, allow_none=True)

    @post_load
    def check_keys(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Refuse keys that occur twice and rules that name what is not there."""
        errors = [
            *_twice("units", data["units"]),
            *_twice("areas", data["areas"]),
            *_unknown(data),
        ]
        if errors:
            raise ValidationError({"rules": errors})
        return data


def _twice(what: str, entries: list[dict[str, Any]]) -> list[str]:
    keys = [entry["key"] for entry in entries]
    return [
        f"“{key}” occurs twice among the {what}."
        for key in sorted({key for key in keys if keys.count(key) > 1})
    ]


def _unknown(data: dict[str, Any]) -> list[str]:
    units = {unit["key"] for unit in data["units"]}
    areas = {area["key"] for area in data["areas"]}
    named = [("unit", rule["unit"], units) for rule in data["rules"]]
    named += [("area", rule["area"], areas) for rule in data["rules"] if rule["area"] is not None]
    named += [("unit", data["triage"], units)] if data["triage"] is not None else []
    return [f"There is no {what} “{key}”." for what, key, known in named if key not in known]


class MoveSchema(Form):
    """A change of state and what was typed with it."""

    to = fields.String(required=True, validate=validate.OneOf(STATES))
    reason = fields.String(load_default="", validate=validate.Length(max=LONGEST_LINE))
    review_on = fields.Date(load_default=None)
    agency = fields.String(load_default="", validate=validate.Length(max=200))
    contact = fields.String(load_default="", validate=validate.Length(max=200))
    disclosure = fields.String(load_default="", validate=validate.Length(max=2000))
    survivor = fields.String(load_default=None, validate=validate.Length(max=20))
    version = fields.Integer(load_default=None, validate=ID)


class NoteSchema(Form):
    """A note; `version` goes with an edit."""

    body = fields.String(required=True, validate=validate.Length(1, LONGEST_TEXT))
    version = fields.Integer(load_default=None, validate=ID)


class PrioritySchema(Form):
    """An override of the priority, or a return to the computed one."""

    priority = fields.String(load_default=None, validate=validate.OneOf(PRIORITIES))
    reason = fields.String(load_default="", validate=validate.Length(max=LONGEST_LINE))
    version = fields.Integer(load_default=None, validate=ID)


class AssignSchema(Form):
    """Who gets the case; nobody where it is left out."""

    assignee = fields.Integer(load_default=None, validate=ID)
    version = fields.Integer(load_default=None, validate=ID)


class UnitChoiceSchema(Form):
    """Which unit gets the case."""

    unit = fields.Integer(required=True, validate=ID)
    version = fields.Integer(load_default=None, validate=ID)


class CategoryChoiceSchema(Form):
    """What goods the case is about; left out, its tips decide."""

    category = fields.String(load_default=None, validate=validate.OneOf(CATEGORIES))
    version = fields.Integer(load_default=None, validate=ID)


class TipMoveSchema(Form):
    """Where a tip goes: the number of a case, or a new case where it is left out."""

    to = fields.String(load_default=None, validate=validate.Length(max=20))
    reason = fields.String(load_default="", validate=validate.Length(max=200))


class SplitSchema(Form):
    """Where the ticked tips go, as with one tip, and a note that stands on each of them."""

    to = fields.String(load_default=None, validate=validate.Length(max=20))
    note = fields.String(load_default="", validate=validate.Length(max=200))
    version = fields.Integer(load_default=None, validate=ID)


class OutcomeSchema(Form):
    """The closing form, as far as it is filled in."""

    disposition = fields.String(load_default=None, validate=validate.OneOf(tuple(DISPOSITIONS)))
    summary = fields.String(load_default="", validate=validate.Length(max=LONGEST_TEXT))
    nil_seizures = fields.Boolean(load_default=False)
    action_at = fields.NaiveDateTime(load_default=None, timezone=UTC)
    version = fields.Integer(load_default=None, validate=ID)


class SeizureSchema(Form):
    """A lot of goods taken: its measure and value may follow later."""

    category = fields.String(required=True, validate=validate.OneOf(CATEGORIES))
    description = fields.String(required=True, validate=validate.Length(1, 200))
    quantity = fields.String(load_default=None, validate=validate.Length(max=30))
    unit = fields.String(load_default=None, validate=validate.OneOf(tuple(UNITS)))
    value = fields.String(load_default=None, validate=validate.Length(max=30))
    currency = fields.String(load_default=None, validate=validate.OneOf(tuple(EXPONENTS)))

    @post_load
    def to_integers(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Turn quantity and value into whole thousandths and minor units."""
        errors: dict[str, list[str]] = {}
        data["quantity_thousandths"] = _read(errors, "quantity", data.pop("quantity"), quantity_of)
        value, currency = data.pop("value"), data["currency"]
        if value is not None and currency is None:
            errors["currency"] = ["Say in which currency."]
        data["value_minor"] = None
        if value is not None and currency is not None:
            data["value_minor"] = _read(errors, "value", value, lambda text: _worth(text, currency))
        if errors:
            raise ValidationError(errors)
        return data


class TieSchema(Form):
    """A link with another case, made by hand."""

    other = fields.String(required=True, validate=validate.Length(1, 16))
    reason = fields.String(required=True, validate=validate.Length(1, 300))


class TieDismissalSchema(Form):
    """Why a link means nothing."""

    why = fields.String(required=True, validate=validate.Length(1, 300))


class ListSchema(Form):
    """Filters of the list of cases; what cannot be used is left out rather than refused."""

    state = fields.String(load_default="unfinished")
    unit = fields.Integer(load_default=None, validate=ID)
    category = fields.String(load_default=None, validate=validate.OneOf(CATEGORIES))
    mine = fields.Boolean(load_default=False)


def _read(errors: dict[str, list[str]], field: str, text: str | None, parse: Any) -> int | None:
    if text is None:
        return None
    try:
        return int(parse(text))
    except ValueError as error:
        errors[field] = [str(error)]
        return None


def _worth(text: str, currency: str) -> int:
    """Read an amount that may be nothing: some goods have no market."""
    if text.strip() in ("0", "0.0", "0.00"):
        return checked_minor(0, allow_zero=True)
    return parse_minor(text, currency)


ROUTING = RoutingSchema()
MOVE, NOTE, PRIORITY, ASSIGN = MoveSchema(), NoteSchema(), PrioritySchema(), AssignSchema()
UNIT_CHOICE, CATEGORY_CHOICE = UnitChoiceSchema(), CategoryChoiceSchema()
TIP_MOVE, SPLIT = TipMoveSchema(), SplitSchema()
TIE, TIE_DISMISSAL = TieSchema(), TieDismissalSchema()
OUTCOME, SEIZURE, LIST = OutcomeSchema(), SeizureSchema(), ListSchema()
