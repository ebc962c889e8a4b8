"""Name the kinds of accounts, files, statement lines and matches. PURE."""

from __future__ import annotations

from enum import StrEnum


class AccountKind(StrEnum):
    """Who pays the vouchers out."""

    BANK = "bank"
    MOBILE_MONEY = "mobile_money"
    AGENT = "agent"


class FileKind(StrEnum):
    """What a batch is sent as."""

    PAIN = "pain.001"
    CSV = "csv"


class Purpose(StrEnum):
    """What a saved column layout is for."""

    PAYOUT = "payout"
    STATEMENT = "statement"


class LineState(StrEnum):
    """Where a statement line stands; pending ones are kept aside until the bank books them."""

    PENDING = "pending"
    OPEN = "open"
    DONE = "done"


class MatchKind(StrEnum):
    """What a statement line was taken for."""

    SETTLE = "settle"
    RETURNED = "returned"
    FEE = "fee"
    FUNDING = "funding"
    DEFUND = "defund"
    LINKED = "linked"
    IGNORED = "ignored"


class Why(StrEnum):
    """Why a statement line waits for a person."""

    NEW = "new"
    NO_VOUCHER = "no_voucher"
    UNKNOWN_VOUCHER = "unknown_voucher"
    SEVERAL_VOUCHERS = "several_vouchers"
    WRONG_AMOUNT = "wrong_amount"
    OTHER_CURRENCY = "other_currency"
    OTHER_ACCOUNT = "other_account"
    NOT_SENT = "not_sent"
    ALREADY_PAID = "already_paid"
    NOT_PAID = "not_paid"
    REVERSAL = "reversal"
    SAME_PERSON = "same_person"
    TOO_LITTLE = "too_little"
    UNDONE = "undone"
    PERIOD_CLOSED = "period_closed"
