"""Write the ledger for other people's tools: hledger, ledger, beancount, spreadsheets, programs. PURE.

Entries come in as plain records and leave ordered by (effective date, sequence), the only order in which
running balance assertions hold. No export carries a tip code, a name or a place.
"""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from rewards.money import exponent, plain

_RISKY_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class ExportLeg:
    """One leg: account, currency and signed minor units, with the voucher it belongs to."""

    account: str
    currency: str
    amount: int
    share: str | None = None


@dataclass(frozen=True, slots=True)
class ExportEntry:
    """One entry as an auditor's tool should see it; `tags` hold fund, case, reward and the like."""

    name: str
    seq: int
    kind: str
    effective_on: date
    recorded_at: str
    actor: str
    tags: Mapping[str, str]
    legs: tuple[ExportLeg, ...]
    hash: str


@dataclass(frozen=True, slots=True)
class Header:
    """What an export says about itself: the ledger, how far it reads, and the published chain head."""

    ledger: str
    as_of_seq: int
    chain_head: str


def in_order(entries: Iterable[ExportEntry]) -> list[ExportEntry]:
    """Sort entries by effective date, then by sequence."""
    return sorted(entries, key=lambda entry: (entry.effective_on, entry.seq))


def to_journal(header: Header, entries: Sequence[ExportEntry]) -> str:
    """Write a journal that both hledger and ledger accept, strict checks included.

    The last leg of an account on each day asserts its running balance.
    """
    ordered = in_order(entries)
    lines = [
        f"; rewards ledger export  format=journal/1  ledger={header.ledger}  as_of_seq={header.as_of_seq}",
        f"; chain_head=sha256:{header.chain_head}",
    ]
    for currency in _currencies(ordered):
        lines += _commodity(currency)
    lines += ["", *(f"tag {name}" for name in _tag_names(ordered)), ""]
    lines += [f"account {account}" for account in _accounts(ordered)]
    balances: defaultdict[tuple[str, str], int] = defaultdict(int)
    last = _last_of_day(ordered)
    for entry in ordered:
        lines += ["", f"{entry.effective_on.isoformat()} * ({entry.name}) {entry.kind}"]
        lines += [f"    ; {name}: {value}" for name, value in _tags(entry).items()]
        lines += [_journal_leg(entry, line, leg, balances, last) for line, leg in enumerate(entry.legs)]
    return "\n".join(lines) + "\n"


def _journal_leg(
    entry: ExportEntry,
    line: int,
    leg: ExportLeg,
    balances: defaultdict[tuple[str, str], int],
    last: set[tuple[int, int]],
) -> str:
    key = (leg.account, leg.currency)
    balances[key] += leg.amount
    text = f"    {_movement(leg)}"
    if (entry.seq, line) in last:
        text += f" = {plain(balances[key], leg.currency)} {leg.currency}"
    return text


def _movement(leg: ExportLeg) -> str:
    return f"{leg.account:<40} {plain(leg.amount, leg.currency):>20} {leg.currency}"


def _last_of_day(ordered: Sequence[ExportEntry]) -> set[tuple[int, int]]:
    last: dict[tuple[date, str, str], tuple[int, int]] = {}
    for entry in ordered:
        for line, leg in enumerate(entry.legs):
            last[entry.effective_on, leg.account, leg.currency] = (entry.seq, line)
    return set(last.values())


