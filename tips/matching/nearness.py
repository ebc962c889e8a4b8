"""Measure how near a tip is to a case in place and time."""

from __future__ import annotations

import math
from typing import NamedTuple

from tips.matching.cases import Case
from tips.matching.footprint import Footprint

HOUR, DAY = 3_600.0, 86_400.0
SPOT_M = 150.0  # a pin, coordinates or a code: good to a stall
FLOOR_M = 30.0  # nobody's position is better than this
EXTENT_M = 40.0  # from one end of a scene to the other
ROAMING_M = 2_500.0  # how far those incidents go that do not stay in one place
CHANCE_M = 1_500.0  # how far two tips of a town lie apart by chance
LANDMARK_M = 1_000.0  # a place of a larger radius is a district or a town
_ROAMING = 0.1  # share of the incidents that go about
_METRES_PER_DEGREE = 111_195.0
_LEAST = -6.0


class Where(NamedTuple):
    """How the places agree: `near` is a log likelihood ratio, `far` grows with the gap between the circles."""

    nearest: Footprint | None = None
    metres: float = 0.0
    reach_m: float = 0.0
    near: float = 0.0
    spot: float = 0.0
    far: float = 0.0
    same_place: float = 0.0
    other_place: float = 0.0
    told: float = 0.0  # one names the other's landmark as where things come from or go to


NOWHERE = Where()


class When(NamedTuple):
    """Seconds to the message nearest in time and to the latest one, and how unlike the case's rhythm that is."""

    seconds: float
    latest_s: float
    quiet: float


def where(tip: Footprint, case: Case) -> Where:
    """Compare a tip's place with those of a case's messages; the nearest one counts."""
    if not tip.located:
        return NOWHERE
    nearest: Footprint | None = None
    near, spot, gap, distance_m = -math.inf, 0.0, math.inf, 0.0
    named = same = False
    place, radius = tip.place, tip.radius_m
    for member in case.members:
        distance, theirs = metres(tip, member), member.radius_m
        if distance == math.inf:
            continue
        told = closeness(distance, radius, theirs)
        if told > near:
            near, nearest, distance_m = told, member, distance
        if radius <= SPOT_M and theirs <= SPOT_M:
            spot = max(spot, 1.0 - distance / SPOT_M)
        gap = min(gap, max(0.0, distance - radius - theirs))
        if member.place is not None:
            named, same = True, same or member.place == place
    if nearest is None:
        return NOWHERE
    told = not same and any(_tells_of(tip, member) or _tells_of(member, tip) for member in case.members)
    other = named and place is not None and not (same or told)
    reach_m, far = radius + nearest.radius_m, math.log1p(gap / 300.0)
    return Where(nearest, distance_m, reach_m, near, spot, far, float(same), float(other), float(told))


def _tells_of(tip: Footprint, other: Footprint) -> bool:
    """Say whether a tip names the landmark at which another happens; a town's name says nothing."""
    return bool(tip.also) and other.place in tip.also and other.radius_m <= LANDMARK_M


def metres(a: Footprint, b: Footprint) -> float:
    """Return the distance of two located tips on a plane, good to a part in a thousand within a town."""
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return math.inf
    north = (a.lat - b.lat) * _METRES_PER_DEGREE
    turn = (a.lon - b.lon + 180.0) % 360.0 - 180.0
    return math.hypot(north, turn * _METRES_PER_DEGREE * math.cos(math.radians((a.lat + b.lat) / 2)))


def closeness(distance: float, radius_a: float, radius_b: float) -> float:
    """Return the log of how much likelier one incident makes two points than chance in a town does.

    A radius is taken for two standard deviations; incidents have some extent themselves, and one in ten goes about.
    """
    half_a = radius_a / 2 if radius_a > FLOOR_M else FLOOR_M / 2
    half_b = radius_b / 2 if radius_b > FLOOR_M else FLOOR_M / 2
    variance = half_a * half_a + half_b * half_b + EXTENT_M**2
    roaming = variance + ROAMING_M**2
    square = distance * distance / 2
    there = (1.0 - _ROAMING) / variance * math.exp(-min(square / variance, 60.0))
    about = _ROAMING / roaming * math.exp(-min(square / roaming, 60.0))
    return max(_LEAST, math.log((there + about) * (variance + CHANCE_M**2)))


def when(tip: Footprint, case: Case) -> When:
    """Compare a tip's time of arrival with those of a case's messages."""
    seconds = min([_apart(tip, member) for member in case.members])
    latest_s = max(0.0, tip.received_at - case.members[-1].received_at)
    return When(seconds, latest_s, _quiet(case, seconds) if len(case.members) > 1 else 0.0)


def _apart(tip: Footprint, member: Footprint) -> int:
    """Return the seconds between two messages, or between what they tell of where both say when it was."""
    arrived = abs(tip.received_at - member.received_at)
    if tip.event_at is None or member.event_at is None:
        return arrived
    return min(arrived, abs(tip.event_at - member.event_at))


def _quiet(case: Case, seconds: float) -> float:
    """Return how much longer than its own rhythm a case of several messages was silent, as a log."""
    span = case.members[-1].received_at - case.members[0].received_at
    rhythm = span / (len(case.members) - 1) + 6 * HOUR
    return max(0.0, math.log((seconds + 6 * HOUR) / rhythm))
