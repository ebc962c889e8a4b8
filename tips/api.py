"""The mobile API: file a tip, see how it stands, add words. The secret travels as `Authorization: Tip <secret>`."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import Response, current_app, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, Schema, fields, validate

from accounts.permissions import public
from core.clock import utcnow
from core.codes import read_secret, read_tip_code, show_secret, show_tip_code
from core.db import transaction
from core.errors import Invalid
from core.jobs import wake
from core.vault import Vault
from tips import intake, residents
from tips.inbound import LONGEST_TEXT, InboundTip, clean_text
from tips.schemas import LONGEST_KEY, SHORTEST_KEY, WebTipSchema, device_of

blueprint = Blueprint("tips_api", __name__, url_prefix="/api/v1/tips", description="Tips of residents")
SCHEME = "Tip "


class ApiTipSchema(WebTipSchema):
    """A tip by API."""


class KeySchema(Schema):
    """The header against doubles."""

    class Meta:
        """Ignore other headers."""

        unknown = EXCLUDE

    key = fields.String(
        required=True,
        data_key="Idempotency-Key",
        validate=validate.Length(SHORTEST_KEY, LONGEST_KEY),
        metadata={
            "description": "A random text of the client's own; the same key and words give the same answer."
        },
    )


class FiledSchema(Schema):
    """What the client keeps; the secret cannot be had again except with the same key."""

    code = fields.String(required=True)
    secret = fields.String(required=True)


class LineSchema(Schema):
    """One line of the dialogue."""

    sender = fields.String(required=True, validate=validate.OneOf(["you", "us"]))
    body = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class StatusSchema(Schema):
    """How a tip stands."""

    code = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(["received", "reading", "closed"]))
    received_at = fields.AwareDateTime(required=True)
    claimable = fields.Boolean(required=True)
    messages = fields.List(fields.Nested(LineSchema), required=True)


class AdditionSchema(Schema):
    """Further words."""

    class Meta:
        """Ignore what newer clients send."""

        unknown = EXCLUDE

    text = fields.String(required=True, validate=validate.Length(1, LONGEST_TEXT))


@blueprint.route("")
class Tips(MethodView):
    """The collection that anybody may add to."""

    decorators: ClassVar[list[Any]] = [public]

    @blueprint.arguments(KeySchema, location="headers")
    @blueprint.arguments(ApiTipSchema)
    @blueprint.response(201, FiledSchema)
    @blueprint.alt_response(409, description="The key was used for another message")
    def post(self, headers: dict[str, str], data: dict[str, Any]) -> dict[str, str]:
        """File a tip."""
        vault: Vault = current_app.extensions["vault"]
        prepared = intake.prepare(headers["key"], origin="api", vault=vault)
        inbound = web_tip(data, source_key=prepared.source_key)
        with transaction():
            received = intake.submit(inbound, prepared, vault=vault, now=utcnow())
        wake("seal_audit")
        return {"code": show_tip_code(received.code), "secret": show_secret(prepared.secret)}


@blueprint.route("/<code>")
class OneTip(MethodView):
    """One tip, for whoever holds its secret."""

    decorators: ClassVar[list[Any]] = [public]

    @blueprint.doc(security=[{"tip": []}])
    @blueprint.response(200, StatusSchema)
    @blueprint.alt_response(404, description="Code and secret do not belong together")
    def get(self, code: str) -> dict[str, Any]:
        """Show how a tip stands."""
        status = residents.status_of(authorised_tip(code), now=utcnow())
        return {
            "code": show_tip_code(status.code),
            "status": status.standing.value,
            "received_at": status.received_at,
            "claimable": status.claimable,
            "messages": [
                {"sender": "us" if line.ours else "you", "body": line.body, "at": line.at}
                for line in status.dialogue
            ],
        }


@blueprint.route("/<code>/messages")
class Messages(MethodView):
    """The dialogue under a tip."""

    decorators: ClassVar[list[Any]] = [public]

    @blueprint.doc(security=[{"tip": []}])
    @blueprint.arguments(AdditionSchema)
    @blueprint.response(204)
    @blueprint.alt_response(404, description="Code and secret do not belong together")
    def post(self, data: dict[str, str], code: str) -> Response:
        """Add words to a tip."""
        tip_id = authorised_tip(code)
        text = clean_text(data["text"])
        if not text:
            raise Invalid({"text": ["Write something."]})
        with transaction():
            residents.add_words(tip_id, text, now=utcnow())
        return Response(status=204)


def web_tip(data: dict[str, Any], *, source_key: str) -> InboundTip:
    """Build the inbound tip of a form or an API call; the words of the place are part of what was said."""
    place = clean_text(data["place_words"])
    text = clean_text(data["text"])
    return InboundTip(
        source_key=source_key,
        channel="web",
        text=f"{text}\n{place}" if place else text,
        sender=data["phone"] or None,
        device=device_of(data),
        place_words=place,
    )


def authorised_tip(code_text: str) -> int:
    """Return the tip whose secret the request carries; wrong and unknown are one answer."""
    header = request.headers.get("Authorization", "")
    secret = read_secret(header.removeprefix(SCHEME)) if header.startswith(SCHEME) else None
    return check_pair(read_tip_code(code_text), secret)


def check_pair(code: str | None, secret: str | None) -> int:
    """Compare code and secret outside any transaction and count what is wrong.

    What cannot be a code or a secret is no guess: its sender can see that too, so nothing is hashed or counted.
    """
    if code is None or secret is None:
        raise residents.WrongPair()
    vault: Vault = current_app.extensions["vault"]
    now = utcnow()
    attempt = residents.look_up(code, vault=vault, now=now)
    right = residents.is_right(attempt, secret, vault=vault)
    with transaction():
        if right and attempt.tip_id is not None:
            residents.count_right(attempt, vault=vault)
            return attempt.tip_id
        residents.count_wrong(attempt, vault=vault, now=now)
    raise residents.WrongPair()
