"""Count the slips between two words."""

from __future__ import annotations

from rapidfuzz.distance import OSA, Levenshtein

from tips.places.phonetics import sounds
from tips.places.wording import Word

_LETTERS_A_SOUND = 3  # words that sound alike but differ in more letters than this are not one word
_SHORT = 4  # letters up to which another letter makes another word, as "bro" is not "brt"
_SOUND_GROUPS = ("aeiou", "bpfv", "dt", "gkjc", "mn", "rl", "scz", "iy")


def slips_between(text: str, target: str) -> int:
    """Count the slips between two words by their sound, or by their letters where that is nearer."""
    by_sound = min(OSA.distance(one, other) for one in sounds(text) for other in sounds(target))
    by_letter = OSA.distance(text, target)
    if abs(len(text) - len(target)) > _LETTERS_A_SOUND:
        return int(by_letter)
    return int(max(min(by_sound, by_letter), by_letter // _LETTERS_A_SOUND))


def plausible(text: str, target: str) -> bool:
    """Tell a slip of the pen from another word: a letter left out, doubled, or swapped for one that sounds like it."""
    pairs = ((one, other) for one in sounds(text) for other in sounds(target))
    return any(
        all(
            edit.tag != "replace" or _sound_alike(one[edit.src_pos], other[edit.dest_pos])
            for edit in Levenshtein.editops(one, other)
        )
        for one, other in pairs
    )


def _sound_alike(one: str, other: str) -> bool:
    return not one.isascii() or any(one in group and other in group for group in _SOUND_GROUPS)


def nearly(text: str, target: str) -> int | None:
    """Return the slips of a word inside a longer name, where the other words vouch for it."""
    shorter = min(len(text), len(target))
    allowed = 0 if shorter <= 1 else 1 if shorter <= 4 else 2
    if abs(len(text) - len(target)) > allowed + 2:
        return None
    slips = slips_between(text, target)
    if slips > allowed or (slips and shorter <= _SHORT and not plausible(text, target)):
        return None
    return slips


def alike(word: Word, wanted: Word) -> int | None:
    """Return the slips between two words of names, None if they are different words."""
    if wanted.role == "kind" and word.role == "kind":
        return 0 if word.kind == wanted.kind else None
    if wanted.role == "number" or word.role == "number":
        return 0 if word.text == wanted.text else None
    if wanted.role == "kind" and len(wanted.text) < 5:
        return None
    slips = [nearly(text, target) for text in word.forms for target in wanted.forms]
    return min((count for count in slips if count is not None), default=None)
