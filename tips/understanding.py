"""Read one tip: what is recognised in it, where it happened, what it is about. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from signals.observable import Observable
from signals.recognise import recognise
from tips.inbound import InboundTip
from tips.places.gazetteer import Gazetteer
from tips.places.ladder import locate
from tips.places.types import DevicePosition, Location
from tips.reading.reader import Reading, read, speaks_of_goods


@dataclass(frozen=True, slots=True)
class Town:
    """What the readers need to know of the deployment."""

    country_codes: tuple[str, ...]
    languages: tuple[str, ...]
    timezone: str
    gazetteer: Gazetteer


@dataclass(frozen=True, slots=True)
class Understanding:
    """Everything that was read out of one tip, before anything was compared with it."""

    observables: tuple[Observable, ...]
    location: Location | None
    reading: Reading


LEAST_LEFT = 15  # letters; a text that is hardly more than the name of its place is read with the name
# a place that the words name, as against a point that somebody gave
NAMED = frozenset({"place", "place_offset"})


def understand(
    inbound: InboundTip,
    *,
    town: Town,
    received_at: datetime,
    known_sender: bool,
    previous: Location | None,
    is_tip: bool = False,
) -> Understanding:
    """Recognise, locate and read a tip; noise that only names a place happens nowhere, unless an officer says it is a tip."""
    device = inbound.device
    observables = recognise(inbound.text, countries=town.country_codes)
    location = place_in(
        inbound.text,
        observables,
        town=town,
        device=DevicePosition(device.lat, device.lon, device.accuracy_m) if device else None,
        previous=previous,
    )
    reading = read(
        _without_name(inbound.text, location, town),
        languages=town.languages,
        located=location is not None,
        has_observables=bool(observables),
        known_sender=known_sender,
        received_at=received_at,
        timezone=town.timezone,
    )
    if reading.is_noise and not is_tip and location is not None and location.source in NAMED:
        location = None
    return Understanding(observables, location, reading)


def place_in(
    text: str,
    observables: Iterable[Observable],
    *,
    town: Town,
    device: DevicePosition | None = None,
    previous: Location | None = None,
) -> Location | None:
    """Return where a text happens; a place's name within a number plate names no place."""
    return locate(
        text,
        gazetteer=town.gazetteer,
        device=device,
        previous=previous,
        ignored=[(item.start, item.end) for item in observables if item.kind == "plate"],
    )


def _without_name(text: str, location: Location | None, town: Town) -> str:
    """Leave out the name of the place where that speaks of goods: not all that happens at the Gem Market is about gems."""
    if location is None or location.source != "place" or not location.words:
        return text
    if location.start is None or location.end is None or not speaks_of_goods(location.words, town.languages):
        return text
    rest = f"{text[: location.start]} {text[location.end :]}"
    return rest if len(rest) > LEAST_LEFT else text
