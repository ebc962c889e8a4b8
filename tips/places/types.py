"""Plain records that the place package takes and returns."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """Name one spot of the deployment as its operator entered it; latitude and longitude in WGS 84 degrees."""

    name: str
    aliases: tuple[str, ...]
    lat: float
    lon: float
    kind: str


@dataclass(frozen=True, slots=True)
class DevicePosition:
    """Hold what the reporter's device said; `accuracy_m` is its own claim, in metres."""

    lat: float
    lon: float
    accuracy_m: float | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Keep both sides where device and text disagree; `distance_m` lies between them."""

    device_lat: float
    device_lon: float
    device_accuracy_m: float | None
    text_lat: float
    text_lon: float
    text_source: str
    text_words: str | None
    distance_m: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """Offer an officer another reading of the text; `score` runs from 0 to 1."""

    name: str
    lat: float
    lon: float
    words: str
    role: str
    score: float


@dataclass(frozen=True, slots=True)
class Location:
    """Say where a tip happens: a point, a circle in metres that should hold the truth, and the words it came from.

    `start` and `end` are offsets in the original text.
    """

    lat: float
    lon: float
    radius_m: float
    source: str
    words: str | None
    start: int | None
    end: int | None
    place: str | None
    outside: bool
    conflict: Conflict | None
    candidates: tuple[Candidate, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class NearestPlace:
    """Describe a point by the named place next to it; `bearing` is the direction from the place, as N, NE and so on."""

    name: str
    kind: str
    distance_m: float
    bearing: str


@dataclass(frozen=True, slots=True)
class Point:
    """Hold a position read from a text, before it is weighed against anything else."""

    lat: float
    lon: float
    radius_m: float
    source: str
    start: int
    end: int
