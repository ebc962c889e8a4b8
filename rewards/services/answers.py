"""Keep what residents say after collecting, and let somebody look into those who got nothing."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from accounts.services import StaffMember
from core import audit
from core.db import db
from core.errors import Conflict, Invalid, NotAllowed, NotFound
from rewards import books, queries
from rewards.models import Reward, RewardShare
from rewards.states import MONEY_ROLES, ShareState
from rewards.workflow_kinds import QueryState, Said
from rewards.workflow_models import CollectionAnswer

ASKED_OF = (ShareState.CLAIMED, ShareState.INSTRUCTED, ShareState.PAID)


def answer_collection(*, tip_id: int, got: bool, channel: str, now: datetime) -> bool:
    """Keep an answer of a tip's holder; return whether there was anything to answer about.

    GOT closes a query that is open, NOT opens one. The caller says the same to everybody, whatever comes back.
    """
    books.lock_head()
    share = queries.collected_share_of_tip(tip_id)
    if share is None:
        return False
    standing = _open_of(share.id)
    if standing is not None and not got:
        return True
    if standing is not None:
        standing.state, standing.closed_at = QueryState.CLOSED, now
        standing.note = standing.note or "The resident has it now."
    db.session.add(
        CollectionAnswer(
            share_id=share.id,
            said=Said.GOT if got else Said.NOT,
            channel=channel[:20],
            said_at=now,
            state=QueryState.CLOSED if got else QueryState.OPEN,
            closed_at=now if got else None,
            note="",
        )
    )
    _note("resident_got" if got else "resident_got_nothing", share, None)
    db.session.flush()
    return True


def take_query(*, answer_id: int, actor: StaffMember, now: datetime) -> None:
    """Make a query one's own; raise Conflict for one that is closed."""
    row, share = _query(answer_id, actor)
    row.owner_id = actor.id
    audit.record(action="reward.query_taken", subject=("share", share.ref), actor_id=actor.id, at=now)
    db.session.flush()


def close_query(*, answer_id: int, note: str, actor: StaffMember, now: datetime) -> None:
    """Close a query with what was found out."""
    note = " ".join(note.split())[:300]
    if not note:
        raise Invalid({"note": ["Write in a sentence what you found out."]})
    books.lock_head()
    row, share = _query(answer_id, actor)
    row.state, row.closed_at, row.closed_by, row.note = QueryState.CLOSED, now, actor.id, note
    row.owner_id = row.owner_id or actor.id
    _note("query_closed", share, actor.id)
    audit.record(
        action="reward.query_closed",
        subject=("share", share.ref),
        actor_id=actor.id,
        detail={"note": note},
        at=now,
    )
    db.session.flush()


def _query(answer_id: int, actor: StaffMember) -> tuple[CollectionAnswer, RewardShare]:
    if actor.role.value not in MONEY_ROLES:
        raise NotAllowed("Only finance and the director decide about money.")
    row = db.session.get(CollectionAnswer, answer_id, populate_existing=True)
    if row is None:
        raise NotFound("There is no such query.")
    if row.state != QueryState.OPEN:
        raise Conflict("This query is closed already.")
    return row, db.session.get_one(RewardShare, row.share_id)


def _open_of(share_id: int) -> CollectionAnswer | None:
    return db.session.scalar(
        sa.select(CollectionAnswer)
        .where(CollectionAnswer.share_id == share_id, CollectionAnswer.state == QueryState.OPEN)
        .execution_options(populate_existing=True)
    )


def _note(event: str, share: RewardShare, actor_id: int | None) -> None:
    reward = db.session.get_one(Reward, share.reward_id)
    subject = queries.subject_of(reward)
    books.note(event, actor_id=actor_id, subject=subject, notes={"share": share.ref})
