"""Correct the books: undo an entry by its mirror, and put the share it was about back where it stood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import orm

from accounts.services import StaffMember, staff_by_ids
from core import audit
from core.db import db
from core.errors import Conflict, Invalid, NotAllowed, NotFound
from rewards import books, bounds, ledger, queries, statement_queries
from rewards.batch_states import statement_name
from rewards.ledger import Leg, Posting
from rewards.models import (
    ADVANCE,
    ClaimCode,
    Fund,
    LedgerAccount,
    LedgerEntry,
    LedgerLeg,
    Reward,
    RewardShare,
)
from rewards.refusals import step
from rewards.repeats import MoneyResult, once
from rewards.services.funds import policy_of_version
from rewards.services.moving import reopen, settle_if_done
from rewards.services.proposing import ADVANCES
from rewards.states import BOOK_MOVES, MONEY_ROLES, Facts, ShareState

PLAIN: Final = frozenset({"fund", "defund", "fee", "remit"})
# What becomes of the share; anything else has a way back of its own (decline, withdraw, cancel).
OF_SHARES: Final[Mapping[str, str]] = {
    "instruct": "uninstruct",
    "settle": "unsettle",
    "rejected": "unreject",
    "returned": "unreturn",
    "forfeit": "unforfeit",
    "cancel": "uncancel",
}


@dataclass(frozen=True, slots=True)
class _Original:
    entry: LedgerEntry
    posting: Posting
    share: RewardShare | None
    shares: Mapping[str, int]


def reverse(
    *,
    entry: str,
    effective_on: date,
    reason: str,
    actor: StaffMember,
    key: str,
    now: datetime,
    batch: str = "",
) -> MoneyResult:
    """Undo an entry (J000005) by booking every leg with the opposite sign; `batch` asks for one of its own.

    A day in a closed period becomes the first open one. Raise Conflict for a reversal, an entry reversed
    before or one that later entries build on, NotEnough where the money is gone, NotAllowed for whoever
    booked it.
    """
    reason = " ".join(reason.split())[:300]
    if not reason:
        raise Invalid({"reason": ["Write the reason in a sentence; it is kept with the books."]})
    if actor.role.value not in MONEY_ROLES:
        raise NotAllowed("Only finance and the director decide about money.")

    def act() -> MoneyResult:
        original = _original(entry)
        _require_reversible(original, actor, batch)
        return _undo(original, _day(original.entry, effective_on), reason, actor, now)

    asked = {"entry": entry, "effective_on": effective_on.isoformat(), "reason": reason}
    return once(key=key, scope="reverse", actor_id=actor.id, asked=asked, now=now, act=act)


def can_reverse(kind: str) -> bool:
    """Tell whether entries of a kind are undone by a reversal."""
    return kind in PLAIN or kind in OF_SHARES or kind == "withhold"


def _undo(original: _Original, day: date, reason: str, actor: StaffMember, now: datetime) -> MoneyResult:
    name = ledger.entry_name(original.entry.id)
    reward = db.session.get(Reward, original.entry.reward_id) if original.entry.reward_id else None
    if original.share is not None and reward is not None:
        _put_back(original.entry.kind, original.share, reward, now)
    posted = books.post(
        ledger.reverse(original.posting),
        fund=db.session.get_one(Fund, original.entry.fund_id),
        idem_key=f"reverse:{name}",
        actor_id=actor.id,
        now=now,
        subject=queries.subject_of(reward) if reward is not None else books.NOTHING,
        share_ids=original.shares,
        notes={"reason": reason, "share": original.share.ref if original.share else ""},
        effective_on=day,
        reverses_id=original.entry.id,
    )
    detail = {"entry": name, "by": posted.name, "reason": reason}
    audit.record(action="ledger.reversed", subject=("entry", name), actor_id=actor.id, detail=detail, at=now)
    if reward is not None:
        settle_if_done(reward)
    return MoneyResult(
        "reversed", entry=posted.name, entry_id=posted.entry_id, seq=posted.seq, balances=posted.balances
    )


def _put_back(kind: str, share: RewardShare, reward: Reward, now: datetime) -> None:
    if kind == "withhold":
        if share.state != ShareState.CLAIMED:
            raise Conflict("The tax of a share is given back before it is sent out.")
        return
    share.state = step(BOOK_MOVES, share.state, OF_SHARES[kind], Facts())
    if kind == "settle":
        share.paid_at = share.paid_by_person = None
        _word_counts_again(share)
    elif kind == "returned":
        share.paid_at = now
    elif kind in ("forfeit", "cancel"):
        _require_not_paid_otherwise(reward)
        days = policy_of_version(reward.policy_version_id).claim_days
        share.expires_at = now + timedelta(days=days)
    reopen(reward)


def _require_not_paid_otherwise(reward: Reward) -> None:
    """Leave an advance lapsed that the final reward no longer deducted, or it would be paid twice."""
    final = queries.live_reward_of_case(reward.case_id) if reward.kind == ADVANCE else None
    if final is None:
        return
    db.session.flush()
    if queries.advances_of_case(reward.case_id) > final.facts.get(ADVANCES, 0):
        raise Conflict(
            f"Reward {final.ref} pays this already, for it was closed when the advance had lapsed."
        )


def _word_counts_again(share: RewardShare) -> None:
    used = db.session.scalar(
        sa.select(ClaimCode).where(ClaimCode.share_id == share.id).order_by(ClaimCode.id.desc()).limit(1)
    )
    if used is not None and used.revoked_at is None:
        used.used_at = None


def _require_reversible(original: _Original, actor: StaffMember, batch: str) -> None:
    entry, name = original.entry, ledger.entry_name(original.entry.id)
    if entry.kind == ledger.REVERSE:
        raise Conflict("A reversal is not reversed; book the entry again.")
    by = db.session.scalar(sa.select(LedgerEntry.id).where(LedgerEntry.reverses_id == entry.id))
    if by is not None:
        raise Conflict(f"{name} was reversed already, by {ledger.entry_name(by)}.")
    if not can_reverse(entry.kind):
        raise Conflict(f"{name} is taken back by a decision about its reward, not by a reversal.")
    _require_nothing_attached(entry, batch)
    if entry.actor_id is not None:
        booked = staff_by_ids({entry.actor_id}).get(entry.actor_id)
        if booked is not None and booked.person_id == actor.person_id:
            raise NotAllowed("You booked this entry, so somebody else reverses it.")
    if original.share is not None and _built_on(entry, original.share):
        raise Conflict(f"Later entries of this voucher build on {name}; reverse those first.")


def _built_on(entry: LedgerEntry, share: RewardShare) -> bool:
    """Tell whether the voucher moved again since, by an entry that was not undone."""
    reversal = orm.aliased(LedgerEntry)
    undone = sa.select(reversal.id).where(reversal.reverses_id == LedgerEntry.id).exists()
    later = (
        sa.select(LedgerEntry.id)
        .join(LedgerLeg, LedgerLeg.entry_id == LedgerEntry.id)
        .where(
            LedgerLeg.share_id == share.id,
            LedgerEntry.id > entry.id,
            LedgerEntry.kind != ledger.REVERSE,
            ~undone,
        )
    )
    return db.session.scalar(later.limit(1)) is not None


def _require_nothing_attached(entry: LedgerEntry, batch: str) -> None:
    """Leave to statement and batch what came from them, so that they never say something else than the books."""
    name, line = ledger.entry_name(entry.id), statement_queries.line_of_entry(entry.id)
    if line is not None:
        statement = statement_name(line.statement_id)
        raise Conflict(f"{name} belongs to line {line.line_no} of {statement}; take it back on that page.")
    if entry.kind in ("instruct", "rejected") and entry.ref.get("batch", "") != batch:
        raise Conflict(f"{name} belongs to batch {entry.ref['batch']}; book what the bank did on that page.")


def _day(entry: LedgerEntry, wanted: date) -> date:
    if wanted < entry.effective_on:
        raise Invalid({"effective_on": ["A reversal is never dated before the entry it undoes."]})
    opened = bounds.first_open_day()
    return max(wanted, opened) if opened is not None else wanted


def _original(name: str) -> _Original:
    digits = name.removeprefix("J")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else 0
    entry = db.session.get(LedgerEntry, number)
    if entry is None or ledger.entry_name(number) != name:
        raise NotFound(f"There is no entry {name}.")
    rows = db.session.execute(
        sa.select(LedgerAccount.name, LedgerLeg.currency, LedgerLeg.amount, RewardShare)
        .join(LedgerAccount, LedgerAccount.id == LedgerLeg.account_id)
        .outerjoin(RewardShare, RewardShare.id == LedgerLeg.share_id)
        .where(LedgerLeg.entry_id == number)
        .order_by(LedgerLeg.line_no)
        .execution_options(populate_existing=True)
    ).all()
    shares: dict[str, RewardShare] = {row.RewardShare.ref: row.RewardShare for row in rows if row.RewardShare}
    legs = tuple(_leg(row) for row in rows)
    share = next(iter(shares.values())) if len(shares) == 1 else None
    ids = {ref: found.id for ref, found in shares.items()}
    return _Original(entry, Posting(entry.kind, legs), share, ids)


def _leg(row: sa.Row[Any]) -> Leg:
    return Leg(row.name, row.currency, row.amount, row.RewardShare.ref if row.RewardShare else None)
