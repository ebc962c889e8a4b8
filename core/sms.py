"""The SMS provider, hidden behind one small protocol."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from core.config import TwilioSettings

CONNECT_AND_READ_SECONDS = 10
LOOK_THROUGH = 20
LONGEST_RETRY_AFTER = 3_600
TWILIO_API = "https://api.twilio.com"
OURS_TO_MEND = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}  # a token just changed must not lose texts
# https://www.twilio.com/docs/api/errors: opted out, not a phone, not reachable, region not permitted
NEVER_AGAIN = {21211, 21408, 21610, 21612, 21614, 63016, 63003}


class SendRefused(Exception):
    """The provider will never take this message; `reason` holds its code and no number."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SendLater(Exception):
    """The provider did not take this message now; trying again is safe."""

    def __init__(self, reason: str, *, retry_after: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.retry_after = reason, retry_after


class SendUnknown(Exception):
    """Nobody knows whether the provider took the message; it must be looked up before any new try."""


@dataclass(frozen=True)
class Sent:
    """What the provider said of a message it took."""

    provider_id: str
    status: str


class SmsSender(Protocol):
    """Whatever can send a text to a number."""

    def send(self, *, to: str, body: str, callback_url: str) -> Sent:
        """Send one text; raise SendRefused, SendLater or SendUnknown."""

    def find(self, *, to: str, body: str, besides: Collection[str]) -> Sent | None:
        """Look for a text that may have been taken already, other than those known; raise SendUnknown."""


class NoSender:
    """Stands in where no provider is configured: messages wait as rows."""

    def send(self, *, to: str, body: str, callback_url: str) -> Sent:
        """Refuse for now."""
        raise SendLater("no provider is configured")

    def find(self, *, to: str, body: str, besides: Collection[str]) -> Sent | None:
        """Find nothing, since nothing was sent."""
        return None


class TwilioSender:
    """Sends through Twilio's REST API."""

    def __init__(self, settings: TwilioSettings) -> None:
        self._settings = settings
        http = _Http(settings.api_base)
        self._client = Client(settings.account_sid, settings.auth_token, http_client=http)

    def send(self, *, to: str, body: str, callback_url: str) -> Sent:
        """Send one text; a cut connection after the request left means SendUnknown."""
        origin = (
            {"messaging_service_sid": self._settings.messaging_service_sid}
            if self._settings.messaging_service_sid
            else {"from_": _same_channel(self._settings.sender, to)}
        )
        try:
            message = self._client.messages.create(to=to, body=body, status_callback=callback_url, **origin)
        except TwilioRestException as error:
            raise _translated(error) from error
        except requests.ConnectTimeout as error:
            raise SendLater("the provider could not be reached") from error
        except (requests.RequestException, TwilioException, ValueError) as error:
            raise SendUnknown() from error
        return Sent(str(message.sid), str(message.status))

    def find(self, *, to: str, body: str, besides: Collection[str]) -> Sent | None:
        """Look through the newest messages to a number; the same words may have been sent before."""
        try:
            for message in self._client.messages.list(to=to, limit=LOOK_THROUGH):
                if message.body == body and message.sid not in besides:
                    return Sent(str(message.sid), str(message.status))
        except (TwilioException, requests.RequestException, ValueError, SendLater) as error:
            raise SendUnknown() from error
        return None


class _Http(TwilioHttpClient):
    """Twilio's client with a bound on time and, for tests, another address."""

    def __init__(self, api_base: str) -> None:
        super().__init__(timeout=CONNECT_AND_READ_SECONDS, max_retries=0)
        self._api_base = api_base

    def request(self, method: str, url: str, *args: object, **kwargs: object) -> object:
        """Send a request, to the configured address where there is one."""
        if self._api_base and url.startswith(TWILIO_API):
            url = self._api_base + url.removeprefix(TWILIO_API)
        response = super().request(method, url, *args, **kwargs)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            # the client's own exception does not carry the header
            raise SendLater("provider error 429", retry_after=_seconds(response.headers))
        return response


def make_sender(settings: TwilioSettings) -> SmsSender:
    """Build the sender that the settings allow."""
    return TwilioSender(settings) if settings.can_send else NoSender()


def signature_is_right(token: str, url: str, parameters: Mapping[str, list[str]], signature: str) -> bool:
    """Check Twilio's signature over a form post, in constant time.

    HMAC-SHA1 over the full public URL and the sorted names and values
    (https://www.twilio.com/docs/usage/webhooks/webhooks-security); equal to twilio's RequestValidator, at a seventh of its cost.
    """
    if not token or not signature:
        return False
    form = "".join(name + value for name in sorted(parameters) for value in sorted(set(parameters[name])))
    given = signature.encode("utf-8", "replace")
    # the provider names the port of an address sometimes and sometimes not
    return any(
        hmac.compare_digest(_signature(token, named + form), given) for named in _with_and_without_port(url)
    )


def _signature(token: str, text: str) -> bytes:
    return base64.b64encode(hmac.digest(token.encode(), text.encode("utf-8", "surrogatepass"), "sha1"))


def _with_and_without_port(url: str) -> Iterator[str]:
    yield url
    address = urlsplit(url)
    port = address.port or (443 if address.scheme == "https" else 80)
    host = address.netloc.removesuffix(f":{port}")
    yield address._replace(netloc=host if address.port else f"{host}:{port}").geturl()


def _seconds(headers: Mapping[str, str] | None) -> int | None:
    """Read Retry-After in seconds; its other form, a date, is left to our own waiting."""
    text = (headers or {}).get("Retry-After", "")
    return min(int(text), LONGEST_RETRY_AFTER) if text.isascii() and text.isdigit() else None


def _same_channel(sender: str, to: str) -> str:
    return (
        f"whatsapp:{sender}" if to.startswith("whatsapp:") and not sender.startswith("whatsapp:") else sender
    )


def _translated(error: TwilioRestException) -> Exception:
    if error.code in NEVER_AGAIN or (400 <= error.status < 500 and error.status not in OURS_TO_MEND):
        return SendRefused(f"provider error {error.code or error.status}")
    return SendLater(f"provider error {error.code or error.status}")
