"""age X25519 keys in their own text forms: `age1…` and `AGE-SECRET-KEY-1…` (C2SP age, BIP 173)."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hueandcry.core.errors import Malformed

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_RECIPIENT = "age"
_IDENTITY = "age-secret-key-"
KEY_BYTES = 32


def generate() -> bytes:
    """32 secret bytes of a new X25519 key."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public(secret: bytes) -> bytes:
    """The 32 public bytes that belong to 32 secret ones."""
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def recipient(public_key: bytes) -> str:
    """`age1…`: what a card publishes and what a sender encrypts to."""
    return _encode(_RECIPIENT, public_key)


def identity(secret: bytes) -> str:
    """`AGE-SECRET-KEY-1…`: what age tools take to decrypt."""
    return _encode(_IDENTITY, secret).upper()


def read_recipient(text: str) -> bytes:
    """The 32 bytes of an `age1…` recipient; raises Malformed."""
    return _decode(_RECIPIENT, text, "an age recipient")


def read_identity(text: str) -> bytes:
    """The 32 bytes of an `AGE-SECRET-KEY-1…` identity; raises Malformed, which quotes nothing."""
    if text != text.upper():
        raise Malformed("age_key", "This is not an age identity", why="It is upper case")
    return _decode(_IDENTITY, text.lower(), "an age identity")


def _encode(prefix: str, data: bytes) -> str:
    if len(data) != KEY_BYTES:
        raise Malformed("age_key", f"An age key has {KEY_BYTES} bytes")
    words = _regroup(data, 8, 5, pad=True)
    check = _polymod([*_spread(prefix), *words, 0, 0, 0, 0, 0, 0]) ^ 1
    tail = [check >> 5 * (5 - i) & 31 for i in range(6)]
    return prefix + "1" + "".join(_ALPHABET[word] for word in [*words, *tail])


def _decode(prefix: str, text: str, what: str) -> bytes:
    wrong = Malformed("age_key", f"This is not {what}", do="Copy it again, whole")
    body = text.removeprefix(prefix + "1")
    if len(text) > 90 or body == text or any(letter not in _ALPHABET for letter in body):
        raise wrong
    words = [_ALPHABET.index(letter) for letter in body]
    if _polymod([*_spread(prefix), *words]) != 1:
        raise wrong
    data = bytes(_regroup(words[:-6], 5, 8, pad=False))
    if len(data) != KEY_BYTES or _encode(prefix, data) != text:
        raise wrong
    return data


def _spread(prefix: str) -> list[int]:
    codes = prefix.encode("ascii")
    return [code >> 5 for code in codes] + [0] + [code & 31 for code in codes]


def _polymod(words: list[int]) -> int:
    check = 1
    for word in words:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ word
        for i, generator in enumerate(_GENERATOR):
            check ^= generator if top >> i & 1 else 0
    return check


def _regroup(data: bytes | list[int], width: int, wanted: int, *, pad: bool) -> list[int]:
    """Bits of `width`-bit words as `wanted`-bit words; left-over bits are padded or dropped."""
    bits, held, out = 0, 0, []
    for word in data:
        held, bits = held << width | word, bits + width
        while bits >= wanted:
            bits -= wanted
            out.append(held >> bits & (1 << wanted) - 1)
        held &= (1 << bits) - 1
    if pad and bits:
        out.append(held << (wanted - bits) & (1 << wanted) - 1)
    return out
