"""Sign in, sign out, create and disable staff."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from accounts.models import Staff, StaffSession
from accounts.roles import Role
from core import audit
from core.db import db
from core.errors import Conflict, Invalid, NotFound
from core.throttle import count_failure, forget, refuse_if_throttled
from core.vault import Vault

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
THROTTLE_WINDOW = timedelta(minutes=15)
FAILURES_PER_ACCOUNT_AND_SOURCE = 5
FAILURES_PER_SOURCE = 30
COMMON = {"password1234", "123456789012", "qwertyuiop12", "waypostwaypost", "passwordpassword"}


@dataclass(frozen=True)
class StaffMember:
    """A member of staff as the rest of the product sees them."""

    id: int
    person_id: int
    email: str
    name: str
    role: Role
    active: bool = True


@dataclass(frozen=True)
class SignIn:
    """A session that has begun; the token goes into the cookie and nowhere else."""

    token: str
    member: StaffMember


class WrongPassword(Invalid):
    """The pair of e-mail and password is not one of ours; which half is wrong is not told."""

    def __init__(self) -> None:
        super().__init__({"password": ["The e-mail address or the password is not right."]})


def create_staff(
    *,
    email: str,
    name: str,
    role: Role,
    password: str,
    vault: Vault,
    now: datetime,
    person_id: int | None = None,
) -> StaffMember:
    """Create an account; raise Conflict for a known address and Invalid for a weak password."""
    email = email.strip().lower()
    if "@" not in email or len(email) > 254:
        raise Invalid({"email": ["Enter a full e-mail address."]})
    if db.session.scalar(sa.select(Staff.id).where(Staff.email == email)):
        raise Conflict(f"There is an account for {email} already.")
    refuse_weak_password(password)
    row = Staff(
        person_id=person_id or 0,
        email=email,
        name=name.strip() or email.split("@")[0],
        role=role.value,
        password_hash=vault.hash_secret(password, purpose="staff"),
        active=True,
        created_at=now,
    )
    db.session.add(row)
    db.session.flush()
    row.person_id = person_id or row.id
    audit.record(
        action="staff.created", subject=("staff", row.id), actor_id=None, detail={"role": role.value}, at=now
    )
    db.session.flush()
    return _member(row)


def refuse_weak_password(password: str) -> None:
    """Raise Invalid where a password is too short, too long or on every list."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid({"password": [f"Use at least {SHORTEST_PASSWORD} characters; a sentence is fine."]})
    if len(password) > LONGEST_PASSWORD:
        raise Invalid({"password": [f"Use at most {LONGEST_PASSWORD} characters."]})
    if password.lower() in COMMON or len(set(password)) < 4:
        raise Invalid({"password": ["This password is easy to guess. Choose another."]})


def find_for_sign_in(email: str) -> tuple[StaffMember, str] | None:
    """Return an active member and their password hash."""
    row = db.session.scalar(sa.select(Staff).where(Staff.email == email.strip().lower(), Staff.active))
    return (_member(row), row.password_hash) if row else None


def throttle_keys(vault: Vault, *, email: str, source: str) -> tuple[bytes, bytes]:
    """Name an attempt by account and source and by source alone, both as keyed hashes."""
    pair = vault.index(f"{email.strip().lower()}|{source}", purpose="sign-in-pair")
    return pair, vault.index(source, purpose="sign-in-source")


def refuse_if_guessing(keys: tuple[bytes, bytes], *, now: datetime) -> None:
    """Raise TooMany for a source that keeps guessing; other sources still reach the account."""
    refuse_if_throttled([keys[0]], limit=FAILURES_PER_ACCOUNT_AND_SOURCE, window=THROTTLE_WINDOW, now=now)
    refuse_if_throttled([keys[1]], limit=FAILURES_PER_SOURCE, window=THROTTLE_WINDOW, now=now)


def count_wrong_password(keys: tuple[bytes, bytes], *, now: datetime) -> None:
    """Count a wrong password against its source."""
    count_failure(list(keys), window=THROTTLE_WINDOW, now=now)


def begin_session(member: StaffMember, *, keys: tuple[bytes, bytes], now: datetime) -> SignIn:
    """Open a session for a member whose password was right."""
    forget([keys[0]])
    token = secrets.token_urlsafe(32)
    db.session.add(StaffSession(token_hash=_hash(token), staff_id=member.id, created_at=now, seen_at=now))
    audit.record(action="staff.signed_in", subject=("staff", member.id), actor_id=member.id, at=now)
    db.session.flush()
    return SignIn(token, member)


def member_of_session(token: str, *, now: datetime) -> tuple[StaffMember, bool] | None:
    """Return who a token belongs to, and whether the time they were seen should be renewed."""
    row = db.session.execute(
        sa.select(StaffSession, Staff)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(StaffSession.token_hash == _hash(token), Staff.active)
    ).first()
    if row is None:
        return None
    session, staff = row
    if now - session.seen_at > IDLE or now - session.created_at > LONGEST:
        return None
    return _member(staff), now - session.seen_at > SEEN_EVERY


def renew_session(token: str, *, now: datetime) -> None:
    """Note that a session is in use."""
    db.session.execute(
        sa.update(StaffSession).where(StaffSession.token_hash == _hash(token)).values(seen_at=now)
    )


def end_session(token: str) -> None:
    """End one session at the server."""
    db.session.execute(sa.delete(StaffSession).where(StaffSession.token_hash == _hash(token)))


def drop_ended_sessions(*, now: datetime) -> None:
    """Drop the sessions that opened too long ago to be used again."""
    db.session.execute(sa.delete(StaffSession).where(StaffSession.created_at < now - LONGEST))


def set_active(*, staff_id: int, active: bool, actor_id: int, now: datetime) -> StaffMember:
    """Disable or enable an account; disabling ends its sessions at once."""
    row = db.session.get(Staff, staff_id)
    if row is None:
        raise NotFound("There is no such account.")
    if staff_id == actor_id and not active:
        raise Conflict("You cannot disable your own account.")
    row.active = active
    if not active:
        db.session.execute(sa.delete(StaffSession).where(StaffSession.staff_id == staff_id))
    audit.record(
        action="staff.enabled" if active else "staff.disabled",
        subject=("staff", staff_id),
        actor_id=actor_id,
        at=now,
    )
    db.session.flush()
    return _member(row)


def list_staff() -> list[StaffMember]:
    """Return every account by name."""
    return [_member(row) for row in db.session.scalars(sa.select(Staff).order_by(Staff.name, Staff.id))]


def staff_by_ids(ids: set[int]) -> dict[int, StaffMember]:
    """Return accounts by id, for showing names."""
    if not ids:
        return {}
    return {row.id: _member(row) for row in db.session.scalars(sa.select(Staff).where(Staff.id.in_(ids)))}


def has_staff() -> bool:
    """Tell whether any account exists."""
    return db.session.scalar(sa.select(Staff.id).limit(1)) is not None


def _member(row: Staff) -> StaffMember:
    return StaffMember(row.id, row.person_id, row.email, row.name, Role(row.role), row.active)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
