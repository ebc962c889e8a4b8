"""Recognise phone numbers in any notation and write them as E.164."""

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from signals.cues import DECISIVE, Cue, Cues
from signals.observable import Observable
from signals.placeholders import is_blank
from signals.plate_shapes import is_numeric_plate

_RUN = re.compile(
    r"(?<![0-9A-Za-z@#_=$€£¥฿])(?<!\d[.,/:-])(\+|\(\+|00)?[\d(](?:[ ()./~-]{0,3}\d){5,29}"
    r"(?![0-9A-Za-z_@°%$€£])"
)
_PHONE_LINK = re.compile(r"(?:wa\.me/|whatsapp\.com/send/?\?phone=|tel:)\+?(\d{7,15})(?!\d)", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")
_MOST_TRIES = 160
_MOST_GAPS = 6
_CUE_REACH = 40
_CUE_AFTER = 14
_LONG_BY_ITSELF = 9
_CARRIED = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


def phones(text: str, cues: Cues, countries: tuple[str, ...]) -> Iterator[Observable]:
    """Yield phone numbers of a folded text; without a country code the country that fits best is taken."""
    tries = _MOST_TRIES
    for match in _PHONE_LINK.finditer(text):
        number = _international(match[1])
        if number is not None:
            yield Observable("phone", number[0], match.start(1), match.end(1), number[1])
    for match in _RUN.finditer(text):
        done = match.start()
        plate = is_numeric_plate(match.group(), *match.span(), cues, countries)
        if plate and not _is_cued(match.start(), cues):
            continue
        for start, end in _readings(text, match.start(), match.end()):
            tries -= 1
            if tries < 0:
                return
            if start < done or cues.after(match.end(), Cue.PLATE, 1) is not None:
                continue
            found = _read(text, start, end, cues, countries)
            if found is not None:
                yield found
                done = end


def _readings(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the whole run of digits, then its parts between blanks: two numbers may stand side by side."""
    yield start, end
    gaps = [gap.span() for gap in _BLANKS.finditer(text, start, end)][-_MOST_GAPS:]
    for first in (start, *(stop for _, stop in gaps)):
        for last in (end, *(gap for gap, _ in reversed(gaps))):
            if last - first >= 7 and (first, last) != (start, end):
                yield first, last


def _read(text: str, start: int, end: int, cues: Cues, countries: tuple[str, ...]) -> Observable | None:
    while text[start] == "(" and ")" not in text[start:end]:
        start += 1
    written = text[start:end]
    digits = re.sub(r"\D", "", written)
    if not 7 <= len(digits) <= 18 or is_blank(digits):
        return None
    if written.lstrip("(").startswith("+"):
        number = _international(digits)
        return Observable("phone", number[0], start, end, number[1]) if number else None
    cued = _is_cued(start, cues)
    if not cued and (_says_otherwise(text, start, end, cues) or _follows_a_series(text, start, cues)):
        return None
    if written.startswith("00"):
        number = _international(digits[2:])
        if number:
            return Observable("phone", number[0], start, end, number[1])
    spoken = cued and cues.before(start, Cue.PHONE, _CUE_REACH) is not None
    national = _national(digits, countries, spoken)
    beside = cued or cues.after(end, Cue.PHONE, _CUE_AFTER) is not None
    if national is None or not (beside or _looks_like_phone(written, digits)):
        return None
    return Observable("phone", national[0], start, end, national[1])


def _is_cued(start: int, cues: Cues) -> bool:
    """Say whether a word for phone, or for paying by phone, is nearer than one for anything else."""
    near = cues.before(start, Cue.PHONE | Cue.WALLET, _CUE_REACH)
    if near is None:
        return False
    other = cues.before(start, DECISIVE & ~Cue.PHONE, _CUE_REACH)
    return other is None or near <= other


def _says_otherwise(text: str, start: int, end: int, cues: Cues) -> bool:
    if cues.before(start, DECISIVE & ~Cue.PHONE, 25) is not None or cues.after(end, Cue.UNIT, 1) is not None:
        return True
    return bool(re.search(r"[#№]\s?$", text[max(0, start - 3) : start]))


def _follows_a_series(text: str, start: int, cues: Cues) -> bool:
    """Say whether the letters of a banknote's series stand before the digits."""
    return cues.has(Cue.NOTE) and bool(
        re.search(r"(?<![A-Za-z])[A-Z]{1,3} $", text[max(0, start - 5) : start])
    )


def _looks_like_phone(written: str, digits: str) -> bool:
    """Say whether a number with no word beside it is written as phones are."""
    groups = [group for group in re.split(r"\D+", written) if group]
    if len(groups) == 1:
        return len(digits) > _LONG_BY_ITSELF or (len(digits) == _LONG_BY_ITSELF and digits[0] in "06789")
    if len(groups) == 2 and all(len(group) == 4 and group[:2] in {"19", "20"} for group in groups):
        return False
    return len(digits) >= 8 and len(groups) <= 6 and max(map(len, groups)) <= 8


@lru_cache(maxsize=4096)
def _international(digits: str) -> tuple[str, str] | None:
    return _parse("+" + digits, None)


@lru_cache(maxsize=4096)
def _national(digits: str, countries: tuple[str, ...], cued: bool) -> tuple[str, str] | None:
    readings = [reading for country in countries if (reading := _parse(digits, country)) is not None]
    valid = [reading for reading in readings if reading[1] == "registry"]
    if valid:
        return min(valid, key=lambda reading: _rank(reading[0]))  # the first country among equals
    if len(digits) > 10:
        whole = _parse("+" + digits, None)
        if whole is not None and whole[1] == "registry" and (cued or _is_local(whole[0], countries)):
            return whole
    return readings[0] if readings and cued else None


def _rank(number: str) -> int:
    """Put mobile lines before fixed ones: a tip names the phone that somebody carries."""
    kind = phonenumbers.number_type(phonenumbers.parse(number))
    return 0 if kind in _CARRIED else 1


def _is_local(number: str, countries: tuple[str, ...]) -> bool:
    codes = (str(phonenumbers.country_code_for_region(country)) for country in countries)
    return any(number.startswith("+" + code) for code in codes if code != "0")


def _parse(written: str, country: str | None) -> tuple[str, str] | None:
    try:
        number = phonenumbers.parse(written, country)
    except NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    value = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return value, "registry" if phonenumbers.is_valid_number(number) else "format"
