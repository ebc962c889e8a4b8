"""Find names in scripts with spaces between words, however they are spelt, split, joined or turned round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tips.places.names import FUZZY_FROM, SHARED_BY, Mention, NameIndex, Seed, SpacedName, Spot
from tips.places.phonetics import sounds
from tips.places.script import Folded
from tips.places.spelling import alike, nearly, plausible, slips_between
from tips.places.vocabulary import introducers, words
from tips.places.wording import Word, wording

MAX_SEEDS = 400  # looked at in one text, so that a hostile one costs no more than a long one
_SMALL = ("article", "link")
_JOINED_WORDS = 4
_TELLING = 7  # letters from which a name needs no article or preposition to be believed
_LEAST_TELLING = 3
_LOST_SHARE = 0.34
_WITH_EL = ("del", "al", "pal")


@dataclass(frozen=True, slots=True)
class _Start:
    """Pair text words first..last (exclusive) with the name words that they may be."""

    first: int
    last: int
    seed: Seed
    exact: bool


@dataclass(slots=True)
class _Match:
    """Collect what has been matched of one name in text words first..last (exclusive)."""

    first: int
    last: int
    weight: float = 0.0
    edits: int = 0
    letters: int = 0
    names: int = 0
    verbatim: bool = False


def find_in_words(folded: Folded, index: NameIndex, spots: tuple[Spot, ...]) -> list[Mention]:
    """Return every name of which enough stands in the text."""
    found = wording(folded)
    mentions: list[Mention] = []
    tried: set[tuple[int, int, int]] = set()
    for count, start in enumerate(_starts(found, index)):
        if count >= MAX_SEEDS:
            break
        key = (start.seed.name, start.first, start.seed.first)
        if start.exact and key in tried:
            continue
        tried.add(key)
        name = index.spaced[start.seed.name]
        match, missing = _matched(found, start, name)
        if not start.exact and start.last - start.first > 1 and match.edits > 1:
            continue
        mention = _judged(found, match, missing, name, spots[name.spot], index)
        if mention is not None:
            mentions.append(mention)
    return mentions


def _starts(found: list[Word], index: NameIndex) -> Iterator[_Start]:
    common, small = words().common, introducers()
    everyday = [word.text in common or word.text in small for word in found]
    for first, word in enumerate(found):
        if word.role == "article":
            continue
        if word.role == "number":
            for seed in index.number_seeds.get(word.text, ()):
                yield _Start(first, first + 1, seed, True)
        joined = ""
        goes_on = index.may_go_on(word.text)
        for last in range(first + 1, min(first + _JOINED_WORDS, len(found)) + 1):
            if last - 1 > first and found[last - 1].role == "article":
                break
            joined += found[last - 1].text
            single = last - first == 1
            if not single and not 4 <= len(joined) <= 18:
                continue
            seeds = index.spelt(joined) if single or goes_on else ()
            if single and not seeds and word.whole:
                seeds = index.spelt(word.whole)
            shared = len(seeds) > SHARED_BY
            for seed in seeds:
                if shared and not _goes_on(found, first, last, seed, index.spaced[seed.name]):
                    continue
                yield _Start(first, last, seed, True)
            if len(joined) < FUZZY_FROM or (single and (word.role == "number" or joined in common)):
                continue
            if single or (6 <= len(joined) <= 14 and True not in everyday[first:last]):
                for seed in index.nearly_spelt(joined):
                    yield _Start(first, last, seed, False)


def _goes_on(found: list[Word], first: int, last: int, seed: Seed, name: SpacedName) -> bool:
    """Look whether the word beside begins as the name goes on, before comparing at length."""
    if len(name.words) == seed.last - seed.first:
        return True
    return (
        _begins_alike(found[last : last + 2], name.words[seed.last : seed.last + 1])
        or _begins_alike(found[max(0, first - 2) : first], name.words[max(0, seed.first - 1) : seed.first])
        or any(word.role == "kind" for word in name.words)
    )


def _begins_alike(found: Sequence[Word], wanted: Sequence[Word]) -> bool:
    return any(sounds(word.text)[0][0] == sounds(other.text)[0][0] for word in found for other in wanted)


def _cued(found: list[Word]) -> bool:
    return any(word.text in introducers() for word in found)


def _matched(found: list[Word], start: _Start, name: SpacedName) -> tuple[_Match, list[Word]]:
    """Grow a start over the rest of the name in both directions; returns the match and the words that are missing."""
    seed = start.seed
    own = name.words[seed.first : seed.last]
    target = "".join(word.text for word in own)
    text = "".join(word.text for word in found[start.first : start.last])
    match = _Match(
        start.first,
        start.last,
        weight=sum(word.weight for word in own),
        edits=0 if start.exact else slips_between(text, target),
        letters=len(target),
        names=sum(word.role != "number" for word in own),
        verbatim=text == target or (len(own) == 1 and bool({*found[start.first].forms} & {*own[0].forms})),
    )
    missing = _grow(found, match, name.words[seed.last :], forward=True)
    missing += _grow(found, match, tuple(reversed(name.words[: seed.first])), forward=False)
    return match, _other_side(found, match, missing)


def _grow(found: list[Word], match: _Match, rest: tuple[Word, ...], *, forward: bool) -> list[Word]:
    missing: list[Word] = []
    step = 0
    while step < len(rest):
        after = rest[step + 1] if step + 1 < len(rest) else None
        used = _next(found, match, rest[step], after, forward=forward)
        if used == 0:
            missing.append(rest[step])
        step += max(used, 1)
    return missing


def _next(found: list[Word], match: _Match, word: Word, after: Word | None, *, forward: bool) -> int:
    """Match the next word of a name; returns how many words of the name that used up."""
    direction = 1 if forward else -1
    place = match.last if forward else match.first - 1
    while 0 <= place < len(found) and found[place].role in _SMALL and found[place].text != word.text:
        place += direction
    if not 0 <= place < len(found):
        return 0
    slips = alike(found[place], word)
    if slips and found[place].text in introducers():
        slips = None
    beside = place + direction
    if slips is None and 0 <= beside < len(found) and word.role == "name":
        slips = nearly(_joined(found[place].text, found[beside].text, forward=forward), word.text)
        place = beside if slips is not None else place
    if slips is not None:
        _take(match, place, word, slips, forward=forward)
        return 1
    if after is not None and found[place].role == "name":
        slips = nearly(found[place].text, _joined(word.text, after.text, forward=forward))
        if slips is not None:
            _take(match, place, word, slips, forward=forward)
            _take(match, place, after, 0, forward=forward)
            return 2
    return 0


def _joined(one: str, other: str, *, forward: bool) -> str:
    return one + other if forward else other + one


def _take(match: _Match, place: int, word: Word, slips: int, *, forward: bool) -> None:
    if forward:
        match.last = place + 1
    else:
        match.first = place
    match.weight += word.weight
    match.edits += slips
    match.letters += len(word.text)
    match.names += word.role == "name"


def _other_side(found: list[Word], match: _Match, missing: list[Word]) -> list[Word]:
    """Look for kinds on either side: "mercado Hidalgo" is "Hidalgo market"; a number only counts behind: "5 km" is no place."""
    left: list[Word] = []
    for word in missing:
        used = word.role == "kind" and _next(found, match, word, None, forward=False)
        if not used and word.role in ("kind", "number"):
            used = _next(found, match, word, None, forward=True)
        if not used:
            left.append(word)
    return left


def _judged(
    found: list[Word], match: _Match, missing: list[Word], name: SpacedName, spot: Spot, index: NameIndex
) -> Mention | None:
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
    if _doubtful(match, name, spot):
        alone = bool(name.article) and len(name.words) == 1
        if not _introduced(found, match, spot.group, need_article=alone and match.letters < _TELLING):
            return None
    if name.words[0].role == "number" and not _is_called(found, match, name):
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
    weight = match.weight - 0.5 * match.edits - 0.4 * lost + 0.3 * spot.entered
    return Mention(name.spot, found[match.first].start, found[match.last - 1].end, score, weight, match.edits)


def _slip_of_the_pen(found: list[Word], match: _Match, name: SpacedName) -> bool:
    text = "".join(word.text for word in found[match.first : match.last])
    return any(plausible(text, word.text) for word in name.words)


def _allowed(match: _Match) -> int:
    if match.letters <= 4:
        return 0
    if match.letters <= 6 or (match.letters <= 7 and match.names == 1):
        return 1
    return 2 if match.letters <= 13 else 3


def _doubtful(match: _Match, name: SpacedName, spot: Spot) -> bool:
    """Tell whether what matched could as well be an everyday word."""
    if not spot.entered:
        return True
    if match.names > 1 or (len(name.words) > 1 and (not match.edits or match.letters >= _TELLING)):
        return False
    if match.edits:
        return match.letters < 10
    plain = name.words[0].role in ("kind", "number") or match.letters <= 2
    return (
        plain
        or (bool(name.article) and match.letters < _TELLING)
        or (not match.verbatim and match.letters < _TELLING)
    )


def _is_called(found: list[Word], match: _Match, name: SpacedName) -> bool:
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


def _of_another_kind(found: list[Word], match: _Match, spot: Spot) -> bool:
    """Notice that "puente Hidalgo" is not the market that people call "el Hidalgo"."""
    if not spot.landmark or spot.group not in words().by_name:
        return False
    like = words().by_name[spot.group].like
    place = match.first - 1
    while place >= 0 and found[place].role == "link":
        place -= 1
    beside = [found[number] for number in (place, match.last) if 0 <= number < len(found)]
    return any(word.role == "kind" and word.kind not in like for word in beside)


def _introduced(found: list[Word], match: _Match, own_kind: str, *, need_article: bool) -> bool:
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


def _enough(found: list[Word], match: _Match, missing: list[Word], lost: float, spot: Spot) -> bool:
    """Accept part of a name: kinds may be missing from a telling name, little else from a long one."""
    if not spot.landmark or match.edits > 1 or _other_kind(found, match, missing):
        return False
    names = [word for word in missing if word.role != "kind"]
    if not names:
        long_enough = match.letters >= _TELLING
        return long_enough and (match.names >= 2 or not match.edits) and not _everyday(found, match)
    return match.names >= 2 and len(names) == 1 and lost <= _LOST_SHARE * (match.weight + lost)


def _told_apart(
    found: list[Word], match: _Match, missing: list[Word], name: SpacedName, spot: Spot, index: NameIndex
) -> bool:
    """Accept a name without the words that tell little where the rest belongs to one place only: "the ICP" of a town."""
    if not spot.landmark or match.edits or _other_kind(found, match, missing) or _everyday(found, match):
        return False
    left_out = [word for word in missing if word.role != "kind"]
    if not left_out or not all(map(index.says_little, left_out)):
        return False
    said = [word.text for word in name.words if word.role == "name" and word not in missing]
    return match.letters >= _LEAST_TELLING and index.is_only_one(said)


def _everyday(found: list[Word], match: _Match) -> bool:
    return all(word.text in words().common for word in found[match.first : match.last] if word.role == "name")


def _other_kind(found: list[Word], match: _Match, missing: list[Word]) -> bool:
    """Notice a kind next to the name that contradicts the one that is missing."""
    wanted = {word.kind for word in missing if word.role == "kind"}
    if not wanted:
        return False
    for place, direction in ((match.first - 1, -1), (match.last, 1)):
        while 0 <= place < len(found) and found[place].role in _SMALL:
            place += direction
        if 0 <= place < len(found) and found[place].role == "kind" and found[place].kind not in wanted:
            return True
    return False
