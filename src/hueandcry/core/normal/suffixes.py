"""The public suffix list with its private section: where a registrable domain begins.

The rules come from the snapshot inside tldextract: no network, no cache on disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from hueandcry.core.normal.hosts import is_plain, to_ascii

#: Special-use names (RFC 6761, RFC 7686) that are top-level names without being on the list.
_SPECIAL = frozenset({"example", "test", "invalid", "onion"})


@dataclass(frozen=True, slots=True)
class _Rules:
    """The list as three sets of A-labels, and every top-level name that occurs in it."""

    exact: frozenset[str]
    wild: frozenset[str]
    exceptions: frozenset[str]
    tops: frozenset[str]
    private: frozenset[str]  #: of `exact` and `wild`: under them anybody gets a name from a company


@cache
def _rules() -> _Rules:
    # Imported here because it brings an HTTP client (0.1 s) that is never used.
    from tldextract import TLDExtract

    extract = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
    names = [_ascii(name) for name in extract.tlds]
    registries = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=False)
    private = {_ascii(name) for name in {*extract.tlds}.difference(registries.tlds)}
    return _Rules(
        exact=frozenset(name for name in names if name[0] not in "*!"),
        wild=frozenset(name[2:] for name in names if name.startswith("*.")),
        exceptions=frozenset(name[1:] for name in names if name[0] == "!"),
        tops=frozenset(name.rpartition(".")[2] for name in names) | _SPECIAL,
        private=frozenset(name.removeprefix("*.") for name in private),
    )


def _ascii(rule: str) -> str:
    return rule if rule.isascii() else to_ascii(rule)


def registrable(host: str) -> str | None:
    """The registrable domain of a canonical host; None for a public suffix, an IP or no domain."""
    if not is_plain(host):
        return None
    last = lineage(host)[-1]
    return None if is_suffix(last) else last


def is_suffix(name: str) -> bool:
    """Whether `name` is itself a public suffix: `com`, `co.uk`, `pages.dev`."""
    rules = _rules()
    if name in rules.exact:
        return True
    parent = name.partition(".")[2]
    return not parent or (parent in rules.wild and name not in rules.exceptions)


def is_private_suffix(name: str) -> bool:
    """Whether `name` is a public suffix of a company, not of a registry: `pages.dev`."""
    rules = _rules()
    parent = name.partition(".")[2]
    return name in rules.private or (parent in rules.wild and parent in rules.private)


def is_known_top(name: str) -> bool:
    """Whether the last label of `name` is a top-level name that exists or is reserved."""
    return name.rpartition(".")[2] in _rules().tops


@lru_cache(maxsize=8_192)
def lineage(host: str) -> tuple[str, ...]:
    """A canonical domain and each of its parents, longest first, down to the registrable one.

    A public suffix, which nobody registers, is alone.
    """
    names = [host]
    name = host
    if is_suffix(host):
        return (host,)
    exceptions = _rules().exceptions  # what the list excepts from a wildcard is registrable
    while name not in exceptions and not is_suffix(parent := name.partition(".")[2]):
        names.append(parent)
        name = parent
    return tuple(names)
