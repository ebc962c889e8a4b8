"""Roles of the staff. Pure."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a member of staff is trusted with."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    FINANCE = "finance"
    DIRECTOR = "director"
    AUDITOR = "auditor"
    ADMIN = "admin"


CASEWORKERS = (Role.OFFICER, Role.SUPERVISOR)
CASE_READERS = (Role.OFFICER, Role.SUPERVISOR, Role.DIRECTOR)
HOME_PAGES = {
    Role.OFFICER: "/desk",
    Role.SUPERVISOR: "/desk",
    Role.FINANCE: "/rewards",
    Role.DIRECTOR: "/rewards",
    Role.AUDITOR: "/rewards/ledger",
    Role.ADMIN: "/admin/staff",
}
