"""Take statement lines for what they are: payments, returns, fees, money in; and take it back again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from accounts.services import StaffMember
from core import audit
from core.db import db
from core.deployment import current_deployment
from core.errors import Conflict, Invalid, NotAllowed
from rewards import books, bounds, ledger, payout_queries
from rewards.batch_states import ITEM_MOVES, statement_name
from rewards.line_matching import WHY_WORDS, Movement, Verdict, judge
from rewards.models import LedgerAccount, LedgerEntry, LedgerLeg, RewardShare
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
from rewards.repeats import MoneyResult, once
from rewards.services import moving
from rewards.services.funds import SOURCE
from rewards.services.reversing import reverse
from rewards.states import MONEY_ROLES, Facts

LONGEST_NOTE = 300
UNDOING = {MatchKind.SETTLE: "unsettle", MatchKind.RETURNED: "unreturn"}


@dataclass(frozen=True, slots=True)
class _Done:
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
            _leave_open(line, verdict.why or Why.NO_VOUCHER, now)
            continue
        _keep(line, _booked(line, verdict, actor, now), actor, now)
        matched += 1
    db.session.flush()
    return matched


def match_again(*, actor: StaffMember, now: datetime) -> int:
    """Try every open line once more; return how many fitted this time."""
    _require_money_role(actor)
    books.lock_head()
    return match_lines(lines=payout_queries.open_lines(), actor=actor, now=now)


def match_by_hand(*, line_id: int, voucher: str, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Say which voucher a line is about; raise NotAllowed for whoever released it, Invalid where it does not fit."""
    voucher = voucher.strip().upper()

    def act(line: StatementLine) -> _Done:
        known = payout_queries.known_items([voucher])
        if voucher not in known:
            raise Invalid({"voucher": [f"No batch has sent {voucher}."]})
        movement = Movement(line.amount, line.currency, (voucher,))
        account = _account(line)
        verdict = judge(movement, known, account_id=account.id, currency=account.currency, reconciler=None)
        if verdict.kind is None:
            raise Invalid({"voucher": [WHY_WORDS[verdict.why or Why.NO_VOUCHER]]})
        return _booked(line, verdict, actor, now)

    return _resolve(line_id, "match", {"voucher": voucher}, actor, key, now, act)


