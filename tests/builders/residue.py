"""All that an act of filing could leave behind, to compare before and after it is taken back."""

from __future__ import annotations

import sqlalchemy as sa

from cases import queries, services
from cases.exports import jsonl
from cases.models import Case, CaseLink
from cases.services.records import facts_of
from core.db import db
from tips.models import CaseKey


def export() -> list[str]:
    """Return the export of all cases, read afresh."""
    db.session.rollback()
    return list(jsonl(queries.exported_cases()))


def picture() -> tuple[object, ...]:
    """Return the export, what the page of each case that holds tips shows, the rulings that stand, the index."""
    exported = export()
    held = sa.select(CaseLink.case_id).where(CaseLink.detached_at.is_(None))
    cases = db.session.scalars(sa.select(Case.id).where(Case.id.in_(held)).order_by(Case.id)).all()
    links = [
        [
            (link.link_id, facts_of(db.session.get(CaseLink, link.link_id)))
            for link in services.links_of_case(case_id)
        ]
        for case_id in cases
    ]
    tied = [
        sorted(
            (tie.tie_id, tie.number, tie.sentence, tie.dismissed_why or "")
            for tie in services.ties_of_case(case_id)
        )
        for case_id in cases
    ]
    keys = db.session.execute(
        sa.select(CaseKey.key, CaseKey.case_id, CaseKey.t, CaseKey.tip_id, CaseKey.first_id).order_by(
            CaseKey.key, CaseKey.case_id
        )
    )
    ruled = [ruling.tip_id for ruling in services.rulings()]
    return exported, links, tied, ruled, [tuple(row) for row in keys]
