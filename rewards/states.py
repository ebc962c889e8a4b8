"""Say which step a reward and its shares may take next, and why not. PURE.

One table a machine: (state, action) -> next state and the guards to pass. A refusal names every reason and
lists the actions that would be allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class RewardState(StrEnum):
    """Where the reward of a case stands."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    SETTLED = "settled"


class ShareState(StrEnum):
    """Where one tip's part of a reward stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    CLAIMED = "claimed"
    INSTRUCTED = "instructed"
    PAID = "paid"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    NOTHING = "nothing"


_DONE: Final = {
    "approve": "approved", "decline": "declined", "withdraw": "withdrawn", "reserve": "reserved", "claim": "claimed",
    "pay": "paid", "cancel": "cancelled", "expire": "let lapse", "settle": "settled", "merge": "merged",
    "release": "released", "take_back": "taken back",
    "instruct": "sent to the bank", "reject": "rejected", "return": "returned", "reopen": "opened again",
}  # fmt: skip
MONEY_ROLES: Final = frozenset({"finance", "director"})
OPEN_SHARES: Final = frozenset(
    {ShareState.PROPOSED, ShareState.APPROVED, ShareState.CLAIMED, ShareState.INSTRUCTED}
)


class Why(StrEnum):
    """What kind of refusal it is; the service turns each into its own error."""

    STATE = "state"
    STALE = "stale"
    PERSON = "person"
    ROLE = "role"
    EXPIRED = "expired"
    PROOF = "proof"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the guards look at. Times are aware; `signatures` are (person, role) in signing order.

    `maker`, `approver` and `releaser` are the people of a payout batch.
    """

    person_id: int | None = None
    role: str | None = None
    involved: Mapping[int, str] | None = None
    signatures: tuple[tuple[int, str], ...] = ()
    needed: tuple[frozenset[str], ...] = ()
    snapshot_seen: str | None = None
    snapshot_now: str | None = None
    now: datetime | None = None
    expires_at: datetime | None = None
    proof: bool = False
    batch: str = ""
    maker: int | None = None
    approver: int | None = None
    releaser: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why a step is refused."""

    why: Why
    words: str


class Refused(ValueError):
    """Carry all reasons of a refused step and the actions allowed instead."""

    def __init__(self, reasons: tuple[Refusal, ...], allowed: tuple[str, ...]) -> None:
        listing = f" Possible now: {', '.join(allowed)}." if allowed else " Nothing more can be done with it."
        super().__init__(" ".join(reason.words for reason in reasons) + listing)
        self.reasons = reasons
        self.allowed = allowed


def decides_about_money(facts: Facts) -> Refusal | None:
    """Refuse anybody whose role does not decide about money."""
    if facts.role in MONEY_ROLES:
        return None
    return Refusal(Why.ROLE, "Only finance and the director decide about money.")


def not_involved(facts: Facts) -> Refusal | None:
    """Refuse whoever worked on a case."""
    part = (facts.involved or {}).get(facts.person_id or 0)
    if part is None:
        return None
    return Refusal(
        Why.PERSON, f"You worked on this case ({part.replace('_', ' ')}), so somebody else decides."
    )


def _not_signed_before(facts: Facts) -> Refusal | None:
    if facts.person_id in {person for person, _ in facts.signatures}:
        return Refusal(Why.PERSON, "You have signed already; the second signature is somebody else's.")
    return None


def _signature_counts(facts: Facts) -> Refusal | None:
    roles = [role for _, role in facts.signatures]
    if signatures_fit([*roles, facts.role or ""], facts.needed):
        return None
    still = [" or ".join(sorted(roles)) for roles in still_needed(roles, facts.needed)]
    return Refusal(Why.ROLE, f"This amount still needs the signature of: {'; '.join(still)}.")


def snapshot_current(facts: Facts) -> Refusal | None:
    """Refuse a decision about something that has changed since it was read."""
    if facts.snapshot_seen == facts.snapshot_now:
        return None
    return Refusal(Why.STALE, "It has changed since you opened it. Read it again, then decide.")


def _not_expired(facts: Facts) -> Refusal | None:
    if facts.now is None or facts.expires_at is None or facts.now < facts.expires_at:
        return None
    return Refusal(Why.EXPIRED, "The time to collect has run out.")


def _expired(facts: Facts) -> Refusal | None:
    if _not_expired(facts) is not None:
        return None
    return Refusal(Why.EXPIRED, "The time to collect has not run out yet.")


def _not_an_approver(facts: Facts) -> Refusal | None:
    if facts.person_id in {person for person, _ in facts.signatures}:
        return Refusal(Why.PERSON, "You approved this reward, so somebody else pays it.")
    return None


def _proof_given(facts: Facts) -> Refusal | None:
    if facts.proof:
        return None
    return Refusal(Why.PROOF, "Enter the collection word or the reference of the receipt.")


def _not_in_a_batch(facts: Facts) -> Refusal | None:
    if not facts.batch:
        return None
    return Refusal(Why.STATE, f"It is in batch {facts.batch}, which pays it.")


@dataclass(frozen=True, slots=True)
class Move:
    """Where an action leads and what it must pass."""

    to: str
    guards: tuple[Callable[[Facts], Refusal | None], ...] = ()


_PAYING = (decides_about_money, not_involved, _not_an_approver, _proof_given)
_DECLINING = (decides_about_money, not_involved, snapshot_current)
_SIGNING = (not_involved, _not_signed_before, _signature_counts, snapshot_current)

REWARD_MOVES: Final[Mapping[tuple[str, str], Move]] = {
    (RewardState.DRAFT, "reserve"): Move(RewardState.PROPOSED),
    (RewardState.DRAFT, "decline"): Move(RewardState.DECLINED, _DECLINING),
    (RewardState.DRAFT, "withdraw"): Move(RewardState.WITHDRAWN),
    (RewardState.PROPOSED, "sign"): Move(RewardState.PROPOSED, _SIGNING),
    (RewardState.PROPOSED, "approve"): Move(RewardState.APPROVED, _SIGNING),
    (RewardState.PROPOSED, "decline"): Move(RewardState.DECLINED, _DECLINING),
    (RewardState.PROPOSED, "withdraw"): Move(RewardState.WITHDRAWN),
    (RewardState.APPROVED, "settle"): Move(RewardState.SETTLED),
    (RewardState.DECLINED, "take_back"): Move(RewardState.DRAFT, _DECLINING),
    (RewardState.DECLINED, "withdraw"): Move(RewardState.WITHDRAWN),
}

SHARE_MOVES: Final[Mapping[tuple[str, str], Move]] = {
    (ShareState.PROPOSED, "approve"): Move(ShareState.APPROVED),
    (ShareState.PROPOSED, "decline"): Move(ShareState.DECLINED),
    (ShareState.PROPOSED, "withdraw"): Move(ShareState.WITHDRAWN),
    (ShareState.APPROVED, "claim"): Move(ShareState.CLAIMED, (_not_expired,)),
    (ShareState.APPROVED, "cancel"): Move(ShareState.CANCELLED, (decides_about_money, _not_an_approver)),
    (ShareState.APPROVED, "expire"): Move(ShareState.EXPIRED, (_expired,)),
    (ShareState.CLAIMED, "pay"): Move(ShareState.PAID, (*_PAYING, _not_in_a_batch)),
    (ShareState.INSTRUCTED, "pay"): Move(ShareState.PAID, (*_PAYING, _not_in_a_batch)),
}

# Steps that follow from the bank or from a correction, never from a person's button on a share.
BOOK_MOVES: Final[Mapping[tuple[str, str], Move]] = {
    (ShareState.CLAIMED, "instruct"): Move(ShareState.INSTRUCTED),
    (ShareState.INSTRUCTED, "settle"): Move(ShareState.PAID),
    (ShareState.INSTRUCTED, "reject"): Move(ShareState.CLAIMED),
    (ShareState.PAID, "return"): Move(ShareState.CLAIMED),
    (ShareState.INSTRUCTED, "uninstruct"): Move(ShareState.CLAIMED),
    (ShareState.PAID, "unsettle"): Move(ShareState.INSTRUCTED),
    (ShareState.CLAIMED, "unreject"): Move(ShareState.INSTRUCTED),
    (ShareState.CLAIMED, "unreturn"): Move(ShareState.PAID),
    (ShareState.DECLINED, "undecline"): Move(ShareState.PROPOSED),
    (ShareState.EXPIRED, "unforfeit"): Move(ShareState.APPROVED),
    (ShareState.CANCELLED, "uncancel"): Move(ShareState.APPROVED),
    (RewardState.SETTLED, "reopen"): Move(RewardState.APPROVED),
}


def move(machine: Mapping[tuple[str, str], Move], state: str, action: str, facts: Facts) -> str:
    """Return the state an action leads to, or raise Refused with every reason."""
    allowed = allowed_actions(machine, state)
    step = machine.get((state, action))
    if step is None:
        raise Refused(
            (Refusal(Why.STATE, f"It is {state}, so it cannot be {_DONE.get(action, action)}."),), allowed
        )
    reasons = tuple(refusal for guard in step.guards if (refusal := guard(facts)) is not None)
    if reasons:
        raise Refused(reasons, allowed)
    return step.to


def allowed_actions(machine: Mapping[tuple[str, str], Move], state: str) -> tuple[str, ...]:
    """List the actions a state knows, in table order."""
    return tuple(action for start, action in machine if start == state)


def signatures_fit(roles: list[str], needed: tuple[frozenset[str], ...]) -> bool:
    """Tell whether every signature can fill a different place of those needed."""
    if not roles:
        return True
    first, *rest = roles
    return any(
        first in place and signatures_fit(rest, needed[:i] + needed[i + 1 :])
        for i, place in enumerate(needed)
    )


def still_needed(roles: list[str], needed: tuple[frozenset[str], ...]) -> tuple[frozenset[str], ...]:
    """Return the places left once each signature has taken the narrowest one it fits."""
    left = list(needed)
    for role in sorted(roles, key=lambda name: sum(name in place for place in needed)):
        fitting = [place for place in left if role in place]
        if fitting:
            left.remove(min(fitting, key=len))
    return tuple(left)


def fully_signed(roles: list[str], needed: tuple[frozenset[str], ...]) -> bool:
    """Tell whether no signature is missing any more."""
    return len(roles) == len(needed) and signatures_fit(roles, needed)
