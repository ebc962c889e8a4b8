"""Read one message: language, category, noise, concepts and time, with their probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tips.reading import category, language, noise
from tips.reading.lexicon import IGNORED, Hit, categories, find, index, known_languages
from tips.reading.moment import when
from tips.reading.text import Text, prepare


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message says; probabilities are between 0 and 1, event_at is UTC."""

    language: str
    language_probability: float
    category: str | None
    category_probability: float
    categories: Mapping[str, float]
    is_noise: bool
    noise_reason: str | None
    noise_probability: float
    concepts: frozenset[str]
    event_at: datetime | None
    event_words: str | None


def read(
    text: str,
    *,
    languages: Sequence[str],
    located: bool,
    has_observables: bool,
    known_sender: bool,
    received_at: datetime,
    timezone: str,
) -> Reading:
    """Read a message of a deployment that speaks `languages`; any string is read, none raises.

    `received_at` is aware; `timezone` is the deployment's IANA name, in which "last night" is understood.
    """
    prepared, tongue, certainty, hits = understand(text, languages)
    probabilities = category.classify(prepared, hits)
    around = noise.Surroundings(located, has_observables, known_sender)
    verdict = noise.judge(prepared, hits, around)
    best = max(probabilities, key=lambda name: probabilities[name])
    moment = when(prepared, _spoken(languages, tongue), received_at=received_at, timezone=timezone)
    return Reading(
        language=tongue,
        language_probability=certainty,
        category=None if verdict.is_noise else best,
        category_probability=0.0 if verdict.is_noise else probabilities[best],
        categories=probabilities,
        is_noise=verdict.is_noise,
        noise_reason=verdict.reason,
        noise_probability=verdict.probability,
        concepts=frozenset(hit.concept for hit in hits if hit.concept != IGNORED),
        event_at=moment.at if moment else None,
        event_words=moment.words if moment else None,
    )


def speaks_of_goods(words: str, languages: Sequence[str]) -> bool:
    """Say whether some words, such as the name of a place, would count for a category: "Gem Market", "Charcoal Pier"."""
    table = categories()
    return any(hit.concept in table for hit in find(prepare(words), _spoken(languages, "en")))


def understand(text: str, languages: Sequence[str]) -> tuple[Text, str, float, list[Hit]]:
    """Return the prepared text, its language with probability, and the concepts that can be trusted."""
    prepared = prepare(text)
    spoken = _spoken(languages, "en")
    hits = find(prepared, spoken)
    tongue, certainty = language.detect(prepared, languages, hits)
    if tongue not in spoken and tongue in known_languages():
        hits = [*hits, *find(prepared, (tongue,))]
    return prepared, tongue, certainty, _trusted(prepared, hits, tongue)


def _spoken(languages: Sequence[str], also: str) -> tuple[str, ...]:
    names = (*(language.primary(tag) for tag in languages), also)
    return tuple(sorted(set(names) & known_languages()))


def _trusted(text: Text, hits: list[Hit], tongue: str) -> list[Hit]:
    """Drop a word that another language would read differently, where this language knows the word itself."""
    own = index((tongue,)).function_words
    mine = {hit.at for hit in hits if hit.language == tongue}
    return [
        hit
        for hit in hits
        if hit.language == tongue
        or tongue not in known_languages()
        or (hit.at not in mine and _borrowed(text, hit, own))
    ]


def _borrowed(text: Text, hit: Hit, own: Mapping[str, object]) -> bool:
    if hit.at >= len(text.words):
        return True
    word = text.words[hit.at]
    return len(word) >= 4 and word not in own
