"""Pay vouchers in batches: one person makes a batch, another approves it, a third releases it.

The file is written once, at release, and kept as it was sent; from then on it is only downloaded again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from accounts.services import StaffMember
from core import audit
from core.codes import new_reference
from core.db import db
from core.errors import Conflict, Invalid
from rewards import chain, payout_queries
from rewards.batch_states import BATCH_MOVES, ITEM_MOVES, ItemState, batch_name
from rewards.models import Reward, RewardShare
from rewards.payout_kinds import AccountKind, FileKind
from rewards.payout_models import BankAccount, PayoutBatch, PayoutItem
from rewards.refusals import step
from rewards.repeats import MoneyResult, once
from rewards.services import moving
from rewards.services.payout_files import write_file
from rewards.states import Facts, Refused, move

MOST_ITEMS = 200
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claimed voucher that could go into a batch; `why_not` says why this person may not put it there."""

    voucher: str
    amount: int
    currency: str
    channel: str
    claimed_at: datetime | None
    why_not: str


def batch_candidates(*, account: str, actor: StaffMember) -> tuple[Candidate, ...]:
    """List the claimed vouchers that an account could pay, those waiting longest first."""
    found = payout_queries.account_by_code(account)
    return tuple(
        Candidate(
            share.ref,
            moving.amount_to_pay(share, reward),
            reward.currency,
            share.channel,
            share.claimed_at,
            _refusal(share, actor),
        )
        for share, reward in payout_queries.claimed_shares(found.fund_id)
    )


def make_batch(
    *,
    account: str,
    vouchers: Sequence[str],
    pay_on: date,
    today: date,
    actor: StaffMember,
    key: str,
    now: datetime,
) -> MoneyResult:
    """Collect claimed vouchers into a batch, to be approved by somebody else.

    Raise Invalid for a choice that cannot be paid together and NotAllowed where this person signed or worked
    on one of the rewards.
    """
    chosen = sorted(set(vouchers))
    if not chosen:
        raise Invalid({"vouchers": ["Choose at least one voucher."]})
    if len(chosen) > MOST_ITEMS:
        raise Invalid({"vouchers": [f"A batch takes up to {MOST_ITEMS} vouchers."]})
    if pay_on < today:
        raise Invalid({"pay_on": ["Choose today or a later day."]})

    def act() -> MoneyResult:
        found = payout_queries.account_by_code(account)
        if found.confirmed_at is None:
            raise Conflict(
                f"Account {account} is not confirmed yet. A second person confirms its numbers first."
            )
        available = {
            share.ref: (share, reward) for share, reward in payout_queries.claimed_shares(found.fund_id)
        }
        missing = [ref for ref in chosen if ref not in available]
        if missing:
            raise Conflict(
                f"{', '.join(missing[:5])} can no longer be put into a batch. Load the page again."
            )
        pairs = [available[ref] for ref in chosen]
        state = step(BATCH_MOVES, "new", "make", _facts([share.id for share, _ in pairs], actor))
        batch = _stored(found, pairs, state, pay_on, actor, now)
        detail = {"total_minor": batch.total, "currency": batch.currency, "vouchers": len(pairs)}
        _record("made", batch, actor, now, detail)
        return MoneyResult(batch.state, batch=batch_name(batch.id))

    asked = {"account": account, "vouchers": ",".join(chosen), "pay_on": pay_on.isoformat()}
    return once(key=key, scope="make_batch", actor_id=actor.id, asked=asked, now=now, act=act)