def book_as_fee(*, line_id: int, reason: str, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Book a debit as what the bank takes for itself."""

    def act(line: StatementLine) -> _Done:
        if line.amount > 0:
            raise Invalid({"reason": ["Money in is no fee."]})
        return _booked(line, Verdict(MatchKind.FEE), actor, now, reason)

    return _resolve(line_id, "fee", {"reason": reason}, actor, key, now, act)


def book_as_funding(*, line_id: int, source: str, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Book a credit as money put into the fund; `source` names the payer as one word (Treasury)."""
    if not SOURCE.match(source):
        raise Invalid(
            {"source": ["Name the source in one word with a capital letter, for example Treasury."]}
        )

    def act(line: StatementLine) -> _Done:
        if line.amount < 0:
            raise Invalid({"source": ["Money out puts nothing into the fund."]})
        account = _account(line)
        posted = books.post(
            ledger.fund(line.amount, account.currency, source=source, bank=account.ledger_name),
            fund=payout_queries.fund_of_account(account),
            idem_key=_key("fund", line),
            actor_id=actor.id,
            now=now,
            notes={"stmt": line_name(line)},
            effective_on=_day(line),
        )
        return _Done(MatchKind.FUNDING, None, posted.entry_id, posted.name, source)

    return _resolve(line_id, "funding", {"source": source}, actor, key, now, act)


def link_to_entry(*, line_id: int, entry: str, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Say that a line is in the books already, as an entry that moved the same amount on the same account."""

    def act(line: StatementLine) -> _Done:
        digits = entry.strip().upper().removeprefix("J")
        number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else 0
        account = _account(line)
        moved = db.session.scalar(
            sa.select(sa.func.sum(LedgerLeg.amount))
            .join(LedgerEntry, LedgerEntry.id == LedgerLeg.entry_id)
            .where(LedgerLeg.entry_id == number, LedgerLeg.account_id.in_(_ledger_account(account)))
        )
        if moved is None or int(moved) != line.amount:
            raise Invalid({"entry": ["That entry did not move this amount on this account."]})
        taken = sa.select(StatementMatch.id).where(
            StatementMatch.entry_id == number, StatementMatch.undone_at.is_(None)
        )
        if db.session.scalar(taken) is not None:
            raise Invalid({"entry": ["That entry belongs to another statement line."]})
        return _Done(MatchKind.LINKED, None, number, ledger.entry_name(number))

    return _resolve(line_id, "link", {"entry": entry}, actor, key, now, act)


def ignore(*, line_id: int, reason: str, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Set a line aside that is none of the fund's business, for a stated reason."""
    reason = " ".join(reason.split())[:LONGEST_NOTE]
    if not reason:
        raise Invalid({"reason": ["Write why this line can be left out; it is kept with the statement."]})
    return _resolve(
        line_id, "ignore", {"reason": reason}, actor, key, now,
        lambda _: _Done(MatchKind.IGNORED, reason=reason),
    )  # fmt: skip


def undo(*, line_id: int, reason: str, actor: StaffMember, key: str, now: datetime) -> MoneyResult:
    """Take back what a line was taken for, by a reversal where it was booked; the line is open again.

    Raise NotAllowed for whoever booked it, and Conflict where later entries build on it.
    """
    reason = " ".join(reason.split())[:LONGEST_NOTE]
    if not reason:
        raise Invalid({"reason": ["Write why it is taken back; it is kept with the books."]})
    _require_money_role(actor)

    def act() -> MoneyResult:
        line = payout_queries.line_by_id(line_id)
        match = payout_queries.live_match(line_id)
        if match is None:
            raise Conflict("This line is open already.")
        match.undone_by, match.undone_at = actor.id, now
        db.session.flush()
        if match.item_id is not None:
            item = db.session.get_one(PayoutItem, match.item_id, populate_existing=True)
            item.state = step(ITEM_MOVES, item.state, UNDOING[MatchKind(match.kind)], Facts())
        done = MoneyResult(LineState.OPEN)
        if match.entry_id is not None and match.kind != MatchKind.LINKED:
            done = reverse(
                entry=ledger.entry_name(match.entry_id),
                effective_on=now.astimezone(current_deployment().zone).date(),
                reason=reason,
                actor=actor,
                key=f"undo:{key}",
                now=now,
            )
        _leave_open(line, Why.UNDONE, now)
        db.session.flush()
        subject, detail = ("statement_line", line_name(line)), {"reason": reason, "entry": done.entry}
        audit.record(action="statement.undone", subject=subject, actor_id=actor.id, detail=detail, at=now)
        return done

    asked = {"line": str(line_id), "reason": reason}
    return once(key=key, scope="line_undo", actor_id=actor.id, asked=asked, now=now, act=act)


def assign(*, line_id: int, owner_id: int | None, note: str, actor: StaffMember, now: datetime) -> None:
    """Say who looks into an open line and what they found so far."""
    _require_money_role(actor)
    found = payout_queries.exception_of(line_id)
    if found is None or found.closed_at is not None:
        raise Conflict("This line is not open any more.")
    found.owner_id, found.note = owner_id, " ".join(note.split())[:LONGEST_NOTE]
    db.session.flush()
    subject = ("statement_line", line_name(payout_queries.line_by_id(line_id)))
    audit.record(action="statement.assigned", subject=subject, actor_id=actor.id, at=now)


def _judged(line: StatementLine, actor: StaffMember | None) -> Verdict:
    account = _account(line)
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
        bounds.require_open(_day(line), actor_id=actor.id if actor else None)
    except bounds.PeriodClosed:
        return Verdict(item_id=verdict.item_id, why=Why.PERIOD_CLOSED)
    return verdict


def _booked(
    line: StatementLine, verdict: Verdict, actor: StaffMember | None, now: datetime, reason: str = ""
) -> _Done:
    account = _account(line)
    actor_id = actor.id if actor else None
    if verdict.kind is MatchKind.FEE:
        posted = books.post(
            ledger.fee(-line.amount, account.currency, bank=account.ledger_name),
            fund=payout_queries.fund_of_account(account),
            idem_key=_key("fee", line),
            actor_id=actor_id,
            now=now,
            notes={"stmt": line_name(line)},
            effective_on=_day(line),
        )
        return _Done(MatchKind.FEE, None, posted.entry_id, posted.name, reason)
    item = db.session.get_one(PayoutItem, verdict.item_id, populate_existing=True)
    batch = db.session.get_one(PayoutBatch, item.batch_id)
    action, book = ("settle", moving.settle) if line.amount < 0 else ("return", moving.returned)
    item.state = step(ITEM_MOVES, item.state, action, _reconciler_facts(batch, actor))
    moved = book(
        share_id=item.share_id,
        statement_line=line_name(line),
        actor_id=actor_id,
        now=now,
        effective_on=_day(line),
        bank=account.ledger_name,
    )
    if moved.amount != abs(line.amount):
        raise Conflict(f"The books hold another amount for {item.voucher}.")
    if action == "settle" and line.servicer_ref:
        share = db.session.get_one(RewardShare, item.share_id)
        share.receipt = line.servicer_ref
    kind = MatchKind.SETTLE if action == "settle" else MatchKind.RETURNED
    return _Done(kind, item.id, moved.entry_id, moved.entry, reason)


def _reconciler_facts(batch: PayoutBatch, actor: StaffMember | None) -> Facts:
    if actor is None:  # the nightly import is nobody's hand
        return Facts(role="finance", releaser=batch.released_person)
    return Facts(person_id=actor.person_id, role=actor.role.value, releaser=batch.released_person)


def _resolve(
    line_id: int,
    scope: str,
    asked: dict[str, str],
    actor: StaffMember,
    key: str,
    now: datetime,
    act: Callable[[StatementLine], _Done],
) -> MoneyResult:
    _require_money_role(actor)

    def resolve() -> MoneyResult:
        line = payout_queries.line_by_id(line_id)
        if line.state != LineState.OPEN:
            raise Conflict("Somebody else has dealt with this line already.")
        done = act(line)
        _keep(line, done, actor, now)
        return MoneyResult(done.kind, entry=done.entry, entry_id=done.entry_id)

    asked = {"line": str(line_id), **asked}
    return once(key=key, scope=f"line_{scope}", actor_id=actor.id, asked=asked, now=now, act=resolve)


def _keep(line: StatementLine, done: _Done, actor: StaffMember | None, now: datetime) -> None:
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
    found = payout_queries.exception_of(line.id)
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


def _leave_open(line: StatementLine, why: Why, now: datetime) -> None:
    found = payout_queries.exception_of(line.id)
    if found is None:
        db.session.add(StatementException(line_id=line.id, why=why, note="", opened_at=now))
    else:
        found.why, found.closed_at = why, None
    line.state = LineState.OPEN


def _key(event: str, line: StatementLine) -> str:
    """Name the event of a line, anew each time it was undone."""
    name = f"{event}:{line_name(line)}:{payout_queries.match_count(line.id)}"
    return f"stmt:{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def _day(line: StatementLine) -> date:
    """Return the day a line is booked on: the bank's, or the first that is still open."""
    first = bounds.first_open_day()
    return max(line.booked_on, first) if first is not None else line.booked_on


def _account(line: StatementLine) -> BankAccount:
    return db.session.get_one(BankAccount, line.account_id)


def _ledger_account(account: BankAccount) -> sa.Select[tuple[int]]:
    return sa.select(LedgerAccount.id).where(
        LedgerAccount.fund_id == account.fund_id, LedgerAccount.name == account.ledger_name
    )


def _require_money_role(actor: StaffMember) -> None:
    if actor.role.value not in MONEY_ROLES:
        raise NotAllowed("Only finance and the director decide about money.")
