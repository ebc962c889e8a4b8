"""camt.053: files of independent makers are read alike; hostile and broken ones are refused in words."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycamt.parser import Camt053Parser

from rewards.bank_files.camt import read_camt
from rewards.bank_files.parsed import FileFault, to_minor
from tests.builders.payouts import Entry, camt
from tests.rewards.bank_files.iso_objects import document

SAMPLES = Path(__file__).parent / "samples"
ROWS = [("V-7Q2M8H4K", "1065.00", "DBIT", "BNK1"), ("V-9KTTX2PD", "333.34", "CRDT", "BNK2")]


@pytest.mark.parametrize("version", ["02", "08"])
def test_documents_built_from_the_standards_own_objects_are_read(version):
    (statement,) = read_camt(document(version, ROWS, "50000.00", "49268.34"))
    assert statement.format == f"camt.053.001.{version}"
    assert (statement.account, statement.currency, statement.sequence) == ("001234567890", "USD", 43)
    assert (statement.opening, statement.closing) == (5_000_000, 4_926_834)
    assert [(line.amount, line.vouchers, line.servicer_ref) for line in statement.lines] == [
        (-106_500, ("V-7Q2M8H4K",), "BNK1"),
        (33_334, ("V-9KTTX2PD",), "BNK2"),
    ]
    assert {line.code for line in statement.lines} == {"PMNT/ICDT/DMCT"}
    assert {line.booked_on for line in statement.lines} == {date(2026, 2, 12)}


def test_reversing_entries_of_another_maker_are_read():
    """The sample was written by the PyPI package camt053 0.0.23 and validated by it against the ISO schema."""
    (statement,) = read_camt((SAMPLES / "returns.camt053-08.xml").read_bytes())
    assert [(line.amount, line.vouchers, line.reversal) for line in statement.lines] == [
        (106_500, ("V-7Q2M8H4K",), True),
        (33_334, ("V-9KTTX2PD",), True),
    ]
    assert (statement.opening, statement.closing) == (5_000_000 - 139_834, 5_000_000)


def test_one_entry_with_many_transactions_becomes_many_lines():
    entry = camt(Entry(-3_00, "V-7Q2M8H4K"))
    details = entry[entry.index("<TxDtls>") : entry.index("</TxDtls>") + len("</TxDtls>")]
    one, two = (details.replace("3.00", amount) for amount in ("1.00", "2.00"))
    (statement,) = read_camt(entry.replace(details, one + two.replace("7Q2M8H4K", "9KTTX2PD")).encode())
    assert [(line.amount, line.vouchers) for line in statement.lines] == [
        (-100, ("V-7Q2M8H4K",)),
        (-200, ("V-9KTTX2PD",)),
    ]
    with pytest.raises(FileFault, match="not the sum of its transactions"):
        read_camt(entry.replace(details, one + one).encode())


@pytest.mark.parametrize(
    ("told", "amounts"),
    [
        ('<Chrgs><TtlChrgsAndTaxAmt Ccy="USD">1.50</TtlChrgsAndTaxAmt></Chrgs>', [-300, -150]),
        (
            '<Chrgs><Rcrd><Amt Ccy="USD">1.00</Amt></Rcrd><Rcrd><Amt Ccy="USD">0.50</Amt></Rcrd></Chrgs>',
            [-300, -150],
        ),
        ('<Chrgs><Amt Ccy="USD">1.40</Amt></Chrgs>', [-450]),
        ("", [-450]),
    ],
)
def test_charges_taken_in_the_same_sum_are_told_apart_where_the_bank_says_so(told, amounts):
    file = camt(Entry(-4_50, "V-7Q2M8H4K"))
    part = file.rindex("4.50</Amt>")
    file = file[:part] + "3.00</Amt>" + file[part + len("4.50</Amt>") :]
    (statement,) = read_camt(file.replace("<NtryDtls>", f"{told}<NtryDtls>").encode())
    assert [line.amount for line in statement.lines] == amounts
    assert statement.lines[0].vouchers == ("V-7Q2M8H4K",)
    assert [(line.vouchers, line.code) for line in statement.lines[1:]] == [((), "CHRG")] * (len(amounts) - 1)


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)
)
XXE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
SOUND = camt(Entry(-100, "V-7Q2M8H4K"))
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'

HOSTILE = [
    (SOUND.replace(HEAD, f"{HEAD}{XXE}").replace("BNK-43", "&a;"), "defines entities"),
    (SOUND.replace(HEAD, f"{HEAD}{LAUGHS}]>").replace("BNK-43", "&j;"), "defines entities"),
    (SOUND.replace(HEAD, f'{HEAD}<!DOCTYPE x SYSTEM "http://example.org/x.dtd">'), "defines entities"),
    (SOUND.encode("utf-16"), "UTF-16"),
    (SOUND.encode("utf-16-le"), "UTF-16"),
    (b"\xff" + SOUND.encode("latin-1"), "not UTF-8"),
    (b"<" + b" " * 50_000_000, "larger than 10 MB"),
    ("<a>" * 100_000, "not sound XML"),
    (SOUND[:-30], "not sound XML"),
    (SOUND.replace("camt.053.001.08", "camt.053.001.99"), "not camt.053"),
    (SOUND.replace("camt.053.001.08", "pain.001.001.09"), "not camt.053"),
    (SOUND.replace("<Stmt>", "<Rpt>").replace("</Stmt>", "</Rpt>"), "no statement"),
    (SOUND.replace("BOOK", "HELD"), "unknown status"),
    (SOUND.replace("DBIT", "DEBT"), "neither credit nor debit"),
    (SOUND.replace(">1.00<", ">1.005<"), "more decimals"),
    (SOUND.replace(">1.00<", ">-1.00<"), "below zero"),
    *(
        (SOUND.replace(">1.00<", f">{odd}<"), "not an amount")
        for odd in ("1e3", "1e999999", "1_0", "１", "NaN")
    ),
    (SOUND.replace(">1.00<", ">99999999999999999.00<"), "more than the books"),
    (SOUND.replace('Ccy="USD">1.00', 'Ccy="usd">1.00'), "not a currency"),
    (SOUND.replace("<Id>001234567890</Id>", ""), "which account"),
    (SOUND.replace("CLBD", "CLAV"), "no closing balance"),
    (SOUND.replace("2026-03-02</Dt></BookgDt>", "yesterday</Dt></BookgDt>"), "not a day"),
    (SOUND.replace("<Id>BNK-43</Id>", ""), "has no Id"),
]


@pytest.mark.parametrize(("file", "words"), HOSTILE)
def test_hostile_and_broken_files_are_refused_in_words(file, words):
    with pytest.raises(FileFault, match=words):
        read_camt(file if isinstance(file, bytes) else file.encode())


@pytest.mark.parametrize("number", ["9" * 5_000, "9999999999", "0", "x"])
def test_a_number_no_bank_counts_to_is_left_out(number):
    (statement,) = read_camt(SOUND.replace("<ElctrncSeqNb>43<", f"<ElctrncSeqNb>{number}<").encode())
    assert statement.sequence is None


def test_more_lines_than_one_import_takes_are_refused(monkeypatch):
    monkeypatch.setattr("rewards.bank_files.parsed.MOST_LINES", 2)
    with pytest.raises(FileFault, match="more than 2 lines"):
        read_camt(camt(*[Entry(-100)] * 3).encode())


MOVES = st.lists(
    st.tuples(
        st.integers(1, 10**9),
        st.sampled_from(["DBIT", "CRDT"]),
        st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=8, max_size=8),
    ),
    min_size=1,
    max_size=6,
)


@given(MOVES, st.sampled_from(["02", "08"]))
def test_an_independent_reader_sees_the_same(moves, version):
    """pycamt reads what pyiso20022 wrote; so do we, to the cent."""
    rows = [
        (f"V-{code}", f"{minor // 100}.{minor % 100:02d}", sign, f"BNK{place}")
        for place, (minor, sign, code) in enumerate(moves)
    ]
    opening = 10**10
    closing = opening + sum(minor if sign == "CRDT" else -minor for minor, sign, _ in moves)
    file = document(version, rows, f"{opening // 100}.00", f"{closing // 100}.{closing % 100:02d}")
    (ours,) = read_camt(file)
    theirs = Camt053Parser(file.decode().split("?>", 1)[1])
    (info,) = theirs.get_statement_info()
    assert (to_minor(info["OpeningBalance"], "USD"), to_minor(info["ClosingBalance"], "USD")) == (
        ours.opening,
        ours.closing,
    )
    assert [
        (line.amount, *line.vouchers, line.servicer_ref, line.booked_on.isoformat()) for line in ours.lines
    ] == [
        (
            to_minor(row["Amount"], "USD") * (1 if row["CreditDebitIndicator"] == "CRDT" else -1),
            row["EndToEndId"],
            row["TransactionID"],
            row["BookingDate"],
        )
        for row in theirs.get_transactions()
    ]
