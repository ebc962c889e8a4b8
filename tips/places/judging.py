"""Judge whether what matched of a place's name is enough to believe that the text names it."""

from __future__ import annotations

from dataclasses import dataclass

from tips.places.names import Mention, NameIndex, SpacedName, Spot
from tips.places.spelling import plausible
from tips.places.vocabulary import introducers, words
from tips.places.wording import Word, is_kind

SMALL = ("article", "link")
_TELLING = 7  # letters from which a name needs no article or preposition to be believed
_LEAST_TELLING = 3
_LOST_SHARE = 0.34
# what the operator's own place weighs more than a town of the offline gazetteer with the same name
_ENTERED = 0.6
_WITH_EL = ("del", "al", "pal")


@dataclass(slots=True)
class Match:
    """Collect what has been matched of one name in text words first..last (exclusive)."""

    first: int
    last: int
    weight: float = 0.0
    edits: int = 0
    letters: int = 0
    names: int = 0
    verbatim: bool = False


def judged(
    found: list[Word], match: Match, missing: list[Word], name: SpacedName, spot: Spot, index: NameIndex
) -> Mention | None:
    """Return the mention that a match amounts to, None where too little of the name stands in the text."""
    if any(word.role == "number" for word in missing) or match.edits > _allowed(match):
        return None
    if match.last - match.first > 1 and not match.verbatim and _cued(found[match.first : match.first + 1]):
        return None
    if match.last - match.first == 1 and match.names > 1 and match.letters < _TELLING and not match.verbatim:
        return None
    if match.edits and match.names == 1 and match.letters < 8 and not _slip_of_the_pen(found, match, name):
        return None
    if (
        not spot.entered
        and not match.verbatim
        and (match.edits > 1 or match.letters <= _TELLING or match.names > 1)
    ):
        return None
    if match.edits and match.names > 1 and match.letters < _TELLING and not match.verbatim:
        return None
    if _doubtful(found, match, name, spot):
        alone = bool(name.article) and len(name.words) == 1
        led = _introduced(found, match, spot.group, need_article=alone and match.letters < _TELLING)
        if not led and not (spot.entered and _followed(found, match, index)):
            return None
    if name.words[0].role == "number" and not (
        _is_called(found, match, name) or (_is_in_words(found, match) and _followed(found, match, index))
    ):
        return None
    if missing and all(word.role == "kind" for word in name.words):
        return None
    if missing and all(word.role == "kind" or index.is_of_a_country(word) for word in name.words):
        return None
    if match.names == 1 and len(name.words) == 1 and _of_another_kind(found, match, spot):
        return None
    lost = sum(word.weight for word in missing)
    told = [word for word in name.words if word.role == "name" and word not in missing]
    if missing and told and all(map(index.says_little, told)):
        return None
    if missing and not (
        _enough(found, match, missing, lost, spot) or _told_apart(found, match, missing, name, spot, index)
    ):
        return None
    score = max(0.05, match.weight / (match.weight + lost) - 0.12 * match.edits)
    weight = match.weight - 0.5 * match.edits - 0.4 * lost + _ENTERED * spot.entered
    return Mention(name.spot, found[match.first].start, found[match.last - 1].end, score, weight, match.edits)


def _cued(found: list[Word]) -> bool:
    return any(word.text in introducers() for word in found)


def _slip_of_the_pen(found: list[Word], match: Match, name: SpacedName) -> bool:
    text = "".join(word.text for word in found[match.first : match.last])
    return any(plausible(text, word.text) for word in name.words)


def _allowed(match: Match) -> int:
    if match.letters <= 4:
        return 0
    if match.letters <= 6 or (match.letters <= 7 and match.names == 1):
        return 1
    return 2 if match.letters <= 13 else 3


def _doubtful(found: list[Word], match: Match, name: SpacedName, spot: Spot) -> bool:
    """Tell whether what matched could as well be an everyday word."""
    if not spot.entered:
        return True
    if _is_spelt_out(found, match, name):
        return False
    if match.names > 1 or (len(name.words) > 1 and (not match.edits or match.letters >= _TELLING)):
        return False
    if match.edits:
        return match.letters < 10
    first = name.words[0]
    plain = first.role == "number" or (first.role == "kind" and is_kind(first.text)) or match.letters <= 2
    return (
        plain
        or (bool(name.article) and match.letters < _TELLING)
        or (not match.verbatim and match.letters < _TELLING)
    )