def approve_batch(*, batch: str, snapshot: str, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Approve what stands in a batch; raise NotAllowed for its maker, Conflict where it changed since."""

    def act() -> MoneyResult:
        row, items = _batch(batch)
        row.state = step(BATCH_MOVES, row.state, "approve", facts_of_batch(row, items, actor, snapshot))
        row.approved_by, row.approved_person, row.approved_at = actor.id, actor.person_id, now
        db.session.flush()
        _record("approved", row, actor, now)
        return MoneyResult(row.state, batch=batch)

    asked = {"batch": batch, "snapshot": snapshot}
    return once(key=key, scope="approve_batch", actor_id=actor.id, asked=asked, now=now, act=act)


def release_batch(*, batch: str, snapshot: str, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Write the file of an approved batch and book its vouchers out; raise NotAllowed for maker and approver."""

    def act() -> MoneyResult:
        row, items = _batch(batch)
        facts = facts_of_batch(row, items, actor, snapshot)
        state = step(BATCH_MOVES, row.state, "release", facts)
        _instruct(row, items, actor, now)
        write_file(row, items, now)
        row.released_by, row.released_person, row.released_at = actor.id, actor.person_id, now
        row.state = state
        db.session.flush()
        _record("released", row, actor, now, {"file_sha256": row.file_sha256 or ""})
        return MoneyResult(row.state, batch=batch)

    asked = {"batch": batch, "snapshot": snapshot}
    return once(key=key, scope="release_batch", actor_id=actor.id, asked=asked, now=now, act=act)


def cancel_batch(*, batch: str, reason: str, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Give up a batch that was not released; its vouchers can go into another one."""
    reason = _required(reason)

    def act() -> MoneyResult:
        row, items = _batch(batch)
        row.state = step(
            BATCH_MOVES, row.state, "cancel", facts_of_batch(row, items, actor, row.snapshot_hash)
        )
        row.cancelled_by, row.cancelled_at, row.reason = actor.id, now, reason
        for item in items:
            item.state = step(ITEM_MOVES, item.state, "cancel", Facts())
        db.session.flush()
        _record("cancelled", row, actor, now)
        return MoneyResult(row.state, batch=batch)

    asked = {"batch": batch, "reason": reason}
    return once(key=key, scope="cancel_batch", actor_id=actor.id, asked=asked, now=now, act=act)


def reject_item(
    *, batch: str, voucher: str, reason: str, actor: StaffMember, key: str, now: datetime
) -> MoneyResult:
    """Book that the bank refused one voucher of a batch: only that one is owed again.

    Raise NotAllowed for whoever released the batch.
    """
    reason = _required(reason)

    def act() -> MoneyResult:
        row = payout_queries.batch_by_name(batch)
        item = payout_queries.item_of(row.id, voucher)
        facts = facts_of_batch(row, [item], actor, row.snapshot_hash)
        item.state, item.reason = step(ITEM_MOVES, item.state, "reject", facts), reason
        (moved,) = moving.reject(
            share_ids=[item.share_id], reason=reason, actor_id=actor.id, now=now, batch=batch
        )
        _record("rejected", row, actor, now, {"voucher": voucher, "entry": moved.entry})
        return MoneyResult(
            item.state, moved.reward, voucher, moved.entry, moved.entry_id, moved.seq, batch=batch
        )

    asked = {"batch": batch, "voucher": voucher, "reason": reason}
    return once(key=key, scope="reject_item", actor_id=actor.id, asked=asked, now=now, act=act)


def facts_of_batch(row: PayoutBatch, items: Sequence[PayoutItem], actor: StaffMember, seen: str) -> Facts:
    """Gather what the guards of a batch look at; `seen` is the snapshot this person read."""
    involved, signatures = payout_queries.people_of([item.share_id for item in items])
    return Facts(
        person_id=actor.person_id,
        role=actor.role.value,
        involved=involved,
        signatures=signatures,
        snapshot_seen=seen,
        snapshot_now=row.snapshot_hash,
        maker=row.made_person,
        approver=row.approved_person,
        releaser=row.released_person,
    )


def _refusal(share: RewardShare, actor: StaffMember) -> str:
    try:
        move(BATCH_MOVES, "new", "make", _facts([share.id], actor))
    except Refused as refused:
        return " ".join(reason.words for reason in refused.reasons)
    return ""


def _facts(share_ids: list[int], actor: StaffMember) -> Facts:
    involved, signatures = payout_queries.people_of(share_ids)
    return Facts(person_id=actor.person_id, role=actor.role.value, involved=involved, signatures=signatures)


def _batch(name: str) -> tuple[PayoutBatch, list[PayoutItem]]:
    row = payout_queries.batch_by_name(name)
    return row, payout_queries.items_of(row.id)


def _stored(
    account: BankAccount,
    pairs: Sequence[tuple[RewardShare, Reward]],
    state: str,
    pay_on: date,
    actor: StaffMember,
    now: datetime,
) -> PayoutBatch:
    amounts = [moving.amount_to_pay(share, reward) for share, reward in pairs]
    batch = PayoutBatch(
        id=payout_queries.next_batch(),
        account_id=account.id,
        currency=account.currency,
        state=state,
        total=sum(amounts),
        pay_on=pay_on,
        snapshot_hash="",
        made_by=actor.id,
        made_person=actor.person_id,
        made_at=now,
        reason="",
        file_kind=FileKind.PAIN if account.kind == AccountKind.BANK else FileKind.CSV,
        file_name="",
    )
    db.session.add(batch)
    db.session.flush()
    items = [
        PayoutItem(
            batch_id=batch.id,
            line_no=line,
            ref=f"P-{new_reference()}",
            share_id=share.id,
            voucher=share.ref,
            amount=amount,
            state=ItemState.WAITING,
            reason="",
        )
        for line, ((share, _), amount) in enumerate(zip(pairs, amounts, strict=True), start=1)
    ]
    db.session.add_all(items)
    batch.snapshot_hash = _snapshot(batch, items)
    db.session.flush()
    return batch


def _snapshot(batch: PayoutBatch, items: Sequence[PayoutItem]) -> str:
    record = {
        "batch": batch_name(batch.id),
        "account": batch.account_id,
        "currency": batch.currency,
        "pay_on": batch.pay_on.isoformat(),
        "items": [[item.line_no, item.ref, item.voucher, item.amount] for item in items],
    }
    return hashlib.sha256(chain.canonical(record)).hexdigest()


def _instruct(row: PayoutBatch, items: Sequence[PayoutItem], actor: StaffMember, now: datetime) -> None:
    if _snapshot(row, items) != row.snapshot_hash or sum(item.amount for item in items) != row.total:
        raise Conflict("This batch is no longer what was approved. Cancel it and make it again.")
    moved = moving.instruct(
        share_ids=[item.share_id for item in items], batch=batch_name(row.id), actor_id=actor.id, now=now
    )
    sent = {one.share_id: one.amount for one in moved}
    for item in items:
        if sent[item.share_id] != item.amount:
            raise Conflict(
                f"The books owe {item.voucher} another amount. Cancel the batch and make it again."
            )
        item.state = step(ITEM_MOVES, item.state, "instruct", Facts())


def _record(
    act: str, batch: PayoutBatch, actor: StaffMember, now: datetime, detail: dict[str, object] | None = None
) -> None:
    subject = ("batch", batch_name(batch.id))
    audit.record(action=f"batch.{act}", subject=subject, actor_id=actor.id, detail=detail, at=now)


def _required(reason: str) -> str:
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason:
        raise Invalid({"reason": ["Write the reason in a sentence; it is kept with the batch."]})
    return reason
