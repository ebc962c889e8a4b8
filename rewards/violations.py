"""Find what services should have refused: people judging their own work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from core.db import db
from rewards.policy import Policy
from rewards.states import fully_signed


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken invariant: its number in docs/ledger.md, where, and what is wrong."""

    invariant: str
    where: str
    words: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.where}: {self.words}"


# Views of the database with the columns ref and words; each has to be empty. A migration that adds one adds it here.
VIEWS = ("duty_violations", "payout_violations", "request_violations")


def separation_of_duties() -> Iterator[tuple[str, str, str]]:
    """List approvals, payments, cancellations and reversals by people who were not free to make them."""
    for view in VIEWS:
        for ref, words in db.session.execute(sa.text(f"SELECT ref, words FROM {view} ORDER BY ref, words")):
            yield "I12", ref, words


def enough_signatures(policy: Policy, roles: list[str], case_total: int) -> bool:
    """Tell whether these signatures cover a case total under a policy."""
    return fully_signed(roles, policy.signatures_on(case_total))
