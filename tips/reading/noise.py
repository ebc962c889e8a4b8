"""Tell a tip from noise; in doubt it is a tip, because a lost tip costs more than a greeting read."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from tips.reading.lexicon import Hit, categories
from tips.reading.linear import LinearModel, load
from tips.reading.text import Text

# Noise concept -> the reason shown to an officer.
REASONS = {
    "abuse": "abuse",
    "prize": "advert",
    "loan": "advert",
    "advert": "advert",
    "link_bait": "advert",
    "appointment": "chat",
    "wrong_number": "wrong_number",
    "reward": "reward_question",
    "complaint": "service_complaint",
    "public_service": "service_complaint",
    "traffic": "other",
    "privacy": "other",
    "blessing": "greeting",
    "chat": "chat",
    "test": "test",
    "thanks": "thanks",
    "greeting": "greeting",
    "bare": "bare_reply",
}
NIGHT = "time.night"
_URL = re.compile(r"https?://|www\.")
_QUESTION = re.compile("[?？؟¿]")
_SPAM = frozenset(("advert", "loan", "prize", "link_bait"))
_TELLING = frozenset(("act", "mark", "vehicle", "pack", "colour", "person", "unit"))
_POLITE = frozenset(("noise.greeting", "noise.thanks", "noise.bare"))  # what may stand in front of any tip
_RETURNS = frozenset(("mark.again", "mark.same_vehicle", "mark.same_gang", "mark.still_there"))
_DEEDS = frozenset(
    ("act.unload", "act.smuggle", "act.hide", "act.dig", "act.fell", "act.poach", "act.siphon")
)
_NAMES_CALLED = frozenset(("act.steal", "act.pay"))  # "thieves", "bribed"
_ONLY_ABUSE = 0.35  # chance that is enough where a message calls names and tells nothing
_LENGTHS = ((0, "len:0"), (1, "len:1"), (3, "len:3"), (6, "len:6"), (12, "len:12"), (25, "len:25"))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What else is known about a message besides its words."""

    located: bool
    has_observables: bool
    known_sender: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a message is noise, why, and how likely."""

    is_noise: bool
    reason: str | None
    probability: float


def features(text: Text, hits: list[Hit], around: Surroundings) -> dict[str, float]:
    """Return what the model reads: kinds of concept met, never single words, so that it carries over to any language."""
    table = categories()
    kinds: Counter[str] = Counter()
    noise: dict[str, None] = {}
    covered: set[int] = set()
    for concept, at in dict.fromkeys((hit.concept, hit.at) for hit in hits):
        kind, _, name = concept.partition(".")
        if kind == "noise":
            noise[name] = None
            covered.add(at)
    for concept in dict.fromkeys(hit.concept for hit in hits):
        kind = concept.partition(".")[0]
        kinds["goods" if concept in table else kind] += 1
    found = {f"n:{kind}": min(times, 4) / 2 for kind, times in kinds.items() if kind != "noise"}
    goods = kinds["goods"] > 0
    for name in noise:
        if name == "bare":
            continue
        found[f"noise:{name}"] = 1.0
        found[f"noise:{name}&{'goods' if goods else 'none'}"] = 1.0
    if not goods:
        found["no goods"] = 1.0
        if kinds["act"] == 0:
            found["no goods or act"] = 1.0
    size = length(text)
    found[next((name for most, name in _LENGTHS if size <= most), "len:more")] = 1.0
    if noise.keys() & {"bare", "greeting", "thanks", "test"} and len(covered) >= 0.5 * size and size <= 6:
        found["all noise"] = 1.0
    if _QUESTION.search(text.plain):
        found["question"] = 1.0
        found["question&goods" if goods else "question&none"] = 1.0
    if _URL.search(text.plain):
        found["url"] = 1.0
        if noise.keys() & _SPAM:
            found["url&spam"] = 2.0
    for name, holds in (
        ("located", around.located),
        ("observables", around.has_observables),
        ("known sender", around.known_sender),
    ):
        if holds:
            found[name] = 1.0
            found[f"{name}&{'goods' if goods else 'none'}"] = 1.0
    return found


def judge(text: Text, hits: list[Hit], around: Surroundings, *, model: LinearModel | None = None) -> Verdict:
    """Decide; the reason is the strongest kind of noise met, or 'other'."""
    fitted = model or load("noise")
    probability = fitted.probabilities(features(text, hits, around))["noise"]
    threshold = min(fitted.threshold, _ONLY_ABUSE) if _only_abuses(hits, around) else fitted.threshold
    if probability < threshold or _is_guarded(text, hits, around):
        return Verdict(False, None, probability)
    return Verdict(True, _reason(text, hits), probability)


def length(text: Text) -> int:
    """Return the number of words, three letters of an unspaced script counting as one."""
    return len(text.words) + sum(-(-len(run) // 3) for run in text.runs)


def _is_guarded(text: Text, hits: list[Hit], around: Surroundings) -> bool:
    """Keep whatever speaks in no way like noise and tells of something: goods, or two kinds of clue, or a return."""
    concepts = {hit.concept for hit in hits}
    noise = {concept for concept in concepts if concept.startswith("noise.")}
    if noise - _POLITE:
        return False
    if noise - {"noise.bare"}:
        return not _QUESTION.search(text.plain) and _tells_politely(concepts)
    clues = {concept.partition(".")[0] for concept in concepts} & _TELLING
    if any(concept in categories() for concept in concepts):
        return "act" in clues or around.located or around.has_observables
    if _QUESTION.search(text.plain):
        return False
    if NIGHT in concepts:
        # who writes of a vehicle or a place by night, and asks nothing, has seen something
        clues |= {concept.partition(".")[0] for concept in concepts} & {"place", "time"}
    enough = 1 if around.located or around.has_observables else 2
    return "mark.again" in concepts or len(clues) >= enough


def _only_abuses(hits: list[Hit], around: Surroundings) -> bool:
    """Say whether a message calls names, as "you are thieves", and speaks of no goods, place, vehicle or anything seen."""
    concepts = {hit.concept for hit in hits}
    if "noise.abuse" not in concepts or around.located or around.has_observables:
        return False
    seen = {concept.partition(".")[0] for concept in concepts} & (_TELLING - {"act", "person"})
    told = concepts - _NAMES_CALLED
    return not seen and told.isdisjoint(categories()) and told.isdisjoint(_DEEDS)


def _tells_politely(concepts: set[str]) -> bool:
    """Say whether a message that greets or thanks tells of something as well: a return, a deed, goods and what is done."""
    if concepts & (_RETURNS | _DEEDS):
        return True
    clues = {concept.partition(".")[0] for concept in concepts} & _TELLING
    return "act" in clues and (len(clues) > 1 or not concepts.isdisjoint(categories()))


def _reason(text: Text, hits: list[Hit]) -> str:
    met = {hit.concept.partition(".")[2] for hit in hits if hit.concept.startswith("noise.")}
    for name, reason in REASONS.items():
        if name in met:
            return reason
    if length(text) <= 3:
        return "bare_reply"
    return "other" if _QUESTION.search(text.plain) else "chat"
