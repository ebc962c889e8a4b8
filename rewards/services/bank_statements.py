"""Import bank statements: each movement once, whatever the file repeats, and only files that add up."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from accounts.services import StaffMember
from core import audit
from core.db import db
from core.deployment import current_deployment
from core.errors import Conflict, Invalid
from rewards import books, money, payout_queries, statement_queries
from rewards.bank_files.columns import load_layout
from rewards.bank_files.parsed import FileFault, ParsedLine, ParsedStatement, kept_text
from rewards.bank_files.reading import read_file, same_account
from rewards.batch_states import statement_name
from rewards.payout_kinds import LineState, Purpose
from rewards.payout_models import BankAccount, BankStatement, StatementLine
from rewards.services.reconciling import AT_ONCE, match_lines, queue_new


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: the statements now in the books, lines added, known before, matched and open.

    `later` lines of a long file were not looked at yet: `reconciling.match_new` takes them up.
    """

    statements: tuple[str, ...]
    added: int
    known: int
    matched: int
    unmatched: int
    later: int = 0


def read_statements(*, account: str, data: bytes, layout: str = "") -> tuple[ParsedStatement, ...]:
    """Read a file without storing anything; raise Invalid saying what is wrong with it."""
    found = payout_queries.account_by_code(account)
    body = payout_queries.profile_named(layout, Purpose.STATEMENT).body if layout else None
    try:
        parsed = read_file(
            data,
            currency=found.currency,
            layout=load_layout(body) if body is not None else None,
            layout_name=layout,
        )
        for statement in parsed:
            _require_ours(statement, found)
    except FileFault as fault:
        raise Invalid({"file": [str(fault)]}) from fault
    return parsed


def import_statement(
    *,
    account: str,
    data: bytes,
    parsed: Sequence[ParsedStatement],
    file_name: str,
    actor: StaffMember | None,
    now: datetime,
) -> Imported:
    """Store what a file adds to what is known of an account and match it; a repeated file adds nothing.

    `parsed` is what `read_statements` made of it, before the transaction, for a long file takes a while. Raise
    Invalid for a statement from the future and for one that does not continue where the newest one ended.
    """
    books.lock_head()
    found = payout_queries.account_by_code(account)
    _require_past(parsed, now)
    if found.confirmed_at is None:
        raise Conflict(f"Account {account} is not confirmed yet. A second person confirms its numbers first.")
    digest = hashlib.sha256(data).hexdigest()
    again = _imported_before(found.id, digest)
    if again:
        lines = sum(len(statement.booked) for statement in parsed)
        return Imported(tuple(map(statement_name, again)), 0, lines, 0, 0)
    names: list[str] = []
    fresh: list[StatementLine] = []
    known = 0
    for part, statement in enumerate(parsed, start=1):
        row, stored, repeated = _stored(found, statement, digest, part, file_name, actor, now)
        known += repeated
        if row is not None:
            names.append(statement_name(row.id))
            fresh += stored
    open_lines = [line for line in fresh if line.state == LineState.OPEN]
    at_once, later = open_lines[:AT_ONCE], open_lines[AT_ONCE:]
    matched = match_lines(lines=at_once, actor=actor, now=now)
    queue_new(later, now)
    audit.record(
        action="statement.imported",
        subject=("account", found.code),
        actor_id=actor.id if actor else None,
        detail={"statements": names, "added": len(open_lines), "known": known, "matched": matched},
        at=now,
    )
    return Imported(tuple(names), len(open_lines), known, matched, len(open_lines) - matched, len(later))


def _require_past(parsed: Sequence[ParsedStatement], now: datetime) -> None:
    """Refuse lines booked later than tomorrow; the bank's day may begin before ours."""
    latest = now.astimezone(current_deployment().zone).date() + timedelta(days=1)
    late = [line.booked_on for statement in parsed for line in statement.booked if line.booked_on > latest]
    if late:
        words = f"A line of this file is booked on {max(late)}, which is still to come. Check how its days are written."
        raise Invalid({"file": [words]})


def _require_ours(statement: ParsedStatement, account: BankAccount) -> None:
    if not same_account(statement.account, account.number, account.currency):
        raise FileFault(
            f"This statement is of another account than {account.code}. Choose the account it is of."
        )
    if statement.currency != account.currency:
        raise FileFault(
            f"This statement is in {statement.currency}; {account.code} is kept in {account.currency}."
        )


def _imported_before(account_id: int, digest: str) -> list[int]:
    return list(
        db.session.scalars(
            sa.select(BankStatement.id)
            .where(BankStatement.account_id == account_id, BankStatement.file_sha256 == digest)
            .order_by(BankStatement.id)
        )
    )


