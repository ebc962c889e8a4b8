"""Check the encodings of crypto addresses: base58check, bech32, bech32m and the mixed case of EIP-55."""

import hashlib
from functools import lru_cache

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE58_VALUE = {letter: value for value, letter in enumerate(_BASE58)}
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_VALUE = {letter: value for value, letter in enumerate(_BECH32)}
_BECH32_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32_CONST = 1
_BECH32M_CONST = 0x2BC830A3


def base58check(text: str) -> bytes | None:
    """Decode base58check and give version and payload, or None when the checksum does not agree."""
    number = 0
    for letter in text:
        value = _BASE58_VALUE.get(letter)
        if value is None:
            return None
        number = number * 58 + value
    zeros = len(text) - len(text.lstrip("1"))
    raw = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    if len(raw) < 5:
        return None
    payload, check = raw[:-4], raw[-4:]
    return payload if hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4] == check else None


def segwit_is_valid(address: str, prefix: str) -> bool:
    """Check a segregated-witness address (BIP-173 for version 0, BIP-350 for later versions)."""
    if address.lower() != address and address.upper() != address:
        return False
    address = address.lower()
    if not address.startswith(prefix + "1") or len(address) > 90:
        return False
    values = [_BECH32_VALUE.get(letter, -1) for letter in address[len(prefix) + 1 :]]
    if len(values) < 7 or min(values) < 0:
        return False
    expanded = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    version = values[0]
    constant = _BECH32_CONST if version == 0 else _BECH32M_CONST
    if version > 16 or _polymod(expanded + values) != constant:
        return False
    program = _eight_bits(values[1:-6])
    if program is None or not 2 <= len(program) <= 40:
        return False
    return version != 0 or len(program) in {20, 32}


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_BECH32_GENERATOR):
            if top >> bit & 1:
                check ^= generator
    return check


def _eight_bits(values: list[int]) -> bytes | None:
    number = bits = 0
    out = bytearray()
    for value in values:
        number = (number << 5 | value) & 0xFFF
        bits += 5
        if bits >= 8:
            bits -= 8
            out.append(number >> bits & 0xFF)
    return bytes(out) if bits < 5 and not number & ((1 << bits) - 1) else None


def _round_constants() -> tuple[int, ...]:
    """Produce the 24 round constants from the linear feedback register of FIPS 202."""
    constants, register = [], 1
    for _ in range(24):
        constant = 0
        for power in range(7):
            if register & 1:
                constant ^= 1 << ((1 << power) - 1)
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    return tuple(constants)


_ROUNDS = _round_constants()
_MASK64 = (1 << 64) - 1


def _lane_steps() -> tuple[tuple[int, int, int], ...]:
    """Say for each lane where rho and pi take it: from, to, rotation."""
    steps = [(0, 0, 0)]
    x, y = 1, 0
    for step in range(24):
        rotation = (step + 1) * (step + 2) // 2 % 64
        to_x, to_y = y, (2 * x + 3 * y) % 5
        steps.append((x + 5 * y, to_x + 5 * to_y, rotation))
        x, y = to_x, to_y
    return tuple(steps)


_STEPS = _lane_steps()


def keccak256(data: bytes) -> bytes:
    """Hash with Keccak-256 as Ethereum does: the padding from before FIPS 202, rate 136."""
    rate = 136
    padded = bytearray(data) + b"\x01" + bytes(rate - 1 - len(data) % rate)
    padded[-1] |= 0x80
    lanes = [0] * 25
    for offset in range(0, len(padded), rate):
        for lane in range(rate // 8):
            lanes[lane] ^= int.from_bytes(padded[offset + 8 * lane : offset + 8 * lane + 8], "little")
        lanes = _permute(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _permute(lanes: list[int]) -> list[int]:
    for constant in _ROUNDS:
        parity = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        mixed = [
            parity[x - 1] ^ ((parity[(x + 1) % 5] << 1 | parity[(x + 1) % 5] >> 63) & _MASK64)
            for x in range(5)
        ]
        moved = [0] * 25
        for source, target, rotation in _STEPS:
            lane = lanes[source] ^ mixed[source % 5]
            moved[target] = (lane << rotation | lane >> (64 - rotation)) & _MASK64
        lanes = [
            moved[i] ^ (~moved[i - i % 5 + (i + 1) % 5] & moved[i - i % 5 + (i + 2) % 5]) for i in range(25)
        ]
        lanes[0] ^= constant
    return lanes


@lru_cache(maxsize=1024)
def eip55_is_valid(address: str) -> bool:
    """Check the mixed-case checksum of an Ethereum address (EIP-55); `address` starts with 0x."""
    body = address[2:]
    digest = keccak256(body.lower().encode("ascii")).hex()
    return all(
        not letter.isalpha() or letter.isupper() == (int(nibble, 16) >= 8)
        for letter, nibble in zip(body, digest, strict=False)
    )
