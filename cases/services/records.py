"""Find, lock and rebuild the rows of a case."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from cases.facts import TipFacts
from cases.models import Case, CaseLink
from cases.services.routing_setup import Routing, routing
from cases.standing import standing
from cases.states import CLOSED, MERGED, OPEN, words
from cases.summary import Summary, fold
from core.codes import show_tip_code
from core.db import BESIDE_REFERENCES, db, execute
from core.errors import Conflict, NotFound

LONGEST_TRAIL = 50
SUMMARY_COLUMNS = tuple(field.name for field in fields(Summary))


def lock_case(case_id: int) -> Case:
    """Load a case for writing; raise NotFound where there is none."""
    case = db.session.get(Case, case_id, with_for_update=BESIDE_REFERENCES, populate_existing=True)
    if case is None:
        raise NotFound("There is no such case.")
    return case


def lock_cases(*case_ids: int) -> dict[int, Case]:
    """Load cases for writing, always in the same order so that two writers never wait for each other."""
    return {case_id: lock_case(case_id) for case_id in sorted(set(case_ids))}


def refuse_finished(case: Case) -> None:
    """Raise Conflict where the case takes no more changes."""
    if case.state in (CLOSED, MERGED):
        raise Conflict(f"{case.number} is {words(case.state)}.")


def refuse_gone(link: CaseLink) -> None:
    """Raise Conflict where somebody moved the tip of a link while its case was waited for."""
    db.session.refresh(link)
    if link.detached_at is not None:
        raise Conflict(f"Tip {show_tip_code(link.code)} has just been moved. Look at it again.")


def refuse_stale(case: Case, version: int | None) -> None:
    """Raise Conflict where somebody changed the case after the form was shown."""
    if version is not None and version != case.version:
        raise Conflict(
            f"{case.number} has been changed by somebody else. Look at it again.", version=case.version
        )


def live_links(case_id: int) -> Sequence[CaseLink]:
    """Return the links of the tips that are in the case now, in the order they were filed."""
    statement = sa.select(CaseLink).where(CaseLink.case_id == case_id, CaseLink.detached_at.is_(None))
    return db.session.scalars(statement.order_by(CaseLink.id)).all()


def live_link_of(tip_id: int) -> CaseLink | None:
    """Return the link that says where a tip is now."""
    return db.session.scalar(
        sa.select(CaseLink).where(CaseLink.tip_id == tip_id, CaseLink.detached_at.is_(None))
    )


def facts_of(link: CaseLink) -> TipFacts:
    """Read back what the case was told of a tip."""
    return TipFacts(**{field.name: getattr(link, field.name) for field in fields(TipFacts)})


def tell_link(link: CaseLink, facts: TipFacts) -> None:
    """Write down what is known of a tip by now."""
    for field in fields(TipFacts):
        setattr(link, field.name, getattr(facts, field.name))


def rebuild(case: Case) -> None:
    """Derive the case anew from its live links; what officers decided stays."""
    db.session.flush()
    summary = fold(facts_of(link) for link in live_links(case.id))
    for name, value in derived(case, summary).items():
        setattr(case, name, value)
    case.version += 1
    db.session.flush()


def derived(case: Any, summary: Summary) -> dict[str, Any]:
    """Compute every derived column of a case (a row or a model) for a new summary."""
    shown = standing(
        summary,
        category_set=case.category_set,
        confirmed=case.confirmed_at is not None,
        opened_at=case.opened_at,
    )
    columns = {
        **{name: getattr(summary, name) for name in SUMMARY_COLUMNS},
        "title": shown.title,
        "priority": shown.priority.level,
        "priority_points": shown.priority.points,
        "priority_reasons": list(shown.priority.reasons),
    }
    if case.state == OPEN and case.unit_set_by is None:
        columns |= routed(routing(), summary, category_set=case.category_set)
    return columns


def routed(routes: Routing, summary: Summary, *, category_set: str | None) -> dict[str, Any]:
    """Choose the unit columns for a summary."""
    found = routes.choose(category=category_set or summary.category, lat=summary.lat, lon=summary.lon)
    return {"unit_id": found.unit_id, "unit_reason": found.reason, "area": found.area}


def summary_of(case: Any) -> Summary:
    """Read the summary back from a case's columns."""
    return Summary(**{name: getattr(case, name) for name in SUMMARY_COLUMNS})


def insert_row(table: sa.Table, values: Mapping[str, Any]) -> int:
    """Insert one row without a model; return its id."""
    key: Any = execute(_insert(table), values).inserted_primary_key
    return int(key[0])


@functools.cache
def _insert(table: sa.Table) -> sa.Insert:
    return sa.insert(table)
