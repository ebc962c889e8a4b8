"""Import a statement in steps, so that a long one never keeps the writers of tips waiting."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from accounts.services import StaffMember
from core.db import transaction
from rewards.services import bank_statements, reconciling
from rewards.services.bank_statements import Imported

# some seconds' worth; more is left to the worker where somebody waits for a page
MOST_AWAITED = 500


def import_in_steps(
    *,
    account: str,
    data: bytes,
    file_name: str,
    layout: str,
    actor: StaffMember | None,
    now: datetime,
    most: int | None = None,
) -> Imported:
    """Store a statement in one transaction and match its lines a few at a time, each few in their own.

    More than `most` lines are left to the worker, as is what a crash leaves behind; the next import takes it up too.
    """
    parsed = bank_statements.read_statements(account=account, data=data, layout=layout)
    with transaction():
        done = bank_statements.import_statement(
            account=account, data=data, file_name=file_name, parsed=parsed, actor=actor, now=now
        )
    if most is not None and done.later > most:
        return done
    looked = done.later
    while looked:
        with transaction():
            looked, matched = reconciling.match_new(now=now)
        done = replace(done, matched=done.matched + matched, unmatched=done.unmatched - matched)
    return replace(done, later=0)


def match_again_in_steps(*, actor: StaffMember, now: datetime) -> int:
    """Try every open line once more, a few in each transaction; return how many fitted this time."""
    last, matched = _match_some(actor, now, 0)
    while last:
        last, more = _match_some(actor, now, last)
        matched += more
    return matched


def _match_some(actor: StaffMember, now: datetime, after: int) -> tuple[int, int]:
    with transaction():
        return reconciling.match_again(actor=actor, now=now, after=after)
