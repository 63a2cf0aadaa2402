"""Reads and writes the little of ASN.1 that time-stamps are made of (X.690).

Standard library only. Read leniently in one point only: the members of a SET may come in any order,
as OpenSSL and others write them. Lengths are definite, tags have one byte, as DER has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hueandcry.core.errors import Malformed

INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x02, 0x03, 0x04, 0x05, 0x06
BOOLEAN, GENERALIZED_TIME, UTC_TIME = 0x01, 0x18, 0x17
SEQUENCE, SET = 0x30, 0x31

_LONG = 0x80
_MAX_LENGTH_BYTES = 4


def context(number: int) -> int:
    """The tag of a constructed context-specific element."""
    return 0xA0 | number


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its tag, its content, and the whole of it as it was read."""

    tag: int
    content: bytes
    raw: bytes

    def within(self) -> list[Element]:
        """The elements that it is made of; Malformed where they do not fill it."""
        return list(_elements(self.content))

    def only(self, tag: int) -> Element:
        """Itself, where it has this tag; Malformed otherwise."""
        if self.tag != tag:
            raise _wrong(f"tag {self.tag:#x} stands where {tag:#x} is expected")
        return self

    def number(self) -> int:
        """The value of an INTEGER."""
        return int.from_bytes(self.only(INTEGER).content, "big", signed=True)

    def name(self) -> str:
        """An OBJECT IDENTIFIER as numbers with dots."""
        return _dotted(self.only(OID).content)

    def octets(self) -> bytes:
        """The content of an OCTET STRING."""
        return self.only(OCTET_STRING).content


class Fields:
    """The members of a SEQUENCE, taken in order; optional ones by their tag."""

    def __init__(self, of: Element, tag: int = SEQUENCE) -> None:
        self._left = of.only(tag).within()

    def take(self, tag: int | None = None) -> Element:
        """The next member, of this tag; Malformed when it is another or there is none."""
        if not self._left:
            raise _wrong("a member is missing")
        found = self._left.pop(0)
        return found if tag is None else found.only(tag)

    def maybe(self, tag: int) -> Element | None:
        """The next member where it has this tag."""
        return self._left.pop(0) if self._left and self._left[0].tag == tag else None


def read(data: bytes) -> Element:
    """The one element that these bytes are; Malformed."""
    found = list(_elements(data))
    if len(found) != 1:
        raise _wrong("more or less than one element")
    return found[0]


def _elements(data: bytes) -> Iterator[Element]:
    at = 0
    while at < len(data):
        tag, begin, end = _header(data, at)
        yield Element(tag, data[begin:end], data[at:end])
        at = end


def _header(data: bytes, at: int) -> tuple[int, int, int]:
    """(tag, where the content begins, where it ends)"""
    if len(data) < at + 2 or data[at] & 0x1F == 0x1F:
        raise _wrong("no element begins here")
    length, begin = data[at + 1], at + 2
    if length >= _LONG:
        size = length & ~_LONG
        if not 1 <= size <= _MAX_LENGTH_BYTES:
            raise _wrong("a length that is not definite, or beyond all bounds")
        begin += size
        length = int.from_bytes(data[at + 2 : begin], "big")
    end = begin + length
    if end > len(data):
        raise _wrong("an element is cut short")
    return data[at], begin, end


def _dotted(content: bytes) -> str:
    if not content or content[-1] & _LONG:
        raise _wrong("an object identifier is cut short")
    numbers, value = [], 0
    for byte in content:
        value = value << 7 | byte & ~_LONG & 0xFF
        if not byte & _LONG:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def _wrong(why: str) -> Malformed:
    return Malformed("der", "These bytes are not the ASN.1 that they should be", why=why)


# --- writing --------------------------------------------------------------------------------------


def element(tag: int, *contents: bytes) -> bytes:
    """An element of these contents, with the shortest length."""
    content = b"".join(contents)
    if len(content) < _LONG:
        return bytes((tag, len(content))) + content
    size = (len(content).bit_length() + 7) // 8
    return bytes((tag, _LONG | size)) + len(content).to_bytes(size, "big") + content


def integer(value: int) -> bytes:
    """A non-negative INTEGER."""
    return element(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def identifier(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER."""
    first, second, *rest = map(int, dotted.split("."))
    return element(OID, *map(_base128, (40 * first + second, *rest)))


def _base128(value: int) -> bytes:
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(value & 0x7F | _LONG)
    return bytes(reversed(digits))
