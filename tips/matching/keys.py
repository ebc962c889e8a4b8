"""Name the index keys under which a tip is stored and looked up, so that the look-up reads a bounded number of rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import nlargest
from typing import NamedTuple

import h3

from tips.matching.footprint import Footprint

CASES = 12
OF_ONE_CASE = 3  # tips that are compared
MAX_STORED = 16
MAX_READ = 24
MAX_OBSERVABLES = 4
MAX_GOODS = 3
DAY = 86_400
FINE_M, MIDDLE_M = 200.0, 2_000.0  # a radius up to these has a cell of this size
COARSE_M = 12_000.0  # a vaguer tip looks for nobody around it
FINE, MIDDLE, WIDE = 9, 7, 6  # H3 resolutions: edges of about 0.2, 1.4 and 3.7 km
PLACE_DAYS, RARE_DAYS, SENDER_DAYS, TOPIC_DAYS = 30, 730, 30, 21
AHEAD_SECONDS = 3_600  # texts overtake each other; a candidate may have arrived a little later than the tip
FRESH, FRESH_DAYS = (
    6.5,
    35.0,
)  # what it says that a case was told of just now, against the weights below; half after so long
_SECOND_CATEGORY = 0.25


class Kind(NamedTuple):
    """How a kind of key is read: days back, what a hit says, and of how many cases the newest tip is taken."""

    days: int
    weight: float
    cases: int


# Weights are fitted to which tips share an incident. Those of the first three outweigh all others together, so that no
# crowd of neighbours hides the same plate, sender or text.
SEEN = Kind(RARE_DAYS, 32.0, 5)
SENDER = Kind(SENDER_DAYS, 32.0, 5)
EXACT = Kind(PLACE_DAYS, 32.0, 4)
TRADE = Kind(TOPIC_DAYS, 1.1, 6)
GOODS = Kind(TOPIC_DAYS, 3.7, 10)
MIDDLE_TRADE = Kind(PLACE_DAYS, 2.1, 6)
SPOT = Kind(PLACE_DAYS, 2.7, 6)
MIDDLE_ANY = Kind(PLACE_DAYS, 1.1, 3)
WIDE_ANY = Kind(PLACE_DAYS, 0.35, 4)


@dataclass(frozen=True, slots=True)
class KeyRead:
    """One key of a look-up: seconds that it reaches back, how much a hit of it says, how many cases it brings."""

    key: int
    reach_s: int
    weight: float
    cases: int


class Hit(NamedTuple):
    """One index row that a look-up met: a case, its newest and its first tip under the key, and when the newest came."""

    case_id: int
    newest_id: int
    first_id: int
    received_at: int
    weight: float


def storage_keys(footprint: Footprint, *, secret: bytes) -> tuple[int, ...]:
    """Return the keys written with a tip, at most MAX_STORED; nothing can be read back from them without the secret."""
    names = dict.fromkeys(_stored_names(footprint))
    return tuple(dict.fromkeys(_hashed(name, secret) for name in list(names)[:MAX_STORED]))


def lookup_plan(footprint: Footprint, *, secret: bytes) -> tuple[KeyRead, ...]:
    """Return what to read for a new tip, most telling first, at most MAX_READ keys."""
    reads: dict[int, KeyRead] = {}
    for name, kind in _read_names(footprint):
        key = _hashed(name, secret)
        reads.setdefault(key, KeyRead(key, kind.days * DAY, kind.weight, kind.cases))
    return tuple(list(reads.values())[:MAX_READ])


def lookup_keys(footprint: Footprint, *, secret: bytes) -> tuple[int, ...]:
    """Return the keys of lookup_plan alone."""
    return tuple(read.key for read in lookup_plan(footprint, secret=secret))


def shortlist(hits: Iterable[Hit], *, now: int, limit: int = CASES) -> dict[int, int]:
    """Return the tips worth comparing with their case, best case first: what its keys say together and how fresh it is.

    Of a case come the tips that most of its keys name, at most OF_ONE_CASE.
    """
    told: dict[int, float] = {}
    newest: dict[int, int] = {}
    named: dict[int, dict[int, int]] = {}
    for case_id, newest_id, first_id, received_at, weight in hits:
        if case_id not in told:
            told[case_id], newest[case_id], named[case_id] = 0.0, received_at, {}
        told[case_id] += weight
        newest[case_id] = max(newest[case_id], received_at)
        members = named[case_id]
        members[newest_id] = members.get(newest_id, 0) + 1
        if first_id != newest_id:
            members[first_id] = members.get(first_id, 0) + 1
    worth = [
        (weight + FRESH / (1.0 + abs(now - newest[case_id]) / (FRESH_DAYS * DAY)), case_id)
        for case_id, weight in told.items()
    ]
    return {
        tip_id: case_id for _, case_id in nlargest(limit, worth) for tip_id in _most_named(named[case_id])
    }


def _most_named(members: Mapping[int, int]) -> Iterable[int]:
    if len(members) <= OF_ONE_CASE:
        return members
    return nlargest(OF_ONE_CASE, members, key=lambda tip_id: (members[tip_id], tip_id))


def _stored_names(tip: Footprint) -> Iterator[str]:
    for kind, value in sorted(tip.observables)[:MAX_OBSERVABLES]:
        yield f"e:{kind}:{value}"
    if tip.sender:
        yield f"s:{tip.sender}"
    if tip.exact:
        yield f"x:{tip.exact}"
    likely = _likely(tip)
    for size in _sizes(tip):
        cell = _cell(tip, size)
        yield f"g:{cell}"
        for category in likely if size == MIDDLE else ():
            yield f"g:{cell}:{category}"
    for category in likely:
        yield f"c:{category}"
    for name in _goods(tip):
        yield f"k:{name}"


def _read_names(tip: Footprint) -> Iterator[tuple[str, Kind]]:
    for kind, value in sorted(tip.observables)[:MAX_OBSERVABLES]:
        yield f"e:{kind}:{value}", SEEN
    if tip.sender:
        yield f"s:{tip.sender}", SENDER
    if tip.exact:
        yield f"x:{tip.exact}", EXACT
    likely = _likely(tip)
    for category in likely:
        yield f"c:{category}", TRADE
    for name in _goods(tip):
        yield f"k:{name}", GOODS
    if not tip.located or tip.radius_m > COARSE_M:
        return
    here = _cell(tip, MIDDLE)
    for category in likely:
        yield f"g:{here}:{category}", MIDDLE_TRADE
    if tip.radius_m <= MIDDLE_M:
        yield f"g:{_cell(tip, FINE)}", SPOT
    yield f"g:{here}", MIDDLE_ANY
    yield f"g:{_cell(tip, WIDE)}", WIDE_ANY


def _likely(tip: Footprint) -> list[str]:
    """Return the one or two categories that the tip may well be of."""
    ranked = sorted(tip.categories, key=lambda name: (-tip.categories[name], name))
    return ranked[:1] + [name for name in ranked[1:2] if tip.categories[name] >= _SECOND_CATEGORY]


def _goods(tip: Footprint) -> list[str]:
    return sorted(name for name in tip.concepts if name.startswith("good."))[:MAX_GOODS]


def _sizes(tip: Footprint) -> tuple[int, ...]:
    if not tip.located or tip.radius_m > COARSE_M:
        return ()
    if tip.radius_m <= FINE_M:
        return FINE, MIDDLE, WIDE
    return (MIDDLE, WIDE) if tip.radius_m <= MIDDLE_M else (WIDE,)


def _cell(tip: Footprint, size: int) -> str:
    if tip.lat is None or tip.lon is None:
        raise ValueError("a tip without a point lies in no cell")
    return str(h3.latlng_to_cell(tip.lat, tip.lon, size))


def _hashed(name: str, secret: bytes) -> int:
    digest = hashlib.blake2b(name.encode(), key=secret[:64], digest_size=8).digest()
    return int.from_bytes(digest) >> 1
