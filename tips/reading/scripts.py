"""Say in which script a message is written, and which languages are written so."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from functools import lru_cache

# First code point, last code point, script (Unicode 16 block starts, letters only matter).
_RANGES = (
    (0x0041, 0x024F, "Latin"),
    (0x0370, 0x03FF, "Greek"),
    (0x0400, 0x052F, "Cyrillic"),
    (0x0531, 0x058F, "Armenian"),
    (0x0590, 0x05FF, "Hebrew"),
    (0x0600, 0x077F, "Arabic"),
    (0x08A0, 0x08FF, "Arabic"),
    (0x0900, 0x097F, "Devanagari"),
    (0x0980, 0x09FF, "Bengali"),
    (0x0A00, 0x0A7F, "Gurmukhi"),
    (0x0A80, 0x0AFF, "Gujarati"),
    (0x0B80, 0x0BFF, "Tamil"),
    (0x0C00, 0x0C7F, "Telugu"),
    (0x0D00, 0x0D7F, "Malayalam"),
    (0x0D80, 0x0DFF, "Sinhala"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x0E80, 0x0EFF, "Lao"),
    (0x0F00, 0x0FFF, "Tibetan"),
    (0x1000, 0x109F, "Myanmar"),
    (0x10A0, 0x10FF, "Georgian"),
    (0x1200, 0x137F, "Ethiopic"),
    (0x1780, 0x17FF, "Khmer"),
    (0x1E00, 0x1EFF, "Latin"),
    (0x3040, 0x30FF, "Kana"),
    (0x3400, 0x4DBF, "Han"),
    (0x4E00, 0x9FFF, "Han"),
    (0xAA60, 0xAA7F, "Myanmar"),
    (0xAC00, 0xD7AF, "Hangul"),
    (0xFB50, 0xFDFF, "Arabic"),
    (0xFE70, 0xFEFF, "Arabic"),
)
_STARTS = [first for first, _, _ in _RANGES]

LANGUAGES: dict[str, tuple[str, ...]] = {
    "Greek": ("el",),
    "Cyrillic": ("ru", "uk", "kk", "ky", "tg", "mn", "be", "bg", "sr", "mk"),
    "Armenian": ("hy",),
    "Hebrew": ("he",),
    "Arabic": ("ar", "ur", "fa", "ps", "ug", "ku", "sd"),
    "Devanagari": ("hi", "ne", "mr"),
    "Bengali": ("bn", "as"),
    "Gurmukhi": ("pa",),
    "Gujarati": ("gu",),
    "Tamil": ("ta",),
    "Telugu": ("te",),
    "Malayalam": ("ml",),
    "Sinhala": ("si",),
    "Thai": ("th",),
    "Lao": ("lo",),
    "Tibetan": ("bo", "dz"),
    "Myanmar": ("my", "shn", "mnw"),
    "Georgian": ("ka",),
    "Ethiopic": ("am", "ti"),
    "Khmer": ("km",),
    "Han": ("zh", "ja"),
    "Kana": ("ja",),
    "Hangul": ("ko",),
}
_NOT_LATIN = frozenset(name for names in LANGUAGES.values() for name in names) - {"ku", "sr"}
# Letters that settle the question between languages of one script.
TELLTALE: dict[str, str] = {
    "ur": "ٹڈڑںےھگچپۓ",
    "fa": "پچژگ",
    "ps": "ټډړښځڅېۍ",
    "uk": "іїєґ",
    "ky": "ңөү",
    "kk": "әғқңөұүһі",
    "tg": "ӣқӯҳҷғ",
    "mn": "өү",
    "as": "ৰৱ",
}
_WORTH = {"Han": 3.0, "Kana": 2.0, "Hangul": 2.0, "Latin": 1.0}


def letters_by_script(text: str) -> dict[str, float]:
    """Return script -> number of letters, an ideogram counting as three letters."""
    counts: dict[str, float] = {}
    for letter, times in Counter(text).items():
        script = _script(letter)
        if script is not None:
            counts[script] = counts.get(script, 0.0) + times * _WORTH.get(script, 1.5)
    return counts


def main_script(text: str) -> str | None:
    """Return the script that the message is in; codes and names in Latin letters do not outweigh a third of another."""
    counts = letters_by_script(text)
    if not counts:
        return None
    other = max((name for name in counts if name != "Latin"), key=lambda name: counts[name], default=None)
    if other is None:
        return "Latin"
    return other if counts[other] >= 0.5 * counts.get("Latin", 0.0) else "Latin"


def writes_latin(language: str) -> bool:
    """Say whether a language is normally written in Latin letters."""
    return language not in _NOT_LATIN


@lru_cache(maxsize=8_192)
def _script(letter: str) -> str | None:
    """Return the script of a letter; None for signs and digits, also those that stand among the Latin letters."""
    at = bisect_right(_STARTS, ord(letter)) - 1
    if at < 0:
        return None
    _, last, script = _RANGES[at]
    return script if ord(letter) <= last and (script != "Latin" or letter.isalpha()) else None
