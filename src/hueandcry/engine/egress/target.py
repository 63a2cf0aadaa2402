"""Reading the URL of an outgoing call: one strict form, sent exactly as it was written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address

from hueandcry.core.errors import Malformed

_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?:\[(?P<six>[0-9a-fA-F:.]{2,45})\]|(?P<name>[A-Za-z0-9._-]{1,253}))"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>/[!-\"$->@-~]*)?"
    r"(?P<query>\?[!-\"$-~]*)?"
)
_DEFAULT = {"http": 80, "https": 443}
URL_MAX = 8_192


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: `host` is what is resolved, `authority` what stands in Host."""

    scheme: str
    host: str
    port: int
    authority: str
    path: str
    query: str  #: with its `?`; empty when there is none

    @property
    def is_plain(self) -> bool:
        """Whether this is http without TLS."""
        return self.scheme == "http"


def read_url(url: str) -> Target:
    """Takes `http(s)://host[:port][/path][?query]` in ASCII, and nothing else; raises Malformed.

    No user information, no fragment, no blanks, no other spelling of a host or port.
    """
    found = _URL.fullmatch(url) if len(url) <= URL_MAX else None
    port = int(found["port"] or _DEFAULT[found["scheme"]]) if found else 0
    if found is None or port > 65_535 or not _is_host(found["six"], found["name"]):
        raise Malformed(
            "url",
            "This is not a URL that can be called",
            why="Wanted is https://host[:port]/path, in ASCII, without user or fragment",
            do="Write international names in their xn-- form",
        )
    host = (found["six"] or found["name"]).lower()
    name = f"[{host}]" if found["six"] else host
    authority = name if port == _DEFAULT[found["scheme"]] else f"{name}:{port}"
    return Target(
        found["scheme"], host, port, authority, found["path"] or "/", found["query"] or ""
    )


def _is_host(six: str | None, name: str | None) -> bool:
    if name is not None:
        return not name.startswith(".") and ".." not in name
    try:
        return bool(IPv6Address(six or ""))
    except ValueError:
        return False
