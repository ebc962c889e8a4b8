"""The verifier notices when batches, files or statements no longer say what the books say."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.db import db
from rewards import checks
from tests.builders.payouts import Entry, camt, import_file, open_payouts, released


@pytest.fixture
def people(app):
    people = open_payouts()
    _, (voucher,) = released(people, 1)
    import_file(camt(Entry(-106_500, voucher)), people.reconciler)
    assert checks.check().violations == ()
    return people


def found_after(statement):
    db.session.execute(sa.text(statement))
    db.session.flush()
    found = [str(violation) for violation in checks.check().violations]
    db.session.rollback()
    return found


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE payout_items SET state = 'instructed'", "its batch says instructed, its share paid"),
        ("UPDATE payout_items SET amount = amount + 1", "its total is not the sum of its vouchers"),
        ("UPDATE reward_shares SET state = 'claimed'", "its batch says settled, its share claimed"),
        ("UPDATE statement_lines SET state = 'open'", "matched without a match, or open with one"),
        ("UPDATE statement_lines SET amount = -106499", "its entry moved another amount"),
        (
            "UPDATE statement_matches SET made_person = (SELECT released_person FROM payout_batches)",
            "reconciled by",
        ),
        ("UPDATE reward_approvals SET person_id = person_id", ""),
    ],
)
def test_what_was_changed_behind_the_services_is_named(people, statement, words):
    if not words:
        with pytest.raises(sa.exc.DBAPIError):
            db.session.execute(sa.text(statement))
        return
    assert [line for line in found_after(statement) if words in line]


def test_a_signer_in_the_wrong_place_is_named(people):
    involve = (
        "INSERT INTO reward_involvements (reward_id, person_id, part) "
        "SELECT r.id, b.approved_person, 'officer' FROM rewards r, payout_batches b"
    )
    assert [line for line in found_after(involve) if "worked on the case" in line]
