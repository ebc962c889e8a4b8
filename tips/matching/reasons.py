"""Say in words an officer can read aloud why a tip was taken to belong to a case, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tips.matching.evidence import DAY, HOUR, Evidence
from tips.matching.footprint import Footprint

MAX_NAMED = 4
_LONG_AFTER = 3 * DAY
_ALIKE = 0.25  # share of the wording in common that is worth saying
_NAMES = {
    "plate": "plate", "container": "container", "phone": "phone number", "imei": "IMEI", "serial": "serial number",
    "btc": "Bitcoin address", "eth": "Ethereum address", "trx": "Tron address", "vin": "chassis number",
    "imo": "ship number", "gtin": "product number", "epc": "electronic tag", "url": "web address",
    "email": "e-mail address", "account": "account",
}  # fmt: skip
_UNSAID = ("cue.", "time.", "act.", "unit.")
_WITH_ARTICLE = ("vehicle.", "place.", "person.", "container.")
_CATEGORIES = {"other": "something else"}


def reasons_for(tip: Footprint, evidence: Evidence) -> tuple[str, ...]:
    """Return what speaks for the case, strongest first, then what speaks against it; never empty."""
    return (*_in_favour(tip, evidence), *_against(tip, evidence))


def _in_favour(tip: Footprint, evidence: Evidence) -> list[str]:
    said = [
        f"same {_NAMES.get(kind, kind)} {value}" for kind, value in sorted(evidence.observables)[:MAX_NAMED]
    ]
    if evidence.copied:
        said.append("the same text, word for word")
    if evidence.same_sender:
        said.append("same sender")
    said.extend(_place(tip, evidence))
    said.append(_time(evidence))
    category = top_category(tip.categories)
    if evidence["category"] > 0 and category is not None and category != "other":
        said.append(f"both about {category}")
    if named := _named(evidence.concepts):
        said.append(f"both speak of {_listed(named)}")
    if evidence["numbers"] >= 0.5:
        said.append(
            f"both name the number {_listed([str(n) for n in sorted(evidence.numbers, reverse=True)[:2]])}"
        )
    if evidence["words"] >= _ALIKE and not evidence.copied:
        said.append("much of the wording is alike")
    return said


def _against(tip: Footprint, evidence: Evidence) -> list[str]:
    said: list[str] = []
    if _far(evidence) and evidence.metres is not None:
        said.append(f"against it: {spoken_distance(evidence.metres)} apart")
    if evidence["no_place"]:
        where = "this message names no place" if not tip.located else "the case has no place yet"
        said.append(f"against it: {where}")
    if evidence.latest_s > _LONG_AFTER:
        said.append(f"against it: nothing was heard of the case for {spoken_time(evidence.latest_s)}")
    if evidence["category_miss"] > 0:
        said.append(f"against it: this message is about {_spoken_category(tip)}, the case is not")
    for kind, value in sorted(evidence.clashing)[:1]:
        theirs = next(
            other for member in evidence.case.members for k, other in sorted(member.observables) if k == kind
        )
        said.append(f"against it: another {_NAMES.get(kind, kind)}, {value} here and {theirs} there")
    if evidence["colour_clash"]:
        held = frozenset().union(*(member.concepts for member in evidence.case.members))
        mine, others = _of_kind(tip.concepts, "colour."), _of_kind(held, "colour.")
        said.append(f"against it: {_listed(mine)} here, {_listed(others)} there")
    if evidence["goods_apart"] or evidence["goods_astray"]:
        held = frozenset().union(*(member.concepts for member in evidence.case.members))
        mine, others = _of_kind(tip.concepts, "good."), _of_kind(held, "good.")
        said.append(f"against it: {_listed(mine)} here, {_listed(others)} there")
    return said


def _place(tip: Footprint, evidence: Evidence) -> list[str]:
    near = evidence.nearest
    if near is None or evidence.metres is None or _far(evidence):
        return []
    if tip.place is not None and tip.place == near.place:
        return [f"at the same place, {tip.place}"]
    blur = max(tip.radius_m, near.radius_m)
    if evidence.metres < 100 and blur <= 150:
        return [f"at the same spot, {spoken_distance(evidence.metres)} apart"]
    sure = f", known to within {spoken_distance(blur)}" if blur > 300 else ""
    return [f"{spoken_distance(evidence.metres)} apart{sure}"]


def _time(evidence: Evidence) -> str:
    return f"{spoken_time(evidence.latest_s)} after the case's latest message"


def _named(concepts: Iterable[str]) -> list[str]:
    """Return shared concepts as words, goods and vehicles before the rest."""
    order = {"good": 0, "vehicle": 1, "person": 2, "colour": 3, "mark": 4, "place": 5}
    kept = [name for name in concepts if "." in name and not name.startswith(_UNSAID)]
    ranked = sorted(kept, key=lambda name: (order.get(name.split(".")[0], 6), name))
    return [_word(name) for name in ranked[:MAX_NAMED]]


def _word(concept: str) -> str:
    kind, _, name = concept.partition(".")
    word = name.replace("_", " ")
    if f"{kind}." in _WITH_ARTICLE:
        return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"
    return f"something {word}" if kind == "colour" else word


def _of_kind(concepts: Iterable[str], kind: str) -> list[str]:
    return [name.removeprefix(kind).replace("_", " ") for name in sorted(concepts) if name.startswith(kind)][
        :3
    ]


def _spoken_category(tip: Footprint) -> str:
    category = top_category(tip.categories)
    return "something else" if category is None else _CATEGORIES.get(category, category)


def top_category(categories: dict[str, float] | object) -> str | None:
    """Return the likeliest category, None where there is none."""
    if not isinstance(categories, dict) or not categories:
        return None
    return max(sorted(categories), key=lambda name: categories[name])


def _listed(words: Sequence[str]) -> str:
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
    if seconds < 36 * HOUR:
        return f"{seconds / HOUR:.0f} hours"
    return f"{seconds / DAY:.0f} days"


def _far(evidence: Evidence) -> bool:
    """Say whether the nearest points lie apart even at the ends of their circles."""
    return evidence.metres is not None and evidence.metres - evidence.reach_m > 300.0
