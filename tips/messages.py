"""The SMS conversation: each incoming text is stored once and answered once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from core.codes import new_secret, show_secret, show_tip_code
from core.db import db, execute, insert_once, table_of
from core.deployment import current_deployment
from core.vault import Vault
from rewards import services as reward_services
from rewards.services import Word
from tips import residents
from tips.contacts import ContactView, find_contact, keep_contact, normal_number, set_opted_out
from tips.conversation.keywords import Ask, Command, read_command
from tips.inbound import InboundTip
from tips.models import Contact, Message, Tip
from tips.residents import Checked
from tips.services import receive_from
from tips.wording import FALLBACK, Wording, available, wording

ANSWERS_PER_HOUR = 10
COLLECTED = (Ask.GOT, Ask.NOT)

_INSERT = sa.insert(table_of(Message)).inline()
_DESCRIBE = (
    sa.update(table_of(Message))
    .where(Message.id == sa.bindparam("message_id"))
    .values({name: sa.bindparam(name) for name in ("kind", "contact_id", "tip_id")})
)
_SET_LANGUAGE = (
    sa.update(table_of(Contact))
    .where(Contact.id == sa.bindparam("contact"))
    .values(language=sa.bindparam("language"))
)
_ANSWERS = sa.select(sa.func.count()).where(
    Message.contact_id == sa.bindparam("contact_id"),
    Message.direction == "out",
    Message.created_at > sa.bindparam("since"),
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a text asks for, with the slow hashing that its command needs already done."""

    command: Command | None = None
    claim: Checked | None = None
    secret: str = ""
    secret_hash: str = ""
    made: Word | None = None


def prepare(inbound: InboundTip, *, vault: Vault, now: datetime) -> Prepared:
    """Read the command and do its hashing before any transaction is open, for no tip may wait for a hash."""
    command = read_command(inbound.text) if inbound.device is None else None
    if command is not None and command.ask is Ask.CLAIM:
        checked = residents.check(command.code, command.secret, vault=vault, now=now)
        tip_id = checked.attempt.tip_id if checked.attempt is not None and checked.right else None
        key = _claim_key(inbound, command)
        made = reward_services.make_word(tip_id=tip_id, key=key, vault=vault) if tip_id is not None else None
        return Prepared(command, checked, made=made)
    if command is not None and command.ask in COLLECTED and command.secret is not None:
        return Prepared(command, residents.check(command.code, command.secret, vault=vault, now=now))
    if command is not None and command.ask is Ask.KEY and _is_own_tip(inbound, command.code, vault=vault):
        secret = new_secret()
        hashed = vault.hash_secret(secret, purpose=residents.SECRET_PURPOSE)
        return Prepared(command, secret=secret, secret_hash=hashed)
    return Prepared(command)


def answer(inbound: InboundTip, prepared: Prepared, *, vault: Vault, now: datetime) -> str | None:
    """Take in one text and return what to answer, or None for silence; a repeated text gets the same answer."""
    message_id = insert_once(
        Message.__table__,
        {
            "direction": "in", "kind": "text", "state": "received", "channel": inbound.channel, "attempts": 0,
            "source_key": inbound.source_key, "created_at": now, "moved_at": now,
        },
    )  # fmt: skip
    contact = keep_contact(_number(inbound), vault=vault, now=now)
    if message_id is None:
        return _earlier_answer(contact, prepared, inbound, vault=vault, now=now)
    if prepared.command is not None:
        return _answer_command(message_id, contact, prepared, inbound, vault=vault, now=now)
    if not inbound.text and inbound.device is None:
        _describe(message_id, kind="empty", contact_id=contact.id)
        return None
    return _answer_tip(message_id, contact, inbound, vault=vault, now=now)


