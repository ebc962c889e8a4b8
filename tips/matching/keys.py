"""Name the index keys under which a tip is stored and looked up, so that the look-up reads a bounded number of rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import h3

from tips.matching.footprint import Footprint

ROWS_PER_KEY = 32
CASES_PER_KEY = 12
CANDIDATES = 64
MAX_STORED = 16
MAX_READ = 40
MAX_OBSERVABLES = 4
MAX_GOODS = 3
DAY = 86_400
FINE_M, MIDDLE_M, COARSE_M = 200.0, 2_000.0, 12_000.0  # a radius up to these has a cell of this size
FINE, MIDDLE, COARSE = 9, 7, 5  # H3 resolutions: edges of about 0.2, 1.4 and 10 km
PLACE_DAYS, RARE_DAYS, SENDER_DAYS, TOPIC_DAYS = 30, 730, 30, 21
_SECOND_CATEGORY = 0.25


@dataclass(frozen=True, slots=True)
class KeyRead:
    """One key of a look-up: how many seconds it reaches back and how much a hit of it says."""

    key: int
    reach_s: int
    weight: float


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
    for name, days, weight in _read_names(footprint):
        key = _hashed(name, secret)
        reads.setdefault(key, KeyRead(key, days * DAY, weight))
    return tuple(list(reads.values())[:MAX_READ])


def lookup_keys(footprint: Footprint, *, secret: bytes) -> tuple[int, ...]:
    """Return the keys of lookup_plan alone."""
    return tuple(read.key for read in lookup_plan(footprint, secret=secret))


def shortlist(hits: Iterable[Hit], *, now: int, limit: int = CANDIDATES) -> tuple[int, ...]:
    """Return the tips worth comparing, best first: by what their keys say together and by how fresh they are."""
    told: dict[int, float] = {}
    for hit in hits:
        age_days = max(0, now - hit.received_at) / DAY
        told[hit.tip_id] = told.get(hit.tip_id, 1.0 / (1.0 + age_days)) + hit.weight
    return tuple(sorted(told, key=lambda tip_id: (-told[tip_id], -tip_id))[:limit])


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


def _read_names(tip: Footprint) -> Iterator[tuple[str, int, float]]:
    for kind, value in sorted(tip.observables)[:MAX_OBSERVABLES]:
        yield f"e:{kind}:{value}", RARE_DAYS, 8.0
    if tip.sender:
        yield f"s:{tip.sender}", SENDER_DAYS, 5.0
    if tip.exact:
        yield f"x:{tip.exact}", PLACE_DAYS, 4.0
    likely = _likely(tip)
    for category in likely:
        yield f"c:{category}", TOPIC_DAYS, 1.0
    for name in _goods(tip):
        yield f"k:{name}", TOPIC_DAYS, 1.2
    if not tip.located or tip.radius_m > COARSE_M:
        return
    around = _around(tip, MIDDLE)
    for category in likely:
        yield f"g:{_cell(tip, COARSE)}:{category}", PLACE_DAYS, 1.0
        for cell in around:
            yield f"g:{cell}:{category}", PLACE_DAYS, 1.5
    if tip.radius_m <= MIDDLE_M:
        for cell in _around(tip, FINE):
            yield f"g:{cell}", PLACE_DAYS, 1.5
    for cell in around:
        yield f"g:{cell}", PLACE_DAYS, 0.5


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
