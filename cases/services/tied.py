"""What the page of a case shows of the cases that it is linked with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from accounts.services import staff_by_ids
from cases.models import BY_HAND, Case, CaseLink, CaseTie
from cases.services.ties import survivor_of
from cases.ties import metres_between, tie_sentence
from core.db import db
from core.deployment import current_deployment

MOST_SHOWN = 50
DAY = 86_400
_LIVE_AND_NEWEST_FIRST = (CaseTie.dismissed_at.is_not(None), CaseTie.made_at.desc(), CaseTie.id.desc())


@dataclass(frozen=True, slots=True)
class TieView:
    """One linked case, with the reason as it reads from the case that is open; `who` made or ruled on the link."""

    tie_id: int
    number: str
    title: str
    state: str
    sentence: str
    by_hand: bool
    confirmed: bool
    dismissed_why: str | None
    who: str | None
    at: datetime
    lat: float | None
    lon: float | None
    radius_m: float | None


def ties_of_case(case_id: int) -> tuple[TieView, ...]:
    """Return the links of a case, unruled ones first; whose tips have moved on since is shown where they lie now."""
    ties = _around(case_id)
    tips = _links(
        {tip_id for tie in ties for tip_id in (tie.low_tip_id, tie.high_tip_id) if tip_id is not None}
    )
    ended: list[tuple[CaseTie, int, CaseLink | None, CaseLink | None]] = []
    for tie in ties:
        ends = _ends(tie, tips)
        if ends is None or case_id not in ends or ends[0] == ends[1]:
            continue
        own_is_low = ends[0] == case_id
        own, theirs = (tie.low_tip_id, tie.high_tip_id) if own_is_low else (tie.high_tip_id, tie.low_tip_id)
        ended.append((tie, ends[1] if own_is_low else ends[0], tips.get(own or 0), tips.get(theirs or 0)))
    cases = _cases({other for _, other, _, _ in ended})
    names = _names([tie for tie, *_ in ended])
    views: dict[tuple[int, str, str], TieView] = {}
    ended.sort(
        key=lambda found: _ruled_at(found[0]), reverse=True
    )  # a ruling covers the same link made over a merge
    for tie, other, own_tip, their_tip in ended:
        view = _view(tie, cases[other], own_tip, their_tip, names)
        views.setdefault((other, tie.kind, tie.value or str(tie.id)), view)
    return tuple(sorted(views.values(), key=lambda view: (view.dismissed_why is not None, view.confirmed)))


def _ruled_at(tie: CaseTie) -> float:
    ruled = [at.timestamp() for at in (tie.confirmed_at, tie.dismissed_at) if at is not None]
    return max(ruled, default=0.0)


def _around(case_id: int) -> list[CaseTie]:
    """Read the links that may concern a case: made with it, with what merged into it, or over its tips."""
    held = sa.select(sa.literal(case_id).label("id")).cte("held", recursive=True)
    held = held.union(sa.select(Case.id).where(Case.survivor_id == held.c.id))
    own_tips = sa.select(CaseLink.tip_id).where(CaseLink.case_id == case_id, CaseLink.detached_at.is_(None))
    parts = [
        sa.select(CaseTie.id).where(column.in_(values))
        for columns, values in (
            ((CaseTie.low_id, CaseTie.high_id), sa.select(held.c.id)),
            ((CaseTie.low_tip_id, CaseTie.high_tip_id), own_tips),
        )
        for column in columns
    ]
    statement = sa.select(CaseTie).where(CaseTie.id.in_(sa.union(*parts)))
    return list(db.session.scalars(statement.order_by(*_LIVE_AND_NEWEST_FIRST).limit(MOST_SHOWN)))


def _links(tip_ids: set[int]) -> dict[int, CaseLink]:
    rows = db.session.scalars(
        sa.select(CaseLink).where(CaseLink.tip_id.in_(tip_ids), CaseLink.detached_at.is_(None))
    )
    return {link.tip_id: link for link in rows}


def _ends(tie: CaseTie, tips: dict[int, CaseLink]) -> tuple[int, int] | None:
    """Return the two cases that a link joins by now; None where one of its tips lies in no case."""
    if tie.kind == BY_HAND:
        return survivor_of(tie.low_id), survivor_of(tie.high_id)
    low, high = tips.get(tie.low_tip_id or 0), tips.get(tie.high_tip_id or 0)
    return (low.case_id, high.case_id) if low is not None and high is not None else None


def _cases(case_ids: set[int]) -> dict[int, Case]:
    return {case.id: case for case in db.session.scalars(sa.select(Case).where(Case.id.in_(case_ids)))}


def _names(ties: list[CaseTie]) -> dict[int | None, str]:
    ids = {
        who for tie in ties for who in (tie.made_by_id, tie.confirmed_by, tie.dismissed_by) if who is not None
    }
    return {staff_id: member.name for staff_id, member in staff_by_ids(ids).items()}


def _view(
    tie: CaseTie, other: Case, own: CaseLink | None, theirs: CaseLink | None, names: dict[int | None, str]
) -> TieView:
    return TieView(
        tie_id=tie.id,
        number=other.number,
        title=other.title,
        state=other.state.replace("_", " "),
        sentence=_sentence(tie, own, theirs),
        by_hand=tie.kind == BY_HAND,
        confirmed=tie.confirmed_at is not None,
        dismissed_why=tie.dismissed_why,
        who=names.get(tie.dismissed_by or tie.confirmed_by or tie.made_by_id),
        at=tie.dismissed_at or tie.confirmed_at or tie.made_at,
        lat=other.lat,
        lon=other.lon,
        radius_m=other.radius_m,
    )


def _sentence(tie: CaseTie, own: CaseLink | None, theirs: CaseLink | None) -> str:
    if own is None or theirs is None:
        return tie.reason
    zone = current_deployment().zone
    here, there = own.received_at, theirs.received_at
    apart = None
    if own.lat is not None and own.lon is not None and theirs.lat is not None and theirs.lon is not None:
        apart = metres_between((own.lat, own.lon), (theirs.lat, theirs.lon))
    return tie_sentence(
        tie.kind,
        tie.written,
        there=there.astimezone(zone),
        place=theirs.place,
        apart_m=apart,
        days=round(abs((there - here).total_seconds()) / DAY),
        this_year=here.astimezone(zone).year,
    )
