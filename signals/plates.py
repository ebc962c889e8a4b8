"""Recognise vehicle plates: those of the deployment's countries, and any other beside a word for plate."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from signals.cues import DECISIVE, Cue, Cues
from signals.observable import Observable
from signals.placeholders import is_blank
from signals.plate_patterns import plate_formats
from signals.word_lists import word_list

_GROUP = "[A-Za-z0-9\u0400-\u04ff]"
_GENERIC = re.compile(
    rf"(?<![A-Za-z0-9@#_+/.=])(?<![A-Za-z0-9]-){_GROUP}{{1,9}}"
    rf"(?:(?: ?[-|] ?|[./]){_GROUP}{{1,7}}| {_GROUP}{{1,5}}){{0,3}}"
    r"(?![A-Za-z0-9_@+]|[.,:]\d)"
)
_GROUPS = re.compile(f"{_GROUP}+")
_JOINT = re.compile(r"[ ./|-]+")
_CUE_REACH = 34
_CUE_AFTER = 10
_ADJACENT = 6
_OTHER_REACH = 20
_NEAR = 45
_NEAR_AFTER = 24
_COLOUR_REACH = 16
_NUMBERED_REACH = 5
#: A text with more strings in the shape of a plate is no tip.
_MOST_TRIED = 400
_YEAR = re.compile(r"^(?:19[5-9]|20[0-4])\d$")
#: Letters before or after a number that say it is a measure, a currency, a road or a model.
_NOT_LETTERS = frozenset(word_list("not_plate_letters"))
_MODELS = re.compile(
    r"^(?:F\d{3}|RAV4|CX\d|AK4\d|AR1\d|M16|M4A1|G3|IPHONE\d+\w*|[A-Z]\d|A\d{2}|S\d{2}|RTX\d+|GTX\d+|MT\d{2}|CBR\d+|YBR\d+|GN125|CG\d{3}"
    r"|BR\d{3}|RN\d{1,3}|C4|MP\d|PM\d+|H\d{3}N?\d?|COVID19|B12|TNT\d*|\d{1,3}(?:K|KG|KM|M|MM|CM|L|LT|G|X|V|W|TH|ST|ND|RD|AM|PM|MIN|HRS|HR|H|PCS|KVA|CC|HP|GB|MB|MAH))$"
)
#: Makers number their models in round figures: F1000, H100, MB 1620.
_ROUND_MODEL = re.compile(r"^[A-Z]{1,2}\d{0,2}[05]0[A-Z]{0,2}$")
_MODEL_NAMES = frozenset(word_list("model_names"))
_ROADS = frozenset(word_list("road_letters"))
_THAI_WORDS = frozenset(word_list("short_thai_words"))


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Describe one string that could be a plate, with what its shape and its surroundings say."""

    written: str
    value: str
    start: int
    end: int
    known: bool

    def observable(self, assurance: str) -> Observable:
        return Observable("plate", self.value, self.start, self.end, assurance)

    @property
    def digits(self) -> int:
        return sum(char.isdigit() for char in self.value)

    @property
    def groups(self) -> list[str]:
        return [group for group in _JOINT.split(self.written) if group]

    @property
    def is_spaced(self) -> bool:
        return " " in self.written

    @property
    def is_upper(self) -> bool:
        return self.written == self.written.upper()


def plates(text: str, cues: Cues, countries: tuple[str, ...]) -> Iterator[Observable]:
    """Yield the plates of a folded text; `countries` are the deployment's ISO alpha-2 codes."""
    generic = list(_generic(text)) if cues.has(Cue.PLATE | Cue.VEHICLE) else []
    longer = {candidate.start: candidate for candidate in generic}
    taken: list[tuple[int, int]] = []
    for known in _listed(text, cues, countries):
        other = longer.get(known.start)
        kept = other if other is not None and _continues(other, known, cues) else known
        taken.append((kept.start, kept.end))
        yield kept.observable("registry" if kept.known else "format")
    for candidate in generic:
        free = not any(start < candidate.end and candidate.start < end for start, end in taken)
        if free and _is_plate(candidate, cues):
            yield candidate.observable("format")


