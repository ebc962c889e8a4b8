"""Find the concepts that a message speaks of, whatever its language."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from tips.reading import translit
from tips.reading.affixes import bare_forms
from tips.reading.text import Text, fold, is_run, plain_form

FOLDER = Path(__file__).with_name("lexicon")
IGNORED = "ignored"
_LONGEST_WORD = 64  # letters that are looked at
_STEM_START = 2  # letters by which stems are found; no stem is shorter
_STEMS_AFTER_PARTICLES = ("ar",)  # a particle stands before the word, so the word's own end may still vary
_STACKERS = ("\u1039", "\u17d2")  # the consonant behind one belongs to the syllable before
# a consonant with one of these closes the syllable before: Burmese asat, Khmer bantoc, Thai and Lao signs of silence
_CLOSERS = ("\u103a", "\u1039", "\u17cb", "\u17cd", "\u0e4c", "\u0ecc")
_VOWELS_BEHIND = "\u0e30\u0e32\u0e33\u0e45\u0eb0\u0eb2\u0eb3"  # Thai and Lao vowels that are letters


@dataclass(frozen=True, slots=True)
class Entry:
    """One word, stem or phrase of one language and the concept it stands for."""

    language: str
    concept: str
    parts: tuple[tuple[str, bool], ...]  # (folded word, is a stem)
    accented: str | None  # the plain form that has to be met where accents tell words apart
    in_latin: bool = False  # its parts are spelt as `translit` does, and so are the words they have to meet
    # of entries that start at the same word: more words win, then whole words, then longer stems
    rank: tuple[int, int, int] = field(init=False)
    lone: bool = field(init=False)  # met as soon as its first word is

    def __post_init__(self) -> None:
        first, stem = self.parts[0]
        object.__setattr__(self, "rank", (len(self.parts), int(not stem), len(first)))
        object.__setattr__(self, "lone", len(self.parts) == 1 and self.accented is None)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One language's reviewed words."""

    language: str
    entries: tuple[Entry, ...]
    runs: tuple[tuple[str, str], ...]  # (substring, concept) for scripts without spaces
    function_words: frozenset[str]
    sounds: tuple[tuple[str, str], ...]


class Begun(NamedTuple):
    """The entries that a word may begin, each with its rank in the vocabularies: those met by it alone, and longer ones."""

    lone: tuple[tuple[int, Entry], ...]
    by_next: Mapping[str, Sequence[tuple[int, Entry]]]  # second word -> entries
    others: tuple[tuple[int, Entry], ...]


class Hit(NamedTuple):
    """A concept met in a message: by which language, how often, at which word (or run offset) first."""

    concept: str
    language: str
    at: int


@dataclass(slots=True)
class Index:
    """The vocabularies of a set of languages, arranged for one pass over a message."""

    languages: tuple[str, ...]
    words: dict[str, list[Entry]] = field(default_factory=dict)
    stems: dict[str, list[Entry]] = field(default_factory=dict)
    stem_sizes: dict[str, tuple[int, ...]] = field(
        default_factory=dict
    )  # first two letters -> lengths, shortest first
    runs: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # piece -> (concept, language)
    sizes: dict[str, tuple[int, ...]] = field(
        default_factory=dict
    )  # first two letters -> lengths, longest first
    function_words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    heard: dict[str, dict[str, list[Entry]]] = field(default_factory=dict)
    in_latin: Index | None = None  # entries of another script as they are typed in Latin letters
    sounds: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)


@cache
def categories() -> Mapping[str, str]:
    """Return concept -> tip category, for the concepts that speak for one."""
    table = tomllib.loads((FOLDER / "concepts.toml").read_text(encoding="utf-8"))
    pairs = ((name, category) for category, names in table["category"].items() for name in _split(names))
    return dict(pairs)


@cache
def known_languages() -> frozenset[str]:
    """Return the languages that have a vocabulary file."""
    return frozenset(path.stem for path in FOLDER.glob("*.toml")) - {"concepts"}


@cache
def vocabulary(language: str) -> Vocabulary:
    """Read one language's file and the file it builds on; raise FileNotFoundError where there is none."""
    table = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    shared = vocabulary(str(table["also"])) if "also" in table else None
    entries = [replace(entry, language=language) for entry in shared.entries] if shared else []
    runs = list(shared.runs) if shared else []
    for kind, concepts in table.items():
        if not isinstance(concepts, dict):
            continue
        for name, words in concepts.items():
            concept = IGNORED if kind == IGNORED else f"{kind}.{name}"
            for word in _split(words):
                if is_run(word):
                    runs.append((fold(plain_form(word)), concept))
                else:
                    entries.append(_entry(language, concept, word, bool(table.get("accents"))))
    function_words = frozenset(fold(plain_form(word)) for word in table.get("function", "").split())
    sounds = tuple(_sound(rule) for rule in _split(table.get("sounds", "")))
    return Vocabulary(language, tuple(entries), tuple(runs), function_words, sounds)


