"""Tables of the staff."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from accounts.roles import Role
from core.db import Model, UtcDateTime

ROLE_LIST = ", ".join(f"'{role}'" for role in Role)


class Staff(Model):
    """One account; `person_id` is the human behind it, on whom separation of duties is judged."""

    __tablename__ = "staff"
    __table_args__ = (sa.CheckConstraint(f"role IN ({ROLE_LIST})", name="known_role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int]
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    role: Mapped[str] = mapped_column(sa.String(20))
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    active: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StaffSession(Model):
    """One signed-in browser; only the hash of its token is kept."""

    __tablename__ = "staff_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
