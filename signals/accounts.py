"""Recognise bank, mobile-money and chat accounts."""

import re
from collections.abc import Iterator

from signals.cues import DECISIVE, Cue, Cues
from signals.observable import Observable
from signals.placeholders import is_blank

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
_AT_HANDLE = re.compile(r"(?<![A-Za-z0-9_.@+/-])@([A-Za-z0-9_][A-Za-z0-9_.-]{2,31})(?![A-Za-z0-9_@])")
_PAYMENT_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9._-])[A-Za-z0-9][A-Za-z0-9._-]{1,63}@(?:upi|ybl|ibl|axl|apl|paytm|ok[a-z]{3,8}|[a-z]{2,10}bank|airtel|fbl"
    r"|sbi|icici|jupiteraxis|waaxis|yapl)(?![A-Za-z0-9.@])",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9.,@#_+])(?<![A-Za-z0-9]-)\d(?:[ -]?\d){3,25}(?:-?[Xx])?(?![A-Za-z0-9_@]|[.,:/]\d)"
)
#: What is dialled to pay: steps of a menu, then the merchant's code; a phone or a voucher is longer.
_DIALLED = re.compile(r"(?<![\w*#])\*\d{2,4}(?:\*\d{1,3}){1,4}\*(\d{5,8})(?:\*\d{1,7})?#")
_WORD = re.compile(r"(?<![A-Za-z0-9_.@/-])[A-Za-z0-9_][A-Za-z0-9_.-]{2,31}(?![A-Za-z0-9_@/])")
#: A number of mobile money names its holder's account; that of a wallet app is the holder's phone.
_HELD = Cue.ACCOUNT | Cue.MOBILE_MONEY
_BANK_REACH = 32
_BANK_AFTER = 12
#: "The new number is" carries on from a word for mobile money further back.
_CARRIED_REACH = 64
_CARRIES = 8
_LONG_BY_ITSELF = 9
_CHAT_REACH = 22
_CLABE_WEIGHTS = (3, 7, 1)


def iban_checks(value: str) -> bool:
    """Check an IBAN (ISO 13616, remainder 1 by 97)."""
    moved = value[4:] + value[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def clabe_checks(value: str) -> bool:
    """Check the last digit of a Mexican CLABE (weights 3, 7, 1)."""
    total = sum(int(digit) * _CLABE_WEIGHTS[i % 3] % 10 for i, digit in enumerate(value[:17]))
    return (10 - total % 10) % 10 == int(value[17])


def accounts(text: str, cues: Cues) -> Iterator[Observable]:
    """Yield accounts of a folded text: IBANs, handles and dialled codes by shape, all others beside a word for them."""
    yield from _ibans(text)
    if "@" in text:
        for match in _PAYMENT_ADDRESS.finditer(text):
            yield Observable("account", match.group().upper(), match.start(), match.end(), "format")
        for match in _AT_HANDLE.finditer(text):
            value = match.group().rstrip(".-_") if match[1][-1] in ".-" else match.group()
            if any(char.isalpha() for char in value):
                yield Observable(
                    "account", value.upper(), match.start(), match.start() + len(value), "format"
                )
    if "*" in text:
        for match in _DIALLED.finditer(text):
            if not is_blank(match[1]):
                yield Observable("account", match[1], match.start(1), match.end(1), "format")
    if cues.has(_HELD):
        yield from _numbers(text, cues, _HELD)
    if cues.has(Cue.CHAT):
        yield from _chat_names(text, cues)


def _ibans(text: str) -> Iterator[Observable]:
    for match in _IBAN.finditer(text):
        groups = re.split(r"[ -]", match.group())
        for kept in range(len(groups), 0, -1):
            value = "".join(groups[:kept]).upper()
            if len(value) < 15:
                break
            if value.isascii() and iban_checks(value):
                end = match.start() + sum(map(len, groups[:kept])) + kept - 1
                yield Observable("account", value, match.start(), end, "checksum")
                break


def wallets(text: str, cues: Cues) -> Iterator[Observable]:
    """Yield numbers beside a word for mobile money; those that can be a phone are better read as one."""
    if cues.has(Cue.WALLET):
        yield from _numbers(text, cues, Cue.WALLET)


def _numbers(text: str, cues: Cues, word: int) -> Iterator[Observable]:
    for match in _NUMBER.finditer(text):
        value = re.sub(r"[ -]", "", match.group()).upper()
        near = cues.before(match.start(), word, _BANK_REACH)
        if near is None and cues.before(match.start(), Cue.NUMBER, _CARRIES) is not None:
            near = cues.before(match.start(), Cue.MOBILE_MONEY, _CARRIED_REACH)
        if near is None and len(value) >= _LONG_BY_ITSELF:
            near = cues.after(match.end(), word, _BANK_AFTER)
        other = None if near is None else cues.before(match.start(), DECISIVE & ~_HELD, near - 1)
        if near is None or other is not None or len(value) < 5 or is_blank(value):
            continue
        if cues.after(match.end(), Cue.UNIT, 1) is not None:
            continue
        checked = len(value) == 18 and value.isdigit() and clabe_checks(value)
        yield Observable("account", value, match.start(), match.end(), "checksum" if checked else "format")


def _chat_names(text: str, cues: Cues) -> Iterator[Observable]:
    for match in _WORD.finditer(text):
        value = match.group().rstrip(".-")
        gap = cues.before(match.start(), Cue.CHAT, _CHAT_REACH)
        if gap is None or len(value) < 4:
            continue
        between = text[match.start() - gap : match.start()]
        named = (
            ":" in between
            or "@" in between
            or cues.before(match.start(), Cue.HANDLE, min(gap, 6)) is not None
        )
        if _is_made_up(value) or (named and gap <= 14 and _is_name(value, cues, match.start())):
            yield Observable("account", value.upper(), match.start(), match.start() + len(value), "format")


def _is_made_up(value: str) -> bool:
    """Say whether a word mixes letters with digits, underscores or inner capitals as user names do."""
    letters = sum(char.isalpha() for char in value)
    if letters < 3:
        return False
    digits = sum(char.isdigit() for char in value)
    inner = any(low.islower() and up.isupper() for low, up in zip(value, value[1:], strict=False))
    return digits > 0 or "_" in value or inner


def _is_name(value: str, cues: Cues, start: int) -> bool:
    if value.isdigit():
        return 5 <= len(value) <= 12
    return cues.after(start, ~0, 0) is None and len(value) >= 5
