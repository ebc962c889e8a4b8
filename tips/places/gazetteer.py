"""Know the deployment's places and the towns around it."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from tips.places.geodesy import bearing_deg, compass, distance_m, on_earth
from tips.places.mentions import find_mentions
from tips.places.names import Mention, NameIndex, Spot
from tips.places.script import Folded, fold, is_unspaced
from tips.places.towns import Town, country_names, towns_near
from tips.places.types import NearestPlace, Place
from tips.places.vocabulary import preload, words
from tips.places.wording import wording

DEFAULT_RADIUS_M = 320.0
_SHORTEST_TOWN = 4
_FAR_TOWNS_M = 150_000.0  # a direction may be named by a town well outside the area
_TOWN_IS_PLACE_M = 4_000.0
_LEAST_M_A_DEGREE = 110_000.0  # of latitude; no degree is shorter
_SMALLEST_TOWN_M, _BIGGEST_TOWN_M = 2_000.0, 12_000.0


class Gazetteer:
    """Find named places in texts and the nearest one to a point; immutable and safe to share between threads.

    `centre` is latitude and longitude of the deployment, `radius_km` its reach. Building takes a fraction of a second.
    """

    def __init__(
        self,
        places: Iterable[Place],
        *,
        centre: tuple[float, float],
        radius_km: float,
        country_codes: Sequence[str],
        languages: Sequence[str],
    ) -> None:
        self.centre = centre
        self.radius_km = radius_km
        self.country_codes = tuple(country_codes)
        self.languages = tuple(languages)
        index = NameIndex(self.languages, country_names(self.country_codes))
        spots: list[Spot] = []
        for place in places:
            if on_earth(place.lat, place.lon):
                spots.append(_spot(place))
                for name in (place.name, *place.aliases):
                    index.add(len(spots) - 1, name)
        _add_posts(index)
        self._add_towns(index, spots)
        spots.append(Spot("", *centre, "centre", "centre", radius_km * 1000, False, False))
        self.spots = tuple(spots)
        self._index = index
        # all but the last one, the centre, which has no name
        self._by_latitude = sorted((spot.lat, number) for number, spot in enumerate(spots[:-1]))
        self._by_kind: dict[str, list[int]] = {}
        for number, spot in enumerate(self.spots):
            if spot.entered:
                self._by_kind.setdefault(spot.group, []).append(number)
        preload()

    def _add_towns(self, index: NameIndex, spots: list[Spot]) -> None:
        called = {fold(spot.name).compact for spot in spots}
        settled = [(spot.lat, spot.lon) for spot in spots if not spot.landmark]
        for town in towns_near(*self.centre, self.radius_km * 1000 + _FAR_TOWNS_M):
            if not called.isdisjoint(fold(name).compact for name in town.names) or _is_near(town, settled):
                continue  # the operator entered this town
            inside = town.distance_m <= self.radius_km * 1000
            kind = "town" if inside else "far_town"
            spots.append(
                Spot(town.name, town.lat, town.lon, kind, "town", _town_radius(town.population), False, False)
            )
            for name in town.names:
                if _usable(name, town):
                    index.add(len(spots) - 1, name, fuzzy=inside and len(name) >= 7)

    def mentions(self, folded: Folded) -> list[Mention]:
        """Return the places that a folded text names."""
        return find_mentions(folded, self._index, self.spots)

    def is_outside(self, lat: float, lon: float) -> bool:
        """Tell whether a point lies beyond the deployment's reach."""
        return distance_m(lat, lon, *self.centre) > self.radius_km * 1000

    def nearest(self, lat: float, lon: float) -> NearestPlace | None:
        """Return the named place next to a point, landmarks of the operator before towns of the offline gazetteer.

        None where nothing is known within the deployment's reach of the point.
        """
        best = (self.radius_km * 1000, len(self.spots))
        at = bisect_left(self._by_latitude, (lat, 0))
        for order in (self._by_latitude[at:], reversed(self._by_latitude[:at])):
            for other, number in order:
                if abs(other - lat) * _LEAST_M_A_DEGREE > best[0]:
                    break  # whatever follows lies farther north or south than the best so far is away
                spot = self.spots[number]
                best = min(best, (distance_m(spot.lat, spot.lon, lat, lon), number))
        away, number = best
        if number == len(self.spots):
            return None
        spot = self.spots[number]
        return NearestPlace(spot.name, spot.kind, away, compass(bearing_deg(spot.lat, spot.lon, lat, lon)))

    def single_of_kind(self, kind: str) -> int | None:
        """Return the one place of a kind, None if there is none or several."""
        found = self._by_kind.get(kind, ())
        return found[0] if len(found) == 1 else None

    def only_called(self, kind_word: str) -> int | None:
        """Return the operator's one place whose name has this very word for its kind: "the checkpost"."""
        number = self._index.only_called(kind_word)
        return number if number is not None and self.spots[number].entered else None

    def nearest_of_kind(self, kind: str, origin: Spot) -> int | None:
        """Return the place of a kind, or of kinds that show the way to it, next to another place."""
        if kind == "centre":
            return len(self.spots) - 1
        near = [
            (distance_m(self.spots[number].lat, self.spots[number].lon, origin.lat, origin.lon), number)
            for name in words().by_name[kind].toward
            for number in self._by_kind.get(name, ())
            if self.spots[number] is not origin
        ]
        return min(near)[1] if near else None


def _spot(place: Place) -> Spot:
    kind = place.kind.strip().casefold()
    group = words().kind_of.get(kind)
    radius = words().by_name[group].radius_m if group else DEFAULT_RADIUS_M
    return Spot(
        place.name, place.lat, place.lon, kind, group or "", radius, group not in ("town", "village"), True
    )


def _town_radius(population: int) -> float:
    """Guess a town's reach from its people: 2 km for a village, 6 for a hundred thousand, 12 at most."""
    return min(_BIGGEST_TOWN_M, max(_SMALLEST_TOWN_M, 19.0 * math.sqrt(max(population, 0))))


def _is_near(town: Town, settled: Iterable[tuple[float, float]]) -> bool:
    """Tell whether a town that the operator entered stands on the spot."""
    return any(
        abs(lat - town.lat) * _LEAST_M_A_DEGREE <= _TOWN_IS_PLACE_M
        and distance_m(lat, lon, town.lat, town.lon) <= _TOWN_IS_PLACE_M
        for lat, lon in settled
    )


def _add_posts(index: NameIndex) -> None:
    """Let "km 22" stand for "Kilómetro 22 Carretera Libre" where no other place bears that kilometre."""
    posts: dict[str, set[int]] = {}
    for name in index.spaced:
        for one, other in zip(name.words, name.words[1:], strict=False):
            if one.kind == "kilometre_post" and other.role == "number":
                posts.setdefault(other.text, set()).add(name.spot)
    for number, held in posts.items():
        if len(held) == 1:
            index.add(held.pop(), f"km {number}")


def _usable(name: str, town: Town) -> bool:
    """Pass over names that are everyday words, very short, or machine transliterations: they turn up in any text."""
    if not name or (len(name) < _SHORTEST_TOWN and name.isascii()):
        return False
    if name != town.name and name[0].isascii() and not name[0].isupper():
        return False
    telling = [
        word for word in wording(fold(name)) if word.role == "name" and word.text not in words().common
    ]
    return bool(telling) or any(map(is_unspaced, name))
