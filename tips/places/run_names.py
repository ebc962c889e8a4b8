"""Find names in scripts without spaces between words, slips allowed."""

from __future__ import annotations

from rapidfuzz.distance import Levenshtein

from tips.places.names import RUN_HEADS, Mention, NameIndex, RunName, Spot
from tips.places.script import Folded, marked

MAX_VERIFIED = 400  # stretches compared in one text, so that a hostile one costs no more than a long one
_HAN_WEIGHT, _LETTER_WEIGHT, _SLIP_WEIGHT, _ENTERED_WEIGHT = 0.9, 0.45, 0.8, 0.3
_EXACT_UP_TO = 4


def find_in_runs(folded: Folded, index: NameIndex, spots: tuple[Spot, ...]) -> list[Mention]:
    """Return every name that stands in the text as it is, or with as many slips as its length forgives."""
    compact = folded.compact
    mentions: list[Mention] = []
    verified = 0
    for position in range(len(compact) - 1):
        for length in RUN_HEADS:
            if position + length > len(compact):
                break
            head = compact[position : position + length]
            for number in index.run_heads.get(head, ()):
                name = index.runs[number]
                if compact.startswith(name.letters, position) and _stands(folded, position, name):
                    mentions.append(_mention(name, position, position + len(name.letters), 0, spots))
            for number, offset, piece in index.run_pieces.get(head, ()):
                if verified < MAX_VERIFIED and compact.startswith(piece, position):
                    verified += 1
                    mention = _verified(compact, index.runs[number], position - offset, spots)
                    if mention is not None:
                        mentions.append(mention)
    return mentions


def _stands(folded: Folded, position: int, name: RunName) -> bool:
    """Refuse a number cut short, and short names whose tone marks differ or that sit inside a longer run."""
    end = position + len(name.letters)
    compact = folded.compact
    if name.letters[-1].isdigit() and compact[end : end + 1].isdigit():
        return False
    if name.letters[0].isdigit() and compact[position - 1 : position].isdigit():
        return False
    if len(name.letters) > _EXACT_UP_TO or name.letters[0] >= "\u3400":
        return True
    begin, finish = folded.span(position, end)
    if marked(folded.source[begin:finish]) != name.exact:
        return False
    return len(name.letters) > 2 or any(token.start == position for token in folded.tokens)


def _verified(compact: str, name: RunName, begin: int, spots: tuple[Spot, ...]) -> Mention | None:
    """Compare a stretch of the text around a matching piece with the whole name."""
    length, errors = len(name.letters), name.errors
    best: tuple[int, int, int, int] | None = None
    for start in range(max(0, begin - errors), begin + errors + 1):
        for end in range(start + length - errors, min(len(compact), start + length + errors) + 1):
            slips = Levenshtein.distance(name.letters, compact[start:end], score_cutoff=errors)
            if slips <= errors and (best is None or (slips, abs(end - start - length)) < best[:2]):
                best = (slips, abs(end - start - length), start, end)
    if best is None or best[0] == 0:
        return None
    slips, _, start, end = best
    stretch = compact[start:end]
    if _digits(stretch) != _digits(name.letters):
        return None
    if stretch[0] != name.letters[0] and stretch[-1] != name.letters[-1]:
        return None
    return _mention(name, start, end, slips, spots)


def _digits(text: str) -> list[str]:
    return [letter for letter in text if letter.isdigit()]


def _mention(name: RunName, start: int, end: int, slips: int, spots: tuple[Spot, ...]) -> Mention:
    han = any(letter >= "\u3400" for letter in name.letters)
    weight = (_HAN_WEIGHT if han else _LETTER_WEIGHT) * len(name.letters)
    weight += _ENTERED_WEIGHT * spots[name.spot].entered - _SLIP_WEIGHT * slips
    return Mention(name.spot, start, end, 1 - 0.12 * slips, weight, slips)
