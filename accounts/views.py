"""Sign in, sign out, the list of staff."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as BaseResponse

from accounts import services
from accounts.permissions import cookie_name, current_user, public, requires, signed_in
from accounts.roles import HOME_PAGES, Role
from accounts.schemas import SIGN_IN
from accounts.services import WrongPassword
from core.clock import utcnow
from core.db import transaction
from core.errors import TooMany
from core.vault import Vault
from core.web import render, settings

blueprint = Blueprint("accounts", __name__, template_folder="templates")


@blueprint.get("/login")
@public
def sign_in_page() -> BaseResponse:
    """Show the sign-in form, or the home page of whoever is signed in."""
    member = signed_in()
    if member is not None:
        return redirect(HOME_PAGES[member.role], 303)
    return render("accounts/login.html", values={}, errors={})


@blueprint.post("/login")
@public
def sign_in() -> BaseResponse:
    """Check a password and open a session."""
    try:
        form = SIGN_IN.load(request.form.to_dict())
        signed = _sign_in(form["email"], form["password"])
    except ValidationError as error:
        return _again(dict(error.normalized_messages()), 422)
    except WrongPassword as error:
        return _again(error.errors, 422)
    except TooMany as error:
        minutes = -(-error.retry_after // 60)
        return _again({"password": [f"Too many attempts. Try again in {minutes} min."]}, 429)
    response = redirect(HOME_PAGES[signed.member.role], 303)
    response.set_cookie(
        cookie_name(),
        signed.token,
        httponly=True,
        secure=settings().public_url.startswith("https://"),
        samesite="Lax",
        path="/",
        max_age=int(services.LONGEST.total_seconds()),
    )
    return response


@blueprint.post("/logout")
@requires()
def sign_out() -> BaseResponse:
    """End the session at the server and clear what the browser kept."""
    with transaction():
        services.end_session(request.cookies.get(cookie_name(), ""))
    response = redirect(url_for("accounts.sign_in_page"), 303)
    response.delete_cookie(cookie_name(), path="/", secure=cookie_name().startswith("__Host-"), httponly=True)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.get("/admin/staff")
@requires(Role.ADMIN)
def staff_list() -> Response:
    """List the accounts."""
    return render("accounts/staff.html", staff=services.list_staff())


@blueprint.post("/admin/staff/<int:staff_id>/active")
@requires(Role.ADMIN)
def set_active(staff_id: int) -> BaseResponse:
    """Disable or enable an account."""
    active = request.form.get("active") == "yes"
    with transaction():
        services.set_active(staff_id=staff_id, active=active, actor_id=current_user().id, now=utcnow())
    if request.headers.get("HX-Request") == "true":
        return render("accounts/staff.html", "accounts/_staff_table.html", staff=services.list_staff())
    return redirect(url_for("accounts.staff_list"), 303)


def _sign_in(email: str, password: str) -> services.SignIn:
    vault: Vault = current_app.extensions["vault"]
    now = utcnow()
    keys = services.throttle_keys(vault, email=email, source=request.remote_addr or "")
    services.refuse_if_guessing(keys, now=now)
    found = services.find_for_sign_in(email)
    # the slow hash is computed outside any transaction, and for unknown addresses too
    right = vault.check_secret(password, found[1] if found else None, purpose="staff")
    with transaction():
        if found is None or not right:
            services.count_wrong_password(keys, now=now)
        else:
            return services.begin_session(found[0], keys=keys, now=now)
    raise WrongPassword()


def _again(errors: dict[str, list[str]], status: int) -> Response:
    return render(
        "accounts/login.html",
        values={"email": request.form.get("email", "")[:254]},
        errors=errors,
        status=status,
    )
