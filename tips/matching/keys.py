"""Name the index keys under which a tip is stored and looked up, so that the look-up reads a bounded number of rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import h3

from tips.matching.footprint import Footprint

CANDIDATES = 32
CASES = 16
MAX_STORED = 16
MAX_READ = 40
MAX_OBSERVABLES = 4
MAX_GOODS = 3
DAY = 86_400
FINE_M, MIDDLE_M, COARSE_M = 200.0, 2_000.0, 12_000.0  # a radius up to these has a cell of this size
FINE, MIDDLE, COARSE = 9, 7, 5  # H3 resolutions: edges of about 0.2, 1.4 and 10 km
PLACE_DAYS, RARE_DAYS, SENDER_DAYS, TOPIC_DAYS = 30, 730, 30, 21
AHEAD_SECONDS = 3_600  # texts overtake each other; a candidate may have arrived a little later than the tip
FRESH = 2.4  # what it says that a tip came just now, against the weights below; half of it after a day
_SECOND_CATEGORY = 0.25


class Kind(NamedTuple):
    """How a kind of key is read: days back, what a hit says, the newest rows and the cases behind them."""

    days: int
    weight: float
    rows: int
    cases: int


# Weights are fitted to which tips share an incident. Those of the first three outweigh all others together, so that no
# crowd of neighbours hides the same plate, sender or text.
SEEN = Kind(RARE_DAYS, 24.0, 6, 4)
SENDER = Kind(SENDER_DAYS, 24.0, 8, 4)
EXACT = Kind(PLACE_DAYS, 24.0, 4, 2)
TRADE = Kind(TOPIC_DAYS, 0.4, 12, 2)
GOODS = Kind(TOPIC_DAYS, 2.7, 16, 4)
COARSE_TRADE = Kind(PLACE_DAYS, 0.2, 5, 0)
MIDDLE_TRADE = Kind(PLACE_DAYS, 2.7, 16, 6)
BESIDE_TRADE = Kind(PLACE_DAYS, 0.6, 5, 0)
SPOT = Kind(PLACE_DAYS, 2.2, 16, 6)
BESIDE_SPOT = Kind(PLACE_DAYS, 0.6, 5, 0)
MIDDLE_ANY = Kind(PLACE_DAYS, 1.2, 12, 3)
BESIDE_ANY = Kind(PLACE_DAYS, 0.0, 4, 0)


@dataclass(frozen=True, slots=True)
class KeyRead:
    """One key of a look-up: how many seconds it reaches back, how much a hit of it says, and how many rows are read."""

    key: int
    reach_s: int
    weight: float
    rows: int  # the newest
    cases: int  # whose newest tip is older than those


@dataclass(frozen=True, slots=True)
class Hit:
    """One index row that a look-up met."""

    tip_id: int
    case_id: int | None
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
        reads.setdefault(key, KeyRead(key, kind.days * DAY, kind.weight, kind.rows, kind.cases))
    return tuple(list(reads.values())[:MAX_READ])


def lookup_keys(footprint: Footprint, *, secret: bytes) -> tuple[int, ...]:
    """Return the keys of lookup_plan alone."""
    return tuple(read.key for read in lookup_plan(footprint, secret=secret))


def shortlist(hits: Iterable[Hit], *, now: int, limit: int = CANDIDATES) -> tuple[int, ...]:
    """Return the tips worth comparing, best first: by what their keys say together and by how fresh they are."""
    told: dict[int, float] = {}
    for hit in hits:
        age_days = max(0, now - hit.received_at) / DAY
        told[hit.tip_id] = told.get(hit.tip_id, FRESH / (1.0 + age_days)) + hit.weight
    return tuple(sorted(told, key=lambda tip_id: (-told[tip_id], -tip_id))[:limit])


def of_first_cases(
    tip_ids: Iterable[int], homes: Mapping[int, int | None], *, limit: int = CASES
) -> dict[int, int]:
    """Return those tips of a shortlist, with their case, that lie in the first so many cases it comes upon."""
    kept: dict[int, int] = {}
    cases: set[int] = set()
    for tip_id in tip_ids:
        case_id = homes.get(tip_id)
        if case_id is None or (case_id not in cases and len(cases) == limit):
            continue
        cases.add(case_id)
        kept[tip_id] = case_id
    return kept


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
        if size != COARSE:
            yield f"g:{cell}"
        for category in likely if size == MIDDLE else likely[:1]:
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
    here, *beside = _around(tip, MIDDLE)
    for category in likely:
        yield f"g:{_cell(tip, COARSE)}:{category}", COARSE_TRADE
        yield f"g:{here}:{category}", MIDDLE_TRADE
        for cell in beside:
            yield f"g:{cell}:{category}", BESIDE_TRADE
    if tip.radius_m <= MIDDLE_M:
        here_fine, *beside_fine = _around(tip, FINE)
        yield f"g:{here_fine}", SPOT
        for cell in beside_fine:
            yield f"g:{cell}", BESIDE_SPOT
    yield f"g:{here}", MIDDLE_ANY
    for cell in beside:
        yield f"g:{cell}", BESIDE_ANY


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
        return FINE, MIDDLE, COARSE
    return (MIDDLE, COARSE) if tip.radius_m <= MIDDLE_M else (COARSE,)


def _cell(tip: Footprint, size: int) -> str:
    if tip.lat is None or tip.lon is None:
        raise ValueError("a tip without a point lies in no cell")
    return str(h3.latlng_to_cell(tip.lat, tip.lon, size))


def _around(tip: Footprint, size: int) -> list[str]:
    """Return the tip's cell and its six neighbours, its own first."""
    centre = _cell(tip, size)
    return [centre, *sorted(set(h3.grid_disk(centre, 1)) - {centre})]


def _hashed(name: str, secret: bytes) -> int:
    digest = hashlib.blake2b(name.encode(), key=secret[:64], digest_size=8).digest()
    return int.from_bytes(digest) >> 1
