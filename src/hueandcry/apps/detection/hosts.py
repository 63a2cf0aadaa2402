"""Whose word a host is: what its owner chose, and under which roof it stands.

Below a platform (`pages.dev`, `webflow.io`) a stranger chose one label only, and the platform is
answerable for none of it: it is never what is judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final

from hueandcry.apps.detection.tables import rows
from hueandcry.core.normal.hosts import is_plain
from hueandcry.core.normal.suffixes import is_private_suffix, is_suffix, lineage


class Roof(StrEnum):
    """Under what a host stands."""

    REGISTRY = "registry"  #: a name of its own below `com`, `co.th`
    TENANT = "tenant"  #: a name below a platform that gives names to anybody
    MACHINE = "machine"  #: a name that a cloud or a delivery network made
    GATEWAY = "gateway"  #: content by its hash
    PAGES = "pages"  #: everybody's host: the path says whose page it is
    SHORT = "short"  #: a host that hides where it leads
    ADDRESS = "address"  #: an IP literal
    NONE = "none"  #: a single label, or a public suffix itself


#: Roofs under which the host alone says nothing about who is there.
SILENT: Final = frozenset({Roof.PAGES, Roof.SHORT, Roof.GATEWAY, Roof.NONE})


@dataclass(frozen=True, slots=True)
class Host:
    """One canonical host, parted into what its owner chose and what others gave."""

    name: str
    own: str  #: labels that the owner chose, without a leading `www`; empty under a silent roof
    suffix: str
    roof: Roof

    @property
    def label(self) -> str:
        """The label that was registered, or that the platform gave to this tenant."""
        return self.own.rpartition(".")[2]


@cache
def _hosting() -> dict[str, Roof]:
    return {suffix: Roof(sort) for sort, suffix in rows("hosting.tsv")}


@lru_cache(maxsize=8_192)
def read_host(name: str) -> Host:
    """The parts of a canonical host, of an IP literal or of a single label."""
    if not is_plain(name):
        return Host(name, "", "", Roof.ADDRESS if name[-1:] in "]0123456789" else Roof.NONE)
    roof, suffix = _roof(name)
    if roof in SILENT:
        return Host(name, "", suffix, roof)
    own = name[: -len(suffix) - 1].removeprefix("www.")
    return Host(name, own, suffix, roof)


def _roof(name: str) -> tuple[Roof, str]:
    """The roof of a domain and the suffix that others gave it."""
    hosting = _hosting()
    bare = name.removeprefix("www.")
    if found := hosting.get(bare):
        return (found if found in SILENT else Roof.NONE), bare
    parent = name
    while parent := parent.partition(".")[2]:
        if (found := hosting.get(parent)) and found not in (Roof.PAGES, Roof.SHORT):
            return found, parent
    if is_suffix(name):
        return Roof.NONE, name
    suffix = lineage(name)[-1].partition(".")[2]
    return (Roof.TENANT if is_private_suffix(suffix) else Roof.REGISTRY), suffix
