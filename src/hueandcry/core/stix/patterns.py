"""STIX patterns for signals: what we write, and the single comparisons that others write."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hueandcry.core.errors import Unreadable
from hueandcry.core.stix.observables import (
    FILE_HASHES,
    IMAGE_HASHES,
    account_kind,
    account_of,
    observable,
    url_forms,
)
from hueandcry.core.types import Kind, Signal


@dataclass(frozen=True, slots=True)
class PatternRead:
    """What a pattern looks for: a kind and text that is canonical only when `ours` says so."""

    kind: Kind
    text: str
    ours: bool  #: byte for byte what `pattern` writes for this kind and text


def pattern(signal: Signal) -> str:
    """The STIX pattern that finds a canonical signal; `read_pattern` is its exact inverse.

    A url is looked for under http and https at once, since the two are one signal.
    """
    kind, properties = observable(signal)
    if signal.kind is Kind.URL:
        return f"[{' OR '.join(f'url:value = {quoted(url)}' for url in url_forms(signal.value))}]"
    comparisons = [f"{kind}:{_path(name)} = {quoted(text)}" for name, text in properties.items()]
    return f"[{' AND '.join(comparisons)}]"


def quoted(text: str) -> str:
    """A STIX string literal: backslash and single quote are escaped (STIX 2.1 section 9.6.1)."""
    if "\\" in text or "'" in text:
        text = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{text}'"


def read_pattern(text: str) -> PatternRead:
    """The signal that a pattern of ours, or a single equality of others, looks for.

    The text found is raw: only `core.normal` makes signals. Raises Unreadable for the rest of the
    pattern language, which says more than "this value is bad".
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise _unreadable(text)
    first, operator, second = match["first"], match["operator"], match["second"]
    found = _one(first) if operator is None else _two(first, operator, second)
    if found is None:
        raise _unreadable(text)
    kind, value = found
    return PatternRead(kind, value, _writes(kind, value) == text)


