"""Say what statement lines are that nothing fitted, and take it back by reversal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from accounts.services import StaffMember
from core import audit
from core.db import db
from core.deployment import current_deployment
from core.errors import Conflict, Invalid
from rewards import ledger, payout_queries, statement_queries
from rewards.batch_states import ITEM_MOVES
from rewards.line_matching import WHY_WORDS, Movement, Verdict, judge
from rewards.models import LedgerAccount, LedgerEntry, LedgerLeg
from rewards.payout_kinds import LineState, MatchKind, Why
from rewards.payout_models import (
    BankAccount,
    PayoutBatch,
    PayoutItem,
    StatementLine,
    StatementMatch,
)
from rewards.refusals import step
from rewards.repeats import MoneyResult, once
from rewards.services.funds import require_source
from rewards.services.reconciling import (
    LONGEST_NOTE,
    Done,
    account_of,
    booked,
    keep,
    leave_open,
    line_name,
    post_for_line,
    reconciler_facts,
    require_money_role,
)
from rewards.services.reversing import reverse

UNDOING = {MatchKind.SETTLE: "unsettle", MatchKind.RETURNED: "unreturn"}


def match_by_hand(*, line_id: int, voucher: str, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Say which voucher a line is about; raise NotAllowed for whoever released it, Invalid where it does not fit."""
    voucher = voucher.strip().upper()

    def act(line: StatementLine) -> Done:
        known = payout_queries.known_items([voucher])
        if voucher not in known:
            raise Invalid({"voucher": [f"No batch has sent {voucher}."]})
        movement = Movement(line.amount, line.currency, (voucher,))
        account = account_of(line)
        verdict = judge(movement, known, account_id=account.id, currency=account.currency, reconciler=None)
        if verdict.kind is None:
            raise Invalid({"voucher": [WHY_WORDS[verdict.why or Why.NO_VOUCHER]]})
        return booked(line, verdict, actor, now)

    return resolve(line_id, "match", {"voucher": voucher}, actor, key, now, act)


