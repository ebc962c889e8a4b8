"""Pay at a desk: a voucher and a word together, one refusal for everything that does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.services import StaffMember
from core.codes import read_reference
from core.db import db
from core.errors import Invalid, NotFound
from core.throttle import count_failure, refuse_if_throttled
from core.vault import Vault
from rewards import queries
from rewards.models import Reward
from rewards.repeats import MoneyResult
from rewards.services.deciding import batch_paying
from rewards.services.paying import PURPOSE, Compared, WrongWord, count_wrong_word, pay
from rewards.states import ShareState

WINDOW = timedelta(minutes=15)
WRONG_PER_PERSON = 20


class DoesNotFit(Invalid):
    """One refusal for an unknown voucher, a wrong word, a locked voucher and one that is not to be paid."""

    def __init__(self) -> None:
        words = (
            "Voucher and word do not fit, or it cannot be paid now. Check each sign; after five wrong words "
            "a voucher is locked for a day."
        )
        super().__init__({"voucher": [words]})


@dataclass(frozen=True, slots=True)
class Presented:
    """A voucher and a word as they were presented, with the slow comparison done."""

    voucher: str
    word: str
    compared: Compared


@dataclass(frozen=True, slots=True)
class ToPay:
    """What a fitting pair is worth, in minor units."""

    voucher: str
    amount: int
    currency: str


def present(*, voucher: str, word: str, vault: Vault) -> Presented:
    """Compare voucher and word before any transaction is open; one that does not exist takes as long."""
    ref = f"V-{read_reference(voucher).removeprefix('V')}"
    try:
        code = queries.live_claim_code(queries.share_by_ref(ref).id)
    except NotFound:
        code = None
    fits = vault.check_secret(read_reference(word), code.word_hash if code else None, purpose=PURPOSE)
    return Presented(ref, word, Compared(code.id if code else None, fits))


def look_at(presented: Presented, *, actor: StaffMember, vault: Vault, now: datetime) -> ToPay:
    """Say what is to be handed over for a pair that fits; raise DoesNotFit, or TooMany for somebody guessing."""
    key = _key(actor, vault)
    refuse_if_throttled([key], limit=WRONG_PER_PERSON, window=WINDOW, now=now)
    if not presented.compared.fits:
        raise DoesNotFit()
    share = queries.share_by_ref(presented.voucher)
    code = queries.live_claim_code(share.id)
    locked = code is None or (code.locked_until is not None and now < code.locked_until)
    if share.state != ShareState.CLAIMED or locked or batch_paying(share):
        raise DoesNotFit()
    reward = db.session.get_one(Reward, share.reward_id)
    return ToPay(share.ref, share.amount, reward.currency)


def count_wrong(presented: Presented, *, actor: StaffMember, vault: Vault, now: datetime) -> None:
    """Count a pair that did not fit, against who presented it and against the voucher, in its own transaction."""
    count_failure([_key(actor, vault)], window=WINDOW, now=now)
    if presented.compared.fits:
        return
    try:
        count_wrong_word(share_ref=presented.voucher, actor_id=actor.id, now=now)
    except NotFound:
        queries.live_claim_code(0)  # as much work as for a voucher that exists


def hand_over(
    presented: Presented, *, receipt: str, actor: StaffMember, key: str, vault: Vault, now: datetime
) -> MoneyResult:
    """Book that the money of a fitting pair was handed over, under the number of the signed receipt."""
    if not receipt.strip():
        raise Invalid({"receipt": ["Enter the number of the signed receipt."]})
    try:
        return pay(
            share_ref=presented.voucher,
            word=presented.word,
            receipt=receipt,
            actor=actor,
            key=key,
            vault=vault,
            now=now,
            compared=presented.compared,
        )
    except (WrongWord, NotFound) as error:
        raise DoesNotFit() from error


def _key(actor: StaffMember, vault: Vault) -> bytes:
    return vault.index(str(actor.person_id), purpose="voucher-attempts")
