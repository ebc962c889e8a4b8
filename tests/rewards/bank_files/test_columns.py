"""CSV: layouts are guessed for a person to correct, and rows are read by them or refused by number."""

from __future__ import annotations

from datetime import date

import pytest

from rewards.bank_files.columns import guessed_layout, load_layout, read_csv
from rewards.bank_files.parsed import FileFault

MOBILE = b"""Organisation: Rewards Office
Period: March

Receipt No.,Completion Time,Details,Transaction Status,Paid In,Withdrawn,Balance
QFT1,2026-03-02 09:00:00,Payment V-7Q2M8H4K to 255712345678,Completed,,"1,065.00","48,935.00"
QFT2,2026-03-02 10:00:00,Payment V-9KTTX2PD,Pending,,333.34,
QFT3,2026-03-02 11:00:00,Float top-up,Completed,"1,000.00",,"49,935.00"
"""


def read(data, **layout):
    return read_csv(
        data if isinstance(data, bytes) else data.encode(), load_layout(layout), currency="USD", name="x"
    )


def test_a_mobile_money_file_is_guessed_and_its_running_balance_checked():
    layout = guessed_layout(MOBILE)
    assert (layout.heading_row, layout.receipt, layout.paid_in, layout.paid_out) == (
        4,
        "Receipt No.",
        "Paid In",
        "Withdrawn",
    )
    statement = read_csv(
        MOBILE, load_layout({**_body(layout), "booked_words": "Completed"}), currency="USD", name="M"
    )
    assert (statement.opening, statement.closing) == (5_000_000, 4_993_500)
    assert [(line.amount, line.servicer_ref, line.pending) for line in statement.lines] == [
        (-106_500, "QFT1", False),
        (-33_334, "QFT2", True),
        (100_000, "QFT3", False),
    ]
    assert statement.lines[0].text == "Payment V-7Q2M8H4K to [number]"
    wrong = MOBILE.replace(b"49,935.00", b"49,936.00")
    with pytest.raises(FileFault, match="do not follow"):
        read_csv(wrong, load_layout({**_body(layout), "booked_words": "Completed"}), currency="USD", name="M")


def test_newest_first_is_turned_round():
    rows = "Date,Amount,Text,Balance\n2026-03-03,-2.00,b,7.00\n2026-03-02,-1.00,a,9.00\n"
    statement = read(rows, day="Date", amount="Amount", text="Text", balance="Balance")
    assert [line.text for line in statement.lines] == ["a", "b"]
    assert (statement.opening, statement.closing) == (1_000, 700)


def test_ways_of_writing_amounts_and_days():
    comma = "Tag;Betrag;Text\n02.03.2026;-1.065,00;V-7Q2M8H4K\n03.03.2026;(5,00);x\n"
    statement = read(
        comma,
        day="Tag",
        amount="Betrag",
        text="Text",
        delimiter="semicolon",
        decimal=",",
        day_format="%d.%m.%Y",
    )
    assert [line.amount for line in statement.lines] == [-106_500, -500]
    assert statement.lines[0].booked_on == date(2026, 3, 2)
    agent = read(
        "Day,Voucher,Sum\n2026-03-02,v-7q2m8h4k,10\n",
        day="Day",
        voucher="Voucher",
        amount="Sum",
        sign="all_out",
    )
    assert [(line.amount, line.vouchers) for line in agent.lines] == [(-1_000, ("V-7Q2M8H4K",))]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("Date,Amount,Text\n2026-03-02,1.005,x\n", "Row 2: .* more decimals"),
        ("Date,Amount,Text\n02/03/2026,1.00,x\n", "Row 2: .* not a day"),
        *(
            (f'Date,Amount,Text\n2026-03-02,"{odd}",x\n', "Row 2: .* not an amount")
            for odd in ("ten", "10,50", "1,0,0", "1.065,00", "--1", "1-", "１", "1e3", "1_0", "5.00 CR")
        ),
        ("Date,Sum,Text\n2026-03-02,1,x\n", "no column 'Amount'"),
        ("Date,Amount,Text\n", "no row with an amount"),
        ("", "ends before its headings"),
        ("Date\0,Amount", "not a text file"),
        (",".join("abc" * 40) + "\n", "more than 60 columns"),
    ],
)
def test_rows_that_cannot_be_read_are_named(data, words):
    with pytest.raises(FileFault, match=words):
        read(data, day="Date", amount="Amount", text="Text")


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1,065.00", 106_500),
        ("1,00,000", 10_000_000),
        ("- 5", -500),
        ("USD 5.5", 550),
        ("+.5", 50),
        ("(1 065)", -106_500),
    ],
)
def test_thousands_are_marked_in_many_ways(written, amount):
    (line,) = read(
        f'Date,Amount,Text\n2026-03-02,"{written}",x\n', day="Date", amount="Amount", text="Text"
    ).lines
    assert line.amount == amount


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("2026-03-02,-5.00,\n", "minus sign in the column"),
        ("2026-03-02,,5.00\n2026-03-02,,-5.00\n", "have none"),
    ],
)
def test_a_minus_sign_that_says_nothing_clear_is_refused(rows, words):
    with pytest.raises(FileFault, match=words):
        read(f"Date,In,Out\n{rows}", day="Date", paid_in="In", paid_out="Out", text="Date")


def test_a_file_of_empty_rows_is_not_read_to_its_end():
    with pytest.raises(FileFault, match="more than 20,000 lines"):
        read("\n" * 100_000, day="Date", amount="Amount", text="Text")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"day": ""}, "column of the day"),
        ({"amount": ""}, "either one column"),
        ({"paid_in": "In"}, "either one column"),
        ({"text": ""}, "holds the voucher"),
        ({"delimiter": "x"}, "separator"),
        ({"day_format": "%H"}, "how days"),
        ({"heading_row": "0"}, "row from 1 to 50"),
    ],
)
def test_a_layout_that_reads_nothing_is_refused(changes, words):
    with pytest.raises(FileFault, match=words):
        load_layout({"day": "Date", "amount": "Amount", "text": "Text", **changes})


def _body(layout):
    return {name: getattr(layout, name) for name in layout.__slots__}


def test_a_comma_before_the_decimals_is_guessed():
    comma = guessed_layout(b'Day,Sum,Text\n2026-03-02,"1.065,00",x\n2026-03-02,"5,5",x\n')
    point = guessed_layout(b'Day,Sum,Text\n2026-03-02,"1,065.00",x\n2026-03-02,7,x\n')
    assert (comma.decimal, point.decimal) == (",", ".")
