"""Hand the outcome of a closing case over to the reward office, and take it back when the case reopens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from accounts.services import staff_by_ids
from cases.closing import DISPOSITIONS
from cases.facts import Actor
from cases.measures import quantity_text
from cases.models import Case, CaseLink, Contribution, Seizure
from cases.services.casefacts import grades_of, seizures_of
from cases.services.records import live_links, lock_case, refuse_finished
from core import audit
from rewards import services as rewards
from rewards.money import shown
from rewards.outcome import CaseOutcome, ScoreCard, TipOutcome
from rewards.outcome import Seizure as RewardSeizure
from rewards.words import REASONS


def propose_reward(case: Case, *, actor: Actor, now: datetime) -> None:
    """Hand the outcome of a closing case to the reward office, which also keeps what earns nothing."""
    outcome = outcome_of(case, actor)
    rewards.propose(case_id=case.id, case_number=case.number, outcome=outcome, actor_id=actor.id, now=now)


def propose_advance(*, case_id: int, actor: Actor, now: datetime) -> str:
    """Hand what is known of an open case to the reward office for an advance; return what came of it in a sentence.

    Raise Conflict where the case is finished or has its advance already, Invalid before anything was seized.
    """
    case = lock_case(case_id)
    refuse_finished(case)
    outcome = outcome_of(case, actor)
    found = rewards.propose_advance(
        case_id=case.id, case_number=case.number, outcome=outcome, actor_id=actor.id, now=now
    )
    detail = {"reward": found.ref, "pool_minor": found.pool, "reason": found.reason}
    audit.record(
        action="case.advance", subject=("case", case.number), actor_id=actor.id, detail=detail, at=now
    )
    if found.ref is None:
        return f"No advance: {REASONS.get(found.reason or '', 'the policy gives none')}."
    return f"An advance of {shown(found.pool, found.currency)} {found.currency} waits for finance."


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
        # while nothing is decided, an advance goes by what was seized
        rewardable=case.disposition is None or DISPOSITIONS[case.disposition].reward != "no",
    )


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
