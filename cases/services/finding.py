"""Find cases by words of their titles, for the search box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from cases.models import Case
from core.db import db
from core.wordsearch import holds_words

SCANNED = 20_000


@dataclass(frozen=True, slots=True)
class FoundCase:
    """A case as the results of a search show it; category and priority are the ones that count."""

    number: str
    title: str
    state: str
    category: str | None
    priority: str
    tips: int
    last_tip_at: datetime


def cases_by_title(words: Sequence[str], *, limit: int) -> tuple[FoundCase, ...]:
    """Return the newest cases whose title holds every word; only the newest 20,000 are looked through."""
    if not words:
        return ()
    newest = sa.select(Case.id, Case.title).order_by(Case.id.desc()).limit(SCANNED).subquery()
    found = (
        sa.select(newest.c.id)
        .where(holds_words(words, (newest.c.title,)))
        .order_by(newest.c.id.desc())
        .limit(limit)
    )
    rows = db.session.scalars(sa.select(Case).where(Case.id.in_(found)).order_by(Case.id.desc()))
    return tuple(
        FoundCase(
            number=case.number,
            title=case.title,
            state=case.state,
            category=case.category_set or case.category,
            priority=case.priority_set or case.priority,
            tips=case.tips,
            last_tip_at=case.last_tip_at or case.opened_at,
        )
        for case in rows
    )
