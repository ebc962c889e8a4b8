"""Tips by form and by API: the same door, with a secret for the resident and a key against doubles."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from core.codes import SECRET_DIGITS
from core.errors import Conflict
from core.vault import Vault
from signals.secrets import redact_secrets
from tips.inbound import InboundTip
from tips.residents import SECRET_PURPOSE
from tips.services import Received, receive

SHORTEST_KEY = 16


@dataclass(frozen=True, slots=True)
class Prepared:
    """A tip about to be stored: its name for ever, its secret, and the slow hash of that secret."""

    source_key: str
    secret: str
    secret_hash: str


def prepare(client_key: str, *, origin: str, vault: Vault) -> Prepared:
    """Derive name and secret from the client's key, before any transaction is open.

    The server forgets the key, so it cannot compute the secret again; a client that lost the answer sends
    the same key and gets the same code and secret.
    """
    key = client_key if len(client_key) >= SHORTEST_KEY else secrets.token_hex(16)
    secret = derive_secret(key, origin=origin, vault=vault)
    name = vault.index(key, purpose=f"client-key:{origin}").hex()
    return Prepared(f"{origin}:{name}", secret, vault.hash_secret(secret, purpose=SECRET_PURPOSE))


def derive_secret(key: str, *, origin: str, vault: Vault) -> str:
    """Compute the twelve digits that belong to a client's key."""
    digest = vault.index(key, purpose=f"client-secret:{origin}")
    return str(int.from_bytes(digest) % 10**SECRET_DIGITS).zfill(SECRET_DIGITS)


def submit(inbound: InboundTip, prepared: Prepared, *, vault: Vault, now: datetime) -> Received:
    """Store a tip; the same key with the same words returns the first, with other words raises Conflict."""
    received = receive(inbound, vault=vault, now=now, secret_hash=prepared.secret_hash)
    if not received.is_new and redact_secrets(inbound.text) != received.text:
        raise Conflict("This key was used for another message. Make a new key.")
    return received
