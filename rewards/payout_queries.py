"""Read accounts, layouts, batches and the payments in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from core.db import db
from core.errors import NotFound
from rewards.batch_states import BatchState, ItemState, batch_name, batch_number
from rewards.line_matching import KnownItem
from rewards.models import Fund, Reward, RewardApproval, RewardInvolvement, RewardShare
from rewards.payout_models import (
    LIVE_ITEM,
    BankAccount,
    FileProfile,
    PayoutBatch,
    PayoutItem,
    StatementLine,
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


def account_code(account_id: int) -> str:
    """Return the short name of an account."""
    return db.session.get_one(BankAccount, account_id).code


def next_batch() -> int:
    """Return the next number of a batch, without a gap; the caller holds the head of the chain."""
    return (db.session.scalar(sa.select(sa.func.max(PayoutBatch.id))) or 0) + 1


def released_batches(account_id: int) -> list[PayoutBatch]:
    """Return the released batches of an account, newest first."""
    return list(
        db.session.scalars(
            sa.select(PayoutBatch)
            .where(PayoutBatch.account_id == account_id, PayoutBatch.state == BatchState.RELEASED)
            .order_by(PayoutBatch.id.desc())
        )
    )