@cache
def index(languages: tuple[str, ...]) -> Index:
    """Arrange the vocabularies of some languages; languages without a file are left out."""
    built = Index(tuple(name for name in languages if name in known_languages()))
    sizes: dict[str, set[int]] = {}
    for name in built.languages:
        words = vocabulary(name)
        for entry in words.entries:
            first, stem = entry.parts[0]
            (built.stems if stem else built.words).setdefault(first, []).append(entry)
        for piece, concept in words.runs:
            built.runs.setdefault(piece, []).append((concept, name))
            sizes.setdefault(piece[:2], set()).add(len(piece))
        for word in words.function_words:
            built.function_words[word] = (*built.function_words.get(word, ()), name)
        if words.sounds:
            built.sounds[name] = words.sounds
            built.heard[name] = _heard(words)
    built.stem_sizes = _stem_sizes(built.stems)
    built.sizes = {start: tuple(sorted(lengths, reverse=True)) for start, lengths in sizes.items()}
    built.in_latin = _index_in_latin(built.languages)
    return built


def _stem_sizes(stems: Iterable[str]) -> dict[str, tuple[int, ...]]:
    sizes: dict[str, set[int]] = {}
    for beginning in stems:
        sizes.setdefault(beginning[:_STEM_START], set()).add(len(beginning))
    return {start: tuple(sorted(lengths)) for start, lengths in sizes.items()}


def _index_in_latin(languages: Iterable[str]) -> Index | None:
    """Arrange the words that are also typed in Latin letters; None where no language is."""
    typed = tuple(name for name in languages if name in translit.LANGUAGES)
    if not typed:
        return None
    built = Index(typed)
    for entry in (entry for name in typed for entry in vocabulary(name).entries):
        if not all(translit.is_cyrillic(part) for part, _ in entry.parts):
            continue
        parts = tuple((translit.plain_spelling(part), stem) for part, stem in entry.parts)
        first, stem = parts[0]
        if len(first) < translit.SHORTEST or (entry.concept.startswith("noise.") and len(parts) == 1):
            continue
        spelt = replace(entry, parts=parts, in_latin=True)
        (built.stems if stem else built.words).setdefault(first, []).append(spelt)
    built.stem_sizes = _stem_sizes(built.stems)
    return built


def find(text: Text, languages: Iterable[str]) -> list[Hit]:
    """Return every concept met, in order, with the language whose word it was."""
    built = index(tuple(dict.fromkeys(languages)))
    hits = _find_words(text, built)
    if built.runs:
        for run in text.runs:
            hits.extend(_find_runs(run, built))
    return hits


def _find_words(text: Text, built: Index) -> list[Hit]:
    hits: list[Hit] = []
    hidden: dict[str, int] = {}  # language -> words before this one belong to an ignored phrase
    for at, word in enumerate(text.words):
        begun = _begun(word[:_LONGEST_WORD], built.languages)
        if begun is None:
            continue
        met = _met(begun, text, at, hidden)
        if len(met) == 1 and met[0].concept != IGNORED:
            hits.append(Hit(met[0].concept, met[0].language, at))
            continue
        best: dict[str, Entry] = {}
        for entry in met:
            if entry.language not in best or entry.rank > best[entry.language].rank:
                best[entry.language] = entry
        for entry in met:
            top = best[entry.language]
            if top.concept == IGNORED:
                hidden[entry.language] = at + len(top.parts)
            elif entry.rank == top.rank or (len(entry.parts) == 1 and not entry.parts[0][1]):
                hits.append(Hit(entry.concept, entry.language, at))
    return hits


def _met(begun: Begun, text: Text, at: int, hidden: Mapping[str, int]) -> list[Entry]:
    """Return the entries that stand at a word in full, in the order of the vocabularies."""
    following = text.words[at + 1] if at + 1 < len(text.words) else ""
    longer = [*begun.by_next.get(following, ()), *begun.others]
    met = [*begun.lone, *(item for item in longer if _goes_on(item[1], text, at))]
    if len(met) > 1:
        met.sort(key=itemgetter(0))
    return [entry for _, entry in met if at >= hidden.get(entry.language, 0)]


@lru_cache(maxsize=32_768)
def _begun(word: str, languages: tuple[str, ...]) -> Begun | None:
    """Arrange the entries whose first word this one may be."""
    candidates = list(enumerate(_candidates(word, index(languages))))
    if not candidates:
        return None
    by_next: dict[str, list[tuple[int, Entry]]] = {}
    others: list[tuple[int, Entry]] = []
    for item in candidates:
        entry = item[1]
        if len(entry.parts) > 1 and not entry.parts[1][1] and not entry.in_latin:
            by_next.setdefault(entry.parts[1][0], []).append(item)
        elif not entry.lone:
            others.append(item)
    return Begun(tuple(item for item in candidates if item[1].lone), by_next, tuple(others))


