"""Find names in scripts with spaces between words, however they are spelt, split, joined or turned round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tips.places.judging import SMALL, Match, judged
from tips.places.names import FUZZY_FROM, SHARED_BY, Mention, NameIndex, Seed, SpacedName, Spot
from tips.places.phonetics import sounds
from tips.places.script import Folded
from tips.places.spelling import alike, nearly, slips_between
from tips.places.vocabulary import introducers, words
from tips.places.wording import Word, wording

MAX_SEEDS = 400  # looked at in one text, so that a hostile one costs no more than a long one
_JOINED_WORDS = 4


@dataclass(frozen=True, slots=True)
class _Start:
    """Pair text words first..last (exclusive) with the name words that they may be."""

    first: int
    last: int
    seed: Seed
    exact: bool


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
        mention = judged(found, match, missing, name, spots[name.spot], index)
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


def _matched(found: list[Word], start: _Start, name: SpacedName) -> tuple[Match, list[Word]]:
    """Grow a start over the rest of the name in both directions; returns the match and the words that are missing."""
    seed = start.seed
    own = name.words[seed.first : seed.last]
    target = "".join(word.text for word in own)
    text = "".join(word.text for word in found[start.first : start.last])
    match = Match(
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


def _grow(found: list[Word], match: Match, rest: tuple[Word, ...], *, forward: bool) -> list[Word]:
    missing: list[Word] = []
    step = 0
    while step < len(rest):
        after = rest[step + 1] if step + 1 < len(rest) else None
        used = _next(found, match, rest[step], after, forward=forward)
        if used == 0:
            missing.append(rest[step])
        step += max(used, 1)
    return missing


def _next(found: list[Word], match: Match, word: Word, after: Word | None, *, forward: bool) -> int:
    """Match the next word of a name; returns how many words of the name that used up."""
    direction = 1 if forward else -1
    place = match.last if forward else match.first - 1
    while 0 <= place < len(found) and found[place].role in SMALL and found[place].text != word.text:
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


def _take(match: Match, place: int, word: Word, slips: int, *, forward: bool) -> None:
    if forward:
        match.last = place + 1
    else:
        match.first = place
    match.weight += word.weight
    match.edits += slips
    match.letters += len(word.text)
    match.names += word.role == "name"


def _other_side(found: list[Word], match: Match, missing: list[Word]) -> list[Word]:
    """Look for kinds on either side: "mercado Hidalgo" is "Hidalgo market"; a number only counts behind: "5 km" is no place."""
    left: list[Word] = []
    for word in missing:
        used = word.role == "kind" and _next(found, match, word, None, forward=False)
        if not used and word.role in ("kind", "number"):
            used = _next(found, match, word, None, forward=True)
        if not used:
            left.append(word)
    return left
