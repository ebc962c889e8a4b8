"""Signed webhooks, as the provider sends them."""

from __future__ import annotations

import secrets
from typing import Any

from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from tests.conftest import ACCOUNT_SID, OUR_NUMBER, PUBLIC_URL, TWILIO_TOKEN

SENDER = "+66812345678"


def sms(body: str, *, sender: str = SENDER, sid: str | None = None, **more: str) -> dict[str, str]:
    """Build the form of one incoming text."""
    sid = sid or f"SM{secrets.token_hex(16)}"
    form = {
        "MessageSid": sid, "SmsSid": sid, "AccountSid": ACCOUNT_SID, "From": sender, "To": OUR_NUMBER, "Body": body,
        "NumMedia": "0", "NumSegments": "1", "FromCity": "", "FromCountry": "TH", "ApiVersion": "2010-04-01",
    }  # fmt: skip
    return form | more


def post(
    client: FlaskClient,
    form: dict[str, Any],
    *,
    path: str = "/sms/inbound",
    token: str = TWILIO_TOKEN,
    **options: Any,
) -> TestResponse:
    """Post a form with the signature of the provider's own library."""
    signature = RequestValidator(token).compute_signature(f"{PUBLIC_URL}{path}", form)
    headers = {"X-Twilio-Signature": signature} | options.pop("headers", {})
    return client.post(path, data=form, headers=headers, **options)
