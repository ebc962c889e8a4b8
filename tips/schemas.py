"""What may come in: the provider's webhook, the web form, the API. Bounds are generous, types are strict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import (
    EXCLUDE,
    Schema,
    ValidationError,
    fields,
    post_load,
    pre_load,
    validate,
    validates_schema,
)

from core.web import LARGEST_ID
from tips.inbound import LONGEST_TEXT, DeviceFix, InboundTip, clean_sender, clean_text

MESSAGE_SID = r"^(SM|MM)[0-9a-fA-F]{32}$"
CORPUS_ID = r"^[^\x00-\x20\x7f\ud800-\udfff]{1,80}$"
# what people write for a number, in the digits of any script; a name or half a number can never be answered
PHONE = r"^(?=.{0,40}$)\W*\d(?:[\W_]*\d){5,15}\W*$"
LONGEST_BODY = 10_000
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
SHORTEST_KEY, LONGEST_KEY = 16, 200


class Coordinate(fields.Float):
    """A finite number of degrees."""

    def __init__(self, limit: float, **kwargs: Any) -> None:
        super().__init__(
            validate=validate.Range(-limit, limit),
            allow_nan=False,
            allow_none=True,
            load_default=None,
            **kwargs,
        )


class Located(Schema):
    """The position of a phone: both coordinates or none."""

    lat = Coordinate(90.0)
    lon = Coordinate(180.0)
    accuracy_m = fields.Float(
        validate=validate.Range(0, 1_000_000), allow_nan=False, allow_none=True, load_default=None
    )

    @validates_schema
    def both_or_none(self, data: dict[str, Any], **_: object) -> None:
        """Refuse half a point."""
        if (data.get("lat") is None) != (data.get("lon") is None):
            raise ValidationError("Give both coordinates or none.", "lat")


def device_of(data: Mapping[str, Any]) -> DeviceFix | None:
    """Take the phone's position out of loaded data; (0, 0) is what broken phones send."""
    lat, lon = data.get("lat"), data.get("lon")
    if lat is None or lon is None or (lat == 0 and lon == 0):
        return None
    return DeviceFix(lat, lon, data.get("accuracy_m"))


class InboundSmsSchema(Schema):
    """Twilio's webhook form; fields it does not name are ignored, for new ones appear without notice."""

    class Meta:
        """Ignore the rest."""

        unknown = EXCLUDE

    message_sid = fields.String(required=True, data_key="MessageSid", validate=validate.Regexp(MESSAGE_SID))
    account_sid = fields.String(required=True, data_key="AccountSid", validate=validate.Length(1, 64))
    sender = fields.String(required=True, data_key="From", validate=validate.Length(1, 80))
    recipient = fields.String(data_key="To", load_default="", validate=validate.Length(max=80))
    body = fields.String(data_key="Body", load_default="", validate=validate.Length(max=LONGEST_BODY))
    lat = Coordinate(90.0, data_key="Latitude")
    lon = Coordinate(180.0, data_key="Longitude")
    label = fields.String(data_key="Label", load_default="", validate=validate.Length(max=500))
    address = fields.String(data_key="Address", load_default="", validate=validate.Length(max=500))

    @pre_load
    def forget_broken_position(self, data: Mapping[str, Any], **_: object) -> dict[str, Any]:
        """Drop a position that is out of range: what the person wrote still counts."""
        kept = dict(data)
        if not (_in_range(kept.get("Latitude"), 90) and _in_range(kept.get("Longitude"), 180)):
            kept.pop("Latitude", None)
            kept.pop("Longitude", None)
        return kept

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> InboundTip:
        """Build the inbound tip; a shared place without words is told by its label."""
        channel, number = clean_sender(data["sender"])
        words = clean_text(data["body"]) or clean_text(f"{data['label']} {data['address']}")
        return InboundTip(
            source_key=f"sms:{data['message_sid']}",
            channel=channel,
            text=words,
            sender=number or None,
            device=device_of(data),
        )


def _in_range(value: object, limit: float) -> bool:
    try:
        number = float(str(value))
    except ValueError:
        return False
    return math.isfinite(number) and abs(number) <= limit


