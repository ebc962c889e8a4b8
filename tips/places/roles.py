"""Say which part each named place plays: where it happens, where something comes from or goes to, or only a direction."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from operator import attrgetter

from tips.places.names import Mention
from tips.places.phrases import Hit, Payload
from tips.places.script import Folded
from tips.places.vocabulary import Cue, amounts, bearings, cues, words

_REACH, _BEHIND = 15, 4  # letters of small words that may stand between a cue and its place
_STRENGTH = {
    "between": 9, "home": 9, "coming": 8, "toward": 7, "before": 6, "past": 6, "near": 5, "from": 4, "to": 4, "at": 3, "of": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """Pair a mention with its role, and the letters of the cue that gave it; `roles` holds every role that was cued."""

    mention: Mention
    role: str
    roles: frozenset[str]
    cue_start: int
    cue_end: int


def parts(folded: Folded, mentions: list[Mention], hits: list[Hit[Cue]]) -> list[Part]:
    """Return every mention with its role; "plain" where no cue stands next to it."""
    return [_part(folded, mention, _beside(mention, hits), mentions) for mention in mentions]


def _beside(mention: Mention, hits: list[Hit[Cue]]) -> list[Hit[Cue]]:
    """Keep the cues next to a mention, without those that are part of a longer one."""
    near = [hit for hit in hits if mention.start - _REACH <= hit.end and hit.start <= mention.end + _BEHIND]
    return [hit for hit in near if not any(_holds(other, hit) for other in near)]


def _loose_ending(folded: Folded, hit: Hit[Cue]) -> bool:
    """Tell whether a short Latin ending such as "'den" stands on its own, as "de" and "a" do in other languages."""
    if hit.end - hit.start > 3 or not folded.compact[hit.start : hit.end].isascii():
        return False
    begin = folded.at[hit.start]
    return folded.source[begin - 1 : begin] not in ("'", "’", "ʼ", "`")


def _after_a_plate(folded: Folded, mention: Mention) -> bool:
    """Notice a name right behind digits, as the province on a number plate; towns there say nothing of the place."""
    before = folded.compact[max(0, mention.start - 3) : mention.start]
    apart = any(stop == mention.start for stop in (*folded.breaks, *folded.soft))
    return len(before) == 3 and before.isdigit() and not apart


def _holds(longer: Hit[Cue], hit: Hit[Cue]) -> bool:
    return (
        longer.start <= hit.start
        and hit.end <= longer.end
        and longer.end - longer.start > hit.end - hit.start
    )


def _part(folded: Folded, mention: Mention, hits: list[Hit[Cue]], mentions: list[Mention]) -> Part:
    found: list[tuple[int, int, Hit[Cue]]] = []
    for hit in hits:
        if hit.payload.behind:
            gap = hit.start - mention.end
            near = 0 <= gap <= _BEHIND and _only_small(folded, mention.end, hit.start)
        else:
            gap = mention.start - hit.end
            near = 0 <= gap <= _REACH and _only_small(folded, hit.end, mention.start)
        inside = mention.start <= hit.start and hit.end <= mention.end
        near = near and not (hit.payload.behind and _loose_ending(folded, hit))
        if (
            near
            and not inside
            and not (gap and _crossed(hit, mention, mentions))
            and not _broken(folded, hit, mention)
        ):
            length = hit.end - hit.start
            found.append((_STRENGTH[hit.payload.role] * 10 - 3 * gap + length, length, hit))
    if not found and _after_a_plate(folded, mention):
        return Part(mention, "plate", frozenset(), mention.start, mention.end)
    if not found:
        return Part(mention, "plain", frozenset(), mention.start, mention.end)
    _, _, best = max(found, key=lambda one: one[:2])
    return Part(
        mention, best.payload.role, frozenset(hit.payload.role for _, _, hit in found), best.start, best.end
    )


def _crossed(hit: Hit[Cue], mention: Mention, mentions: list[Mention]) -> bool:
    """Tell whether another place stands between a cue and its place."""
    low, high = min(hit.end, mention.end), max(hit.start, mention.start)
    return any(low <= other.start and other.end <= high for other in mentions)


def _broken(folded: Folded, hit: Hit[Cue], mention: Mention) -> bool:
    return folded.broken(min(hit.start, mention.start), max(hit.end, mention.end))


def only_bare(folded: Folded, kinds: list[Hit[Payload]]) -> list[Hit[Payload]]:
    """Keep the kind words that stand for themselves: "past the bridge toward", but not "past Neang bridge" or "puente Verde"."""
    if not kinds:
        return []
    small = words()
    cued = cues().find(folded)
    known = {
        (hit.start, hit.end)
        for hits in (cued, bearings().find(folded), amounts().find(folded))
        for hit in hits
    }
    naming = {(hit.start, hit.end) for hit in cued if hit.payload.role == "of"}
    stops = {stop for _, stop in known}
    begins = {begin for begin, _ in known - naming}
    closing = {token.start for token in folded.tokens if token.number or token.text in small.common}
    starts = {token.start for token in folded.tokens}
    before = {token.end: token.text for token in folded.tokens}
    broken = {*folded.breaks, *folded.soft}
    kept = []
    for hit in kinds:
        start, end = hit.start, hit.end
        opened = start not in before or start in stops or before[start] in small.articles
        ended = end not in starts and not _inside_run(folded, end)
        closed = ended or end in begins or end in closing or end in broken
        if opened and closed and (start in stops or not _inside_run(folded, start)):
            kept.append(hit)
    return kept


def _inside_run(folded: Folded, position: int) -> bool:
    """Tell whether a run of an unspaced script goes on here."""
    number = bisect_left(folded.tokens, position, key=attrgetter("start")) - 1
    return number >= 0 and folded.tokens[number].run and position < folded.tokens[number].end


def _only_small(folded: Folded, start: int, end: int) -> bool:
    """Tell whether nothing but articles, links and kind words lies between two positions."""
    if start >= end:
        return True
    small = words()
    for token in folded.tokens:
        if token.end <= start or token.start >= end:
            continue
        if token.run:
            between = folded.compact[max(start, token.start) : min(end, token.end)]
            if between not in small.kind_runs:
                return False
        elif not (
            token.text in small.articles or token.text in small.links or token.text in small.kind_words
        ):
            return False
    return True
