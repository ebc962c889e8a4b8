"""F14: what the owner of the database does to the chain is named at its first bad link, or by the published head."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.db import db
from rewards import chain, checks, links, reports
from rewards.models import LedgerHead
from tests.builders.reward_office import approve, claim, open_office, pay, propose
from tests.rewards.test_checks import guards_off


@pytest.fixture
def office(app):
    office = open_office()
    approve(propose(1).ref, office.finance)
    claimed = claim(1)
    pay(claimed.voucher, office.cashier, word=claimed.word)
    assert checks.check().violations == ()
    return office


def first_bad_link():
    found = [violation.where for violation in checks.check().violations if violation.invariant == "I8"]
    return found[0] if found else None


def table_at(seq):
    return "reward_events" if db.session.scalar(
        sa.text(f"SELECT COUNT(*) FROM reward_events WHERE seq = {seq}")
    ) else "ledger_entries"  # fmt: skip


def rechain(start):
    """Write the hashes of every link from `start` on anew, as a patient forger would."""
    name = db.session.scalar(sa.select(LedgerHead.ledger))
    previous = None
    for link, legs in list(links.links()):
        if link.seq < start:
            previous = link.hash
            continue
        record = links.entry_record(name, link, legs) if legs is not None else links.event_record(name, link)
        digest = chain.chained(previous or chain.GENESIS, record)
        db.session.execute(
            sa.text(f"UPDATE {table_at(link.seq)} SET prev_hash = :p, hash = :h WHERE seq = :s"),
            {"p": previous or chain.GENESIS, "h": digest, "s": link.seq},
        )
        previous = digest
    db.session.execute(sa.text("UPDATE ledger_head SET hash = :h"), {"h": previous})


def run(*statements):
    with guards_off():
        for statement in statements:
            db.session.execute(sa.text(statement))


def test_f14_a_changed_amount_is_named(office):
    run("UPDATE ledger_legs SET amount = amount - 1 WHERE entry_id = 3")
    assert first_bad_link() == "seq 4"


def test_f14_a_changed_link_with_its_own_hash_mended_is_named_at_the_next(office):
    with guards_off():
        db.session.execute(sa.text("UPDATE ledger_entries SET kind = 'other' WHERE seq = 3"))
        name = db.session.scalar(sa.select(LedgerHead.ledger))
        link, legs = next((link, legs) for link, legs in links.links() if link.seq == 3)
        digest = chain.chained(link.prev_hash, links.entry_record(name, link, legs))
        db.session.execute(sa.text("UPDATE ledger_entries SET hash = :h WHERE seq = 3"), {"h": digest})
    assert first_bad_link() == "seq 4"
    with guards_off():
        db.session.execute(sa.text(f"UPDATE {table_at(4)} SET prev_hash = :h WHERE seq = 4"), {"h": digest})
    assert first_bad_link() == "seq 4"


def test_f14_a_link_taken_out_of_the_middle_is_named(office):
    run("DELETE FROM reward_events WHERE seq = 5")
    assert first_bad_link() == "seq 6"


def test_f14_two_links_that_changed_places_are_named(office):
    run(
        "UPDATE ledger_entries SET seq = 1000 WHERE seq = 3",
        "UPDATE ledger_entries SET seq = 3 WHERE seq = 4",
        "UPDATE ledger_entries SET seq = 4 WHERE seq = 1000",
    )
    assert first_bad_link() == "seq 3"


def test_f14_a_last_link_taken_away_is_named_by_the_head(office):
    newest = reports.chain_head()[0]
    run(
        f"DELETE FROM ledger_legs WHERE entry_id IN (SELECT id FROM ledger_entries WHERE seq = {newest})",
        f"DELETE FROM money_requests WHERE entry_id IN (SELECT id FROM ledger_entries WHERE seq = {newest})",
        f"DELETE FROM ledger_entries WHERE seq = {newest}",
    )
    assert first_bad_link() == f"seq {newest}"


def test_f14_a_tail_cut_off_with_the_head_set_back_shows_only_against_the_published_head(office):
    seq, published = reports.chain_head()
    with guards_off():
        for statement in (
            f"DELETE FROM ledger_legs WHERE entry_id IN (SELECT id FROM ledger_entries WHERE seq = {seq})",
            f"DELETE FROM money_requests WHERE entry_id IN (SELECT id FROM ledger_entries WHERE seq = {seq})",
            f"DELETE FROM ledger_entries WHERE seq = {seq}",
            f"UPDATE ledger_head SET seq = {seq - 1}, entries = entries - 1, "
            f"hash = (SELECT hash FROM ledger_entries WHERE seq = {seq - 1})",
        ):
            db.session.execute(sa.text(statement))
    assert first_bad_link() is None
    assert reports.chain_head() != (seq, published)


def test_f14_a_chain_written_anew_shows_only_against_the_published_head(office):
    seq, published = reports.chain_head()
    with guards_off():
        db.session.execute(sa.text("UPDATE ledger_entries SET actor_id = NULL WHERE seq = 1"))
        rechain(1)
    assert checks.check().violations == ()
    assert reports.chain_head()[0] == seq
    assert reports.chain_head()[1] != published