class WebTipSchema(Located):
    """The web form and the API share these fields."""

    class Meta:
        """Ignore what browsers' helpers add."""

        unknown = EXCLUDE

    text = fields.String(
        required=True, metadata={"description": "What happened, in the resident's own words."}
    )
    place_words = fields.String(load_default="", validate=validate.Length(max=400))
    phone = fields.String(load_default="", validate=validate.Regexp(PHONE))
    language = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=8))

    @pre_load
    def blank_is_absent(self, data: Any, **_: object) -> Any:
        """Treat empty form fields as absent; what is no object is left for the schema to refuse."""
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if value not in ("", None)}

    @validates_schema
    def has_words(self, data: dict[str, Any], **_: object) -> None:
        """Refuse a tip without words."""
        text = clean_text(data.get("text", ""))
        if not text:
            raise ValidationError("Write what you saw.", "text")
        if len(data["text"]) > LONGEST_TEXT:
            raise ValidationError(
                f"Use at most {LONGEST_TEXT} characters; send the rest as a second message.", "text"
            )


class CorpusLineSchema(Located):
    """One line of a corpus file: only the input fields are read, gold labels are never looked at."""

    class Meta:
        """Ignore gold labels."""

        unknown = EXCLUDE

    id = fields.String(required=True, validate=validate.Regexp(CORPUS_ID))
    channel = fields.String(required=True, validate=validate.OneOf(["sms", "whatsapp", "web"]))
    sender = fields.String(
        data_key="from", load_default=None, allow_none=True, validate=validate.Length(max=80)
    )
    text = fields.String(required=True, validate=validate.Length(max=LONGEST_BODY))
    received_at = fields.AwareDateTime(required=True, format="iso", validate=validate.Range(EARLIEST, LATEST))

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> InboundTip:
        """Build the inbound tip at its own time."""
        return InboundTip(
            source_key=f"replay:{data['id']}",
            channel=data["channel"],
            text=clean_text(data["text"]),
            sender=data["sender"],
            device=device_of(data),
            received_at=data["received_at"],
            external_id=data["id"],
        )


class DeploymentSchema(Schema):
    """deployment.json of an operator."""

    class Meta:
        """Ignore notes of the operator's own."""

        unknown = EXCLUDE

    name = fields.String(required=True, validate=validate.Length(1, 120))
    country_codes = fields.List(fields.String(validate=validate.Regexp(r"^[A-Z]{2}$")), required=True)
    languages = fields.List(
        fields.String(validate=validate.Regexp(r"^[a-z]{2,3}$")), required=True, validate=validate.Length(1)
    )
    centre = fields.Tuple(
        (fields.Float(validate=validate.Range(-90, 90)), fields.Float(validate=validate.Range(-180, 180))),
        required=True,
    )
    radius_km = fields.Float(required=True, validate=validate.Range(0.1, 500))
    timezone = fields.String(required=True, validate=validate.Length(1, 60))


class PlaceSchema(Schema):
    """One line of places.csv."""

    class Meta:
        """Ignore further columns."""

        unknown = EXCLUDE

    name = fields.String(required=True, validate=validate.Length(1, 200))
    aliases = fields.String(load_default="")
    lat = fields.Float(required=True, validate=validate.Range(-90, 90), allow_nan=False)
    lon = fields.Float(required=True, validate=validate.Range(-180, 180), allow_nan=False)
    kind = fields.String(load_default="landmark", validate=validate.Length(1, 40))


class NameSchema(Schema):
    """What an officer teaches from a tip: words, and a known place, a point, or where the tip lies."""

    class Meta:
        """Ignore the token, the view and what was typed into the search."""

        unknown = EXCLUDE

    words = fields.String(load_default="", validate=validate.Length(max=400))
    place = fields.Integer(load_default=None, validate=validate.Range(1, LARGEST_ID))
    act = fields.String(load_default="new", validate=validate.OneOf(["new", "here", "position"]))
    lat = Coordinate(90.0)
    lon = Coordinate(180.0)

    @pre_load
    def blank_is_absent(self, data: Mapping[str, Any], **_: object) -> dict[str, Any]:
        """Treat an empty box like a missing one."""
        return {name: value for name, value in data.items() if value.strip()}


# building a schema costs as much as loading one: each is built once
INBOUND_SMS = InboundSmsSchema()
WEB_TIP = WebTipSchema()
CORPUS_LINE = CorpusLineSchema()
DEPLOYMENT = DeploymentSchema()
PLACE = PlaceSchema()
NAME = NameSchema()