def queue(*, kind: str, body: str, contact_id: int, channel: str, tip_id: int | None, now: datetime) -> int:
    """Write a text that the worker will send; nothing is sent before the transaction is committed."""
    values = {
        "direction": "out", "kind": kind, "state": "queued", "channel": channel, "tip_id": tip_id, "body": body,
        "contact_id": contact_id, "attempts": 0, "due_at": now, "created_at": now, "moved_at": now,
    }  # fmt: skip
    written: int = db.session.execute(sa.insert(Message).values(**values).returning(Message.id)).scalar_one()
    return written


def _answer_tip(
    message_id: int, contact: ContactView, inbound: InboundTip, *, vault: Vault, now: datetime
) -> str | None:
    received = receive_from(contact, inbound, vault=vault, received_at=inbound.received_at or now)
    _describe(message_id, kind="tip", contact_id=contact.id, tip_id=received.tip_id)
    language = _language(received.language, contact)
    if contact.language != language:
        execute(_SET_LANGUAGE, {"contact": contact.id, "language": language})
    if contact.opted_out or _answered_lately(contact.id, now) >= ANSWERS_PER_HOUR:
        return None
    body = wording(language)("sms.received", code=show_tip_code(received.code))
    return _write_answer(
        message_id, contact, inbound.channel, body, kind="received", tip_id=received.tip_id, now=now
    )


def _answer_command(
    message_id: int,
    contact: ContactView,
    prepared: Prepared,
    inbound: InboundTip,
    *,
    vault: Vault,
    now: datetime,
) -> str | None:
    command = prepared.command
    assert command is not None, "the caller looked"
    _describe(message_id, kind=command.ask.value, contact_id=contact.id)
    words = _words(contact, command)
    if command.ask is Ask.STOP:
        was_in = not contact.opted_out
        set_opted_out(contact.id, opted_out_at=now)
        _cancel_queued(contact.id, now)
        body = words("sms.stop") if was_in else None  # confirmed once, then silence
    elif command.ask is Ask.START:
        set_opted_out(contact.id, opted_out_at=None)
        body = words("sms.start")
    elif contact.opted_out or _answered_lately(contact.id, now) >= ANSWERS_PER_HOUR:
        body = None
    elif command.ask is Ask.HELP:
        body = words("sms.help")
    elif command.ask is Ask.STATUS:
        standing = residents.standing_by_code(command.code)
        text = f"sms.status_{standing}" if standing else "sms.status_unknown"
        body = words(text, code=_shown(command.code))
    elif command.ask is Ask.KEY:
        body = _new_key(command.code, prepared, words)
    elif command.ask in COLLECTED:
        body = _collected(prepared, inbound, words, vault=vault, now=now)
    else:
        body = _collect(prepared, words, inbound, vault=vault, now=now)
    if body is None:
        return None
    return _write_answer(
        message_id, contact, inbound.channel, body, kind=command.ask.value, tip_id=None, now=now
    )


def _new_key(code: str | None, prepared: Prepared, words: Wording) -> str:
    """Give the sender of a tip a fresh secret for it; the old one stops working."""
    if not prepared.secret_hash:
        return words("sms.status_unknown")
    db.session.execute(sa.update(Tip).where(Tip.code == code).values(secret_hash=prepared.secret_hash))
    return words("sms.secret", code=_shown(code), secret=show_secret(prepared.secret))


def _collected(
    prepared: Prepared, inbound: InboundTip, words: Wording, *, vault: Vault, now: datetime
) -> str:
    """Keep whether something was collected, from the tip's own number or with its secret; say the same to all."""
    command, checked = prepared.command, prepared.claim
    assert command is not None, "the caller looked"
    tip_id = None
    if checked is not None:
        if checked.attempt is None:
            return words("sms.wait")
        if checked.right:
            residents.count_right(checked.attempt, vault=vault)
            tip_id = checked.attempt.tip_id
        else:
            residents.count_wrong(checked.attempt, vault=vault, now=now)
    elif _is_own_tip(inbound, command.code, vault=vault):
        tip_id = db.session.scalar(sa.select(Tip.id).where(Tip.code == command.code))
    if tip_id is not None:
        got = command.ask is Ask.GOT
        reward_services.answer_collection(tip_id=tip_id, got=got, channel=inbound.channel, now=now)
    return words("sms.noted")


