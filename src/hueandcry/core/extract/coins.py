"""Addresses of wallets in a text; everything with a checksum is held to it."""

from __future__ import annotations

from collections.abc import Iterator

from hueandcry.core.errors import Unreadable
from hueandcry.core.extract.page import Page, Reading
from hueandcry.core.extract.searching import Pattern
from hueandcry.core.normal import normalise
from hueandcry.core.normal.checksums import base58
from hueandcry.core.types import Kind

_RUN = Pattern(r"(?:bitcoincash:|ecash:)?[0-9A-Za-z_-]{25,}|(?:0|-1):[0-9a-fA-F]{64}")
_LONG = Pattern("[0-9A-Za-z_-]{25}")  #: as long as the shortest address
_LONGEST = 128
_BEFORE = len("bitcoincash:")  # the longest of what may stand before that
#: Words in whose neighbourhood 32 octets without a checksum are an address of Solana.
_SOLANA = Pattern(
    r"(?i)\bsol(?:ana)?\b|phantom|wallet|crypto|\busd[ct]\b|address|airdrop|ví|dompet"
    r"|alamat|pitaka|กระเป๋า|เหรียญ|ກະເປົາ|កាបូប|ပိုက်ဆံအိတ်|钱包|地址|币"
)
_NEAR = 160  #: octets before an address in which such a word counts
_CHECKED, _NAMED, _UNNAMED = 0.99, 0.9, 0.5


def read_coins(page: Page, likely: str | None = None) -> Iterator[Reading]:
    """Addresses of any chain that core.normal knows."""
    long = _LONG.first(page.data)
    if long is None:
        return
    for start, end in _RUN.places(page.data, max(0, long[0] - _BEFORE)):
        if end - start > _LONGEST or not _could_be(run := page.data[start:end]):
            continue
        try:
            signal = normalise(Kind.WALLET, run.decode())
        except Unreadable:
            continue
        confidence = _confidence(signal.value, page.data[max(0, start - _NEAR) : start])
        if confidence:
            yield Reading(start, end, signal, confidence)


def _could_be(run: bytes) -> bool:
    """Whether `run` has letters and digits, as every address has and few words do."""
    return not run.isalpha() and not run.isdigit()


def _confidence(value: str, before: bytes) -> float:
    """An address of Solana has no checksum: a word must speak for it, or its mix of letters."""
    if not _is_solana(value):
        return _CHECKED
    if _SOLANA.first(before):
        return _NAMED
    mixed = any(c.isdigit() for c in value) and any(c.islower() for c in value)
    return _UNNAMED if mixed and any(c.isupper() for c in value) and len(value) > 42 else 0.0


def _is_solana(value: str) -> bool:
    return 32 <= len(value) <= 44 and len(base58(value) or b"") == 32
