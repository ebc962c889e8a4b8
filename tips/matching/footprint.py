"""What the matcher remembers of one tip."""

from __future__ import annotations

import json
from array import array
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from signals.observable import Observable
from tips.matching import words
from tips.places.types import Location
from tips.reading.lexicon import find
from tips.reading.reader import Reading
from tips.reading.text import prepare

FORMAT = 2
OLD_FORMAT = 1  # without the other places
MAX_OBSERVABLES = 8
MAX_CONCEPTS = 48
MAX_ALSO = 4
MIN_PROBABILITY = 0.03  # of a category: what is less likely is not stored
MIN_EXACT = 20  # letters: shorter texts are equal by chance
_UNTOLD = ("noise.", "time.", "unit.", "mark.tip_words", "mark.afraid")
_LONG_NAME = 60  # letters: more than this is not only a name
_ALIKE = str.maketrans("OI", "01")
_decode = json.JSONDecoder().raw_decode  # what json.loads does, without looking for blanks around it
_TYPED_BY_HAND = frozenset({"plate", "container", "serial", "vin"})


@dataclass(frozen=True, slots=True)
class Footprint:
    """One tip as the matcher sees it; times in seconds since 1970, distances in metres."""

    tip_id: int
    case_id: int | None
    received_at: int
    event_at: int | None
    sender: str | None
    lat: float | None
    lon: float | None
    radius_m: float
    located_by: str | None
    place: str | None
    language: str
    categories: Mapping[str, float]
    concepts: frozenset[str]
    observables: frozenset[tuple[str, str]]
    numbers: frozenset[int]
    grams: frozenset[int]
    exact: int  # hash of the whole text, 0 for a short one
    also: frozenset[str] = (
        frozenset()
    )  # other places that the text names: where things come from, go to, or went on

    @property
    def located(self) -> bool:
        """Say whether the tip has a point on the map."""
        return self.lat is not None and self.lon is not None

    def to_json(self) -> str:
        """Return a compact text for the database; the case is not in it, for it changes."""
        packed = b2a_base64(array("H", sorted(self.grams)).tobytes(), newline=False).decode()
        lat = None if self.lat is None else round(self.lat, 5)
        lon = None if self.lon is None else round(self.lon, 5)
        fields = [
            FORMAT, self.tip_id, self.received_at, self.event_at, self.sender, lat, lon, round(self.radius_m),
            self.located_by, self.place, self.language, dict(self.categories), sorted(self.concepts),
            sorted(self.observables), sorted(self.numbers), packed, self.exact, sorted(self.also),
        ]  # fmt: skip
        return json.dumps(fields, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, *, case_id: int | None = None, tip_id: int | None = None) -> Footprint:
        """Read what to_json wrote, under another id where one is given; raise ValueError on another format."""
        fields, _ = _decode(text)
        if not isinstance(fields, list) or not fields or fields[0] not in (OLD_FORMAT, FORMAT):
            raise ValueError("not a footprint of this format")
        (
            written, written_id, received_at, event_at, sender, lat, lon, radius_m, located_by, place, language,
            categories, concepts, observables, numbers, packed, exact, *later,
        ) = fields  # fmt: skip
        also = later[0] if written == FORMAT else ()
        return cls(
            written_id if tip_id is None else tip_id, case_id, received_at, event_at, sender, lat, lon, radius_m,
            located_by, place, language, categories, frozenset(concepts), frozenset(map(tuple, observables)),
            frozenset(numbers), frozenset(array("H", a2b_base64(packed))), exact, frozenset(also),
        )  # fmt: skip


def build_footprint(
    *,
    tip_id: int,
    received_at: datetime,
    sender: str | None,
    text: str,
    location: Location | None,
    reading: Reading,
    observables: Iterable[Observable],
    case_id: int | None = None,
) -> Footprint:
    """Gather what intake found out about a tip; `sender` is an opaque name, never a number in clear."""
    seen = list(observables)
    spans = [(item.start, item.end) for item in seen]
    if location is not None and _is_short(location.start, location.end):
        spans.append((location.start or 0, location.end or 0))
    rest = words.plain(words.blanked(text[: words.MAX_CHARS], spans))
    whole = words.exact_form(words.plain(text))
    likely = {name: round(share, 3) for name, share in reading.categories.items() if share >= MIN_PROBABILITY}
    return Footprint(
        tip_id=tip_id,
        case_id=case_id,
        received_at=round(received_at.timestamp()),
        event_at=round(reading.event_at.timestamp()) if reading.event_at else None,
        sender=sender,
        lat=location.lat if location else None,
        lon=location.lon if location else None,
        radius_m=max(0.0, location.radius_m) if location else 0.0,
        located_by=location.source if location else None,
        place=location.place[:80] if location and location.place else None,
        language=reading.language,
        categories=likely,
        concepts=frozenset(sorted(_told(reading, location))[:MAX_CONCEPTS]),
        observables=frozenset((item.kind, folded(item.kind, item.value)) for item in seen[:MAX_OBSERVABLES]),
        numbers=words.numbers(rest),
        grams=words.grams(rest),
        exact=crc32(whole.encode()) if len(whole) >= MIN_EXACT else 0,
        also=_also(location),
    )


def _also(location: Location | None) -> frozenset[str]:
    """Return the places that a text names beside the one where it happens."""
    if location is None:
        return frozenset()
    others = [candidate.name[:80] for candidate in location.candidates if candidate.name != location.place]
    return frozenset(others[:MAX_ALSO])


def _told(reading: Reading, location: Location | None) -> set[str]:
    """Return what the message speaks of, without what only the name of a place says."""
    said = {name for name in reading.concepts if not name.startswith(_UNTOLD)}
    if location is None or location.source != "place" or not location.words:
        return said
    if len(location.words) > _LONG_NAME:
        return said
    named = find(prepare(location.words), (reading.language, "en"))
    return said - {hit.concept for hit in named}


def _is_short(start: int | None, end: int | None) -> bool:
    return start is not None and end is not None and end - start <= _LONG_NAME


def folded(kind: str, value: str) -> str:
    """Return an observable's value as it is compared: O and 0, I and 1 are one where people copy by eye."""
    if kind in _TYPED_BY_HAND:
        return value.upper().translate(_ALIKE)[:80]
    return value[:120]
