"""Make busy towns out of labelled ones: the same streets and days for many incidents, some drawn out, some repeated."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bench.pipeline import Intake
from tips.matching.footprint import Footprint

DAY = 86_400
START = 1_700_000_000
EQUATORWARDS = 10.0  # degrees: where the made-up towns lie
METRES_PER_DEGREE = 111_195
LONGEST, LONGEST_GAP = 13 * DAY, 5 * DAY  # how far an incident is drawn out
STRETCH = (1, 1, 2, 4, 8)
RECURRING = 0.2  # share of the incidents whose second part is made a later incident of its own
RECUR_DAYS = (8.0, 20.0)


@dataclass(frozen=True)
class Kind:
    """How busy a made-up town is."""

    days: float
    spots: int
    spread_m: float
    incidents: int = 60


KINDS = (Kind(7.0, 30, 600.0), Kind(12.0, 40, 1_500.0), Kind(5.0, 15, 400.0), Kind(20.0, 40, 3_000.0))


def busy_towns(towns: Sequence[Sequence[Intake]], count: int, first_seed: int = 0) -> list[list[Intake]]:
    """Make towns of several kinds: from a few streets in a week to a whole town in three."""
    return [busy_town(towns, first_seed + n, KINDS[n % len(KINDS)]) for n in range(count)]


def busy_town(towns: Sequence[Sequence[Intake]], seed: int, kind: Kind) -> list[Intake]:
    """Draw incidents of several towns and let each happen in one of the same few spots and days."""
    dice = random.Random(seed)
    incidents = _incidents(towns)
    names = dice.sample(sorted(incidents), min(kind.incidents, len(incidents)))
    spots = [(dice.gauss(0, kind.spread_m), dice.gauss(0, kind.spread_m)) for _ in range(kind.spots)]
    made = [
        message
        for name in names
        for message in _moved(name, incidents[name], dice.randrange(kind.spots), spots, kind, dice)
    ]
    made.sort(key=lambda item: item[1].received_at)
    return [
        replace(intake, footprint=replace(footprint, tip_id=number))
        for number, (intake, footprint) in enumerate(made, start=1)
    ]


def _incidents(towns: Sequence[Sequence[Intake]]) -> dict[str, list[tuple[Intake, Footprint]]]:
    found: dict[str, list[tuple[Intake, Footprint]]] = {}
    for intake in (one for town in towns for one in town):
        if intake.footprint is not None and intake.tip["incident"]:
            found.setdefault(intake.tip["incident"], []).append((intake, intake.footprint))
    return found


def _moved(
    name: str,
    messages: Sequence[tuple[Intake, Footprint]],
    spot: int,
    spots: Sequence[tuple[float, float]],
    kind: Kind,
    dice: random.Random,
) -> list[tuple[Intake, Footprint]]:
    """Move one incident to its spot and day; its second part may come as another incident, days later."""
    first = messages[0][1].received_at
    factor = _stretch([footprint.received_at for _, footprint in messages], dice)
    anchor = next((footprint for _, footprint in messages if footprint.located), None)
    start = START + dice.uniform(0, kind.days) * DAY
    centre = tuple(side + dice.gauss(0, 40) for side in spots[spot])
    recurs = len(messages) > 1 and dice.random() < RECURRING
    cut = dice.randrange(1, len(messages)) if recurs else len(messages)
    pause = dice.uniform(*RECUR_DAYS) * DAY
    moved = []
    for number, (intake, footprint) in enumerate(messages):
        at = start + (footprint.received_at - first) * factor
        there = _placed(footprint, anchor, spot, (centre[0], centre[1]))
        if number >= cut:
            there = replace(there, observables=frozenset(), sender=f"{footprint.sender}+")
            intake = replace(intake, tip={**intake.tip, "incident": f"{name}+"})
            at += pause
        moved.append((intake, replace(there, received_at=round(at), event_at=None)))
    return moved


def _stretch(times: Sequence[int], dice: random.Random) -> float:
    span = max(times[-1] - times[0], 1)
    longest = max([later - earlier for earlier, later in pairwise(times)], default=1)
    return min(dice.choice(STRETCH), max(1.0, LONGEST / span), max(1.0, LONGEST_GAP / max(longest, 1)))


def _placed(
    footprint: Footprint, anchor: Footprint | None, spot: int, centre: tuple[float, float]
) -> Footprint:
    """Put a tip where it lies from its incident's first place, and give that place the spot's name."""
    if anchor is None or footprint.lat is None or footprint.lon is None:
        return replace(footprint, lat=None, lon=None, place=None)
    assert anchor.lat is not None
    assert anchor.lon is not None
    north = (footprint.lat - anchor.lat) * METRES_PER_DEGREE + centre[0]
    east = (footprint.lon - anchor.lon) * METRES_PER_DEGREE * math.cos(math.radians(anchor.lat)) + centre[1]
    place = None
    if footprint.place is not None:
        its_own = anchor.place is not None and footprint.place != anchor.place
        place = f"{spot}:{footprint.place}" if its_own else str(spot)
    return replace(
        footprint,
        lat=EQUATORWARDS + north / METRES_PER_DEGREE,
        lon=EQUATORWARDS + east / (METRES_PER_DEGREE * math.cos(math.radians(EQUATORWARDS))),
        place=place,
    )
