"""Plain text, one value a line, and hosts files. Defanged values are left to `core.normal`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from hueandcry.core.formats.rows import Account, Entry, Heading, Options, Row
from hueandcry.core.formats.stream import Stream
from hueandcry.core.times import time_text
from hueandcry.core.types import Kind

#: What hosts files point bad names to.
SINKS: Final = frozenset({"0.0.0.0", "127.0.0.1", "::", "::1"})
#: Names that every hosts file defines for its own machine.
_OWN_NAMES: Final = frozenset(
    {
        *("localhost", "localhost.localdomain", "local", "broadcasthost", "ip6-localhost"),
        *("ip6-loopback", "ip6-localnet", "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters"),
        *("ip6-allhosts", "0.0.0.0"),
    }
)


def read(stream: Stream, options: Options, account: Account) -> Iterator[Row]:
    """One value a line; `0.0.0.0 name name…` as hosts files write them; `#` begins a comment."""
    for n, line, good in stream.lines():
        if not good:
            yield Row(n, line, fault="not_text")
            continue
        if " #" in line or "\t#" in line or line[:1] in "#;!":
            line = _uncommented(line)
        words = line.split(None, 1)
        if len(words) == 1:
            yield Row(n, words[0])
        elif words and words[0] in SINKS:
            yield from _hosts(n, words[1], account)
        elif words:
            yield Row(n, line.strip())


def _uncommented(line: str) -> str:
    if line[:1] in "#;!":
        return ""
    return line.replace("\t#", " #").partition(" #")[0]


def _hosts(n: int, names: str, account: Account) -> Iterator[Row]:
    for name in names.split():
        if name in _OWN_NAMES:
            account.skipped["own_name"] += 1
        else:
            yield Row(n, name)


def write_text(entries: Iterable[Entry], heading: Heading) -> Iterator[str]:
    """The values alone, one a line, under a comment."""
    yield from preamble(heading, "#")
    for entry in entries:
        yield entry.signal.value + "\n"


def write_hosts(entries: Iterable[Entry], heading: Heading) -> Iterator[str]:
    """`0.0.0.0 name` for every domain; hosts files know no other kind and no sub-domains."""
    yield from preamble(heading, "#")
    for entry in entries:
        if entry.signal.kind is Kind.DOMAIN:
            yield f"0.0.0.0 {entry.signal.value}\n"


def preamble(heading: Heading, mark: str) -> Iterator[str]:
    """Whose list it is, for whom, of when, and whom to ask, as comments."""
    yield f"{mark} Hue and Cry list {one_line(heading.name)} of {one_line(heading.member)}\n"
    yield f"{mark} for audience {heading.audience}, TLP:{heading.tlp.wire}\n"
    yield f"{mark} as of {time_text(heading.at)}; fetch it again at least daily: entries expire\n"
    yield f"{mark} appeals: {one_line(heading.url)}/\n"


def one_line(text: str) -> str:
    """The text without anything that could begin another line."""
    return " ".join(text.split())
