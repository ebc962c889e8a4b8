"""File a tip into a case the moment it arrives.

This runs inside the transaction of intake, for each tip: few statements, no models, and the row that all
new cases share (the year's counter) is touched as late as its number allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from cases.facts import FiledTip, Filing, Suggestion, TipFacts
from cases.models import ACTIONS, CASES, COUNTERS, LINKS, SUGGESTIONS
from cases.services.moves import first_state, record_opening
from cases.services.records import (
    LONGEST_TRAIL,
    SUMMARY_COLUMNS,
    derived,
    insert_row,
    live_link_of,
    lock_case,
    rebuild,
    refuse_gone,
    routed,
    summary_of,
    tell_link,
)
from cases.services.routing_setup import routing
from cases.standing import standing
from cases.states import CLOSED, MERGED
from cases.summary import EMPTY, with_tip
from cases.titles import case_number
from core import audit
from core.db import BESIDE_REFERENCES, execute

ATTACH = "attach"
OPEN_ACT = "open"
MOST_SUGGESTIONS = 5

_LOCK_CASE = (
    sa.select(CASES).where(CASES.c.id == sa.bindparam("case_id")).with_for_update(**BESIDE_REFERENCES)
)
_UPDATE_CASE = sa.update(CASES).where(CASES.c.id == sa.bindparam("case_row"))
_HEARD = (
    sa.select(LINKS.c.id)
    .where(
        LINKS.c.case_id == sa.bindparam("case_id"),
        LINKS.c.sender_alias == sa.bindparam("alias"),
        LINKS.c.detached_at.is_(None),
    )
    .limit(1)
)
_INSERT_SUGGESTIONS = sa.insert(SUGGESTIONS)
_DROP_UNRULED = sa.delete(SUGGESTIONS).where(
    SUGGESTIONS.c.tip_id == sa.bindparam("for_tip"), SUGGESTIONS.c.ruling.is_(None)
)
_RULED_CASES = sa.select(SUGGESTIONS.c.case_id).where(SUGGESTIONS.c.tip_id == sa.bindparam("for_tip"))
_COUNT_UP = sa.text(
    f"INSERT INTO {COUNTERS} (year, last) VALUES (:year, 1) "
    f"ON CONFLICT (year) DO UPDATE SET last = {COUNTERS}.last + 1 RETURNING last"
)


@dataclass(frozen=True, slots=True)
class Maker:
    """Who puts a tip into a case: the machine, or a member of staff."""

    kind: str
    staff_id: int | None


BY_MACHINE = Maker("machine", None)


def file_tip(*, facts: TipFacts, filing: Filing, now: datetime) -> FiledTip:
    """File a tip into the case that was decided on, or into a new one.

    A merged case passes it on to its survivor. A closed case takes nothing more: the tip opens a new case,
    and the closed one is kept as the first suggestion.
    """
    found = _case_to_join(filing)
    if found is None or found.state == CLOSED:
        filed = open_case(facts=facts, filing=_alone(filing), maker=BY_MACHINE, now=now)
        suggestions = _with_closed(filing, found)
    else:
        filed, suggestions = _join(found, facts, filing, now), filing.suggestions
    _keep_suggestions(facts.tip_id, filed.case_id, suggestions, filing.model_version)
    return filed


def refresh_tip(*, facts: TipFacts) -> None:
    """Tell the case of a tip that its place, category or time became known or were corrected.

    Raise Conflict where the tip has just left that case.
    """
    link = live_link_of(facts.tip_id)
    if link is None:
        return
    case = lock_case(link.case_id)
    refuse_gone(link)
    tell_link(link, facts)
    rebuild(case)


def renew_suggestions(*, tip_id: int, filing: Filing) -> None:
    """Replace what is suggested for a tip by what it resembles now; what an officer ruled on stays as it was.

    A tip that is in no case, or whose case it would be, gets no suggestion of it.
    """
    link = live_link_of(tip_id)
    execute(_DROP_UNRULED, {"for_tip": tip_id})
    if link is None:
        return
    ruled = set(execute(_RULED_CASES, {"for_tip": tip_id}).scalars())
    offered = list(filing.suggestions)
    if filing.outcome == ATTACH and filing.case_id is not None:
        offered.insert(0, Suggestion(filing.case_id, filing.probability or 0.0, filing.reasons))
    kept = tuple(one for one in offered if one.case_id not in ruled)
    _keep_suggestions(tip_id, link.case_id, kept, filing.model_version)


def open_case(*, facts: TipFacts, filing: Filing, maker: Maker, now: datetime) -> FiledTip:
    """Open a case for one tip."""
    summary = with_tip(EMPTY, facts, new_voice=facts.sender_alias is not None or facts.independent)
    case_id, number = insert_case(summary, now)
    link_id = insert_link(facts, case_id, filing, maker, now)
    record_opening(case_id, actor_id=maker.staff_id, now=now)
    insert_action(OPEN_ACT, case_id, facts.tip_id, {"made": [link_id]}, maker, now)
    audit.record(
        action="case.opened",
        subject=("case", number),
        actor_id=maker.staff_id,
        detail={"tip": facts.tip_id, "model": filing.model_version},
        at=now,
    )
    return FiledTip(case_id, number, filing.relation)


def insert_case(summary: Any, now: datetime) -> tuple[int, str]:
    """Write a case with a fresh number; return its id and number."""
    shown = standing(summary, category_set=None, confirmed=False, opened_at=now)
    values = {
        **{name: getattr(summary, name) for name in SUMMARY_COLUMNS},
        **routed(routing(), summary, category_set=None),
        **first_state(now),
        "title": shown.title,
        "priority": shown.priority.level,
        "priority_points": shown.priority.points,
        "priority_reasons": list(shown.priority.reasons),
        "opened_at": now,
        "number": _next_number(now.year),
    }
    return insert_row(CASES, values), str(values["number"])


def insert_link(facts: TipFacts, case_id: int, filing: Filing, maker: Maker, now: datetime) -> int:
    """Write the live link of a tip; return its id."""
    values = {
        **{name: getattr(facts, name) for name in TipFacts.__slots__},
        "case_id": case_id,
        "relation": filing.relation,
        "probability": filing.probability,
        "reasons": list(filing.reasons),
        "model_version": filing.model_version,
        "made_by": maker.kind,
        "made_by_id": maker.staff_id,
        "made_at": now,
    }
    return insert_row(LINKS, values)


def insert_action(
    kind: str, case_id: int, tip_id: int | None, image: dict[str, Any], maker: Maker, now: datetime
) -> int:
    """Write an act that can be taken back; return its id."""
    values = {
        "kind": kind,
        "case_id": case_id,
        "tip_id": tip_id,
        "image": image,
        "actor_id": maker.staff_id,
        "at": now,
    }
    return insert_row(ACTIONS, values)


def _case_to_join(filing: Filing) -> Any:
    """Lock the row of the case decided on, following merges; None where a new case was decided."""
    case_id = filing.case_id if filing.outcome == ATTACH else None
    for _ in range(LONGEST_TRAIL):
        if case_id is None:
            return None
        row = execute(_LOCK_CASE, {"case_id": case_id}).first()
        if row is None or row.state != MERGED:
            return row
        case_id = row.survivor_id
    return None


def _join(case: Any, facts: TipFacts, filing: Filing, now: datetime) -> FiledTip:
    new_voice = not _has_heard(case.id, facts.sender_alias) if facts.sender_alias else facts.independent
    summary = with_tip(summary_of(case), facts, new_voice=new_voice)
    link_id = insert_link(facts, case.id, filing, BY_MACHINE, now)
    values = {**derived(case, summary), "version": case.version + 1}
    execute(_UPDATE_CASE, {"case_row": case.id, **values})
    insert_action(ATTACH, case.id, facts.tip_id, {"made": [link_id]}, BY_MACHINE, now)
    audit.record(
        action="tip.filed",
        subject=("case", case.number),
        actor_id=None,
        detail={"tip": facts.tip_id, "probability": filing.probability, "model": filing.model_version},
        at=now,
    )
    return FiledTip(case.id, case.number, filing.relation)


def _has_heard(case_id: int, sender_alias: str) -> bool:
    return execute(_HEARD, {"case_id": case_id, "alias": sender_alias}).first() is not None


def _alone(filing: Filing) -> Filing:
    """Say of a decision to attach, which could not be followed, that the tip stands first."""
    if filing.outcome != ATTACH:
        return filing
    return Filing("new", None, "first", None, (), filing.suggestions, filing.model_version)


def _with_closed(filing: Filing, closed: Any) -> tuple[Suggestion, ...]:
    if closed is None:
        return filing.suggestions
    first = Suggestion(closed.id, filing.probability or 0.0, (*filing.reasons, f"{closed.number} is closed."))
    return (first, *(other for other in filing.suggestions if other.case_id != closed.id))


def _keep_suggestions(
    tip_id: int, case_id: int, suggestions: tuple[Suggestion, ...], model_version: str
) -> None:
    offered = [suggestion for suggestion in suggestions if suggestion.case_id != case_id][:MOST_SUGGESTIONS]
    if not offered:
        return
    rows = [
        {
            "tip_id": tip_id,
            "case_id": suggestion.case_id,
            "rank": rank,
            "probability": suggestion.probability,
            "reasons": list(suggestion.reasons),
            "model_version": model_version,
        }
        for rank, suggestion in enumerate(offered, start=1)
    ]
    execute(_INSERT_SUGGESTIONS, rows)


def _next_number(year: int) -> str:
    """Take the year's next number in one statement; a roll-back leaves a gap, never a duplicate."""
    return case_number(year, execute(_COUNT_UP, {"year": year}).scalar_one())
