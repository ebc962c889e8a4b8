"""Take statement lines for what they are: payments, returns, fees, money in; and take it back again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa

from accounts.roles import Role
from accounts.services import StaffMember, staff_by_ids
from core import audit
from core.db import db
from core.errors import Conflict, NotAllowed
from rewards import books, bounds, ledger, payout_queries, statement_queries
from rewards.batch_states import ITEM_MOVES, statement_name
from rewards.line_matching import Movement, Verdict, judge
from rewards.models import RewardShare
from rewards.payout_kinds import LineState, MatchKind, Why
from rewards.payout_models import (
    BankAccount,
    PayoutBatch,
    PayoutItem,
    StatementException,
    StatementLine,
    StatementMatch,
)
from rewards.refusals import step
from rewards.services import moving
from rewards.states import MONEY_ROLES, Facts

LONGEST_NOTE = 300
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Done:
    """What a line was booked as."""

    kind: MatchKind
    item_id: int | None = None
    entry_id: int | None = None
    entry: str = ""
    reason: str = ""


def line_name(line: StatementLine) -> str:
    """Return how the books name a line: its statement and its number there."""
    return f"{statement_name(line.statement_id)}/{line.line_no}"


def match_lines(*, lines: Sequence[StatementLine], actor: StaffMember | None, now: datetime) -> int:
    """Match open lines by voucher, amount, currency and sign; the rest waits for a person. Return how many fitted.

    The caller holds the head of the chain.
    """
    matched = 0
    for line in lines:
        verdict = _judged(line, actor)
        if verdict.kind is None:
            leave_open(line, verdict.why or Why.NO_VOUCHER, now)
            continue
        keep(line, booked(line, verdict, actor, now), actor, now)
        matched += 1
    db.session.flush()
    return matched


def queue_new(lines: Sequence[StatementLine], now: datetime) -> None:
    """Queue the fresh lines of a long file that are looked at later, so that nobody waits for all of them at once."""
    rows = [{"line_id": line.id, "why": Why.NEW, "note": "", "opened_at": now} for line in lines]
    if rows:
        db.session.execute(sa.insert(StatementException), rows)


def match_new(*, now: datetime) -> tuple[int, int]:
    """Look at some of the lines that nobody looked at yet, for whoever imported them; return how many, and how many fitted."""
    books.lock_head()
    importer, lines = statement_queries.new_lines(AT_ONCE)
    actor = staff_by_ids({importer}).get(importer) if importer is not None else None
    if actor is not None and actor.role.value not in MONEY_ROLES:
        # whoever imported them might when they did; as a person they still settle nothing that they released
        actor = replace(actor, role=Role.FINANCE)
    return len(lines), match_lines(lines=lines, actor=actor, now=now)


def match_again(*, actor: StaffMember, now: datetime, after: int = 0) -> tuple[int, int]:
    """Try some of the open lines behind one once more; return the last one tried, 0 for none, and how many fitted."""
    require_money_role(actor)
    books.lock_head()
    lines = statement_queries.open_lines(after=after, limit=AT_ONCE)
    return (lines[-1].id if lines else 0), match_lines(lines=lines, actor=actor, now=now)


def _judged(line: StatementLine, actor: StaffMember | None) -> Verdict:
    account = account_of(line)
    verdict = judge(
        Movement(line.amount, line.currency, tuple(line.vouchers), line.code, line.reversal),
        payout_queries.known_items(line.vouchers),
        account_id=account.id,
        currency=account.currency,
        reconciler=actor.person_id if actor else None,
    )
    if verdict.kind is None:
        return verdict
    return _bearable(line, verdict, account, actor)


def _bearable(
    line: StatementLine, verdict: Verdict, account: BankAccount, actor: StaffMember | None
) -> Verdict:
    """Leave to a person what the books would refuse: too little money, or a period about to be closed."""
    held = books.balance(account.fund_id, account.ledger_name)
    free = -books.balance(account.fund_id, ledger.AVAILABLE)
    if line.amount < 0 and (held < -line.amount or (verdict.kind is MatchKind.FEE and free < -line.amount)):
        return Verdict(item_id=verdict.item_id, why=Why.TOO_LITTLE)
    try:
        bounds.require_open(bookable_day(line), actor_id=actor.id if actor else None)
    except bounds.PeriodClosed:
        return Verdict(item_id=verdict.item_id, why=Why.PERIOD_CLOSED)
    return verdict


def booked(
    line: StatementLine, verdict: Verdict, actor: StaffMember | None, now: datetime, reason: str = ""
) -> Done:
    """Book a line as what it was judged to be."""
    account = account_of(line)
    actor_id = actor.id if actor else None
    if verdict.kind is MatchKind.FEE:
        posting = ledger.fee(-line.amount, account.currency, bank=account.ledger_name)
        return post_for_line(MatchKind.FEE, posting, line, actor_id, now, reason)
    item = db.session.get_one(PayoutItem, verdict.item_id, populate_existing=True)
    batch = db.session.get_one(PayoutBatch, item.batch_id)
    action, book = ("settle", moving.settle) if line.amount < 0 else ("return", moving.returned)
    item.state = step(ITEM_MOVES, item.state, action, reconciler_facts(batch, actor))
    moved = book(
        share_id=item.share_id,
        statement_line=line_name(line),
        actor_id=actor_id,
        now=now,
        effective_on=bookable_day(line),
        bank=account.ledger_name,
    )
    if moved.amount != item.amount:
        raise Conflict(f"The books hold another amount for {item.voucher}.")
    if action == "settle" and line.servicer_ref:
        share = db.session.get_one(RewardShare, item.share_id)
        share.receipt = line.servicer_ref
    kind = MatchKind.SETTLE if action == "settle" else MatchKind.RETURNED
    return Done(kind, item.id, moved.entry_id, moved.entry, reason)


def post_for_line(
    kind: MatchKind,
    posting: ledger.Posting,
    line: StatementLine,
    actor_id: int | None,
    now: datetime,
    reason: str,
) -> Done:
    """Book a line that is about no voucher, with the line as its evidence."""
    posted = books.post(
        posting,
        fund=payout_queries.fund_of_account(account_of(line)),
        idem_key=event_key(posting.kind, line),
        actor_id=actor_id,
        now=now,
        notes={"stmt": line_name(line)},
        effective_on=bookable_day(line),
    )
    return Done(kind, None, posted.entry_id, posted.name, reason)


def reconciler_facts(batch: PayoutBatch, actor: StaffMember | None) -> Facts:
    """Gather what the guards of reconciling look at."""
    if actor is None:  # the nightly import is nobody's hand
        return Facts(role="finance", releaser=batch.released_person)
    return Facts(person_id=actor.person_id, role=actor.role.value, releaser=batch.released_person)


def keep(line: StatementLine, done: Done, actor: StaffMember | None, now: datetime) -> None:
    """Keep what a line was taken for, and take it off the queue."""
    db.session.add(
        StatementMatch(
            line_id=line.id,
            kind=done.kind,
            item_id=done.item_id,
            entry_id=done.entry_id,
            reason=done.reason[:LONGEST_NOTE],
            made_by=actor.id if actor else None,
            made_person=actor.person_id if actor else None,
            made_at=now,
        )
    )
    line.state = LineState.DONE
    found = statement_queries.exception_of(line.id)
    if found is not None:
        found.closed_at = now
    db.session.flush()
    audit.record(
        action=f"statement.{done.kind}",
        subject=("statement_line", line_name(line)),
        actor_id=actor.id if actor else None,
        detail={"entry": done.entry, "reason": done.reason[:LONGEST_NOTE]},
        at=now,
    )


def leave_open(line: StatementLine, why: Why, now: datetime) -> None:
    """Put a line on the queue, with the reason."""
    found = statement_queries.exception_of(line.id)
    if found is None:
        db.session.add(StatementException(line_id=line.id, why=why, note="", opened_at=now))
    else:
        found.why, found.closed_at = why, None
    line.state = LineState.OPEN


def event_key(event: str, line: StatementLine) -> str:
    """Name the event of a line, anew each time it was undone."""
    name = f"{event}:{line_name(line)}:{statement_queries.match_count(line.id)}"
    return f"stmt:{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def bookable_day(line: StatementLine) -> date:
    """Return the day a line is booked on: the bank's, or the first that is still open."""
    first = bounds.first_open_day()
    return max(line.booked_on, first) if first is not None else line.booked_on


def account_of(line: StatementLine) -> BankAccount:
    """Return the account a line is of."""
    return db.session.get_one(BankAccount, line.account_id)


def require_money_role(actor: StaffMember) -> None:
    """Raise NotAllowed for anybody who does not decide about money."""
    if actor.role.value not in MONEY_ROLES:
        raise NotAllowed("Only finance and the director decide about money.")
