"""Take back an act of filing, whether the machine did it or an officer."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from cases.facts import Actor
from cases.models import Case, CaseAction
from cases.services.actions import image_of, lock_action, refuse_moved, restore
from cases.services.filing import ATTACH, OPEN_ACT
from cases.services.links import DETACH, move_tip
from cases.services.moves import put_states_back, retire_opened
from cases.services.records import lock_case
from cases.services.refiling import Filed
from cases.services.rulings import withdraw_rulings
from cases.services.ties import withdraw_ties
from core import audit
from core.db import db
from core.errors import Conflict, NotFound


def undo(*, action_id: int, actor: Actor, now: datetime, tip_id: int | None = None) -> Filed:
    """Take back one act; raise Conflict, naming what to undo first, where something later depends on it.

    Where a tip is named, an act that was not done to it raises NotFound. That a tip left its case as noise is taken
    back by name alone, by whoever says that it is none.

    An attachment by the machine is taken back by opening a case for the tip; that is an act of its own, so
    that the way back stays open. The opening of a case for a tip is not taken back: the tip would lie nowhere.
    """
    action = lock_action(action_id)
    if tip_id is not None and action.tip_id != tip_id:
        raise NotFound("There is nothing to undo.")
    if action.kind == DETACH and tip_id is None:
        raise Conflict("This tip is set aside. Bring it back on the desk.")
    if action.kind == OPEN_ACT:
        raise Conflict(
            "The program opened this case for its first tip, and no tip is left without a case. "
            "Move the tip to another case, or set it aside on the desk."
        )
    filed = _against_machine(action, actor, now) if action.kind == ATTACH else _restore(action, actor, now)
    withdraw_rulings(action_id, now=now)
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
    withdraw_ties(image.ties)
    retire_opened(image, actor_id=actor.id, now=now)
    case = lock_case(action.case_id)
    return Filed(case.id, case.number, "Undone.", action.id)


def _against_machine(action: CaseAction, actor: Actor, now: datetime) -> Filed:
    if action.tip_id is None:
        raise Conflict("There is no tip to take back.")
    refuse_moved(image_of(action))
    return move_tip(
        tip_id=action.tip_id, to_case_id=None, actor=actor, now=now, reason="not the same incident"
    )
