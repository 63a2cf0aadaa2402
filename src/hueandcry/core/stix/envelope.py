"""A TAXII envelope as posted: each object as its exact bytes and as its value, nothing read twice.

Duplicate members are refused before anything looks at a value. The fast decoder keeps one of two
equal names; but its encoder never writes a name twice, so that a value which, written again, gives
the same text without its blanks, held no duplicate. What differs is read by the strict reader.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from hueandcry.core import strictjson
from hueandcry.core.errors import Malformed, TooLarge

#: Bounds: bytes and objects of one envelope, bytes and depth of one object.
MAX_ENVELOPE: Final = 16 * 1024 * 1024
MAX_OBJECTS: Final = 10_000
MAX_OBJECT: Final = 256 * 1024
MAX_DEPTH: Final = 32


class Posted(NamedTuple):
    """One object: the bytes to keep and to serve again, and what they say."""

    raw: bytes
    value: Any


_members: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_raws: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode: Final = msgspec.json.Decoder().decode
_encode: Final = msgspec.json.Encoder().encode
_format: Final = msgspec.json.format
# Digits become 0, everything else a blank: sixteen 0 in a row may be an integer beyond 2^53-1.
_DIGITS: Final = bytes(ord("0") if byte in b"0123456789" else ord(" ") for byte in range(256))
_LONG: Final = b"0" * 16
#: How writers part members: msgspec and orjson, json.dumps.
_STYLES: Final = ((b":", b","), (b": ", b", "))


def read_envelope(body: bytes) -> list[Posted]:
    """The objects of an envelope, in order; raises Malformed or TooLarge for the whole.

    Codes: those of `strictjson.parse`, `envelope`, `bundle`, `too_many_objects`.
    """
    if len(body) > MAX_ENVELOPE:
        raise TooLarge("too_large", f"An envelope has at most {MAX_ENVELOPE} bytes")
    members = _top(body)
    if "objects" not in members or members.keys() - {"objects", "more", "next"}:
        raise _shape(members)
    try:
        raws = _raws(members["objects"])
    except msgspec.DecodeError:
        raise _shape(members) from None
    if not raws:
        raise Malformed("envelope", "The envelope holds no objects")
    if len(raws) > MAX_OBJECTS:
        raise TooLarge("too_many_objects", f"An envelope holds at most {MAX_OBJECTS} objects")
    return [_posted(bytes(raw)) for raw in raws]


def _top(body: bytes) -> dict[str, msgspec.Raw]:
    """The members of the envelope, each once."""
    try:
        members = _members(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        # The strict reader says why, in its own codes.
        strictjson.parse(body, max_bytes=MAX_ENVELOPE, floats=True)
        raise Malformed("envelope", "This is no TAXII envelope", why=str(error)) from None
    for colon, comma in _STYLES:
        again = comma.join(_encode(name) + colon + bytes(raw) for name, raw in members.items())
        if b"{" + again + b"}" == body:
            return members
    strictjson.parse(body, max_bytes=MAX_ENVELOPE, floats=True)
    return members


def _posted(raw: bytes) -> Posted:
    strictjson.check_bounds(raw, max_bytes=MAX_OBJECT, max_depth=MAX_DEPTH)
    try:
        value = _decode(raw)
        plain = _encode(value) in (raw, _format(raw, indent=-1)) and _LONG not in raw.translate(
            _DIGITS
        )
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        plain = False
    if not plain:
        value = strictjson.parse(raw, max_bytes=MAX_OBJECT, max_depth=MAX_DEPTH, floats=True)
    return Posted(raw, value)


def _shape(members: dict[str, Any]) -> Malformed:
    if bytes(members.get("type", b"")) == b'"bundle"':
        return Malformed(
            "bundle",
            "This is a STIX bundle, not a TAXII envelope",
            do='Send {"objects": […]}, the objects of the bundle without its own type and id',
        )
    return Malformed("envelope", "This is no TAXII envelope", do='Send {"objects": […]}')
