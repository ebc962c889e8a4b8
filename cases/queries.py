"""Read cases for lists, pages and exports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from accounts.services import staff_by_ids
from cases.exports import ExportedCase, ExportedSeizure
from cases.measures import quantity_text
from cases.models import Case, CaseAction, CaseLink, CaseNote, CaseTransition, Seizure, Unit
from cases.states import FINISHED, MERGED, STATES, UNFINISHED
from cases.titles import is_case_number
from core.codes import show_tip_code
from core.db import db
from core.errors import NotFound

EXPORT_BATCH = 500
UNFINISHED_VIEW = "unfinished"
UNCONFIRMED_VIEW = "unconfirmed"
VIEWS = (UNFINISHED_VIEW, UNCONFIRMED_VIEW, *STATES)
PRIORITY = sa.func.coalesce(Case.priority_set, Case.priority)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of cases shows; `view` is one of VIEWS, None elsewhere stands for any."""

    view: str = UNFINISHED_VIEW
    unit_id: int | None = None
    category: str | None = None
    assignee_id: int | None = None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list."""

    id: int
    number: str
    title: str
    category: str | None
    priority: str
    priority_reasons: tuple[str, ...]
    state: str
    unit: str
    assignee: str | None
    tips: int
    senders: int
    confirmed: bool
    lat: float | None
    lon: float | None
    radius_m: float | None
    last_tip_at: datetime | None
    opened_at: datetime


def case_by_number(number: str) -> Case:
    """Load a case for reading; raise NotFound for an unknown number."""
    case = db.session.scalar(sa.select(Case).where(Case.number == number)) if is_case_number(number) else None
    if case is None:
        raise NotFound("There is no case by this number.")
    return case


def count_cases(filters: Filters) -> int:
    """Count what a list would show."""
    statement = sa.select(sa.func.count()).select_from(Case).where(*_conditions(filters))
    return db.session.scalar(statement) or 0


def list_cases(filters: Filters, *, limit: int, offset: int = 0) -> list[CaseRow]:
    """Return cases by priority, then by the latest word on them."""
    statement = (
        sa.select(Case, Unit.name)
        .join(Unit, Unit.id == Case.unit_id)
        .where(*_conditions(filters))
        .order_by(PRIORITY, Case.last_tip_at.desc(), Case.id.desc())
    )
    rows = db.session.execute(statement.limit(limit).offset(offset)).all()
    staff = staff_by_ids({case.assignee_id for case, _ in rows if case.assignee_id is not None})
    names = {staff_id: member.name for staff_id, member in staff.items()}
    return [_row(case, unit, names) for case, unit in rows]


def counts_by_view(filters: Filters) -> dict[str, int]:
    """Count each view under the other filters, for the tabs."""
    base = _conditions(Filters(view="", unit_id=filters.unit_id, category=filters.category))
    by_state = dict(
        db.session.execute(sa.select(Case.state, sa.func.count()).where(*base).group_by(Case.state))
        .tuples()
        .all()
    )
    waiting = sa.select(sa.func.count()).where(*base, Case.confirmed_at.is_(None), Case.state.in_(UNFINISHED))
    counts = {state: by_state.get(state, 0) for state in STATES}
    counts[UNFINISHED_VIEW] = sum(count for state, count in by_state.items() if state not in FINISHED)
    counts[UNCONFIRMED_VIEW] = db.session.scalar(waiting) or 0
    return counts


def merge_targets(case_id: int, *, limit: int = 20) -> list[CaseRow]:
    """Return unfinished cases that a case or its tips could go to, the latest first."""
    statement = (
        sa.select(Case, Unit.name)
        .join(Unit, Unit.id == Case.unit_id)
        .where(Case.id != case_id, Case.state.in_(UNFINISHED))
        .order_by(Case.last_tip_at.desc(), Case.id.desc())
        .limit(limit)
    )
    return [_row(case, unit, {}) for case, unit in db.session.execute(statement)]


def unit_name(unit_id: int) -> str:
    """Return a unit's name."""
    return db.session.scalar(sa.select(Unit.name).where(Unit.id == unit_id)) or ""


def list_units() -> list[tuple[int, str]]:
    """Return id and name of every unit by name, for filters."""
    return list(db.session.execute(sa.select(Unit.id, Unit.name).order_by(Unit.name)).tuples())


def notes_of(case_id: int) -> Sequence[CaseNote]:
    """Return the notes of a case, oldest first."""
    return db.session.scalars(
        sa.select(CaseNote).where(CaseNote.case_id == case_id).order_by(CaseNote.id)
    ).all()


def transitions_of(case_id: int) -> Sequence[CaseTransition]:
    """Return the changes of state of a case, oldest first."""
    statement = sa.select(CaseTransition).where(CaseTransition.case_id == case_id)
    return db.session.scalars(statement.order_by(CaseTransition.id)).all()


def links_ever_of(case_id: int) -> Sequence[CaseLink]:
    """Return every link of a case, ended ones included, oldest first."""
    return db.session.scalars(
        sa.select(CaseLink).where(CaseLink.case_id == case_id).order_by(CaseLink.id)
    ).all()


