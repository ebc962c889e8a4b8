from __future__ import annotations

import os

import pytest

from core.vault import VaultError, make_vault

OLD, NEW = os.urandom(32), os.urandom(32)
NUMBER = "+67570123456"


def test_two_rows_of_one_number_look_different_and_open():
    vault = make_vault([NEW], "pepper")
    first, second = vault.seal(NUMBER, row="contacts.number:1"), vault.seal(NUMBER, row="contacts.number:2")
    assert first != second
    assert NUMBER.encode() not in first
    assert vault.open(first, row="contacts.number:1") == NUMBER


def test_a_value_copied_into_another_row_does_not_open():
    vault = make_vault([NEW], "pepper")
    with pytest.raises(VaultError):
        vault.open(vault.seal(NUMBER, row="contacts.number:1"), row="contacts.number:2")


def test_an_altered_or_foreign_value_fails_closed():
    vault = make_vault([NEW], "pepper")
    sealed = vault.seal(NUMBER, row="r")
    for broken in (
        sealed[:-1] + bytes([sealed[-1] ^ 1]),
        sealed[:8],
        b"",
        make_vault([OLD], "pepper").seal(NUMBER, row="r"),
    ):
        with pytest.raises(VaultError):
            vault.open(broken, row="r")


def test_an_old_key_still_opens_and_asks_to_be_replaced():
    sealed = make_vault([OLD], "pepper").seal(NUMBER, row="r")
    both = make_vault([NEW, OLD], "pepper")
    assert both.open(sealed, row="r") == NUMBER
    assert both.needs_resealing(sealed)
    assert not both.needs_resealing(both.seal(NUMBER, row="r"))


def test_the_index_is_keyed_by_the_pepper_and_the_purpose():
    one, other = make_vault([NEW], "pepper"), make_vault([NEW], "another")
    assert one.index(NUMBER, purpose="number") == one.index(NUMBER, purpose="number")
    assert one.index(NUMBER, purpose="number") != other.index(NUMBER, purpose="number")
    assert one.index(NUMBER, purpose="number") != one.index(NUMBER, purpose="else")


def test_a_secret_is_kept_as_argon2id_and_checked():
    vault = make_vault([NEW], "pepper")
    hashed = vault.hash_secret("123456789012", purpose="tip")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert vault.check_secret("123456789012", hashed, purpose="tip")
    assert not vault.check_secret("123456789013", hashed, purpose="tip")
    assert not vault.check_secret("123456789012", hashed, purpose="collection")
    assert not vault.check_secret("123456789012", None, purpose="tip")
