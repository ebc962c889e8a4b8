"""Change the state of a case.

`_write` is the only place that writes the column, and it writes the transition row and the audit row with it.
Whatever wants another state comes through here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from cases import states
from cases.facts import Actor
from cases.models import TRANSITIONS, Case, CaseAction, CaseLink, CaseTransition
from cases.services.actions import Image, copy_link, end_link, image_of, keep_action, restore
from cases.services.casefacts import case_facts
from cases.services.handover import propose_reward, withdraw_reward
from cases.services.records import live_links, lock_case, lock_cases, rebuild, refuse_stale
from cases.services.rulings import Verdict, keep_rulings, withdraw_rulings
from cases.states import Ask, Offer
from cases.states import Verdict as StateVerdict
from core import audit
from core.db import db, execute
from core.errors import Conflict, Invalid, NotAllowed, NotFound

MERGE = "merge"
MOST_RULED = 50  # tips of one merge that the matcher learns from
_INSERT_TRANSITION = sa.insert(TRANSITIONS).inline()


@dataclass(frozen=True, slots=True)
class Moved:
    """A change of state that happened; `action_id` is set where it can be undone as one act."""

    case_id: int
    number: str
    before: str
    after: str
    action_id: int | None = None


def offers(*, case_id: int, actor: Actor, now: datetime) -> tuple[Offer, ...]:
    """List the moves this person could make, each with what still stands in its way."""
    case = db.session.get(Case, case_id)
    if case is None:
        raise NotFound("There is no such case.")
    return states.offers(case_facts(case), actor, now)


def transition(
    *, case_id: int, to: str, actor: Actor, ask: Ask, now: datetime, version: int | None = None
) -> Moved:
    """Move a case to another state.

    Raise Conflict (with the states that can follow) for a move the table does not know, NotAllowed for the
    wrong role, Invalid with every refusal where guards do not hold.
    """
    case = _lock_with_survivor(case_id, ask)
    refuse_stale(case, version)
    ask = _with_survivor(ask)
    verdict = states.decide(case_facts(case), actor, to, ask, now)
    _refuse(case, to, verdict)
    before = case.state
    if to == states.MERGED:
        return _merge(case, ask, actor, now)
    if before == states.MERGED:
        return _take_merge_back(case, actor, now)
    if to == states.CLOSED and before == states.PENDING_REVIEW:
        propose_reward(case, actor=actor, now=now)
    if before == states.CLOSED:
        withdraw_reward(case, reason=ask.reason, actor=actor, now=now)
    came_from = before if to == states.ON_HOLD else None
    review_on = ask.review_on if to == states.ON_HOLD else None
    _write(
        case,
        to,
        actor.id,
        now,
        reason=ask.reason,
        detail=_typed(ask),
        came_from=came_from,
        review_on=review_on,
    )
    return Moved(case.id, case.number, before, to)


def reopen(*, case_id: int, actor: Actor, reason: str, now: datetime) -> Moved:
    """Take a closed case up again."""
    return transition(case_id=case_id, to=states.ACTIVE, actor=actor, ask=Ask(reason=reason), now=now)


def close(*, case_id: int, actor: Actor, now: datetime, version: int | None = None) -> Moved:
    """Close a reviewed case and hand its outcome to the reward office."""
    return transition(case_id=case_id, to=states.CLOSED, actor=actor, ask=Ask(), now=now, version=version)


def first_state(now: datetime) -> dict[str, Any]:
    """Return the columns with which a case begins; `record_opening` writes the transition."""
    return {"state": states.OPEN, "entered_at": now}


def record_opening(case_id: int, *, actor_id: int | None, now: datetime) -> None:
    """Write the first transition of a case that was just inserted."""
    values: dict[str, Any] = {
        "case_id": case_id,
        "from_state": None,
        "to_state": states.OPEN,
        "actor_id": actor_id,
        "at": now,
        "reason": "",
        "detail": {},
        "version": 1,
    }
    execute(_INSERT_TRANSITION, values)


def leave_empty(
    case: Case, *, survivor: Case | None, image: Image, actor_id: int | None, now: datetime
) -> None:
    """Retire an untouched case that has lost its last tip: into the case the tip went to, or closed."""
    if case.state != states.OPEN or live_links(case.id):
        return
    to = states.MERGED if survivor is not None else states.CLOSED
    image.states[str(case.id)] = [case.state, to, case.came_from]
    _write(
        case,
        to,
        actor_id,
        now,
        reason="Its last tip was taken out.",
        came_from=case.state if survivor is not None else None,
        survivor_id=survivor.id if survivor is not None else None,
    )


def retire_opened(image: Image, *, actor_id: int | None, now: datetime) -> None:
    """Retire the case that an undone act had opened, unless it holds other tips or was taken up since.

    Its number stays taken and its page says where the tips are; it came from nowhere, so no export lists it.
    """
    if image.opened is None:
        return
    case = lock_case(image.opened)
    if case.state != states.OPEN or live_links(case.id):
        return
    homes = sa.select(CaseLink.case_id).where(CaseLink.id.in_(image.ended)).order_by(CaseLink.id)
    home = db.session.scalar(homes.limit(1))
    to = states.MERGED if home is not None else states.CLOSED
    _write(case, to, actor_id, now, reason="Undone.", survivor_id=home)


def put_states_back(image: Image, *, actor_id: int | None, now: datetime) -> None:
    """Return the cases of an undone act to the state they had; raise Conflict where they moved on since."""
    for case_id, (before, after, came_from) in image.states.items():
        case = lock_case(int(case_id))
        if case.state != after or before is None:
            raise Conflict(f"{case.number} is {states.words(case.state)} now, so this cannot be undone.")
        _write(case, before, actor_id, now, reason="Undone.", came_from=came_from)


def _write(
    case: Case,
    to: str,
    actor_id: int | None,
    now: datetime,
    *,
    reason: str,
    detail: dict[str, Any] | None = None,
    came_from: str | None = None,
    survivor_id: int | None = None,
    review_on: Any = None,
) -> None:
    before = case.state
    case.state, case.entered_at, case.came_from = to, now, came_from
    case.survivor_id, case.review_on = survivor_id, review_on
    case.closed_at = now if to == states.CLOSED else None
    case.version += 1
    db.session.add(
        CaseTransition(
            case_id=case.id,
            from_state=before,
            to_state=to,
            actor_id=actor_id,
            at=now,
            reason=reason,
            detail=detail or {},
            version=case.version,
        )
    )
    audit.record(
        action="case.state",
        subject=("case", case.number),
        actor_id=actor_id,
        detail={"from": before, "to": to, "version": case.version},
        at=now,
    )
    db.session.flush()


def _lock_with_survivor(case_id: int, ask: Ask) -> Case:
    """Lock both ends of a merge in the common order."""
    if ask.survivor_id == case_id:
        raise Invalid({"survivor": ["A case cannot be merged into itself."]})
    ids = (case_id,) if ask.survivor_id is None else (case_id, ask.survivor_id)
    return lock_cases(*ids)[case_id]


def _with_survivor(ask: Ask) -> Ask:
    if ask.survivor_id is None:
        return ask
    survivor = lock_case(ask.survivor_id)
    return Ask(
        ask.reason, ask.review_on, ask.agency, ask.contact, ask.disclosure, survivor.id, survivor.state
    )


def _refuse(case: Case, to: str, verdict: StateVerdict) -> None:
    if not verdict.known:
        raise Conflict(
            f"{case.number} is {states.words(case.state)} and cannot become {states.words(to)}.",
            allowed=list(verdict.next_states),
        )
    if not verdict.permitted:
        raise NotAllowed(" ".join(refusal.sentence for refusal in verdict.refusals))
    if verdict.refusals:
        messages: dict[str, list[str]] = {}
        for refusal in verdict.refusals:
            messages.setdefault(refusal.guard, []).append(refusal.sentence)
        raise Invalid(messages, f"{case.number} cannot become {states.words(to)} yet.")


def _typed(ask: Ask) -> dict[str, Any]:
    """Keep what was typed, for the record of the transition."""
    kept = {
        "review_on": ask.review_on.isoformat() if ask.review_on else None,
        "agency": ask.agency,
        "contact": ask.contact,
        "disclosure": ask.disclosure,
    }
    return {name: value for name, value in kept.items() if value}


def _merge(case: Case, ask: Ask, actor: Actor, now: datetime) -> Moved:
    survivor = lock_case(ask.survivor_id or 0)
    image = Image(states={str(case.id): [case.state, states.MERGED, case.came_from]})
    verdicts: list[Verdict] = []
    for link in live_links(case.id):
        verdicts.append(Verdict(link.tip_id, survivor.id, True, "merged"))
        end_link(link, actor_id=actor.id, reason=f"merged into {survivor.number}", now=now)
        image.ended.append(link.id)
        image.made.append(copy_link(link, case_id=survivor.id).id)
    before = case.state
    _write(
        case,
        states.MERGED,
        actor.id,
        now,
        reason=ask.reason,
        detail={"survivor": survivor.number},
        came_from=before,
        survivor_id=survivor.id,
    )
    rebuild(case)
    rebuild(survivor)
    action_id = keep_action(MERGE, case_id=case.id, tip_id=None, image=image, actor_id=actor.id, now=now)
    keep_rulings(verdicts[:MOST_RULED], action_id=action_id, actor=actor, now=now)
    return Moved(case.id, case.number, before, states.MERGED, action_id)


def _take_merge_back(case: Case, actor: Actor, now: datetime) -> Moved:
    statement = sa.select(CaseAction).where(
        CaseAction.case_id == case.id, CaseAction.kind == MERGE, CaseAction.undone_at.is_(None)
    )
    action = db.session.scalar(statement.order_by(CaseAction.id.desc()).limit(1))
    if action is None:
        raise Conflict("Undo the move that emptied this case instead.")
    image = image_of(action)
    put_states_back(image, actor_id=actor.id, now=now)
    restore(image, actor_id=actor.id, now=now)
    withdraw_rulings(action.id, now=now)
    action.undone_at, action.undone_by = now, actor.id
    db.session.flush()
    return Moved(case.id, case.number, states.MERGED, case.state)