def _is_own_tip(inbound: InboundTip, code: str | None, *, vault: Vault) -> bool:
    contact = find_contact(_number(inbound), vault=vault)
    owner = db.session.scalar(sa.select(Tip.contact_id).where(Tip.code == (code or "")))
    return contact is not None and owner == contact.id


def _collect(prepared: Prepared, words: Wording, inbound: InboundTip, *, vault: Vault, now: datetime) -> str:
    assert prepared.command is not None, "a claim is a command"
    assert prepared.claim is not None, "it was compared before the transaction"
    key = _claim_key(inbound, prepared.command)
    return residents.claim_by_text(prepared.claim, words, key=key, vault=vault, now=now, made=prepared.made)


def _claim_key(inbound: InboundTip, command: Command) -> str:
    # the message's name is kept, so the key holds the secret too, which is not
    return f"{inbound.source_key}:{command.secret}"


def _write_answer(
    message_id: int,
    contact: ContactView,
    channel: str,
    body: str,
    *,
    kind: str,
    tip_id: int | None,
    now: datetime,
) -> str:
    # a secret or a collection word is in the answer only: at rest there is its hash and nothing else
    kept = None if kind in {Ask.KEY, Ask.CLAIM} else body
    execute(
        _INSERT,
        {
            "direction": "out", "kind": kind, "state": "answered", "channel": channel, "tip_id": tip_id, "body": kept,
            "contact_id": contact.id, "answers_id": message_id, "attempts": 1, "created_at": now, "moved_at": now,
        },
    )  # fmt: skip
    return body


def _earlier_answer(
    contact: ContactView, prepared: Prepared, inbound: InboundTip, *, vault: Vault, now: datetime
) -> str | None:
    first = sa.select(Message.id).where(Message.source_key == inbound.source_key).scalar_subquery()
    row = db.session.execute(sa.select(Message.kind, Message.body).where(Message.answers_id == first)).first()
    if row is None:
        return None
    if row.kind != Ask.CLAIM or prepared.claim is None:
        return str(row.body) if row.body is not None else None
    # the word of a collection is kept nowhere and given once: the same message is the key that computes it again
    return _collect(prepared, _words(contact, prepared.command), inbound, vault=vault, now=now)


def _number(inbound: InboundTip) -> str:
    return normal_number(inbound.sender or "unknown", current_deployment().country_codes)


def _words(contact: ContactView, command: Command | None) -> Wording:
    """Answer in the language of the keyword, where it has one, before that of earlier texts."""
    spoken = command.language if command is not None else None
    return wording(_language(spoken or contact.language or current_deployment().languages[0], contact))


def _describe(message_id: int, *, kind: str, contact_id: int, tip_id: int | None = None) -> None:
    described = {"kind": kind, "contact_id": contact_id, "tip_id": tip_id}
    execute(_DESCRIBE, {"message_id": message_id, **described})


def _answered_lately(contact_id: int, now: datetime) -> int:
    since = now - timedelta(hours=1)
    counted: int = execute(_ANSWERS, {"contact_id": contact_id, "since": since}).scalar_one()
    return counted


def _cancel_queued(contact_id: int, now: datetime) -> None:
    db.session.execute(
        sa.update(Message)
        .where(Message.contact_id == contact_id, Message.direction == "out", Message.state == "queued")
        .values(state="cancelled", failure="opted out", moved_at=now)
    )


def _language(read: str, contact: ContactView) -> str:
    for language in (read, contact.language, *current_deployment().languages):
        if language in available():
            return language
    return FALLBACK


def _shown(code: str | None) -> str:
    return show_tip_code(code) if code else ""
