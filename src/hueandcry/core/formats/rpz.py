"""Response policy zones (draft-vixie-dnsop-dns-rpz) in and out, by dnspython.

In: rules that answer "no such name" or drop are claims about the name. A wildcard after its own
name is the same claim, since a domain stands for what is below it; alone it is none, since nobody
blocks the name itself. Out: names that pass first, then two
records for every domain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from hueandcry.core.formats.rows import Account, Entry, Heading, Options, Row
from hueandcry.core.formats.stream import Stream
from hueandcry.core.formats.text import preamble
from hueandcry.core.types import DAY, SECOND, Kind

#: Seconds for which a resolver may keep an answer of the zone.
TTL: Final = 300
_PASS: Final = "rpz-passthru."
#: What the answers of a zone mean (section 3): these block.
_BLOCKS: Final = frozenset({".", "*.", "rpz-drop."})
_TRIGGERS: Final = ("rpz-ip", "rpz-client-ip", "rpz-nsip", "rpz-nsdname")
_STRUCTURE: Final = frozenset({"SOA", "NS", "DNSKEY", "RRSIG", "NSEC", "NSEC3", "NSEC3PARAM"})
_CLASSES: Final = frozenset({"IN", "CH", "HS"})
_SECONDS: Final = re.compile(r"(?:[0-9]++[smhdw]?+)++", re.I)
_MAX_TOKENS: Final = 64
#: A relative name without anything that a zone file writes in a way of its own.
_PLAIN: Final = re.compile(r"(?:\*\.)?(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}")


def read(stream: Stream, options: Options, account: Account) -> Iterator[Row]:
    """A row for each rule of the zone; records that make the zone one are skipped.

    Read line by line, since one line that is wrong must not lose the others, and since a zone may
    hold more names than memory.
    """
    reader = _Zone(account)
    for n, line, good in _records(stream):
        if not good:
            yield Row(n, line, fault="not_text")
        else:
            row = reader.row(n, line)
            if row is not None:
                yield row


def _records(stream: Stream) -> Iterator[tuple[int, str, bool]]:
    """Lines, those in parentheses joined (RFC 1035 section 5.1), at most 64 of them."""
    open: list[str] = []
    first = 0
    for n, line, good in stream.lines():
        text = _uncommented(line) if good else line
        if not good and not open:
            yield n, line[:400], False
            continue
        first = first or n
        open.append(text)
        depth = sum(part.count("(") - part.count(")") for part in open)
        if depth > 0 and len(open) < _MAX_TOKENS:
            continue
        yield first, " ".join(part.strip("\r\n") for part in open), True
        open, first = [], 0
    if open:
        yield first, " ".join(part.strip("\r\n") for part in open), True


def _uncommented(line: str) -> str:
    return line.partition(";")[0] if ";" in line and '"' not in line else line


class _Zone:
    """What the lines before say about the next: origin, owner, and names already taken."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._origin = "."
        self._owner = ""
        self._last = ""

    def row(self, n: int, line: str) -> Row | None:
        words = line.replace("(", " ").replace(")", " ").split()
        if not words:
            return None
        if words[0].startswith("$"):
            return self._directive(n, words, line)
        if not line[:1].isspace():
            self._owner = words.pop(0)
        while words and (words[0].upper() in _CLASSES or _SECONDS.fullmatch(words[0])):
            words.pop(0)
        if not words or not self._owner:
            return Row(n, line.strip()[:400], fault="not_a_record")
        return self._rule(n, words[0].upper(), words[1:], line)

    def _directive(self, n: int, words: list[str], line: str) -> Row | None:
        name = words[0].upper()
        if name == "$ORIGIN" and len(words) > 1:
            self._origin = words[1] if words[1].endswith(".") else f"{words[1]}."
        elif name not in ("$TTL", "$ORIGIN"):
            return Row(n, line.strip()[:400], fault="not_a_record")
        self._account.skipped[name] += 1
        return None

    def _rule(self, n: int, type: str, data: list[str], line: str) -> Row | None:
        if type in _STRUCTURE:
            if type == "SOA" and self._origin == ".":
                self._origin = self._absolute(self._owner)
            self._account.skipped[type] += 1
            return None
        owner = self._relative()
        if owner is None or not data:
            return Row(n, line.strip()[:400], fault="not_a_record")
        if _trigger(owner):
            return Row(n, owner, fault="address_trigger")
        if type != "CNAME" or data[0].lower() not in _BLOCKS:
            return Row(n, owner, fault="not_a_block")
        if not owner.startswith("*."):
            self._last = owner
            return Row(n, owner, Kind.DOMAIN)
        if owner[2:] != self._last:
            return Row(n, owner, fault="wildcard")
        self._account.skipped["wildcard"] += 1  # beside its own name it is the same claim
        return None

    def _absolute(self, name: str) -> str:
        if name == "@":
            return self._origin
        return name if name.endswith(".") else f"{name}.{self._origin.removeprefix('.')}"

    def _relative(self) -> str | None:
        """The owner inside the zone as a name, escapes undone; None for one outside it."""
        if _PLAIN.fullmatch(self._owner) and len(self._owner) <= _LONGEST:
            return self._owner.lower()  # nearly every rule of nearly every zone
        # Imported here because it costs every command 50 ms, and few of them ever see a zone.
        import dns.exception
        import dns.name

        try:
            name = dns.name.from_text(self._absolute(self._owner), dns.name.root)
            origin = dns.name.from_text(self._origin, dns.name.root)
            if not name.is_subdomain(origin) or name == origin:
                return None
            return name.relativize(origin).to_text(omit_final_dot=True).lower()
        except (dns.exception.DNSException, UnicodeError, ValueError):
            return None


def _trigger(owner: str) -> bool:
    return owner.endswith(_TRIGGERS) and owner.rpartition(".")[2] in _TRIGGERS


# --- out -----------------------------------------------------------------------------------------


def write(entries: Iterable[Entry], heading: Heading) -> Iterator[str]:
    """The zone: SOA, NS, names that pass, then `CNAME .` for every domain and for what is below.

    No entry can be kept beyond its end: the zone expires with its refreshing (SOA expire is a day).
    """
    yield from preamble(heading, ";")
    yield f"$TTL {TTL}\n"
    yield f"@ SOA localhost. hostmaster.localhost. {heading.serial} 300 120 {DAY // SECOND} {TTL}\n"
    yield "@ NS localhost.\n"
    for host, whole in heading.passes:
        yield from _pair(host, _PASS, whole)
    for entry in entries:
        if entry.signal.kind is Kind.DOMAIN:
            yield from _pair(entry.signal.value, ".", True)


def _pair(host: str, target: str, whole: bool) -> Iterator[str]:
    name = _escaped(host)
    if name is None:
        return
    yield f"{name} CNAME {target}\n"
    if whole:
        yield f"*.{name} CNAME {target}\n"


def _escaped(host: str) -> str | None:
    """The name as a zone file writes it, with room for a wildcard and the name of the zone."""
    import dns.exception
    import dns.name

    try:
        name = dns.name.from_text(host, None)
    except (dns.exception.DNSException, UnicodeError):
        return None
    return name.to_text() if len(name) and len(host) <= _LONGEST else None


_LONGEST: Final = 200  #: of 253: the zone's own name comes behind it


def serial_after(held: int, wished: int) -> int:
    """The wished serial, or the next after the one held where it would not grow (RFC 1982)."""
    wished %= 1 << 32
    ahead = (wished - held) % (1 << 32)
    return wished if 0 < ahead < 1 << 31 else (held + 1) % (1 << 32)
