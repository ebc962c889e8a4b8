"""Write a payout batch as the CSV file that a mobile-money operator or a cash agent asks for. PURE."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.spreadsheets import safe_cell
from rewards.money import plain
from rewards.payout_file import Order, Payment, PayoutFault, require_payable

DELIMITERS: Final = {"comma": ",", "semicolon": ";", "tab": "\t"}
FIELDS: Final = {
    "voucher": "Voucher",
    "amount": "Amount",
    "currency": "Currency",
    "reference": "Payment reference",
    "batch": "Batch",
    "pay_on": "Pay on",
}
MOST_COLUMNS: Final = 12
LONGEST_HEADING: Final = 40


@dataclass(frozen=True, slots=True)
class PayoutLayout:
    """Which columns a payee's file has, in order, as (heading, field)."""

    columns: tuple[tuple[str, str], ...]
    delimiter: str = "comma"
    decimal: str = "."


DEFAULT_LAYOUT: Final = PayoutLayout(
    tuple((words, field) for field, words in FIELDS.items() if field != "batch")
)


def load_layout(body: Mapping[str, Any]) -> PayoutLayout:
    """Read a saved layout; raise PayoutFault for one that no file can be written with."""
    columns = tuple((str(heading).strip(), str(field)) for heading, field in body.get("columns", ()))
    layout = PayoutLayout(columns, str(body.get("delimiter", "comma")), str(body.get("decimal", ".")))
    if layout.delimiter not in DELIMITERS or layout.decimal not in (".", ","):
        raise PayoutFault("Choose a separator of columns and one of decimals.")
    if not 0 < len(columns) <= MOST_COLUMNS:
        raise PayoutFault(f"A layout has 1 to {MOST_COLUMNS} columns.")
    if any(field not in FIELDS or not 0 < len(heading) <= LONGEST_HEADING for heading, field in columns):
        raise PayoutFault("Each column has a heading and one of the known fields.")
    if not {"voucher", "amount"} <= {field for _, field in columns}:
        raise PayoutFault("Whoever pays needs the voucher and the amount.")
    return layout


def dump_layout(layout: PayoutLayout) -> dict[str, Any]:
    """Write a layout as it is saved."""
    columns = [list(column) for column in layout.columns]
    return {"columns": columns, "delimiter": layout.delimiter, "decimal": layout.decimal}


def to_csv(order: Order, layout: PayoutLayout) -> bytes:
    """Write the file with a heading line; no cell can be taken for a formula."""
    require_payable(order)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=DELIMITERS[layout.delimiter], lineterminator="\r\n")
    writer.writerow([safe_cell(heading) for heading, _ in layout.columns])
    for payment in order.payments:
        cells = _cells(order, payment, layout.decimal)
        writer.writerow([safe_cell(cells[field]) for _, field in layout.columns])
    return text.getvalue().encode()


def table_csv(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Write any table of the reward office as CSV that a spreadsheet can open without harm."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([safe_cell(heading) for heading in headings])
    writer.writerows([safe_cell("" if cell is None else cell) for cell in row] for row in rows)
    return text.getvalue()


def _cells(order: Order, payment: Payment, decimal: str) -> dict[str, str]:
    return {
        "voucher": payment.voucher,
        "amount": plain(payment.amount, order.currency).replace(".", decimal),
        "currency": order.currency,
        "reference": payment.ref,
        "batch": order.message_id,
        "pay_on": order.pay_on.isoformat(),
    }
