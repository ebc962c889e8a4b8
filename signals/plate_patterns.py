r"""Say how the plates of each country look.

data/plates.json holds country -> patterns. A pattern is a regular expression in which a lower-case letter
stands for a set (l Latin letter, d digit, c letter on Russian plates, y Cyrillic, g Greek or Latin, t Thai,
k Lao, a Arabic, h Chinese province, n Devanagari, b Bengali letter, w Bengali word), a blank for an optional
separator, and everything else, in upper case, for itself. Source: the countries' published formats.
"""

import json
import re
from functools import cache, lru_cache
from pathlib import Path

_SETS = {
    "l": "[A-Z]",
    "d": r"\d",
    "c": "[АВЕКМНОРСТУХABEKMHOPCTYX]",
    "y": "[А-ЯІЇЄҐӨҮЁ]",
    "g": "[A-ZΑ-Ω]",
    "t": "[ก-ฮ]",
    "k": "[ກ-ຮ]",
    "a": "[\u0621-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc\u06be\u06c1]",
    "h": "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领粵]",
    "n": "[\u0900-\u0963\u0970-\u097f]",
    "b": "[\u0985-\u09b9\u09dc-\u09df\u09be-\u09cc]",
    "w": "[\u0980-\u09e3]{2,12}",
}
_SEPARATOR = r"(?: ?[-./|] ?| )?"
_TOKEN = re.compile(r"\[[^\]]*\]|\(\?:[^)]*\)|\{[^}]*\}|.")
#: A plate may follow letters of a script without blanks, but never sit inside a word.
_BEFORE = r"(?<![A-Za-z0-9@#_+/.=])(?<![A-Za-z0-9]-)"
_AFTER = r"(?![A-Za-z0-9_@]|[-./+:][A-Za-z0-9]*\d|[.,:]\d|[\u0e30-\u0e4e])"


def _translate(pattern: str) -> str:
    out = []
    for token in _TOKEN.findall(pattern):
        out.append(_SEPARATOR if token == " " else _SETS.get(token, token))
    return "".join(out)


@cache
def _patterns() -> dict[str, list[str]]:
    path = Path(__file__).parent / "data" / "plates.json"
    data: dict[str, list[str]] = json.loads(path.read_text("utf-8"))
    return data


def known_countries() -> tuple[str, ...]:
    """List the countries whose plates are described, as ISO 3166-1 alpha-2 codes."""
    return tuple(_patterns())


@lru_cache(maxsize=64)
def plate_regex(countries: tuple[str, ...]) -> re.Pattern[str] | None:
    """Compile the plates of some countries into one expression, or None when none is described."""
    listed = [pattern for country in countries for pattern in _patterns().get(country.upper(), ())]
    if not listed:
        return None
    alternatives = [_translate(pattern) for pattern in dict.fromkeys(listed)]
    longest_first = sorted(alternatives, key=_reach, reverse=True)
    return re.compile(f"{_BEFORE}(?:{'|'.join(longest_first)}){_AFTER}", re.IGNORECASE)


def _reach(expression: str) -> int:
    plain = re.sub(r"\[[^\]]*\]|\\d", "x", expression.replace(_SEPARATOR, ""))
    counted = re.sub(r"x\{(?:\d+,)?(\d+)\}", lambda match: "x" * int(match[1]), plain)
    return len(counted)
