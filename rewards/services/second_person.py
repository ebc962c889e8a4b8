"""Steps about one voucher that take two people: a new word, a cancellation, money asked back or given up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

import sqlalchemy as sa

from accounts.services import StaffMember
from core import audit
from core.db import db
from core.errors import Conflict, Invalid, NotAllowed, NotFound
from rewards import books, bounds, ledger, queries
from rewards.models import Reward, RewardShare
from rewards.repeats import MoneyResult, once
from rewards.services.deciding import batch_paying, cancel
from rewards.services.moving import paid_amount, post_for_share, round_key
from rewards.states import MONEY_ROLES, ShareState
from rewards.workflow_kinds import AskedFor, RequestState
from rewards.workflow_models import SecondPersonRequest

# the states of a voucher in which each step makes sense
POSSIBLE: Final[Mapping[AskedFor, frozenset[ShareState]]] = MappingProxyType(
    {
        AskedFor.NEW_WORD: frozenset({ShareState.CLAIMED}),
        AskedFor.CANCEL: frozenset({ShareState.APPROVED}),
        AskedFor.CLAWBACK: frozenset({ShareState.PAID}),
        AskedFor.WRITE_OFF: frozenset({ShareState.PAID}),
    }
)


def ask(
    *, kind: str, share_ref: str, reason: str, actor: StaffMember, key: str, now: datetime
) -> MoneyResult:
    """Ask for a step that another person has to confirm; nothing changes yet.

    Raise Conflict where the voucher does not allow it now or it was asked for already, NotAllowed for anyone
    who worked on the case.
    """
    wanted, reason = AskedFor(kind), " ".join(reason.split())[:300]
    if not reason:
        raise Invalid({"reason": ["Write the reason in a sentence; it is kept with the books."]})

    def act() -> MoneyResult:
        share = queries.share_by_ref(share_ref)
        _require_free(actor, share)
        _require_possible(wanted, share)
        if _open_request(share.id, wanted) is not None:
            raise Conflict("This was asked for already and waits for a second person.")
        db.session.add(
            SecondPersonRequest(
                kind=wanted,
                share_id=share.id,
                reason=reason,
                state=RequestState.OPEN,
                asked_by=actor.id,
                asked_person=actor.person_id,
                asked_at=now,
            )
        )
        return _noted(f"{wanted}_asked", share, actor, now, reason)

    asked = {"share": share_ref, "kind": wanted.value, "reason": reason}
    return once(key=key, scope="ask", actor_id=actor.id, asked=asked, now=now, act=act)


def confirm(*, request_id: int, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Confirm what another person asked for, and do it.

    Raise NotAllowed for whoever asked, approved the reward or worked on the case.
    """

    def act() -> MoneyResult:
        request, share = _request(request_id)
        _require_free(actor, share)
        _require_other(actor, request, share)
        kind = AskedFor(request.kind)
        _require_possible(kind, share)
        request.state = RequestState.CONFIRMED
        request.decided_by, request.decided_person, request.decided_at = actor.id, actor.person_id, now
        db.session.flush()
        if kind is AskedFor.CANCEL:
            return cancel(
                share_ref=share.ref, reason=request.reason, actor=actor, key=f"{key}:cancel"[:200], now=now
            )
        if kind is AskedFor.NEW_WORD:
            return _revoke_word(share, request.reason, actor, now)
        return _book(kind, share, request.reason, actor, now)

    asked = {"request": str(request_id)}
    return once(key=key, scope="confirm", actor_id=actor.id, asked=asked, now=now, act=act)


