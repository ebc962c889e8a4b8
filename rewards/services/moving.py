"""Move the money of claimed shares: out to the bank, settled, rejected, come back.

Building blocks for services that answer one request: call them inside `repeats.once`, which has locked the head.
Each takes ids, checks the state of each share, books one entry a share (two where tax is withheld) and returns
what moved. Amounts come from the books, never from the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from core.db import db
from core.errors import Conflict, NotFound
from rewards import books, bounds, ledger, queries
from rewards.models import LedgerEntry, LedgerLeg, Reward, RewardShare
from rewards.refusals import step
from rewards.services.funds import policy_of_version
from rewards.states import BOOK_MOVES, REWARD_MOVES, Facts, RewardState

UNDOING = ("rejected", "returned", ledger.REVERSE)


@dataclass(frozen=True, slots=True)
class Moved:
    """One share that moved: its new state and the entry that says so; the amount is in minor units."""

    share_id: int
    share: str
    reward: str
    state: str
    amount: int
    currency: str
    entry: str
    entry_id: int
    seq: int


def instruct(
    *, share_ids: Sequence[int], batch: str, actor_id: int | None, now: datetime
) -> tuple[Moved, ...]:
    """Send claimed shares out in a batch: Payable becomes InTransit, less the tax the policy withholds.

    Raise Conflict where one of them is not claimed, or was sent out already.
    """
    moved = []
    for share, reward in _shares(share_ids):
        share.state = step(BOOK_MOVES, share.state, "instruct", Facts())
        moved.append(send_out(share, reward, actor_id=actor_id, now=now, batch=batch))
    db.session.flush()
    return tuple(moved)


def settle(
    *,
    share_id: int,
    statement_line: str,
    actor_id: int | None,
    now: datetime,
    effective_on: date | None = None,
    bank: str = ledger.BANK,
) -> Moved:
    """Book that an instructed share left the bank, as a statement line shows; raise Conflict otherwise."""
    ((share, reward),) = _shares([share_id])
    share.state = step(BOOK_MOVES, share.state, "settle", Facts())
    share.paid_at = now
    moved = _move(
        ledger.settle(moving_amount(share), reward.currency, share=share.ref, bank=bank),
        share,
        reward,
        actor_id=actor_id,
        now=now,
        effective_on=effective_on,
        notes={"stmt": statement_line},
    )
    settle_if_done(reward)
    return moved


def reject(
    *, share_ids: Sequence[int], reason: str, actor_id: int | None, now: datetime, batch: str = ""
) -> tuple[Moved, ...]:
    """Book that instructed shares never left the bank; they are claimed and owed again."""
    moved = []
    for share, reward in _shares(share_ids):
        share.state = step(BOOK_MOVES, share.state, "reject", Facts())
        posting = ledger.reject(moving_amount(share), reward.currency, share=share.ref)
        notes = {"reason": reason, "batch": batch}
        moved.append(_move(posting, share, reward, actor_id=actor_id, now=now, notes=notes))
    db.session.flush()
    return tuple(moved)


def returned(
    *,
    share_id: int,
    statement_line: str,
    actor_id: int | None,
    now: datetime,
    effective_on: date | None = None,
    bank: str = ledger.BANK,
) -> Moved:
    """Book that the money of a paid share came back to the bank; the share is claimed and owed again."""
    ((share, reward),) = _shares([share_id])
    _refuse_asked_back(share)
    share.state = step(BOOK_MOVES, share.state, "return", Facts())
    share.paid_at = share.paid_by_person = None
    moved = _move(
        ledger.returned(paid_amount(share), reward.currency, share=share.ref, bank=bank),
        share,
        reward,
        actor_id=actor_id,
        now=now,
        effective_on=effective_on,
        notes={"stmt": statement_line},
    )
    reopen(reward)
    return moved


def send_out(
    share: RewardShare, reward: Reward, *, actor_id: int | None, now: datetime, batch: str = ""
) -> Moved:
    """Book a claimed share out of Payable, keeping its tax back the first time."""
    tax = tax_due(share, reward)
    if tax:
        posting = ledger.withhold(tax, reward.currency, share=share.ref)
        _move(posting, share, reward, actor_id=actor_id, now=now, notes={"batch": batch})
    posting = ledger.instruct(owed_amount(share), reward.currency, share=share.ref)
    return _move(posting, share, reward, actor_id=actor_id, now=now, notes={"batch": batch})


def tax_due(share: RewardShare, reward: Reward) -> int:
    """Return the tax that is still to be kept back from a share, in minor units."""
    percent = policy_of_version(reward.policy_version_id).withhold_percent
    tax = int(share.amount * percent / 100)
    return 0 if bounds.held_for_share(share.id).get(ledger.TAX_WITHHELD) else tax


def amount_to_pay(share: RewardShare, reward: Reward) -> int:
    """Return what will leave the bank for a claimed share: what is owed, less the tax kept back."""
    return owed_amount(share) - tax_due(share, reward)


def owed_amount(share: RewardShare) -> int:
    """Return what the books still owe a share, in minor units."""
    return -bounds.held_for_share(share.id).get(ledger.PAYABLE, 0)


def moving_amount(share: RewardShare) -> int:
    """Return what is on its way for a share, in minor units."""
    return -bounds.held_for_share(share.id).get(ledger.IN_TRANSIT, 0)


def paid_amount(share: RewardShare) -> int:
    """Return what left the bank for a share and did not come back, in minor units."""
    held = bounds.held_for_share(share.id)
    return -sum(amount for account, amount in held.items() if ledger.CASH.match(account))


def batch_of(share: RewardShare) -> str:
    """Return the batch a share was last sent out in; empty where it was paid by hand or never sent."""
    ref = db.session.scalar(
        sa.select(LedgerEntry.ref)
        .join(LedgerLeg, LedgerLeg.entry_id == LedgerEntry.id)
        .where(LedgerLeg.share_id == share.id, LedgerEntry.kind == "instruct")
        .order_by(LedgerEntry.id.desc())
        .limit(1)
    )
    return str(ref.get("batch", "")) if ref else ""


def round_key(event: str, share: RewardShare) -> str:
    """Name an event of a share: the first time by the share alone, then by how often it was undone."""
    undone = db.session.scalar(
        sa.select(sa.func.count(sa.distinct(LedgerEntry.id)))
        .join(LedgerLeg, LedgerLeg.entry_id == LedgerEntry.id)
        .where(LedgerLeg.share_id == share.id, LedgerEntry.kind.in_(UNDOING))
    )
    return f"{event}:{share.ref}:{undone + 1}" if undone else f"{event}:{share.ref}"


def post_for_share(
    posting: ledger.Posting,
    share: RewardShare,
    reward: Reward,
    *,
    idem_key: str,
    actor_id: int | None,
    now: datetime,
    notes: Mapping[str, str] | None = None,
    effective_on: date | None = None,
    reverses_id: int | None = None,
) -> books.Posted:
    """Book a posting about one share."""
    return books.post(
        posting,
        fund=queries.fund_of(reward),
        idem_key=idem_key,
        actor_id=actor_id,
        now=now,
        subject=queries.subject_of(reward),
        share_ids={share.ref: share.id},
        notes={"share": share.ref, **(notes or {})},
        effective_on=effective_on,
        reverses_id=reverses_id,
    )


def settle_if_done(reward: Reward) -> None:
    """Call a reward settled once none of its shares is open."""
    db.session.flush()
    if reward.state == RewardState.APPROVED and not queries.has_open_share(reward.id):
        reward.state = step(REWARD_MOVES, reward.state, "settle", Facts())
        db.session.flush()


def reopen(reward: Reward) -> None:
    """Call a settled reward approved again, for one of its shares is open."""
    if reward.state == RewardState.SETTLED:
        reward.state = step(BOOK_MOVES, reward.state, "reopen", Facts())
    db.session.flush()


def _refuse_asked_back(share: RewardShare) -> None:
    """Raise Conflict for a share whose money was asked back: what comes then is booked against that claim."""
    if bounds.held_for_share(share.id).get(ledger.RECOVERED):
        raise Conflict("Its money was asked back. Book what arrives on the reward's own page as paid back.")


def _move(
    posting: ledger.Posting,
    share: RewardShare,
    reward: Reward,
    *,
    actor_id: int | None,
    now: datetime,
    notes: Mapping[str, str],
    effective_on: date | None = None,
) -> Moved:
    posted = post_for_share(
        posting,
        share,
        reward,
        idem_key=round_key(posting.kind, share),
        actor_id=actor_id,
        now=now,
        notes=notes,
        effective_on=effective_on,
    )
    amount = max(leg.amount for leg in posting.legs)
    return Moved(
        share.id,
        share.ref,
        reward.ref,
        share.state,
        amount,
        reward.currency,
        posted.name,
        posted.entry_id,
        posted.seq,
    )


def _shares(share_ids: Sequence[int]) -> list[tuple[RewardShare, Reward]]:
    rows = db.session.execute(
        sa.select(RewardShare, Reward)
        .join(Reward, Reward.id == RewardShare.reward_id)
        .where(RewardShare.id.in_(share_ids))
        .order_by(RewardShare.id)
        .execution_options(populate_existing=True)
    ).all()
    missing = set(share_ids) - {share.id for share, _ in rows}
    if missing:
        raise NotFound(f"There is no voucher with the number {min(missing)}.")
    return [(share, reward) for share, reward in rows]