def number_of(case_id: int | None) -> str | None:
    """Return the number of a case by id."""
    return (
        db.session.scalar(sa.select(Case.number).where(Case.id == case_id)) if case_id is not None else None
    )


def can_undo(action_id: int) -> bool:
    """Tell whether an act exists and still stands."""
    statement = sa.select(CaseAction.id).where(CaseAction.id == action_id, CaseAction.undone_at.is_(None))
    return db.session.scalar(statement) is not None


def exported_case(number: str) -> ExportedCase:
    """Read one case as an export holds it; raise NotFound for an unknown number."""
    return next(iter(_read_exported(Case.id == case_by_number(number).id).values()))


def exported_cases() -> Iterator[ExportedCase]:
    """Read every case for an export, a bounded batch at a time, without those whose opening was undone."""
    last = 0
    stands = sa.or_(Case.state != MERGED, Case.came_from.is_not(None))
    while batch := _read_exported(sa.and_(Case.id > last, stands)):
        last = max(batch)
        yield from batch.values()


def _read_exported(condition: sa.ColumnElement[bool]) -> dict[int, ExportedCase]:
    survivor = aliased(Case)
    statement = (
        sa.select(Case, Unit.name, survivor.number)
        .join(Unit, Unit.id == Case.unit_id)
        .outerjoin(survivor, survivor.id == Case.survivor_id)
        .where(condition)
        .order_by(Case.id)
        .limit(EXPORT_BATCH)
    )
    rows = db.session.execute(statement).all()
    ids = [case.id for case, _, _ in rows]
    codes, seizures = _codes(ids), _seizures(ids)
    return {
        case.id: _exported(case, unit, survivor_number, codes.get(case.id, ()), seizures.get(case.id, ()))
        for case, unit, survivor_number in rows
    }


def _conditions(filters: Filters) -> list[Any]:
    conditions: list[Any] = []
    if filters.view == UNFINISHED_VIEW:
        conditions.append(Case.state.in_(UNFINISHED))
    elif filters.view == UNCONFIRMED_VIEW:
        conditions += [Case.state.in_(UNFINISHED), Case.confirmed_at.is_(None)]
    elif filters.view:
        conditions.append(Case.state == filters.view)
    if filters.unit_id is not None:
        conditions.append(Case.unit_id == filters.unit_id)
    if filters.category is not None:
        conditions.append(sa.func.coalesce(Case.category_set, Case.category) == filters.category)
    if filters.assignee_id is not None:
        conditions.append(Case.assignee_id == filters.assignee_id)
    return conditions


def _row(case: Case, unit: str, names: dict[int, str]) -> CaseRow:
    return CaseRow(
        id=case.id,
        number=case.number,
        title=case.title,
        category=case.category_set or case.category,
        priority=case.priority_set or case.priority,
        priority_reasons=tuple(case.priority_reasons),
        state=case.state,
        unit=unit,
        assignee=names.get(case.assignee_id) if case.assignee_id is not None else None,
        tips=case.tips,
        senders=case.senders,
        confirmed=case.confirmed_at is not None,
        lat=case.lat,
        lon=case.lon,
        radius_m=case.radius_m,
        last_tip_at=case.last_tip_at,
        opened_at=case.opened_at,
    )


def _codes(case_ids: list[int]) -> dict[int, tuple[str, ...]]:
    statement = sa.select(CaseLink.case_id, CaseLink.code).where(
        CaseLink.case_id.in_(case_ids), CaseLink.detached_at.is_(None)
    )
    found: dict[int, tuple[str, ...]] = {}
    for case_id, code in db.session.execute(statement.order_by(CaseLink.id)):
        found[case_id] = (*found.get(case_id, ()), show_tip_code(code))
    return found


def _seizures(case_ids: list[int]) -> dict[int, tuple[ExportedSeizure, ...]]:
    statement = sa.select(Seizure).where(Seizure.case_id.in_(case_ids), Seizure.withdrawn_at.is_(None))
    found: dict[int, tuple[ExportedSeizure, ...]] = {}
    for row in db.session.scalars(statement.order_by(Seizure.id)):
        quantity = quantity_text(row.quantity_thousandths) if row.quantity_thousandths is not None else ""
        lot = ExportedSeizure(
            row.category, row.description, quantity, row.unit, row.value_minor, row.currency
        )
        found[row.case_id] = (*found.get(row.case_id, ()), lot)
    return found


def _exported(
    case: Case, unit: str, survivor: str | None, codes: tuple[str, ...], seizures: tuple[ExportedSeizure, ...]
) -> ExportedCase:
    return ExportedCase(
        number=case.number,
        state=case.state,
        title=case.title,
        category=case.category_set or case.category,
        priority=case.priority_set or case.priority,
        unit=unit,
        area=case.area,
        place=case.place,
        lat=case.lat,
        lon=case.lon,
        radius_m=case.radius_m,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        first_tip_at=case.first_tip_at,
        last_tip_at=case.last_tip_at,
        senders=case.senders,
        confirmed=case.confirmed_at is not None,
        disposition=case.disposition,
        survivor=survivor,
        tips=codes,
        seizures=seizures,
    )
