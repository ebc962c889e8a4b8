"""Build balanced postings, one function for each event of the books. PURE.

Two tracks, budget and cash, balance each on their own, so that one checks the other. A positive leg is a
debit, a negative one a credit; amounts are minor units. Each function returns a Posting for `books.post` or
raises LedgerError (MoneyError for an amount out of bounds):

    fund(amount, currency, *, source, bank=BANK)         defund(amount, currency, *, source, bank=BANK)
    reserve(amount, currency)                            release(amount, currency)
    approve(reserved, shares, currency)                  cancel(amount, currency, *, share)
    withhold(tax, currency, *, share)                    remit(amount, currency, *, bank=BANK)
    instruct(amount, currency, *, share)                 reject(amount, currency, *, share)
    settle(amount, currency, *, share, bank=BANK)        returned(amount, currency, *, share, bank=BANK)
    forfeit(amount, currency, *, share)                  fee(amount, currency, *, bank=BANK)
    raise_clawback(amount, currency, *, share)           receive_clawback(amount, currency, *, share, bank=BANK)
    write_off_clawback(amount, currency, *, share)       reverse(original)
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rewards.money import checked_minor, exponent

BANK: Final = "Assets:Bank:Ops"
CLAWBACK: Final = "Assets:Clawback"
PAYABLE: Final = "Liabilities:Payable"
IN_TRANSIT: Final = "Liabilities:InTransit"
TAX_WITHHELD: Final = "Liabilities:TaxWithheld"
FUNDING_PREFIX: Final = "Income:Funding:"
FORFEITED: Final = "Income:Forfeited"
RECOVERED: Final = "Income:Recovered"
REWARDS: Final = "Expenses:Rewards"
FEES: Final = "Expenses:Fees"
APPROPRIATED: Final = "Equity:Budget:Appropriated"
AVAILABLE: Final = "Equity:Budget:Available"
RESERVED: Final = "Equity:Budget:Reserved"
SPENT: Final = "Equity:Budget:Spent"

REVERSE: Final = "reverse"
CASH: Final = re.compile(r"Assets:(Bank|MobileMoney):[A-Z][A-Za-z0-9-]{0,39}\Z")


class LedgerError(ValueError):
    """Say what makes a posting unfit for the books."""


@dataclass(frozen=True, slots=True)
class Leg:
    """Move `amount` minor units on one account; `share` names the reward share it belongs to."""

    account: str
    currency: str
    amount: int
    share: str | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """One event in the books: its kind and its balanced legs."""

    kind: str
    legs: tuple[Leg, ...]


def sign_of(account: str) -> int:
    """Return +1 for an account that is never below zero, -1 for one that is never above."""
    if account.startswith(("Assets:", "Expenses:")) or account == APPROPRIATED:
        return 1
    if account.startswith(("Liabilities:", "Income:")) or account in (AVAILABLE, RESERVED, SPENT):
        return -1
    raise LedgerError(f"{account} is not an account of the chart.")


def posting(kind: str, currency: str, *moves: tuple[str, int] | tuple[str, int, str]) -> Posting:
    """Build a posting from (account, amount[, share]) moves; zero moves are left out."""
    legs = tuple(
        Leg(move[0], currency, move[1], move[2] if len(move) == 3 else None) for move in moves if move[1]
    )
    built = Posting(kind, legs)
    require_sound(built)
    return built


def require_sound(candidate: Posting) -> None:
    """Refuse a posting that does not balance in every currency or has a leg we cannot book."""
    if len(candidate.legs) < 2:
        raise LedgerError("A posting has at least two legs.")
    sums: defaultdict[str, int] = defaultdict(int)
    for leg in candidate.legs:
        exponent(leg.currency)
        sign_of(leg.account)
        checked_minor(abs(leg.amount) if _is_whole(leg.amount) else leg.amount)
        sums[leg.currency] += leg.amount
    unbalanced = {currency: total for currency, total in sums.items() if total}
    if unbalanced:
        raise LedgerError(f"The legs do not add up to zero: {unbalanced}.")


def _is_whole(amount: object) -> bool:
    return isinstance(amount, int) and not isinstance(amount, bool)


def cash_account(name: str) -> str:
    """Return the name of a cash account, refusing any account that holds no cash."""
    if not CASH.match(name):
        raise LedgerError(f"{name} is neither a bank nor a mobile money account.")
    return name


def fund(amount: int, currency: str, *, source: str, bank: str = BANK) -> Posting:
    """Money arrives at the bank and becomes budget."""
    checked_minor(amount)
    return posting(
        "fund",
        currency,
        (cash_account(bank), amount),
        (FUNDING_PREFIX + source, -amount),
        (APPROPRIATED, amount),
        (AVAILABLE, -amount),
    )


def defund(amount: int, currency: str, *, source: str, bank: str = BANK) -> Posting:
    """Money that nothing was promised from goes back to whoever gave it."""
    checked_minor(amount)
    return posting(
        "defund",
        currency,
        (cash_account(bank), -amount),
        (FUNDING_PREFIX + source, amount),
        (APPROPRIATED, -amount),
        (AVAILABLE, amount),
    )


def reserve(amount: int, currency: str) -> Posting:
    """Set budget aside for a case."""
    checked_minor(amount)
    return posting("reserve", currency, (AVAILABLE, amount), (RESERVED, -amount))


def release(amount: int, currency: str) -> Posting:
    """Give a reserve back."""
    checked_minor(amount)
    return posting("release", currency, (RESERVED, amount), (AVAILABLE, -amount))


def approve(reserved: int, shares: Mapping[str, int], currency: str) -> Posting:
    """Turn a reserve into a debt to each share; what is not approved becomes available again."""
    total = sum(checked_minor(amount) for amount in shares.values())
    if not 0 < total <= checked_minor(reserved):
        raise LedgerError("No more can be approved than was reserved.")
    return posting(
        "approve",
        currency,
        (RESERVED, reserved),
        (SPENT, -total),
        (AVAILABLE, -(reserved - total)),
        (REWARDS, total),
        *((PAYABLE, -amount, share) for share, amount in shares.items()),
    )


def withhold(tax: int, currency: str, *, share: str) -> Posting:
    """Keep the tax of a share back, so that only the rest is paid out."""
    checked_minor(tax)
    return posting("withhold", currency, (PAYABLE, tax, share), (TAX_WITHHELD, -tax, share))


def remit(amount: int, currency: str, *, bank: str = BANK) -> Posting:
    """Withheld tax is paid to the tax office."""
    checked_minor(amount)
    return posting("remit", currency, (TAX_WITHHELD, amount), (cash_account(bank), -amount))


def instruct(amount: int, currency: str, *, share: str) -> Posting:
    """A claimed share is on its way to be paid."""
    checked_minor(amount)
    return posting("instruct", currency, (PAYABLE, amount, share), (IN_TRANSIT, -amount, share))


def settle(amount: int, currency: str, *, share: str, bank: str = BANK) -> Posting:
    """The money has left the bank."""
    checked_minor(amount)
    return posting("settle", currency, (IN_TRANSIT, amount, share), (cash_account(bank), -amount, share))


def reject(amount: int, currency: str, *, share: str) -> Posting:
    """An instructed payment never left; it is owed again."""
    checked_minor(amount)
    return posting("rejected", currency, (IN_TRANSIT, amount, share), (PAYABLE, -amount, share))


def returned(amount: int, currency: str, *, share: str, bank: str = BANK) -> Posting:
    """A payment came back to the bank; it is owed again."""
    checked_minor(amount)
    return posting("returned", currency, (cash_account(bank), amount, share), (PAYABLE, -amount, share))


def fee(amount: int, currency: str, *, bank: str = BANK) -> Posting:
    """The bank took a fee; it is paid from what is free."""
    checked_minor(amount)
    return posting(
        "fee",
        currency,
        (FEES, amount),
        (cash_account(bank), -amount),
        (AVAILABLE, amount),
        (SPENT, -amount),
    )


def forfeit(amount: int, currency: str, *, share: str) -> Posting:
    """Nobody came: the debt lapses and the budget is free again."""
    checked_minor(amount)
    return posting(
        "forfeit",
        currency,
        (PAYABLE, amount, share),
        (FORFEITED, -amount, share),
        (SPENT, amount),
        (AVAILABLE, -amount),
    )


def cancel(amount: int, currency: str, *, share: str) -> Posting:
    """Take an approval back before the share was claimed."""
    checked_minor(amount)
    return posting(
        "cancel",
        currency,
        (PAYABLE, amount, share),
        (REWARDS, -amount, share),
        (SPENT, amount),
        (AVAILABLE, -amount),
    )


def raise_clawback(amount: int, currency: str, *, share: str) -> Posting:
    """A paid share was obtained by fraud and is owed back; the decision is attached to the entry."""
    checked_minor(amount)
    return posting("clawback_raised", currency, (CLAWBACK, amount, share), (RECOVERED, -amount, share))


def receive_clawback(amount: int, currency: str, *, share: str, bank: str = BANK) -> Posting:
    """Money owed back arrived; the budget is free again."""
    checked_minor(amount)
    return posting(
        "clawback_received",
        currency,
        (cash_account(bank), amount, share),
        (CLAWBACK, -amount, share),
        (SPENT, amount),
        (AVAILABLE, -amount),
    )


def write_off_clawback(amount: int, currency: str, *, share: str) -> Posting:
    """Money owed back will not come; the claim is given up."""
    checked_minor(amount)
    return posting("clawback_written_off", currency, (RECOVERED, amount, share), (CLAWBACK, -amount, share))


def reverse(original: Posting) -> Posting:
    """Undo a posting leg by leg; a reversal itself is never reversed."""
    if original.kind == REVERSE:
        raise LedgerError("A reversal is not reversed; post the entry again.")
    legs = tuple(Leg(leg.account, leg.currency, -leg.amount, leg.share) for leg in original.legs)
    undone = Posting(REVERSE, legs)
    require_sound(undone)
    return undone


def entry_name(number: int) -> str:
    """Return the printed number of an entry: J and at least six digits."""
    return f"J{number:06d}"
