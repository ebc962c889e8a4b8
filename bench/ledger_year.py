"""Invent a year of a reward office's books: every kind of event, three currencies, no account ever below zero."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from rewards import ledger
from rewards.ledger import BANK, Leg, Posting

MOBILE = "Assets:MobileMoney:Wallet"


@dataclass(frozen=True)
class Event:
    """One event to be booked: in which fund, what, and on which day; `undoes` is the number of an earlier event."""

    fund: str
    posting: Posting
    day: date
    undoes: int | None = None


@dataclass
class Office:
    """What one fund may still do; amounts in minor units, lists of what waits in each state."""

    code: str
    currency: str
    unit: int
    bank: str
    free: int = 0
    put_in: int = 0
    tax: int = 0
    reserved: list[int] = field(default_factory=list)
    owed: list[int] = field(default_factory=list)
    moving: list[int] = field(default_factory=list)
    paid: list[int] = field(default_factory=list)
    owed_back: list[int] = field(default_factory=list)


FUNDS = (("GEN", "USD", 100, BANK), ("UGA", "UGX", 1, MOBILE), ("KWT", "KWD", 1000, BANK))


def year(entries: int, *, seed: int = 1, start: date = date(2026, 1, 1)) -> Iterator[Event]:
    """Yield that many events in order of booking, spread over a year; some are dated a few days back."""
    chance = random.Random(seed)
    offices = [Office(*fund) for fund in FUNDS]
    undoable: list[tuple[int, Event]] = []
    for number in range(1, entries + 1):
        day = start + timedelta(days=number * 364 // entries)
        office = offices[number % len(offices)]
        if undoable and chance.random() < 0.01:
            earlier, event = undoable.pop()
            # what was given back or taken as a fee comes back: always possible
            _undone(offices, event)
            yield Event(event.fund, ledger.reverse(event.posting), max(day, event.day), undoes=earlier)
            continue
        event = Event(office.code, _step(office, chance), _back(day, start, chance))
        if event.posting.kind in ("fee", "defund"):
            undoable.append((number, event))
        yield event


def _back(day: date, start: date, chance: random.Random) -> date:
    return max(start, day - timedelta(days=chance.choice((0, 0, 0, 0, 1, 5))))


def _step(office: Office, chance: random.Random) -> Posting:
    while True:
        posting = chance.choice(STEPS)(office, chance)
        if posting is not None:
            return posting


def _undone(offices: list[Office], event: Event) -> None:
    office = next(office for office in offices if office.code == event.fund)
    amount = max(leg.amount for leg in event.posting.legs)
    office.free += amount
    if event.posting.kind == "defund":
        office.put_in += amount


def _amount(office: Office, chance: random.Random, most: int) -> int:
    return chance.randint(1, max(1, min(most, 2_000 * office.unit)))


def _fund(office: Office, chance: random.Random) -> Posting | None:
    if office.free > 50_000 * office.unit:
        return None
    amount = 100_000 * office.unit + chance.randint(0, office.unit)
    office.free += amount
    office.put_in += amount
    return ledger.fund(amount, office.currency, source="Treasury", bank=office.bank)


def _defund(office: Office, chance: random.Random) -> Posting | None:
    most = min(office.free, office.put_in) // 100
    if most < 1 or chance.random() < 0.9:
        return None
    amount = _amount(office, chance, most)
    office.free -= amount
    office.put_in -= amount
    return ledger.defund(amount, office.currency, source="Treasury", bank=office.bank)


def _reserve(office: Office, chance: random.Random) -> Posting | None:
    if office.free < 2:
        return None
    amount = _amount(office, chance, office.free)
    office.free -= amount
    office.reserved.append(amount)
    return ledger.reserve(amount, office.currency)


def _release(office: Office, chance: random.Random) -> Posting | None:
    if not office.reserved or chance.random() < 0.7:
        return None
    amount = office.reserved.pop(0)
    office.free += amount
    return ledger.release(amount, office.currency)


def _approve(office: Office, chance: random.Random) -> Posting | None:
    if not office.reserved:
        return None
    reserved = office.reserved.pop(0)
    first = chance.randint(1, reserved)
    second = chance.randint(0, reserved - first)
    shares = {"V-1": first, **({"V-2": second} if second else {})}
    office.owed += list(shares.values())
    office.free += reserved - first - second
    return ledger.approve(reserved, shares, office.currency)


def _withhold(office: Office, chance: random.Random) -> Posting | None:
    if not office.owed or office.owed[-1] < 10 or chance.random() < 0.6:
        return None
    tax = office.owed[-1] // 10
    office.owed[-1] -= tax
    office.tax += tax
    return ledger.withhold(tax, office.currency, share="V-1")


def _remit(office: Office, _chance: random.Random) -> Posting | None:
    if not office.tax:
        return None
    amount, office.tax = office.tax, 0
    return ledger.remit(amount, office.currency, bank=office.bank)


def _fee(office: Office, chance: random.Random) -> Posting | None:
    if office.free < office.unit * 10 or chance.random() < 0.5:
        return None
    amount = chance.randint(1, office.unit * 3)
    office.free -= amount
    return ledger.fee(amount, office.currency, bank=office.bank)


Build = Callable[[int, str], Posting]


def _moves(source: str, target: str | None, build: Build, odds: float, *, frees: bool = False) -> Callable:  # type: ignore[type-arg]
    def step(office: Office, chance: random.Random) -> Posting | None:
        waiting: list[int] = getattr(office, source)
        if not waiting or chance.random() > odds:
            return None
        amount = waiting.pop(chance.randrange(len(waiting)))
        if target:
            getattr(office, target).append(amount)
        if frees:
            office.free += amount
        posting = build(amount, office.currency)
        legs = (Leg(_at(leg.account, office), leg.currency, leg.amount, leg.share) for leg in posting.legs)
        return Posting(posting.kind, tuple(legs))

    return step


def _at(account: str, office: Office) -> str:
    return office.bank if account == BANK else account


def _shared(build: Callable[..., Posting]) -> Build:
    return lambda amount, currency: build(amount, currency, share="V-1")


STEPS: tuple[Callable[[Office, random.Random], Posting | None], ...] = (
    _fund,
    _defund,
    *[_reserve] * 4,
    _release,
    *[_approve] * 3,
    _withhold,
    _remit,
    _fee,
    *[_moves("owed", "moving", _shared(ledger.instruct), 1.0)] * 3,
    *[_moves("moving", "paid", _shared(ledger.settle), 1.0)] * 3,
    _moves("moving", "owed", _shared(ledger.reject), 0.3),
    _moves("paid", "owed", _shared(ledger.returned), 0.2),
    _moves("owed", None, _shared(ledger.forfeit), 0.3, frees=True),
    _moves("owed", None, _shared(ledger.cancel), 0.2, frees=True),
    _moves("paid", "owed_back", _shared(ledger.raise_clawback), 0.2),
    _moves("owed_back", None, _shared(ledger.receive_clawback), 0.6, frees=True),
    _moves("owed_back", None, _shared(ledger.write_off_clawback), 0.3),
)
