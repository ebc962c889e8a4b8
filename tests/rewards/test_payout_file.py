"""pain.001: valid, read back as written, and strict where the schema is not."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.money import EXPONENTS, MAX_MINOR
from rewards.payout_csv import DEFAULT_LAYOUT, load_layout, table_csv, to_csv
from rewards.payout_file import Order, Payer, Payment, PayoutFault, from_pain_001, to_pain_001
from rewards.payout_schema import require_valid
from rewards.vouchers import qr_code

PAYER = Payer("Rewards Office", "001234567890", "AAAABBCCXXX", "Voucher pool", "VOUCHERPOOL01")
CODES = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=8, max_size=8)


def order(*payments: Payment, **changes) -> Order:
    values = {
        "message_id": "WR-B-0007",
        "created_at": datetime(2026, 2, 10, 9, 30, tzinfo=UTC),
        "pay_on": date(2026, 2, 11),
        "currency": "USD",
        "payer": PAYER,
        "payments": payments
        or (Payment("P-7Q2M0000", "V-7Q2M8H4K", 106_500), Payment("P-9KTT0000", "V-9KTTX2PD", 33_334)),
    }
    return Order(**{**values, **changes})


@st.composite
def orders(draw):
    codes = draw(st.lists(CODES, min_size=2, max_size=8, unique=True))
    amounts = draw(st.lists(st.integers(1, 10**12), min_size=len(codes), max_size=len(codes)))
    payments = [
        Payment(f"P-{code}", f"V-{code}", amount) for code, amount in zip(codes, amounts, strict=True)
    ]
    number = draw(st.sampled_from(["001234567890", "DE89370400440532013000"]))
    bic = draw(st.sampled_from(["", "AAAABBCCXXX"]))
    payer = Payer("Rewards Office", number, bic, "Voucher pool", "POOL-1")
    return order(*payments, currency=draw(st.sampled_from(sorted(EXPONENTS))), payer=payer)


@given(orders())
def test_a_file_is_valid_and_says_what_the_batch_says(wanted):
    data = to_pain_001(wanted)
    require_valid(data)
    assert from_pain_001(data) == wanted


def test_the_file_of_the_worked_example():
    text = to_pain_001(order()).decode()
    for part in (
        "<NbOfTxs>2</NbOfTxs>",
        "<CtrlSum>1398.34</CtrlSum>",
        '<InstdAmt Ccy="USD">1065.00</InstdAmt>',
        "<EndToEndId>V-7Q2M8H4K</EndToEndId>",
        "<Ustrd>V-9KTTX2PD</Ustrd>",
        "<BtchBookg>false</BtchBookg>",
    ):
        assert part in text
    assert text.count("<CtrlSum>") == 2


def test_decimals_follow_the_currency():
    assert ">1065<" in to_pain_001(order(Payment("P-7Q2M0000", "V-7Q2M8H4K", 1065), currency="UGX")).decode()
    assert ">1.065<" in to_pain_001(order(Payment("P-7Q2M0000", "V-7Q2M8H4K", 1065), currency="KWD")).decode()


FIRST, SECOND = Payment("P-7Q2M0000", "V-7Q2M8H4K", 1), Payment("P-9KTT0000", "V-9KTTX2PD", 1)
UNFIT = [
    order(FIRST, Payment("P-7Q2M0000", "V-9KTTX2PD", 1)),
    order(FIRST, Payment("P-9KTT0000", "V-7Q2M8H4K", 1)),
    order(Payment("P-7Q2M0000", "V-7Q2M8H4K", 0)),
    order(Payment("P-7Q2M0000", "V-7Q2M8H4K", -1)),
    order(Payment("P-7Q2M0000", "V-7Q2M8H4K", MAX_MINOR + 1)),
    order(Payment("P-7Q2M0000", "V-7Q2M8H4K", 1.5)),
    order(Payment("P-7Q2M0000", "C-2026-000014", 1)),
    order(Payment("P-7Q2M0000", "4821-77", 1)),
    order(Payment("R-7Q2M8H4K", "V-7Q2M8H4K", 1)),
    order(FIRST, currency="XXX"),
    order(FIRST, message_id="x" * 36),
    order(FIRST, payer=Payer("สำนักงาน", "1", "", "Pool", "1")),
    order(FIRST, payer=Payer("Office <script>", "1", "", "Pool", "1")),
    Order("WR-B-0007", datetime(2026, 2, 10, tzinfo=UTC), date(2026, 2, 11), "USD", PAYER, ()),
]


@pytest.mark.parametrize("unfit", UNFIT)
def test_what_no_bank_should_see_is_not_written(unfit):
    for write in (to_pain_001, lambda each: to_csv(each, DEFAULT_LAYOUT)):
        with pytest.raises(ValueError):
            write(unfit)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("1398.34", "1398.35", "control sum"),
        ("<NbOfTxs>2<", "<NbOfTxs>3<", "control sum"),
        ("<Ustrd>V-9KTTX2PD", "<Ustrd>V-9KTTX2PX", "differs"),
        ('InstdAmt Ccy="USD">333', 'InstdAmt Ccy="EUR">333', "differs"),
        ("<MsgId>WR-B-0007</MsgId>", "", "no CstmrCdtTrfInitn/GrpHdr/MsgId"),
    ],
)
def test_a_file_that_does_not_add_up_is_noticed(old, new, words):
    with pytest.raises(PayoutFault, match=words):
        from_pain_001(to_pain_001(order()).decode().replace(old, new).encode())


def test_the_schema_of_the_standard_is_asked():
    for old, new in (
        ("TRF", "XYZ"),
        ("<PmtMtd>TRF</PmtMtd>", ""),
        ("1065.00", "-1065.00"),
        ("2026-02-11", "soon"),
    ):
        with pytest.raises(PayoutFault, match="not valid, line"):
            require_valid(to_pain_001(order()).decode().replace(old, new).encode())


def test_csv_has_the_columns_asked_for_and_no_formulas():
    layout = load_layout(
        {"columns": [["=cmd", "amount"], ["Code", "voucher"]], "delimiter": "semicolon", "decimal": ","}
    )
    lines = to_csv(order(), layout).decode().splitlines()
    assert lines == ["'=cmd;Code", "1065,00;V-7Q2M8H4K", "333,34;V-9KTTX2PD"]
    assert table_csv(["a"], [["@x"], [None], [3]]) == 'a\r\n\'@x\r\n""\r\n3\r\n'


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"columns": [["Sum", "amount"]]},
        {"columns": [["Sum", "amount"], ["Code", "tip_code"]]},
        {"columns": [["", "amount"], ["Code", "voucher"]]},
        {"columns": [["Sum", "amount"], ["Code", "voucher"]], "delimiter": "x"},
    ],
)
def test_a_layout_that_pays_nobody_is_refused(body):
    with pytest.raises(PayoutFault):
        load_layout(body)


def test_a_slip_carries_a_square_with_its_quiet_zone():
    code = qr_code("V-7Q2M8H4K")
    assert code.size == 29
    assert code.path.startswith("M4 4h1v1h-1z")
    assert qr_code("V-7Q2M8H4K") == code != qr_code("V-7Q2M8H4M")
