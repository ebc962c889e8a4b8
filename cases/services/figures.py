"""How many cases led to something, for the town's public figures."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from cases.closing import DISPOSITIONS
from cases.models import Case
from cases.states import UNFINISHED
from core.db import db

ENFORCED = tuple(disposition.key for disposition in DISPOSITIONS.values() if disposition.group == "enforced")


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Cases that led to an enforcement act, and cases still worked on."""

    acted: int
    open: int


def count_by_outcome() -> Outcomes:
    """Count cases by what became of them."""
    acted = sa.func.count().filter(Case.state == "closed", Case.disposition.in_(ENFORCED))
    unfinished = sa.func.count().filter(Case.state.in_(UNFINISHED))
    row = db.session.execute(sa.select(acted, unfinished)).one()
    return Outcomes(row[0], row[1])
