"""Acts of filing as rows that can be taken back: what they made, ended, confirmed and changed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app

from cases.models import Case, CaseAction, CaseLink, TipSuggestion
from cases.services.records import (
    facts_of,
    live_link_of,
    lock_cases,
    rebuild,
    refuse_finished,
    tell_link,
)
from core.codes import show_tip_code
from core.db import db
from core.errors import Conflict, NotFound

UNDONE = "undone"
TIPS_MOVED = "tips_moved"  # the extension that is told which tips moved between which cases
TipsMoved = Callable[[Collection[int], Collection[int]], None]


@dataclass(slots=True)
class Image:
    """What an act touched: ids of links, suggestions and ties, and for each case its columns as [before, after].

    `states` holds [before, after, the state before that] for the cases whose state the act changed; `opened` is
    the case that the act opened.
    """

    made: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    confirmed: list[int] = field(default_factory=list)
    rulings: list[int] = field(default_factory=list)
    ties: list[int] = field(default_factory=list)
    columns: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    states: dict[str, list[str | None]] = field(default_factory=dict)
    confirmed_case: int | None = None
    opened: int | None = None

    def set_column(self, case: Case, name: str, value: Any) -> None:
        """Change a column of a case and remember how it was."""
        self.columns.setdefault(str(case.id), {})[name] = [getattr(case, name), value]
        setattr(case, name, value)


def keep_action(
    kind: str, *, case_id: int, tip_id: int | None, image: Image, actor_id: int | None, now: datetime
) -> int:
    """Write down an act; return the id by which it can be taken back."""
    action = CaseAction(
        kind=kind, case_id=case_id, tip_id=tip_id, image=asdict(image), actor_id=actor_id, at=now
    )
    db.session.add(action)
    db.session.flush()
    _tell_moved(image)
    return action.id


def lock_action(action_id: int) -> CaseAction:
    """Load an act for taking it back; raise NotFound where there is none, Conflict where it was undone."""
    action = db.session.get(CaseAction, action_id, with_for_update=True, populate_existing=True)
    if action is None:
        raise NotFound("There is nothing to undo.")
    if action.undone_at is not None:
        raise Conflict("This has been undone already.")
    return action


def image_of(action: CaseAction) -> Image:
    """Read an act's image back."""
    return Image(**action.image)


def end_link(link: CaseLink, *, actor_id: int | None, reason: str, now: datetime) -> None:
    """End a live link; it stays as a row."""
    link.detached_at, link.detached_by, link.detached_reason = now, actor_id, reason
    db.session.flush()  # the next link of the same tip must not meet this one in the live index


def copy_link(link: CaseLink, *, case_id: int) -> CaseLink:
    """Make a live link in another case that says the same of the tip."""
    skipped = {"id", "case_id", "detached_at", "detached_by", "detached_reason"}
    values = {
        column.key: getattr(link, column.key)
        for column in CaseLink.__table__.columns
        if column.key not in skipped
    }
    copy = CaseLink(case_id=case_id, **values)
    db.session.add(copy)
    db.session.flush()
    return copy


def restore(image: Image, *, actor_id: int | None, now: datetime) -> None:
    """Put links, rulings and columns back; raise Conflict where something later stands in the way."""
    made = [_link(link_id) for link_id in image.made]
    ended = [_link(link_id) for link_id in image.ended]
    confirmed = [_link(link_id) for link_id in image.confirmed]
    touched = {link.case_id for link in (*made, *ended, *confirmed)} | set(map(int, image.columns))
    cases = lock_cases(*touched, *([image.confirmed_case] if image.confirmed_case else []))
    _refuse_later_changes(image, cases)
    for link in (*made, *ended):
        refuse_finished(cases[link.case_id])
    learnt = {link.tip_id: facts_of(link) for link in made}
    for link in made:
        end_link(link, actor_id=actor_id, reason=UNDONE, now=now)
    for link in ended:
        _refuse_filed_elsewhere(link)
        if link.tip_id in learnt:  # a place or category that became known meanwhile stays known
            tell_link(link, learnt[link.tip_id])
        link.detached_at = link.detached_by = link.detached_reason = None
        db.session.flush()
    for link in confirmed:
        link.confirmed_at = link.confirmed_by = None
    if image.confirmed_case is not None:
        cases[image.confirmed_case].confirmed_at = cases[image.confirmed_case].confirmed_by = None
    for case_id, columns in image.columns.items():
        for name, (before, _) in columns.items():
            setattr(cases[int(case_id)], name, before)
    _clear_rulings(image.rulings)
    for case in cases.values():
        rebuild(case)
    _tell_moved(image)


def _tell_moved(image: Image) -> None:
    """Tell those who keep something for the tips of a case that some have moved, forth or back."""
    ids = [*image.made, *image.ended]
    if not ids:
        return
    links = sa.select(CaseLink.tip_id, CaseLink.case_id).where(CaseLink.id.in_(ids))
    rows = db.session.execute(links).all()
    tell: TipsMoved = current_app.extensions[TIPS_MOVED]
    tell({row.tip_id for row in rows}, {row.case_id for row in rows})


def _link(link_id: int) -> CaseLink:
    link = db.session.get(CaseLink, link_id, populate_existing=True)
    if link is None:
        raise NotFound("There is no such link.")
    return link


def refuse_moved(image: Image) -> None:
    """Raise Conflict where a tip has left the link that an act made."""
    made = (_link(link_id) for link_id in image.made)
    moved = [show_tip_code(link.code) for link in made if link.detached_at is not None]
    if moved:
        raise Conflict(f"Tip {', '.join(moved)} has been moved since. Undo that first.")


def _refuse_later_changes(image: Image, cases: dict[int, Case]) -> None:
    refuse_moved(image)
    for case_id, columns in image.columns.items():
        case = cases[int(case_id)]
        if any(getattr(case, name) != after for name, (_, after) in columns.items()):
            raise Conflict(f"{case.number} has been changed since, so this cannot be undone.")


def _refuse_filed_elsewhere(link: CaseLink) -> None:
    if live_link_of(link.tip_id) is not None:
        raise Conflict(f"Tip {show_tip_code(link.code)} has been filed elsewhere since. Undo that first.")


def _clear_rulings(suggestion_ids: list[int]) -> None:
    if suggestion_ids:
        cleared = {"ruling": None, "ruled_at": None, "ruled_by": None}
        statement = sa.update(TipSuggestion).where(TipSuggestion.id.in_(suggestion_ids)).values(cleared)
        db.session.execute(statement.execution_options(synchronize_session=False))
