"""An SMS provider that does as it is told, and texts waiting to be sent to it."""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from flask import current_app

from core.db import db, transaction
from core.sms import Sent
from tests.builders.tips import MORNING
from tips.contacts import keep_contact
from tips.messages import queue
from tips.models import Message

NUMBER = "+66800000001"


class FakeProvider:
    """Takes what it is sent, or raises what `answers` holds for the next call; `taken` is what it would deliver."""

    def __init__(self) -> None:
        self.answers: list[Exception | None] = []
        self.taken: list[tuple[str, str]] = []
        self.calls: list[dict[str, str]] = []
        self.listed: list[tuple[str, str, str]] = []
        self.lookup_fails: Exception | None = None
        self.keeps_what_it_loses = False
        self._lock = threading.Lock()

    def send(self, *, to: str, body: str, callback_url: str) -> Sent:
        with self._lock:
            self.calls.append({"to": to, "body": body, "callback_url": callback_url})
            answer = self.answers.pop(0) if self.answers else None
            provider_id = f"SM{len(self.calls):032x}"
            if answer is None or self.keeps_what_it_loses:
                self.taken.append((to, body))
                self.listed.append((provider_id, to, body))
            if answer is not None:
                raise answer
            return Sent(provider_id, "queued")

    def find(self, *, to: str, body: str, besides: Collection[str]) -> Sent | None:
        if self.lookup_fails is not None:
            raise self.lookup_fails
        for provider_id, address, text in self.listed:
            if (address, text) == (to, body) and provider_id not in besides:
                return Sent(provider_id, "delivered")
        return None


def queue_text(
    body: str = "1000-09: there is an answer for you.",
    *,
    number: str = NUMBER,
    channel: str = "sms",
    at: datetime = MORNING,
) -> int:
    """Queue one text, committed."""
    with transaction():
        contact = keep_contact(number, vault=current_app.extensions["vault"], now=at)
        return queue(kind="notice", body=body, contact_id=contact.id, channel=channel, tip_id=None, now=at)


def message(message_id: int) -> Message:
    """Read a message anew."""
    db.session.rollback()
    return db.session.scalars(sa.select(Message).where(Message.id == message_id)).one()
