"""The vault: fields that only the holder of the keys can read, and indexes that only they can compute.

A sealed field is `key id (4) | nonce (12) | ciphertext and tag` by AES-256-GCM (NIST SP 800-38D). The associated data names
table, column and row, so that a value copied into another row does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_ID_BYTES = 4
NONCE_BYTES = 12
# OWASP's floor for argon2id (19 MiB, two passes, one lane): a login must not stall a small server.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_hashing = threading.BoundedSemaphore(2)


class VaultError(Exception):
    """A sealed field that does not open: wrong key, altered bytes, or bytes of another row."""


@dataclass(frozen=True)
class Vault:
    """Keys in use; the first encrypts, all of them decrypt."""

    keys: tuple[bytes, ...]
    pepper: str

    def seal(self, text: str, *, row: str) -> bytes:
        """Encrypt a text for one row and column, named by `row` such as `contacts.number:<id>`."""
        nonce = os.urandom(NONCE_BYTES)
        return (
            _key_id(self.keys[0]) + nonce + AESGCM(self.keys[0]).encrypt(nonce, text.encode(), row.encode())
        )

    def open(self, sealed: bytes, *, row: str) -> str:
        """Decrypt a field; raise VaultError where it was not sealed for this row by a key we hold."""
        wanted, nonce, body = (
            sealed[:KEY_ID_BYTES],
            sealed[KEY_ID_BYTES : KEY_ID_BYTES + NONCE_BYTES],
            sealed[KEY_ID_BYTES + NONCE_BYTES :],
        )
        for key in self.keys:
            if hmac.compare_digest(_key_id(key), wanted):
                try:
                    return AESGCM(key).decrypt(nonce, body, row.encode()).decode()
                except (InvalidTag, ValueError) as error:
                    raise VaultError(f"the sealed value of {row.split(':')[0]} does not open") from error
        raise VaultError(f"no key of the vault opens {row.split(':')[0]}")

    def needs_resealing(self, sealed: bytes) -> bool:
        """Tell whether a field was sealed by a key other than the first."""
        return not hmac.compare_digest(sealed[:KEY_ID_BYTES], _key_id(self.keys[0]))

    def index(self, value: str, *, purpose: str) -> bytes:
        """Compute the keyed blind index (HMAC-SHA-256) of a value; equal values of one purpose have equal indexes."""
        return hmac.digest(self.derive(f"index:{purpose}"), value.encode("utf-8", "surrogatepass"), "sha256")

    def derive(self, purpose: str) -> bytes:
        """Derive a 32-byte key for one purpose from the pepper."""
        return hmac.digest(self.pepper.encode(), f"waypost:{purpose}".encode(), "sha256")

    def hash_secret(self, secret: str, *, purpose: str) -> str:
        """Hash a secret slowly: argon2id over its peppered HMAC."""
        with _hashing:
            return HASHER.hash(self.index(secret, purpose=f"secret:{purpose}").hex())

    def check_secret(self, secret: str, hashed: str | None, *, purpose: str) -> bool:
        """Compare a secret with its hash; without a hash take the same time and say no."""
        digest = self.index(secret, purpose=f"secret:{purpose}").hex()
        with _hashing:
            try:
                return HASHER.verify(hashed or _nobody(), digest) and hashed is not None
            except (VerifyMismatchError, InvalidHashError):
                return False


def make_vault(keys: Sequence[bytes], pepper: str) -> Vault:
    """Build the vault of a set of keys."""
    return Vault(tuple(keys), pepper)


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"waypost-key-id\0" + key).digest()[:KEY_ID_BYTES]


_nobody_hash: list[str] = []


def _nobody() -> str:
    if not _nobody_hash:
        _nobody_hash.append(HASHER.hash(os.urandom(16).hex()))
    return _nobody_hash[0]
