"""Read out of a tip where it happens, offline."""

from tips.places.gazetteer import Gazetteer
from tips.places.ladder import locate
from tips.places.types import Candidate, Conflict, DevicePosition, Location, NearestPlace, Place

__all__ = [
    "Candidate",
    "Conflict",
    "DevicePosition",
    "Gazetteer",
    "Location",
    "NearestPlace",
    "Place",
    "locate",
]