# Possessive throughout: hostile input costs one pass.
_STEP = r"[A-Za-z0-9_-]++"
_PATH = rf"{_STEP}:[A-Za-z0-9_]++(?:\.(?:{_STEP}|'{_STEP}'|\"{_STEP}\"))?+"
_COMPARISON = rf"{_PATH}\s*+=\s*+'(?:[^'\\]++|\\['\\])*+'"
_PATTERN: Final = re.compile(
    rf"\s*+\[\s*+(?P<first>{_COMPARISON})\s*+"
    rf"(?:(?P<operator>AND|OR)\s++(?P<second>{_COMPARISON})\s*+)?+\]\s*+"
)
_SPLIT: Final = re.compile(r"([^:]++):([^\s=]++)\s*+=\s*+'(.*+)", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_HASH: Final = re.compile(r"hashes\.['\"]?([A-Za-z0-9_-]+)['\"]?")


def _path(name: str) -> str:
    """An object path; a step with a hyphen has to be quoted (STIX 2.1 section 9.7.1)."""
    first, dot, rest = name.partition(".")
    return f"{first}.{quoted(rest)}" if dot else name


def _split(comparison: str) -> tuple[str, str, str]:
    """Type, property path and unescaped value of one comparison that `_PATTERN` has let through."""
    match = _SPLIT.fullmatch(comparison)
    assert match, comparison
    kind, path, text = match[1], match[2], match[3][:-1]
    return kind, path, _ESCAPED.sub(r"\1", text) if "\\" in text else text


def _one(comparison: str) -> tuple[Kind, str] | None:
    kind, path, text = _split(comparison)
    if kind == "file":
        return _read_hash(path, text)
    reader = _READERS.get(f"{kind}:{path}")
    return reader(text) if reader else None


def _two(first: str, operator: str, second: str) -> tuple[Kind, str] | None:
    """The two forms of one url, or an account's type with its name."""
    one, other = _split(first), _split(second)
    if operator == "OR":
        return _read_url_pair(one, other)
    if one[0] == other[0] == "network-traffic":
        return _read_endpoint(one, other)
    if (one[0], one[1]) != ("user-account", "account_type"):
        one, other = other, one
    if one[:2] != ("user-account", "account_type") or other[0] != "user-account":
        return None
    return _read_account(one[2], other[1], other[2])


def _read_url_pair(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> tuple[Kind, str] | None:
    if one[:2] != ("url", "value") or other[:2] != ("url", "value"):
        return None
    rest = one[2].removeprefix("http://")
    return (Kind.URL, rest) if other[2] == f"https://{rest}" else None


def _read_endpoint(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> tuple[Kind, str] | None:
    """The one end of a connection and what it is, as MISP writes addresses."""
    end, _, what = one[1].partition(".")
    if what != "type" or other[1] != f"{end}.value" or end not in ("src_ref", "dst_ref"):
        return None
    reader = _READERS.get(f"{one[2]}:value")
    return reader(other[2]) if reader and one[2] in _ENDPOINTS else None


_ENDPOINTS: Final = frozenset({"ipv4-addr", "ipv6-addr", "domain-name"})


def _read_account(account_type: str, path: str, name: str) -> tuple[Kind, str] | None:
    if path not in ("account_login", "user_id"):
        return None
    kind = account_kind(account_type)
    value = account_of(kind, account_type, name)
    return (kind, value) if value else None


def _read_hash(path: str, text: str) -> tuple[Kind, str] | None:
    match = _HASH.fullmatch(path)
    if match is None:
        return None
    kind, name = _HASH_NAMES.get(match[1].upper().replace("-", ""), (None, ""))
    return (kind, f"{name}:{text}") if kind else None


#: STIX hash names without hyphens, which others leave out → kind, and our name.
_HASH_NAMES: Final[dict[str, tuple[Kind, str]]] = {
    theirs.replace("-", ""): (kind, name)
    for kind, names in ((Kind.FILE_HASH, FILE_HASHES), (Kind.IMAGE_HASH, IMAGE_HASHES))
    for name, theirs in names.items()
}


def _as(kind: Kind) -> Callable[[str], tuple[Kind, str]]:
    return lambda text: (kind, text)


def _address(text: str, form: str) -> tuple[Kind, str] | None:
    """An IP address as the host of a url; a network (CIDR) is no single thing."""
    return None if "/" in text else (Kind.URL, form.format(text))


#: What a single equality on this property says. An IP literal is a url (PROTOCOL, "signal key").
_READERS: Final[dict[str, Callable[[str], tuple[Kind, str] | None]]] = {
    "domain-name:value": _as(Kind.DOMAIN),
    "hostname:value": _as(Kind.DOMAIN),  # OpenCTI
    "url:value": _as(Kind.URL),
    "ipv4-addr:value": lambda text: _address(text, "{}"),
    "ipv6-addr:value": lambda text: _address(text, "[{}]"),
    "email-addr:value": _as(Kind.EMAIL),
    "email-message:from_ref.value": _as(Kind.EMAIL),  # MISP
    "email-message:sender_ref.value": _as(Kind.EMAIL),
    "phone-number:value": _as(Kind.PHONE),
    "bank-account:iban": _as(Kind.BANK_ACCOUNT),
    "bank-account:account_number": _as(Kind.BANK_ACCOUNT),
    "cryptocurrency-wallet:value": _as(Kind.WALLET),
    "user-account:account_login": _as(Kind.HANDLE),
    "user-account:user_id": _as(Kind.HANDLE),
    "software:name": _as(Kind.APP),
}


def _writes(kind: Kind, value: str) -> str | None:
    """What `pattern` would write for this value, or None for text that is no canonical form."""
    try:
        return pattern(Signal(kind, value))
    except LookupError:
        return None


def _unreadable(text: str) -> Unreadable:
    return Unreadable(
        "pattern",
        f"The pattern {text[:100]!a} is not read here",
        why="only one equality on a known property, or a pattern of this software, is a signal",
        do="split it into one indicator for each value",
    )
