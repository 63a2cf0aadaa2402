"""STIX observables that stand alone, of the standard, of stix2extensions and of OpenCTI."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from hueandcry.core.stix.observables import (
    FILE_HASHES,
    IMAGE_HASHES,
    account_kind,
    account_of,
)
from hueandcry.core.types import Kind

#: Kind and text, or the code of FAULTS that says why it is neither.
Found = tuple[Kind, str] | str


def read_observable(type: str, value: Mapping[str, Any]) -> Found:
    """What one observable names; the text is raw, as its creator wrote it."""
    return _READERS[type](value)


def _text(kind: Kind, name: str = "value") -> Callable[[Mapping[str, Any]], Found]:
    def read(value: Mapping[str, Any]) -> Found:
        text = value.get(name)
        return (kind, text) if isinstance(text, str) else "object_shape"

    return read


def _address(form: str) -> Callable[[Mapping[str, Any]], Found]:
    def read(value: Mapping[str, Any]) -> Found:
        text = value.get("value")
        if not isinstance(text, str):
            return "object_shape"
        return "network" if "/" in text else (Kind.URL, form.format(text))

    return read


def _bank_account(value: Mapping[str, Any]) -> Found:
    """The IBAN where there is one; an account number with the bank that it is at."""
    iban, number, bic = (value.get(name) for name in ("iban", "account_number", "bic"))
    if isinstance(iban, str) and iban:
        return Kind.BANK_ACCOUNT, iban
    if not isinstance(number, str):
        return "object_shape"
    at_bank = isinstance(bic, str) and bic and ":" not in number
    return Kind.BANK_ACCOUNT, f"{bic}:{number}" if at_bank else number


def _account(value: Mapping[str, Any]) -> Found:
    platform = value.get("account_type", "")
    name = value.get("account_login") or value.get("user_id")
    if not isinstance(platform, str) or not isinstance(name, str):
        return "object_shape"
    kind = account_kind(platform)
    text = account_of(kind, platform, name)
    return (kind, text) if text else "object_shape"


def _file(value: Mapping[str, Any]) -> Found:
    """The strongest hash that is known here."""
    hashes = value.get("hashes")
    if not isinstance(hashes, Mapping):
        return "no_signal"
    plain = {str(name).upper().replace("-", ""): digits for name, digits in hashes.items()}
    for kind, names in ((Kind.FILE_HASH, FILE_HASHES), (Kind.IMAGE_HASH, IMAGE_HASHES)):
        for ours in reversed(sorted(names, key=lambda name: _STRENGTH.index(name))):
            digits = plain.get(names[ours].upper().replace("-", ""))
            if isinstance(digits, str):
                return kind, f"{ours}:{digits}"
    return "no_signal"


_STRENGTH: Final = ("md5", "sha-1", "sha-512", "sha-256", "pdq")  # sha-256 is what lists share

_READERS: Final[dict[str, Callable[[Mapping[str, Any]], Found]]] = {
    "domain-name": _text(Kind.DOMAIN),
    "hostname": _text(Kind.DOMAIN),
    "url": _text(Kind.URL),
    "ipv4-addr": _address("{}"),
    "ipv6-addr": _address("[{}]"),
    "email-addr": _text(Kind.EMAIL),
    "file": _file,
    "phone-number": _text(Kind.PHONE),
    "bank-account": _bank_account,
    "cryptocurrency-wallet": _text(Kind.WALLET),
    "user-account": _account,
    "software": _text(Kind.APP, "name"),
    "payment-card": lambda value: "payment_card",
}
