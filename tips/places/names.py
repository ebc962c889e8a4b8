"""Index the names of all places once, so that a text is compared with few of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tips.places.phonetics import sounds
from tips.places.script import Folded, fold, is_han, marked
from tips.places.vocabulary import words
from tips.places.wording import Word, stem, without_ending, wording

FUZZY_FROM = 5  # letters; shorter words must be spelt as they sound
_JOINED_MAX = 18
_BEGINNING = 6  # sounds by which a name is ruled out before its words are joined
_CHANGING = 3  # sounds at the end of a word that the next word may change, as in "sc" + "h"
SHORTEST_NAME = 4  # letters that a case ending leaves of a name: "Hopada" is in Hopa
LONG_FORM = 7  # letters from which even the first one may be wrong
INFLECTED = frozenset({"tr", "az", "tk", "sw"})
CACHED = 16_384
RUN_HEADS = range(2, 6)  # letters by which names of unspaced scripts are looked up, shorter ones whole
_COUNTRY_LETTERS = 5
WIDELY_SHARED = (
    3  # names; what so many places are called tells none from another, as the town's name in "Hopa Bazaar"
)
SHARED_BY = (
    10  # names; a word in more of them, such as "San" or "Ban", leads only to those whose next word fits
)


@dataclass(frozen=True, slots=True)
class Spot:
    """Hold one place to be found; `group` is its kind among the known ones.

    `landmark` is false for towns, `entered` is false for towns of the offline gazetteer.
    """

    name: str
    lat: float
    lon: float
    kind: str
    group: str
    radius_m: float
    landmark: bool
    entered: bool


@dataclass(frozen=True, slots=True)
class SpacedName:
    """Hold one name of a spot as words; `article` is the one that it begins with."""

    spot: int
    words: tuple[Word, ...]
    article: str
    weight: float
    letters: int


@dataclass(frozen=True, slots=True)
class RunName:
    """Hold one name of a spot as letters of an unspaced script; `exact` keeps its tone marks."""

    spot: int
    letters: str
    exact: str
    errors: int


@dataclass(frozen=True, slots=True)
class Seed:
    """Point from a word form to the words first..last (exclusive) of a name."""

    name: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Mention:
    """Hold one place found in a text; `score` is 1 for a whole name spelt as entered, `weight` grows with its length.

    `start` and `end` are positions in `Folded.compact`.
    """

    spot: int
    start: int
    end: int
    score: float
    weight: float
    edits: int


class NameIndex:
    """Hold every name of every spot; built once, never changed."""

    def __init__(self, languages: Sequence[str] = (), countries: Iterable[str] = ()) -> None:
        self._countries = tuple(
            word.text[:_COUNTRY_LETTERS]
            for name in countries
            for word in wording(fold(name))
            if len(word.text) > 4
        )
        behind = words().postpositions
        self._behind = frozenset(word for code in languages for word in behind.get(code, ()))
        self._inflected = bool(frozenset(languages) & INFLECTED)
        self.spelt = lru_cache(maxsize=CACHED)(self._spelt)
        self.nearly_spelt = lru_cache(maxsize=CACHED)(self._nearly_spelt)
        self.spaced: list[SpacedName] = []
        self.runs: list[RunName] = []
        self.seeds: dict[str, list[Seed]] = {}
        self.number_seeds: dict[str, list[Seed]] = {}
        self.near_forms: dict[str, list[str]] = {}
        self._beginnings: set[str] = set()
        self.run_heads: dict[str, list[int]] = {}
        self.run_pieces: dict[str, list[tuple[int, int, str]]] = {}
        self._seen: set[tuple[int, str]] = set()
        self._owners: dict[str, set[int]] = {}  # word of a name -> the spots that have it
        self._kind_owners: dict[
            str, set[int]
        ] = {}  # word for a kind -> the spots whose name has that very word
        self._whole: set[str] = set()  # words that are the whole name of a spot

    def add(self, spot: int, name: str, *, fuzzy: bool = True) -> None:
        """Add one name of a spot; a name without letters or digits is passed over."""
        folded = fold(name)
        if not folded.compact or (spot, folded.compact) in self._seen:
            return
        self._seen.add((spot, folded.compact))
        if folded.unspaced:
            for letters in _spellings(folded):
                exact = marked(name) if letters == folded.compact else letters
                self._add_run(spot, letters, exact, fuzzy=fuzzy)
        else:
            self._add_spaced(spot, wording(folded), fuzzy=fuzzy)

    def _spelt(self, text: str) -> tuple[Seed, ...]:
        """Return the name words that sound like this one, case endings aside where the deployment's languages have them."""
        forms = sounds(text)
        if self._inflected and not any(form in self.seeds for form in forms):
            for shorter in without_ending(text, SHORTEST_NAME):
                if any(form in self.seeds for form in sounds(shorter)):
                    forms = sounds(shorter)
                    break
        return tuple(seed for form in forms for seed in self.seeds.get(form, ()))

    def may_go_on(self, text: str) -> bool:
        """Tell whether a name may begin with a word that runs on into the next; what comes next may change its last sounds."""
        return self._inflected or any(
            form[:-_CHANGING][:_BEGINNING] in self._beginnings for form in sounds(text)
        )

    def says_little(self, word: Word) -> bool:
        """Tell whether a name keeps its meaning without a word: many places share it, or it only names their town."""
        owners = self._owners.get(word.text, ())
        return len(owners) >= WIDELY_SHARED or (word.text in self._whole and len(owners) > 1)

    def is_of_a_country(self, word: Word) -> bool:
        """Tell whether a word only says of which of the deployment's countries something is, as in "Aduana Paraguaya"."""
        return bool(self._countries) and word.text.startswith(self._countries)

    def is_postposition(self, word: Word) -> bool:
        """Tell whether a word right behind a name makes a place of it, in a language of the deployment."""
        return (word.whole or word.text) in self._behind

    def is_only_one(self, texts: Iterable[str]) -> bool:
        """Tell whether a single spot has all these words in its names."""
        held = [self._owners.get(text, set()) for text in texts]
        return bool(held) and len(set.intersection(*held)) == 1

    def only_called(self, kind_word: str) -> int | None:
        """Return the one spot whose name has this very word for its kind, None if there are none or several."""
        owners = self._kind_owners.get(stem(kind_word), ())
        return next(iter(owners)) if len(owners) == 1 else None

    def _nearly_spelt(self, text: str) -> tuple[Seed, ...]:
        """Return the name words that are a slip or two away."""
        own = sounds(text)
        forms: set[str] = set()
        for form in own:
            forms.update(self.near_forms.get(form, ()))
            for place in range(len(form)):
                forms.update(self.near_forms.get(form[:place] + form[place + 1 :], ()))
        forms.difference_update(own)
        return tuple(
            seed
            for form in sorted(forms)
            if (form[0] == own[0][0] or len(form) >= LONG_FORM) and _digits(form) == _digits(text)
            for seed in self.seeds[form]
        )

    def _add_spaced(self, spot: int, found: Sequence[Word], *, fuzzy: bool) -> None:
        article = found[0].text if len(found) > 1 and found[0].role == "article" else ""
        kept = _telling(found)
        letters = sum(len(word.text) for word in kept)
        if letters < 2 and not article:
            return
        telling = [word.text for word in kept if word.role == "name"]
        for text in telling:
            self._owners.setdefault(text, set()).add(spot)
        for word in kept:
            if word.role == "kind":
                self._kind_owners.setdefault(stem(word.text), set()).add(spot)
        if len(kept) == 1:
            self._whole.update(telling)
        number = len(self.spaced)
        self.spaced.append(SpacedName(spot, kept, article, sum(word.weight for word in kept) or 1.0, letters))
        names = [place for place, word in enumerate(kept) if word.role == "name"]
        if not names:
            if kept[0].role == "number":
                self.number_seeds.setdefault(kept[0].text, []).append(Seed(number, 0, 1))
            else:
                self._seed(kept[0].text, Seed(number, 0, 1), fuzzy=fuzzy)
            return
        for first in names:
            for form in kept[first].forms:
                self._seed(form, Seed(number, first, first + 1), fuzzy=fuzzy)
        for first in range(len(kept)):
            for last in range(first + 2, min(len(kept), first + 5) + 1):
                joined = "".join(word.text for word in kept[first:last])
                if len(joined) <= _JOINED_MAX and any(first <= place < last for place in names):
                    self._seed(joined, Seed(number, first, last), fuzzy=fuzzy)

    def _seed(self, text: str, seed: Seed, *, fuzzy: bool) -> None:
        for form in sounds(text):
            held = self.seeds.setdefault(form, [])
            self._beginnings.update(form[:length] for length in range(_BEGINNING + 1))
            if not held and fuzzy and len(form) >= FUZZY_FROM - 1:
                for near in one_letter_less(form):
                    self.near_forms.setdefault(near, []).append(form)
            held.append(seed)

    def _add_run(self, spot: int, letters: str, exact: str, *, fuzzy: bool) -> None:
        han = any(is_han(letter) for letter in letters)
        if len(letters) < 2:
            return
        telling = len(letters) - _kind_letters(letters)
        lengths = (3, 8) if han else (5, 11)
        errors = (
            sum(telling >= length for length in lengths) if fuzzy and len(letters) >= (4 if han else 7) else 0
        )
        number = len(self.runs)
        self.runs.append(RunName(spot, letters, exact, errors))
        self.run_heads.setdefault(letters[: RUN_HEADS[-1]], []).append(number)
        if errors:
            step = len(letters) / (errors + 1)
            for part in range(errors + 1):
                begin, end = round(part * step), round((part + 1) * step)
                piece = letters[begin:end]
                self.run_pieces.setdefault(piece[: RUN_HEADS[-1]], []).append((number, begin, piece))


