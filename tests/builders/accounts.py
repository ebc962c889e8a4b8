"""Accounts for tests."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from flask import current_app

from accounts import services
from accounts.roles import Role
from accounts.services import StaffMember
from core.db import transaction

PASSWORD = "a long enough sentence"
_numbers = itertools.count(1)


def make_staff(
    role: str = "officer", *, email: str | None = None, name: str = "", person_id: int | None = None
) -> StaffMember:
    """Create an account with PASSWORD."""
    email = email or f"{role}{next(_numbers)}@example.org"
    with transaction():
        return services.create_staff(
            email=email,
            name=name or f"{role.title()} {email.split('@')[0]}",
            role=Role(role),
            password=PASSWORD,
            vault=current_app.extensions["vault"],
            now=datetime(2026, 3, 1, tzinfo=UTC),
            person_id=person_id,
        )
