"""Tell identifiers that name nothing from those that may link two reports."""

from functools import lru_cache

_ASCENDING = "01234567890123456789012345678901234567890"
_DESCENDING = _ASCENDING[::-1]
_LOOK_ALIKE = str.maketrans("OIQАВЕКМНОРСТУХІ", "010ABEKMH0PCTYX1")
_FOLDED_KINDS = frozenset({"plate", "serial", "container", "vin"})


def is_blank(value: str) -> bool:
    """Say whether an identifier is one character over and over, as in a form nobody filled in."""
    body = [letter for letter in value if letter.isalnum()]
    return not body or len(set(body)) == 1


def is_placeholder(kind: str, value: str) -> bool:
    """Say whether an identifier is a filler such as 0000000, 1111111 or 1234567890, which must never link."""
    if kind in {"url", "email", "btc", "eth", "trx", "epc"}:
        return False
    if is_blank(value):
        return True
    digits = "".join(letter for letter in value if letter.isdigit())
    if kind == "container":
        return len(set(digits)) == 1
    if kind == "phone":
        tail = digits[-7:]
        return len(set(tail)) == 1 or tail in _ASCENDING or tail in _DESCENDING
    if len(digits) < 6 or len(digits) != sum(letter.isalnum() for letter in value):
        return False
    body = digits[:-1] if len(digits) > 12 else digits
    return len(set(body)) == 1 or body in _ASCENDING or body in _DESCENDING


@lru_cache(maxsize=4096)
def link_key(kind: str, value: str) -> str | None:
    """Give the form under which two spellings of one identifier meet, or None for a filler.

    Plates, serials, containers and VINs read O as 0, I as 1 and Cyrillic letters as the Latin ones they
    look like: people copy them by eye. The value that is shown stays as it was written.
    """
    if is_placeholder(kind, value):
        return None
    if kind in {"btc", "trx", "url"}:
        return value
    key = value.upper()
    return key.translate(_LOOK_ALIKE) if kind in _FOLDED_KINDS else key
