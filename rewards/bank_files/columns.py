"""Read CSV statements by a saved layout: which column is the day, the amount, the voucher. PURE.

One reader for banks without ISO files, for mobile-money operators and for the lists that agents send back.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import islice
from typing import Any, Final

from rewards.bank_files.parsed import (
    LARGEST_FILE,
    MOST_LINES,
    FileFault,
    ParsedLine,
    ParsedStatement,
    kept_text,
    require_size,
    require_sum,
    short_ref,
    to_minor,
    vouchers_in,
)
from rewards.money import MoneyError, exponent

DELIMITERS: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
DAYS: Final = {
    "%Y-%m-%d": "2026-02-12",
    "%d/%m/%Y": "12/02/2026",
    "%m/%d/%Y": "02/12/2026",
    "%d.%m.%Y": "12.02.2026",
    "%d-%m-%Y": "12-02-2026",
    "%d-%b-%Y": "12-Feb-2026",
    "%Y%m%d": "20260212",
}
SIGNS: Final = {
    "minus_is_out": "A minus sign means money out",
    "all_out": "Every row is money out",
    "all_in": "Every row is money in",
}
COLUMNS: Final = {
    "day": ("Day", ("date", "day", "time", "booked", "fecha", "datum", "data", "tarehe")),
    "amount": ("Amount", ("amount", "sum", "monto", "betrag", "valor", "kiasi")),
    "paid_in": ("Money in", ("paid in", "credit", "deposit", "money in", "abono", "haben")),
    "paid_out": ("Money out", ("withdrawn", "paid out", "debit", "money out", "cargo", "soll")),
    "voucher": ("Voucher", ("voucher", "reference", "ref", "end to end", "payment reference")),
    "receipt": ("Receipt number", ("receipt", "slip", "transaction id", "transaction no", "txn", "trans id")),
    "text": ("Description", ("details", "description", "narrative", "text", "remarks", "memo")),
    "balance": ("Balance after the row", ("balance", "saldo")),
    "currency": ("Currency", ("currency", "ccy")),
    "status": ("Status", ("status", "state")),
}
MOST_COLUMNS: Final = 60
PREVIEW_ROWS: Final = 12
_GROUPING: Final = {".": re.compile(r"[,' \u00a0\u202f]"), ",": re.compile(r"[.' \u00a0\u202f]")}
# 1,065 and 1,00,000 (as in India), never 10,50: that is a decimal of another layout
_GROUPED: Final = re.compile(r"[0-9]+|[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}")
_ENDS: Final = re.compile(r"([.,])[0-9]{1,2}[)]?\s*$")


@dataclass(frozen=True, slots=True)
class StatementLayout:
    """A saved layout: column headings by meaning, "" where there is none, and how values are written."""

    day: str
    amount: str = ""
    paid_in: str = ""
    paid_out: str = ""
    voucher: str = ""
    receipt: str = ""
    text: str = ""
    balance: str = ""
    currency: str = ""
    status: str = ""
    booked_words: str = ""
    delimiter: str = "comma"
    heading_row: int = 1
    day_format: str = "%Y-%m-%d"
    decimal: str = "."
    sign: str = "minus_is_out"

    def used(self) -> dict[str, str]:
        """Return meaning to heading for the columns that are used."""
        return {name: getattr(self, name) for name in COLUMNS if getattr(self, name)}


def load_layout(body: Mapping[str, Any]) -> StatementLayout:
    """Read a saved or posted layout; raise FileFault naming what is missing."""
    known = {item.name for item in fields(StatementLayout)}
    values = {name: str(value).strip() for name, value in body.items() if name in known}
    row = values.pop("heading_row", "1")
    if not (row.isascii() and row.isdigit() and len(row) < 3 and 1 <= int(row) <= 50):
        raise FileFault("The headings stand in a row from 1 to 50.")
    layout = StatementLayout(**{"day": "", **values}, heading_row=int(row))
    if layout.delimiter not in DELIMITERS or layout.decimal not in _GROUPING:
        raise FileFault("Choose a separator of columns and one of decimals.")
    if layout.day_format not in DAYS or layout.sign not in SIGNS:
        raise FileFault("Choose how days and money out are written.")
    if not layout.day:
        raise FileFault("Choose the column of the day.")
    if bool(layout.amount) == bool(layout.paid_in or layout.paid_out):
        raise FileFault("Choose either one column of amounts, or the columns of money in and money out.")
    if not (layout.voucher or layout.text):
        raise FileFault("Choose the column that holds the voucher, or the description it stands in.")
    return layout


def dump_layout(layout: StatementLayout) -> dict[str, Any]:
    """Write a layout as it is saved."""
    return {item.name: getattr(layout, item.name) for item in fields(StatementLayout)}


def rows_of(data: bytes, delimiter: str) -> list[list[str]]:
    """Split a file into rows of cells; raise FileFault for what is no text."""
    if len(data) > LARGEST_FILE:
        raise FileFault("This file is larger than 10 MB. Ask for a shorter period.")
    if b"\0" in data:
        raise FileFault("This is not a text file. Save the sheet as CSV (UTF-8).")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows = list(islice(reader, MOST_LINES + 1))
    except csv.Error as error:
        raise FileFault(f"This is not sound CSV: {error}.") from error
    require_size(rows)
    if any(len(row) > MOST_COLUMNS for row in rows):
        raise FileFault(f"This file has more than {MOST_COLUMNS} columns.")
    return [[cell.strip() for cell in row] for row in rows]


def guessed_layout(data: bytes) -> StatementLayout:
    """Guess a layout from a sample, for a person to correct."""
    first = data[:4_000].decode("utf-8-sig", errors="replace")
    delimiter = max(DELIMITERS, key=lambda name: first.count(DELIMITERS[name]))
    rows = rows_of(data, DELIMITERS[delimiter])
    heading_row = 1 + max(range(min(len(rows), 20)), key=lambda i: _known(rows[i]), default=0)
    headings = rows[heading_row - 1] if rows else []
    found: dict[str, str] = {}
    for meaning, (_, words) in COLUMNS.items():
        free = [heading for heading in headings if heading and heading not in found.values()]
        found[meaning] = next((h for word in words for h in free if word in h.lower()), "")
    if found["paid_in"] or found["paid_out"]:
        found["amount"] = ""
    body = [row for row in rows[heading_row:] if len(row) == len(headings)]
    columns = {heading: [row[at] for row in body] for at, heading in enumerate(headings)}
    found["day"] = found["day"] or next((name for name, cells in columns.items() if _fitting(cells)), "")
    form = _fitting(columns.get(found["day"], ())) or "%Y-%m-%d"
    sums = [cell for name in ("amount", "paid_in", "paid_out") for cell in columns.get(found[name], ())]
    return StatementLayout(
        **found, delimiter=delimiter, heading_row=heading_row, day_format=form, decimal=_decimal(sums)
    )


def read_csv(data: bytes, layout: StatementLayout, *, currency: str, name: str) -> ParsedStatement:
    """Return the statement of a file; a running balance, where there is one, is checked row by row."""
    rows = rows_of(data, DELIMITERS[layout.delimiter])
    if len(rows) < layout.heading_row:
        raise FileFault("This file ends before its headings.")
    places = _places(rows[layout.heading_row - 1], layout)
    lines: list[ParsedLine] = []
    balances: list[int] = []
    signs: set[bool] = set()
    for number, row in enumerate(rows[layout.heading_row :], start=layout.heading_row + 1):
        if not any(row):
            continue
        cells = {meaning: row[at] if at < len(row) else "" for meaning, at in places.items()}
        if not cells["day"] and not any(cells.get(n) for n in ("amount", "paid_in", "paid_out")):
            continue  # a line of totals or a footnote
        try:
            line = _line(cells, layout, currency)
            signs |= _minus_signs(cells, layout, currency)
        except FileFault as fault:
            raise FileFault(f"Row {number}: {fault}") from fault
        if line is None:
            continue
        lines.append(line)
        if not line.pending and cells.get("balance"):
            balances.append(_minor(cells["balance"], layout, currency))
    if len(signs) > 1:
        raise FileFault(
            "Some amounts of money out have a minus sign and some have none. Choose another layout."
        )
    if not lines:
        raise FileFault("There is no row with an amount in this file.")
    return _statement(lines, balances, currency=currency, name=name)


def _statement(
    lines: Sequence[ParsedLine], balances: Sequence[int], *, currency: str, name: str
) -> ParsedStatement:
    booked = [line for line in lines if not line.pending]
    complete = bool(booked) and len(balances) == len(booked)
    newest_first = complete and not _runs(booked, balances) and _runs(booked[::-1], balances[::-1])
    if newest_first:
        lines, booked, balances = lines[::-1], booked[::-1], balances[::-1]
    if complete and not _runs(booked, balances):
        raise FileFault(
            "The balances of this file do not follow from its amounts. Check which column is which."
        )
    days = [line.booked_on for line in lines]
    statement = ParsedStatement(
        format=f"CSV, {name}",
        account="",
        currency=currency,
        bank_ref="",
        lines=tuple(lines),
        opening=balances[0] - booked[0].amount if complete else None,
        closing=balances[-1] if complete else None,
        from_on=min(days),
        to_on=max(days),
    )
    require_sum(statement)
    return statement


def _runs(lines: Sequence[ParsedLine], balances: Sequence[int]) -> bool:
    following = zip(balances, balances[1:], lines[1:], strict=False)
    return all(before + line.amount == after for before, after, line in following)


def _places(headings: Sequence[str], layout: StatementLayout) -> dict[str, int]:
    missing = [heading for heading in layout.used().values() if heading not in headings]
    if missing:
        raise FileFault(
            f"This file has no column {', '.join(missing)!r}. Choose the layout that fits, or set up a new one."
        )
    return {meaning: headings.index(heading) for meaning, heading in layout.used().items()}


def _line(cells: Mapping[str, str], layout: StatementLayout, currency: str) -> ParsedLine | None:
    amount = _amount(cells, layout, currency)
    written = cells.get("currency", "").upper() or currency
    try:
        exponent(written)
    except MoneyError as error:
        raise FileFault(str(error)) from error
    if amount == 0:
        return None
    booked = {word.strip().lower() for word in layout.booked_words.split(",") if word.strip()}
    voucher, text = cells.get("voucher", ""), cells.get("text", "")
    return ParsedLine(
        booked_on=_day(cells["day"], layout.day_format),
        amount=amount,
        currency=written,
        vouchers=vouchers_in(voucher, text),
        text=kept_text(voucher, text),
        servicer_ref=short_ref(cells.get("receipt")),
        pending=bool(layout.status and booked) and cells.get("status", "").lower() not in booked,
    )


def _amount(cells: Mapping[str, str], layout: StatementLayout, currency: str) -> int:
    if layout.amount:
        size = _minor(cells["amount"], layout, currency)
        return {"all_out": -abs(size), "all_in": abs(size)}.get(layout.sign, size)
    paid_in = _minor(cells.get("paid_in", ""), layout, currency)
    paid_out = _minor(cells.get("paid_out", ""), layout, currency)
    if paid_in and paid_out:
        raise FileFault("money in and money out in the same row.")
    if paid_in < 0:
        raise FileFault("a minus sign in the column of money in.")
    return paid_in - abs(paid_out)


def _minus_signs(cells: Mapping[str, str], layout: StatementLayout, currency: str) -> set[bool]:
    """Tell whether an amount whose direction the layout says has a minus sign of its own; nothing for none."""
    meaning = "amount" if layout.amount else "paid_out"
    size = _minor(cells.get(meaning, ""), layout, currency)
    told_apart = bool(layout.amount) and layout.sign == "minus_is_out"
    return set() if told_apart or not size else {size < 0}


def _minor(text: str, layout: StatementLayout, currency: str) -> int:
    """Read a cell as minor units, money out negative; raise FileFault where its marks do not fit the layout."""
    bare = text.replace(currency, "").replace("\N{MINUS SIGN}", "-").strip()
    if bare.startswith("(") and bare.endswith(")"):
        bare = f"-{bare[1:-1]}"
    sign, figures = ("-" if bare.startswith("-") else ""), bare.lstrip("+-").strip()
    if not figures:
        return 0
    whole, _, part = figures.partition(layout.decimal)
    grouped = _GROUPING[layout.decimal].sub(",", whole) or "0"
    if len(bare) - len(bare.lstrip("+-")) > 1 or not _GROUPED.fullmatch(grouped):
        raise FileFault(f"{text[:30]!r} is not an amount with {layout.decimal!r} before its decimals.")
    return to_minor(f"{sign}{grouped.replace(',', '')}.{part}", currency)


def _day(text: str, form: str) -> date:
    for part in (text, text.split(" ")[0], text.split("T")[0]):
        try:
            return datetime.strptime(part, form).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
    raise FileFault(f"{text[:30]!r} is not a day written like {DAYS[form]}.")


def _known(row: Sequence[str]) -> int:
    words = [word for _, known in COLUMNS.values() for word in known]
    return sum(any(word in cell.lower() for word in words) for cell in row if cell and not cell[0].isdigit())


def _decimal(sums: Sequence[str]) -> str:
    """Return the mark before the decimals: a comma where some amount ends in one and two figures, none in a point."""
    ends = {found[1] for cell in sums if (found := _ENDS.search(cell))}
    return "," if ends == {","} else "."


def _fitting(days: Sequence[str]) -> str:
    """Return the first way of writing days that all of these fit; empty where there is none."""

    def fits(form: str) -> bool:
        try:
            return all(_day(day, form) for day in days[:50] if day)
        except FileFault:
            return False

    return next((form for form in DAYS if any(days) and fits(form)), "")
