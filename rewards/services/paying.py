"""Claim a share, pay it out against the collection word, and let what nobody collects lapse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.services import StaffMember
from core import audit
from core.codes import CROCKFORD, read_reference
from core.db import db
from core.errors import Conflict, Invalid, NotFound, TooMany
from core.vault import Vault
from rewards import books, ledger, queries
from rewards.models import ClaimCode, Reward, RewardShare
from rewards.refusals import step
from rewards.repeats import MoneyResult, answer_to, once
from rewards.services.deciding import share_facts
from rewards.services.moving import (
    moving_amount,
    owed_amount,
    post_for_share,
    round_key,
    send_out,
    settle_if_done,
)
from rewards.states import SHARE_MOVES, Facts, Refused, ShareState, move

WORD_SYMBOLS = 12
MOST_TRIES = 5
LOCKED_FOR = timedelta(hours=24)
PURPOSE = "collection-word"


class NothingToCollect(NotFound):
    """One refusal for every claim that fails, whatever the reason."""

    def __init__(self) -> None:
        super().__init__("There is nothing to collect here at the moment.")


class WrongWord(Invalid):
    """The collection word does not fit; the edge then counts the attempt in a transaction of its own."""

    def __init__(self, share_ref: str) -> None:
        super().__init__({"word": ["This is not the collection word of this voucher."]})
        self.share_ref = share_ref


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim that went through. `word` is shown once, to whoever holds code and secret, and kept nowhere."""

    word: str
    voucher: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Word:
    """The collection word of one claim and its slow hash."""

    share_id: int
    text: str
    hash: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Which live collection word of a voucher was compared, and whether it fitted."""

    code_id: int | None
    fits: bool


def make_word(*, tip_id: int, key: str, vault: Vault) -> Word | None:
    """Make the word a claim would give; call it before the transaction, for hashing is slow on purpose."""
    share = _share_to_claim(tip_id, key)
    if share is None:
        return None
    text = _word(vault, share, key)
    return Word(share.id, text, vault.hash_secret(text, purpose=PURPOSE))


def compare_word(*, share_ref: str, word: str, vault: Vault) -> Compared:
    """Compare a collection word; call it before the transaction, for hashing is slow on purpose."""
    code = queries.live_claim_code(queries.share_by_ref(share_ref).id)
    return Compared(code.id if code else None, code is not None and _fits(word, code, vault))


def claim(*, tip_id: int, key: str, vault: Vault, now: datetime, made: Word | None = None) -> Claimed:
    """Claim the share of a tip whose code and secret were checked; return the collection word.

    The same key gives the same word again, so that a lost answer can be asked for once more. A word that two
    people revoked is replaced by the next claim. Any other claim of the share raises NothingToCollect. The debt
    stays payable until it is paid or sent to the bank.
    """
    word = made or make_word(tip_id=tip_id, key=key, vault=vault)
    books.lock_head()
    share = _share_to_claim(tip_id, key)
    if share is None or word is None or word.share_id != share.id:
        raise NothingToCollect()
    reward = db.session.get_one(Reward, share.reward_id)

    def act() -> MoneyResult:
        again = queries.awaits_new_word(share.id)
        if not again:
            _take_claim(share, now)
        db.session.add(ClaimCode(share_id=share.id, word_hash=word.hash, made_at=now, tries=0))
        subject, notes = queries.subject_of(reward), {"share": share.ref}
        event = "word_given_anew" if again else "claimed"
        seq = books.note(event, actor_id=None, subject=subject, notes=notes)
        audit.record(action=f"reward.{event}", subject=("share", share.ref), actor_id=None, at=now)
        return MoneyResult(share.state, reward.ref, share.ref, seq=seq)

    asked = {"share": share.ref, "round": str(queries.words_revoked(share.id) or "")}
    try:
        once(key=key, scope="claim", actor_id=None, asked=asked, now=now, act=act)
    except Conflict as stale:  # the word this key once gave is dead
        raise NothingToCollect() from stale
    return Claimed(word.text, share.ref, share.amount, reward.currency)


def pay(
    *,
    share_ref: str,
    actor: StaffMember,
    key: str,
    vault: Vault,
    now: datetime,
    word: str = "",
    receipt: str = "",
    compared: Compared | None = None,
) -> MoneyResult:
    """Book that a claimed share was handed over, against its collection word or a receipt's reference.

    Raise WrongWord for a word that does not fit, TooMany while the voucher is locked, NotAllowed for anyone
    who approved the reward or worked on the case.
    """
    receipt = " ".join(receipt.split())[:80]
    seen = compared or compare_word(share_ref=share_ref, word=word, vault=vault)

    def act() -> MoneyResult:
        share = queries.share_by_ref(share_ref)
        reward = db.session.get_one(Reward, share.reward_id)
        facts = share_facts(share, actor, now, proof=bool(word.strip() or receipt))
        before = share.state
        share.state = step(SHARE_MOVES, before, "pay", facts)
        _use_word(share, seen.code_id if seen.fits else None, now=now)
        share.paid_at, share.paid_by_person, share.receipt = now, actor.person_id, receipt
        if before == ShareState.CLAIMED:
            send_out(share, reward, actor_id=actor.id, now=now)
        posted = post_for_share(
            ledger.settle(moving_amount(share), reward.currency, share=share.ref),
            share,
            reward,
            idem_key=round_key("settle", share),
            actor_id=actor.id,
            now=now,
            notes={"receipt": receipt, "proof": "word" if word.strip() else "receipt"},
        )
        audit.record(
            action="reward.paid",
            subject=("share", share.ref),
            actor_id=actor.id,
            detail={"amount_minor": share.amount, "currency": reward.currency, "entry": posted.name},
            at=now,
        )
        settle_if_done(reward)
        return MoneyResult(
            share.state, reward.ref, share.ref, posted.name, posted.entry_id, posted.seq, posted.balances
        )

    asked = {"share": share_ref, "receipt": receipt, "proof": "word" if word.strip() else "receipt"}
    return once(key=key, scope="pay", actor_id=actor.id, asked=asked, now=now, act=act)


def count_wrong_word(*, share_ref: str, actor_id: int, now: datetime) -> int:
    """Count a wrong collection word; return the tries left. The fifth locks the voucher for a day."""
    books.lock_head()
    share = queries.share_by_ref(share_ref)
    code = queries.live_claim_code(share.id)
    if code is None:
        return 0
    code.tries += 1
    if code.tries >= MOST_TRIES:
        code.tries, code.locked_until = 0, now + LOCKED_FOR
        reward = db.session.get_one(Reward, share.reward_id)
        notes = {"share": share.ref}
        books.note("voucher_locked", actor_id=actor_id, subject=queries.subject_of(reward), notes=notes)
        return 0
    db.session.flush()
    return MOST_TRIES - code.tries


def expire_due(*, now: datetime) -> int:
    """Forfeit every approved share whose time to collect has run out; return how many."""
    books.lock_head()
    due = queries.shares_past_expiry(now)
    for share in due:
        reward = db.session.get_one(Reward, share.reward_id)
        share.state = step(SHARE_MOVES, share.state, "expire", Facts(now=now, expires_at=share.expires_at))
        post_for_share(
            ledger.forfeit(owed_amount(share), reward.currency, share=share.ref),
            share,
            reward,
            idem_key=round_key("forfeit", share),
            actor_id=None,
            now=now,
            notes={"reason": "expired"},
        )
        audit.record(action="reward.expired", subject=("share", share.ref), actor_id=None, at=now)
        settle_if_done(reward)
    return len(due)


def shown_word(word: str) -> str:
    """Group a collection word in fours for the eye."""
    return "-".join(word[start : start + 4] for start in range(0, len(word), 4))


def _share_to_claim(tip_id: int, key: str) -> RewardShare | None:
    """Find what a claim is about: what the same request claimed before, else what can be collected now."""
    earlier = answer_to(key)
    if earlier is not None and earlier.share:
        share = queries.share_by_ref(earlier.share)
        return share if share.tip_id == tip_id else None
    return queries.share_of_tip(tip_id)


def _take_claim(share: RewardShare, now: datetime) -> None:
    try:
        share.state = move(SHARE_MOVES, share.state, "claim", Facts(now=now, expires_at=share.expires_at))
    except Refused as refused:
        raise NothingToCollect() from refused
    share.claimed_at = now


def _word(vault: Vault, share: RewardShare, key: str) -> str:
    # Made from the caller's own key, which we keep only hashed: the caller can have it again, a thief of the
    # database cannot work it out even with the pepper.
    digest = vault.index(f"{share.ref}:{key}", purpose=PURPOSE)
    return "".join(CROCKFORD[byte % 32] for byte in digest[:WORD_SYMBOLS])


def _fits(word: str, code: ClaimCode, vault: Vault) -> bool:
    return not word.strip() or vault.check_secret(read_reference(word), code.word_hash, purpose=PURPOSE)


def _use_word(share: RewardShare, fitting: int | None, *, now: datetime) -> None:
    code = queries.live_claim_code(share.id)
    if code is not None and code.locked_until is not None and now < code.locked_until:
        raise TooMany(retry_after=int((code.locked_until - now).total_seconds()) + 1)
    # A word that was re-issued while it was being compared no longer fits.
    if code is None or code.id != fitting:
        raise WrongWord(share.ref)
    code.used_at = now
