"""Recognise vehicle plates: those of the deployment's countries, and any other beside a word for plate."""

import re
from collections.abc import Iterator
from itertools import pairwise

from signals.cues import DECISIVE, Cue, Cues
from signals.observable import Observable
from signals.placeholders import is_blank
from signals.plate_candidates import (
    ADJACENT,
    MODELS,
    NOT_LETTERS,
    YEAR,
    Candidate,
    is_measured,
    is_something_else,
    normal_form,
)
from signals.plate_patterns import plate_formats
from signals.plate_shapes import Shape, is_beside_a_vehicle, shape_of
from signals.word_lists import word_list

_GROUP = "[A-Za-z0-9\u0400-\u04ff]"
_GENERIC = re.compile(
    rf"(?<![A-Za-z0-9@#_+/.=])(?<![A-Za-z0-9]-){_GROUP}{{1,9}}"
    rf"(?:(?: ?[-|] ?|[./]){_GROUP}{{1,7}}| {_GROUP}{{1,5}}){{0,3}}"
    r"(?![A-Za-z0-9_@+]|[.,:]\d)"
)
_GROUPS = re.compile(f"{_GROUP}+")
_CUE_REACH = 34
_CUE_AFTER = 10
_OTHER_REACH = 20
_NEAR = 45
_NEAR_AFTER = 24
_COLOUR_REACH = 16
_NUMBERED_REACH = 5
#: A text with more strings in the shape of a plate is no tip.
_MOST_TRIED = 400
_WORDS_BEHIND = frozenset(word_list("words_behind_plates"))


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


def _listed(text: str, cues: Cues, countries: tuple[str, ...]) -> Iterator[Candidate]:
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
        candidate = Candidate(text[slice(*span)], normal_form(text[slice(*span)]), *span, True)
        shape = shape_of(candidate.written, countries)
        if not _takes_a_word(candidate) and _is_plate(candidate, cues, shape):
            yield candidate
            at = candidate.end
        else:
            at = candidate.start + 1


def _continues(longer: Candidate, known: Candidate, cues: Cues) -> bool:
    """Say whether a plate of no listed format goes on where a shorter listed one ends."""
    if longer.end <= known.end or cues.shouted or not longer.is_upper:
        return False
    if cues.before(known.start, Cue.PLATE, _CUE_REACH) is None:
        return False
    return len(longer.value) <= min(9, len(known.value) + 2)


def _generic(text: str) -> Iterator[Candidate]:
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


def _shorten(match: re.Match[str]) -> Candidate:
    """Drop the words that only follow a plate from a run of groups."""
    text = match.group()
    spans = [found.span() for found in _GROUPS.finditer(text)]
    end = spans[0][1]
    for (_, before), (start, after) in pairwise(spans):
        if text[before:start] == " " and not _goes_on(text[start:after]):
            break
        end = after
    return Candidate(text[:end], normal_form(text[:end]), match.start(), match.start() + end, False)


def _may_belong(group: str, followed: bool) -> bool:
    if any(char.isdigit() for char in group):
        return True
    return followed and len(group) <= 3 and group.upper() not in NOT_LETTERS


def _goes_on(group: str) -> bool:
    """Say whether a group after a blank still belongs to the plate."""
    if any(char.isdigit() for char in group):
        return True
    return group.isupper() and len(group) <= 3 and group not in NOT_LETTERS


def _is_plate(candidate: Candidate, cues: Cues, shape: Shape = Shape.COMMON) -> bool:
    digits, total = candidate.digits, len(candidate.value)
    if not 4 <= total <= 20 or digits < 2 or is_blank(candidate.value):
        return False
    own = cues.before(candidate.start, Cue.PLATE, _CUE_REACH)
    others = DECISIVE & ~Cue.PLATE & ~(Cue.PHONE if candidate.known and digits < total else 0)
    other = cues.before(candidate.start, others, _CUE_REACH)
    if own is not None and (other is None or own <= other):
        return _fits_beside_a_word(candidate, own, cues)
    if other is not None and other <= _OTHER_REACH:
        return False
    if _shape_tells(candidate, cues, shape):
        return True
    if is_something_else(candidate, cues):
        return False
    if own is None and digits < total and cues.after(candidate.end, Cue.PLATE, _CUE_AFTER) is not None:
        return True
    return _speaks_for_itself(candidate, cues)


def _shape_tells(candidate: Candidate, cues: Cues, shape: Shape) -> bool:
    if shape is Shape.COMMON or not candidate.is_upper or cues.shouted or is_measured(candidate, cues):
        return False
    return shape is Shape.ALONE or is_beside_a_vehicle(candidate.start, candidate.end, cues)


def _fits_beside_a_word(candidate: Candidate, distance: int, cues: Cues) -> bool:
    has_letters = candidate.digits < len(candidate.value)
    if _is_loose(candidate) and (distance > ADJACENT or is_measured(candidate, cues)):
        return False
    if candidate.known:
        return has_letters or distance <= 12
    if not has_letters:
        plain = distance <= ADJACENT and len(candidate.value) <= 8
        return plain and not is_measured(candidate, cues) and not YEAR.match(candidate.value)
    if len(candidate.value) < 5 and not candidate.is_spaced and MODELS.match(candidate.value):
        return False
    return len(candidate.value) <= 10


def _is_loose(candidate: Candidate) -> bool:
    """Say whether the string is a lower-case word and a number, as ordinary sentences have."""
    return (
        candidate.is_spaced
        and candidate.value.isascii()
        and not candidate.is_upper
        and len(candidate.groups) == 2
    )


def _takes_a_word(candidate: Candidate) -> bool:
    """Say whether the last letters are the next word of the sentence, as in "4417 کی"."""
    return candidate.is_spaced and candidate.groups[-1] in _WORDS_BEHIND


def _speaks_for_itself(candidate: Candidate, cues: Cues) -> bool:
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
