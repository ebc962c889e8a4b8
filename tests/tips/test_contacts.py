from __future__ import annotations

import os

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from core.vault import VaultError, make_vault
from tests.builders.tips import MORNING
from tips.contacts import find_contact, keep_contact, normal_number, open_number, reseal_some
from tips.models import Contact

OLD, NEW = bytes(range(32)), os.urandom(32)
NUMBERS = [f"+6681000{number:04d}" for number in range(7)]


@pytest.fixture
def kept(app):
    vault = make_vault([OLD], "pepper")
    with transaction():
        for number in NUMBERS:
            keep_contact(number, vault=vault, now=MORNING)
    return vault


def test_rotation_seals_every_number_with_the_first_key_and_finds_it_as_before(kept):
    both, new = make_vault([NEW, OLD], "pepper"), make_vault([NEW], "pepper")
    assert _reseal(both) == [(3, 3), (6, 3), (7, 1), (None, 0)]
    assert _reseal(both) == [(3, 0), (6, 0), (7, 0), (None, 0)]
    for number in NUMBERS:
        assert open_number(find_contact(number, vault=new).id, vault=new) == number
    with pytest.raises(VaultError):
        open_number(1, vault=kept)


def _reseal(vault):
    steps = [(0, 0)]
    while steps[-1][0] is not None:
        with transaction():
            steps.append(reseal_some(vault=vault, after=steps[-1][0], batch=3))
    return steps[1:]


def test_a_taken_alias_does_not_lose_a_sender(kept, monkeypatch):
    taken = db.session.scalar(sa.select(Contact.alias).limit(1)).removeprefix("S-")
    letters = iter([taken, taken, "ZZZZZZ"])
    monkeypatch.setattr("tips.contacts.new_reference", lambda _length: next(letters))
    with transaction():
        assert keep_contact("+66899999999", vault=kept, now=MORNING).alias == "S-ZZZZZZ"


def test_the_command_says_how_many_numbers_it_sealed_anew(runner, kept, monkeypatch, app):
    monkeypatch.setitem(app.extensions, "vault", make_vault([NEW, OLD], "pepper"))
    db.session.rollback()
    assert "7 numbers were sealed anew" in runner.invoke(args=["vault", "rotate"]).output
    assert "0 numbers were sealed anew" in runner.invoke(args=["vault", "rotate"]).output


def test_a_number_swapped_into_another_row_does_not_open(kept):
    first, second = db.session.scalars(sa.select(Contact).order_by(Contact.id).limit(2)).all()
    first.number_sealed = second.number_sealed
    db.session.commit()
    with pytest.raises(VaultError):
        open_number(first.id, vault=kept)


def test_one_number_is_one_contact_however_it_is_written(app):
    vault = app.extensions["vault"]
    with transaction():
        first = keep_contact(normal_number("+66 81-234 5678", ("TH",)), vault=vault, now=MORNING)
        second = keep_contact(normal_number("081 234 5678", ("TH", "MM")), vault=vault, now=MORNING)
    assert first == second


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("+66812345678", "+66812345678"),
        ("12345", "12345"),
        ("DIGICEL", "DIGICEL"),
        ("0812345678", "+66812345678"),
    ],
)
def test_a_number_is_kept_in_its_international_form(written, expected):
    assert normal_number(written, ("TH",)) == expected
