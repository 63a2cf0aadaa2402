"""Signals as STIX Cyber-observable Objects with deterministic ids."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from hueandcry.core.stix.extensions import OBSERVABLE_EXTENSIONS
from hueandcry.core.stix.names import observable_id
from hueandcry.core.types import Kind, Signal

#: Hash algorithms as canonical values name them → as STIX does (STIX 2.1 section 10.2).
FILE_HASHES: Final[dict[str, str]] = {
    "md5": "MD5",
    "sha-1": "SHA-1",
    "sha-256": "SHA-256",
    "sha-512": "SHA-512",
}
IMAGE_HASHES: Final[dict[str, str]] = {"pdq": "PDQ"}
#: What tells a page and an advert from an account, as the end of `account_type`.
ACCOUNT_SUFFIXES: Final[dict[Kind, str]] = {Kind.PAGE: "page", Kind.ADVERT: "advert"}

_SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*+://")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_PLATFORM = re.compile(r"([a-z0-9]+(?:[.-][a-z0-9]+)*):(.+)", re.DOTALL)

Properties = dict[str, str]


def sco(signal: Signal) -> dict[str, Any]:
    """The SCO for a canonical signal, with its id and, where needed, its extension."""
    kind, properties = observable(signal)
    found: dict[str, Any] = {"type": kind, "spec_version": "2.1", "id": sco_id(signal)}
    found.update(_nested(properties))
    if kind in OBSERVABLE_EXTENSIONS:
        found["extensions"] = {OBSERVABLE_EXTENSIONS[kind]: {"extension_type": "new-sco"}}
    return found


def sco_id(signal: Signal) -> str:
    """The SCO's id: UUIDv5 over the JCS of its id-contributing properties (STIX 2.1, 2.9)."""
    kind, properties = observable(signal)
    return observable_id(kind, _nested(properties))


def observable(signal: Signal) -> tuple[str, Properties]:
    """The STIX type of a signal and its id-contributing properties by object path."""
    return _FORMS[signal.kind](signal.value)


def url_forms(value: str) -> tuple[str, ...]:
    """The full URLs that a canonical url value stands for, the one that gives the id last.

    http and https are one signal, written without a scheme; every other scheme is kept.
    """
    return (value,) if _SCHEME.match(value) else (f"http://{value}", f"https://{value}")


def account_of(kind: Kind, account_type: str, name: str) -> str | None:
    """The inverse of what `observable` makes of a handle, page or advert, or None."""
    suffix = ACCOUNT_SUFFIXES.get(kind)
    if suffix is None:
        return f"{account_type}:{name}" if account_type else name
    if account_type == suffix:
        return name
    platform = account_type.removesuffix(f"-{suffix}")
    return f"{platform}:{name}" if platform not in ("", account_type) else None


def account_kind(account_type: str) -> Kind:
    """Which kind of signal an `account_type` stands for: handle unless it says otherwise."""
    last = account_type.rpartition("-")[2]
    return next((kind for kind, suffix in ACCOUNT_SUFFIXES.items() if suffix == last), Kind.HANDLE)


def _nested(properties: Properties) -> dict[str, Any]:
    """Object paths as nested members: only `hashes.X` has more than one step."""
    nested: dict[str, Any] = {}
    for path, value in properties.items():
        first, _, rest = path.partition(".")
        if rest:
            nested.setdefault(first, {})[rest] = value
        else:
            nested[first] = value
    return nested


def _simple(kind: str) -> Callable[[str], tuple[str, Properties]]:
    return lambda value: (kind, {"value": value})


def _url(value: str) -> tuple[str, Properties]:
    return "url", {"value": url_forms(value)[-1]}


def _bank_account(value: str) -> tuple[str, Properties]:
    """An IBAN stands alone: a second property would change the id."""
    name = "iban" if _IBAN.fullmatch(value) else "account_number"
    return "bank-account", {name: value}


def _handle(value: str) -> tuple[str, Properties]:
    match = _PLATFORM.fullmatch(value)
    if match and account_kind(match[1]) is Kind.HANDLE:
        return "user-account", {"account_type": match[1], "account_login": match[2]}
    return "user-account", {"account_login": value}


def _place(kind: Kind) -> Callable[[str], tuple[str, Properties]]:
    """Pages and adverts: `account_type` says which, and `user_id` is the platform's own id."""
    suffix = ACCOUNT_SUFFIXES[kind]

    def form(value: str) -> tuple[str, Properties]:
        match = _PLATFORM.fullmatch(value)
        platform, name = (f"{match[1]}-{suffix}", match[2]) if match else (suffix, value)
        return "user-account", {"account_type": platform, "user_id": name}

    return form


def _hash(names: dict[str, str]) -> Callable[[str], tuple[str, Properties]]:
    def form(value: str) -> tuple[str, Properties]:
        name, _, digits = value.partition(":")
        return "file", {f"hashes.{names[name]}": digits}

    return form


_FORMS: Final[dict[Kind, Callable[[str], tuple[str, Properties]]]] = {
    Kind.DOMAIN: _simple("domain-name"),
    Kind.URL: _url,
    Kind.EMAIL: _simple("email-addr"),
    Kind.PHONE: _simple("phone-number"),
    Kind.BANK_ACCOUNT: _bank_account,
    Kind.WALLET: _simple("cryptocurrency-wallet"),
    Kind.HANDLE: _handle,
    Kind.APP: lambda value: ("software", {"name": value}),
    Kind.PAGE: _place(Kind.PAGE),
    Kind.ADVERT: _place(Kind.ADVERT),
    Kind.FILE_HASH: _hash(FILE_HASHES),
    Kind.IMAGE_HASH: _hash(IMAGE_HASHES),
}
