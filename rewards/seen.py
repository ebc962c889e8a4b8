"""Tell what changed between the page somebody read and the reward as it is now. PURE."""

from __future__ import annotations

import json
from collections.abc import Mapping

MOST = 8_000


def written(lines: Mapping[str, str]) -> str:
    """Write what a page showed as text that its form carries along."""
    return json.dumps(dict(lines), sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def changes(text: str, now: Mapping[str, str]) -> tuple[str, ...]:
    """Name each line that differs from what was read; nothing where the form did not say what was read.

    What a form says only explains a refusal; it decides nothing.
    """
    before = _read(text)
    if not before:
        return ()
    names = [*now, *(name for name in before if name not in now)]
    return tuple(
        f"{name}: {before.get(name, 'not there')} before, {now.get(name, 'not there')} now"
        for name in names
        if before.get(name) != now.get(name)
    )


def _read(text: str) -> dict[str, str]:
    try:
        found = json.loads(text[:MOST])
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name)[:60]: str(value)[:120] for name, value in found.items()}