def _listed(text: str, cues: Cues, countries: tuple[str, ...]) -> Iterator[_Candidate]:
    """Yield plates in the formats of these countries; what is none may still hold one further on."""
    formats = plate_formats(countries)
    if formats is None:
        return
    breaks, words = cues.ends(Cue.PLATE | Cue.VEHICLE), cues.foreign_words()
    at = 0
    for _ in range(_MOST_TRIED):
        span = formats.find(text, at, breaks=breaks, words=words)
        if span is None:
            return
        candidate = _Candidate(text[slice(*span)], normal_form(text[slice(*span)]), *span, True)
        if _is_plate(candidate, cues):
            yield candidate
            at = candidate.end
        else:
            at = candidate.start + 1


def _continues(longer: _Candidate, known: _Candidate, cues: Cues) -> bool:
    """Say whether a plate of no listed format goes on where a shorter listed one ends."""
    if longer.end <= known.end or cues.shouted or not longer.is_upper:
        return False
    if cues.before(known.start, Cue.PLATE, _CUE_REACH) is None:
        return False
    return len(longer.value) <= min(9, len(known.value) + 2)


def _generic(text: str) -> Iterator[_Candidate]:
    """Yield runs of groups that could be a plate of a country nobody listed."""
    at = 0
    while match := _GENERIC.search(text, at):
        first = _GROUPS.match(text, match.start(), match.end())
        if first and not _may_belong(first.group(), first.end() < match.end()):
            at = first.end()
            continue
        candidate = _shorten(match)
        yield candidate
        at = candidate.end


def normal_form(written: str) -> str:
    """Write a plate without blanks and punctuation, in upper case."""
    return "".join(char for char in written.upper() if char.isalnum() or "\u0900" <= char <= "\u0dff")


def _shorten(match: re.Match[str]) -> _Candidate:
    """Drop the words that only follow a plate from a run of groups."""
    text = match.group()
    spans = [found.span() for found in _GROUPS.finditer(text)]
    end = spans[0][1]
    for (_, before), (start, after) in pairwise(spans):
        if text[before:start] == " " and not _goes_on(text[start:after]):
            break
        end = after
    return _Candidate(text[:end], normal_form(text[:end]), match.start(), match.start() + end, False)


def _may_belong(group: str, followed: bool) -> bool:
    if any(char.isdigit() for char in group):
        return True
    return followed and len(group) <= 3 and group.upper() not in _NOT_LETTERS


def _goes_on(group: str) -> bool:
    """Say whether a group after a blank still belongs to the plate."""
    if any(char.isdigit() for char in group):
        return True
    return group.isupper() and len(group) <= 3 and group not in _NOT_LETTERS


def _is_plate(candidate: _Candidate, cues: Cues) -> bool:
    digits, total = candidate.digits, len(candidate.value)
    if not 4 <= total <= 20 or digits < 2 or is_blank(candidate.value):
        return False
    own = cues.before(candidate.start, Cue.PLATE, _CUE_REACH)
    others = DECISIVE & ~Cue.PLATE & ~(Cue.PHONE if candidate.known and digits < total else 0)
    other = cues.before(candidate.start, others, _CUE_REACH)
    if own is not None and (other is None or own <= other):
        return _fits_beside_a_word(candidate, own, cues)
    if (other is not None and other <= _OTHER_REACH) or _is_something_else(candidate, cues):
        return False
    if own is None and digits < total and cues.after(candidate.end, Cue.PLATE, _CUE_AFTER) is not None:
        return True
    return _speaks_for_itself(candidate, cues)


def _fits_beside_a_word(candidate: _Candidate, distance: int, cues: Cues) -> bool:
    has_letters = candidate.digits < len(candidate.value)
    if _is_loose(candidate) and (distance > _ADJACENT or _is_measured(candidate, cues)):
        return False
    if candidate.known:
        return has_letters or distance <= 12
    if not has_letters:
        plain = distance <= _ADJACENT and len(candidate.value) <= 8
        return plain and not _is_measured(candidate, cues) and not _YEAR.match(candidate.value)
    if len(candidate.value) < 5 and not candidate.is_spaced and _MODELS.match(candidate.value):
        return False
    return len(candidate.value) <= 10


