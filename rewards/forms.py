"""Read the forms of the reward pages and answer what was refused on the page it came from."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import Schema, ValidationError

from core.errors import Invalid


def form(schema: Schema) -> dict[str, Any]:
    """Load the posted form; raise Invalid with the messages of each field."""
    return _load(schema, request.form.to_dict())


def query(schema: Schema) -> dict[str, Any]:
    """Load the address's query; empty fields count as absent. Raise Invalid."""
    return _load(schema, {name: value for name, value in request.args.items() if value})


def _messages(error: ValidationError) -> dict[str, list[str]]:
    found = error.messages if isinstance(error.messages, dict) else {"form": error.messages}
    return {str(name): [str(words) for words in messages] for name, messages in found.items()}


def _load(schema: Schema, values: dict[str, str]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(values)
    except ValidationError as error:
        raise Invalid(_messages(error)) from error
    return loaded
