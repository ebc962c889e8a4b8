"""List what waits for a person: second signatures, residents who got nothing, locked vouchers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from accounts.services import StaffMember, staff_by_ids
from core.db import db
from rewards import queries
from rewards.models import ClaimCode, Reward, RewardShare
from rewards.states import MONEY_ROLES
from rewards.workflow_kinds import WORDS, AskedFor, QueryState, RequestState
from rewards.workflow_models import CollectionAnswer, SecondPersonRequest


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A step that waits for a second person; `why_not` says why the viewer is not that person."""

    id: int
    kind: str
    words: str
    voucher: str
    reward: str
    amount: int
    currency: str
    reason: str
    asked_by: str
    asked_at: datetime
    mine: bool
    why_not: str


@dataclass(frozen=True, slots=True)
class QueryLine:
    """A resident who says that nothing was handed over: voucher, amount and channel, and nothing of the tip."""

    id: int
    voucher: str
    reward: str
    amount: int
    currency: str
    channel: str
    state: str
    said_at: datetime
    owner: str
    mine: bool
    receipt: str


@dataclass(frozen=True, slots=True)
class LockedVoucher:
    """A voucher that five wrong words have locked."""

    voucher: str
    reward: str
    amount: int
    currency: str
    locked_until: datetime


def open_requests(viewer: StaffMember, *, share_id: int | None = None) -> tuple[RequestLine, ...]:
    """List the steps that wait for a second person, oldest first."""
    statement = (
        sa.select(SecondPersonRequest, RewardShare, Reward)
        .join(RewardShare, RewardShare.id == SecondPersonRequest.share_id)
        .join(Reward, Reward.id == RewardShare.reward_id)
        .where(SecondPersonRequest.state == RequestState.OPEN)
        .order_by(SecondPersonRequest.id)
    )
    if share_id is not None:
        statement = statement.where(SecondPersonRequest.share_id == share_id)
    rows = db.session.execute(statement).all()
    people = staff_by_ids({row.SecondPersonRequest.asked_by for row in rows})
    return tuple(
        RequestLine(
            id=request.id,
            kind=request.kind,
            words=WORDS[AskedFor(request.kind)],
            voucher=share.ref,
            reward=reward.ref,
            amount=share.amount,
            currency=reward.currency,
            reason=request.reason,
            asked_by=people[request.asked_by].name,
            asked_at=request.asked_at,
            mine=request.asked_person == viewer.person_id,
            why_not=_why_not(request, share, viewer),
        )
        for request, share, reward in rows
    )


def open_queries(viewer: StaffMember) -> tuple[QueryLine, ...]:
    """List residents who say that they got nothing, those waiting longest first."""
    rows = db.session.execute(
        sa.select(CollectionAnswer, RewardShare, Reward)
        .join(RewardShare, RewardShare.id == CollectionAnswer.share_id)
        .join(Reward, Reward.id == RewardShare.reward_id)
        .where(CollectionAnswer.state == QueryState.OPEN)
        .order_by(CollectionAnswer.id)
    ).all()
    people = staff_by_ids({row.CollectionAnswer.owner_id for row in rows if row.CollectionAnswer.owner_id})
    return tuple(
        QueryLine(
            id=answer.id,
            voucher=share.ref,
            reward=reward.ref,
            amount=share.amount,
            currency=reward.currency,
            channel=answer.channel,
            state=share.state,
            said_at=answer.said_at,
            owner=people[answer.owner_id].name if answer.owner_id in people else "",
            mine=answer.owner_id == viewer.id,
            receipt=share.receipt,
        )
        for answer, share, reward in rows
    )


def locked_vouchers(*, now: datetime) -> tuple[LockedVoucher, ...]:
    """List vouchers that are locked now, the one that opens last first."""
    rows = db.session.execute(
        sa.select(
            RewardShare.ref,
            Reward.ref.label("reward"),
            RewardShare.amount,
            Reward.currency,
            ClaimCode.locked_until,
        )
        .join(RewardShare, RewardShare.id == ClaimCode.share_id)
        .join(Reward, Reward.id == RewardShare.reward_id)
        .where(ClaimCode.locked_until > now, ClaimCode.used_at.is_(None), ClaimCode.revoked_at.is_(None))
        .order_by(ClaimCode.locked_until.desc())
    )
    return tuple(LockedVoucher(*row) for row in rows)


def count_waiting(*, now: datetime) -> int:
    """Count everything that waits for a person."""
    requests = sa.select(sa.func.count()).where(SecondPersonRequest.state == RequestState.OPEN)
    answers = sa.select(sa.func.count()).where(CollectionAnswer.state == QueryState.OPEN)
    counted = (db.session.scalar(requests) or 0) + (db.session.scalar(answers) or 0)
    return counted + len(locked_vouchers(now=now))


def _why_not(request: SecondPersonRequest, share: RewardShare, viewer: StaffMember) -> str:
    if viewer.role.value not in MONEY_ROLES:
        return "Finance or the director confirms it."
    if request.asked_person == viewer.person_id:
        return "You asked for it, so somebody else confirms it."
    if viewer.person_id in queries.involved_in(share.reward_id):
        return "You worked on this case, so somebody else confirms it."
    if viewer.person_id in {row.person_id for row in queries.approvals_of(share.reward_id)}:
        return "You approved this reward, so somebody else confirms it."
    return ""