def _is_loose(candidate: _Candidate) -> bool:
    """Say whether the string is a lower-case word and a number, as ordinary sentences have."""
    return (
        candidate.is_spaced
        and candidate.value.isascii()
        and not candidate.is_upper
        and len(candidate.groups) == 2
    )


def _letters_of(candidate: _Candidate) -> str:
    return "".join(char for char in candidate.value if char.isalpha())


def _is_measured(candidate: _Candidate, cues: Cues) -> bool:
    return candidate.value[-1].isdigit() and cues.after(candidate.end, Cue.UNIT, 1) is not None


def _is_something_else(candidate: _Candidate, cues: Cues) -> bool:
    """Say whether the string reads as a measure, a road, a model, a year or the number of a place."""
    value, groups = candidate.value, candidate.groups
    if _MODELS.match(value) or (not candidate.known and _ROUND_MODEL.match(value)):
        return True
    if candidate.known and _letters_of(candidate) in _MODEL_NAMES and candidate.digits <= 4:
        return True
    letters = [group.upper() for group in groups if group.isalpha()]
    if len(groups) == 2 and candidate.is_spaced and any(_YEAR.match(group) for group in groups):
        return True
    hyphened = candidate.is_upper and "-" in candidate.written
    mixed = any(not group.isalpha() and not group.isdigit() for group in groups)
    if len(letters) == 1 and letters[0] in _NOT_LETTERS and not hyphened and not (mixed and candidate.known):
        return not _stands_between_numbers(candidate, cues)
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
    if not exempt and _is_measured(candidate, cues):
        return True
    return cues.before(candidate.start, Cue.PLACEWORD, 2) is not None and len(value) < 6


def _stands_between_numbers(candidate: _Candidate, cues: Cues) -> bool:
    """Say whether a letter that is also a small word stands as on "06 A 1234", right behind a vehicle."""
    groups = candidate.groups
    shaped = len(groups) == 3 and len(groups[0]) == 2 and len(groups[2]) >= 4
    vehicle = cues.before(candidate.start, Cue.VEHICLE, _ADJACENT)
    return candidate.known and candidate.is_upper and shaped and vehicle is not None


def _speaks_for_itself(candidate: _Candidate, cues: Cues) -> bool:
    """Say whether a string without a word for plate beside it is one all the same."""
    near = (
        cues.before(candidate.start, Cue.VEHICLE, _NEAR) is not None
        or cues.after(candidate.end, Cue.VEHICLE, _NEAR_AFTER) is not None
    )
    near = near or cues.before(candidate.start, Cue.COLOUR, _COLOUR_REACH) is not None
    if candidate.known and not cues.has(Cue.NOTE | Cue.SERIAL | Cue.PAPER):
        near = near or cues.before(candidate.start, Cue.NUMBER, _NUMBERED_REACH) is not None
    somewhere = near or cues.has(Cue.VEHICLE)
    digits, total = candidate.digits, len(candidate.value)
    if not candidate.known:
        return near and candidate.is_upper and digits < total and digits >= 3 and 5 <= total <= 9
    if digits == total:
        return somewhere and "-" in candidate.written and digits >= 6
    if len(candidate.groups) == 4 and total >= 9 and digits == 6 and "-" in candidate.written:
        return True
    if not candidate.value.isascii():
        return digits >= 3 and (somewhere or (not candidate.is_spaced and total >= 7))
    if digits < 3 and total < 6:
        return False
    structured = len(candidate.groups) > 2 or total - digits >= 3
    long_enough = total >= 7 or (total == 6 and digits == 3 and not candidate.value.endswith(("0", "125")))
    if candidate.is_spaced and candidate.is_upper and long_enough and structured and not cues.shouted:
        return True
    if candidate.is_spaced:
        mixed = any(not group.isalpha() and not group.isdigit() for group in candidate.groups)
        return (candidate.is_upper and (near or (somewhere and total >= 6))) or (
            near and mixed and total >= 7
        )
    return somewhere if total < 6 else somewhere or candidate.is_upper
