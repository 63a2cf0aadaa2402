"""The checksums that addresses of wallets carry: base58check, bech32, CashAddr, CRC-16, SS58."""

from __future__ import annotations

from hashlib import blake2b, sha256

BITCOIN_58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RIPPLE_58 = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_BECH32 = {char: n for n, char in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_INDEX = {
    alphabet: {char: n for n, char in enumerate(alphabet)} for alphabet in (BITCOIN_58, RIPPLE_58)
}
_BECH32_STEPS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CASH_STEPS = (0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470)
_BECH32_CONSTANTS = {1: "bech32", 0x2BC830A3: "bech32m"}
MAX_58 = 120  #: characters; decoding takes the square of the length


def base58(text: str, alphabet: str = BITCOIN_58) -> bytes | None:
    """The octets that `text` writes in base 58, or None if it does not."""
    index = _INDEX[alphabet]
    number = 0
    if len(text) > MAX_58:
        return None
    for char in text:
        if (digit := index.get(char)) is None:
            return None
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip(alphabet[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def is_base58check(octets: bytes) -> bool:
    """Whether the last four octets are the doubled SHA-256 of the others (Bitcoin)."""
    return sha256(sha256(octets[:-4]).digest()).digest()[:4] == octets[-4:]


def is_ss58(octets: bytes) -> bool:
    """Whether `octets` are a 32-octet account with a network prefix and checksum (Polkadot)."""
    if len(octets) not in (35, 36) or (octets[0] & 0x40 == 0) != (len(octets) == 35):
        return False
    return blake2b(b"SS58PRE" + octets[:-2]).digest()[:2] == octets[-2:]


def bech32(text: str) -> tuple[str, list[int], str] | None:
    """Prefix, five-bit groups and `bech32` or `bech32m` of lower-case `text` (BIP 173, BIP 350)."""
    prefix, _, rest = text.rpartition("1")
    groups = _groups(rest)
    if not prefix or groups is None or len(groups) < 6:
        return None
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    form = _BECH32_CONSTANTS.get(_remainder(expanded + groups, 25, _BECH32_STEPS))
    return (prefix, groups[:-6], form) if form else None


def is_cashaddr(prefix: str, text: str) -> bool:
    """Whether `text` is a lower-case CashAddr under `prefix`, with a hash of 20 octets."""
    groups = _groups(text)
    if groups is None or len(groups) != 42:
        return False
    expanded = [ord(c) & 31 for c in prefix] + [0]
    return _remainder(expanded + groups, 35, _CASH_STEPS) == 1


def octets_of(groups: list[int]) -> bytes | None:
    """The octets in five-bit groups, or None where the padding is not zero bits, fewer than 5."""
    number = 0
    for group in groups:
        number = number << 5 | group
    spare = len(groups) * 5 % 8
    if spare > 4 or number & ((1 << spare) - 1):
        return None
    return (number >> spare).to_bytes(len(groups) * 5 // 8, "big")


def crc16(octets: bytes) -> int:
    """CRC-16/XMODEM."""
    crc = 0
    for octet in octets:
        crc ^= octet << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021) & 0xFFFF if crc & 0x8000 else crc << 1
    return crc


def _groups(text: str) -> list[int] | None:
    groups = [_BECH32.get(char, -1) for char in text]
    return None if -1 in groups else groups


def _remainder(groups: list[int], top: int, steps: tuple[int, ...]) -> int:
    """The remainder of the checksum's polynomial, whose highest group sits at bit `top`."""
    mask = (1 << top) - 1
    value = 1
    for group in groups:
        high = value >> top
        value = (value & mask) << 5 ^ group
        for bit, step in enumerate(steps):
            if high >> bit & 1:
                value ^= step
    return value
