"""Say in words an officer can read aloud why a tip may belong to a case, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tips.matching.evidence import Evidence
from tips.matching.footprint import Footprint
from tips.matching.likeness import AGAIN
from tips.matching.nearness import DAY, HOUR

MAX_NAMED = 4
AGAINST = "against it"
_LONG_AFTER = 3 * DAY
_APART_M = 300.0  # beyond the ends of both circles
_ALIKE = 0.25  # share of the wording in common that is worth saying
_NAMES = {
    "plate": "plate", "container": "container", "phone": "phone number", "imei": "IMEI", "serial": "serial number",
    "btc": "Bitcoin address", "eth": "Ethereum address", "trx": "Tron address", "vin": "chassis number",
    "imo": "ship number", "gtin": "product number", "epc": "electronic tag", "url": "web address",
    "email": "e-mail address", "account": "account",
}  # fmt: skip
_SAID = {"good": 0, "vehicle": 1, "person": 2, "colour": 3, "mark": 4, "pack": 5, "place": 6}  # in this order
_COUNTED = frozenset({"vehicle", "place", "person"})  # kinds that take an article
_LOOSE = frozenset({"child", "police"})
_SPOKEN = {  # marks as one says them; the others are said as they are called
    "no_tax": "unpaid tax", "no_permit": "missing papers", "fake": "fakes", "no_plate": "a vehicle without plates",
    "no_label": "missing labels", "no_lights": "no lights", "stolen": "stolen goods", "expired": "expired goods",
    "rotten": "rotten goods", "smell": "a smell", "cheap": "low prices", "secret": "doing it in secret",
    "live": "live animals", "ancient": "old things", "child": "children", "heavy": "a heavy load",
    "foreign": "foreign goods", "armed": "armed people", "misspelt": "misspelt labels",
    "unrefrigerated": "goods without cooling", "animal_disease": "sick animals", "pollution": "pollution",
}  # fmt: skip


def reasons_for(tip: Footprint, evidence: Evidence) -> tuple[str, ...]:
    """Return what speaks for the case, strongest first, then what speaks against it; never empty."""
    against = (f"{AGAINST}: {reason}" for reason in _against(tip, evidence))
    return (*_in_favour(tip, evidence), *against)


def _in_favour(tip: Footprint, evidence: Evidence) -> list[str]:
    said = [f"same {_name(kind)} {value}" for kind, value in sorted(evidence.observables)[:MAX_NAMED]]
    if evidence.copied:
        said.append("the same text, word for word")
    if evidence.same_sender:
        said.append("same sender")
    said.extend(_place(tip, evidence))
    if evidence.where.told:
        said.append("one names the place of the other as where goods come from or go to")
    if evidence.when.latest_s <= _LONG_AFTER:
        said.append(f"{spoken_time(evidence.when.latest_s)} after the case's latest message")
    category = top_category(tip.categories)
    if evidence["category"] > 0 and category not in (None, "other"):
        said.append(f"both about {category}")
    if named := _shared_words(evidence.concepts):
        said.append(f"both speak of {listed(named)}")
    if evidence["numbers"] >= 0.5:
        telling = sorted(evidence.numbers, reverse=True)[:2]
        said.append(f"both name the number {listed([str(number) for number in telling])}")
    if evidence["words"] >= _ALIKE and not evidence.copied:
        said.append("much of the wording is alike")
    return said


def _against(tip: Footprint, evidence: Evidence) -> list[str]:
    said: list[str] = []
    if evidence.where.nearest is None:
        said.append("this message names no place" if not tip.located else "the case has no place yet")
    elif _apart(evidence):
        said.append(f"{spoken_distance(evidence.where.metres)} apart")
    if evidence.when.latest_s > _LONG_AFTER:
        said.append(f"nothing was heard of the case for {spoken_time(evidence.when.latest_s)}")
    category = top_category(tip.categories)
    if evidence["category_miss"] > 0 and category not in (None, "other"):
        said.append(f"this message is about {category}, the case is not")
    for kind, value in sorted(evidence.clashing)[:1]:
        theirs = min(other for other_kind, other in evidence.case.observables if other_kind == kind)
        said.append(f"another {_name(kind)}, {value} here and {theirs} there")
    for kind, clash in (("colour", "colour_clash"), ("good", "goods_apart"), ("good", "goods_astray")):
        mine, others = _of_kind(tip.concepts, kind), _of_kind(evidence.case.concepts, kind)
        if evidence[clash] and mine and others:
            said.append(f"{listed(mine)} here, {listed(others)} there")
    return said


def _place(tip: Footprint, evidence: Evidence) -> list[str]:
    place = evidence.where
    if place.nearest is None or _apart(evidence):
        return []
    if tip.place is not None and tip.place == place.nearest.place:
        return [f"at the same place, {tip.place}"]
    blur = max(tip.radius_m, place.nearest.radius_m)
    if place.metres < 100 and blur <= 150:
        return [f"at the same spot, {spoken_distance(place.metres)} apart"]
    vaguer = "this place" if tip.radius_m >= place.nearest.radius_m else "the case's place"
    sure = f", {vaguer} known only to within {spoken_distance(blur)}" if blur > 300 else ""
    return [f"{spoken_distance(place.metres)} apart{sure}"]


def _apart(evidence: Evidence) -> bool:
    """Say whether the nearest points lie apart even at the ends of their circles."""
    return evidence.where.metres - evidence.where.reach_m > _APART_M


def _shared_words(concepts: Iterable[str]) -> list[str]:
    """Return shared concepts as words, goods and vehicles before the rest."""
    parts = (concept.partition(".") for concept in concepts if concept != AGAIN)
    kept = [(kind, name) for kind, _, name in parts if kind in _SAID]
    kept.sort(key=lambda pair: (_SAID[pair[0]], pair[1]))
    return [_word(kind, name) for kind, name in kept[:MAX_NAMED]]


def _word(kind: str, name: str) -> str:
    word = name.replace("_", " ")
    if kind in _COUNTED and name not in _LOOSE:
        return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"
    if kind == "mark":
        return _SPOKEN.get(name, word)
    return f"something {word}" if kind == "colour" else word


def _of_kind(concepts: Iterable[str], kind: str) -> list[str]:
    return [
        name.partition(".")[2].replace("_", " ") for name in sorted(concepts) if name.startswith(f"{kind}.")
    ][:3]


def _name(kind: str) -> str:
    return _NAMES.get(kind, kind)


def top_category(categories: Mapping[str, float]) -> str | None:
    """Return the likeliest category, None where there is none."""
    return max(sorted(categories), key=lambda name: categories[name], default=None)


def listed(words: Sequence[str]) -> str:
    """Join words as one says them."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def spoken_distance(metres: float) -> str:
    """Return a distance as one says it: metres below a kilometre, rounded."""
    if metres < 10:
        return "a few metres"
    if metres < 995:
        return f"{round(metres, -1):.0f} m"
    return f"{metres / 1000:.1f} km" if metres < 9_950 else f"{metres / 1000:.0f} km"


def spoken_time(seconds: float) -> str:
    """Return a span of time as one says it: minutes, hours or days."""
    if seconds < 90:
        return "a minute"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / HOUR:.0f} hours" if seconds < 36 * HOUR else f"{seconds / DAY:.0f} days"