def to_beancount(header: Header, entries: Sequence[ExportEntry]) -> str:
    """Write a beancount file; every account is asserted exactly (`~ 0`) the day after the last entry."""
    ordered = in_order(entries)
    lines = [f'option "title" "{header.ledger}"']
    lines += [f'option "operating_currency" "{currency}"' for currency in _currencies(ordered)]
    lines += ["", f"; as_of_seq={header.as_of_seq} chain_head=sha256:{header.chain_head}"]
    if not ordered:
        return "\n".join(lines) + "\n"
    start = date(ordered[0].effective_on.year, 1, 1).isoformat()
    for currency in _currencies(ordered):
        lines += [
            f"{start} commodity {currency}",
            f'  name: "ISO 4217 {currency}, {exponent(currency)} minor digits"',
        ]
    totals = totals_by_account(ordered)
    held: defaultdict[str, list[str]] = defaultdict(list)
    for account, currency in totals:
        held[account].append(currency)
    lines += [f"{start} open {account:<40} {','.join(sorted(held[account]))}" for account in sorted(held)]
    for entry in ordered:
        lines += ["", f'{entry.effective_on.isoformat()} * "{entry.kind}" ^{entry.name}']
        lines += [_metadata(name, value) for name, value in _tags(entry).items()]
        lines += [f"  {_movement(leg)}" for leg in entry.legs]
    after = (ordered[-1].effective_on + timedelta(days=1)).isoformat()
    lines.append("")
    lines += [
        f"{after} balance {account:<40} {plain(total, currency):>20} ~ 0 {currency}"
        for (account, currency), total in sorted(totals.items())
    ]
    return "\n".join(lines) + "\n"


def _metadata(name: str, value: str) -> str:
    return f"  {name}: {value}" if name == "seq" else f"  {name}: {json.dumps(value, ensure_ascii=True)}"


CSV_COLUMNS: Final = (
    "entry", "seq", "kind", "effective_on", "recorded_at", "actor", "fund", "case", "reward", "reason",
    "line", "account", "currency", "amount", "amount_minor", "share", "hash",
)  # fmt: skip


def to_csv(entries: Sequence[ExportEntry]) -> str:
    """Write one row a leg; text that a spreadsheet could take for a formula is disarmed."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for entry in in_order(entries):
        about = [
            entry.name,
            entry.seq,
            entry.kind,
            entry.effective_on.isoformat(),
            entry.recorded_at,
            entry.actor,
        ]
        about += [disarmed(entry.tags.get(name, "")) for name in ("fund", "case", "reward", "reason")]
        for line, leg in enumerate(entry.legs, start=1):
            amount = plain(leg.amount, leg.currency)
            writer.writerow(
                [*about, line, leg.account, leg.currency, amount, leg.amount, leg.share or "", entry.hash]
            )
    return out.getvalue()


def disarmed(text: str) -> str:
    """Return text a spreadsheet will show instead of run (OWASP: CSV injection)."""
    return f"'{text}" if text.startswith(_RISKY_STARTS) else text


def to_jsonl(records: Iterable[Mapping[str, Any]]) -> str:
    """Write chain records one a line, each with its hash, so that anybody can recompute the chain."""
    return "".join(json.dumps(record, sort_keys=True, ensure_ascii=True) + "\n" for record in records)


def totals_by_account(entries: Iterable[ExportEntry]) -> dict[tuple[str, str], int]:
    """Add up the legs by account and currency: the trial balance every export has to reproduce."""
    totals: defaultdict[tuple[str, str], int] = defaultdict(int)
    for entry in entries:
        for leg in entry.legs:
            totals[leg.account, leg.currency] += leg.amount
    return dict(totals)


def _tags(entry: ExportEntry) -> dict[str, str]:
    named = {name: _one_line(value) for name, value in sorted(entry.tags.items()) if value}
    return {"kind": entry.kind, **named, "seq": str(entry.seq), "hash": entry.hash}


def _one_line(text: str) -> str:
    # hledger reads a comma as the end of a tag and a line break as the end of the comment.
    return " ".join(text.replace(",", ";").split())


def _tag_names(entries: Sequence[ExportEntry]) -> list[str]:
    return sorted({name for entry in entries for name in _tags(entry)})


def _currencies(entries: Sequence[ExportEntry]) -> list[str]:
    return sorted({leg.currency for entry in entries for leg in entry.legs})


def _accounts(entries: Sequence[ExportEntry]) -> list[str]:
    return sorted({leg.account for entry in entries for leg in entry.legs})


def _commodity(currency: str) -> list[str]:
    declared, digits = f"commodity {currency}", exponent(currency)
    # hledger wants a decimal mark in a format and ledger refuses a bare one, so whole currencies go without.
    return [declared, f"  format 1000.{'0' * digits} {currency}"] if digits else [declared]
