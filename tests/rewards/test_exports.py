"""Other people's tools read our exports, agree with our totals, and notice a missing cent."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import date

import pytest

from rewards import exports
from rewards.exports import ExportEntry, ExportLeg, Header
from rewards.ledger import entry_name
from tests.rewards import oracles

HEADER = Header("GT-REWARDS", 8, "9f0c")


def entry(seq, day, kind, *legs, currency="USD", **tags):
    return ExportEntry(
        name=entry_name(seq),
        seq=seq,
        kind=kind,
        effective_on=date.fromisoformat(day),
        recorded_at=f"{day}T08:00:00.000000Z",
        actor="u:12",
        tags={"fund": "GEN", **tags},
        legs=tuple(ExportLeg(account, currency, amount) for account, amount in legs),
        hash=f"{seq:064x}",
    )


BANK, FUNDING = "Assets:Bank:Ops:GEN", "Income:Funding:Treasury:GEN"
AVAILABLE, RESERVED = "Equity:Budget:Available:GEN", "Equity:Budget:Reserved:GEN"
PUT_IN = "Equity:Budget:Appropriated:GEN"


@pytest.fixture
def year():
    """A back-dated entry, two on one day, three exponents, and a reason that tries to break out."""
    reason = 'late, "quoted"\n2026-01-01 * x; tag: y'
    return [
        entry(
            1,
            "2026-01-05",
            "fund",
            (BANK, 5000000),
            (FUNDING, -5000000),
            (PUT_IN, 5000000),
            (AVAILABLE, -5000000),
        ),
        entry(
            2,
            "2026-02-01",
            "reserve",
            (AVAILABLE, 106500),
            (RESERVED, -106500),
            case="C-2026-000142",
            reward="R-7Q2M",
        ),
        entry(3, "2026-02-01", "release", (RESERVED, 500), (AVAILABLE, -500), reason=reason),
        entry(4, "2026-01-20", "reserve", (AVAILABLE, 1), (RESERVED, -1)),
        entry(
            5,
            "2026-03-01",
            "fund",
            ("Assets:Bank:Ops:UG", 1000001),
            ("Income:Funding:X:UG", -1000001),
            currency="UGX",
        ),
        entry(
            6,
            "2026-03-01",
            "fund",
            ("Assets:Bank:Ops:KW", 10001),
            ("Income:Funding:X:KW", -10001),
            currency="KWD",
        ),
    ]


def spoilt(entries):
    """Take one cent from one leg of the second entry."""
    second = entries[1]
    first, *rest = second.legs
    legs = (ExportLeg(first.account, first.currency, first.amount - 1), *rest)
    return [
        entries[0],
        ExportEntry(*[legs if name == "legs" else getattr(second, name) for name in second.__slots__]),
    ]


@pytest.mark.parametrize("tool", ["hledger", "ledger"])
def test_journal_tools_accept_the_export_and_agree_on_every_total(tool, year, tmp_path):
    journal = tmp_path / "ledger.journal"
    journal.write_text(exports.to_journal(HEADER, year))
    assert oracles.totals(tool, journal) == exports.totals_by_account(year)


@pytest.mark.parametrize("tool", ["hledger", "ledger"])
def test_journal_tools_notice_one_missing_cent(tool, year, tmp_path):
    journal = tmp_path / "ledger.journal"
    journal.write_text(exports.to_journal(HEADER, spoilt(year)))
    with pytest.raises(oracles.NotAccepted):
        oracles.totals(tool, journal)


def test_beancount_accepts_the_export_and_agrees_on_every_total(year, tmp_path):
    file = tmp_path / "ledger.beancount"
    file.write_text(exports.to_beancount(HEADER, year))
    assert oracles.totals("beancount", file) == exports.totals_by_account(year)


def test_beancount_notices_one_missing_cent(year, tmp_path):
    file = tmp_path / "ledger.beancount"
    file.write_text(exports.to_beancount(HEADER, year).replace("48936.00 ~ 0", "48935.99 ~ 0"))
    before = exports.to_beancount(HEADER, year[:2])
    file.write_text(before.replace("48935.00 ~ 0", "48935.01 ~ 0"))
    with pytest.raises(oracles.NotAccepted):
        oracles.totals("beancount", file)


def test_an_empty_ledger_is_a_valid_file(tmp_path):
    file = tmp_path / "empty"
    file.write_text(exports.to_journal(HEADER, []))
    assert oracles.totals("hledger", file) == {}
    file.write_text(exports.to_beancount(HEADER, []))
    assert oracles.totals("beancount", file) == {}


def test_csv_has_one_row_a_leg_and_disarms_formulas(year):
    risky = entry(7, "2026-03-02", "release", (RESERVED, 1), (AVAILABLE, -1), reason='=HYPERLINK("http://x")')
    rows = list(csv.DictReader(io.StringIO(exports.to_csv([*year, risky]))))
    total = Counter()
    for row in rows:
        total[row["account"], row["currency"]] += int(row["amount_minor"])
    assert dict(total) == exports.totals_by_account([*year, risky])
    assert [row["entry"] for row in rows][:6] == ["J000001"] * 4 + ["J000004"] * 2
    assert rows[-1]["reason"].startswith("'=")
    assert rows[-1]["amount"] == "-0.01"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_every_formula_start_is_disarmed(start):
    assert exports.disarmed(f"{start}1") == f"'{start}1"
    assert exports.disarmed("one") == "one"


def test_jsonl_is_one_record_a_line():
    lines = exports.to_jsonl([{"seq": 1, "reason": "a\nb"}, {"seq": 2}]).splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [1, 2]


def test_exports_say_how_far_they_read(year):
    assert "as_of_seq=8" in exports.to_journal(HEADER, year).splitlines()[0]
    assert "chain_head=sha256:9f0c" in exports.to_beancount(HEADER, year)
