"""The JSON API's frame: OpenAPI at /api/v1/openapi.json, its reader at /api/docs, errors as problem+json."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask, Response, render_template
from flask_smorest import Api, Blueprint
from werkzeug.exceptions import HTTPException

from core.error_pages import answer_http


class ProblemApi(Api):
    """flask-smorest with the product's own error answers."""

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Answer as everywhere else."""
        return answer_http(error)


def init_api(app: Flask, blueprints: Iterable[Blueprint]) -> None:
    """Attach the API to an application."""
    app.config.update(
        API_TITLE="Waypost",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS=_description(),
    )
    api = ProblemApi(app)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    app.add_url_rule("/api/docs", "api_docs", _docs)


def _docs() -> Response:
    return Response(render_template("api_docs.html"))


_docs.permission = "public"  # type: ignore[attr-defined]


def _description() -> dict[str, Any]:
    return {
        "info": {"description": "Tips in, status out. Errors are problem details (RFC 9457)."},
        "components": {
            "securitySchemes": {
                "tip": {"type": "http", "scheme": "tip", "description": "`Authorization: Tip <secret>`"},
                "staff": {"type": "http", "scheme": "bearer"},
            }
        },
    }
