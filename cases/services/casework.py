"""Who works a case, how urgent it is, what it is about, and which unit has it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from accounts.roles import CASEWORKERS, Role
from accounts.services import staff_by_ids
from cases.facts import Actor
from cases.models import Case, Unit
from cases.priority import PRIORITIES
from cases.services.actions import Image, keep_action
from cases.services.records import lock_case, rebuild, refuse_finished, refuse_stale
from cases.services.refiling import Filed
from cases.states import UNFINISHED
from core import audit
from core.db import db
from core.errors import Conflict, Invalid, NotAllowed, NotFound


def claim(*, case_id: int, actor: Actor, now: datetime) -> Filed:
    """Take a case that nobody has; of two officers at once one gets it and the other a Conflict."""
    taken = sa.update(Case).where(Case.id == case_id, Case.assignee_id.is_(None), Case.state.in_(UNFINISHED))
    values = {"assignee_id": actor.id, "assigned_at": now, "version": Case.version + 1}
    statement = taken.values(values).execution_options(synchronize_session=False)
    count = db.session.execute(statement).rowcount  # type: ignore[attr-defined]
    case = lock_case(case_id)
    if not count:
        refuse_finished(case)
        raise Conflict(f"{case.number} is taken by {_name(case.assignee_id)}.")
    image = Image(columns={str(case_id): {"assignee_id": [None, actor.id]}})
    return _done("assign", case, image, actor, now, f"{case.number} is yours.")


def assign(
    *, case_id: int, assignee_id: int | None, actor: Actor, now: datetime, version: int | None = None
) -> Filed:
    """Give a case to somebody, or to nobody; an officer may only hand over or let go of what is theirs."""
    case = lock_case(case_id)
    refuse_finished(case)
    refuse_stale(case, version)
    if actor.role != Role.SUPERVISOR and case.assignee_id != actor.id:
        raise NotAllowed("Only a supervisor may reassign somebody else's case.")
    if assignee_id is not None:
        _refuse_unfit(assignee_id)
    image = Image()
    image.set_column(case, "assignee_id", assignee_id)
    case.assigned_at = now if assignee_id is not None else None
    case.version += 1
    sentence = (
        f"{case.number} goes to {_name(assignee_id)}." if assignee_id else f"{case.number} is free again."
    )
    return _done("assign", case, image, actor, now, sentence)


def set_priority(
    *,
    case_id: int,
    priority: str | None,
    reason: str,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Filed:
    """Override the computed priority with a reason, or return to it with None."""
    case = lock_case(case_id)
    refuse_finished(case)
    refuse_stale(case, version)
    if priority is not None and priority not in PRIORITIES:
        raise Invalid({"priority": ["Choose P1, P2, P3 or P4."]})
    if priority is not None and not reason.strip():
        raise Invalid({"reason": ["Say why the computed priority is not right."]})
    image = Image()
    image.set_column(case, "priority_set", priority)
    image.set_column(case, "priority_set_reason", reason.strip() if priority else None)
    image.set_column(case, "priority_set_by", actor.id if priority else None)
    case.version += 1
    return _done("priority", case, image, actor, now, f"{case.number} is {priority or case.priority} now.")


def set_category(
    *, case_id: int, category: str | None, actor: Actor, now: datetime, version: int | None = None
) -> Filed:
    """Say what goods a case is about, or leave it to its tips with None."""
    case = lock_case(case_id)
    refuse_finished(case)
    refuse_stale(case, version)
    image = Image()
    image.set_column(case, "category_set", category)
    rebuild(case)
    return _done(
        "category", case, image, actor, now, f"{case.number} is about {category or case.category or 'other'}."
    )


def set_unit(*, case_id: int, unit_id: int, actor: Actor, now: datetime, version: int | None = None) -> Filed:
    """Hand a case to another unit; routing leaves it alone from then on."""
    case = lock_case(case_id)
    refuse_finished(case)
    refuse_stale(case, version)
    unit = db.session.get(Unit, unit_id)
    if unit is None:
        raise NotFound("There is no such unit.")
    image = Image()
    for name, value in (
        ("unit_id", unit_id),
        ("unit_reason", "An officer chose it."),
        ("unit_set_by", actor.id),
    ):
        image.set_column(case, name, value)
    case.version += 1
    return _done("unit", case, image, actor, now, f"{case.number} goes to {unit.name}.")


def _refuse_unfit(staff_id: int) -> None:
    member = staff_by_ids({staff_id}).get(staff_id)
    if member is None or not member.active or member.role not in CASEWORKERS:
        raise Invalid({"assignee": ["Choose an officer or a supervisor with an active account."]})


def _name(staff_id: int | None) -> str:
    member = staff_by_ids({staff_id} if staff_id else set()).get(staff_id or 0)
    return member.name if member else "somebody else"


def _done(kind: str, case: Case, image: Image, actor: Actor, now: datetime, sentence: str) -> Filed:
    db.session.flush()
    action_id = keep_action(kind, case_id=case.id, tip_id=None, image=image, actor_id=actor.id, now=now)
    changed = {name: values for columns in image.columns.values() for name, values in columns.items()}
    audit.record(
        action=f"case.{kind}",
        subject=("case", case.number),
        actor_id=actor.id,
        detail={"changed": changed},
        at=now,
    )
    return Filed(case.id, case.number, sentence, action_id)
