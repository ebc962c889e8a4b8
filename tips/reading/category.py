"""Say what a tip is about: the goods it names, weighed by a fitted model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from tips.reading.lexicon import Hit, categories
from tips.reading.linear import LinearModel, load
from tips.reading.text import Text

_GOODS_WEIGHT, _CONCEPT_WEIGHT, _WORD_WEIGHT = 1.5, 1.0, 0.4
_KINDS = ("good.", "act.", "mark.", "pack.", "place.", "vehicle.", "unit.")
_WORDS_READ, _GRAMS_READ = 100, 200


def features(text: Text, hits: list[Hit]) -> dict[str, float]:
    """Return what the model reads: goods by category, concepts, and in unspaced scripts pairs of letters."""
    table = categories()
    found: dict[str, float] = {}
    spoken: Counter[str] = Counter()
    first: tuple[int, str] | None = None
    for concept in dict.fromkeys(
        hit.concept for hit in hits
    ):  # in order: of two equal trades the first one said leads
        if concept.startswith(_KINDS):
            found[f"c:{concept}"] = _CONCEPT_WEIGHT
        category = table.get(concept)
        if category and concept.startswith("good."):
            spoken[category] += 1
        elif category:
            found[f"a:{category}"] = _CONCEPT_WEIGHT
    for hit in hits:
        category = table.get(hit.concept) if hit.concept.startswith("good.") else None
        if category and (first is None or hit.at < first[0]):
            first = (hit.at, category)
    for category, times in spoken.items():
        found[f"k:{category}"] = _GOODS_WEIGHT * min(times, 3) ** 0.5
    if spoken:
        found[f"top:{spoken.most_common(1)[0][0]}"] = 0.7
    if len(spoken) == 1:
        found[f"only:{next(iter(spoken))}"] = _GOODS_WEIGHT
    if first:
        found[f"first:{first[1]}"] = 0.5
    if "mark.fake" in {hit.concept for hit in hits}:
        for category in spoken:
            found[f"fake:{category}"] = _CONCEPT_WEIGHT
    for word in text.words[:_WORDS_READ]:
        if len(word) > 2 and not word.isdigit():
            found[f"w:{word[:7]}"] = _WORD_WEIGHT
    left = _GRAMS_READ
    for run in text.runs:
        for at in range(min(len(run) - 1, left)):
            found[f"g:{run[at : at + 2]}"] = _WORD_WEIGHT
        left -= len(run)
    return found


def classify(text: Text, hits: list[Hit], *, model: LinearModel | None = None) -> Mapping[str, float]:
    """Return the probability of every category."""
    return (model or load("category")).probabilities(features(text, hits))
