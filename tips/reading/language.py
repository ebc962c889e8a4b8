"""Tell the language of a short message: script first, then letters, then words."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Iterable, Sequence
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from tips.reading.lexicon import Hit, index
from tips.reading.scripts import LANGUAGES, TELLTALE, main_script, writes_latin
from tips.reading.text import Text

SAMPLE_CHARS = 400
UNKNOWN = "und"
_CODES = re.compile(r"(?:https?://|www\.)\S+|(?<!\S)[^\s@]*+@\S+|\b\w*\d\w*\b|[+\d][\d\s.,°'\"/-]{3,}")
_ARABIZI = re.compile("[a-z]+[23579][a-z]+")  # "wa7ed": a digit stands for a letter that Latin does not have
_ARABIZI_LETTERS = 4  # and digits; a shorter word may be "b2b"
# What Arabic puts before a word: "katbi3" is a verb that goes on now; no other language begins as "lkhder" does.
_ARABIC_START = re.compile(
    r"kay(?!ak)[a-z379]{4,}|kat[a-z]*[379][a-z]*|l(?=[a-z379]*[aeiou])[bdfgjkmqrstwz][a-z379]{3,}"
)
_ARABIZI_WEIGHT = 1.6  # the things in such a sentence have French or Spanish names, and its verbs do not
_LETTER_WEIGHT, _WORD_WEIGHT, _CONCEPT_WEIGHT = 1.0, 1.0, 0.8
# What a language of another script pays in Latin letters: beside a word of a language that is written so, and without.
_ROMANISED_PENALTY, _ROMANISED_ALONE = 1.0, 0.3
_OWN_WORD = 0.5  # votes that words shared with others seldom reach
_OUTSIDER_PROBABILITY, _OUTSIDER_WORDS = 0.90, 5


def primary(tag: str) -> str:
    """Return the primary subtag in small letters: 'pt-BR' is 'pt'."""
    return tag.replace("_", "-").split("-")[0].lower()


def detect(text: Text, languages: Sequence[str], hits: Iterable[Hit]) -> tuple[str, float]:
    """Return the language and how sure that is; the first deployment language where nothing tells."""
    spoken = tuple(dict.fromkeys(primary(tag) for tag in languages)) or ("en",)
    bare = _CODES.sub(" ", text.plain)
    script = main_script(bare)
    if script is None:
        return spoken[0], 0.5
    if script != "Latin":
        return _by_letters(bare, script, spoken)
    return _by_words(text, bare, spoken, list(hits))


def warm_up() -> None:
    """Load the letter model now rather than at the first message; it takes about a fifth of a second."""
    _identifier(("en", "es"))


def _by_letters(bare: str, script: str, spoken: tuple[str, ...]) -> tuple[str, float]:
    """Choose among the languages of one script other than Latin."""
    if script == "Han" and any("\u3040" <= letter <= "\u30ff" for letter in bare):
        script = "Kana"
    possible = LANGUAGES[script]
    candidates = [name for name in spoken if name in possible]
    if len(candidates) == 1 and len(possible) <= 3:
        return candidates[0], 0.99
    for name, letters in TELLTALE.items():
        if name not in possible or (candidates and name not in candidates):
            continue
        rival = name == "ur" and "fa" in candidates
        if not rival and sum(bare.count(letter) for letter in letters) >= 2:
            return name, 0.97
    if len(candidates) == 1:
        return candidates[0], 0.98
    known = tuple(name for name in (candidates or possible) if name in _labels())
    if not known:
        return (candidates or list(possible))[0], 0.7
    if len(known) == 1:
        return known[0], 0.95
    name, probability = _identifier(known).rank(bare[:SAMPLE_CHARS])[0]
    return str(name), min(0.99, float(probability))


def _by_words(text: Text, bare: str, spoken: tuple[str, ...], hits: list[Hit]) -> tuple[str, float]:
    """Weigh letters and known words; a language of another script may be written in Latin letters."""
    votes = _votes(text, spoken, hits)
    native = tuple(name for name in spoken if writes_latin(name))
    letters = _letter_scores(bare, native) if native else {}
    spelt_so = any(votes.get(name, 0.0) >= _OWN_WORD for name in native)
    romanised = _ROMANISED_PENALTY if spelt_so else _ROMANISED_ALONE
    scores: dict[str, float] = {}
    for order, name in enumerate(spoken):
        score = _WORD_WEIGHT * votes.get(name, 0.0) - 0.05 * order
        if name in letters:
            score += _LETTER_WEIGHT * letters[name]
        elif name not in native:
            score -= romanised if native else 0.0
        scores[name] = score
    outsider = _outsider(bare, text, spoken, votes)
    if outsider is not None:
        return outsider
    best = max(scores, key=lambda name: scores[name])
    total = sum(math.exp(max(-30.0, score - scores[best])) for score in scores.values())
    return best, min(0.99, 1.0 / total)


def _votes(text: Text, spoken: tuple[str, ...], hits: list[Hit]) -> dict[str, float]:
    """Count the words that belong to each language, a word of several languages counting less."""
    built = index(spoken)
    votes: dict[str, float] = {}
    for word in text.words:
        owners = built.function_words.get(word, ())
        for name in owners:
            votes[name] = votes.get(name, 0.0) + 1.0 / len(owners) ** 2
        if not owners and "ar" in spoken and _is_arabizi(word):
            votes["ar"] = votes.get("ar", 0.0) + _ARABIZI_WEIGHT
    by_place: dict[int, set[str]] = {}
    for hit in hits:
        by_place.setdefault(hit.at, set()).add(hit.language)
    for at, names in by_place.items():
        owners = built.function_words.get(text.words[at], ()) if at < len(text.words) else ()
        for name in names:
            votes[name] = votes.get(name, 0.0) + _CONCEPT_WEIGHT / len(names.union(owners)) ** 2
    return votes


def _is_arabizi(word: str) -> bool:
    """Say whether a word is Arabic in Latin letters by the digits inside it or by how it begins."""
    if _ARABIC_START.fullmatch(word):
        return True
    return len(word) >= _ARABIZI_LETTERS and _ARABIZI.fullmatch(word) is not None


def _letter_scores(bare: str, native: tuple[str, ...]) -> dict[str, float]:
    """Return log probabilities by letters, 0 for the best; short messages tell little."""
    known = tuple(name for name in native if name in _labels())
    if len(known) < 2:
        return dict.fromkeys(native, 0.0)
    ranked = _identifier(known).rank(bare[:SAMPLE_CHARS])
    trust = min(1.0, len(bare) / 40)
    scores = {str(name): trust * max(-4.0, math.log(max(1e-9, float(p)))) for name, p in ranked}
    return {name: scores.get(name, -2.0) for name in native}


def _outsider(
    bare: str, text: Text, spoken: tuple[str, ...], votes: dict[str, float]
) -> tuple[str, float] | None:
    """Return a language the deployment does not speak, only when letters are sure and no word speaks for ours."""
    if len(text.words) < _OUTSIDER_WORDS or max(votes.values(), default=0.0) > 0.12 * len(text.words):
        return None
    name, probability = _identifier(None).rank(bare[:SAMPLE_CHARS])[0]
    if name in spoken or float(probability) < _OUTSIDER_PROBABILITY:
        return None
    return str(name), float(probability)


@cache
def _labels() -> frozenset[str]:
    return frozenset(_base().labels)


@cache
def _base() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@cache
def _identifier(languages: tuple[str, ...] | None) -> LanguageIdentifier:
    """Return a model narrowed to some languages; each is its own copy, so threads share nothing that changes."""
    if languages is None:
        return _base()
    narrowed = copy.copy(_base())
    narrowed.set_languages(list(languages))
    return narrowed
