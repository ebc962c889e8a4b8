"""Which tips wait for an officer, newest first: what the desk lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from cases.models import Case, CaseAction, CaseLink
from cases.states import UNFINISHED
from core.db import db

URGENT = ("P1", "P2")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list: the tip that was shown last."""

    received_at: datetime
    tip_id: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list shows: unconfirmed tips only, urgent ones only, those of one officer's cases, one category."""

    unconfirmed: bool = True
    urgent: bool = False
    assignee_id: int | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits and since when."""

    count: int
    oldest: datetime | None


def tips_in_view(
    wanted: Wanted, *, limit: int, older_than: Cursor | None = None, newer_than: Cursor | None = None
) -> list[int]:
    """Return tip ids, newest first; with `newer_than`, those right before that place."""
    statement = _select(wanted, CaseLink.tip_id)
    place = sa.tuple_(CaseLink.received_at, CaseLink.tip_id)
    if newer_than is not None:
        statement = statement.where(place > _literal(newer_than))
        rows = db.session.scalars(
            statement.order_by(CaseLink.received_at, CaseLink.tip_id).limit(limit)
        ).all()
        return list(reversed(rows))
    if older_than is not None:
        statement = statement.where(place < _literal(older_than))
    order = (CaseLink.received_at.desc(), CaseLink.tip_id.desc())
    return list(db.session.scalars(statement.order_by(*order).limit(limit)))


def count_in_view(wanted: Wanted, *, after_tip_id: int = 0) -> Waiting:
    """Count what a view holds, or only what came after a tip."""
    counted = _select(wanted, sa.func.count(), sa.func.min(CaseLink.received_at)).where(
        CaseLink.tip_id > after_tip_id
    )
    row = db.session.execute(counted).one()
    return Waiting(row[0], row[1])


def case_id_by_number(number: str) -> int | None:
    """Find a case by the number that an officer typed."""
    return db.session.scalar(sa.select(Case.id).where(Case.number == number))


def decisions_since(*, actor_id: int, since: datetime) -> int:
    """Count the acts of filing of one officer that still stand."""
    counted = sa.select(sa.func.count()).where(
        CaseAction.actor_id == actor_id, CaseAction.at >= since, CaseAction.undone_at.is_(None)
    )
    return db.session.scalar(counted) or 0


def _select(wanted: Wanted, *columns: Any) -> sa.Select[Any]:
    statement = (
        sa.select(*columns).join(Case, Case.id == CaseLink.case_id).where(CaseLink.detached_at.is_(None))
    )
    if wanted.unconfirmed:
        statement = statement.where(CaseLink.confirmed_at.is_(None), Case.state.in_(UNFINISHED))
    if wanted.urgent:
        statement = statement.where(sa.func.coalesce(Case.priority_set, Case.priority).in_(URGENT))
    if wanted.assignee_id is not None:
        statement = statement.where(Case.assignee_id == wanted.assignee_id)
    if wanted.category is not None:
        statement = statement.where(CaseLink.category == wanted.category)
    return statement


def _literal(cursor: Cursor) -> Any:
    return sa.tuple_(sa.literal(cursor.received_at, CaseLink.received_at.type), sa.literal(cursor.tip_id))