def refuse(*, request_id: int, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Refuse what somebody asked for, or take back what one asked for oneself."""

    def act() -> MoneyResult:
        request, share = _request(request_id)
        _require_free(actor, share)
        request.state = RequestState.REFUSED
        request.decided_by, request.decided_person, request.decided_at = actor.id, actor.person_id, now
        return _noted(f"{request.kind}_refused", share, actor, now, request.reason)

    asked = {"request": str(request_id)}
    return once(key=key, scope="refuse", actor_id=actor.id, asked=asked, now=now, act=act)


def receive_back(
    *, share_ref: str, amount_minor: int, reference: str, actor: StaffMember, key: str, now: datetime
) -> MoneyResult:
    """Book money that was owed back and arrived; raise NotEnough for more than is owed."""
    reference = " ".join(reference.split())[:80]
    if not reference:
        raise Invalid({"reference": ["Enter the reference of the statement line."]})

    def act() -> MoneyResult:
        share = queries.share_by_ref(share_ref)
        reward = db.session.get_one(Reward, share.reward_id)
        _require_free(actor, share)
        posting = ledger.receive_clawback(amount_minor, reward.currency, share=share.ref)
        idem_key = f"clawback_received:{share.ref}:{reference}"[:120]
        posted = post_for_share(
            posting, share, reward, idem_key=idem_key, actor_id=actor.id, now=now, notes={"stmt": reference}
        )
        return _moved(share, reward, posted)

    asked = {"share": share_ref, "amount": str(amount_minor), "reference": reference}
    return once(key=key, scope="receive_back", actor_id=actor.id, asked=asked, now=now, act=act)


def owed_back(share: RewardShare) -> int:
    """Return what is still owed back for a share, in minor units."""
    return bounds.held_for_share(share.id).get(ledger.CLAWBACK, 0)


def possible(share: RewardShare) -> tuple[AskedFor, ...]:
    """List the steps that could be asked for now, two people given."""
    return tuple(
        kind
        for kind in AskedFor
        if _why_impossible(kind, share) == "" and _open_request(share.id, kind) is None
    )


def _book(kind: AskedFor, share: RewardShare, reason: str, actor: StaffMember, now: datetime) -> MoneyResult:
    reward = db.session.get_one(Reward, share.reward_id)
    if kind is AskedFor.CLAWBACK:
        posting = ledger.raise_clawback(paid_amount(share), reward.currency, share=share.ref)
    else:
        posting = ledger.write_off_clawback(owed_back(share), reward.currency, share=share.ref)
    posted = post_for_share(
        posting,
        share,
        reward,
        idem_key=round_key(posting.kind, share),
        actor_id=actor.id,
        now=now,
        notes={"reason": reason},
    )
    audit.record(action=f"reward.{posting.kind}", subject=("share", share.ref), actor_id=actor.id, at=now)
    return _moved(share, reward, posted)


def _revoke_word(share: RewardShare, reason: str, actor: StaffMember, now: datetime) -> MoneyResult:
    code = queries.live_claim_code(share.id)
    if code is not None:
        code.revoked_at = now
    share.announced_at = None  # so that the sender is told to look again
    return _noted("word_revoked", share, actor, now, reason)


def _require_possible(kind: AskedFor, share: RewardShare) -> None:
    why = _why_impossible(kind, share)
    if why:
        raise Conflict(why)


def _why_impossible(kind: AskedFor, share: RewardShare) -> str:
    if share.state not in POSSIBLE[kind]:
        return f"The voucher is {share.state}, so this cannot be done with it now."
    if kind is AskedFor.NEW_WORD and batch_paying(share):
        return "It waits in a batch, which pays without a word."
    if kind is AskedFor.NEW_WORD and queries.live_claim_code(share.id) is None:
        return "Its old word is dead already; the resident gets the new one with code and secret."
    if kind is AskedFor.CLAWBACK and ledger.RECOVERED in bounds.held_for_share(share.id):
        return "It was asked back before."
    if kind is AskedFor.WRITE_OFF and not owed_back(share):
        return "Nothing is owed back for it."
    return ""


def _require_free(actor: StaffMember, share: RewardShare) -> None:
    if actor.role.value not in MONEY_ROLES:
        raise NotAllowed("Only finance and the director decide about money.")
    part = queries.involved_in(share.reward_id).get(actor.person_id)
    if part is not None:
        raise NotAllowed(f"You worked on this case ({part.replace('_', ' ')}), so somebody else decides.")


def _require_other(actor: StaffMember, request: SecondPersonRequest, share: RewardShare) -> None:
    if actor.person_id == request.asked_person:
        raise NotAllowed("You asked for this yourself, so somebody else confirms it.")
    if actor.person_id in {row.person_id for row in queries.approvals_of(share.reward_id)}:
        raise NotAllowed("You approved this reward, so somebody else confirms it.")


def _request(request_id: int) -> tuple[SecondPersonRequest, RewardShare]:
    statement = sa.select(SecondPersonRequest).where(SecondPersonRequest.id == request_id)
    request = db.session.scalar(statement.execution_options(populate_existing=True))
    if request is None:
        raise NotFound("There is no such request.")
    if request.state != RequestState.OPEN:
        raise Conflict(f"It was {request.state} already.")
    share = db.session.scalar(
        sa.select(RewardShare)
        .where(RewardShare.id == request.share_id)
        .execution_options(populate_existing=True)
    )
    assert share is not None, "the foreign key holds"
    return request, share


def _open_request(share_id: int, kind: AskedFor) -> int | None:
    return db.session.scalar(
        sa.select(SecondPersonRequest.id).where(
            SecondPersonRequest.share_id == share_id,
            SecondPersonRequest.kind == kind,
            SecondPersonRequest.state == RequestState.OPEN,
        )
    )


def _noted(event: str, share: RewardShare, actor: StaffMember, now: datetime, reason: str) -> MoneyResult:
    db.session.flush()
    reward = db.session.get_one(Reward, share.reward_id)
    notes = {"share": share.ref, "reason": reason}
    seq = books.note(event[:30], actor_id=actor.id, subject=queries.subject_of(reward), notes=notes)
    audit.record(action=f"reward.{event}", subject=("share", share.ref), actor_id=actor.id, at=now)
    return MoneyResult(share.state, reward.ref, share.ref, seq=seq)


def _moved(share: RewardShare, reward: Reward, posted: books.Posted) -> MoneyResult:
    return MoneyResult(
        share.state, reward.ref, share.ref, posted.name, posted.entry_id, posted.seq, posted.balances
    )
