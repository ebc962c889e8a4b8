"""Find the places that a text names, however they are spelt, and let the more telling name win."""

from __future__ import annotations

from tips.places.names import Mention, NameIndex, Spot
from tips.places.run_names import find_in_runs
from tips.places.script import Folded
from tips.places.spaced_names import find_in_words

_AS_TELLING = 0.05
MOST_MENTIONS = 40  # kept of one text


def find_mentions(folded: Folded, index: NameIndex, spots: tuple[Spot, ...]) -> list[Mention]:
    """Return the mentions, the more telling one wherever two overlap, in order of the text.

    Names that fit the same words equally well stay together; whoever reads them has to decide.
    """
    found = find_in_words(folded, index, spots)
    if folded.unspaced:
        found += find_in_runs(folded, index, spots)
    best: dict[tuple[int, int, int], Mention] = {}
    for mention in found:
        if folded.broken(mention.start, mention.end):
            continue
        key = (mention.spot, mention.start, mention.end)
        if key not in best or best[key].score < mention.score:
            best[key] = mention
    kept: list[Mention] = []
    for mention in sorted(best.values(), key=lambda one: -one.weight):
        overlapping = [other for other in kept if other.start < mention.end and mention.start < other.end]
        if all(_ties(mention, other) for other in overlapping):
            kept.append(mention)
        if len(kept) >= MOST_MENTIONS:
            break
    return sorted(kept, key=lambda one: (one.start, -one.weight))


def _ties(mention: Mention, other: Mention) -> bool:
    return (
        mention.spot != other.spot
        and mention.weight >= other.weight - _AS_TELLING
        and mention.start <= other.start
        and mention.end >= other.end
    )
