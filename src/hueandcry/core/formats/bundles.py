"""STIX 2.1 bundles in and out; TAXII envelopes, lists of objects and single objects read alike.

An indicator is a claim. An observable says only that a thing exists: in a bundle without any
indicator it is a value of a list, as a line of text is; beside indicators it is mere context.
All other objects speak of these and are skipped, by type.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec

from hueandcry.core import stix, strictjson
from hueandcry.core.errors import HueError, Malformed, Unreadable
from hueandcry.core.formats import misp
from hueandcry.core.formats.observables import read_observable
from hueandcry.core.formats.rows import (
    Account,
    Entry,
    Heading,
    Options,
    Row,
    Said,
    code_in,
    labels_of,
)
from hueandcry.core.formats.stream import MAX_DOCUMENT, Stream
from hueandcry.core.ids import uuid5_fast
from hueandcry.core.stix.encode import INDICATOR_TYPES
from hueandcry.core.times import time_text
from hueandcry.core.types import NAMESPACE, Marking, Verdict

_WRAPPER: Final = 65_536  #: bytes of a bundle besides its objects
_OBSERVABLES: Final = frozenset(
    {
        *("domain-name", "hostname", "url", "ipv4-addr", "ipv6-addr", "email-addr", "file"),
        *("phone-number", "bank-account", "cryptocurrency-wallet", "user-account", "software"),
        *("payment-card",),
    }
)


class _Head(msgspec.Struct):
    """What tells what an object is."""

    type: str = ""
    id: str = ""


class _More(msgspec.Struct):
    """What an indicator says beyond `stix.read_indicator`."""

    labels: list[str] = []


_head = msgspec.json.Decoder(_Head)
_more = msgspec.json.Decoder(_More)


def read(stream: Stream, options: Options, account: Account) -> Iterator[Row]:
    """A row for every indicator, and for every observable that the options take."""
    yield from rows(objects(stream.document()), options, account)


def rows(found: Sequence[bytes], options: Options, account: Account) -> Iterator[Row]:
    """The same of objects that are at hand, numbered from 1."""
    heads = [_head_of(raw) for raw in found]
    alone = options.observables
    if alone is None:
        alone = not any(head is not None and head.type == "indicator" for head in heads)
    for n, (head, raw) in enumerate(zip(heads, found, strict=True), 1):
        if head is None:
            yield Row(n, raw[:200].decode("utf-8", "replace"), fault="object_shape")
        elif head.type == "indicator":
            yield _indicator(n, head.id, raw)
        elif head.type in ("x-misp-attribute", "x-misp-object"):
            yield from _of_misp(n, head, raw, options, account)
        elif head.type in _OBSERVABLES:
            yield _observable(n, head, raw, alone)
        else:
            account.skipped[head.type[:64] or "object"] += 1


def objects(document: bytes) -> list[bytes]:
    """The objects of a bundle, an envelope, a list, or a single one; raises Malformed.

    The wrapper is read strictly. Objects stay the bytes that they are, for a strict reader of each.
    """
    strictjson.check_bounds(document, max_bytes=MAX_DOCUMENT, max_depth=strictjson.MAX_DEPTH)
    try:
        if document.lstrip()[:1] == b"[":
            return [bytes(raw) for raw in _list.decode(document)]
        members = _members.decode(document)
        if "objects" not in members:
            if members.get("type") in (None, b'"bundle"'):  # an empty bundle, or envelope
                strictjson.parse(document, max_bytes=_WRAPPER)
                return []
            return [document.strip()]
        inside = bytes(members["objects"])
        _check_wrapper(document, inside)
        return [bytes(raw) for raw in _list.decode(inside)]
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Malformed("not_json", "This is no STIX bundle", why=str(error)) from None


_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_list = msgspec.json.Decoder(list[msgspec.Raw])


def _check_wrapper(document: bytes, inside: bytes) -> None:
    """Refuses a wrapper that two readers could read differently: its objects named twice."""
    start = document.find(inside)
    wrapper = document[:start] + b"[]" + document[start + len(inside) :]
    strictjson.parse(wrapper, max_bytes=_WRAPPER, floats=True)


def _head_of(raw: bytes) -> _Head | None:
    try:
        return _head.decode(raw)
    except (msgspec.DecodeError, UnicodeError):
        return None


def _indicator(n: int, id: str, raw: bytes) -> Row:
    try:
        found = stix.read_indicator(raw)
    except Unreadable as refused:
        return Row(n, id[:200], fault=refused.code)
    except HueError as refused:
        return Row(n, id[:200] or raw[:200].decode("utf-8", "replace"), fault=refused.code)
    labels = _more.decode(raw).labels if b"hueandcry:" in raw and not found.ours else []
    stated = None if "verdict_unstated" in found.problems else found.verdict
    said = Said(
        stated,
        None if found.problems[:1] == ("marking_missing",) else found.marking,
        found.confidence,
        found.valid_from,
        found.valid_until,
        found.lure or code_in(labels, "lure"),
        found.method or code_in(labels, "method"),
        found.id,
    )
    fault = "revoked" if found.revoked else ""
    if stated is Verdict.UNKNOWN:
        fault = fault or "verdict_unknown"
    return Row(n, found.text, found.kind, said, fault)


def _of_misp(n: int, head: _Head, raw: bytes, options: Options, account: Account) -> Iterator[Row]:
    try:
        value = strictjson.parse(raw, max_bytes=stix.MAX_OBJECT_BYTES, floats=True)
    except HueError as refused:
        yield Row(n, head.id[:200], fault=refused.code)
        return
    yield from misp.of_stix(n, value, options, account)


def _observable(n: int, head: _Head, raw: bytes, alone: bool) -> Row:
    try:
        value = strictjson.parse(raw, max_bytes=stix.MAX_OBJECT_BYTES, floats=True)
    except HueError as refused:
        return Row(n, head.id[:200], fault=refused.code)
    found = read_observable(head.type, value)
    if isinstance(found, str):
        return Row(n, head.id[:200], fault=found)
    kind, text = found
    refs = value.get("object_marking_refs", [])
    marking = None
    if refs or value.get("granular_markings"):
        known = [ref for ref in refs if isinstance(ref, str)] if isinstance(refs, list) else []
        tlp, _ = stix.read_tlp(known, bool(value.get("granular_markings")))
        marking = Marking(tlp)
    said = Said(marking=marking, id=head.id[:256])
    return Row(n, text, kind, said, "" if alone else "observable")


# --- out -----------------------------------------------------------------------------------------


def write(entries: Iterable[Entry], heading: Heading) -> Iterator[str]:
    """One bundle: who says it, what markings mean, and an indicator for each entry.

    The indicators are this node's *answers*, not its claims: they carry no claim extension, and
    their ids are their own, so that nobody takes a view over many sources for one source's word.
    """
    encode = msgspec.json.Encoder().encode
    bundle = f"bundle--{_id(heading, 'bundle', heading.name, str(heading.at))}"
    yield f'{{"type":"bundle","id":"{bundle}","objects":['
    yield ",\n".join(encode(each).decode() for each in _company(heading))
    for entry in entries:
        yield ",\n" + encode(indicator(entry, heading)).decode()
    yield "]}\n"


def _company(heading: Heading) -> list[dict[str, Any]]:
    """What the indicators refer to."""
    us = stix.identity(heading.fingerprint, heading.member, heading.country, (), heading.at)
    definitions = [
        each for each in stix.extension_definitions() if each["id"] == stix.MEMBER_EXTENSION
    ]
    markings = [made for tlp, made in stix.TLP_MARKINGS.items() if tlp <= heading.tlp]
    return [*markings, us, stix.publisher(), *definitions]


def indicator(entry: Entry, heading: Heading) -> dict[str, Any]:
    """One entry as an indicator of this node's own."""
    signal = entry.signal
    found: dict[str, Any] = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{_id(heading, 'indicator', signal.kind.value, signal.value)}",
        "created": time_text(min(entry.since, entry.modified)),
        "modified": time_text(entry.modified),
        "created_by_ref": stix.identity_id(heading.fingerprint),
        "name": f"{entry.verdict.value}: {signal.value}"[:512],
        "indicator_types": [INDICATOR_TYPES[entry.verdict]],
        "pattern": stix.pattern(signal),
        "pattern_type": "stix",
        "valid_from": time_text(entry.since),
        "valid_until": time_text(entry.until),
        "object_marking_refs": [stix.TLP_IDS[entry.tlp]],
    }
    if labels := labels_of(entry):
        found["labels"] = labels
    if entry.confidence is not None:
        found["confidence"] = entry.confidence
    return found


@lru_cache(maxsize=64)
def _owner(fingerprint: str, audience: str) -> bytes:
    return f"hueandcry/list/v1\n{fingerprint}\n{audience}\n".encode()


def _id(heading: Heading, *words: str) -> str:
    """A name that this list always gives to this thing, and no other list does."""
    name = _owner(heading.fingerprint, heading.audience) + "\n".join(words).encode()
    return str(uuid5_fast(NAMESPACE, name))


# --- what the envelope of a TAXII page says besides its objects -----------------------------------


def envelope_end(document: bytes) -> tuple[bool, str]:
    """`more` and `next` of a TAXII 2.1 envelope; raises Malformed where they have other types."""
    try:
        envelope = _envelope.decode(document)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Malformed("envelope", "This is no TAXII envelope", why=str(error)) from None
    return envelope.more, envelope.next or ""


class _Envelope(msgspec.Struct):
    more: bool = False
    next: str | None = None


_envelope = msgspec.json.Decoder(_Envelope)
