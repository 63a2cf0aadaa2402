"""JSON that two readers cannot read differently: strict reading and the RFC 8785 form.

Standard library only, since the offline verifier stands on it; `core.jcs` holds the fast twins.
What is refused is what RFC 7493 (I-JSON) warns of: duplicate members, numbers that a double cannot
hold, lone surrogates, and anything that is not UTF-8.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from itertools import accumulate
from typing import Any, NoReturn

from hueandcry.core.errors import Malformed, TooLarge

#: The greatest integer that every JSON reader keeps exactly (RFC 7493 section 2.2).
MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 32

_BOM = b"\xef\xbb\xbf"
# Possessive, and closed by a quote *or by the end*: hostile input costs one pass, never n squared.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def parse(data: bytes, *, max_bytes: int, max_depth: int = MAX_DEPTH, floats: bool = False) -> Any:
    """One JSON text as plain values; Malformed or TooLarge with a code that says what was wrong.

    Codes: `too_large`, `too_deep`, `not_utf8`, `bom`, `not_json`, `duplicate_member`, `float`,
    `big_integer`, `lone_surrogate`. With `floats`, finite fractions are let through.
    """
    check_bounds(data, max_bytes=max_bytes, max_depth=max_depth)
    text = _utf8(data)
    try:
        value = (_WITH_FLOATS if floats else _WITHOUT_FLOATS).decode(text)
    except ValueError as error:
        raise Malformed("not_json", "This is not JSON", why=str(error)) from None
    if _SURROGATE_ESCAPE.search(text):
        _refuse_lone_surrogates(value)
    return value


def check_bounds(data: bytes, *, max_bytes: int, max_depth: int) -> None:
    """Refuses a text that is too long or nested too deeply, without any recursion."""
    if len(data) > max_bytes:
        raise TooLarge("too_large", f"{len(data)} bytes, the bound is {max_bytes}")
    # Brackets inside strings are counted too, so this can only err towards the exact count below.
    if data.count(b"[") + data.count(b"{") > max_depth and _depth(data) > max_depth:
        raise _too_deep(max_depth)


def canonical(value: object, *, max_depth: int = MAX_DEPTH) -> bytes:
    """The RFC 8785 bytes of strings, integers, booleans, None, lists and dicts of these.

    Floats, integers beyond 2^53-1, lone surrogates and names that are not strings are Malformed.
    """
    ordered = _ordered(value, max_depth, max_depth)
    text = json.dumps(ordered, ensure_ascii=False, separators=(",", ":"), check_circular=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise _lone_surrogate() from None


def _ordered(value: object, room: int, max_depth: int) -> object:
    """The same value with its members in UTF-16 order (RFC 8785 section 3.2.3)."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return check_integer(value)
    if room == 0:
        raise _too_deep(max_depth)
    if isinstance(value, (list, tuple)):
        return [_ordered(item, room - 1, max_depth) for item in value]
    if isinstance(value, dict):
        names = sorted(value, key=_utf16)
        return {name: _ordered(value[name], room - 1, max_depth) for name in names}
    if isinstance(value, float):
        raise _no_floats(repr(value))
    raise Malformed("not_json", f"{type(value).__name__} has no JSON form here")


def check_integer(value: int) -> int:
    """The integer itself, or Malformed when some JSON readers would round it."""
    if -MAX_INTEGER <= value <= MAX_INTEGER:
        return value
    raise _big_integer()


def _utf16(name: object) -> bytes:
    if not isinstance(name, str):
        raise Malformed("not_json", f"A member name must be text, not {type(name).__name__}")
    try:
        return name.encode("utf-16-be")
    except UnicodeEncodeError:
        raise _lone_surrogate() from None


def _depth(data: bytes) -> int:
    brackets = _STRING.sub(b"", data).translate(None, _NOT_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def _utf8(data: bytes) -> str:
    if data.startswith(_BOM):
        raise Malformed("bom", "The text begins with a byte order mark", why="RFC 8259 section 8.1")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Malformed("not_utf8", "This is not UTF-8", why=str(error)) from None


def _refuse_lone_surrogates(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise _lone_surrogate() from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    counts = Counter(name for name, _ in pairs)
    twice = next(name for name, count in counts.items() if count > 1)
    raise Malformed(
        "duplicate_member",
        f"The member {twice[:64]!a} stands twice in one object",
        why="Two readers could each take the other one",
    )


def _integer(digits: str) -> int:
    # The length first: Python spends quadratic time on digits, and refuses more than 4300.
    if len(digits) > 17:
        raise _big_integer()
    return check_integer(int(digits))


def _finite(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise _no_floats(digits[:32])
    return value


def _no_floats(digits: str) -> Malformed:
    return Malformed(
        "float",
        f"The number {digits[:32]} is not an integer",
        why="Fractions are written differently by different programs",
        do="Write amounts as decimal strings",
    )


def _refuse_float(digits: str) -> NoReturn:
    raise _no_floats(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed("not_json", f"{name} is not JSON")


def _big_integer() -> Malformed:
    return Malformed(
        "big_integer",
        "An integer lies beyond 2^53-1",
        why="Many JSON readers would round it (RFC 7493 section 2.2)",
        do="Write it as a string",
    )


def _lone_surrogate() -> Malformed:
    return Malformed("lone_surrogate", "A string holds half of a surrogate pair")


def _too_deep(max_depth: int) -> TooLarge:
    return TooLarge("too_deep", f"Nested more than {max_depth} levels deep")


def _decoder(parse_float: Callable[[str], float]) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=_members,
        parse_float=parse_float,
        parse_int=_integer,
        parse_constant=_refuse_constant,
    )


_WITHOUT_FLOATS = _decoder(_refuse_float)
_WITH_FLOATS = _decoder(_finite)
