"""Tell a plate from what is written like one: measures, roads, models, years and words."""

import re
from dataclasses import dataclass

from signals.cues import Cue, Cues
from signals.observable import Observable
from signals.word_lists import word_list

YEAR = re.compile(r"^(?:19[5-9]|20[0-4])\d$")
MODELS = re.compile(
    r"^(?:F\d{3}|RAV4|CX\d|AK4\d|AR1\d|M16|M4A1|G3|IPHONE\d+\w*|[A-Z]\d|A\d{2}|S\d{2}|RTX\d+|GTX\d+|MT\d{2}|CBR\d+|YBR\d+|GN125|CG\d{3}"
    r"|BR\d{3}|RN\d{1,3}|C4|MP\d|PM\d+|H\d{3}N?\d?|COVID19|B12|TNT\d*|\d{1,3}(?:K|KG|KM|M|MM|CM|L|LT|G|X|V|W|TH|ST|ND|RD|AM|PM|MIN|HRS|HR|H|PCS|KVA|CC|HP|GB|MB|MAH))$"
)
#: Makers number their models in round figures: F1000, H100, MB 1620.
_ROUND_MODEL = re.compile(r"^[A-Z]{1,2}\d{0,2}[05]0[A-Z]{0,2}$")
_MODEL_NAMES = frozenset(word_list("model_names"))
_ROADS = frozenset(word_list("road_letters"))
_SMALL_WORDS = frozenset(word_list("small_words"))
_THAI_WORDS = frozenset(word_list("short_thai_words"))
_ANNOUNCED_REACH = 12
_JOINT = re.compile(r"[ ./|-]+")
ADJACENT = 6
#: Letters before or after a number that say it is a measure, a currency, a road or a model.
NOT_LETTERS = frozenset(word_list("not_plate_letters"))


@dataclass(frozen=True, slots=True)
class Candidate:
    """Describe one string that could be a plate, with what its shape and its surroundings say."""

    written: str
    value: str
    start: int
    end: int
    known: bool

    def observable(self, assurance: str) -> Observable:
        """Return the plate as it is handed on."""
        return Observable("plate", self.value, self.start, self.end, assurance)

    @property
    def digits(self) -> int:
        """Count the digits."""
        return sum(char.isdigit() for char in self.value)

    @property
    def groups(self) -> list[str]:
        """Return the letters and digits between blanks and punctuation."""
        return [group for group in _JOINT.split(self.written) if group]

    @property
    def is_spaced(self) -> bool:
        """Say whether blanks part its groups."""
        return " " in self.written

    @property
    def is_upper(self) -> bool:
        """Say whether it is written in capitals."""
        return self.written == self.written.upper()


def normal_form(written: str) -> str:
    """Write a plate without blanks and punctuation, in upper case."""
    return "".join(char for char in written.upper() if char.isalnum() or "\u0900" <= char <= "\u0dff")


def is_something_else(candidate: Candidate, cues: Cues) -> bool:
    """Say whether the string reads as a measure, a road, a model, a year or the number of a place."""
    value, groups = candidate.value, candidate.groups
    if MODELS.match(value) or (not candidate.known and _ROUND_MODEL.match(value)):
        return True
    if candidate.known and _letters_of(candidate) in _MODEL_NAMES and candidate.digits <= 4:
        return True
    letters = [group.upper() for group in groups if group.isalpha()]
    if len(groups) == 2 and candidate.is_spaced and any(YEAR.match(group) for group in groups):
        return True
    hyphened = candidate.is_upper and "-" in candidate.written
    mixed = any(not group.isalpha() and not group.isdigit() for group in groups)
    if len(letters) == 1 and letters[0] in NOT_LETTERS and not hyphened and not (mixed and candidate.known):
        return not (_stands_between_numbers(candidate, cues) or _is_announced(candidate, letters[0], cues))
    if len(groups) == 2 and letters and letters[0] in _ROADS:
        return True
    if candidate.is_spaced and not value.isascii() and letters and letters[0] in _THAI_WORDS:
        return True
    exempt = (
        hyphened
        or len(groups) == 4
        or not candidate.is_spaced
        or (not value.isascii() and value[-4:].isdigit())
    )
    if not exempt and is_measured(candidate, cues):
        return True
    return cues.before(candidate.start, Cue.PLACEWORD, 2) is not None and len(value) < 6


def _stands_between_numbers(candidate: Candidate, cues: Cues) -> bool:
    """Say whether a letter that is also a small word stands as on "06 A 1234", right behind a vehicle."""
    groups = candidate.groups
    shaped = len(groups) == 3 and len(groups[0]) == 2 and len(groups[2]) >= 4
    vehicle = cues.before(candidate.start, Cue.VEHICLE, ADJACENT)
    return candidate.known and candidate.is_upper and shaped and vehicle is not None


def _is_announced(candidate: Candidate, letters: str, cues: Cues) -> bool:
    """Say whether capitals that are also a small word stand right behind a vehicle, as in "coach LES 4417"."""
    if letters not in _SMALL_WORDS or not candidate.known or not candidate.is_upper or cues.shouted:
        return False
    return candidate.digits >= 3 and cues.before(candidate.start, Cue.VEHICLE, _ANNOUNCED_REACH) is not None


def _letters_of(candidate: Candidate) -> str:
    return "".join(char for char in candidate.value if char.isalpha())


def is_measured(candidate: Candidate, cues: Cues) -> bool:
    """Say whether a unit stands right behind its last digit."""
    return candidate.value[-1].isdigit() and cues.after(candidate.end, Cue.UNIT, 1) is not None
