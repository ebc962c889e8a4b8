"""What the packages above ask of cases: where tips lie, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import sqlalchemy as sa

from accounts.services import staff_by_ids
from cases.models import LINKS, Case, CaseAction, CaseLink, Contribution, TipSuggestion
from cases.states import UNFINISHED
from core.db import db, rows_of_ids

CHUNK = 500
_CASE_IDS = f"SELECT tip_id, case_id FROM {LINKS.name} WHERE tip_id IN :ids AND detached_at IS NULL"


@dataclass(frozen=True, slots=True)
class TipCase:
    """The case a tip lies in, with the link that put it there at `filed_at`; `priority` is the one that counts."""

    case_id: int
    number: str
    title: str
    state: str
    priority: str
    priority_reasons: tuple[str, ...]
    assignee_id: int | None
    tips: int
    confirmed: bool
    relation: str
    probability: float | None
    reasons: tuple[str, ...]
    model_version: str
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class LinkView:
    """One tip of a case as its page shows it.

    `may_change` is false once the case is finished; `undo_id` takes the machine's filing back.
    """

    link_id: int
    tip_id: int
    case_id: int
    case_number: str
    case_version: int
    may_change: bool
    code: str
    channel: str
    relation: str
    probability: float | None
    reasons: tuple[str, ...]
    model_version: str
    made_by: str
    made_at: datetime
    confirmed_at: datetime | None
    confirmed_by: str | None
    received_at: datetime
    category: str | None
    lat: float | None
    lon: float | None
    radius_m: float | None
    place: str | None
    language: str | None
    grade: str | None
    undo_id: int | None


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """A case that was held possible for a tip, and the ruling on it."""

    tip_id: int
    case_id: int
    number: str
    title: str
    state: str
    rank: int
    probability: float
    reasons: tuple[str, ...]
    ruling: str | None


def case_ids_of_tips(tip_ids: Iterable[int]) -> dict[int, int]:
    """Return the present case of each tip that has one; one short statement for intake."""
    found: dict[int, int] = {}
    for chunk in _chunks(tip_ids):
        found |= {row[0]: row[1] for row in rows_of_ids(_CASE_IDS, chunk)}
    return found


def case_of_tips(tip_ids: Iterable[int]) -> dict[int, TipCase]:
    """Return the present case of each tip that has one, with why it lies there."""
    found: dict[int, TipCase] = {}
    for chunk in _chunks(tip_ids):
        statement = sa.select(CaseLink, Case).join(Case, Case.id == CaseLink.case_id)
        rows = db.session.execute(statement.where(CaseLink.tip_id.in_(chunk), CaseLink.detached_at.is_(None)))
        found |= {link.tip_id: _tip_case(link, case) for link, case in rows}
    return found


def suggestions_of_tips(tip_ids: Iterable[int]) -> dict[int, tuple[SuggestionView, ...]]:
    """Return the suggestions kept for each tip that has any, best first, rejected ones included."""
    found: dict[int, list[SuggestionView]] = {}
    for chunk in _chunks(tip_ids):
        statement = sa.select(TipSuggestion, Case).join(Case, Case.id == TipSuggestion.case_id)
        rows = db.session.execute(
            statement.where(TipSuggestion.tip_id.in_(chunk)).order_by(
                TipSuggestion.tip_id, TipSuggestion.rank
            )
        )
        for suggestion, case in rows:
            found.setdefault(suggestion.tip_id, []).append(_suggestion_view(suggestion, case))
    return {tip_id: tuple(views) for tip_id, views in found.items()}


def links_of_case(case_id: int) -> tuple[LinkView, ...]:
    """Return the tips of a case in the order they were filed."""
    case = db.session.get_one(Case, case_id)
    statement = sa.select(CaseLink).where(CaseLink.case_id == case_id, CaseLink.detached_at.is_(None))
    links = db.session.scalars(statement.order_by(CaseLink.id)).all()
    staff = staff_by_ids({link.confirmed_by for link in links if link.confirmed_by is not None})
    names = {staff_id: member.name for staff_id, member in staff.items()}
    grades = dict(
        db.session.execute(
            sa.select(Contribution.tip_id, Contribution.grade).where(Contribution.case_id == case_id)
        )
        .tuples()
        .all()
    )
    undo_ids = _undo_ids(case_id)
    return tuple(_link_view(case, link, names, grades, undo_ids) for link in links)


def newest_tips_of_cases(case_ids: Iterable[int], *, limit: int) -> dict[int, tuple[int, ...]]:
    """Return the newest tips that lie in each case, newest first, at most `limit` of each."""
    found: dict[int, tuple[int, ...]] = {}
    for case_id in case_ids:
        statement = sa.select(CaseLink.tip_id).where(
            CaseLink.case_id == case_id, CaseLink.detached_at.is_(None)
        )
        newest = statement.order_by(CaseLink.received_at.desc(), CaseLink.tip_id.desc()).limit(limit)
        found[case_id] = tuple(db.session.scalars(newest))
    return found


def _chunks(ids: Iterable[int]) -> Iterator[Sequence[int]]:
    source = iter(ids)
    while chunk := tuple(islice(source, CHUNK)):
        yield chunk


def _undo_ids(case_id: int) -> dict[int, int]:
    """Find the machine's acts in a case that can still be taken back, by tip."""
    statement = sa.select(CaseAction.tip_id, CaseAction.id).where(
        CaseAction.case_id == case_id, CaseAction.kind == "attach", CaseAction.undone_at.is_(None)
    )
    return {tip_id: action_id for tip_id, action_id in db.session.execute(statement) if tip_id is not None}


def _tip_case(link: CaseLink, case: Case) -> TipCase:
    return TipCase(
        case_id=case.id,
        number=case.number,
        title=case.title,
        state=case.state,
        priority=case.priority_set or case.priority,
        priority_reasons=tuple(case.priority_reasons),
        assignee_id=case.assignee_id,
        tips=case.tips,
        confirmed=link.confirmed_at is not None,
        relation=link.relation,
        probability=link.probability,
        reasons=tuple(link.reasons),
        model_version=link.model_version,
        filed_at=link.made_at,
    )


def _suggestion_view(suggestion: TipSuggestion, case: Case) -> SuggestionView:
    return SuggestionView(
        tip_id=suggestion.tip_id,
        case_id=case.id,
        number=case.number,
        title=case.title,
        state=case.state,
        rank=suggestion.rank,
        probability=suggestion.probability,
        reasons=tuple(suggestion.reasons),
        ruling=suggestion.ruling,
    )


def _link_view(
    case: Case, link: CaseLink, names: dict[int, str], grades: dict[int, str], undo_ids: dict[int, int]
) -> LinkView:
    return LinkView(
        link_id=link.id,
        tip_id=link.tip_id,
        case_id=link.case_id,
        case_number=case.number,
        case_version=case.version,
        may_change=case.state in UNFINISHED,
        code=link.code,
        channel=link.channel,
        relation=link.relation,
        probability=link.probability,
        reasons=tuple(link.reasons),
        model_version=link.model_version,
        made_by=link.made_by,
        made_at=link.made_at,
        confirmed_at=link.confirmed_at,
        confirmed_by=names.get(link.confirmed_by) if link.confirmed_by is not None else None,
        received_at=link.received_at,
        category=link.category,
        lat=link.lat,
        lon=link.lon,
        radius_m=link.radius_m,
        place=link.place,
        language=link.language,
        grade=grades.get(link.tip_id),
        undo_id=undo_ids.get(link.tip_id) if link.made_by == "machine" else None,
    )
