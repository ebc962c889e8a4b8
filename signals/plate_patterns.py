r"""Say how the plates of each country look.

data/plates.json holds country -> patterns. A pattern is a regular expression in which a lower-case letter
stands for a set (l Latin letter, d digit, c letter on Russian plates, y Cyrillic, g Greek or Latin, t Thai,
k Lao, m Burmese, a Arabic, e Arabic letter on Egyptian plates, h Chinese province, n Devanagari, b Bengali
letter, w Bengali word), a blank for an optional separator, and everything else, in upper case, for itself.
Source: the formats that the countries publish.
"""

import json
import re
from dataclasses import dataclass
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
    "m": "[က-အ]",
    "a": "[\u0621-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc\u06be\u06c1]",
    "e": "[أابجدرسصطعفقلمنهوىي]",
    "h": "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领粵]",
    "n": "[\u0900-\u0963\u0970-\u097f]",
    "b": "[\u0985-\u09b9\u09dc-\u09df\u09be-\u09cc]",
    "w": "(?:[\u0980-\u09e3]{2,12})",
}
_SEPARATOR = r"(?: ?[-./|] ?| )?"
_UNSPACED = re.compile("[\u0e00-\u0eff]")
_TOKEN = re.compile(r"\[[^\]]*\]|\(\?:[^)]*\)|\{[^}]*\}|.")
#: A plate may follow letters of a script without blanks, but never sit inside a word.
_BEFORE = r"(?<![A-Za-z0-9@#_+/.=\u0370-\u052f\u0621-\u06d3\u0900-\u0dff])(?<![A-Za-z0-9]-)"
_AFTER = r"(?![A-Za-z0-9_@]|[-./+:][A-Za-z0-9]{0,8}\d|-[A-Za-z]{1,2}(?![A-Za-z])|[.,:]\d|[\u0e30-\u0e4e])"
#: Letters of a script that joins or declines its words end a plate only where the word ends.
_WORD_ENDS = r"(?!(?<=[\u0621-\u06d3])[\u0621-\u06d3]|(?<=[\u0400-\u052f])[\u0400-\u052f])"


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


@dataclass(frozen=True, slots=True)
class PlateFormats:
    """Hold the compiled plates of a deployment: one expression that finds, and each by itself."""

    any: re.Pattern[str]
    each: tuple[re.Pattern[str], ...]

    def find(
        self, text: str, at: int, *, breaks: frozenset[int], words: frozenset[int]
    ) -> tuple[int, int] | None:
        """Find the next plate in a folded text; where several formats fit, the longest of one letter case.

        `breaks` are the offsets where a known word ends, in scripts that write words without blanks;
        `words` are those where a word that is no plate starts.
        """
        while match := self.any.search(text, at):
            if match.start() in words or _splits_a_word(text, match, breaks):
                at = match.start() + 1
                continue
            ends = [other.end() for one in self.each if (other := one.match(text, match.start()))]
            even = [end for end in ends if _is_of_one_case(text[match.start() : end])]
            return match.start(), max(even or ends)
        return None


def _splits_a_word(text: str, match: re.Match[str], breaks: frozenset[int]) -> bool:
    start = match.start()
    if start in breaks or " " not in match.group():
        return False
    return bool(_UNSPACED.match(text, start)) and start > 0 and bool(_UNSPACED.match(text, start - 1))


def _is_of_one_case(written: str) -> bool:
    return written in {written.upper(), written.lower()}


@lru_cache(maxsize=64)
def plate_formats(countries: tuple[str, ...]) -> PlateFormats | None:
    """Compile the plates of some countries, or give None when none of them is described."""
    listed = [pattern for country in countries for pattern in _patterns().get(country.upper(), ())]
    if not listed:
        return None
    bodies = [_translate(pattern) for pattern in dict.fromkeys(listed)]
    return PlateFormats(
        re.compile(f"{_BEFORE}(?:{'|'.join(bodies)}){_AFTER}{_WORD_ENDS}", re.IGNORECASE),
        tuple(re.compile(f"{_BEFORE}{body}{_AFTER}{_WORD_ENDS}", re.IGNORECASE) for body in bodies),
    )
