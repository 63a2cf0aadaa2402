"""The most visited sites of the MISP warning lists (CC0): well known, so never bad by their name.

Only the host itself: what lies below may be anybody's.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec

_PACKAGE: Final = "pymispwarninglists"
_LISTS: Final = ("tranco10k", "cisco_top20k", "bank-website")


class _List(msgspec.Struct, rename={"hosts": "list"}):
    hosts: list[str]


@cache
def popular() -> frozenset[str]:
    """About 30 000 hosts, read at first use; empty where the lists are not installed."""
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        return frozenset()
    folder = Path(spec.origin).parent / "data" / "misp-warninglists" / "lists"
    found = (
        msgspec.json.decode((folder / name / "list.json").read_bytes(), type=_List)
        for name in _LISTS
    )
    return frozenset(host.lower().strip(".") for one in found for host in one.hosts)