def _candidates(word: str, built: Index) -> list[Entry]:
    """Return the entries whose first word this one may be; an unknown word is tried by its sound, bare, and spelt out.

    A word that only begins a phrase is tried bare as well, for it need not stand in that phrase.
    """
    found = _as_written(word, built)
    if word in built.function_words or len(word) <= 3:
        return found
    if not found:
        for language, rules in built.sounds.items():
            found.extend(built.heard[language].get(heard_as(word, rules), ()))
    if all(len(entry.parts) > 1 for entry in found):
        found.extend(entry for language in built.languages for entry in _bare(word, language, built))
    if not found and built.in_latin is not None and word.isascii():
        found = _as_written(translit.plain_spelling(word), built.in_latin)
    return found


def _as_written(word: str, built: Index) -> list[Entry]:
    found = list(built.words.get(word, ()))
    for size in built.stem_sizes.get(word[:_STEM_START], ()):
        found.extend(built.stems.get(word[:size], ()))
    return found


def _bare(word: str, language: str, built: Index) -> list[Entry]:
    """Return what one language knows of a word without its particles and endings; noise has to stand as written."""
    for form in bare_forms(word, language):
        listed = _as_written(form, built) if language in _STEMS_AFTER_PARTICLES else built.words.get(form, ())
        found = [
            entry for entry in listed if entry.language == language and not entry.concept.startswith("noise.")
        ]
        if found:
            return found
    return []


def _goes_on(entry: Entry, text: Text, at: int) -> bool:
    if entry.accented is not None and not text.plain_words[at].startswith(entry.accented):
        return False
    if len(entry.parts) == 1:
        return True
    if at + len(entry.parts) > len(text.words):
        return False
    for offset, (part, stem) in enumerate(entry.parts[1:], start=1):
        word = text.words[at + offset]
        if entry.in_latin:
            word = translit.plain_spelling(word)
        if not (word.startswith(part) if stem else word == part):
            return False
    return True


def _find_runs(run: str, built: Index) -> list[Hit]:
    hits: list[Hit] = []
    at, end = 0, len(run)
    while at < end:
        piece = _longest(run, at, built) if at == 0 or run[at - 1] not in _STACKERS else ""
        if piece:
            hits.extend(Hit(concept, name, at) for concept, name in built.runs[piece] if concept != IGNORED)
        at += len(piece) or 1
    return hits


def _longest(run: str, at: int, built: Index) -> str:
    """Return the longest known word that starts here and ends with its syllable, or nothing."""
    for key in (run[at : at + 2], run[at]):
        for size in built.sizes.get(key, ()):
            piece = run[at : at + size]
            if piece in built.runs and len(piece) == size and _ends(run, at + size):
                return piece
    return ""


def _ends(run: str, end: int) -> bool:
    """Say whether a word may end here: not before a vowel sign or a closed consonant of the same syllable."""
    if end >= len(run):
        return True
    if unicodedata.category(run[end]) in ("Mn", "Mc") or run[end] in _VOWELS_BEHIND:
        return False
    return run[end + 1 : end + 2] not in _CLOSERS


def _heard(words: Vocabulary) -> dict[str, list[Entry]]:
    """Index whole words and stems by how they sound, so that 'sigaros' finds 'cigarros'."""
    heard: dict[str, list[Entry]] = {}
    for entry in words.entries:
        first, stem = entry.parts[0]
        key = heard_as(first, words.sounds)
        if len(key) < 4:
            continue
        heard.setdefault(key, []).append(entry)
        if stem:
            for ending in ("s", "a", "o", "as", "os", "es"):
                heard.setdefault(key + ending, []).append(entry)
    return heard


def heard_as(word: str, rules: tuple[tuple[str, str], ...]) -> str:
    """Spell a folded word by its sound, with doubled letters once."""
    for letters, sound in rules:
        if letters in word:
            word = word.replace(letters, sound)
    return "".join(letter for at, letter in enumerate(word) if at == 0 or letter != word[at - 1])


def _entry(language: str, concept: str, word: str, accents: bool) -> Entry:
    plain = plain_form(word)
    parts = tuple((fold(part).rstrip("*"), part.endswith("*")) for part in plain.split())
    first = plain.split()[0].rstrip("*")
    strict = accents and len(parts) == 1 and first != fold(first)
    return Entry(language, concept, parts, first if strict else None)


def _sound(rule: str) -> tuple[str, str]:
    letters, _, sound = rule.partition(">")
    return letters.strip(), sound.strip()


def _split(words: str) -> list[str]:
    return [word for word in (piece.strip() for piece in words.split(",")) if word]