def _telling(found: Sequence[Word]) -> tuple[Word, ...]:
    """Drop articles and links from a name, but keep one that ends it: "Mae La" is not "Mae"."""
    kept = [word for word in found[:-1] if word.role not in ("article", "link")]
    last = found[-1]
    if last.role in ("article", "link") and len(found) > 1:
        last = last._replace(role="name")
    return (*kept, last)


def one_letter_less(form: str) -> set[str]:
    """Return all forms with one letter left out; two words one slip apart share one of these."""
    return {form[:place] + form[place + 1 :] for place in range(len(form))} | {form}


def _digits(text: str) -> list[str]:
    return [letter for letter in text if letter.isdigit()]


def _kind_letters(letters: str) -> int:
    """Count the letters of a name that only say what kind of place it is; a slip elsewhere weighs more."""
    inside = [len(word) for word in words().kind_runs if word in letters and word != letters]
    return max(inside, default=0)


def _spellings(folded: Folded) -> list[str]:
    """Return a name of an unspaced script with its number in digits and in words."""
    spellings = [folded.compact]
    digits = [token for token in folded.tokens if token.number]
    if len(digits) == 1:
        token = digits[0]
        for word in words().number_variants.get(token.text, ()):
            if _same_script(word, folded.compact):
                spellings.append(folded.compact[: token.start] + word + folded.compact[token.end :])
    else:
        for value, variants in words().number_variants.items():
            for word in variants:
                if folded.compact.startswith(word) and len(folded.compact) > len(word) and is_han(word[0]):
                    spellings.append(value + folded.compact[len(word) :])
    return spellings


def _same_script(word: str, name: str) -> bool:
    block = ord(word[0]) >> 7
    return any(ord(letter) >> 7 == block for letter in name) or (is_han(word[0]) and any(map(is_han, name)))
