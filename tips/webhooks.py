"""The provider's door: signature, schema, one transaction, TwiML."""

from __future__ import annotations

from xml.sax.saxutils import escape

import structlog
from flask import Blueprint, Response, current_app, request
from marshmallow import ValidationError

from accounts.permissions import public
from core.clock import utcnow
from core.db import transaction
from core.errors import Invalid, NotAllowed
from core.jobs import wake
from core.sms import signature_is_right
from core.web import read_id, settings
from tips import messages, outbox
from tips.inbound import InboundTip
from tips.schemas import INBOUND_SMS

blueprint = Blueprint("webhooks", __name__)
log = structlog.get_logger(__name__)
STOP_WORDS_OF_PROVIDER = {"STOP", "START", "HELP"}


@blueprint.post("/sms/inbound")
@public
def inbound_sms() -> Response:
    """Take one text from the provider; 200 means stored and filed."""
    _refuse_forgery()
    inbound = _load()
    vault, now = current_app.extensions["vault"], utcnow()
    prepared = messages.prepare(inbound, vault=vault, now=now)
    with transaction():
        reply = messages.answer(inbound, prepared, vault=vault, now=now)
    if request.form.get("OptOutType") in STOP_WORDS_OF_PROVIDER:
        reply = None  # the provider's own opt-out has answered already
    wake("seal_audit")
    return Response(twiml(reply), mimetype="text/xml")


@blueprint.post("/sms/status")
@public
def sms_status() -> Response:
    """Note what became of a text we sent; states only move forward, whatever the order of callbacks."""
    _refuse_forgery()
    provider_id, status = request.form.get("MessageSid", ""), request.form.get("MessageStatus", "")
    with transaction():
        outbox.note_status(
            message_id=read_id(request.args.get("message", "")),
            provider_id=provider_id[:40],
            status=status,
            error_code=request.form.get("ErrorCode", "")[:10],
            now=utcnow(),
        )
    return Response(status=204)


def twiml(reply: str | None) -> str:
    """Write the provider's answer document."""
    body = f"<Message>{escape(reply)}</Message>" if reply else ""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{body}</Response>'


def _refuse_forgery() -> None:
    twilio = settings().twilio
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    url = f"{settings().public_url}{request.path}{query}"
    parameters = request.form.to_dict(flat=False)
    if not signature_is_right(
        twilio.auth_token, url, parameters, request.headers.get("X-Twilio-Signature", "")
    ):
        raise NotAllowed("The signature is not right.")
    if twilio.account_sid and request.form.get("AccountSid") != twilio.account_sid:
        raise NotAllowed("This is not our account.")


def _load() -> InboundTip:
    try:
        inbound: InboundTip = INBOUND_SMS.load(request.form.to_dict())
    except ValidationError as error:
        log.warning("a signed webhook did not fit its schema", fields=sorted(error.normalized_messages()))
        raise Invalid(error.normalized_messages()) from error
    return inbound
