"""The edge of every page: headers, origin check, htmx helpers, paging."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, render_template, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from core.config import Settings
from core.errors import Invalid, NotAllowed, NotFound
from core.request_id import current_request_id

CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
MAX_BODY_BYTES = 1_000_000
MAX_FORM_PARTS = 200
PAGE_SIZE = 50
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
# machines come here: they prove themselves by a signature or a token, never by a cookie
MACHINE_PREFIXES = ("/sms/", "/api/")
STATIC_SECONDS = 86_400
LARGEST_ID = 2**31 - 1  # what the key of a table can hold on PostgreSQL


def settings() -> Settings:
    """Return the settings of the present application."""
    found: Settings = current_app.extensions["settings"]
    return found


def init_web(app: Flask) -> None:
    """Attach headers, limits and checks to an application."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY_BYTES
    app.config["MAX_FORM_PARTS"] = MAX_FORM_PARTS
    app.url_map.converters["int"] = IdConverter
    proxies = app.extensions["settings"].trusted_proxies
    if proxies:
        # the address of a source, and nothing else a proxy may claim: our own address is configured
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    app.before_request(_name_request)
    app.before_request(_refuse_foreign_origin)
    app.after_request(_add_headers)


def is_htmx() -> bool:
    """Tell whether htmx asks for a fragment; a history restore wants the whole page."""
    return (
        request.headers.get("HX-Request") == "true"
        and request.headers.get("HX-History-Restore-Request") != "true"
    )


def render(page: str, fragment: str | None = None, *, status: int = 200, **context: Any) -> Response:
    """Render the fragment for htmx and the page for everybody else."""
    template = fragment if fragment is not None and is_htmx() else page
    response = Response(render_template(template, **context), status=status)
    response.headers["Vary"] = "HX-Request"
    return response


@dataclass(frozen=True)
class Page:
    """One page of a longer list; numbers start at 1."""

    number: int
    size: int
    total: int

    @property
    def offset(self) -> int:
        """Return how many rows come before this page."""
        return (self.number - 1) * self.size

    @property
    def last(self) -> int:
        """Return the number of the last page, at least 1."""
        return max(1, -(-self.total // self.size))

    @property
    def first_row(self) -> int:
        """Return the position of the first row shown, 0 in an empty list."""
        return min(self.offset + 1, self.total)

    @property
    def last_row(self) -> int:
        """Return the position of the last row shown."""
        return min(self.offset + self.size, self.total)


def page_number() -> int:
    """Read the page asked for; anything odd means the first."""
    text = request.args.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


class IdConverter(IntegerConverter):
    """A number in an address that can be the key of a row; a larger one names nothing."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_ID)


def read_id(text: str) -> int | None:
    """Read the key of a row out of a query; None for anything that cannot be one."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ID)) else None
    return number if number is not None and number <= LARGEST_ID else None


def refuse_unstorable() -> None:
    """Raise NotFound or Invalid for a NUL in what a page of the staff is asked: no column can hold one."""
    if any("\0" in str(value) for value in (request.view_args or {}).values()):
        raise NotFound()
    for name, values in request.values.lists():
        if any("\0" in value for value in values):
            raise Invalid({name: ["Leave out the NUL character."]})


def wants_json() -> bool:
    """Tell whether the answer goes to a program."""
    return request.path.startswith("/api/")


def origin_is_ours(public_url: str) -> bool:
    """Tell whether a browser sent this request from one of our own pages."""
    site = request.headers.get("Sec-Fetch-Site")
    if site in {"cross-site", "same-site"}:
        return False
    origin = request.headers.get("Origin")
    if origin in {None, "", "null"}:
        return origin != "null" or site in {"same-origin", "none"}
    host = urlsplit(str(origin)).netloc
    return host in {urlsplit(public_url).netloc, request.host}


def _name_request() -> None:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=current_request_id())


def _refuse_foreign_origin() -> None:
    if request.method in SAFE_METHODS or request.path.startswith(MACHINE_PREFIXES):
        return
    if not origin_is_ours(settings().public_url):
        raise NotAllowed("This form was sent from another site.")


def _add_headers(response: Response) -> Response:
    policy = dict(CSP)
    if current_app.extensions["settings"].tile_url:
        tiles = urlsplit(current_app.extensions["settings"].tile_url)
        policy["img-src"] += f" {tiles.scheme}://{tiles.netloc.replace('{s}', '*')}"
    response.headers["Content-Security-Policy"] = "; ".join(
        f"{name} {value}" for name, value in policy.items()
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "geolocation=(self), camera=(), microphone=(), payment=()"
    if request.endpoint == "static" and response.status_code in {200, 304}:
        response.headers["Cache-Control"] = f"public, max-age={STATIC_SECONDS}"
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    if settings().public_url.startswith("https://"):
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return response
