"""Close some cases of the demonstration town, so that there is something to pay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from flask import current_app

import cases.services as case_services
from accounts.services import StaffMember
from cases.facts import Actor
from cases.services import SeizureEntry
from cases.states import ACTIVE, ASSESSING, CLOSED, PENDING_REVIEW, Ask
from core.db import db, transaction
from rewards.services import demonstration
from rewards.services.demonstration import Hands
from tips.models import Tip

VALUES: Final = (640_000, 980_000, 1_250_000, 1_840_000, 2_100_000)
SUMMARY: Final = (
    "The patrol found the goods where the tips had said, counted and sealed them the same morning, "
    "and had them valued by customs."
)
FILE: Final = "example-statement.xml"


def load_rewards(members: Mapping[str, StaffMember], *, folder: Path, now: datetime) -> Path | None:
    """Close cases and send their first rewards to the bank; return the file of a statement to import."""
    chosen = _cases_to_close(len(VALUES))
    for case_id, value in zip(chosen, VALUES, strict=False):
        _close(
            case_id,
            value,
            officer=_actor(members["officer"]),
            supervisor=_actor(members["supervisor"]),
            now=now,
        )
    if not chosen:
        return None
    hands = Hands(members["finance"], members["cashier"], members["director"])
    with transaction():
        statement = demonstration.begin_payouts(hands=hands, vault=current_app.extensions["vault"], now=now)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(statement, encoding="utf-8")
    return folder / FILE


def _cases_to_close(wanted: int) -> list[int]:
    """Choose the cases of the oldest tips that say what and where."""
    tips = db.session.scalars(
        sa.select(Tip.id)
        .where(Tip.is_noise.is_(False), Tip.category.is_not(None), Tip.lat.is_not(None))
        .order_by(Tip.id)
        .limit(10 * wanted)
    ).all()
    return list(dict.fromkeys(case_services.case_ids_of_tips(tips).values()))[:wanted]


def _close(case_id: int, value: int, *, officer: Actor, supervisor: Actor, now: datetime) -> None:
    """Take a case through claiming, work, grading and review, as its people would."""
    with transaction():
        case_services.claim(case_id=case_id, actor=officer, now=now)
        case_services.confirm_case(case_id=case_id, actor=officer, now=now)
        case_services.add_note(case_id=case_id, body="Seen by the patrol.", actor=officer, now=now)
        for state in (ASSESSING, ACTIVE):
            case_services.transition(case_id=case_id, to=state, actor=officer, ask=Ask(), now=now)
        for link in case_services.links_of_case(case_id):
            case_services.grade_tip(tip_id=link.tip_id, grade="decisive", actor=officer, now=now)
        entry = SeizureEntry("other", "Goods of the case", 1_000, "KGM", value, "USD")
        case_services.record_seizure(case_id=case_id, entry=entry, actor=officer, now=now)
        case_services.set_outcome(
            case_id=case_id,
            disposition="seizure",
            summary=SUMMARY,
            nil_seizures=False,
            action_at=now,
            actor=officer,
            now=now,
        )
        case_services.transition(case_id=case_id, to=PENDING_REVIEW, actor=officer, ask=Ask(), now=now)
    with transaction():
        case_services.transition(case_id=case_id, to=CLOSED, actor=supervisor, ask=Ask(), now=now)


def _actor(member: StaffMember) -> Actor:
    return Actor(member.id, member.role.value, member.person_id)
