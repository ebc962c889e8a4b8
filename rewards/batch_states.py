"""Say which step a payout batch may take next, and who may take it. PURE.

Three people: one makes a batch, another approves it, a third releases it. Whoever released it does not
reconcile it. All of this is judged on the human.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from rewards.states import Facts, Move, Refusal, Why, decides_about_money, not_involved, snapshot_current


class BatchState(StrEnum):
    """Where a batch stands."""

    MADE = "made"
    APPROVED = "approved"
    RELEASED = "released"
    CANCELLED = "cancelled"


class ItemState(StrEnum):
    """Where one voucher of a batch stands."""

    WAITING = "waiting"
    INSTRUCTED = "instructed"
    SETTLED = "settled"
    REJECTED = "rejected"
    RETURNED = "returned"
    CANCELLED = "cancelled"


def _signed_no_reward(facts: Facts) -> Refusal | None:
    if facts.person_id in {person for person, _ in facts.signatures}:
        return Refusal(Why.PERSON, "You approved a reward in it, so somebody else does this.")
    return None


def _not_the_maker(facts: Facts) -> Refusal | None:
    if facts.person_id == facts.maker:
        return Refusal(Why.PERSON, "You made this batch, so somebody else does this.")
    return None


def _not_the_approver(facts: Facts) -> Refusal | None:
    if facts.person_id == facts.approver:
        return Refusal(Why.PERSON, "You approved this batch, so somebody else releases it.")
    return None


def _not_the_releaser(facts: Facts) -> Refusal | None:
    if facts.releaser is not None and facts.person_id == facts.releaser:
        return Refusal(Why.PERSON, "You released this batch, so somebody else reconciles it.")
    return None


MAKING: Final = (decides_about_money, not_involved, _signed_no_reward)
APPROVING: Final = (decides_about_money, not_involved, _not_the_maker, snapshot_current)
RELEASING: Final = (
    decides_about_money,
    not_involved,
    _signed_no_reward,
    _not_the_maker,
    _not_the_approver,
    snapshot_current,
)

BATCH_MOVES: Final[Mapping[tuple[str, str], Move]] = {
    ("new", "make"): Move(BatchState.MADE, MAKING),
    (BatchState.MADE, "approve"): Move(BatchState.APPROVED, APPROVING),
    (BatchState.APPROVED, "release"): Move(BatchState.RELEASED, RELEASING),
    (BatchState.MADE, "cancel"): Move(BatchState.CANCELLED, (decides_about_money,)),
    (BatchState.APPROVED, "cancel"): Move(BatchState.CANCELLED, (decides_about_money,)),
}

_RECONCILING: Final = (decides_about_money, _not_the_releaser)
ITEM_MOVES: Final[Mapping[tuple[str, str], Move]] = {
    (ItemState.WAITING, "instruct"): Move(ItemState.INSTRUCTED),
    (ItemState.WAITING, "cancel"): Move(ItemState.CANCELLED),
    (ItemState.INSTRUCTED, "settle"): Move(ItemState.SETTLED, _RECONCILING),
    (ItemState.INSTRUCTED, "reject"): Move(ItemState.REJECTED, _RECONCILING),
    (ItemState.SETTLED, "return"): Move(ItemState.RETURNED, _RECONCILING),
    (ItemState.REJECTED, "unreject"): Move(ItemState.INSTRUCTED, _RECONCILING),
    (ItemState.SETTLED, "unsettle"): Move(ItemState.INSTRUCTED, _RECONCILING),
    (ItemState.RETURNED, "unreturn"): Move(ItemState.SETTLED, _RECONCILING),
}


def batch_name(number: int) -> str:
    """Return the printed number of a batch: B and at least four digits."""
    return f"B-{number:04d}"


def batch_number(name: str) -> int:
    """Read the number out of a batch's name; 0 where it is none."""
    digits = name.removeprefix("B-")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
    return number if batch_name(number) == name else 0


def statement_name(number: int) -> str:
    """Return the printed number of a statement: S and at least four digits."""
    return f"S-{number:04d}"
