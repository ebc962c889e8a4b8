"""The outbox: texts are rows first, sent afterwards, and never twice for one row.

A row is claimed (committed as `sending`) before the provider hears of it. If the answer is lost the row
becomes `unknown`, and is looked up at the provider before anything else may happen to it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from flask import current_app

from core.clock import utcnow
from core.db import db, transaction
from core.sms import SendLater, SendRefused, SendUnknown, Sent, SmsSender
from core.vault import Vault
from core.web import settings
from tips.contacts import open_number
from tips.models import Contact, Message

BATCH = 50
FIRST_WAIT = timedelta(seconds=20)
LONGEST_WAIT = timedelta(hours=1)
MOST_ATTEMPTS = 10
TOO_OLD = timedelta(hours=24)
# longer than a send can take: whatever is still `sending` then belonged to a worker that died
CLAIM_LASTS = timedelta(minutes=2)
# a text whose answer was lost may still be on its way into the provider's list
LOOK_UP_AFTER = timedelta(seconds=30)
RANK = {
    "queued": 0,
    "sending": 1,
    "unknown": 1,
    "sent": 2,
    "delivered": 3,
    "undelivered": 3,
    "failed": 3,
    "cancelled": 3,
}
OF_PROVIDER = {
    "accepted": "sent", "queued": "sent", "scheduled": "sent", "sending": "sent", "sent": "sent", "delivered": "delivered",
    "read": "delivered", "undelivered": "undelivered", "failed": "failed", "canceled": "cancelled",
}  # fmt: skip
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that this worker alone may send."""

    id: int
    contact_id: int
    channel: str
    body: str
    attempts: int


def send_due() -> int:
    """Send what is due, one row at a time; return how many left. No transaction is open while the provider is called."""
    if not settings().twilio.can_send:
        return 0  # without a provider, texts wait as rows
    _recover(utcnow())
    _give_up(utcnow())
    sent = 0
    for _ in range(BATCH):
        claimed = _claim(utcnow())
        if claimed is None:
            return sent
        sent += _send(claimed)
    return sent


def look_up_unknown() -> None:
    """Ask the provider about texts whose fate nobody knows; found is sent, not found may be tried again."""
    sender: SmsSender = current_app.extensions["sms_sender"]
    for claimed in _unknown(utcnow()):
        address, known = _address(claimed), _known_ids(claimed.contact_id)
        try:
            found = sender.find(to=address, body=claimed.body, besides=known)
        except SendUnknown:
            continue
        with transaction():
            if found is not None:
                _move(claimed.id, "sent", provider_id=found.provider_id)
            else:
                _back_to_queue(claimed, utcnow(), wait=FIRST_WAIT)


def note_status(
    *, message_id: int | None, provider_id: str, status: str, error_code: str, now: datetime
) -> bool:
    """Move a sent text forward on the provider's word; an older word changes nothing.

    The word may come before the answer to the sending, or instead of it: then the row is known by its own id.
    """
    state = OF_PROVIDER.get(status)
    if state is None or not provider_id:
        return False
    behind = [known for known, rank in RANK.items() if rank < RANK[state]]
    unnamed = sa.and_(Message.id == message_id, Message.provider_id.is_(None), Message.attempts > 0)
    moved = db.session.execute(
        sa.update(Message)
        .where(
            sa.or_(Message.provider_id == provider_id, unnamed),
            Message.direction == "out",
            Message.state.in_(behind),
        )
        .values(
            state=state,
            provider_id=provider_id,
            failure=f"provider error {error_code}" if error_code else None,
            moved_at=now,
        )
    )
    return bool(moved.rowcount)  # type: ignore[attr-defined]


def _claim(now: datetime) -> Claimed | None:
    with transaction():
        due = (
            sa.select(Message.id)
            .join(Contact, Contact.id == Message.contact_id)
            .where(Message.state == "queued", Message.due_at <= now, Contact.opted_out_at.is_(None))
            .order_by(Message.due_at, Message.id)
            .limit(1)
            .with_for_update(of=Message, skip_locked=True)
        )
        message_id = db.session.scalar(due)
        if message_id is None:
            return None
        row = db.session.execute(
            sa.update(Message)
            .where(Message.id == message_id, Message.state == "queued")
            .values(state="sending", attempts=Message.attempts + 1, moved_at=now)
            .returning(
                Message.id,
                Message.contact_id,
                Message.channel,
                Message.body,
                Message.attempts,
            )
        ).first()
        if row is None:
            return None
        return Claimed(row.id, row.contact_id, row.channel, row.body or "", row.attempts)


