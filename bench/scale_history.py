"""Draw years of tips in bulk: a few hundred real footprints placed at a few thousand spots, in bursts, more of them every year.

Keys are the product's own, computed once for each footprint at each of its spots, each sender and each text that is said
again; a text or a number that nobody else gives has a random number for its key, as its hash would be.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.pipeline import Intake
from tips.matching.footprint import Footprint
from tips.matching.keys import storage_keys

Numbers = NDArray[np.int64]
DAY = 86_400
START = 1_640_995_200  # 2022-01-01
YEARS_TO_TENFOLD, FIRST_YEAR = (
    1.5,
    10_000,
)  # ten thousand in the first year, ten times as many each year and a half
SPOTS, SPOT_POWER, REGION_M = 3_000, 0.95, 60_000
PLACED = 24_000  # footprints at spots
SENDERS, SENDER_POWER, TIPS_A_SENDER = 400_000, 1.5, 20
BUSY_DAYS, IN_BUSY_DAYS = 200, 0.15  # of a part of the history, and the share of incidents that fall in them
MOST_OF_ONE = 400  # tips of one incident
SAID_AGAIN, SEEN_AGAIN, SAME_SENDER = 0.04, 0.3, 0.2
METRES_PER_DEGREE = 111_195
CENTRE = (16.7, 98.55)
_T, _SENDER, _EXACT, _SEEN = 1_111_111_111, "@sender@", 2_222_222_222, ("plate", "@seen@")


@dataclass(frozen=True)
class Placed:
    """Footprints at spots, sorted by spot and category: what a tip takes from them, and the keys that go with it."""

    footprints: tuple[Footprint, ...]
    texts: tuple[str, ...]
    pieces: tuple[
        tuple[str, str, str, str, str], ...
    ]  # of the footprint's JSON, between what differs from tip to tip
    seen: tuple[str, ...]  # the JSON of what its words name, to be seen again
    keys: Numbers  # a row each: keys of place, category and goods, filled up with -1
    seen_keys: Numbers
    exact_keys: Numbers
    first: Numbers  # of those at the same spot of the same category …
    beyond: Numbers  # … and the one after the last


@dataclass(frozen=True)
class Drawn:
    """Tips in order of arrival, by columns; `fresh` is a number where a tip names a thing nobody else names, else -1."""

    ids: Numbers
    placed: Numbers
    at: Numbers
    cases: Numbers
    senders: Numbers
    exact: Numbers  # the hash of the text, as the footprint has it
    exact_keys: Numbers
    fresh: Numbers
    fresh_keys: Numbers

    def part(self, start: int, stop: int) -> Drawn:
        """Return some of them."""
        return Drawn(*(getattr(self, name)[start:stop] for name in self.__dataclass_fields__))


def place_all(intakes: Sequence[Intake], *, secret: bytes, dice: np.random.Generator) -> Placed:
    """Put real footprints at spots of which a few are very busy: a busy spot has many, each is drawn equally often."""
    real = [(one.footprint, one.tip["text"]) for one in intakes if one.footprint is not None]
    share = 1.0 / np.arange(1, SPOTS + 1) ** SPOT_POWER
    spots = dice.choice(SPOTS, size=PLACED, p=share / share.sum())
    metres = dice.normal(0, REGION_M / 2, size=(SPOTS, 2))
    near = dice.normal(0, 60, size=(PLACED, 2))
    chosen = dice.integers(len(real), size=PLACED)
    made = []
    for spot, which, offset in zip(spots.tolist(), chosen.tolist(), near, strict=True):
        footprint, text = real[which]
        made.append((spot, _top(footprint), which, _moved(footprint, metres[spot] + offset, spot), text))
    made.sort(key=lambda item: item[:3])
    groups = np.unique([f"{spot}:{top}" for spot, top, *_ in made], return_inverse=True)[1]
    edges = np.flatnonzero(np.diff(groups, prepend=-1, append=-1))
    lengths = np.diff(edges)
    footprints = [item[3] for item in made]
    return Placed(
        footprints=tuple(footprints),
        texts=tuple(item[4] for item in made),
        pieces=tuple(_pieces(footprint) for footprint in footprints),
        seen=tuple(json.dumps(sorted(one.observables), ensure_ascii=False)[1:-1] for one in footprints),
        keys=_padded([storage_keys(_without(one), secret=secret) for one in footprints]),
        seen_keys=_padded([storage_keys(_only(observables=one.observables), secret=secret) for one in footprints]),
        exact_keys=_padded([storage_keys(_only(exact=one.exact), secret=secret) for one in footprints])[:, 0],
        first=np.repeat(edges[:-1], lengths),
        beyond=np.repeat(edges[1:], lengths),
    )  # fmt: skip


def sender_names() -> list[str]:
    """Return the aliases of all senders."""
    return [f"C{number:07d}" for number in range(SENDERS)]


def sender_keys(names: Sequence[str], *, secret: bytes) -> Numbers:
    """Return the key of each sender."""
    return np.array([storage_keys(_only(sender=name), secret=secret)[0] for name in names], dtype=np.int64)


def moments(numbers: NDArray[np.float64]) -> Numbers:
    """Return when the n-th tip of the history comes: the rate grows with the number there is."""
    early = FIRST_YEAR / (10 ** (1 / YEARS_TO_TENFOLD) - 1)
    years = YEARS_TO_TENFOLD * np.log10(1 + numbers / early)
    return np.asarray(START + years * 365 * DAY, dtype=np.int64)


def draw(placed: Placed, start: int, stop: int, *, first_case: int, dice: np.random.Generator) -> Drawn:
    """Draw the tips number `start` to `stop`: incidents at spots, most of one tip or two, some of hundreds."""
    count = stop - start
    sizes = np.minimum(dice.zipf(2.1, size=count), MOST_OF_ONE)
    incidents = int(np.searchsorted(np.cumsum(sizes), count)) + 1
    of = np.repeat(np.arange(incidents), sizes[:incidents])[:count]
    begins = dice.uniform(start, stop, size=incidents)
    busy = dice.random(incidents) < IN_BUSY_DAYS
    step = max(1.0, count / BUSY_DAYS)
    begins[busy] = np.minimum(
        np.floor(begins[busy] / step) * step + dice.exponential(step / 50, busy.sum()), stop - 1
    )
    lasts = np.exp(
        dice.normal(math.log(5 * 3_600), 1.3, size=incidents)
    )  # seconds; half of them within five hours
    at = moments(begins)[of] + np.asarray(dice.exponential(1.0, count) * lasts[of], dtype=np.int64)
    lowest, highest = moments(np.array([start, stop], dtype=float)).tolist()
    at = np.clip(at, lowest, highest)
    order = np.argsort(at, kind="stable")
    at, of = at[order], of[order]
    return _told(placed, at, of, start, first_case, dice)


def _told(
    placed: Placed, at: Numbers, of: Numbers, start: int, first_case: int, dice: np.random.Generator
) -> Drawn:
    count = len(at)
    _, firsts, numbered = np.unique(of, return_index=True, return_inverse=True)
    rank = np.empty(len(firsts), dtype=np.int64)
    rank[np.argsort(firsts)] = np.arange(len(firsts))
    template = dice.integers(len(placed.footprints), size=len(firsts))[numbered]
    low, beyond = placed.first[template], placed.beyond[template]
    template = low + np.asarray(dice.random(count) * (beyond - low), dtype=np.int64)
    known = min(SENDERS, 2_000 + (start + count) // TIPS_A_SENDER)
    senders = np.asarray(known * dice.random(count) ** SENDER_POWER, dtype=np.int64)
    again = dice.random(count) < SAME_SENDER
    senders[again] = (numbered[again] * 7_919 + start) % known
    exact = dice.integers(1, 2**32, size=count)
    exact_keys = dice.integers(0, 2**63 - 1, size=count)
    repeated = dice.random(count) < SAID_AGAIN
    exact[repeated] = np.array([one.exact for one in placed.footprints])[template[repeated]]
    exact_keys[repeated] = placed.exact_keys[template[repeated]]
    fresh = dice.integers(0, 10**9, size=count)
    fresh_keys = dice.integers(0, 2**63 - 1, size=count)
    names_none = placed.seen_keys[template, 0] < 0
    old = names_none | (dice.random(count) < SEEN_AGAIN)
    fresh[old] = fresh_keys[old] = -1
    ids = np.arange(start + 1, start + count + 1)
    return Drawn(
        ids, template, at, first_case + rank[numbered], senders, exact, exact_keys, fresh, fresh_keys
    )


def keys_of(placed: Placed, drawn: Drawn, of_senders: Numbers) -> tuple[Numbers, Numbers]:
    """Return all keys of some tips, tip after tip, and for each the position of its tip."""
    fresh = drawn.fresh_keys >= 0
    seen = np.where(fresh[:, None], -1, placed.seen_keys[drawn.placed])
    seen[:, 0] = np.where(fresh, drawn.fresh_keys, seen[:, 0])
    others = np.stack([of_senders[drawn.senders], drawn.exact_keys], axis=1)
    table = np.concatenate([seen, others, placed.keys[drawn.placed]], axis=1)
    rows, _ = np.nonzero(table >= 0)
    return table[table >= 0], rows


def footprint_json(placed: Placed, names: Sequence[str], drawn: Drawn) -> list[str]:
    """Write what the matcher remembers of each tip, as the product does."""
    made = []
    rows = zip(
        drawn.placed.tolist(), drawn.at.tolist(), drawn.senders.tolist(), drawn.fresh.tolist(), drawn.exact.tolist(),
        strict=True,
    )  # fmt: skip
    for which, at, sender, fresh, exact in rows:
        a, b, c, d, e = placed.pieces[which]
        seen = placed.seen[which] if fresh < 0 else f'["plate","{fresh}"]'
        made.append(f"{a}{at}{b}{names[sender]}{c}{seen}{d}{exact}{e}")
    return made


def _top(footprint: Footprint) -> str:
    return max(footprint.categories, key=lambda name: footprint.categories[name], default="")


def _moved(footprint: Footprint, metres: NDArray[np.float64], spot: int) -> Footprint:
    if not footprint.located:
        return replace(footprint, event_at=None)
    lat = CENTRE[0] + float(metres[0]) / METRES_PER_DEGREE
    lon = CENTRE[1] + float(metres[1]) / (METRES_PER_DEGREE * math.cos(math.radians(CENTRE[0])))
    place = f"Spot {spot}" if footprint.place else None
    return replace(footprint, lat=lat, lon=lon, place=place, event_at=None)


def _without(footprint: Footprint) -> Footprint:
    return replace(footprint, sender=None, exact=0, observables=frozenset())


def _only(
    *, sender: str | None = None, exact: int = 0, observables: frozenset[tuple[str, str]] = frozenset()
) -> Footprint:
    return Footprint(
        0, None, 0, None, sender, None, None, 0.0, None, None, "en", {}, frozenset(), observables, frozenset(),
        frozenset(), exact,
    )  # fmt: skip


def _pieces(footprint: Footprint) -> tuple[str, str, str, str, str]:
    marked = replace(footprint, received_at=_T, sender=_SENDER, exact=_EXACT)
    if footprint.observables:
        marked = replace(marked, observables=frozenset({_SEEN}))
    text = marked.to_json()
    a, text = text.split(str(_T), 1)
    b, text = text.split(_SENDER, 1)
    mark = json.dumps(_SEEN, separators=(",", ":"))
    if footprint.observables:
        c, text = text.split(mark, 1)
        d, e = text.split(str(_EXACT), 1)
    else:
        (c, e), d = text.split(str(_EXACT), 1), ""
    return a, b, c, d, e


def _padded(keys: Sequence[Sequence[int]]) -> Numbers:
    table = np.full((len(keys), max(1, *map(len, keys))), -1, dtype=np.int64)
    for row, values in zip(table, keys, strict=True):
        row[: len(values)] = values
    return table
