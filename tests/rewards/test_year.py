"""A year of 5,000 entries in three currencies is the same in our books and in three other people's programs."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from bench.ledger_year import FUNDS, year
from core.db import db, transaction
from rewards import books, chain, checks, exporting, links, queries, reports, services
from rewards.asof import EVERYTHING, Known
from rewards.ledger import Leg, Posting
from tests.rewards import oracles

ENTRIES = 5_100
SUFFIX = {"hledger": "journal", "ledger": "journal", "beancount": "beancount"}


@pytest.fixture(scope="module")
def filled(session_app, databases):
    """Book the year once for all tests of this file."""
    with session_app.app_context():
        db.engine.dispose()
        databases.fresh()
        book_year()
        yield
        db.session.remove()
        db.engine.dispose()


def book_year():
    now = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
    with transaction():
        for code, currency, _, _ in FUNDS:
            services.ensure_fund(code=code, currency=currency, now=now)
    with transaction():
        funds = {code: queries.fund_by_code(code) for code, *_ in FUNDS}
        for number, event in enumerate(year(ENTRIES), start=1):
            legs = tuple(Leg(leg.account, leg.currency, leg.amount) for leg in event.posting.legs)
            books.post(
                Posting(event.posting.kind, legs),
                fund=funds[event.fund],
                idem_key=f"year:{number}",
                actor_id=None,
                now=datetime.combine(event.day, time(9), tzinfo=UTC),
                notes={"stmt": f"S-{number}, page 1", "reason": "line one\nline two; x: y"},
                effective_on=event.day,
                reverses_id=event.undoes,
            )


def ours(limits=EVERYTHING):
    return {
        (f"{line.account}:{balance.fund}", balance.currency): line.debit - line.credit
        for balance in reports.trial_balances(limits)
        for line in balance.lines
        if line.debit or line.credit
    }


def test_the_year_holds_every_kind_of_event_and_its_books_are_sound(filled):
    kinds = Counter(entry.kind for entry, _ in links.entries_with_legs())
    assert sum(kinds.values()) == ENTRIES
    assert set(kinds) == {
        "fund", "defund", "reserve", "release", "approve", "withhold", "remit", "fee", "instruct", "settle",
        "rejected", "returned", "forfeit", "cancel", "clawback_raised", "clawback_received",
        "clawback_written_off", "reverse",
    }  # fmt: skip
    assert {currency for _, currency in ours()} == {"USD", "UGX", "KWD"}
    assert checks.check().violations == ()


@pytest.mark.parametrize("tool", ["hledger", "ledger", "beancount"])
@pytest.mark.parametrize("as_of", [None, date(2026, 6, 30)])
def test_the_tools_accept_the_year_and_have_our_trial_balance(filled, tool, as_of, tmp_path):
    limits = Known(as_of=as_of)
    file = Path(tmp_path / f"year.{SUFFIX[tool]}")
    file.write_text(exporting.export(form="beancount" if tool == "beancount" else "hledger", limits=limits))
    totals = {key: amount for key, amount in oracles.totals(tool, file).items() if amount}
    assert totals == ours(limits)


def test_the_spreadsheet_and_the_chain_have_our_trial_balance_too(filled):
    table, lines = Counter(), Counter()
    for row in csv.DictReader(io.StringIO(exporting.export(form="csv"))):
        table[row["account"], row["currency"]] += int(row["amount_minor"])
    previous = chain.GENESIS
    for text in exporting.export(form="jsonl").splitlines():
        record = json.loads(text)
        before, digest = record.pop("prev_hash"), record.pop("hash")
        assert before == previous.hex()
        previous = chain.chained(previous, record)
        assert previous.hex() == digest
        for account, currency, amount, *_ in record.get("legs", ()):
            lines[f"{account}:{record['ref']['fund']}", currency] += amount
    for totals in (table, lines):
        assert {key: amount for key, amount in totals.items() if amount} == ours()


def test_an_export_as_it_was_known_leaves_out_what_came_later(filled, tmp_path):
    limits = Known(as_of=date(2026, 3, 31), seq=900)
    text = exporting.export(form="hledger", limits=limits)
    assert "as_of_seq=900" in text.splitlines()[0]
    file = tmp_path / "known.journal"
    file.write_text(text)
    totals = {key: amount for key, amount in oracles.totals("hledger", file).items() if amount}
    assert totals == ours(limits) != ours(Known(as_of=date(2026, 3, 31)))
