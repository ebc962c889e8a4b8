"""Read accounts, batches, statements and what was made of their lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from core.db import db
from core.errors import NotFound
from rewards.batch_states import BatchState, ItemState, batch_name, batch_number, statement_name
from rewards.line_matching import KnownItem
from rewards.models import Fund, Reward, RewardApproval, RewardInvolvement, RewardShare
from rewards.payout_kinds import LineState, Why
from rewards.payout_models import (
    LIVE_ITEM,
    BankAccount,
    BankStatement,
    DiscardedStatement,
    FileProfile,
    PayoutBatch,
    PayoutItem,
    StatementException,
    StatementLine,
    StatementMatch,
)
from rewards.states import ShareState

LIVE_ITEM_OF = LIVE_ITEM.replace("state", "payout_items.state")


def account_by_code(code: str) -> BankAccount:
    """Return an account; raise NotFound."""
    found = db.session.scalar(sa.select(BankAccount).where(BankAccount.code == code))
    if found is None:
        raise NotFound(f"There is no account {code}.")
    return found


def accounts() -> list[BankAccount]:
    """Return every account by code."""
    return list(db.session.scalars(sa.select(BankAccount).order_by(BankAccount.code)))


def fund_of_account(account: BankAccount) -> Fund:
    """Return the fund whose money lies on an account."""
    return db.session.get_one(Fund, account.fund_id)


def profiles(purpose: str) -> list[FileProfile]:
    """Return the saved layouts of a purpose by name."""
    return list(
        db.session.scalars(
            sa.select(FileProfile).where(FileProfile.purpose == purpose).order_by(FileProfile.name)
        )
    )


def profile_named(name: str, purpose: str) -> FileProfile:
    """Return a saved layout; raise NotFound."""
    found = db.session.scalar(
        sa.select(FileProfile).where(FileProfile.name == name, FileProfile.purpose == purpose)
    )
    if found is None:
        raise NotFound(f"There is no layout named {name}.")
    return found


def batch_by_name(name: str) -> PayoutBatch:
    """Return a batch freshly read; raise NotFound."""
    found = db.session.get(PayoutBatch, batch_number(name), populate_existing=True)
    if found is None:
        raise NotFound(f"There is no batch {name}.")
    return found


def items_of(batch_id: int) -> list[PayoutItem]:
    """Return the vouchers of a batch in the order of its file."""
    return list(
        db.session.scalars(
            sa.select(PayoutItem)
            .where(PayoutItem.batch_id == batch_id)
            .order_by(PayoutItem.line_no)
            .execution_options(populate_existing=True)
        )
    )


def item_of(batch_id: int, voucher: str) -> PayoutItem:
    """Return a voucher of a batch freshly read; raise NotFound."""
    found = db.session.scalar(
        sa.select(PayoutItem)
        .where(PayoutItem.batch_id == batch_id, PayoutItem.voucher == voucher)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound(f"There is no voucher {voucher} in {batch_name(batch_id)}.")
    return found


def waiting_batch(share_id: int) -> str:
    """Name the batch that a share is in and that was not released yet; empty where there is none."""
    found = db.session.scalar(
        sa.select(PayoutItem.batch_id).where(
            PayoutItem.share_id == share_id, PayoutItem.state == ItemState.WAITING
        )
    )
    return batch_name(found) if found is not None else ""


def people_of(share_ids: Sequence[int]) -> tuple[dict[int, str], tuple[tuple[int, str], ...]]:
    """Return who worked on the cases of these shares, and who signed their rewards."""
    rewards = sa.select(RewardShare.reward_id).where(RewardShare.id.in_(share_ids))
    involved = db.session.execute(
        sa.select(RewardInvolvement.person_id, RewardInvolvement.part).where(
            RewardInvolvement.reward_id.in_(rewards)
        )
    )
    signed = db.session.execute(
        sa.select(RewardApproval.person_id, RewardApproval.role).where(RewardApproval.reward_id.in_(rewards))
    )
    return {row.person_id: row.part for row in involved}, tuple((row.person_id, row.role) for row in signed)


def claimed_shares(fund_id: int) -> list[tuple[RewardShare, Reward]]:
    """Return the claimed shares of a fund that are in no batch, those waiting longest first."""
    rows = db.session.execute(
        sa.select(RewardShare, Reward)
        .join(Reward, Reward.id == RewardShare.reward_id)
        .where(
            RewardShare.state == ShareState.CLAIMED,
            Reward.fund_id == fund_id,
            ~sa.exists().where(PayoutItem.share_id == RewardShare.id, sa.text(LIVE_ITEM_OF)),
        )
        .order_by(RewardShare.claimed_at, RewardShare.id)
        .execution_options(populate_existing=True)
    )
    return [(share, reward) for share, reward in rows]


def known_items(vouchers: Iterable[str]) -> dict[str, KnownItem]:
    """Return the payment that each voucher stands for now: the one under way, else the newest sent."""
    wanted = list(vouchers)
    if not wanted:
        return {}
    rows = db.session.execute(
        sa.select(PayoutItem, PayoutBatch.currency, PayoutBatch.account_id, PayoutBatch.released_person)
        .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
        .where(PayoutItem.voucher.in_(wanted))
        .order_by(PayoutItem.id)
        .execution_options(populate_existing=True)
    )
    return {
        item.voucher: KnownItem(item.id, item.amount, currency, item.state, account_id, releaser)
        for item, currency, account_id, releaser in rows
    }


def vouchers_of_amount(line: StatementLine, *, limit: int = 10) -> tuple[str, ...]:
    """Return the vouchers of an account that a line could be about, for a person to choose from."""
    state = ItemState.INSTRUCTED if line.amount < 0 else ItemState.SETTLED
    return tuple(
        db.session.scalars(
            sa.select(PayoutItem.voucher)
            .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
            .where(
                PayoutBatch.account_id == line.account_id,
                PayoutItem.state == state,
                PayoutItem.amount == abs(line.amount),
            )
            .order_by(PayoutItem.id)
            .limit(limit)
        )
    )


def payments_within(line: StatementLine, *, limit: int = 200) -> tuple[PayoutItem, ...]:
    """Return the payments of an account that a line could cover together with others, in the order they were sent."""
    state = ItemState.INSTRUCTED if line.amount < 0 else ItemState.SETTLED
    return tuple(
        db.session.scalars(
            sa.select(PayoutItem)
            .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
            .where(
                PayoutBatch.account_id == line.account_id,
                PayoutBatch.currency == line.currency,
                PayoutItem.state == state,
                PayoutItem.amount < abs(line.amount),
            )
            .order_by(PayoutItem.id)
            .limit(limit)
        )
    )


def newest_statement(account_id: int) -> BankStatement | None:
    """Return the statement of an account that reaches furthest and has balances."""
    return db.session.scalar(
        sa.select(BankStatement)
        .where(BankStatement.account_id == account_id, BankStatement.closing.is_not(None))
        .order_by(BankStatement.id.desc())
        .limit(1)
    )


def statement_by_name(name: str) -> BankStatement:
    """Return a statement by its printed number; raise NotFound."""
    digits = name.removeprefix("S-")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
    found = db.session.get(BankStatement, number) if statement_name(number) == name else None
    if found is None:
        raise NotFound(f"There is no statement {name}.")
    return found


def parts_of_import(statement: BankStatement) -> list[BankStatement]:
    """Return the statements that came in one file with this one, itself included."""
    return list(
        db.session.scalars(
            sa.select(BankStatement)
            .where(
                BankStatement.account_id == statement.account_id,
                BankStatement.file_sha256 == statement.file_sha256,
            )
            .order_by(BankStatement.id)
        )
    )


def account_code(account_id: int) -> str:
    """Return the short name of an account."""
    return db.session.get_one(BankAccount, account_id).code


def discarded_statements() -> list[tuple[DiscardedStatement, str]]:
    """Return the discarded imports with their accounts, newest first."""
    rows = db.session.execute(
        sa.select(DiscardedStatement, BankAccount.code)
        .join(BankAccount, BankAccount.id == DiscardedStatement.account_id)
        .order_by(DiscardedStatement.number.desc())
    )
    return [(found, code) for found, code in rows]


def line_by_id(number: int) -> StatementLine:
    """Return a statement line freshly read; raise NotFound."""
    found = db.session.get(StatementLine, number, populate_existing=True)
    if found is None:
        raise NotFound("There is no such statement line.")
    return found


def live_matches(line_id: int) -> list[StatementMatch]:
    """Return what a line is taken for now: one match, or one for each payment it covers."""
    return list(
        db.session.scalars(
            sa.select(StatementMatch)
            .where(StatementMatch.line_id == line_id, StatementMatch.undone_at.is_(None))
            .order_by(StatementMatch.id)
            .execution_options(populate_existing=True)
        )
    )


def line_of_entry(entry_id: int) -> StatementLine | None:
    """Return the statement line that an entry was booked from or linked to."""
    return db.session.scalar(
        sa.select(StatementLine)
        .join(StatementMatch, StatementMatch.line_id == StatementLine.id)
        .where(StatementMatch.entry_id == entry_id, StatementMatch.undone_at.is_(None))
    )


def match_count(line_id: int) -> int:
    """Count how often a line was taken for something, undone times included."""
    statement = sa.select(sa.func.count()).where(StatementMatch.line_id == line_id)
    return db.session.scalar(statement) or 0


def exception_of(line_id: int) -> StatementException | None:
    """Return what is noted about a line that nothing fitted."""
    return db.session.get(StatementException, line_id, populate_existing=True)


def open_lines(*, after: int, limit: int) -> list[StatementLine]:
    """Return some of the booked lines without a match that come after one, oldest first."""
    return list(
        db.session.scalars(
            sa.select(StatementLine)
            .where(StatementLine.state == LineState.OPEN, StatementLine.id > after)
            .order_by(StatementLine.id)
            .limit(limit)
            .execution_options(populate_existing=True)
        )
    )


def new_lines(limit: int) -> tuple[int | None, list[StatementLine]]:
    """Return some of the open lines that nobody looked at yet, of the oldest statement first, and who imported it."""
    waiting = (
        sa.select(StatementLine)
        .join(StatementException, StatementException.line_id == StatementLine.id)
        .where(StatementLine.state == LineState.OPEN, StatementException.why == Why.NEW)
        .order_by(StatementLine.id)
    )
    first = db.session.scalar(waiting.limit(1))
    if first is None:
        return None, []
    own = waiting.where(StatementLine.statement_id == first.statement_id).limit(limit)
    lines = db.session.scalars(own.execution_options(populate_existing=True))
    return db.session.get_one(BankStatement, first.statement_id).imported_by, list(lines)


def count_new(statement_id: int) -> int:
    """Count the lines of a statement that nobody looked at yet."""
    statement = (
        sa.select(sa.func.count())
        .select_from(StatementLine)
        .join(StatementException, StatementException.line_id == StatementLine.id)
        .where(
            StatementLine.statement_id == statement_id,
            StatementLine.state == LineState.OPEN,
            StatementException.why == Why.NEW,
        )
    )
    return db.session.scalar(statement) or 0


def known_fingerprints(account_id: int, fingerprints: Sequence[str]) -> dict[str, int]:
    """Count the booked lines of an account by fingerprint, among these."""
    counts: dict[str, int] = {}
    for start in range(0, len(fingerprints), 500):
        rows: Any = db.session.execute(
            sa.select(StatementLine.fingerprint, sa.func.count())
            .where(
                StatementLine.account_id == account_id,
                StatementLine.state != LineState.PENDING,
                StatementLine.fingerprint.in_(fingerprints[start : start + 500]),
            )
            .group_by(StatementLine.fingerprint)
        )
        counts.update((row[0], row[1]) for row in rows)
    return counts


def next_batch() -> int:
    """Return the next number of a batch, without a gap; the caller holds the head of the chain."""
    return (db.session.scalar(sa.select(sa.func.max(PayoutBatch.id))) or 0) + 1


def next_statement() -> int:
    """Return the next number of a statement, past those discarded; the caller holds the head of the chain."""
    kept = db.session.scalar(sa.select(sa.func.max(BankStatement.id))) or 0
    return max(kept, db.session.scalar(sa.select(sa.func.max(DiscardedStatement.number))) or 0) + 1


def released_batches(account_id: int) -> list[PayoutBatch]:
    """Return the released batches of an account, newest first."""
    return list(
        db.session.scalars(
            sa.select(PayoutBatch)
            .where(PayoutBatch.account_id == account_id, PayoutBatch.state == BatchState.RELEASED)
            .order_by(PayoutBatch.id.desc())
        )
    )