def _send(claimed: Claimed) -> bool:
    sender: SmsSender = current_app.extensions["sms_sender"]
    try:
        sent: Sent = sender.send(
            to=_address(claimed),
            body=claimed.body,
            callback_url=f"{settings().public_url}/sms/status?message={claimed.id}",
        )
    except SendRefused as error:
        with transaction():
            _move(claimed.id, "failed", failure=error.reason)
        return False
    except SendLater as error:
        with transaction():
            _try_later(claimed, error, utcnow())
        return False
    except SendUnknown:
        with transaction():
            _move(claimed.id, "unknown", failure="the answer was lost")
        return False
    with transaction():
        _move(claimed.id, "sent", provider_id=sent.provider_id)
    return True


def _address(claimed: Claimed) -> str:
    vault: Vault = current_app.extensions["vault"]
    number = open_number(claimed.contact_id, vault=vault)
    db.session.rollback()
    return f"whatsapp:{number}" if claimed.channel == "whatsapp" else number


def _move(message_id: int, state: str, **values: object) -> None:
    """Note how a claimed row ended, unless the provider's own word was faster."""
    values.setdefault("failure", None)
    db.session.execute(
        sa.update(Message)
        .where(Message.id == message_id, Message.state.in_(("sending", "unknown")))
        .values(state=state, moved_at=utcnow(), **values)
    )


def _try_later(claimed: Claimed, error: SendLater, now: datetime) -> None:
    if claimed.attempts >= MOST_ATTEMPTS:
        _move(claimed.id, "failed", failure=error.reason)
        return
    wait = min(FIRST_WAIT * 2 ** (claimed.attempts - 1), LONGEST_WAIT) * random.uniform(1.0, 1.3)  # noqa: S311
    if error.retry_after is not None:
        wait = max(wait, timedelta(seconds=error.retry_after))
    _back_to_queue(claimed, now, wait=wait, failure=error.reason)


def _back_to_queue(claimed: Claimed, now: datetime, *, wait: timedelta, failure: str | None = None) -> None:
    db.session.execute(
        sa.update(Message)
        .where(Message.id == claimed.id, Message.state.in_(("sending", "unknown")))
        .values(state="queued", due_at=now + wait, failure=failure, moved_at=now)
    )


def _recover(now: datetime) -> None:
    with transaction():
        stuck = db.session.execute(
            sa.update(Message)
            .where(Message.state == "sending", Message.moved_at < now - CLAIM_LASTS)
            .values(state="unknown", failure="the worker stopped", moved_at=now)
        )
    if stuck.rowcount:  # type: ignore[attr-defined]
        log.warning("texts were left by a worker that stopped", count=stuck.rowcount)  # type: ignore[attr-defined]


def _give_up(now: datetime) -> None:
    with transaction():
        db.session.execute(
            sa.update(Message)
            .where(Message.state == "queued", Message.created_at < now - TOO_OLD)
            .values(state="failed", failure="waited too long", moved_at=now)
        )


def _known_ids(contact_id: int) -> set[str]:
    statement = sa.select(Message.provider_id).where(
        Message.contact_id == contact_id, Message.provider_id.is_not(None)
    )
    known = {str(provider_id) for provider_id in db.session.scalars(statement)}
    db.session.rollback()
    return known


def _unknown(now: datetime) -> list[Claimed]:
    rows = db.session.execute(
        sa.select(Message.id, Message.contact_id, Message.channel, Message.body, Message.attempts)
        .where(Message.state == "unknown", Message.moved_at <= now - LOOK_UP_AFTER)
        .order_by(Message.id)
        .limit(BATCH)
    ).all()
    db.session.rollback()
    return [Claimed(row.id, row.contact_id, row.channel, row.body or "", row.attempts) for row in rows]
