"""Keep what officers rule on tips and cases, beside what the matcher had said, for the next fit of the matcher."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from accounts.services import staff_by_ids
from cases.facts import Actor
from cases.models import CaseLink, TipRuling, TipSuggestion
from core.db import db

MEMBERS_KEPT = 64
BATCH = 500


@dataclass(frozen=True, slots=True)
class Ruling:
    """One officer's answer to "does this tip belong to this case?", and what the matcher had said then.

    `probability` and `model_version` are None where the matcher named no such case. `members` are the tips that lay
    in the case, newest first. `voice` is the person: whatever somebody ruled on one tip and case counts once. `how`
    tells a plain answer from one that follows from another: "elsewhere" is a case that was suggested for a tip which
    an officer confirmed in its own.
    """

    ruled_at: datetime
    tip_id: int
    case_id: int
    probability: float | None
    same: bool
    model_version: str | None
    voice: int
    how: str
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One ruling about to be kept; `link` is the machine's own filing where it is ruled on."""

    tip_id: int
    case_id: int
    same: bool
    how: str
    link: CaseLink | None = None


def keep_rulings(verdicts: Sequence[Verdict], *, action_id: int, actor: Actor, now: datetime) -> None:
    """Write down rulings under the act that made them; undoing the act withdraws them."""
    if actor.id is None:
        return
    members: dict[int, list[int]] = {}
    for verdict in verdicts:
        if verdict.case_id not in members:
            members[verdict.case_id] = _members(verdict.case_id)
        said = _said(verdict)
        db.session.add(
            TipRuling(
                tip_id=verdict.tip_id,
                case_id=verdict.case_id,
                same=verdict.same,
                how=verdict.how,
                probability=said[0],
                model_version=said[1],
                members=[tip_id for tip_id in members[verdict.case_id] if tip_id != verdict.tip_id],
                ruled_at=now,
                ruled_by=actor.id,
                action_id=action_id,
            )
        )
    db.session.flush()


def confirmed(link: CaseLink) -> list[Verdict]:
    """Return what follows from confirming a tip where it lies: its case is right, the others suggested are not."""
    own = [Verdict(link.tip_id, link.case_id, True, "confirmed", link)] if link.relation != "first" else []
    statement = sa.select(TipSuggestion.case_id).where(
        TipSuggestion.tip_id == link.tip_id,
        TipSuggestion.case_id != link.case_id,
        TipSuggestion.ruling.is_(None),
    )
    others = db.session.scalars(statement.order_by(TipSuggestion.rank))
    return own + [Verdict(link.tip_id, case_id, False, "elsewhere") for case_id in others]


def withdraw_rulings(action_id: int, *, now: datetime) -> None:
    """Withdraw what an act ruled, when the act is taken back."""
    db.session.execute(
        sa.update(TipRuling)
        .where(TipRuling.action_id == action_id, TipRuling.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
        .execution_options(synchronize_session=False)
    )


def rulings(*, since: datetime | None = None) -> Iterator[Ruling]:
    """Yield the rulings that stand, oldest first; of one person on one tip and case only the latest."""
    newest = (
        sa.select(sa.func.max(TipRuling.id))
        .where(TipRuling.withdrawn_at.is_(None))
        .group_by(TipRuling.tip_id, TipRuling.case_id, TipRuling.ruled_by)
    )
    conditions = [TipRuling.id.in_(newest)] + ([TipRuling.ruled_at >= since] if since is not None else [])
    last = 0
    while rows := db.session.scalars(
        sa.select(TipRuling).where(*conditions, TipRuling.id > last).order_by(TipRuling.id).limit(BATCH)
    ).all():
        last = rows[-1].id
        people = {
            staff_id: who.person_id for staff_id, who in staff_by_ids({row.ruled_by for row in rows}).items()
        }
        for row in rows:
            yield Ruling(
                row.ruled_at, row.tip_id, row.case_id, row.probability, row.same, row.model_version,
                people[row.ruled_by], row.how, tuple(row.members),
            )  # fmt: skip


def _members(case_id: int) -> list[int]:
    statement = sa.select(CaseLink.tip_id).where(CaseLink.case_id == case_id, CaseLink.detached_at.is_(None))
    newest = statement.order_by(CaseLink.received_at.desc(), CaseLink.id.desc())
    return list(db.session.scalars(newest.limit(MEMBERS_KEPT + 1)))


def _said(verdict: Verdict) -> tuple[float | None, str | None]:
    """Return what the matcher said of a tip and a case when it filed the tip, or when it suggested the case."""
    link = verdict.link
    if link is not None and link.made_by == "machine" and link.probability is not None:
        return link.probability, link.model_version
    suggestion = db.session.execute(
        sa.select(TipSuggestion.probability, TipSuggestion.model_version).where(
            TipSuggestion.tip_id == verdict.tip_id, TipSuggestion.case_id == verdict.case_id
        )
    ).first()
    return (suggestion.probability, suggestion.model_version) if suggestion is not None else (None, None)
