"""Residents' numbers: written sealed, found by a keyed index, opened only to send."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import phonenumbers
import sqlalchemy as sa

from core.codes import new_reference
from core.db import db, execute, insert_once
from core.vault import Vault
from tips.models import Contact

ALIAS_LETTERS = 6
ALIAS_TRIES = 5
PURPOSE = "number"
_BY_INDEX = sa.select(Contact.id, Contact.alias, Contact.opted_out_at, Contact.language).where(
    Contact.number_index == sa.bindparam("index")
)


@dataclass(frozen=True, slots=True)
class ContactView:
    """A sender without their number."""

    id: int
    alias: str
    opted_out: bool
    language: str | None


def normal_number(number: str, country_codes: tuple[str, ...]) -> str:
    """Bring a number to E.164 where it reads as one; a short code or a name stays as it is."""
    compact = "".join(character for character in number if character.isalnum() or character == "+")
    if compact.startswith("+"):
        return compact
    for country in country_codes:
        try:
            parsed = phonenumbers.parse(compact, country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return compact


def keep_contact(number: str, *, vault: Vault, now: datetime) -> ContactView:
    """Return the contact of a number, made now where it is new."""
    index = vault.index(number, purpose=PURPOSE)
    found = _by_index(index)
    if found is not None:
        return found
    for _ in range(ALIAS_TRIES):
        vault_id, alias = secrets.token_hex(16), f"S-{new_reference(ALIAS_LETTERS)}"
        contact_id = insert_once(
            Contact.__table__,
            {
                "vault_id": vault_id,
                "number_sealed": vault.seal(number, row=_row(vault_id)),
                "number_index": index,
                "alias": alias,
                "created_at": now,
            },
        )
        if contact_id is not None:
            return ContactView(contact_id, alias, opted_out=False, language=None)
        made = _by_index(index)  # written by somebody else meanwhile, unless only the alias was taken
        if made is not None:
            return made
    raise RuntimeError("no free alias was found")


def find_contact(number: str, *, vault: Vault) -> ContactView | None:
    """Return the contact of a number, or None where it never wrote."""
    return _by_index(vault.index(number, purpose=PURPOSE))


def set_opted_out(contact_id: int, *, opted_out_at: datetime | None) -> None:
    """Note that a sender wants no texts, or wants them again."""
    db.session.execute(sa.update(Contact).where(Contact.id == contact_id).values(opted_out_at=opted_out_at))


def open_number(contact_id: int, *, vault: Vault) -> str:
    """Return the number itself; only the worker that sends may call this."""
    row = db.session.execute(
        sa.select(Contact.vault_id, Contact.number_sealed).where(Contact.id == contact_id)
    ).one()
    return vault.open(row.number_sealed, row=_row(row.vault_id))


def reseal_some(*, vault: Vault, after: int = 0, batch: int = 200) -> tuple[int | None, int]:
    """Seal with the first key what an older one sealed, among the contacts after one; a batch is a transaction.

    Return the last contact looked at, None at the end, and how many were changed.
    """
    rows = db.session.execute(
        sa.select(Contact.id, Contact.vault_id, Contact.number_sealed)
        .where(Contact.id > after)
        .order_by(Contact.id)
        .limit(batch)
    ).all()
    old = [row for row in rows if vault.needs_resealing(row.number_sealed)]
    for row in old:
        number = vault.open(row.number_sealed, row=_row(row.vault_id))
        sealed = vault.seal(number, row=_row(row.vault_id))
        db.session.execute(sa.update(Contact).where(Contact.id == row.id).values(number_sealed=sealed))
    return (rows[-1].id if rows else None), len(old)


def _by_index(index: bytes) -> ContactView | None:
    row = execute(_BY_INDEX, {"index": index}).first()
    return ContactView(row.id, row.alias, row.opted_out_at is not None, row.language) if row else None


def _row(vault_id: str) -> str:
    return f"contacts.number_sealed:{vault_id}"
