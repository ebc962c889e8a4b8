"""Read SWIFT MT940 statements through the library mt-940. PURE."""

from __future__ import annotations

import io
import logging
from datetime import date
from typing import Any, Final

import mt940

from rewards.bank_files.parsed import (
    LARGEST_FILE,
    FileFault,
    ParsedLine,
    ParsedStatement,
    kept_text,
    require_size,
    require_sum,
    sequence_number,
    short_ref,
    to_minor,
    vouchers_in,
)

FORMAT: Final = "MT940"
# the library would write what it cannot read, accounts and names included, into our log
logging.getLogger("mt940").setLevel(logging.CRITICAL)
# a reversed credit is money out; the library signs it so only when asked to
SIGNED: Final = mt940.Options(reversal_sign=True)
OPENINGS: Final = ("final_opening_balance", "intermediate_opening_balance")
CLOSINGS: Final = ("final_closing_balance", "intermediate_closing_balance")


def looks_like_mt940(data: bytes) -> bool:
    """Tell whether a file has the tags that every MT940 statement has."""
    return b":20:" in data[:2_000] and b":25:" in data[:4_000]


def read_mt940(data: bytes) -> tuple[ParsedStatement, ...]:
    """Return the statements of a file; raise FileFault saying what is wrong with it."""
    if len(data) > LARGEST_FILE:
        raise FileFault("This file is larger than 10 MB. Ask the bank for a shorter period.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    try:
        # A handle, never the text itself: the library would open a file of that name.
        blocks = mt940.parse_statements(io.StringIO(text), options=SIGNED)
        statements = tuple(_statement(block) for block in blocks)
    except (RuntimeError, ValueError, KeyError, AttributeError, TypeError, ArithmeticError) as error:
        if isinstance(error, FileFault):
            raise
        raise FileFault("This file is not sound MT940. Download it from the bank again.") from error
    if not statements:
        raise FileFault("There is no statement in this file.")
    for statement in statements:
        require_sum(statement)
    return statements


def _statement(block: Any) -> ParsedStatement:
    data = block.data
    opening = next((data[name] for name in OPENINGS if data.get(name)), None)
    closing = next((data[name] for name in CLOSINGS if data.get(name)), None)
    if opening is None or closing is None:
        raise FileFault("A statement of this file lacks its opening or closing balance.")
    account = str(data.get("account_identification") or "").strip()
    if not account:
        raise FileFault("A statement of this file does not say which account it is of.")
    lines = tuple(_line(row.data) for row in block if row.data.get("amount") is not None)
    require_size(lines)
    number = str(data.get("statement_number") or "")
    return ParsedStatement(
        format=FORMAT,
        account=account,
        currency=closing.amount.currency,
        bank_ref=short_ref(f"{data.get('transaction_reference', '')} {number}"),
        lines=tuple(line for line in lines if line.amount),
        opening=_minor(opening.amount),
        closing=_minor(closing.amount),
        sequence=sequence_number(number),
        from_on=_day(opening.date),
        to_on=_day(closing.date),
    )


def _line(row: dict[str, Any]) -> ParsedLine:
    customer = str(row.get("customer_reference") or "")
    details = [str(row.get(name) or "") for name in ("transaction_details", "purpose", "extra_details")]
    references = [str(row.get(name) or "") for name in ("end_to_end_reference", "additional_purpose")]
    return ParsedLine(
        booked_on=_day(row.get("guessed_entry_date") or row["date"]),
        value_on=_day(row["date"]),
        amount=_minor(row["amount"]),
        currency=row["amount"].currency,
        vouchers=vouchers_in(customer, *references, *details, "".join("".join(details).split())),
        text=kept_text(short_ref(customer), *details),
        servicer_ref=short_ref(str(row.get("bank_reference") or "")),
        code=short_ref(str(row.get("id") or ""))[:40],
        reversal=str(row.get("status", "")).startswith("R"),
    )


def _minor(amount: Any) -> int:
    return to_minor(str(amount.amount), amount.currency)


def _day(value: Any) -> date:
    return date(value.year, value.month, value.day)
