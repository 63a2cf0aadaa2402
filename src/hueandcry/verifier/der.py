"""Reading DER (ITU-T X.690), as far as time-stamps and certificates need it.

Lengths are definite and in their shortest form. The order within a SET is not looked at: widely
used authorities send unsorted ones, and no digest here is taken over such a set but as it came.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from hueandcry.core.errors import Malformed
from hueandcry.core.types import SECOND, Micros

BOOLEAN, INTEGER, BITS, OCTETS, OID = 0x01, 0x02, 0x03, 0x04, 0x06
SEQUENCE, SET = 0x30, 0x31
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18


def context(number: int) -> int:
    """The tag of a constructed `[number]`."""
    return 0xA0 | number


@dataclass(frozen=True, slots=True)
class Value:
    """One value: its tag, its content, and all its bytes as they came."""

    tag: int
    content: bytes
    raw: bytes

    def parts(self) -> list[Value]:
        """The values in a constructed one."""
        return list(_values(self.content))

    def must(self, tag: int) -> Value:
        """Itself; Malformed unless it has this tag."""
        if self.tag != tag:
            raise Malformed("der", f"A value has tag {self.tag:#04x} where {tag:#04x} belongs")
        return self

    def integer(self) -> int:
        return int.from_bytes(self.must(INTEGER).content, "big", signed=True)

    def oid(self) -> str:
        """The object identifier in dotted form."""
        data = self.must(OID).content
        numbers, number = [], 0
        for byte in data:
            number = number << 7 | byte & 0x7F
            if not byte & 0x80:
                numbers.append(number)
                number = 0
        if not numbers or data[-1] & 0x80:
            raise Malformed("der", "An object identifier cannot be read")
        first = min(numbers[0] // 40, 2)
        return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))

    def bits(self) -> bytes:
        """A BIT STRING of whole bytes."""
        data = self.must(BITS).content
        if data[:1] != b"\x00":
            raise Malformed("der", "A bit string does not have whole bytes")
        return data[1:]

    def time(self) -> Micros:
        """UTCTime or GeneralizedTime in UTC; fractions are dropped."""
        try:
            text = self.content.decode("ascii").removesuffix("Z").partition(".")[0]
            if self.tag == UTC_TIME:
                text = ("20" if text < "50" else "19") + text
            elif self.tag != GENERALIZED_TIME:
                raise ValueError
            moment = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            raise Malformed("der", "A time cannot be read") from None
        return int(moment.timestamp()) * SECOND


def read(data: bytes) -> Value:
    """The one value that these bytes are."""
    values = list(_values(data))
    if len(values) != 1:
        raise Malformed("der", "These bytes are not one value")
    return values[0]


def _values(data: bytes) -> Iterator[Value]:
    at = 0
    while at < len(data):
        head, length = _length(data, at)
        end = head + length
        if end > len(data):
            raise Malformed("der", "A value ends too early")
        yield Value(data[at], data[head:end], data[at:end])
        at = end


def _length(data: bytes, at: int) -> tuple[int, int]:
    """(where the content begins, its length)."""
    if at + 2 > len(data) or data[at] & 0x1F == 0x1F:
        raise Malformed("der", "A value has no length, or a tag that is not read here")
    first = data[at + 1]
    if first < 0x80:
        return at + 2, first
    count = first & 0x7F
    head = at + 2 + count
    length = int.from_bytes(data[at + 2 : head], "big")
    if not 1 <= count <= 4 or head > len(data) or length < 0x80 or not data[at + 2]:
        raise Malformed("der", "A length is not in its shortest definite form")
    return head, length