def _stored(
    account: BankAccount,
    statement: ParsedStatement,
    digest: str,
    part: int,
    file_name: str,
    actor: StaffMember | None,
    now: datetime,
) -> tuple[BankStatement | None, list[StatementLine], int]:
    previous = statement_queries.newest_statement(account.id)
    fresh, repeated = _told_apart(account.id, statement, previous)
    if repeated and not fresh:
        return None, [], len(repeated)
    remarks = [*statement.remarks, *_require_continued(account, statement, repeated, previous)]
    pending = [line for line in statement.lines if line.pending]
    from_on, to_on = _days(statement, now)
    row = BankStatement(
        id=statement_queries.next_statement(),
        account_id=account.id,
        format=statement.format[:80],
        bank_ref=statement.bank_ref,
        sequence=statement.sequence,
        from_on=from_on,
        to_on=to_on,
        opening=statement.opening,
        closing=statement.closing,
        file_name=kept_text(file_name)[-120:],
        file_sha256=digest,
        part=part,
        known=len(repeated),
        remarks=remarks,
        imported_by=actor.id if actor else None,
        imported_at=now,
    )
    db.session.add(row)
    db.session.flush()
    lines = _rows(row, account, [*((line, place) for line, place in fresh), *((line, 0) for line in pending)])
    db.session.add_all(lines)
    db.session.flush()
    return row, lines, len(repeated)


def _told_apart(
    account_id: int, statement: ParsedStatement, previous: BankStatement | None
) -> tuple[list[tuple[ParsedLine, int]], list[ParsedLine]]:
    """Part new lines, each with its number among equal ones, from those that an earlier file brought."""
    lines = statement.booked
    names = [line.fingerprint() for line in lines]
    known = statement_queries.known_fingerprints(account_id, sorted(set(names)))
    seen: Counter[str] = Counter()
    fresh, repeated = [], []
    for line, name in zip(lines, names, strict=True):
        seen[name] += 1
        if seen[name] > known.get(name, 0):
            fresh.append((line, seen[name]))
        else:
            repeated.append(line)
    overlap = _overlap(statement, repeated, previous)
    if overlap is None:
        return fresh, repeated
    added: Counter[str] = Counter(known)
    fresh = []
    for line, name in list(zip(lines, names, strict=True))[overlap:]:
        added[name] += 1
        fresh.append((line, added[name]))
    return fresh, list(lines[:overlap])


def _overlap(
    statement: ParsedStatement, repeated: Sequence[ParsedLine], previous: BankStatement | None
) -> int | None:
    """Count the lines a file repeats by its balances, where equal rows without reference lie on both sides.

    None where counting equal rows is enough, or balances do not tell.
    """
    if previous is None or statement.opening is None or any(line.servicer_ref for line in repeated):
        return None
    moved = sum(line.amount for line in repeated)
    if not repeated or statement.opening + moved == previous.closing:
        return None
    if min(line.booked_on for line in statement.booked) < previous.to_on:
        return None
    running = statement.opening
    for place, line in enumerate(statement.booked):
        if running == previous.closing:
            return place
        running += line.amount
    return None


def _require_continued(
    account: BankAccount,
    statement: ParsedStatement,
    repeated: Sequence[ParsedLine],
    previous: BankStatement | None,
) -> list[str]:
    """Refuse a statement that does not begin where the newest one ended, overlapping lines left out."""
    if previous is None or previous.closing is None or statement.opening is None:
        return []
    begins = statement.opening + sum(line.amount for line in repeated)
    if begins != previous.closing:
        was, now = (money.shown(amount, account.currency) for amount in (previous.closing, begins))
        raise Invalid(
            {
                "file": [
                    f"This statement begins at {now}, but {statement_name(previous.id)} ended at {was} "
                    f"{account.currency}. Import the statement between them first."
                ]
            }
        )
    if statement.sequence and previous.sequence:
        if statement.sequence > previous.sequence + 1:
            return [f"Number {statement.sequence} follows number {previous.sequence}; the balances agree."]
        if statement.sequence == previous.sequence and not repeated and statement.lines:
            return [f"Number {statement.sequence} came twice, with other lines; the balances agree."]
    return []


def _rows(
    row: BankStatement, account: BankAccount, lines: Sequence[tuple[ParsedLine, int]]
) -> list[StatementLine]:
    return [
        StatementLine(
            statement_id=row.id,
            account_id=account.id,
            line_no=number,
            state=LineState.PENDING if line.pending else LineState.OPEN,
            booked_on=line.booked_on,
            value_on=line.value_on,
            amount=line.amount,
            currency=line.currency,
            vouchers=list(line.vouchers),
            servicer_ref=line.servicer_ref,
            text=line.text,
            code=line.code,
            reversal=line.reversal,
            fingerprint=line.fingerprint(),
            occurrence=place,
        )
        for number, (line, place) in enumerate(lines, start=1)
    ]


def _days(statement: ParsedStatement, now: datetime) -> tuple[date, date]:
    days = [line.booked_on for line in statement.lines] or [now.date()]
    return statement.from_on or min(days), statement.to_on or max(days)
