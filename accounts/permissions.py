"""Who may open what: each view states it, and an unstated one is a failing test."""

from __future__ import annotations

import functools
import hmac
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import g, request

from accounts import services
from accounts.roles import Role
from accounts.services import StaffMember
from core.clock import utcnow
from core.db import transaction
from core.errors import NotAllowed, SignInNeeded
from core.web import SAFE_METHODS, refuse_unstorable, settings

P = ParamSpec("P")
R = TypeVar("R")
PUBLIC = "public"


def public(view: Callable[P, R]) -> Callable[P, R]:
    """State that anybody may open a view."""
    view.permission = PUBLIC  # type: ignore[attr-defined]
    return view


def requires(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """State that only these roles may open a view; without roles, any member of staff."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            member = current_user()
            if roles and member.role not in roles:
                raise NotAllowed("Your role does not permit this.")
            refuse_unstorable()
            if request.method not in SAFE_METHODS:
                _refuse_without_token()
            return view(*args, **kwargs)

        guarded.permission = tuple(role.value for role in roles) or ("staff",)  # type: ignore[attr-defined]
        return guarded

    return decorate


def current_user() -> StaffMember:
    """Return who is signed in; raise SignInNeeded where nobody is."""
    member = signed_in()
    if member is None:
        raise SignInNeeded()
    return member


def signed_in() -> StaffMember | None:
    """Return who is signed in, looked up once a request."""
    if "staff_member" not in g:
        g.staff_member = _load()
    found: StaffMember | None = g.staff_member
    return found


def cookie_name() -> str:
    """Name the session cookie; over https the __Host- prefix ties it to this host."""
    return "__Host-waypost" if settings().public_url.startswith("https://") else "waypost"


def csrf_token() -> str:
    """Compute the token that forms of this session carry."""
    session = request.cookies.get(cookie_name(), "")
    return hmac.digest(settings().secret_key.encode(), f"csrf:{session}".encode(), "sha256").hex()


def _load() -> StaffMember | None:
    token = request.cookies.get(cookie_name())
    if not token:
        return None
    now = utcnow()
    found = services.member_of_session(token, now=now)
    if found is None:
        return None
    member, renew = found
    if renew:
        with transaction():
            services.renew_session(token, now=now)
    return member


def _refuse_without_token() -> None:
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not hmac.compare_digest(sent.encode(), csrf_token().encode()):
        raise NotAllowed("This form is out of date. Load the page again.")
