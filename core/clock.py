"""The one place that asks for the time."""

from __future__ import annotations

from datetime import UTC, datetime


def utcnow() -> datetime:
    """Return the present as an aware UTC time."""
    return datetime.now(UTC)
