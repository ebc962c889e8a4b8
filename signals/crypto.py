"""Recognise addresses of Bitcoin, Ethereum and Tron, and the private keys that must never be kept."""

import re
from collections.abc import Iterator

from signals.encodings import base58check, eip55_is_valid, segwit_is_valid
from signals.observable import Observable

_BASE58 = "1-9A-HJ-NP-Za-km-z"
_BASE58_WORD = re.compile(rf"(?<![0-9A-Za-z])[1-9A-HJ-NP-Za-km-z][{_BASE58}]{{24,120}}(?![0-9A-Za-z])")
_BECH32_WORD = re.compile(r"(?<![0-9A-Za-z])bc1[02-9ac-hj-np-z]{8,87}(?![0-9A-Za-z])", re.IGNORECASE)
_ETH_WORD = re.compile(r"(?<![0-9A-Za-z])0[xX][0-9a-fA-F]{40}(?![0-9A-Za-z])")
#: Version bytes: Bitcoin P2PKH and P2SH, Tron, private keys in wallet import format (main and test network).
_BTC_VERSIONS = frozenset({0x00, 0x05})
_TRX_VERSION = 0x41
_WIF_VERSIONS = frozenset({0x80, 0xEF})
_EXTENDED_PRIVATE = frozenset(
    bytes.fromhex(version)
    for version in ("0488ade4", "049d7878", "04b2430c", "04358394", "02aa7a99", "0295b005")
)
#: Hashing costs about half a millisecond; a text with more mixed-case addresses than this is no tip.
_MOST_HASHED = 24


def addresses(text: str) -> Iterator[Observable]:
    """Yield the crypto addresses of a folded text; one whose checksum fails is none."""
    if "0x" in text or "0X" in text:
        yield from _ethereum(text)
    for match in _BECH32_WORD.finditer(text):
        if segwit_is_valid(match.group(), "bc"):
            yield Observable("btc", match.group(), match.start(), match.end(), "checksum")
    for match in _BASE58_WORD.finditer(text):
        kind = _base58_kind(match.group())
        if kind is not None:
            yield Observable(kind, match.group(), match.start(), match.end(), "checksum")


def _ethereum(text: str) -> Iterator[Observable]:
    hashed = 0
    for match in _ETH_WORD.finditer(text):
        body = match.group()[2:]
        if len(set(body.lower())) == 1:
            continue
        if body in {body.lower(), body.upper()}:
            yield Observable("eth", match.group(), match.start(), match.end(), "format")
            continue
        hashed += 1
        if hashed <= _MOST_HASHED and eip55_is_valid(match.group()):
            yield Observable("eth", match.group(), match.start(), match.end(), "checksum")


def _base58_kind(word: str) -> str | None:
    if len(word) > 35 or word[0] not in "13T":
        return None
    payload = base58check(word)
    if payload is None or len(payload) != 21 or len(set(payload[1:])) == 1:
        return None
    if payload[0] in _BTC_VERSIONS:
        return "btc"
    return "trx" if payload[0] == _TRX_VERSION else None


def private_keys(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of private keys in a folded text: wallet import format and extended private keys."""
    for match in _BASE58_WORD.finditer(text):
        word = match.group()
        if len(word) not in {51, 52, 111}:
            continue
        payload = base58check(word)
        if payload is None:
            continue
        in_wallet_format = len(payload) in {33, 34} and payload[0] in _WIF_VERSIONS
        if in_wallet_format or (len(payload) == 78 and payload[:4] in _EXTENDED_PRIVATE):
            yield match.span()
