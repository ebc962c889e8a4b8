"""Recognise web addresses and e-mail addresses, also when somebody broke them up to be safe."""

import re
from collections.abc import Iterator
from typing import Literal

from signals.observable import LONGEST_VALUE, Observable
from signals.word_lists import word_list

#: A map link carries only a position, a chat link only a phone: neither is an observable of its own.
Carries = Literal["", "position", "phone"]

_DOT = r"(?:\.|\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\[punto\])"
_LETTER = r"a-z\u00a1-\u2fff\u3040-\ud7ff\uf900-\U0001ffff"
_HOST = rf"(?:[{_LETTER}0-9_-]{{1,63}}{_DOT}){{1,8}}[{_LETTER}]{{2,24}}"
_LATIN_HOST = rf"(?:[a-z0-9-]{{1,63}}{_DOT}){{1,8}}[a-z]{{2,24}}"
_TAIL = r"(?::\d{1,5})?(?:[/?#][^\s<>\"'«»“”、。，；！？）】\x00-\x1f\x7f\ud800-\udfff]{0,2000})?"
_SCHEME_URL = re.compile(
    rf"(?<![a-z0-9])(?P<scheme>h(?:tt|xx|\*\*)ps?|ftp)\s?(?::|\[:\])\s?//(?:{_LATIN_HOST}|{_HOST}|\d{{1,3}}(?:{_DOT}\d{{1,3}}){{3}}){_TAIL}",
    re.IGNORECASE,
)
_BARE_URL = re.compile(
    rf"(?<![a-z0-9@._/\-\]])(?:www{_DOT}{_LATIN_HOST}|{_LATIN_HOST}){_TAIL}", re.IGNORECASE
)
_AT = r"(?:@|\s?(?:\[at\]|\(at\)|\{at\}|\[@\]|\[arroba\]|\(arroba\))\s?)"
_MAIL_DOT = r"(?:\.|\s?(?:\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\[punto\])\s?)"
_EMAIL = re.compile(
    rf"(?<![a-z0-9._%+-])[a-z0-9][a-z0-9._%+-]{{0,63}}{_AT}(?:[a-z0-9-]{{1,63}}{_MAIL_DOT}){{1,6}}[a-z]{{2,24}}(?![a-z0-9])",
    re.IGNORECASE,
)
_WRITTEN_DOT = re.compile(r"\s?(?:\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\[punto\])\s?", re.IGNORECASE)
_WRITTEN_AT = re.compile(r"\s?(?:\[at\]|\(at\)|\{at\}|\[@\]|\[arroba\]|\(arroba\))\s?", re.IGNORECASE)
#: A longer address is kept by its beginning.
_LONGEST = LONGEST_VALUE - len("https://")
_TRAILING = ".,;:!?*_~…。，"
_BRACKETS = {")": "(", "]": "[", "}": "{"}

#: Endings with which a bare name is an address and not two sentences without a blank.
_ENDINGS = frozenset(word_list("address_endings"))
_BARE_NEEDS_MORE = frozenset(word_list("address_endings_that_are_words"))

_MAP_HOSTS = re.compile(
    r"^(?:(?:www\.)?google\.[a-z.]{2,6}/maps|maps\.google\.|maps\.app\.goo\.gl|goo\.gl/maps|g\.page/|g\.co/maps"
    r"|(?:www\.)?openstreetmap\.org/|osm\.org/|(?:www\.|ul\.)?waze\.com/|maps\.apple\.com|(?:www\.)?bing\.com/maps"
    r"|(?:www\.)?yandex\.[a-z.]{2,6}/(?:maps|harita|navi)|maps\.yandex\.|(?:www\.)?2gis\.|(?:[a-z]+\.)?amap\.com"
    r"|(?:api\.)?map\.baidu\.com|map\.qq\.com|apis\.map\.qq\.com|plus\.codes/|(?:wego|share)\.here\.com"
    r"|w3w\.co/|what3words\.com/|(?:www\.)?mapy\.cz|maps\.me|ge0\.me/|omaps\.app|organicmaps\.app|map\.naver\.com"
    r"|gps\.sh/|surl\.amap\.com|j\.map\.baidu\.com|geohack\.|mapcarta\.com)",
    re.IGNORECASE,
)
_PHONE_LINK = re.compile(r"^(?:wa\.me/|(?:api|web)\.whatsapp\.com/send/?\?phone=)", re.IGNORECASE)


def urls(text: str) -> Iterator[tuple[Observable, Carries]]:
    """Yield web addresses of a folded text, each with what it is only a vessel for, if anything."""
    taken: list[tuple[int, int]] = []
    if "//" in text or "/]" in text:
        for match in _SCHEME_URL.finditer(text):
            scheme = match["scheme"].lower().replace("hxx", "htt").replace("h**", "htt")
            found = _address(match, text)
            if found is None:
                continue
            start, end, written = found
            rest = written.split("//", 1)[1]
            taken.append((start, end))
            yield Observable("url", f"{scheme}://{rest}", start, end, "format"), _carries(rest)
    for match in _BARE_URL.finditer(text):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        found = _address(match, text)
        if found is None or not _is_bare_address(found[2]):
            continue
        start, end, written = found
        yield Observable("url", written, start, end, "format"), _carries(written)


def _address(match: re.Match[str], text: str) -> tuple[int, int, str] | None:
    start, end = match.span()
    while end > start:
        last = text[end - 1]
        opening = _BRACKETS.get(last)
        if last in _TRAILING or (opening and text.count(opening, start, end) < text.count(last, start, end)):
            end -= 1
            continue
        break
    return (start, end, _WRITTEN_DOT.sub(".", text[start:end])[:_LONGEST]) if end > start else None


def _is_bare_address(written: str) -> bool:
    host, slash, _ = re.split(r"[:?#]", written, maxsplit=1)[0].partition("/")
    labels = host.lower().split(".")
    ending = labels[-1]
    if ending not in _ENDINGS or not labels[0] or not any(letter.isalpha() for letter in labels[-2]):
        return False
    if labels[0] == "www" or slash:
        return True
    return ending not in _BARE_NEEDS_MORE and len(labels[-2]) >= 3 and host == host.lower()


def _carries(address: str) -> Carries:
    if _MAP_HOSTS.match(address):
        return "position"
    return "phone" if _PHONE_LINK.match(address) else ""


def emails(text: str) -> Iterator[Observable]:
    """Yield e-mail addresses of a folded text, broken-up ones put together again."""
    lowered = text.lower()
    if "@" not in text and "at)" not in lowered and "at]" not in lowered and "arroba" not in lowered:
        return
    for match in _EMAIL.finditer(text):
        value = _WRITTEN_DOT.sub(".", _WRITTEN_AT.sub("@", match.group())).replace(" ", "")
        if ".." not in value:
            yield Observable("email", value, match.start(), match.end(), "format")
