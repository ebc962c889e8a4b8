"""Find the places that a text names, however they are spelt."""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein, OSA

from tips.places.names import FUZZY_FROM, NameIndex, RunName, Seed, SpacedName, Spot, one_letter_less
from tips.places.phonetics import sounds
from tips.places.script import Folded
from tips.places.vocabulary import words
from tips.places.wording import Word, wording

MAX_SEEDS = 600  # looked at in one text, so that a hostile one costs no more than a long one
MAX_VERIFIED = 400
_SAME_SPOT_M = 1.0


@dataclass(frozen=True, slots=True)
class Mention:
    """Hold one place found in a text; `score` is 1 for a whole name spelt as entered, `weight` grows with its length."""

    spot: int
    start: int
    end: int
    score: float
    weight: float
    edits: int


@dataclass(slots=True)
class _Match:
    """Collect what has been matched of one name."""

    first: int
    last: int
    weight: float = 0.0
    edits: int = 0
    letters: int = 0
    names: int = 0


class MentionFinder:
    """Find mentions with one index; holds no state of a text."""

    def __init__(self, index: NameIndex, spots: tuple[Spot, ...]) -> None:
        self._index = index
        self._spots = spots

    def find(self, folded: Folded) -> list[Mention]:
        """Return the mentions, the more telling one wherever two overlap, in order of the text.

        Names that fit the same words equally well stay together; whoever reads them has to decide.
        """
        found = self._spaced(wording(folded)) if folded.tokens else []
        if folded.unspaced:
            found += self._in_runs(folded)
        best: dict[tuple[int, int, int], Mention] = {}
        for mention in found:
            key = (mention.spot, mention.start, mention.end)
            if key not in best or best[key].score < mention.score:
                best[key] = mention
        kept: list[Mention] = []
        for mention in sorted(best.values(), key=lambda one: -one.weight):
            overlapping = [other for other in kept if other.start < mention.end and mention.start < other.end]
            if all(self._ties(mention, other) for other in overlapping):
                kept.append(mention)
        return sorted(kept, key=lambda one: (one.start, -one.weight))

    def _ties(self, mention: Mention, other: Mention) -> bool:
        return (
            mention.spot != other.spot
            and mention.weight >= other.weight - 0.05
            and mention.start <= other.start
            and mention.end >= other.end
        )

    def _spaced(self, found: list[Word]) -> list[Mention]:
        mentions: list[Mention] = []
        looked = 0
        for first, last, seed, exact in self._seeds(found):
            looked += 1
            if looked > MAX_SEEDS:
                break
            name = self._index.spaced[seed.name]
            mention = self._match(found, first, last, seed, name, exact=exact)
            if mention is not None:
                mentions.append(mention)
        return mentions

    def _seeds(self, found: list[Word]) -> list[tuple[int, int, Seed, bool]]:
        """Return text words first..last (exclusive) with the name words that they may be."""
        index, seeds = self._index, []
        common = words().common
        for first, word in enumerate(found):
            if word.role == "article":
                continue
            key = word.kind if word.role == "kind" else word.text
            seeds += [(first, first + 1, seed, True) for seed in index.kind_seeds.get(key, ())]
            joined = ""
            for last in range(first + 1, min(first + 4, len(found)) + 1):
                if found[last - 1].role == "article" and last - 1 > first:
                    break
                joined += found[last - 1].text
                if last - first > 1 and not 4 <= len(joined) <= 18:
                    continue
                for form in sounds(joined):
                    seeds += [(first, last, seed, True) for seed in index.seeds.get(form, ())]
                single = last - first == 1
                if single and word.role == "name" and len(joined) >= FUZZY_FROM and joined not in common:
                    seeds += self._near(first, last, joined)
                elif not single and 6 <= len(joined) <= 14:
                    seeds += self._near(first, last, joined)
        return seeds

    def _near(self, first: int, last: int, text: str) -> list[tuple[int, int, Seed, bool]]:
        index = self._index
        forms: set[str] = set()
        own = sounds(text)
        for form in own:
            for near in one_letter_less(form):
                forms.update(index.near_forms.get(near, ()))
        forms.difference_update(own)
        return [
            (first, last, seed, False)
            for form in forms
            if form[0] == own[0][0] or len(form) >= 7
            for seed in index.seeds[form]
        ]

    def _match(
        self, found: list[Word], first: int, last: int, seed: Seed, name: SpacedName, *, exact: bool
    ) -> Mention | None:
        """Grow a seed over the rest of the name in both directions, then judge the whole."""
        match = _Match(first, last)
        target = "".join(word.text for word in name.words[seed.first : seed.last])
        text = "".join(word.text for word in found[first:last])
        match.edits = 0 if exact else _slips(text, target)
        match.letters = len(target)
        match.weight = sum(word.weight for word in name.words[seed.first : seed.last])
        match.names = seed.last - seed.first
        missing = self._grow(found, match, name.words[seed.last :], forward=True)
        missing += self._grow(found, match, tuple(reversed(name.words[: seed.first])), forward=False)
        missing = self._other_side(found, match, missing)
        return self._judged(found, match, name, missing)

    def _grow(self, found: list[Word], match: _Match, rest: tuple[Word, ...], *, forward: bool) -> list[Word]:
        missing: list[Word] = []
        step = 0
        while step < len(rest):
            word = rest[step]
            used = self._next(
                found, match, word, rest[step + 1] if step + 1 < len(rest) else None, forward=forward
            )
            if used == 0:
                missing.append(word)
            step += max(used, 1)
        return missing

    def _next(
        self, found: list[Word], match: _Match, word: Word, after: Word | None, *, forward: bool
    ) -> int:
        """Match the next word of a name; returns how many words of the name that used up."""
        place = match.last if forward else match.first - 1
        direction = 1 if forward else -1
        while 0 <= place < len(found) and found[place].role in ("article", "link"):
            place += direction
        if not 0 <= place < len(found):
            return 0
        slips = _alike(found[place], word)
        beside = place + direction
        if slips is None and 0 <= beside < len(found) and word.role == "name":
            pair = (
                (found[place].text + found[beside].text)
                if forward
                else (found[beside].text + found[place].text)
            )
            slips = _slips_allowed(pair, word.text)
            place = beside if slips is not None else place
        if slips is not None:
            self._take(match, place, word, slips, forward=forward)
            return 1
        if after is not None and found[place].role == "name":
            joined = word.text + after.text if forward else after.text + word.text
            slips = _slips_allowed(found[place].text, joined)
            if slips is not None:
                self._take(match, place, word, slips, forward=forward)
                self._take(match, place, after, 0, forward=forward)
                return 2
        return 0

    def _take(self, match: _Match, place: int, word: Word, slips: int, *, forward: bool) -> None:
        match.first, match.last = (match.first, place + 1) if forward else (place, match.last)
        match.weight += word.weight
        match.edits += slips
        match.letters += len(word.text)
        match.names += word.role == "name"

    def _other_side(self, found: list[Word], match: _Match, missing: list[Word]) -> list[Word]:
        """Look for kinds and numbers on the other side: "mercado Hidalgo" is "Hidalgo market"."""
        left: list[Word] = []
        for word in missing:
            used = 0
            if word.role in ("kind", "number"):
                used = self._next(found, match, word, None, forward=False) or self._next(
                    found, match, word, None, forward=True
                )
            if not used:
                left.append(word)
        return left

    def _judged(
        self, found: list[Word], match: _Match, name: SpacedName, missing: list[Word]
    ) -> Mention | None:
        spot = self._spots[name.spot]
        if any(word.role == "number" for word in missing):
            return None
        allowed = 0 if match.letters <= 4 else 1 if match.letters <= 7 else 2 if match.letters <= 13 else 3
        if match.edits > allowed:
            return None
        short = match.letters < 7 and match.names == 1
        if (
            (short and match.edits)
            or not spot.entered
            or (name.article and len(name.words) == 1 and match.letters <= 6)
        ):
            if not self._introduced(found, match, need_article=name.article and len(name.words) == 1):
                return None
        if match.letters <= 2 and not found[match.first].capital:
            return None
        lost = sum(word.weight for word in missing)
        if missing and not self._enough(found, match, missing, lost, spot):
            return None
        score = max(0.05, match.weight / (match.weight + lost) - 0.12 * match.edits)
        start, end = found[match.first].start, found[match.last - 1].end
        return Mention(
            name.spot,
            start,
            end,
            score,
            match.weight - 0.5 * match.edits - 0.4 * lost + spot.entered * 0.3,
            match.edits,
        )

    def _introduced(self, found: list[Word], match: _Match, *, need_article: bool) -> bool:
        """Want an article, or for towns a capital letter or small word, before a name that could be anything."""
        before = found[match.first - 1] if match.first else None
        if before is not None and before.role == "article":
            return True
        if need_article:
            return False
        if found[match.first].capital and match.first:
            return True
        if before is None:
            return match.letters >= 7 or (len(found) <= 3)
        return before.text in _INTRODUCERS or before.role == "kind" or match.letters >= 9

    def _enough(self, found: list[Word], match: _Match, missing: list[Word], lost: float, spot: Spot) -> bool:
        """Accept part of a name: kinds may be missing from a telling name, little else from a long one."""
        if not spot.landmark or match.edits > 1:
            return False
        if self._other_kind(found, match, missing):
            return False
        if all(word.role == "kind" for word in missing):
            return match.names >= 2 and match.letters >= 7 or match.letters >= 7 and match.edits == 0
        names = [word for word in missing if word.role == "name"]
        return match.names >= 2 and lost <= 0.34 * (match.weight + lost) and len(names) == 1

    def _other_kind(self, found: list[Word], match: _Match, missing: list[Word]) -> bool:
        """Notice a kind next to the name that contradicts the one that is missing."""
        wanted = {word.kind for word in missing if word.role == "kind"}
        if not wanted:
            return False
        for place, direction in ((match.first - 1, -1), (match.last, 1)):
            while 0 <= place < len(found) and found[place].role in ("article", "link"):
                place += direction
            if 0 <= place < len(found) and found[place].role == "kind" and found[place].kind not in wanted:
                return True
        return False

    def _in_runs(self, folded: Folded) -> list[Mention]:
        index, compact = self._index, folded.compact
        mentions: list[Mention] = []
        verified = 0
        for position in range(len(compact) - 1):
            head = compact[position : position + 2]
            for number in index.run_heads.get(head, ()):
                name = index.runs[number]
                if compact.startswith(name.letters, position) and self._whole_number(compact, position, name):
                    mentions.append(self._run_mention(name, position, position + len(name.letters), 0))
            for number, offset, piece in index.run_pieces.get(head, ()):
                if verified < MAX_VERIFIED and compact.startswith(piece, position):
                    verified += 1
                    mention = self._verified(compact, index.runs[number], position - offset)
                    if mention is not None:
                        mentions.append(mention)
        return mentions

    def _whole_number(self, compact: str, position: int, name: RunName) -> bool:
        end = position + len(name.letters)
        behind = compact[end : end + 1]
        return not (name.letters[-1].isdigit() and behind.isdigit()) and not (
            name.letters[0].isdigit() and compact[position - 1 : position].isdigit()
        )

    def _verified(self, compact: str, name: RunName, begin: int) -> Mention | None:
        """Compare a stretch of the text around a matching piece with the whole name, slips allowed."""
        best: tuple[int, int, int] | None = None
        length = len(name.letters)
        for shift in range(-name.errors, name.errors + 1):
            start = begin + shift
            if start < 0:
                continue
            for end in range(start + length - name.errors, start + length + name.errors + 1):
                if end > len(compact):
                    break
                slips = Levenshtein.distance(name.letters, compact[start:end], score_cutoff=name.errors)
                if slips <= name.errors and (best is None or (slips, abs(end - start - length)) < best[:2]):
                    best = (slips, abs(end - start - length), start)
                    stretch = compact[start:end]
        if best is None or best[0] == 0:
            return None
        if [letter for letter in stretch if letter.isdigit()] != [
            letter for letter in name.letters if letter.isdigit()
        ]:
            return None
        if stretch[0] != name.letters[0] and stretch[-1] != name.letters[-1]:
            return None
        return self._run_mention(name, best[2], best[2] + len(stretch), best[0])

    def _run_mention(self, name: RunName, start: int, end: int, slips: int) -> Mention:
        per_letter = 0.9 if any(letter >= "\u3400" for letter in name.letters[:2]) else 0.45
        weight = per_letter * len(name.letters) - 0.8 * slips + 0.3 * self._spots[name.spot].entered
        return Mention(name.spot, start, end, 1 - 0.12 * slips, weight, slips)


def _slips(text: str, target: str) -> int:
    """Count the slips between two words by their sound, or by their letters where that is nearer."""
    by_sound = min(OSA.distance(one, other) for one in sounds(text) for other in sounds(target))
    return min(by_sound, OSA.distance(text, target))


def _slips_allowed(text: str, target: str) -> int | None:
    allowed = 0 if len(target) <= 2 else 1 if len(target) <= 6 else 2
    if abs(len(text) - len(target)) > allowed + 2:
        return None
    slips = _slips(text, target)
    return slips if slips <= allowed else None


def _alike(word: Word, wanted: Word) -> int | None:
    """Return the slips between two words of names, None if they are different words."""
    if wanted.role == "kind" and word.role == "kind":
        return 0 if word.kind == wanted.kind else None
    if wanted.role == "number" or word.role == "number":
        return 0 if word.text == wanted.text else None
    if wanted.role == "kind" and len(wanted.text) < 5:
        return None
    return _slips_allowed(word.text, wanted.text)


_INTRODUCERS = frozenset(
    "in at near en em a por desde hacia para from to by outside around à tai o gan di dekat ke dari kwa katika huko в на у из к "
    "sur dans vers de del da do في من الى الي عند قرب ab abt about outside".split()
)
