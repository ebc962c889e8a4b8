"""Keep the versions of the policy: who changed what, from when on, and what is scheduled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from accounts.roles import Role
from accounts.services import StaffMember, staff_by_ids
from core import audit
from core.db import db
from core.errors import Conflict, Invalid, NotAllowed, NotFound
from rewards.models import PolicyVersion
from rewards.policy import Policy, PolicyError, load_policy
from rewards.repeats import MoneyResult, once
from rewards.services.funds import policy_in_force, store_policy


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version of the policy: past, in force or scheduled."""

    number: int
    effective_from: datetime
    created_at: datetime
    author: str
    note: str
    sha256: str
    state: str


def list_versions(*, now: datetime) -> tuple[VersionLine, ...]:
    """Return every version, newest first, and which of them decides now."""
    in_force = policy_in_force(now=now).version
    rows = db.session.scalars(sa.select(PolicyVersion).order_by(PolicyVersion.id.desc())).all()
    people = staff_by_ids({row.created_by for row in rows if row.created_by is not None})
    return tuple(
        VersionLine(
            row.id,
            row.effective_from,
            row.created_at,
            people[row.created_by].name if row.created_by in people else "the system",
            row.note,
            row.sha256,
            _state(row, in_force, now),
        )
        for row in rows
    )


def policy_body(version: int) -> dict[str, Any]:
    """Return the data of one version; raise NotFound."""
    row = db.session.get(PolicyVersion, version)
    if row is None:
        raise NotFound(f"There is no policy version {version}.")
    return dict(row.body)


def change_policy(
    *,
    body: Mapping[str, Any],
    base: int,
    note: str,
    effective_from: datetime | None,
    actor: StaffMember,
    key: str,
    now: datetime,
) -> MoneyResult:
    """Store a new version that decides new rewards from a moment on; return its number as the state.

    Rewards that stand keep the version that decided them. Raise NotAllowed for anyone but a director, Conflict
    where `base` is no longer the newest version, Invalid for contradictions, a past date or no change at all.
    """
    if actor.role is not Role.DIRECTOR:
        raise NotAllowed("Only a director changes the policy.")
    starts = effective_from or now
    if starts < now:
        raise Invalid(
            {"effective_on": ["A policy never reaches back. Choose a day to come, or none for now."]}
        )
    _sound(body)

    def act() -> MoneyResult:
        newest = db.session.scalar(sa.select(sa.func.max(PolicyVersion.id)))
        if newest != base:
            raise Conflict(f"Version {newest} was saved meanwhile. Load the page and make your change on it.")
        if policy_body(base) == dict(body):
            raise Invalid({"note": [f"Nothing differs from version {base}."]})
        row = store_policy(dict(body), note=note, actor_id=actor.id, now=now, effective_from=starts)
        audit.record(
            action="policy.changed",
            subject=("policy", str(row.id)),
            actor_id=actor.id,
            detail={"sha256": row.sha256, "from": starts.isoformat(), "note": note},
            at=now,
        )
        return MoneyResult(str(row.id))

    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    asked = {
        "body": digest,
        "base": str(base),
        "note": note,
        "from": starts.isoformat() if effective_from else "",
    }
    return once(key=key, scope="policy", actor_id=actor.id, asked=asked, now=now, act=act)


def _sound(body: Mapping[str, Any]) -> Policy:
    try:
        return load_policy(body)
    except PolicyError as error:
        raise Invalid({"cap": list(error.faults)}) from error


def _state(row: PolicyVersion, in_force: int, now: datetime) -> str:
    if row.id == in_force:
        return "in force"
    return "scheduled" if row.effective_from > now else "past"
