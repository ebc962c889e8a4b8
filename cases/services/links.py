"""What officers do to the filing of tips: confirm, move, take out, rule on a suggestion.

Each act returns the id by which it can be taken back.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from cases.facts import Actor
from cases.models import Case, CaseLink, TipSuggestion
from cases.services.actions import Image, end_link
from cases.services.moves import leave_empty
from cases.services.records import (
    live_link_of,
    live_links,
    lock_case,
    lock_cases,
    rebuild,
    refuse_finished,
    refuse_gone,
)
from cases.services.refiling import (
    Filed,
    file_by_hand,
    keep,
    open_by_hand,
    rule_on_suggestion,
    voices_in,
)
from cases.services.rulings import Verdict, confirmed
from cases.services.ties import tie_tip
from core.codes import show_tip_code
from core.db import db
from core.errors import Conflict, NotFound

DETACH = "detach"


def confirm_case(*, case_id: int, actor: Actor, now: datetime) -> Filed:
    """Confirm that a case is one incident and that all its tips belong to it."""
    case = lock_case(case_id)
    refuse_finished(case)
    image = Image(confirmed=[link.id for link in live_links(case_id) if link.confirmed_at is None])
    if case.confirmed_at is not None and not image.confirmed:
        raise Conflict(f"{case.number} is confirmed already.")
    verdicts: list[Verdict] = []
    for link in live_links(case_id):
        verdicts += confirmed(link) if link.confirmed_at is None else []
        _confirm(link, actor, now)
    if case.confirmed_at is None:
        image.confirmed_case = case.id
        case.confirmed_at, case.confirmed_by = now, actor.id
    rebuild(case)
    said = f"{case.number} confirmed."
    return keep("confirm_case", case, None, image, actor=actor, now=now, sentence=said, verdicts=verdicts)


def confirm_tip(*, tip_id: int, actor: Actor, now: datetime) -> Filed:
    """Confirm that one tip belongs where it lies."""
    link = _live(tip_id)
    case = lock_case(link.case_id)
    refuse_gone(link)
    refuse_finished(case)
    if link.confirmed_at is not None:
        raise Conflict(f"Tip {show_tip_code(link.code)} is confirmed already.")
    verdicts = confirmed(link)
    _confirm(link, actor, now)
    case.version += 1
    image = Image(confirmed=[link.id])
    said = f"Tip {show_tip_code(link.code)} confirmed in {case.number}."
    return keep("confirm_tip", case, tip_id, image, actor=actor, now=now, sentence=said, verdicts=verdicts)


def move_tip(*, tip_id: int, to_case_id: int | None, actor: Actor, now: datetime, reason: str = "") -> Filed:
    """Move a tip to another case, or to a new one where `to_case_id` is None.

    An untouched case that loses its last tip this way is merged into the case the tip went to.
    """
    link = live_link_of(tip_id)
    ids = {case_id for case_id in (link.case_id if link else None, to_case_id) if case_id is not None}
    cases = lock_cases(*ids)
    if link is not None:
        refuse_gone(link)
    source = cases[link.case_id] if link else None
    _refuse_move(source, cases[to_case_id] if to_case_id is not None else None)
    facts_link = link or _last_link(tip_id)
    image = Image()
    if link is not None:
        end_link(link, actor_id=actor.id, reason=reason or "moved", now=now)
        image.ended.append(link.id)
    target = (
        cases[to_case_id]
        if to_case_id is not None
        else open_by_hand(facts_link, image=image, actor=actor, now=now)
    )
    sentence = f"Filed by an officer: {reason}." if reason else "Filed by an officer."
    heard = voices_in(target.id)
    image.made.append(file_by_hand(facts_link, target, heard=heard, sentence=sentence, actor=actor, now=now))
    image.rulings = rule_on_suggestion(tip_id, target.id, "accepted", actor=actor, now=now)
    if source is not None:
        leave_empty(source, survivor=target, image=image, actor_id=actor.id, now=now)
        rebuild(source)
    rebuild(target)
    image.ties = tie_tip(tip_id=tip_id, case_id=target.id, now=now)
    verdicts = [Verdict(tip_id, link.case_id, False, "moved_out", link)] if link is not None else []
    if to_case_id is not None:
        verdicts.append(Verdict(tip_id, target.id, True, "moved_in"))
    said = f"Tip {show_tip_code(facts_link.code)} moved to {target.number}."
    return keep("move", target, tip_id, image, actor=actor, now=now, sentence=said, verdicts=verdicts)


def detach_tip(*, tip_id: int, reason: str, actor: Actor, now: datetime) -> Filed:
    """Take a tip out of its case without filing it elsewhere, as noise is.

    An untouched case that loses its last tip this way is closed.
    """
    link = _live(tip_id)
    case = lock_case(link.case_id)
    refuse_gone(link)
    refuse_finished(case)
    image = Image(ended=[link.id])
    end_link(link, actor_id=actor.id, reason=reason, now=now)
    leave_empty(case, survivor=None, image=image, actor_id=actor.id, now=now)
    rebuild(case)
    said = f"Tip {show_tip_code(link.code)} taken out of {case.number}."
    return keep(DETACH, case, tip_id, image, actor=actor, now=now, sentence=said)


def accept_suggestion(*, tip_id: int, case_id: int, actor: Actor, now: datetime) -> Filed:
    """Move a tip to a case that was suggested for it; the ruling is kept for the next fit of the matcher."""
    suggestion = _suggestion(tip_id, case_id)
    return move_tip(tip_id=tip_id, to_case_id=suggestion.case_id, actor=actor, now=now, reason="suggested")


def reject_suggestion(*, tip_id: int, case_id: int, actor: Actor, now: datetime) -> Filed:
    """Rule that a suggested case is not the one; the ruling is kept for the next fit of the matcher."""
    suggestion = _suggestion(tip_id, case_id)
    if suggestion.ruling is not None:
        raise Conflict(f"This suggestion was {suggestion.ruling} already.")
    case = lock_case(case_id)
    image = Image(rulings=rule_on_suggestion(tip_id, case_id, "rejected", actor=actor, now=now))
    verdicts = [Verdict(tip_id, case_id, False, "rejected")]
    said = f"Not {case.number}: noted."
    return keep("reject", case, tip_id, image, actor=actor, now=now, sentence=said, verdicts=verdicts)


def _live(tip_id: int) -> CaseLink:
    link = live_link_of(tip_id)
    if link is None:
        raise NotFound("This tip is in no case.")
    return link


def _last_link(tip_id: int) -> CaseLink:
    statement = sa.select(CaseLink).where(CaseLink.tip_id == tip_id).order_by(CaseLink.id.desc()).limit(1)
    link = db.session.scalar(statement)
    if link is None:
        raise NotFound("This tip was never in a case.")
    return link


def _confirm(link: CaseLink, actor: Actor, now: datetime) -> None:
    if link.confirmed_at is None:
        link.confirmed_at, link.confirmed_by = now, actor.id


def _refuse_move(source: Case | None, target: Case | None) -> None:
    for case in (source, target):
        if case is not None:
            refuse_finished(case)
    if source is not None and target is not None and source.id == target.id:
        raise Conflict(f"The tip is in {source.number} already.")
    if source is not None and target is None and source.tips == 1:
        raise Conflict(f"It is the only tip of {source.number} already.")


def _suggestion(tip_id: int, case_id: int) -> TipSuggestion:
    statement = sa.select(TipSuggestion).where(
        TipSuggestion.tip_id == tip_id, TipSuggestion.case_id == case_id
    )
    suggestion = db.session.scalar(statement)
    if suggestion is None:
        raise NotFound("This case was not suggested for the tip.")
    return suggestion
