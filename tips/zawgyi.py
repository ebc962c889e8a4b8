"""Read Burmese written in the Zawgyi encoding, which old phones still send, as Unicode."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_WORTH_A_LOOK = re.compile("[\u1031\u1033\u1034\u1039\u103b\u105a\u1060-\u1097]")
_BASE = "\u1000-\u1021\u1023-\u1027\u1029\u102a\u103f\u104e"
_OTHER = "\u1050-\u1061\u1065-\u1070\u1075-\u1082"  # letters of Shan, Mon and Karen
_CARRIER = (
    f"{_BASE}\u1040\u1047\u106a\u106b\u107e-\u1084\u108f\u1090"  # noughts and sevens are typed as letters
)

# What Unicode never holds: a vowel e, or a sign of r, that no letter carries; an asat with nothing under it.
_ONLY_ZAWGYI = re.compile(
    rf"(?<![{_BASE}{_OTHER}\u1039\u103b-\u103e])\u1031[{_CARRIER}\u103b]"
    rf"|(?<![{_BASE}{_OTHER}])\u103b[{_CARRIER}]"
    rf"|\u1039(?![{_BASE}{_OTHER}])"
    r"|[\u1033\u1034]|[\u102b-\u103a][\u1094\u1095]|\u1002\u1064\u101c\u102c"
    r"|\u103a[\u102b-\u1030\u1032\u1036\u103c\u103d]"
)
# What Zawgyi never holds, or hardly: an e behind its letter, an asat of Unicode that ends a syllable.
_ONLY_UNICODE = re.compile(
    rf"[\u103e\u103f]|\u1031(?![{_CARRIER}\u103b])|\u103a[\u1037\u1038]|\u1037\u103a|\u103a(?![\u1000-\u109f])"
)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text in Unicode and, for each of its letters, the place in the original text that it came from."""

    text: str
    origins: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Translate a stretch, not an empty one, to the original, where its letters may stand in another order."""
        came_from = self.origins[start:end]
        return min(came_from), max(came_from) + 1


def is_zawgyi(text: str) -> bool:
    """Say whether the Burmese of a text only makes sense in Zawgyi; in doubt it is Unicode."""
    if text.isascii() or not _WORTH_A_LOOK.search(text):
        return False
    return len(_ONLY_ZAWGYI.findall(text)) > 2 * len(_ONLY_UNICODE.findall(text))


def to_unicode(text: str) -> Rewritten:
    """Rewrite a text in Zawgyi; what is not, or not Burmese, stays letter for letter."""
    if not is_zawgyi(text):
        return Rewritten(text, range(len(text)))
    cells = [(letter, at) for at, letter in enumerate(text)]
    cells = [(part, at) for letter, at in cells for part in _LETTERS.get(letter, letter)]
    for pattern, order in _ORDERS:
        cells = _reordered(cells, pattern, order)
    for pattern, letter in _LOOK_ALIKES:
        cells = _replaced(cells, pattern, letter)
    return Rewritten("".join(letter for letter, _ in cells), tuple(at for _, at in cells))


def _stacked(letter: str) -> str:
    return "\u1039" + letter


# Code points of Zawgyi that stand for something else in Unicode. Signs that are moved later get their Unicode value here.
_KINZI = "\u1004\u103a\u1039"
_LETTERS: dict[str, str] = {
    "\u1033": "\u102f",
    "\u1034": "\u1030",
    "\u1039": "\u103a",
    "\u103a": "\u103b",
    "\u103b": "\u103c",
    "\u103c": "\u103d",
    "\u103d": "\u103e",
    "\u105a": "\u102b\u103a",
    "\u1060": _stacked("\u1000"),
    "\u1061": _stacked("\u1001"),
    "\u1062": _stacked("\u1002"),
    "\u1063": _stacked("\u1003"),
    "\u1064": _KINZI,
    "\u1065": _stacked("\u1005"),
    "\u1066": _stacked("\u1006"),
    "\u1067": _stacked("\u1006"),
    "\u1068": _stacked("\u1007"),
    "\u1069": _stacked("\u1008"),
    "\u106a": "\u1009",
    "\u106b": "\u100a",
    "\u106c": _stacked("\u100b"),
    "\u106d": _stacked("\u100c"),
    "\u106e": "\u100d\u1039\u100d",
    "\u106f": "\u100d\u1039\u100e",
    "\u1070": _stacked("\u100f"),
    "\u1071": _stacked("\u1010"),
    "\u1072": _stacked("\u1010"),
    "\u1073": _stacked("\u1011"),
    "\u1074": _stacked("\u1011"),
    "\u1075": _stacked("\u1012"),
    "\u1076": _stacked("\u1013"),
    "\u1077": _stacked("\u1014"),
    "\u1078": _stacked("\u1015"),
    "\u1079": _stacked("\u1016"),
    "\u107a": _stacked("\u1017"),
    "\u107b": _stacked("\u1018"),
    "\u107c": _stacked("\u1019"),
    "\u107d": "\u103b",
    **dict.fromkeys("\u107e\u107f\u1080\u1081\u1082\u1083\u1084", "\u103c"),
    "\u1085": _stacked("\u101c"),
    "\u1086": "\u103f",
    "\u1087": "\u103e",
    "\u1088": "\u103e\u102f",
    "\u1089": "\u103e\u1030",
    "\u108a": "\u103d\u103e",
    "\u108b": _KINZI + "\u102d",
    "\u108c": _KINZI + "\u102e",
    "\u108d": _KINZI + "\u1036",
    "\u108e": "\u102d\u1036",
    "\u108f": "\u1014",
    "\u1090": "\u101b",
    "\u1091": "\u100f\u1039\u100d",
    "\u1092": "\u100b\u1039\u100c",
    "\u1093": _stacked("\u1018"),
    "\u1094": "\u1037",
    "\u1095": "\u1037",
    "\u1096": "\u1039\u1010\u103d",
    "\u1097": "\u100b\u1039\u100b",
}
_CONSONANT = "[\u1000-\u102a\u103f\u1040\u1047\u104e]"
_STACK = f"(?:\u1039{_CONSONANT})"

Cell = tuple[str, int]

# Each pattern cuts a syllable into named parts; the order says how Unicode writes them down. No syllable has more than
# four signs of a kind: without that bound a long run of them would be read again from each of its letters.
_ORDERS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    # r in front of its letter goes behind it and what is stacked under it
    (re.compile(f"(?P<a>\u103c)(?P<b>{_CONSONANT}{_STACK}?)"), ("b", "a")),
    # a kinzi stands behind the letter that carries it, maybe with its signs between
    (
        re.compile(f"(?P<a>{_CONSONANT}{_STACK}?[\u103b-\u103e]*)(?P<b>{_KINZI})"),
        ("b", "a"),
    ),
    # e in front of its letter goes behind it, its stack and its signs
    (
        re.compile(
            f"(?P<a>\u1031)(?P<b>(?:{_KINZI})?{_CONSONANT}{_STACK}?[\u103b-\u103e]*)(?P<c>{_STACK}?)(?P<d>[\u103b-\u103e]*)"
        ),
        ("b", "c", "d", "a"),
    ),
    # a stack that was typed behind the signs
    (re.compile(f"(?P<a>[\u103b-\u103e]{1, 4})(?P<b>{_STACK})"), ("b", "a")),
    # signs stand in the order y r w h
    (re.compile("(?P<b>[\u103c-\u103e]{1,4})(?P<a>\u103b)"), ("a", "b")),
    (re.compile("(?P<b>[\u103d\u103e]{1,4})(?P<a>\u103c)"), ("a", "b")),
    (re.compile("(?P<b>\u103e)(?P<a>\u103d)"), ("a", "b")),
    # then vowels above and below, the nasal dot, the dot below, asat, the two dots
    (re.compile("(?P<b>[\u102f\u1030]{1,4})(?P<a>[\u102d\u102e\u1032])"), ("a", "b")),
    (re.compile("(?P<b>\u1036)(?P<a>[\u102d\u102f\u1030])"), ("a", "b")),
    (re.compile("(?P<b>[\u1037\u1038]{1,4})(?P<a>[\u102b-\u1030\u1032\u1036])"), ("a", "b")),
    (re.compile("(?P<b>\u103a)(?P<a>\u1037)"), ("a", "b")),
)


# Letters that are typed for one that looks alike: each stands for one letter, so that places stay.
_LOOK_ALIKES = (
    (re.compile("\u1025(?=[\u1039\u103a])"), "\u1009"),
    (re.compile("(?<![0-9\u1040-\u1049])\u1040(?=[\u1000-\u1021\u102b-\u1032\u1036-\u103e])"), "\u101d"),
    (re.compile("(?<![0-9\u1040-\u1049])\u1047(?=[\u102b-\u1032\u1036-\u103e])"), "\u101b"),
)


def _reordered(cells: list[Cell], pattern: re.Pattern[str], order: Sequence[str]) -> list[Cell]:
    text = "".join(letter for letter, _ in cells)
    found: list[Cell] = []
    done = 0
    for match in pattern.finditer(text):
        found += cells[done : match.start()]
        for name in order:
            start, end = match.span(name)
            found += cells[start:end]
        done = match.end()
    return found + cells[done:]


def _replaced(cells: list[Cell], pattern: re.Pattern[str], letter: str) -> list[Cell]:
    found = list(cells)
    for match in pattern.finditer("".join(old for old, _ in cells)):
        found[match.start()] = (letter, cells[match.start()][1])
    return found
