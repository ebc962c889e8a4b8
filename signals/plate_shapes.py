"""Tell plates that a country's own shape gives away, where the general rules would ask for more words."""

import re
from enum import Enum

from signals.cues import Cue, Cues

_VEHICLE_BEFORE, _VEHICLE_AFTER = 45, 24


class Shape(Enum):
    """Say how much a plate's shape tells."""

    COMMON = 0
    BESIDE_A_VEHICLE = 1
    ALONE = 2


#: Morocco: a serial, a letter and the region. A letter that is also a small word needs the longest serial or a dash.
_MOROCCAN = re.compile(
    r"(?:\d{4,5}(?: ?[-|] ?|(?<=\d))[أابدهوطي](?: ?[-|] ?|(?=\d))|\d{4,5} [أطهي] |\d{5} ب )[1-8]?\d(?!\d)"
)
_MOROCCAN_LATIN = re.compile(r"\d{4,5}[ |-]?[ABDEHTW][ |-]?[1-8]?\d(?!\d)")
#: Algeria: a serial, the kind of vehicle with its year, and the wilaya; round figures are amounts.
_ALGERIAN = re.compile(r"(?!\d*000\b)\d{5,6}(?P<gap>[ -])[1-9]\d\d(?P=gap)(?:0[1-9]|[1-4]\d|5[0-8])(?!\d)")
_TUNISIAN = re.compile(r"\d{2,3} ?(?:تونس|TUN?) ?(?!(?:19|20)\d\d)\d{3,4}(?!\d)")
_SHAPES = {
    "MA": ((_MOROCCAN, Shape.ALONE), (_MOROCCAN_LATIN, Shape.BESIDE_A_VEHICLE)),
    "DZ": ((_ALGERIAN, Shape.BESIDE_A_VEHICLE),),
    "TN": ((_TUNISIAN, Shape.ALONE),),
}


def shape_of(written: str, countries: tuple[str, ...]) -> Shape:
    """Say what the shape of a string tells in a deployment of these countries."""
    for country in countries:
        for pattern, shape in _SHAPES.get(country.upper(), ()):
            if pattern.fullmatch(written):
                return shape
    return Shape.COMMON


def is_beside_a_vehicle(start: int, end: int, cues: Cues) -> bool:
    """Say whether a vehicle, or a word for plate, is named close to a string."""
    wanted = Cue.VEHICLE | Cue.PLATE
    before = cues.before(start, wanted, _VEHICLE_BEFORE)
    return before is not None or cues.after(end, wanted, _VEHICLE_AFTER) is not None


def is_numeric_plate(written: str, start: int, end: int, cues: Cues, countries: tuple[str, ...]) -> bool:
    """Say whether digits alone, which a phone number could be too, are the plate of a vehicle."""
    return (
        shape_of(written, countries) is Shape.BESIDE_A_VEHICLE
        and not any(char.isalpha() for char in written)
        and is_beside_a_vehicle(start, end, cues)
    )
