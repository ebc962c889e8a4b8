"""Build balanced postings and chain them by hash. PURE.

Two tracks, budget and cash, balance each on their own, so that one checks the other. A positive leg is a
debit, a negative one a credit; amounts are minor units.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from rewards.money import MAX_MINOR, checked_minor, exponent

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

GENESIS: Final = bytes(32)
CHAIN_TAG: Final = b"GTR-LEDGER-v1\0"
RECORD_VERSION: Final = 1


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


def fund(amount: int, currency: str, *, source: str, bank: str = BANK) -> Posting:
    """Money arrives at the bank and becomes budget."""
    checked_minor(amount)
    return posting(
        "fund",
        currency,
        (bank, amount),
        (FUNDING_PREFIX + source, -amount),
        (APPROPRIATED, amount),
        (AVAILABLE, -amount),
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


def instruct(amount: int, currency: str, *, share: str) -> Posting:
    """A claimed share is on its way to be paid."""
    checked_minor(amount)
    return posting("instruct", currency, (PAYABLE, amount, share), (IN_TRANSIT, -amount, share))


def settle(amount: int, currency: str, *, share: str, bank: str = BANK) -> Posting:
    """The money has left the bank."""
    checked_minor(amount)
    return posting("settle", currency, (IN_TRANSIT, amount, share), (bank, -amount, share))


def reject(amount: int, currency: str, *, share: str) -> Posting:
    """An instructed payment never left; it is owed again."""
    checked_minor(amount)
    return posting("rejected", currency, (IN_TRANSIT, amount, share), (PAYABLE, -amount, share))


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


def reverse(original: Posting) -> Posting:
    """Undo a posting leg by leg; a reversal itself is never reversed."""
    if original.kind == "reverse":
        raise LedgerError("A reversal is not reversed; post the entry again.")
    return Posting(
        "reverse", tuple(Leg(leg.account, leg.currency, -leg.amount, leg.share) for leg in original.legs)
    )


def entry_name(number: int) -> str:
    """Return the printed number of an entry: J and at least six digits."""
    return f"J{number:06d}"


def entry_record(
    *,
    ledger: str,
    seq: int,
    name: str,
    candidate: Posting,
    effective_on: date,
    recorded_at: datetime,
    actor: str,
    idem: str,
    ref: Mapping[str, str],
) -> dict[str, Any]:
    """Return the facts of an entry exactly as the chain binds them."""
    return {
        "v": RECORD_VERSION,
        "ledger": ledger,
        "seq": seq,
        "id": name,
        "kind": candidate.kind,
        "effective_on": effective_on.isoformat(),
        "recorded_at": timestamp(recorded_at),
        "actor": actor,
        "idem": idem,
        "ref": dict(ref),
        "legs": [_leg_record(leg) for leg in candidate.legs],
    }


def event_record(
    *, ledger: str, seq: int, kind: str, recorded_at: datetime, actor: str, ref: Mapping[str, str]
) -> dict[str, Any]:
    """Return the facts of an event without money exactly as the chain binds them."""
    return {
        "v": RECORD_VERSION,
        "ledger": ledger,
        "seq": seq,
        "id": f"E{seq:06d}",
        "kind": kind,
        "recorded_at": timestamp(recorded_at),
        "actor": actor,
        "ref": dict(ref),
    }


def _leg_record(leg: Leg) -> list[str | int]:
    record: list[str | int] = [leg.account, leg.currency, leg.amount]
    return record if leg.share is None else [*record, leg.share]


def timestamp(moment: datetime) -> str:
    """Write an aware time as UTC with all six decimals."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(record: Mapping[str, Any]) -> bytes:
    """Return the one byte string of a record: sorted keys, no spaces, ASCII, whole numbers only."""
    _require_exact(record)
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def _require_exact(value: object) -> None:
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise LedgerError("Every key of a record is text.")
        for inner in value.values():
            _require_exact(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for inner in value:
            _require_exact(inner)
    elif not isinstance(value, str) and not (_is_whole(value) and abs(value) <= MAX_MINOR):  # type: ignore[arg-type]
        raise LedgerError(f"{value!r} has no place in a chained record.")


def chained(previous: bytes, record: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 that binds a record to everything before it."""
    if len(previous) != len(GENESIS):
        raise LedgerError("A chain link has 32 bytes.")
    return hashlib.sha256(CHAIN_TAG + previous + canonical(record)).digest()
