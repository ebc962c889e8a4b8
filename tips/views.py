"""The residents' pages: one column, no session, every one works without JavaScript."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request
from marshmallow import ValidationError

import rewards.services as reward_services
from accounts.permissions import public
from core.clock import utcnow
from core.codes import read_secret, read_tip_code, show_secret, show_tip_code
from core.db import transaction
from core.deployment import current_deployment
from core.errors import Conflict, TooMany
from core.jobs import wake
from core.present import amount, local_time
from core.vault import Vault
from tips import intake, public_figures, residents
from tips.api import check_pair, web_tip
from tips.inbound import LONGEST_TEXT, clean_text
from tips.schemas import WEB_TIP
from tips.wording import Wording, choose, offered, wording

blueprint = Blueprint("tips", __name__, template_folder="templates")
FIELD_TEXTS = {
    "text": "errors.text_missing",
    "phone": "errors.phone",
    "lat": "errors.place",
    "lon": "errors.place",
    "accuracy_m": "errors.place",
    "place_words": "errors.place",
}


@blueprint.get("/")
@public
def report() -> Response:
    """Show the form with its one question."""
    return _page("report.html", values={}, errors={}, once=secrets.token_hex(16))


@blueprint.post("/tips")
@public
def submit() -> Response:
    """Take a tip by form; the answer page shows code and secret once."""
    form = request.form.to_dict()
    t = _wording(form.get("language"))
    once = form.get("once", "")[:200] or secrets.token_hex(16)
    try:
        data = WEB_TIP.load(form)
    except ValidationError as error:
        errors = _field_errors(error.normalized_messages(), form, t)
        return _page("report.html", t=t, status=422, values=form, errors=errors, once=once)
    try:
        code, secret = _store(data, once)
    except Conflict:  # other words in a form gone back to: another message
        code, secret = _store(data, secrets.token_hex(16))
    wake("seal_audit")
    return _page("received.html", t=t, status=201, code=code, secret=secret)


@blueprint.get("/status")
@public
def status_page() -> Response:
    """Ask for code and secret."""
    return _page("status.html", values={}, errors={}, result=None)


@blueprint.post("/status")
@public
def status() -> Response:
    """Show how a tip stands, and take further words where some were written."""
    t = _wording(request.form.get("language"))
    tip_id, refusal = _checked_tip("status.html", t)
    if tip_id is None:
        assert refusal is not None, "without a tip there is a refusal"
        return refusal
    text = clean_text(request.form.get("text", ""))
    errors = {"text": [t("errors.text_long")]} if len(request.form.get("text", "")) > LONGEST_TEXT else {}
    added = bool(text) and not errors
    if added:
        with transaction():
            residents.add_words(tip_id, text, key=request.form.get("once", ""), vault=_vault(), now=utcnow())
    answered = request.form.get("got", "")
    if answered in ("yes", "no"):
        with transaction():
            reward_services.answer_collection(
                tip_id=tip_id, got=answered == "yes", channel="web", now=utcnow()
            )
    found = residents.status_of(tip_id, now=utcnow())
    result = {
        "code": show_tip_code(found.code),
        "secret": request.form.get("secret", "")[:40],
        "state": found.standing.value,
        "messages": [{"from_us": line.ours, "text": line.body, "at": line.at} for line in found.dialogue],
        "claimable": found.claimable,
        "collected": found.collected,
        "noted": answered in ("yes", "no"),
        "may_write": True,
        "added": added,
    }
    return _page(
        "status.html",
        t=t,
        status=422 if errors else 200,
        values={},
        errors=errors,
        result=result,
        once=secrets.token_hex(16),
    )


@blueprint.get("/claim")
@public
def claim_page() -> Response:
    """Ask for code and secret."""
    return _claim_form(_wording(None), values={}, errors={}, once=secrets.token_hex(16))


@blueprint.post("/claim")
@public
def claim() -> Response:
    """Collect what waits for a tip; the collection word is shown once."""
    t = _wording(request.form.get("language"))
    tip_id, refusal = _checked_tip("claim.html", t)
    if tip_id is None:
        assert refusal is not None, "without a tip there is a refusal"
        return refusal
    vault = _vault()
    key = request.form.get("once", "")[:200] or secrets.token_hex(16)
    now = utcnow()
    made = reward_services.make_word(tip_id=tip_id, key=key, vault=vault)
    try:
        with transaction():
            claimed = reward_services.claim(tip_id=tip_id, key=key, vault=vault, now=now, made=made)
    except reward_services.NothingToCollect:
        errors = {"code": [t("claim.nothing")]}
        return _claim_form(t, status=404, values={"code": request.form.get("code", "")[:24]}, errors=errors)
    until = reward_services.summary_for_tip(tip_id=tip_id, now=now).collect_until
    result = {
        "voucher": claimed.voucher,
        "word": claimed.word,
        "amount": f"{amount(claimed.amount_minor, claimed.currency)} {claimed.currency}",
        "until": local_time(until) if until else None,
        "place": None,
    }
    return _claim_form(t, values={}, errors={}, result=result)


@blueprint.get("/numbers")
@public
def numbers() -> Response:
    """Show the public figures; small ones are withheld."""
    figures, since = public_figures.figures()
    return _page("numbers.html", figures=figures, since=local_time(since) if since else None)


@blueprint.get("/about")
@public
def about() -> Response:
    """Tell what this channel protects and what it does not."""
    return _page("about.html")


@blueprint.get("/sw.js")
@public
def service_worker() -> Response:
    """Serve the worker that keeps the public shell; it must stand at the root to reach the form."""
    response = current_app.send_static_file("sw.js")
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    """Serve the manifest that makes the form installable."""
    response = current_app.send_static_file("manifest.webmanifest")
    response.mimetype = "application/manifest+json"
    return response


def _store(data: dict[str, Any], once: str) -> tuple[str, str]:
    vault = _vault()
    prepared = intake.prepare(once, origin="form", vault=vault)
    with transaction():
        received = intake.submit(
            web_tip(data, source_key=prepared.source_key), prepared, vault=vault, now=utcnow()
        )
    return show_tip_code(received.code), show_secret(prepared.secret)


def _checked_tip(page: str, t: Wording) -> tuple[int | None, Response | None]:
    code_text = request.form.get("code", "")[:60]
    values = {"code": code_text[:24]}
    once = secrets.token_hex(16)
    try:
        return check_pair(read_tip_code(code_text), read_secret(request.form.get("secret", "")[:80])), None
    except residents.WrongPair:
        errors = {"code": [t("errors.code")]}
        return None, _page(page, t=t, status=404, values=values, errors=errors, result=None, once=once)
    except TooMany as error:
        errors = {"code": [t("errors.wait", minutes=-(-error.retry_after // 60))]}
        return None, _page(page, t=t, status=429, values=values, errors=errors, result=None, once=once)


def _claim_form(t: Wording, *, status: int = 200, **context: Any) -> Response:
    context = {"result": None, "asks_word": False, "once": secrets.token_hex(16)} | context
    return _page("claim.html", t=t, status=status, **context)


def _field_errors(messages: dict[str, Any], form: dict[str, str], t: Wording) -> dict[str, list[str]]:
    too_long = len(form.get("text", "")) > LONGEST_TEXT
    return {
        name: [
            t("errors.text_long" if name == "text" and too_long else FIELD_TEXTS.get(name, "errors.unknown"))
        ]
        for name in messages
    }


def _page(template: str, *, t: Wording | None = None, status: int = 200, **context: Any) -> Response:
    t = t or _wording(None)
    deployment = current_deployment()
    languages = offered(deployment.languages)
    html = render_template(f"tips/{template}", t=t, lang=t.lang, languages=languages, **context)
    response = Response(html, status)
    response.headers["Content-Language"] = t.lang
    response.headers["Vary"] = "Accept-Language"
    return response


def _wording(asked: str | None) -> Wording:
    asked = asked or request.args.get("lang")
    return wording(choose(asked, request.headers.get("Accept-Language", ""), current_deployment().languages))


def _vault() -> Vault:
    vault: Vault = current_app.extensions["vault"]
    return vault
