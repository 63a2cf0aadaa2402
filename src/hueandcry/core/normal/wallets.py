"""Addresses of wallets, on any chain: as written, or lower-case where case carries nothing.

The value names no chain: one `0x` address lives on many. Checksums are verified, except that of
EIP-55 (lists of bad wallets often have its letters wrong) and Monero's (Keccak).
"""

from __future__ import annotations

import re
from base64 import b32decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

from hueandcry.core.errors import Unreadable
from hueandcry.core.normal.checksums import (
    RIPPLE_58,
    base58,
    bech32,
    crc16,
    is_base58check,
    is_cashaddr,
    is_ss58,
    octets_of,
)
from hueandcry.core.normal.text import flat

MAX_WALLET = 200
_URI = re.compile(
    r"(?:bitcoin|litecoin|dogecoin|dash|zcash|monero|ethereum|tron|solana|ripple|xrpl|stellar"
    r"|cardano|ton|polkadot|btc|eth|ltc|doge|xmr|trx|sol|xrp|bch|bnb|usdt|usdc)"
    r":(?://(?:transfer/)?)?(?:pay-)?",
    re.I,
)
_CAIP_10 = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}:(?=[-.%a-zA-Z0-9]{1,128}\Z)")
_AFTER = re.compile(r"[?@/].*")
_EVM = re.compile(r"0[xX][0-9a-fA-F]{40}")
_BASE_58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]{25,120}")
_BECH32 = re.compile(r"[a-z]{1,20}1[02-9ac-hj-np-z]{6,128}")
_CASH = re.compile(r"(?:(bitcoincash|ecash):)?([qp][02-9ac-hj-np-z]{41})")
_MONERO = re.compile(r"[48][1-9A-HJ-NP-Za-km-z]{94}|4[1-9A-HJ-NP-Za-km-z]{105}")
_TON = re.compile(r"[EUk0][QfA-Za-z0-9_\-+/]{47}")
_TON_RAW = re.compile(r"(-1|0):([0-9a-fA-F]{64})")
_STELLAR = re.compile(r"G[A-Z2-7]{55}")
#: Chains whose addresses are bech32 but no segregated witness programs.
_BECH32_CHAINS = frozenset(
    (
        *("addr", "stake", "cosmos", "osmo", "inj", "terra", "sei", "celestia", "thor"),
        *("kava", "juno", "akash", "axelar", "dydx", "bnb", "erd", "zil", "one"),
        *("band", "secret", "noble", "neutron", "stars", "kujira", "zs"),
    )
)
_SEGWIT = frozenset({"bc", "tb", "ltc"})


def wallet(text: str, market: str | None = None) -> str:
    """The canonical address; takes payment URIs and CAIP-10 too; raises Unreadable."""
    text = flat(text)
    if len(text) > MAX_WALLET:
        raise _not_a_wallet()
    text = _CAIP_10.sub("", _bare(text), count=1)
    for shape, read in _FORMS:
        if shape.fullmatch(text) and (value := read(text)):
            return value
    lowered = text.lower()
    if text in (lowered, text.upper()):
        for shape, read in _LOWER_FORMS:
            if shape.fullmatch(lowered) and (value := read(lowered)):
                return value
    raise _not_a_wallet()


def _bare(text: str) -> str:
    """`text` without the scheme and the parameters of a payment URI (BIP 21, EIP-681)."""
    uri = _URI.match(text)
    return _AFTER.sub("", text[uri.end() :]) if uri else text.partition("?")[0]


def _evm(text: str) -> str:
    return text.lower()


def _base58(text: str) -> str | None:
    """Bitcoin's relatives and TRON by checksum; Polkadot; Solana, whose 32 octets have none."""
    octets = base58(text) or b""
    if len(octets) in (25, 26, 27) and is_base58check(octets):
        return text
    if len(octets) == 32 or is_ss58(octets):
        return text
    return None


def _ripple(text: str) -> str | None:
    octets = base58(text, RIPPLE_58) or b""
    return text if len(octets) == 25 and octets[0] == 0 and is_base58check(octets) else None


def _monero(text: str) -> str:
    return text


def _stellar(text: str) -> str | None:
    octets = b32decode(text)
    return text if crc16(octets[:-2]) == int.from_bytes(octets[-2:], "little") else None


def _ton(text: str) -> str | None:
    """Any user-friendly form of an account as the bounceable one of the main network."""
    octets = urlsafe_b64decode(text.replace("+", "-").replace("/", "_"))
    if crc16(octets[:-2]) != int.from_bytes(octets[-2:], "big"):
        return None
    return _ton_friendly(octets[1:34]) if octets[0] in (0x11, 0x51) else None


def _ton_raw(text: str) -> str:
    chain, _, account = text.partition(":")
    return _ton_friendly((b"\xff" if chain == "-1" else b"\x00") + bytes.fromhex(account))


def _ton_friendly(account: bytes) -> str:
    octets = b"\x11" + account
    return urlsafe_b64encode(octets + crc16(octets).to_bytes(2, "big")).decode()


def _bech32(text: str) -> str | None:
    found = bech32(text)
    if found is None:
        return None
    prefix, groups, form = found
    if prefix in _SEGWIT:
        return text if _is_witness(groups, form) else None
    return text if prefix in _BECH32_CHAINS and octets_of(groups) else None


def _is_witness(groups: list[int], form: str) -> bool:
    """Whether `groups` are a segregated witness version and program (BIP 141, BIP 350)."""
    program = octets_of(groups[1:]) or b""
    if not groups or groups[0] > 16 or form != ("bech32m" if groups[0] else "bech32"):
        return False
    return 2 <= len(program) <= 40 and (groups[0] > 0 or len(program) in (20, 32))


def _cash(text: str) -> str | None:
    prefix, _, body = text.rpartition(":")
    prefix = prefix or "bitcoincash"
    return f"{prefix}:{body}" if is_cashaddr(prefix, body) else None


_Form = tuple[re.Pattern[str], Callable[[str], str | None]]
_FORMS: tuple[_Form, ...] = (
    (_EVM, _evm),
    (_BASE_58, _base58),
    (re.compile(r"r[1-9A-HJ-NP-Za-km-z]{24,34}"), _ripple),
    (_MONERO, _monero),
    (_STELLAR, _stellar),
    (_TON, _ton),
    (_TON_RAW, _ton_raw),
)
_LOWER_FORMS: tuple[_Form, ...] = ((_BECH32, _bech32), (_CASH, _cash))


def _not_a_wallet() -> Unreadable:
    return Unreadable(
        "not-a-wallet",
        "This is not the address of a wallet",
        why="No known chain has addresses of this form, or its checksum is wrong",
        do="Copy it again; names such as those under .eth must be resolved first",
    )
