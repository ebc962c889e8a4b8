"""Recognise serial, batch and banknote numbers; they need a word beside them."""

import re
from collections.abc import Iterator

from signals.cues import DECISIVE, Cue, Cues
from signals.observable import Observable
from signals.placeholders import is_blank

_CHARS = "A-Za-z0-9\u0400-\u04ff\u0985-\u09b9"
_TOKEN = re.compile(
    rf"(?<![{_CHARS}@_+.])(?<![{_CHARS}]-)[{_CHARS}]+(?:[-/][{_CHARS}]+){{0,4}}(?![{_CHARS}@_]|[.,:]\d|\+)"
)
_SPACED = re.compile(r"(?<![A-Za-z0-9@_+.-])[A-Z]{1,3} \d{5,10}(?: ?[A-Z])?(?![A-Za-z0-9@_]|[-.,:]\d)")
_BANKNOTE = re.compile(r"^(?:[A-Z]{1,3}\d{6,9}[A-Z]{0,2}|\d[A-Z]{1,2}\d{5,8}|\d{1,2}[A-Z]{1,3}\d{6,7})$")
_SERIAL_REACH = 28
_BARE_REACH = 14
_NUMBER_REACH = 16
_NOTE_REACH = 90


def serials(text: str, cues: Cues) -> Iterator[Observable]:
    """Yield serial numbers of a folded text that stand beside a word for serial, batch, lot or banknote."""
    if not cues.has(Cue.SERIAL | Cue.NOTE | Cue.NUMBER):
        return
    for pattern in (_SPACED, _TOKEN):
        for match in pattern.finditer(text):
            value = re.sub(r"[ /-]", "", match.group()).upper()
            if _has_shape(value) and _is_meant(match, value, cues):
                yield Observable("serial", value, match.start(), match.end(), "format")


def _has_shape(value: str) -> bool:
    digits = sum(char.isdigit() for char in value)
    return 4 <= len(value) <= 24 and digits >= 2 and not is_blank(value)


def _is_meant(match: re.Match[str], value: str, cues: Cues) -> bool:
    start, end = match.span()
    mixed = not value.isdigit()
    near = cues.before(start, Cue.SERIAL, _SERIAL_REACH if mixed else _BARE_REACH)
    other = cues.before(start, DECISIVE & ~Cue.SERIAL, _SERIAL_REACH)
    if near is not None and (other is None or near <= other):
        return (mixed or len(value) >= 5) and cues.after(end, Cue.UNIT, 1) is None
    if other is not None or not mixed:
        return False
    if cues.has(Cue.NOTE) and _BANKNOTE.match(value):
        return _is_on_a_note(start, end, cues)
    numbered = cues.before(start, Cue.NUMBER, _NUMBER_REACH) is not None
    return numbered and len(value) >= 7 and not cues.has(Cue.VEHICLE | Cue.PLATE)


def _is_on_a_note(start: int, end: int, cues: Cues) -> bool:
    near = cues.before(start, Cue.NOTE, _NOTE_REACH)
    if near is None:
        return cues.after(end, Cue.NOTE, _NUMBER_REACH) is not None
    vehicle = cues.before(start, Cue.VEHICLE, _NOTE_REACH)
    return vehicle is None or near < vehicle
