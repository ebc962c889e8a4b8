"""A random name for each request, which ties log lines, error pages and audit rows together."""

from __future__ import annotations

import secrets

from flask import g, has_request_context


def current_request_id() -> str | None:
    """Return the name of the request under way, or None outside one."""
    if not has_request_context():
        return None
    if "request_id" not in g:
        g.request_id = secrets.token_hex(6)
    return str(g.request_id)
