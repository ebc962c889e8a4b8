"""Take back an act of filing, whether the machine did it or an officer."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from cases.facts import Actor
from cases.models import Case, CaseAction
from cases.services.actions import image_of, lock_action, refuse_moved, restore
from cases.services.filing import ATTACH
from cases.services.links import Filed, detach_tip, move_tip
from cases.services.moves import put_states_back
from cases.services.records import lock_case
from core import audit
from core.db import db
from core.errors import Conflict, NotFound


def undo(*, action_id: int, actor: Actor, now: datetime, tip_id: int | None = None) -> Filed:
    """Take back one act; raise Conflict, naming what to undo first, where something later depends on it.

    Where a tip is named, an act that was not done to it raises NotFound.

    An attachment by the machine is taken back by opening a case for the tip, and a case opened by the
    machine by taking its tip out; both are acts of their own, so that the way back stays open.
    """
    action = lock_action(action_id)
    if tip_id is not None and action.tip_id != tip_id:
        raise NotFound("There is nothing to undo.")
    filed = (
        _against_machine(action, actor, now)
        if action.kind in (ATTACH, "open")
        else _restore(action, actor, now)
    )
    action.undone_at, action.undone_by = now, actor.id
    audit.record(
        action="filing.undone",
        subject=("case", filed.number),
        actor_id=actor.id,
        detail={"action": action_id, "kind": action.kind},
        at=now,
    )
    db.session.flush()
    return filed


def case_of_action(action_id: int) -> str:
    """Return the number of the case an act was done in; raise NotFound where there is no such act."""
    statement = sa.select(Case.number).join(CaseAction, CaseAction.case_id == Case.id)
    number = db.session.scalar(statement.where(CaseAction.id == action_id))
    if number is None:
        raise NotFound("There is nothing to undo.")
    return number


def _restore(action: CaseAction, actor: Actor, now: datetime) -> Filed:
    image = image_of(action)
    put_states_back(image, actor_id=actor.id, now=now)
    restore(image, actor_id=actor.id, now=now)
    case = lock_case(action.case_id)
    return Filed(case.id, case.number, "Undone.", action.id)


def _against_machine(action: CaseAction, actor: Actor, now: datetime) -> Filed:
    if action.tip_id is None:
        raise Conflict("There is no tip to take back.")
    refuse_moved(image_of(action))
    if action.kind == ATTACH:
        return move_tip(
            tip_id=action.tip_id, to_case_id=None, actor=actor, now=now, reason="not the same incident"
        )
    return detach_tip(tip_id=action.tip_id, reason="not a case", actor=actor, now=now)
