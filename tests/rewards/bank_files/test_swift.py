"""MT940: statements, returns, fees, and files that are not sound."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.bank_files.parsed import FileFault
from rewards.bank_files.reading import read_file, same_account
from rewards.bank_files.swift import read_mt940

SOUND = """:20:STMT1
:25:BNKKTHBK/001234567890
:28C:00043/001
:60F:C260212USD50000,00
:61:2602120212D1065,00NTRFV-7Q2M8H4K//BNK889123
:86:/EREF/V-7Q2M8H4K/REMI/V-7Q2M8H4K
:61:2602120212D2,50NCHGNONREF//BNK889124
:86:Charges
:61:2602120212RD10,00NTRFNONREF//BNK889125
:86:/REMI/V-9KTT
X2PD
:62F:C260212USD48942,50
-
:20:STMT2
:25:BNKKTHBK/001234567890
:28C:00044/001
:60F:C260213USD48942,50
:62F:C260213USD48942,50
-
"""


def test_statements_of_one_file_are_read_apart():
    first, second = read_mt940(SOUND.encode())
    assert (first.opening, first.closing, first.sequence) == (5_000_000, 4_894_250, 43)
    assert (second.opening, second.closing, second.lines) == (4_894_250, 4_894_250, ())
    assert [(line.amount, line.vouchers, line.servicer_ref, line.code) for line in first.lines] == [
        (-106_500, ("V-7Q2M8H4K",), "BNK889123", "NTRF"),
        (-250, (), "BNK889124", "NCHG"),
        (1_000, ("V-9KTTX2PD",), "BNK889125", "NTRF"),
    ]
    assert [line.reversal for line in first.lines] == [False, False, True]


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (SOUND.replace("D1065,00", "D1065,01"), "does not add up"),
        (SOUND.replace(":62F:C260212USD48942,50\n", ""), "closing balance"),
        ("nothing of the kind", "no statement"),
        (":20:x\n:25:y\n:60F:garbage\n", "not sound|balance"),
    ],
)
def test_broken_files_are_refused_in_words(broken, words):
    with pytest.raises(FileFault, match=words):
        read_mt940(broken.encode())


def test_a_reversed_credit_is_money_out():
    file = SOUND.replace("RD10,00", "RC10,00").replace("48942,50", "48922,50")
    reversed_credit = read_mt940(file.encode())[0].lines[2]
    assert (reversed_credit.amount, reversed_credit.reversal) == (-1_000, True)


def test_what_a_broken_file_says_is_not_logged(caplog):
    with pytest.raises(FileFault, match="not sound"):
        read_mt940(SOUND.replace("00043/001", "Somchai 0812345678").encode())
    assert caplog.records == []


def test_a_file_name_is_never_opened(tmp_path: Path):
    (tmp_path / "secret").write_text(SOUND)
    with pytest.raises(FileFault, match="no statement"):
        read_mt940(str(tmp_path / "secret").encode())


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data):
    for content in (data, SOUND.encode()[:200] + data, b"<" + data):
        try:
            read_file(content, currency="USD")
        except FileFault:
            continue


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("001234567890", True),
        ("BNKKTHBK/001234567890", True),
        ("BNKKTHBK/001234567890USD", True),
        ("0012 3456 7890", True),
        ("001234567891", False),
        ("1001234567890", False),
        ("001234567890123", False),
        ("001234567890EUR", False),
        ("", True),
    ],
)
def test_an_account_is_known_however_the_bank_writes_it(written, same):
    assert same_account(written, "001234567890", "USD") is same
