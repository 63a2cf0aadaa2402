"""Names of hosts: UTS #46 to lower-case A-labels, and IP literals in any notation.

Non-transitional processing, underscore kept (PROTOCOL). An IP literal is never a `domain`.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

import idna

from hueandcry.core.errors import Unreadable
from hueandcry.core.normal.text import refang

MAX_NAME = 253
_LABEL = 63
#: No top-level name begins with a digit, so nothing that matches can be an IPv4 literal.
_PLAIN = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+[a-z][a-z0-9-]{0,62}")
_SINGLE = re.compile(r"[a-z0-9_-]{1,63}")
_DOTS = re.compile(r"\.\.+")
_SCHEME = re.compile(r"[a-z][a-z0-9+.*-]{0,31}(?::|\[:)", re.I)
_JOINERS = re.compile("[\u200c\u200d]")
_NAT64 = 0x0064_FF9B << 64


def is_plain(text: str) -> bool:
    """Whether `text` is a domain in canonical form already."""
    return _PLAIN.fullmatch(text) is not None and len(text) <= MAX_NAME


def domain(text: str, market: str | None = None) -> str:
    """The canonical domain; raises Unreadable for addresses, wildcards, paths and IP literals."""
    text = refang(text).removesuffix("/")
    name = _lower(text)
    if is_plain(name):
        return name
    raise _why_not(text, name)


def url_host(text: str) -> str:
    """The host of a url: a canonical name, a single label, `1.2.3.4` or `[2001:db8::1]`."""
    if text.startswith("["):
        return _ipv6(text)
    name = _DOTS.sub(".", _lower(text))
    if is_plain(name):
        return name
    if is_ipv4_like(name):
        return _ipv4(name)
    if _SINGLE.fullmatch(name):
        return name
    raise Unreadable(
        "not-a-host",
        "The host in this address is none that a browser would open",
        why="A host is parts of letters, digits, '-' and '_' with dots between them, or an IP",
        do="Copy the address again from its source",
    )


def is_ipv4_like(name: str) -> bool:
    """Whether the last label is a number, so that browsers read the host as IPv4 (WHATWG URL)."""
    last = name.rpartition(".")[2]
    return (last.isascii() and last.isdigit()) or _is_hex(last)


def _lower(text: str) -> str:
    """Lower-case A-labels without outer dots, checked for nothing yet."""
    return (text.lower() if text.isascii() else to_ascii(text)).strip(".")


def to_ascii(text: str) -> str:
    """`text` after UTS #46 with its labels as A-labels; raises Unreadable; checks no form."""
    try:
        mapped = idna.uts46_remap(text, std3_rules=False)
    except (idna.IDNAError, UnicodeError):
        raise Unreadable(
            "domain-characters",
            "This holds characters that no domain can have",
            why="UTS #46 forbids them",
            do="Copy the name again, without the text around it",
        ) from None
    return ".".join(label if label.isascii() else _a_label(label) for label in mapped.split("."))


def _a_label(label: str) -> str:
    if len(label) > _LABEL:
        raise _label_too_long()
    try:
        return idna.alabel(label).decode()
    except (idna.IDNAError, UnicodeError):
        # Browsers open emoji and other names that UTS #46 lets pass and IDNA 2008 does not;
        # joiners outside the scripts that need them are only there to deceive.
        bare = _JOINERS.sub("", label)
        return bare if bare.isascii() else f"xn--{bare.encode('punycode').decode()}"


def _ipv4(name: str) -> str:
    """Any notation that browsers take (octal, hexadecimal, fewer than four parts), dotted."""
    parts = name.split(".")
    numbers = [_ipv4_part(part) for part in parts]
    *front, last = numbers
    if len(numbers) > 4 or any(n > 255 for n in front) or last >= 256 ** (5 - len(numbers)):
        raise _bad_ip()
    value = last
    for place, number in enumerate(front):
        value += number << (8 * (3 - place))
    return str(IPv4Address(value))


def _ipv4_part(part: str) -> int:
    if _is_hex(part) and len(part) <= 20:
        return int(part[2:] or "0", 16)
    if not (part.isascii() and part.isdigit()) or len(part) > 20:
        raise _bad_ip()
    if part[0] != "0":
        return int(part)
    if "8" in part or "9" in part:
        raise _bad_ip()
    return int(part, 8)


def _is_hex(part: str) -> bool:
    return part[:2] == "0x" and all(char in "0123456789abcdef" for char in part[2:])


def _ipv6(text: str) -> str:
    try:
        address = IPv6Address(text[1:-1] if text.endswith("]") else "")
    except AddressValueError:
        raise _bad_ip() from None
    if address.scope_id is not None:
        raise _bad_ip()
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    if int(address) >> 32 == _NAT64:
        return str(IPv4Address(int(address) & 0xFFFF_FFFF))
    return f"[{address}]"


def _bad_ip() -> Unreadable:
    return Unreadable(
        "ip-address",
        "This is not an IP address",
        why="It ends in a number, as no domain does, but its parts do not make an address",
        do="Write it as 192.0.2.1 or [2001:db8::1]",
    )


def _label_too_long() -> Unreadable:
    return Unreadable(
        "domain-too-long",
        "This is too long for a domain",
        why=f"A name has at most {MAX_NAME} characters and each part of it {_LABEL} (RFC 1035)",
        do="Check where the name ends",
    )


def _why_not(text: str, name: str) -> Unreadable:
    """Why `name`, which came of `text`, is no domain, with what to do instead."""
    if len(name) > MAX_NAME or any(len(label) > _LABEL for label in name.split(".")):
        return _label_too_long()
    if name.startswith("*"):
        return Unreadable(
            "wildcard",
            "A pattern is not a domain",
            why="A claim on a domain already covers everything below it",
            do="Leave out the star",
        )
    if "@" in name:
        return Unreadable("is-email", "This is an e-mail address", do="Use the kind email")
    if _SCHEME.match(text) or any(char in name for char in "/?#:\\"):
        return Unreadable(
            "is-url", "This is an address, not a domain", do="Use the kind url, or the host alone"
        )
    if is_ipv4_like(name):
        return Unreadable("is-ip", "An IP address is not a domain", do="Use the kind url")
    return Unreadable(
        "not-a-domain",
        "This is not a domain",
        why="A domain is parts of letters, digits, '-' and '_' with dots between them",
        do="Write it like shop.example",
    )