def _is_spelt_out(found: list[Word], match: Match, name: SpacedName) -> bool:
    """Tell whether all of a name of several words stands there as entered: "zero point" is no everyday word."""
    said = found[match.first : match.last]
    if [word.text for word in said] != [word.text for word in name.words]:
        return False
    if said[0].role == "number" and not _is_in_words(found, match):
        return False  # digits in front of a kind count it
    return len(said) > 1 or said[0].is_phrase


def _is_in_words(found: list[Word], match: Match) -> bool:
    """Tell whether a name begins with a number in words, which may be no number in the language of the place."""
    first = found[match.first]
    return first.end - first.start > len(first.text)


def _followed(found: list[Word], match: Match, index: NameIndex) -> bool:
    """Tell whether the word behind a name of the operator makes a place of it, as in "gumrak pe"."""
    behind = found[match.last] if match.last < len(found) else None
    return behind is not None and not behind.apart and index.is_postposition(behind)


def _is_called(found: list[Word], match: Match, name: SpacedName) -> bool:
    """Take a bare number for a name, as in "el 21", only behind the article of the name and outside times and lists."""
    if len(name.words) > 1:
        return True
    before = found[match.first - 1].text if match.first else ""
    second = found[match.first - 2].text if match.first > 1 else ""
    after = [word.role for word in found[match.last : match.last + 2]]
    contracted = name.article == "el" and before in _WITH_EL
    if not (contracted or before == name.article) or (before == "las" and second == "a"):
        return False
    return after not in (["link", "number"], ["link", "article"])


def _of_another_kind(found: list[Word], match: Match, spot: Spot) -> bool:
    """Notice that "puente Hidalgo" is not the market that people call "el Hidalgo"."""
    if not spot.landmark or spot.group not in words().by_name:
        return False
    like = words().by_name[spot.group].like
    beside = []
    if not found[match.first].apart:
        place = match.first - 1
        while place >= 0 and found[place].role == "link":
            place -= 1
        beside += found[place : place + 1] if place >= 0 else []
    if match.last < len(found) and not found[match.last].apart:
        beside.append(found[match.last])
    return any(word.role == "kind" and word.kind not in like for word in beside)


def _introduced(found: list[Word], match: Match, own_kind: str, *, need_article: bool) -> bool:
    """Want an article, a small word or a capital letter in front of a name that could be anything."""
    before = found[match.first - 1] if match.first else None
    if before is not None and (
        before.role == "article" or (before.role == "kind" and before.kind == own_kind)
    ):
        return True
    if need_article:
        return False
    if found[match.first].capital and (match.first or match.last >= len(found) or not match.edits):
        return True
    if before is None:
        return len(found) <= 3
    return before.text in introducers() or before.role == "kind"


def _enough(found: list[Word], match: Match, missing: list[Word], lost: float, spot: Spot) -> bool:
    """Accept part of a name: kinds may be missing from a telling name, little else from a long one."""
    if not spot.landmark or match.edits > 1 or _other_kind(found, match, missing):
        return False
    names = [word for word in missing if word.role != "kind"]
    if not names:
        long_enough = match.letters >= _TELLING
        return long_enough and (match.names >= 2 or not match.edits) and not _everyday(found, match)
    return match.names >= 2 and len(names) == 1 and lost <= _LOST_SHARE * (match.weight + lost)


def _told_apart(
    found: list[Word], match: Match, missing: list[Word], name: SpacedName, spot: Spot, index: NameIndex
) -> bool:
    """Accept a name without the words that tell little where the rest belongs to one place only: "the ICP" of a town."""
    if not spot.landmark or match.edits or _other_kind(found, match, missing) or _everyday(found, match):
        return False
    left_out = [word for word in missing if word.role != "kind"]
    if not left_out or not all(map(index.says_little, left_out)):
        return False
    said = [word.text for word in name.words if word.role == "name" and word not in missing]
    return match.letters >= _LEAST_TELLING and index.is_only_one(said)


def _everyday(found: list[Word], match: Match) -> bool:
    return all(word.text in words().common for word in found[match.first : match.last] if word.role == "name")


def _other_kind(found: list[Word], match: Match, missing: list[Word]) -> bool:
    """Notice a kind next to the name that contradicts the one that is missing."""
    wanted = {word.kind for word in missing if word.role == "kind"}
    if not wanted:
        return False
    for place, direction in ((match.first - 1, -1), (match.last, 1)):
        while 0 <= place < len(found) and found[place].role in SMALL:
            place += direction
        if 0 <= place < len(found) and found[place].role == "kind" and found[place].kind not in wanted:
            return True
    return False
