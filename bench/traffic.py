"""Signed webhooks that look like a town's texts: places moved, numbers changed, many senders, some repeats."""

from __future__ import annotations

import base64
import hmac
import random
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.corpora import Corpus

ACCOUNT_SID = "AC" + "0" * 32
OUR_NUMBER = "+6755550100"
SENDERS = 4_000
FROM_OTHER_TOWNS = 0.25
NEAR_REPEATS = 0.10
WITH_POSITION = 0.10
REMEMBERED = 200


@dataclass(frozen=True, slots=True)
class Webhook:
    """One request, ready to be written to a socket, and the name by which it must be stored once."""

    sid: str
    payload: bytes


class Texts:
    """An endless stream of tips made from corpora; the same seed tells the same story."""

    def __init__(self, town: Corpus, others: Sequence[Corpus], *, seed: int) -> None:
        self._random = random.Random(seed)
        self._own = [row["text"] for row in town.tips]
        self._foreign = [row["text"] for corpus in others for row in corpus.tips]
        self._names = sorted({row["name"] for row in town.places})
        longest_first = sorted(self._names, key=len, reverse=True)
        self._named = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)
        self._centre = town.deployment["centre"]
        self._lately: list[str] = []

    def text(self) -> str:
        """Return the next tip's words."""
        if self._lately and self._random.random() < NEAR_REPEATS:
            return self._random.choice(self._lately) + self._random.choice(("!", " .", " ok", " pls"))
        source = self._foreign if self._random.random() < FROM_OTHER_TOWNS else self._own
        text = self._named.sub(lambda _: self._random.choice(self._names), self._random.choice(source))
        text = re.sub(r"\d", lambda _: str(self._random.randrange(10)), text)
        self._lately = [*self._lately[-REMEMBERED:], text]
        return text

    def sender(self) -> str:
        """Return a number; some write more often than others."""
        return f"+6680{int(SENDERS * self._random.random() ** 1.5):07d}"

    def position(self) -> dict[str, str]:
        """Return the coordinates that a share of messages carry."""
        if self._random.random() >= WITH_POSITION:
            return {}
        lat, lon = (degrees + self._random.gauss(0, 0.05) for degrees in self._centre)
        return {"Latitude": f"{lat:.6f}", "Longitude": f"{lon:.6f}"}


def webhooks(texts: Texts, *, url: str, path: str, host: str, token: str) -> Iterator[Webhook]:
    """Yield signed posts with the provider's nineteen or so fields."""
    while True:
        sid = "SM" + secrets.token_hex(16)
        fields = _fields(sid, texts.text(), texts.sender()) | texts.position()
        body = urlencode(fields).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"X-Twilio-Signature: {_signature(token, url, fields)}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield Webhook(sid, head.encode() + body)


def _fields(sid: str, text: str, sender: str) -> dict[str, str]:
    return {
        "ToCountry": "TH", "ToState": "", "SmsMessageSid": sid, "NumMedia": "0", "ToCity": "", "FromZip": "",
        "SmsSid": sid, "FromState": "", "SmsStatus": "received", "FromCity": "", "Body": text, "FromCountry": "TH",
        "To": OUR_NUMBER, "ToZip": "", "NumSegments": "1", "MessageSid": sid, "AccountSid": ACCOUNT_SID,
        "From": sender, "ApiVersion": "2010-04-01",
    }  # fmt: skip


def _signature(token: str, url: str, fields: dict[str, str]) -> str:
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), "sha1")).decode()
