"""Read the short word lists that keep ordinary words from passing for identifiers."""

import json
from functools import cache
from pathlib import Path


@cache
def _lists() -> dict[str, list[str]]:
    data: dict[str, list[str]] = json.loads(
        (Path(__file__).parent / "data" / "words.json").read_text("utf-8")
    )
    return data


def word_list(name: str) -> tuple[str, ...]:
    """Give one list of data/words.json by its name."""
    return tuple(_lists()[name])
