"""What a resident may do with a tip's code and secret: see how it stands, read and add words, collect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

import cases.services as case_services
import rewards.services as reward_services
from core.db import db, insert_once
from core.errors import NotFound, TooMany
from core.throttle import count_failure, forget, refuse_if_throttled
from core.vault import Vault
from rewards.services import TipRewardState
from tips.conversation.standing import Standing, standing_of
from tips.models import Message, Tip
from tips.wording import Wording

SECRET_PURPOSE = "tip"
THROTTLE_WINDOW = timedelta(minutes=15)
FAILURES_PER_CODE = 5


class WrongPair(NotFound):
    """Code and secret do not belong together; unknown codes read exactly the same."""

    title = "These two numbers do not belong together"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the dialogue under a tip."""

    ours: bool
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TipStatus:
    """What the holder of code and secret sees."""

    tip_id: int
    code: str
    standing: Standing
    received_at: datetime
    claimable: bool
    collected: bool
    dialogue: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A code and secret as somebody gave them, with what is needed to check them outside a transaction."""

    code: str | None
    tip_id: int | None
    secret_hash: str | None


def look_up(code: str | None, *, vault: Vault, now: datetime) -> Attempt:
    """Find what a code's secret must match; raise TooMany for a code that was guessed at."""
    if code is None:
        return Attempt(None, None, None)
    refuse_if_throttled([_throttle(code, vault)], limit=FAILURES_PER_CODE, window=THROTTLE_WINDOW, now=now)
    row = db.session.execute(sa.select(Tip.id, Tip.secret_hash).where(Tip.code == code)).first()
    return Attempt(code, row.id if row else None, row.secret_hash if row else None)


def is_right(attempt: Attempt, secret: str | None, *, vault: Vault) -> bool:
    """Compare a secret slowly; nothing to compare with takes as long."""
    return (
        vault.check_secret(secret or "", attempt.secret_hash, purpose=SECRET_PURPOSE) and secret is not None
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """A code and a secret that were compared; `attempt` is None for a code that was guessed at too often."""

    attempt: Attempt | None
    right: bool


def check(code: str | None, secret: str | None, *, vault: Vault, now: datetime) -> Checked:
    """Compare code and secret slowly, before any transaction is open.

    What cannot be a code or a secret is no guess: whoever sent it can see that, so nothing is hashed or counted.
    """
    if code is None or secret is None:
        return Checked(Attempt(None, None, None), False)
    try:
        attempt = look_up(code, vault=vault, now=now)
    except TooMany:
        return Checked(None, False)
    return Checked(attempt, is_right(attempt, secret, vault=vault))


def count_wrong(attempt: Attempt, *, vault: Vault, now: datetime) -> None:
    """Count a wrong pair against its code, whether or not the code exists."""
    if attempt.code is not None:
        count_failure([_throttle(attempt.code, vault)], window=THROTTLE_WINDOW, now=now)


def count_right(attempt: Attempt, *, vault: Vault) -> None:
    """Forget earlier slips of a code whose secret was right."""
    if attempt.code is not None:
        forget([_throttle(attempt.code, vault)])


def status_of(tip_id: int, *, now: datetime) -> TipStatus:
    """Show how a tip stands to whoever proved to hold its secret."""
    tip = db.session.get_one(Tip, tip_id)
    rows = db.session.execute(
        sa.select(Message.direction, Message.kind, Message.body, Message.created_at)
        .where(
            Message.tip_id == tip_id, Message.kind.in_(("question", "addition")), Message.body.is_not(None)
        )
        .order_by(Message.id)
    )
    reward = reward_services.summary_for_tip(tip_id=tip_id, now=now)
    return TipStatus(
        tip_id=tip_id,
        code=tip.code,
        standing=_standing(tip_id),
        received_at=tip.received_at,
        claimable=reward.state is TipRewardState.READY,
        collected=reward.state in (TipRewardState.COLLECT, TipRewardState.DONE),
        dialogue=tuple(Line(row.direction == "out", row.body or "", row.created_at) for row in rows),
    )


def standing_by_code(code: str | None) -> Standing | None:
    """Show how a tip stands to whoever knows its code; None for an unknown one."""
    tip_id = db.session.scalar(sa.select(Tip.id).where(Tip.code == code)) if code else None
    return _standing(tip_id) if tip_id is not None else None


def add_words(tip_id: int, text: str, *, now: datetime, key: str = "", vault: Vault | None = None) -> None:
    """Keep further words of a tip's sender beside it; the same key and words for the same tip are kept once."""
    channel = db.session.scalar(sa.select(Tip.channel).where(Tip.id == tip_id))
    name = vault.index(f"{tip_id}:{key}:{text}", purpose="addition").hex() if key and vault else None
    insert_once(
        Message.__table__,
        {
            "direction": "in", "kind": "addition", "state": "received", "channel": channel, "tip_id": tip_id,
            "body": text, "source_key": f"add:{name}" if name else None, "attempts": 0, "created_at": now,
            "moved_at": now,
        },
    )  # fmt: skip


def claim_by_text(
    checked: Checked,
    words: Wording,
    *,
    key: str,
    vault: Vault,
    now: datetime,
    made: reward_services.Word | None = None,
) -> str:
    """Collect by SMS: the answer holds the collection word once, or one generic refusal."""
    attempt = checked.attempt
    if attempt is None:
        return words("sms.wait")
    if not checked.right or attempt.tip_id is None:
        count_wrong(attempt, vault=vault, now=now)
        return words("sms.claim_unknown")
    count_right(attempt, vault=vault)
    try:
        claimed = reward_services.claim(tip_id=attempt.tip_id, key=key, vault=vault, now=now, made=made)
    except reward_services.NothingToCollect:
        return words("sms.claim_unknown")
    return words("sms.claim_done", voucher=f"{claimed.voucher} {claimed.word}")


def _standing(tip_id: int) -> Standing:
    home = case_services.case_of_tips([tip_id]).get(tip_id)
    return standing_of(home.state if home else None)


def _throttle(code: str, vault: Vault) -> bytes:
    return vault.index(code, purpose="tip-attempts")
