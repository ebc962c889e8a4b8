"""The closing form: outcome, seizures, grades; and the hand-over to the reward office."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from cases.closing import DISPOSITIONS, GRADES, Item, checklist
from cases.facts import Actor
from cases.models import POSITIONS, Case, CaseLink, Contribution, Seizure
from cases.services.casefacts import closing_facts, grades_of
from cases.services.records import live_link_of, live_links, lock_case, refuse_finished, refuse_stale
from core import audit
from core.codes import show_tip_code
from core.db import db
from core.errors import Invalid, NotFound
from rewards.outcome import Order

USUAL_POSITION = {"first": Order.FIRST, "corroborates": Order.CONFIRMS, "follow_up": Order.NEW_FACTS}
NEW_FACTS_GRADES = ("decisive", "useful")


@dataclass(frozen=True, slots=True)
class SeizureEntry:
    """A lot as the form hands it over: thousandths of a unit, minor units of a currency, None if unknown."""

    category: str
    description: str
    quantity_thousandths: int | None
    unit: str | None
    value_minor: int | None
    currency: str | None


def set_outcome(
    *,
    case_id: int,
    disposition: str | None,
    summary: str,
    nil_seizures: bool,
    action_at: datetime | None,
    actor: Actor,
    now: datetime,
    version: int | None = None,
    grades: Mapping[int, str] | None = None,
) -> int:
    """Save the closing form as far as it is filled in; return the case's new version.

    `grades` holds a grade by tip; a tip left out keeps the one it has. `action_at` is the first enforcement
    act: only tips received before it can earn a reward.
    """
    case = lock_case(case_id)
    refuse_finished(case)
    refuse_stale(case, version)
    if disposition is not None and disposition not in DISPOSITIONS:
        raise Invalid({"disposition": ["Choose an outcome from the list."]})
    if action_at is not None and action_at > now:
        raise Invalid({"action_at": ["The first act lies in the future."]})
    if disposition != case.disposition:
        case.disposition_by = actor.id if disposition else None
    case.disposition, case.closing_summary = disposition, summary.strip()
    case.nil_seizures, case.action_at = nil_seizures, action_at
    case.version += 1
    for tip_id, grade in _changed_grades(case_id, grades or {}).items():
        grade_tip(tip_id=tip_id, grade=grade, actor=actor, now=now)
    _record(case, "case.outcome", actor, now, {"disposition": disposition, "nil_seizures": nil_seizures})
    return case.version


def record_seizure(*, case_id: int, entry: SeizureEntry, actor: Actor, now: datetime) -> int:
    """Record a lot of goods taken; return its id."""
    case = lock_case(case_id)
    refuse_finished(case)
    row = Seizure(
        case_id=case_id,
        category=entry.category,
        description=entry.description,
        quantity_thousandths=entry.quantity_thousandths,
        unit=entry.unit,
        value_minor=entry.value_minor,
        currency=entry.currency,
        recorded_by=actor.id,
        recorded_at=now,
    )
    db.session.add(row)
    case.nil_seizures = False
    case.version += 1
    db.session.flush()
    _record(case, "seizure.recorded", actor, now, {"seizure": row.id})
    return row.id


def withdraw_seizure(*, case_id: int, seizure_id: int, actor: Actor, now: datetime) -> None:
    """Withdraw a lot that was recorded by mistake; the row stays."""
    row = db.session.get(Seizure, seizure_id, with_for_update=True)
    if row is None or row.withdrawn_at is not None or row.case_id != case_id:
        raise NotFound("There is no such seizure.")
    case = lock_case(case_id)
    refuse_finished(case)
    row.withdrawn_at, row.withdrawn_by = now, actor.id
    case.version += 1
    _record(case, "seizure.withdrawn", actor, now, {"seizure": row.id})


def grade_tip(
    *,
    tip_id: int,
    grade: str,
    actor: Actor,
    now: datetime,
    position: str | None = None,
    card: Mapping[str, int] | None = None,
    gates: Mapping[str, str] | None = None,
) -> int:
    """Grade what a tip was worth to its case; return the case's id.

    `position` among the tips follows from its relation where it is not given; `card` overrides the grade's
    own points; `gates` names reasons for which it cannot be paid, each with its evidence.
    """
    if grade not in GRADES:
        raise Invalid({"grade": ["Choose a grade from the list."]})
    if position is not None and position not in POSITIONS:
        raise Invalid({"position": ["Choose a position from the list."]})
    link = live_link_of(tip_id)
    if link is None:
        raise NotFound("This tip is in no case.")
    case = lock_case(link.case_id)
    refuse_finished(case)
    row = db.session.scalar(
        sa.select(Contribution).where(Contribution.case_id == case.id, Contribution.tip_id == tip_id)
    )
    if row is None:
        row = Contribution(case_id=case.id, tip_id=tip_id)
        db.session.add(row)
    row.grade, row.position = grade, position or _usual_position(link, grade)
    row.card, row.gates = dict(card) if card else None, dict(gates or {})
    row.graded_by, row.graded_at = actor.id or 0, now
    case.version += 1
    _record(case, "tip.graded", actor, now, {"tip": tip_id, "grade": grade})
    return case.id


def checklist_of(
    case: Case, *, disposition: str | None, summary: str, nil_seizures: bool, grades: Mapping[int, str]
) -> tuple[Item, ...]:
    """Show the closing list as it would be with a form that is not saved yet."""
    codes = {show_tip_code(link.code): grades.get(link.tip_id) for link in live_links(case.id)}
    saved = closing_facts(case)
    return checklist(
        replace(
            saved,
            disposition=disposition,
            summary=summary,
            nil_seizures=nil_seizures,
            grades={code: codes[code] or grade for code, grade in saved.grades.items()},
        )
    )


def _changed_grades(case_id: int, wanted: Mapping[int, str]) -> dict[int, str]:
    given = grades_of(case_id)
    inside = {link.tip_id for link in live_links(case_id)}
    return {
        tip_id: grade
        for tip_id, grade in wanted.items()
        if tip_id in inside and (tip_id not in given or given[tip_id].grade != grade)
    }


def _usual_position(link: CaseLink, grade: str) -> str:
    usual = USUAL_POSITION[link.relation]
    return Order.NEW_FACTS if usual == Order.CONFIRMS and grade in NEW_FACTS_GRADES else usual


def _record(case: Case, action: str, actor: Actor, now: datetime, detail: dict[str, object]) -> None:
    audit.record(action=action, subject=("case", case.number), actor_id=actor.id, detail=detail, at=now)
    db.session.flush()