def book_as_fee(*, line_id: int, reason: str, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Book a debit as what the bank takes for itself."""

    def act(line: StatementLine) -> Done:
        if line.amount > 0:
            raise Invalid({"reason": ["Money in is no fee."]})
        return booked(line, Verdict(MatchKind.FEE), actor, now, reason)

    return resolve(line_id, "fee", {"reason": reason}, actor, key, now, act)


def book_as_funding(*, line_id: int, source: str, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Book a credit as money put into the fund; `source` names the payer as one word (Treasury)."""
    require_source(source)

    def act(line: StatementLine) -> Done:
        if line.amount < 0:
            raise Invalid({"source": ["Money out puts nothing into the fund."]})
        account = account_of(line)
        posting = ledger.fund(line.amount, account.currency, source=source, bank=account.ledger_name)
        return post_for_line(MatchKind.FUNDING, posting, line, actor.id, now, source)

    return resolve(line_id, "funding", {"source": source}, actor, key, now, act)


def book_as_defund(*, line_id: int, source: str, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Book a debit as money taken out of the fund: given back to its source, or moved to another account.

    The other account then books the same amount as money in from the same source.
    """
    require_source(source)

    def act(line: StatementLine) -> Done:
        if line.amount > 0:
            raise Invalid({"source": ["Money in takes nothing out of the fund."]})
        account = account_of(line)
        posting = ledger.defund(-line.amount, account.currency, source=source, bank=account.ledger_name)
        return post_for_line(MatchKind.DEFUND, posting, line, actor.id, now, source)

    return resolve(line_id, "defund", {"source": source}, actor, key, now, act)


def link_to_entry(*, line_id: int, entry: str, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Say that a line is in the books already, as an entry that moved the same amount on the same account."""

    def act(line: StatementLine) -> Done:
        digits = entry.strip().upper().removeprefix("J")
        number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else 0
        account = account_of(line)
        moved = db.session.scalar(
            sa.select(sa.func.sum(LedgerLeg.amount))
            .join(LedgerEntry, LedgerEntry.id == LedgerLeg.entry_id)
            .where(LedgerLeg.entry_id == number, LedgerLeg.account_id.in_(_ledger_account(account)))
        )
        if moved is None or int(moved) != line.amount:
            raise Invalid({"entry": ["That entry did not move this amount on this account."]})
        corrected = sa.select(LedgerEntry.id).where(
            sa.or_(
                LedgerEntry.reverses_id == number,
                sa.and_(LedgerEntry.id == number, LedgerEntry.reverses_id.is_not(None)),
            )
        )
        if db.session.scalar(corrected) is not None:
            raise Invalid({"entry": ["That entry was reversed, or is a reversal; neither moved money."]})
        taken = sa.select(StatementMatch.id).where(
            StatementMatch.entry_id == number, StatementMatch.undone_at.is_(None)
        )
        if db.session.scalar(taken) is not None:
            raise Invalid({"entry": ["That entry belongs to another statement line."]})
        return Done(MatchKind.LINKED, None, number, ledger.entry_name(number))

    return resolve(line_id, "link", {"entry": entry}, actor, key, now, act)


def ignore(*, line_id: int, reason: str, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Set a line aside that is none of the fund's business, for a stated reason."""
    reason = " ".join(reason.split())[:LONGEST_NOTE]
    if not reason:
        raise Invalid({"reason": ["Write why this line can be left out; it is kept with the statement."]})
    return resolve(
        line_id, "ignore", {"reason": reason}, actor, key, now,
        lambda _: Done(MatchKind.IGNORED, reason=reason),
    )  # fmt: skip


def undo(*, line_id: int, reason: str, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Take back what a line was taken for, by a reversal where it was booked; the line is open again.

    Raise NotAllowed for whoever booked it, and Conflict where later entries build on it.
    """
    reason = " ".join(reason.split())[:LONGEST_NOTE]
    if not reason:
        raise Invalid({"reason": ["Write why it is taken back; it is kept with the books."]})
    require_money_role(actor)

    def act() -> MoneyResult:
        line = statement_queries.line_by_id(line_id)
        matches = statement_queries.live_matches(line_id)
        if not matches:
            raise Conflict("This line is open already.")
        done = MoneyResult(LineState.OPEN)
        for number, match in enumerate(matches, start=1):
            done = _undone(match, reason, f"undo:{number}:{key}", actor, now)
        leave_open(line, Why.UNDONE, now)
        db.session.flush()
        subject, detail = ("statement_line", line_name(line)), {"reason": reason, "entry": done.entry}
        audit.record(action="statement.undone", subject=subject, actor_id=actor.id, detail=detail, at=now)
        return done

    asked = {"line": str(line_id), "reason": reason}
    return once(key=key, scope="line_undo", actor_id=actor.id, asked=asked, now=now, act=act)


def _undone(match: StatementMatch, reason: str, key: str, actor: StaffMember, now: datetime) -> MoneyResult:
    """Take one match back: its payment is where it was, and what it booked is reversed."""
    match.undone_by, match.undone_at = actor.id, now
    db.session.flush()
    if match.item_id is not None:
        item = db.session.get_one(PayoutItem, match.item_id, populate_existing=True)
        facts = reconciler_facts(db.session.get_one(PayoutBatch, item.batch_id), actor)
        item.state = step(ITEM_MOVES, item.state, UNDOING[MatchKind(match.kind)], facts)
    if match.entry_id is None or match.kind == MatchKind.LINKED:
        return MoneyResult(LineState.OPEN)
    return reverse(
        entry=ledger.entry_name(match.entry_id),
        effective_on=now.astimezone(current_deployment().zone).date(),
        reason=reason,
        actor=actor,
        key=key,
        now=now,
    )


def assign(*, line_id: int, owner_id: int | None, note: str, actor: StaffMember, now: datetime) -> None:
    """Say who looks into an open line and what they found so far."""
    require_money_role(actor)
    found = statement_queries.exception_of(line_id)
    if found is None or found.closed_at is not None:
        raise Conflict("This line is not open any more.")
    found.owner_id, found.note = owner_id, " ".join(note.split())[:LONGEST_NOTE]
    db.session.flush()
    subject = ("statement_line", line_name(statement_queries.line_by_id(line_id)))
    audit.record(action="statement.assigned", subject=subject, actor_id=actor.id, at=now)


def resolve(
    line_id: int,
    scope: str,
    asked: dict[str, str],
    actor: StaffMember,
    key: str,
    now: datetime,
    act: Callable[[StatementLine], Done | list[Done]],
) -> MoneyResult:
    """Take an open line for what `act` books it as, once for a key; raise NotAllowed for who decides nothing."""
    require_money_role(actor)

    def resolve() -> MoneyResult:
        line = statement_queries.line_by_id(line_id)
        if line.state != LineState.OPEN:
            raise Conflict("Somebody else has dealt with this line already.")
        done = act(line)
        parts = done if isinstance(done, list) else [done]
        for part in parts:
            keep(line, part, actor, now)
        return MoneyResult(parts[0].kind, entry=parts[0].entry, entry_id=parts[0].entry_id)

    asked = {"line": str(line_id), **asked}
    return once(key=key, scope=f"line_{scope}", actor_id=actor.id, asked=asked, now=now, act=resolve)


def _ledger_account(account: BankAccount) -> sa.Select[tuple[int]]:
    return sa.select(LedgerAccount.id).where(
        LedgerAccount.fund_id == account.fund_id, LedgerAccount.name == account.ledger_name
    )
