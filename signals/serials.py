"""Recognise serial, batch, banknote, engine, seal and receipt numbers; they need a word beside them.

A code in capitals needs none where the message speaks of goods that carry one, such as a box of medicine, and of no vehicle.
"""

import re
from collections.abc import Iterator

from signals.cues import DECISIVE, Cue, Cues
from signals.observable import Observable
from signals.placeholders import is_blank
from signals.word_lists import word_list

_CHARS = "A-Za-z0-9\u0400-\u04ff\u0985-\u09b9"
_TOKEN = re.compile(
    rf"(?<![{_CHARS}@_+.])(?<![{_CHARS}]-)[{_CHARS}]+(?:[-/][{_CHARS}]+){{0,4}}(?![{_CHARS}@_]|[.,:]\d|\+)"
)
#: The letters of a series, of any script that writes words with blanks, and digits in groups after them.
_SERIES = (
    "[A-Z]{1,4}|[\u0410-\u042f]{1,4}|[\u0391-\u03a9]{1,3}|[\u0531-\u0556]{1,3}|[\u05d0-\u05ea]{1,3}|[\u10a0-\u10ff]{1,3}"
    "|[\u0621-\u064a\u067e\u0686\u06a9\u06af\u06cc]{1,2}|[\u0905-\u0939]{1,3}|[\u0985-\u09b9]{1,3}|[ก-ฮ]{1,2}|[ກ-ຮ]{1,2}|[ក-អ]{1,2}"
)
_SPACED = re.compile(
    rf"(?<![\w@.+\u0900-\u109f\u1780-\u17ff-])(?:\d{{1,2}})?(?:{_SERIES})(?:\d{{1,3}}[A-Z]{{0,2}})? "
    r"(?:\d{5,9}|\d{2,4}(?: \d{3,4}){1,2})(?: ?[A-Z])?(?![\w@]|[-.,:]\d)"
)
_BANKNOTE = re.compile(
    r"^(?:[A-Z]{1,3}\d{6,9}[A-Z]{0,2}|\d[A-Z]{1,2}\d{5,8}|\d{1,2}[A-Z]{1,3}\d{6,7}|[^\W\dA-Za-z_]{1,3}\d{6,8})$"
)
#: What is printed on a box: a code of two or three capitals and at least five digits, as no road, flight or paper size has.
_PRINTED = re.compile(r"^([A-Z]{2,3})(?:-?\d{5,7}|\d{2,3}-\d{3,5})[A-Z]?$")
_NO_BATCH = (frozenset(word_list("not_plate_letters")) - {*word_list("small_words")}) | {
    *word_list("no_batch_letters")
}
_NO_SERIES = frozenset(
    {"NO", "IS", "OF", "AT", "TO", "ON", "IN", "OR", "BY", "DE", "ES", "NI", "AND", "THE", "FOR"}
)
_SERIAL_REACH = 28
_BARE_REACH = 14
_NUMBER_REACH = 16
_PAPER_REACH = 26
_NOTE_REACH = 90
_GOODS_REACH = 120
_GOODS_AFTER = 40


def serials(text: str, cues: Cues) -> Iterator[Observable]:
    """Yield serial numbers of a folded text that stand beside a word for what carries one."""
    if cues.has(Cue.SERIAL | Cue.NOTE | Cue.NUMBER | Cue.PAPER | Cue.GOODS):
        taken: set[int] = set()
        for match in _SPACED.finditer(text):
            value = _value(match)
            if cues.shouted or _starts_with_a_word(match, cues):
                continue
            if _has_shape(value) and _is_meant(match, value, cues):
                taken.update(range(match.start(), match.end()))
                yield Observable("serial", value, match.start(), match.end(), "format")
        for match in _TOKEN.finditer(text):
            value = _value(match)
            if match.start() not in taken and _has_shape(value) and _is_meant(match, value, cues):
                yield Observable("serial", value, match.start(), match.end(), "format")


def _value(match: re.Match[str]) -> str:
    return re.sub(r"[ /-]", "", match.group()).upper()


def _starts_with_a_word(match: re.Match[str], cues: Cues) -> bool:
    first = match.group().split(" ", 1)[0]
    return (
        first in _NO_SERIES or cues.after(match.start(), Cue.NUMBER | Cue.SERIAL | Cue.PHONE, 0) is not None
    )


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
    if other is not None:
        return False
    if _is_printed_on_goods(match, cues):
        return True
    numbered = cues.before(start, Cue.NUMBER, _NUMBER_REACH) is not None
    if mixed and cues.before(start, Cue.PAPER, _PAPER_REACH) is not None:
        return sum(char.isdigit() for char in value) >= 4 and cues.after(end, Cue.UNIT, 1) is None
    if not mixed:
        return False
    if cues.has(Cue.NOTE) and _BANKNOTE.match(value):
        return numbered or _is_on_a_note(start, end, cues)
    return numbered and len(value) >= 7 and not cues.has(Cue.VEHICLE | Cue.PLATE)


def _is_on_a_note(start: int, end: int, cues: Cues) -> bool:
    near = cues.before(start, Cue.NOTE, _NOTE_REACH)
    if near is None:
        return cues.after(end, Cue.NOTE, _NUMBER_REACH) is not None
    vehicle = cues.before(start, Cue.VEHICLE, _NOTE_REACH)
    return vehicle is None or near < vehicle


def _is_printed_on_goods(match: re.Match[str], cues: Cues) -> bool:
    """Say whether a code stands for itself in a message of goods; a currency or measure in front of a number is none."""
    start, end = match.span()
    printed = _PRINTED.match(match.group())
    if printed is None or printed[1] in _NO_BATCH or cues.shouted or cues.has(Cue.VEHICLE | Cue.PLATE):
        return False
    if (
        cues.before(start, Cue.PLACEWORD, _NUMBER_REACH) is not None
        or cues.after(end, Cue.PLACEWORD, 1) is not None
    ):
        return False
    if cues.after(start, ~Cue.GOODS, 0) is not None or cues.after(end, Cue.UNIT, 1) is not None:
        return False
    return (
        cues.before(start, Cue.GOODS, _GOODS_REACH) is not None
        or cues.after(end, Cue.GOODS, _GOODS_AFTER) is not None
    )
