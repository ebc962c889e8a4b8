"""The closing form: outcome, seizures, grades; and the hand-over to the reward office."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from accounts.services import staff_by_ids
from cases.closing import DISPOSITIONS, GRADES
from cases.facts import Actor
from cases.measures import quantity_text
from cases.models import POSITIONS, Case, CaseLink, Contribution, Seizure
from cases.services.casefacts import grades_of, seizures_of
from cases.services.records import live_link_of, live_links, lock_case, refuse_finished, refuse_stale
from core import audit
from core.db import db
from core.errors import Invalid, NotFound
from rewards import services as rewards
from rewards.outcome import CaseOutcome, Order, ScoreCard, TipOutcome
from rewards.outcome import Seizure as RewardSeizure

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
) -> int:
    """Save the closing form as far as it is filled in; return the case's new version.

    `action_at` is the first enforcement act: only tips received before it can earn a reward.
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


def withdraw_seizure(*, seizure_id: int, actor: Actor, now: datetime) -> int:
    """Withdraw a lot that was recorded by mistake; the row stays. Return the case's id."""
    row = db.session.get(Seizure, seizure_id, with_for_update=True)
    if row is None or row.withdrawn_at is not None:
        raise NotFound("There is no such seizure.")
    case = lock_case(row.case_id)
    refuse_finished(case)
    row.withdrawn_at, row.withdrawn_by = now, actor.id
    case.version += 1
    _record(case, "seizure.withdrawn", actor, now, {"seizure": row.id})
    return row.case_id


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


def propose_reward(case: Case, *, actor: Actor, now: datetime) -> None:
    """Hand the outcome of a closing case to the reward office, which also keeps what earns nothing."""
    outcome = outcome_of(case, actor)
    rewards.propose(case_id=case.id, case_number=case.number, outcome=outcome, actor_id=actor.id, now=now)


def withdraw_reward(case: Case, *, reason: str, actor: Actor, now: datetime) -> None:
    """Take the proposal of a reopened case back; raise Conflict where it was approved already."""
    rewards.withdraw(case_id=case.id, reason=reason, actor_id=actor.id, now=now)


def outcome_of(case: Case, actor: Actor) -> CaseOutcome:
    """Describe a closing case to the reward office: ids, grades, goods, and who had a hand in it."""
    links, grades = live_links(case.id), grades_of(case.id)
    return CaseOutcome(
        disposition=case.disposition or "",
        tips=tuple(_tip_outcome(link, grades[link.tip_id]) for link in links if link.tip_id in grades),
        seizures=tuple(_reward_seizure(row) for row in seizures_of(case.id)),
        action_at=case.action_at,
        involved=_involved(case, links, grades, actor),
        district=case.area,
        rewardable=DISPOSITIONS[case.disposition or ""].reward != "no",
    )


def _usual_position(link: CaseLink, grade: str) -> str:
    usual = USUAL_POSITION[link.relation]
    return Order.NEW_FACTS if usual == Order.CONFIRMS and grade in NEW_FACTS_GRADES else usual


def _tip_outcome(link: CaseLink, row: Contribution) -> TipOutcome:
    return TipOutcome(
        tip_id=link.tip_id,
        code=link.code,
        received_at=link.received_at,
        channel=link.channel,
        grade=row.grade,
        order=row.position,
        card=ScoreCard(**row.card) if row.card else None,
        sender=link.sender_alias,
        gates=row.gates,
    )


def _reward_seizure(row: Seizure) -> RewardSeizure:
    return RewardSeizure(
        commodity=row.category,
        quantity=quantity_text(row.quantity_thousandths or 0),
        unit=row.unit or "",
        value_minor=row.value_minor or 0,
        currency=row.currency or "",
    )


def _involved(
    case: Case, links: Sequence[CaseLink], grades: Mapping[int, Contribution], actor: Actor
) -> dict[int, str]:
    """Name the part each person had; whoever had several keeps the weightiest."""
    parts: dict[int | None, str] = {}
    for link in links:
        parts |= {link.made_by_id: "intake", link.confirmed_by: "intake"}
    parts |= {row.graded_by: "scorer" for row in grades.values()}
    parts |= {case.confirmed_by: "intake", case.disposition_by: "recommender"}
    parts |= {actor.id: "closing_officer", case.assignee_id: "case_officer"}
    staff = staff_by_ids({staff_id for staff_id in parts if staff_id is not None})
    return {staff[staff_id].person_id: part for staff_id, part in parts.items() if staff_id in staff}


def _record(case: Case, action: str, actor: Actor, now: datetime, detail: dict[str, object]) -> None:
    audit.record(action=action, subject=("case", case.number), actor_id=actor.id, detail=detail, at=now)
    db.session.flush()
