"""Say what a statement file holds, whatever its format, and check that it adds up. PURE."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from rewards.money import MAX_MINOR, exponent

LARGEST_FILE: Final = 10_000_000
MOST_LINES: Final = 20_000
LONGEST_TEXT: Final = 300
LONGEST_REF: Final = 60
# no letter or figure of Crockford's alphabet may stand before or after it
VOUCHER_IN_TEXT: Final = re.compile(r"(?<![0-9A-Z])V[- ]?([0-9A-HJKMNP-TV-Z]{8})(?![0-9A-Z])")
# eight figures or more, however they are grouped: a telephone number or somebody's account
LONG_NUMBER: Final = re.compile(r"\+?\d(?:[ ().\-/]{0,2}\d){7,}")
MASK: Final = "[number]"
# what file formats write: Decimal alone would also take 1_000, 1e3 and figures of other scripts
AMOUNT: Final = re.compile(r"[+-]?[0-9]{1,20}(?:[.][0-9]{0,20})?")
MOST_SEQUENCE: Final = 2_000_000_000


class FileFault(ValueError):
    """Say why a file cannot be imported and what to do about it."""


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """One movement. `amount` is in minor units, credits positive; `code` is the bank's transaction code."""

    booked_on: date
    amount: int
    currency: str
    vouchers: tuple[str, ...]
    text: str
    value_on: date | None = None
    servicer_ref: str = ""
    code: str = ""
    reversal: bool = False
    pending: bool = False

    def fingerprint(self) -> str:
        """Name the movement the same way in every file: by the bank's reference, else by all it says."""
        if self.servicer_ref:
            parts = ["ref", self.servicer_ref, self.amount, self.currency, *self.vouchers]
        else:
            parts = ["row", self.booked_on.isoformat(), self.amount, self.currency, *self.vouchers, self.text]
        return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ParsedStatement:
    """One statement of a file; balances are None where the format has none. `account` as the file writes it."""

    format: str
    account: str
    currency: str
    bank_ref: str
    lines: tuple[ParsedLine, ...]
    opening: int | None = None
    closing: int | None = None
    sequence: int | None = None
    from_on: date | None = None
    to_on: date | None = None
    remarks: tuple[str, ...] = field(default=())

    @property
    def booked(self) -> tuple[ParsedLine, ...]:
        """Return the lines that moved money; pending ones are kept aside."""
        return tuple(line for line in self.lines if not line.pending)


def require_sum(statement: ParsedStatement) -> None:
    """Refuse a statement whose opening balance and booked lines do not give its closing balance."""
    if statement.opening is None or statement.closing is None:
        return
    moved = sum(line.amount for line in statement.booked)
    if statement.opening + moved != statement.closing:
        off = statement.closing - statement.opening - moved
        raise FileFault(
            f"Statement {statement.bank_ref} does not add up: its lines miss its closing balance by "
            f"{off} minor units. Download it from the bank again."
        )


def to_minor(text: str, currency: str) -> int:
    """Read a decimal of a bank file as minor units; raise FileFault for more decimals than the currency has."""
    try:
        places = exponent(currency)
    except ValueError as error:
        raise FileFault(f"{currency[:3]!r} is not a currency the books know.") from error
    if not AMOUNT.fullmatch(text.strip()):
        raise FileFault(f"{text[:30]!r} is not an amount of {currency}.")
    scaled = Decimal(text.strip()).scaleb(places)
    if scaled != scaled.to_integral_value():
        raise FileFault(f"{text[:30]!r} has more decimals than {currency} has.")
    if abs(scaled) > MAX_MINOR:
        raise FileFault(f"{text[:30]!r} is more than the books can count.")
    return int(scaled)


def vouchers_in(*texts: str) -> tuple[str, ...]:
    """Find the voucher references in what a bank passed on, each once, in order."""
    found = (f"V-{match}" for text in texts for match in VOUCHER_IN_TEXT.findall(text.upper()))
    return tuple(dict.fromkeys(found))


def kept_text(*texts: str) -> str:
    """Return one line of text with telephone and account numbers taken out, as it may be stored."""
    whole = " ".join(" ".join(dict.fromkeys(text for text in texts if text)).split())
    return LONG_NUMBER.sub(MASK, printable(whole))[:LONGEST_TEXT]


def printable(text: str) -> str:
    """Leave out what no page can show."""
    return "".join(character for character in text if character.isprintable())


def short_ref(text: str | None) -> str:
    """Return a reference as it may be stored."""
    kept = printable(" ".join((text or "").split()))[:LONGEST_REF]
    return "" if kept.upper() in {"NONREF", "NOTPROVIDED", "NOT PROVIDED"} else kept


def sequence_number(text: str) -> int | None:
    """Read a statement's number; None where it is none that a bank would count to."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
    return number if 0 < number <= MOST_SEQUENCE else None


def require_size(lines: Iterable[object]) -> None:
    """Refuse a file with more lines than one import takes."""
    if sum(1 for _ in lines) > MOST_LINES:
        raise FileFault(f"This file has more than {MOST_LINES:,} lines. Ask the bank for a shorter period.")
