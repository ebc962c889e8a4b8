"""Find what an auditor may want to look at: pairs, timing and amounts that repeat. Advice, never a verdict. PURE."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

PAIRS_FROM = 3
JUST_BEFORE = timedelta(hours=2)
NEAR_LIMIT = Fraction(5, 100)
NEAR_FROM = 2
PARTS_OF_OFFICERS = frozenset({"closing_officer", "case_officer", "intake", "scorer", "recommender"})


@dataclass(frozen=True, slots=True)
class PaidTip:
    """One tip of a reward that was proposed: its sender's alias and when it came; no word of what it said."""

    alias: str
    received_at: datetime
    amount: int


@dataclass(frozen=True, slots=True)
class PastReward:
    """One reward as the patterns look at it; amounts in minor units, `limits` the approval limits of its policy."""

    ref: str
    pool: int
    proposed_at: datetime
    action_at: datetime | None
    people: tuple[tuple[int, str], ...]
    tips: tuple[PaidTip, ...]
    limits: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One pattern: its kind, the person or alias it is about, the rewards, and the reason in words."""

    kind: str
    person_id: int | None
    alias: str
    rewards: tuple[str, ...]
    words: str


def findings(rewards: Sequence[PastReward]) -> tuple[Finding, ...]:
    """List every pattern, pairs first."""
    return (*_pairs(rewards), *_just_before(rewards), *_near_limits(rewards))


def _pairs(rewards: Sequence[PastReward]) -> Iterator[Finding]:
    met: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    of_alias: defaultdict[str, set[str]] = defaultdict(set)
    for reward in rewards:
        aliases = {tip.alias for tip in reward.tips if tip.alias and tip.amount}
        for alias in aliases:
            of_alias[alias].add(reward.ref)
            for person in {person for person, part in reward.people if part in PARTS_OF_OFFICERS}:
                met[person, alias].append(reward.ref)
    for (person, alias), refs in sorted(met.items(), key=lambda item: -len(item[1])):
        if len(refs) >= PAIRS_FROM:
            words = (
                f"Worked on {len(refs)} of the {len(of_alias[alias])} rewards of this alias. "
                "Look at who else could have taken these cases."
            )
            yield Finding("pair", person, alias, tuple(refs), words)


def _just_before(rewards: Sequence[PastReward]) -> Iterator[Finding]:
    for reward in rewards:
        if reward.action_at is None:
            continue
        for tip in reward.tips:
            ahead = reward.action_at - tip.received_at
            if tip.amount and timedelta(0) < ahead <= JUST_BEFORE:
                minutes = int(ahead.total_seconds() // 60)
                words = (
                    f"A paid tip came {minutes} min before the first act. Look at whether the act had been "
                    "decided before it came."
                )
                yield Finding("just_before", None, tip.alias, (reward.ref,), words)


def _near_limits(rewards: Sequence[PastReward]) -> Iterator[Finding]:
    near: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for reward in rewards:
        limit = next((limit for limit in sorted(reward.limits)[:-1] if _just_below(reward.pool, limit)), None)
        if limit is None:
            continue
        for person in {person for person, part in reward.people if part in ("closing_officer", "scorer")}:
            near[person, limit].append(reward.ref)
    for (person, _), refs in sorted(near.items(), key=lambda item: -len(item[1])):
        if len(refs) >= NEAR_FROM:
            words = (
                f"{len(refs)} rewards end within 5% below the limit from which another signature is needed. "
                "Look at how they were scored."
            )
            yield Finding("near_limit", person, "", tuple(refs), words)


def _just_below(pool: int, limit: int) -> bool:
    return limit - limit * NEAR_LIMIT <= pool <= limit
