"""What came in, the same shape from every channel. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

LONGEST_TEXT = 4_000
# everything that would be invisible or dangerous in a page, a log or a CSV, except line breaks and tabs; joiners and
# direction marks stay, because Burmese, Persian and Hindi are not written without them
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class DeviceFix:
    """A position that a phone gave; accuracy in metres where it said so."""

    lat: float
    lon: float
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class InboundTip:
    """One message of a resident. `source_key` names it for ever: the same key twice is the same message."""

    source_key: str
    channel: str
    text: str
    sender: str | None = None
    device: DeviceFix | None = None
    received_at: datetime | None = None
    external_id: str | None = None
    place_words: str = ""


def clean_text(text: str) -> str:
    """Drop characters that no database and no screen can show, normalise to NFC, bound the length."""
    return unicodedata.normalize("NFC", _CONTROLS.sub("", text)).strip()[:LONGEST_TEXT]


def clean_sender(sender: str) -> tuple[str, str]:
    """Split a sender's address into channel and number: `whatsapp:+66…` came by WhatsApp."""
    if sender.startswith("whatsapp:"):
        return "whatsapp", sender.removeprefix("whatsapp:").strip()
    return "sms", sender.strip()
