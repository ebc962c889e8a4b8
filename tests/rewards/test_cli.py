"""The commands of the reward office, on a worked ledger read by other people's tools."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter

import pytest
import sqlalchemy as sa

from core.db import db, transaction
from rewards import chain, services
from rewards.cli import rewards_cli
from rewards.models import Fund, LedgerAccount, LedgerHead
from tests.builders.reward_office import NOW, approve, claim, new_key, open_office, pay, propose, reward
from tests.builders.rewards import outcome, tip
from tests.rewards import oracles


@pytest.fixture
def worked(app, runner):
    """Two funds in two currencies, and rewards in every state."""
    office = open_office()
    approve(propose(1).ref, office.finance)
    claimed = claim(1)
    pay(claimed.voucher, office.cashier, receipt="Slip 17")
    approve(propose(2, facts=outcome(tip(2, 80), tip(3, 60), value=3_000_000)).ref, office.finance)
    claim(3)
    declined = propose(4, facts=outcome(tip(4, 70), value=200_000))
    with transaction():
        services.decline(
            ref=declined.ref, snapshot=reward(declined.ref).snapshot_hash, reason='=cmd|"x", then: more',
            actor=office.director, key=new_key(), now=NOW,
        )  # fmt: skip
    lapsed = propose(5, facts=outcome(tip(5, 70), value=200_000))
    approve(lapsed.ref, office.finance)
    with transaction():
        services.expire_due(now=NOW.replace(year=2027))
    result = runner.invoke(
        rewards_cli,
        ["deposit", "UG", "1,000,001", "--currency", "UGX", "--reference", "S-9", "--on", "2026-02-28"],
    )
    assert result.exit_code == 0, result.output
    return runner


def our_totals():
    rows = db.session.execute(
        sa.select(LedgerAccount.name, Fund.code, LedgerAccount.currency, LedgerAccount.balance)
        .join(Fund)
        .where(LedgerAccount.balance != 0)
    )
    return {(f"{row.name}:{row.code}", row.currency): row.balance for row in rows}


def without_zeros(totals):
    return {account: total for account, total in totals.items() if total}


def test_independent_tools_agree_with_our_trial_balance(worked, tmp_path):
    file = tmp_path / "books"
    for tool, form in (("hledger", "hledger"), ("ledger", "hledger"), ("beancount", "beancount")):
        file.write_text(worked.invoke(rewards_cli, ["export", "--format", form]).output)
        assert without_zeros(oracles.totals(tool, file)) == our_totals()


def test_the_spreadsheet_adds_up_to_our_trial_balance(worked):
    rows = csv.DictReader(io.StringIO(worked.invoke(rewards_cli, ["export", "--format", "csv"]).output))
    totals, reasons = Counter(), set()
    for row in rows:
        totals[row["account"], row["currency"]] += int(row["amount_minor"])
        reasons.add(row["reason"])
    assert without_zeros(totals) == our_totals()
    assert '\'=cmd|"x", then: more' in reasons


def test_anybody_can_recompute_the_chain_from_json_lines(worked):
    output = worked.invoke(rewards_cli, ["export", "--format", "jsonl"]).output
    previous = chain.GENESIS
    for expected, line in enumerate(output.splitlines(), start=1):
        record = json.loads(line)
        digest, before = record.pop("hash"), record.pop("prev_hash")
        assert (record["seq"], before) == (expected, previous.hex())
        previous = chain.chained(previous, record)
        assert previous.hex() == digest
    assert previous == db.session.scalar(sa.select(LedgerHead.hash))


def test_an_export_as_of_a_day_leaves_later_entries_out(worked, tmp_path):
    file = tmp_path / "books"
    file.write_text(worked.invoke(rewards_cli, ["export", "--as-of", "2026-03-01"]).output)
    assert oracles.totals("hledger", file) == {
        ("Assets:Bank:Ops:UG", "UGX"): 1_000_001,
        ("Income:Funding:Treasury:UG", "UGX"): -1_000_001,
        ("Equity:Budget:Appropriated:UG", "UGX"): 1_000_001,
        ("Equity:Budget:Available:UG", "UGX"): -1_000_001,
    }
    lines = worked.invoke(rewards_cli, ["export", "--format", "jsonl", "--as-of", "2026-03-01"]).output
    assert [json.loads(line)["id"][0] for line in lines.splitlines()].count("J") == 1


def test_no_export_names_a_tip(worked):
    for form in ("hledger", "beancount", "csv", "jsonl"):
        output = worked.invoke(rewards_cli, ["export", "--format", form]).output
        assert "J000001" in output
        for code in ("1000-01", "1000-02", "1000-03", "Mae Ramat", "timber"):
            assert code not in output
        assert not re.search(r'"tip|tip:', output)


def test_a_deposit_is_booked_once_for_its_statement_line(worked):
    arguments = [
        "deposit",
        "UG",
        "1,000,001",
        "--currency",
        "UGX",
        "--reference",
        "S-9",
        "--on",
        "2026-02-28",
    ]
    before = our_totals()
    assert worked.invoke(rewards_cli, arguments).exit_code == 0
    assert our_totals() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["deposit", "GEN", "ten", "--reference", "r"], "in figures"),
        (["deposit", "GEN", "5", "--currency", "EUR", "--reference", "r"], "kept in USD"),
        (["deposit", "GEN", "5", "--source", "a b", "--reference", "r"], "one word"),
        (["rate", "XXX", "1", "--as-of", "2026-03-01"], "Unknown currency"),
        (["rate", "THB", "much", "--as-of", "2026-03-01"], "cannot be read"),
    ],
)
def test_refused_commands_say_why(app, runner, arguments, words):
    open_office(amount=0)
    result = runner.invoke(rewards_cli, arguments)
    assert result.exit_code == 1
    assert words in result.output


def test_a_rate_makes_a_new_policy_version(app, runner):
    result = runner.invoke(rewards_cli, ["rate", "THB", "0.0281", "--as-of", "2026-03-01"])
    assert result.output == "Policy version 2: 1 THB = 0.0281, seen on 2026-03-01.\n"


def test_expiring_says_how_many(app, runner):
    assert runner.invoke(rewards_cli, ["expire"]).output == "0 shares lapsed.\n"
