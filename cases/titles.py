"""Neutral names and numbers of cases."""

from __future__ import annotations

import re
import unicodedata

LONGEST_PLACE = 80
_NUMBER = re.compile(r"C-(?P<year>[0-9]{4})-(?P<count>[0-9]{6,9})\Z")
_TYPED = re.compile(r"C\W*(?P<year>[0-9]{4})(?:\W+(?P<short>[0-9]{1,9})|(?P<whole>[0-9]{6,9}))\Z")


def case_title(category: str | None, place: str | None) -> str:
    """Name a case by goods and place alone: a title stands on screens that others can see."""
    what = category.capitalize() if category and category != "other" else "Report"
    where = " ".join((place or "").split())[:LONGEST_PLACE].rstrip()
    return f"{what} near {where}" if where else f"{what}, place not known"


def case_number(year: int, count: int) -> str:
    """Write a case number, C-2026-000014."""
    if not count >= 1 or not 1000 <= year <= 9999:
        raise ValueError("A case number takes a four-digit year and a count from 1.")
    return f"C-{year}-{count:06d}"


def is_case_number(text: str) -> bool:
    """Tell a case number from other text, so that a wrong address is answered without asking the database."""
    return _NUMBER.match(text) is not None


def read_case_number(text: str) -> str | None:
    """Take a case number as a person typed it: c 2026 14 is C-2026-000014; None for anything else."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    digits = "".join(
        str(unicodedata.digit(each)) if unicodedata.category(each) == "Nd" else each for each in plain
    )
    found = _TYPED.match(digits)
    if found is None:
        return None
    year, count = int(found["year"]), int(found["short"] or found["whole"])
    return case_number(year, count) if year >= 1000 and count >= 1 else None
