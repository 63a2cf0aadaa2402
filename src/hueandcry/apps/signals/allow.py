"""Allow-lists: well-known hosts that no claim may turn into a scam (DESIGN 4).

Popular sites match exactly: matching their parents would clear a quarter of known scam hosts,
which live on shared hosting. Banks own their whole domain, so their lists match parents too.
The million-lists are never read.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec

from hueandcry.core.errors import Broken
from hueandcry.core.types import Kind

PACKAGE: Final = "pymispwarninglists"
POPULAR: Final = ("tranco10k", "cisco_top20k")
OWNED: Final = ("bank-website",)  #: every host below an entry belongs to the same organisation


class _List(msgspec.Struct, rename={"hosts": "list"}):
    version: int
    hosts: list[str]


@dataclass(frozen=True, slots=True)
class AllowLists:
    """The lists in memory. `version` changes when any of them does."""

    exact: dict[str, str]  #: host → name of the list that holds it
    owned: frozenset[str]  #: hosts whose sub-domains are allowed too
    version: str

    def names(self, host: str) -> str:
        """The list that holds exactly this host, or empty."""
        return self.exact.get(host, "")

    def owner(self, host: str) -> str:
        """The host itself or the nearest parent whose whole domain is allowed, or empty."""
        owned = self.owned
        while host:
            if host in owned:
                return host
            host = host.partition(".")[2]
        return ""

    def of(self, kind: str, value: str) -> str:
        """The list that clears exactly this signal, or empty.

        A URL is cleared only as the root of its host: what lies deeper may be anybody's.
        """
        if kind == Kind.DOMAIN:
            return self.exact.get(value) or (OWNED[0] if self.owner(value) else "")
        if kind == Kind.URL and value.endswith("/") and value.count("/") == 1:
            return self.of(Kind.DOMAIN, value[:-1])
        return ""


@cache
def allow_lists() -> AllowLists:
    """The lists of the installed package, read at first use: about 30 000 hosts."""
    folder = _folder()
    exact: dict[str, str] = {}
    owned: set[str] = set()
    digest = hashlib.sha256()
    for name in (*OWNED, *POPULAR):
        found = msgspec.json.decode((folder / name / "list.json").read_bytes(), type=_List)
        digest.update(f"{name} {found.version} {len(found.hosts)}\n".encode())
        hosts = [host.lower().strip(".") for host in found.hosts]
        for host in hosts:
            exact.setdefault(host, name)
        if name in OWNED:
            owned.update(hosts)
    return AllowLists(exact, frozenset(owned), digest.hexdigest()[:16])


def _folder() -> Path:
    """Where the package keeps its lists; it is not imported, since that would read all of them."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise Broken("allow_lists", f"The package {PACKAGE} is missing", do="Install it again")
    return Path(spec.origin).parent / "data" / "misp-warninglists" / "lists"
