"""Take a mistaken no back: a reward that was declined, a payment that was called rejected.

Nothing in the books changes: what the mistake booked is answered by further entries.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from accounts.services import StaffMember
from core import audit
from core.db import db
from core.deployment import current_deployment
from core.errors import Conflict
from rewards import books, ledger, payout_queries, queries
from rewards.batch_states import ITEM_MOVES
from rewards.models import ADVANCE, LedgerEntry, LedgerLeg, Reward
from rewards.payout_models import PayoutItem
from rewards.refusals import step
from rewards.repeats import MoneyResult, once
from rewards.services.deciding import facts_of_reward, required_reason
from rewards.services.funds import policy_of_version
from rewards.services.proposing import ADVANCES, reserve_if_funded
from rewards.services.reversing import reverse
from rewards.states import BOOK_MOVES, REWARD_MOVES, Facts, ShareState


def take_back_decline(
    *, ref: str, snapshot: str, reason: str, actor: StaffMember, key: str, now: datetime
) -> MoneyResult:
    """Put a declined reward back to be approved and reserve its money again, or let it wait for funds.

    Signatures given before count on, for they are bound to the same content. Raise Conflict where its case has
    another reward by now, was opened again, or could not bear it any more.
    """
    reason = required_reason(reason)

    def act() -> MoneyResult:
        reward = queries.reward_by_ref(ref)
        facts = facts_of_reward(reward, policy_of_version(reward.policy_version_id), actor, snapshot)
        state = step(REWARD_MOVES, reward.state, "take_back", facts)
        _require_room(reward)
        reward.state, reward.reason, reward.decided_at = state, "", None
        for share in queries.shares_of(reward.id):
            if share.state == ShareState.DECLINED:
                share.state = step(BOOK_MOVES, share.state, "undecline", Facts())
        db.session.flush()
        notes = {"reason": reason}
        seq = books.note("decline_undone", actor_id=actor.id, subject=queries.subject_of(reward), notes=notes)
        audit.record(
            action="reward.decline_undone", subject=("reward", ref), actor_id=actor.id, detail=notes, at=now
        )
        reserve_if_funded(reward, actor_id=actor.id, now=now)
        return MoneyResult(reward.state, reward.ref, seq=seq)

    asked = {"reward": ref, "snapshot": snapshot, "reason": reason}
    return once(key=key, scope="take_back_decline", actor_id=actor.id, asked=asked, now=now, act=act)


def take_back_rejection(
    *, batch: str, voucher: str, reason: str, actor: StaffMember, key: str, now: datetime
) -> MoneyResult:
    """Book that a voucher called rejected is on its way after all, by reversing the entry that said so.

    Raise NotAllowed for whoever released the batch or called it rejected, Conflict once it went another way.
    """
    reason = required_reason(reason)

    def act() -> MoneyResult:
        row = payout_queries.batch_by_name(batch)
        item = payout_queries.item_of(row.id, voucher)
        facts = Facts(person_id=actor.person_id, role=actor.role.value, releaser=row.released_person)
        state = step(ITEM_MOVES, item.state, "unreject", facts)
        waits = payout_queries.waiting_batch(item.share_id)
        if waits:
            raise Conflict(f"{voucher} waits in batch {waits} by now. Cancel that batch first.")
        done = reverse(
            entry=_rejection(item, batch),
            effective_on=now.astimezone(current_deployment().zone).date(),
            reason=reason,
            actor=actor,
            key=f"unreject:{key}",
            now=now,
            batch=batch,
        )
        item.state, item.reason = state, ""
        db.session.flush()
        detail = {"voucher": voucher, "entry": done.entry, "reason": reason}
        audit.record(
            action="batch.rejection_undone",
            subject=("batch", batch),
            actor_id=actor.id,
            detail=detail,
            at=now,
        )
        return done

    asked = {"batch": batch, "voucher": voucher, "reason": reason}
    return once(key=key, scope="take_back_rejection", actor_id=actor.id, asked=asked, now=now, act=act)


def _require_room(reward: Reward) -> None:
    """Refuse a reward that its case pays in another way by now, or could not bear."""
    other = queries.live_reward_of_case(reward.case_id, reward.kind)
    if other is not None:
        raise Conflict(f"Reward {other.ref} was proposed for this case meanwhile.")
    if reward.kind == ADVANCE and queries.live_reward_of_case(reward.case_id) is not None:
        raise Conflict("The case was closed meanwhile, and its reward pays this already.")
    if reward.kind != ADVANCE and queries.advances_of_case(reward.case_id) != reward.facts.get(ADVANCES, 0):
        raise Conflict("What the case was paid in advance has changed. Open the case again and close it.")
    if (
        queries.standing_on_case(reward.case_id) + reward.pool
        > policy_of_version(reward.policy_version_id).cap
    ):
        raise Conflict("With it, more would be promised than the cap of the case.")


def _rejection(item: PayoutItem, batch: str) -> str:
    """Name the entry that called a payment rejected."""
    rows = db.session.execute(
        sa.select(LedgerEntry.id, LedgerEntry.ref)
        .join(LedgerLeg, LedgerLeg.entry_id == LedgerEntry.id)
        .where(LedgerLeg.share_id == item.share_id, LedgerEntry.kind == "rejected")
        .order_by(LedgerEntry.id.desc())
    )
    return next(ledger.entry_name(row.id) for row in rows if row.ref.get("batch") == batch)
