"""Gather what the rules of state and closing look at."""

from __future__ import annotations

import sqlalchemy as sa

from accounts.services import staff_by_ids
from cases.closing import ClosingFacts, Item, SeizureFacts, checklist, missing
from cases.facts import CaseFacts
from cases.models import Case, CaseNote, Contribution, Seizure
from cases.services.records import live_links
from core.codes import show_tip_code
from core.db import db
from rewards import services as rewards


def case_facts(case: Case) -> CaseFacts:
    """Describe a case to the table of states."""
    people = staff_by_ids(
        {person for person in (case.assignee_id, case.disposition_by) if person is not None}
    )
    survivor = db.session.get(Case, case.survivor_id) if case.survivor_id is not None else None
    return CaseFacts(
        state=case.state,
        category=case.category_set or case.category,
        tips=case.tips,
        senders=case.senders,
        notes=_notes(case.id),
        gaps=missing(closing_facts(case)),
        assignee_id=case.assignee_id,
        assignee_person=people[case.assignee_id].person_id if case.assignee_id in people else None,
        disposition_person=people[case.disposition_by].person_id if case.disposition_by in people else None,
        came_from=case.came_from,
        entered_at=case.entered_at,
        survivor_state=survivor.state if survivor is not None else None,
        reward_paid=rewards.has_paid(case_id=case.id),
    )


def closing_facts(case: Case) -> ClosingFacts:
    """Describe a case to the closing list."""
    grades = grades_of(case.id)
    return ClosingFacts(
        disposition=case.disposition,
        summary=case.closing_summary,
        seizures=tuple(_seizure(row) for row in seizures_of(case.id)),
        nil_seizures=case.nil_seizures,
        grades={
            show_tip_code(link.code): grades[link.tip_id].grade if link.tip_id in grades else None
            for link in live_links(case.id)
        },
    )


def closing_list(case: Case) -> tuple[Item, ...]:
    """Return the closing list with what is still open on each line."""
    return checklist(closing_facts(case))


def seizures_of(case_id: int) -> list[Seizure]:
    """Return the lots that stand, in the order they were recorded."""
    statement = sa.select(Seizure).where(Seizure.case_id == case_id, Seizure.withdrawn_at.is_(None))
    return list(db.session.scalars(statement.order_by(Seizure.id)))


def grades_of(case_id: int) -> dict[int, Contribution]:
    """Return the grade of each tip of a case by tip."""
    rows = db.session.scalars(sa.select(Contribution).where(Contribution.case_id == case_id))
    return {row.tip_id: row for row in rows}


def _seizure(row: Seizure) -> SeizureFacts:
    return SeizureFacts(row.description, row.quantity_thousandths, row.unit, row.value_minor, row.currency)


def _notes(case_id: int) -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(CaseNote.case_id == case_id)) or 0
