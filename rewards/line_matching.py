"""Decide what a statement line stands for: by voucher, amount, currency and sign, never by amount alone. PURE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rewards.batch_states import ItemState
from rewards.payout_kinds import MatchKind, Why

# ISO 20022 external codes of charges, commission and fees; SWIFT types charges and commission
FEE_FAMILIES: Final = {"CHRG", "COMM", "FEES", "COMI"}
FEE_TYPES: Final = {"NCHG", "NCOM", "FCHG", "SCHG"}

WHY_WORDS: Final[Mapping[str, str]] = {
    Why.NEW: "It was not looked at yet.",
    Why.NO_VOUCHER: "It names no voucher.",
    Why.UNKNOWN_VOUCHER: "No batch has sent the voucher it names.",
    Why.SEVERAL_VOUCHERS: "It names more than one voucher.",
    Why.WRONG_AMOUNT: "The voucher was sent with another amount.",
    Why.OTHER_CURRENCY: "It is in another currency.",
    Why.OTHER_ACCOUNT: "The voucher was sent from another account.",
    Why.NOT_SENT: "The voucher is not on its way.",
    Why.ALREADY_PAID: "The voucher was paid already.",
    Why.NOT_PAID: "Money came back for a voucher that was not paid.",
    Why.REVERSAL: "The bank took something back.",
    Why.SAME_PERSON: "Whoever released the voucher imported the statement, so somebody else matches it.",
    Why.TOO_LITTLE: "The books hold too little on this account.",
    Why.UNDONE: "Its match was taken back.",
    Why.PERIOD_CLOSED: "Its day lies in a period that only finance books into.",
}


@dataclass(frozen=True, slots=True)
class Movement:
    """What a booked line says; the amount in minor units, credits positive."""

    amount: int
    currency: str
    vouchers: tuple[str, ...]
    code: str = ""
    reversal: bool = False


@dataclass(frozen=True, slots=True)
class KnownItem:
    """The newest payment of a voucher, and who released it."""

    item_id: int
    amount: int
    currency: str
    state: str
    account_id: int
    releaser: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a line is taken for, or why a person has to look at it."""

    kind: MatchKind | None = None
    item_id: int | None = None
    why: Why | None = None


def judge(
    line: Movement,
    known: Mapping[str, KnownItem],
    *,
    account_id: int,
    currency: str,
    reconciler: int | None,
) -> Verdict:
    """Say what a line of an account is; `reconciler` is the person who imports it, None for the machine."""
    if line.currency != currency:
        return Verdict(why=Why.OTHER_CURRENCY)
    if line.amount < 0 and not line.reversal and is_fee(line.code) and not _pays(line, known):
        return Verdict(MatchKind.FEE)
    if len(line.vouchers) != 1:
        none = Why.REVERSAL if line.reversal else Why.NO_VOUCHER
        return Verdict(why=Why.SEVERAL_VOUCHERS if line.vouchers else none)
    item = known.get(line.vouchers[0])
    if item is None:
        return Verdict(why=Why.UNKNOWN_VOUCHER)
    why = _misfit(line, item, account_id, reconciler)
    if why is not None:
        return Verdict(item_id=item.item_id, why=why)
    return Verdict(MatchKind.SETTLE if line.amount < 0 else MatchKind.RETURNED, item.item_id)


def is_fee(code: str) -> bool:
    """Tell whether a bank's transaction code stands for what it takes for itself."""
    return code.upper() in FEE_TYPES or code.upper().rsplit("/", 1)[-1] in FEE_FAMILIES


def _pays(line: Movement, known: Mapping[str, KnownItem]) -> bool:
    """Tell whether a line has the amount of the voucher it names, whatever the bank's code says."""
    return any(known[voucher].amount == -line.amount for voucher in line.vouchers if voucher in known)


def _misfit(line: Movement, item: KnownItem, account_id: int, reconciler: int | None) -> Why | None:
    if line.currency != item.currency:
        return Why.OTHER_CURRENCY
    if account_id != item.account_id:
        return Why.OTHER_ACCOUNT
    if abs(line.amount) != item.amount:
        return Why.WRONG_AMOUNT
    why = _wrong_moment(line, item.state)
    if why is None and reconciler is not None and reconciler == item.releaser:
        return Why.SAME_PERSON
    return why


def _wrong_moment(line: Movement, state: str) -> Why | None:
    if line.amount > 0:
        return None if state == ItemState.SETTLED else Why.NOT_PAID
    if line.reversal:
        return Why.REVERSAL
    if state == ItemState.INSTRUCTED:
        return None
    return Why.ALREADY_PAID if state == ItemState.SETTLED else Why.NOT_SENT
