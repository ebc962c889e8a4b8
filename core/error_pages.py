"""One table that turns what went wrong into an answer: a page, a fragment, or problem+json (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, json, render_template, request
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from core.errors import AppError, NotFound, SignInNeeded, TooLarge, TooMany, Unavailable
from core.request_id import current_request_id
from core.web import is_htmx, wants_json

log = structlog.get_logger(__name__)
PROBLEM = "application/problem+json"
RETRY_AFTER_SECONDS = 30


def init_error_pages(app: Flask) -> None:
    """Register the handlers of an application."""
    app.register_error_handler(AppError, answer_refusal)
    app.register_error_handler(HTTPException, answer_http)
    for kind in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(kind, answer_database)
    app.register_error_handler(RecursionError, answer_too_deep)
    app.register_error_handler(Exception, answer_unexpected)


def answer_refusal(error: AppError) -> Response:
    """Answer a refusal of the product's own."""
    if isinstance(error, SignInNeeded) and not wants_json() and request.method == "GET" and not is_htmx():
        response = Response(status=303)
        response.headers["Location"] = "/login"
        return response
    response = _answer(error.status, error.title, error.detail, error.extra)
    if isinstance(error, SignInNeeded) and is_htmx():
        response.headers["HX-Redirect"] = "/login"
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def answer_http(error: HTTPException) -> Response:
    """Answer what the web framework refuses."""
    status = error.code or 500
    if status < 400:
        return Response(error.get_response().get_data(), status, dict(error.get_headers()))
    ours: dict[int, type[AppError]] = {404: NotFound, 413: TooLarge}
    title = ours[status].title if status in ours else HTTPStatus(status).phrase
    extra = getattr(error, "data", None) or {}
    messages = extra.get("messages") if isinstance(extra, dict) else None
    response = _answer(status, title, title, {"errors": messages} if messages else {})
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
            response.headers[name] = value
    return response


def answer_database(error: DBAPIError | PoolTimeout) -> Response:
    """Answer when the database is down, locked or read-only: never a false acknowledgement."""
    log.error("the database did not answer", error=type(error).__name__)
    response = answer_refusal(Unavailable())
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def answer_too_deep(error: RecursionError) -> Response:
    """Answer a body of JSON that nests deeper than any honest one; anywhere else it is a fault of ours."""
    if not request.is_json:
        return answer_unexpected(error)
    return _answer(400, "Bad Request", "The body is nested too deeply.", {})


def answer_unexpected(error: Exception) -> Response:
    """Answer a fault of ours with a reference and nothing else."""
    log.error("unexpected fault", exc_info=error)
    return _answer(500, "Something went wrong on our side", "Please try again in a moment.", {})


def _answer(status: int, title: str, detail: str, extra: dict[str, Any]) -> Response:
    reference = current_request_id()
    if wants_json() or request.path.startswith("/sms/"):
        body = {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": detail,
            "reference": reference,
            **extra,
        }
        return Response(json.dumps(body), status, mimetype=PROBLEM)
    context = {"status": status, "title": title, "detail": detail, "reference": reference, **extra}
    template = "errors/_fragment.html" if is_htmx() else "errors/error.html"
    return Response(render_template(template, **context), status)
