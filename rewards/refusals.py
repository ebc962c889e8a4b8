"""Turn a refused step into the error that its reason deserves."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import AppError, Conflict, Invalid, NotAllowed
from rewards.states import Facts, Move, Refused, Why, move


def step(machine: Mapping[tuple[str, str], Move], state: str, action: str, facts: Facts) -> str:
    """Take a step or raise: NotAllowed for a person or role, Invalid without proof, else Conflict."""
    try:
        return move(machine, state, action, facts)
    except Refused as refused:
        raise _error(refused) from refused


def _error(refused: Refused) -> AppError:
    reasons = {reason.why for reason in refused.reasons}
    words = " ".join(reason.words for reason in refused.reasons)
    if reasons & {Why.PERSON, Why.ROLE}:
        return NotAllowed(words)
    if Why.PROOF in reasons:
        return Invalid({"word": [reason.words for reason in refused.reasons]})
    return Conflict(str(refused) if Why.STATE in reasons else words)
