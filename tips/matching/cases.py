"""Arrange the candidates of a look-up by case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from tips.matching.footprint import Footprint


@dataclass(frozen=True, slots=True)
class Case:
    """The members of one case that the look-up brought, oldest first, and what they name together."""

    case_id: int
    members: tuple[Footprint, ...]
    concepts: frozenset[str]
    observables: frozenset[tuple[str, str]]


def gather(candidates: Iterable[Footprint]) -> list[Case]:
    """Arrange candidates by case; those in no case take no part."""
    cases: dict[int, list[Footprint]] = {}
    for candidate in candidates:
        if candidate.case_id is not None:
            cases.setdefault(candidate.case_id, []).append(candidate)
    return [_case(case_id, members) for case_id, members in sorted(cases.items())]


def _case(case_id: int, members: list[Footprint]) -> Case:
    if len(members) == 1:
        return Case(case_id, tuple(members), members[0].concepts, members[0].observables)
    members.sort(key=attrgetter("received_at", "tip_id"))
    concepts = frozenset().union(*[member.concepts for member in members])
    observables = frozenset().union(*[member.observables for member in members])
    return Case(case_id, tuple(members), concepts, observables)
