"""Which signals to look up for one value: what a claim on a parent, or on a folder, covers too."""

from __future__ import annotations

from hueandcry.core.normal.hosts import is_plain
from hueandcry.core.normal.suffixes import lineage
from hueandcry.core.normal.urls import paths, split
from hueandcry.core.types import Kind, Signal

_PARENT_HOSTS = 4  #: Safe Browsing v5: the exact host, and up to four from the registrable one up


def lookups(signal: Signal) -> tuple[Signal, ...]:
    """The signals to look up for `signal`, itself first, then ever less specific ones.

    A domain: also each parent down to the registrable domain. A url: also its Safe Browsing
    expressions, and after those of each host the host itself as a domain. Others: only itself.
    """
    if signal.kind is Kind.DOMAIN:
        return tuple([Signal(Kind.DOMAIN, name) for name in lineage(signal.value)])
    return _of_url(signal) if signal.kind is Kind.URL else (signal,)


def _of_url(signal: Signal) -> tuple[Signal, ...]:
    prefix, host, tail = split(signal.value)
    names = lineage(host) if is_plain(host) else ()
    if prefix:
        return (signal, *[Signal(Kind.DOMAIN, name) for name in names])
    tails = paths(tail)
    found = [Signal(Kind.URL, host + path) for path in tails]
    first_parent = max(1, len(names) - _PARENT_HOSTS)
    for place, name in enumerate(names):
        if place >= first_parent:
            found += [Signal(Kind.URL, name + path) for path in tails]
        found.append(Signal(Kind.DOMAIN, name))
    return tuple(found)
