"""Envelopes: what goes in comes out, and everything else is refused with a code of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core import envelopes
from hueandcry.core.envelopes import Part, compress, decompress, frames, header, read
from hueandcry.core.errors import HueError, Malformed, TooLarge

_TEXT = st.text("abc.-_0", min_size=1, max_size=40).map(str.encode)
_LINES = st.lists(
    st.binary(max_size=200).filter(lambda b: b"\n" not in b), min_size=1, max_size=12
).map(tuple)
_HASH = st.binary(min_size=32, max_size=32)
_CARD = st.none() | _TEXT


@st.composite
def partial_batches(draw: st.DrawFn) -> Part:
    lines = draw(_LINES)
    size = len(lines)
    ordinals = draw(st.sets(st.integers(0, 999), min_size=size, max_size=size).map(sorted))
    path = st.lists(_HASH, max_size=10).map(tuple)
    paths = draw(st.lists(path, min_size=size, max_size=size).map(tuple))
    return Part(draw(_TEXT), lines, card=draw(_CARD), ordinals=tuple(ordinals), paths=paths)


_PARTS = st.one_of(
    st.builds(Part, _TEXT, _LINES, card=_CARD),
    st.builds(Part, _TEXT, retraction=st.just(True), card=_CARD),
    partial_batches(),
)


@given(st.lists(_PARTS, max_size=6))
def test_what_goes_into_an_envelope_comes_out_of_it(parts: list[Part]) -> None:
    assert list(read(frames(parts))) == parts


@given(st.lists(_PARTS, min_size=1, max_size=3), st.data())
def test_an_envelope_that_was_cut_is_never_read_as_a_whole_one(
    parts: list[Part], data: st.DataObject
) -> None:
    body = frames(parts)
    cut = data.draw(st.integers(1, len(body) - 1))
    try:
        found = list(read(body[:cut]))
    except Malformed:
        return
    # Between two frames a cut leaves whole parts only: fewer of them, and each as it was.
    assert found == parts[: len(found)] and len(found) < len(parts)


@given(st.binary(max_size=300))
def test_any_bytes_are_parts_or_an_error_of_ours(body: bytes) -> None:
    refused(body)
    refused(compress([body.replace(b"\n", b"")]))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-2, 2) | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    ),
    st.sampled_from(["batch", "retraction", "card", "lines", "ordinals", "paths"]),
)
def test_any_value_in_any_member_of_a_header_is_read_or_refused(value: Any, name: str) -> None:
    head = {"batch": "d", "lines": 1, "ordinals": [0], "paths": [[]], name: value}
    refused(enveloped(head, b"{}"))


def test_a_stored_frame_of_lines_goes_out_as_it_is() -> None:
    part = Part(b"document", (b"one", b"two"))
    assert list(read(compress([header(part, 2)]) + compress(part.lines))) == [part]
    assert header(part, 2) == header(part) == b'{"batch":"document","lines":2}'


def test_a_delivery_is_named_by_its_document_and_its_lines() -> None:
    whole = Part(b"document", (b"one", b"two"))
    assert whole.digest == Part(b"document", (b"one", b"two"), card=b"card").digest
    others = [Part(b"other", whole.lines), Part(b"document", (b"one",)), Part(b"document")]
    assert whole.digest not in {other.digest for other in others}


def enveloped(head: object, *lines: bytes) -> bytes:
    return compress([json.dumps(head).encode(), *lines])


def refused(body: bytes) -> str:
    """The code with which an envelope is refused; empty when it is taken."""
    try:
        list(read(body))
    except HueError as error:
        assert str(error)
        return error.code
    return ""


BAD_HEADERS: dict[str, tuple[object, str]] = {
    "no object": (["batch"], "envelope_header"),
    "unknown member": ({"batch": "d", "lines": 1, "more": 1}, "envelope_header"),
    "no document": ({"lines": 1}, "envelope_header"),
    "two documents": ({"batch": "d", "retraction": "d", "lines": 0}, "envelope_header"),
    "document no text": ({"batch": 7, "lines": 1}, "envelope_header"),
    "no count": ({"batch": "d"}, "envelope_header"),
    "count is true": ({"batch": "d", "lines": True}, "envelope_header"),
    "count is text": ({"batch": "d", "lines": "1"}, "envelope_header"),
    "count below zero": ({"batch": "d", "lines": -1}, "envelope_header"),
    "count beyond the lines": ({"batch": "d", "lines": 2}, "envelope_lines"),
    "count beyond the bound": ({"batch": "d", "lines": 1_001}, "too_many_objects"),
    "batch of nothing": ({"batch": "d", "lines": 0}, "envelope_header"),
    "retraction with objects": ({"retraction": "d", "lines": 1}, "envelope_header"),
    "retraction with paths": (
        {"retraction": "d", "lines": 0, "ordinals": [], "paths": []},
        "envelope_header",
    ),
    "card no text": ({"batch": "d", "lines": 1, "card": {}}, "envelope_header"),
    "ordinals alone": ({"batch": "d", "lines": 1, "ordinals": [0]}, "envelope_header"),
    "paths alone": ({"batch": "d", "lines": 1, "paths": [[]]}, "envelope_header"),
    "ordinals null": ({"batch": "d", "lines": 1, "ordinals": None}, "envelope_ordinals"),
    "too few ordinals": ({"batch": "d", "lines": 1, "ordinals": []}, "envelope_ordinals"),
    "ordinal below zero": ({"batch": "d", "lines": 1, "ordinals": [-1]}, "envelope_ordinals"),
    "ordinal too great": ({"batch": "d", "lines": 1, "ordinals": [1_000]}, "envelope_ordinals"),
    "ordinal is true": ({"batch": "d", "lines": 1, "ordinals": [True]}, "envelope_ordinals"),
    "paths no list": ({"batch": "d", "lines": 1, "paths": {"a": 1}}, "envelope_paths"),
    "too many paths": ({"batch": "d", "lines": 1, "paths": [[], []]}, "envelope_paths"),
    "path no list": ({"batch": "d", "lines": 1, "paths": ["00"]}, "envelope_paths"),
    "short step": ({"batch": "d", "lines": 1, "paths": [["00"]]}, "envelope_paths"),
    "step in capitals": ({"batch": "d", "lines": 1, "paths": [["AA" * 32]]}, "envelope_paths"),
    "step with blanks": ({"batch": "d", "lines": 1, "paths": [["0 " * 32]]}, "envelope_paths"),
    "endless path": ({"batch": "d", "lines": 1, "paths": [["00" * 32] * 11]}, "envelope_paths"),
}


@pytest.mark.parametrize("name", BAD_HEADERS)
def test_a_malformed_header_is_refused_with_its_own_code(name: str) -> None:
    head, code = BAD_HEADERS[name]
    assert refused(enveloped(head, b"{}")) == code


@pytest.mark.parametrize("ordinals", [[1, 0], [4, 4]])
def test_ordinals_come_in_order_and_once(ordinals: list[int]) -> None:
    head = {"batch": "d", "lines": 2, "ordinals": ordinals, "paths": [[], []]}
    assert refused(enveloped(head, b"{}", b"{}")) == "envelope_ordinals"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"no json", "not_json"),
        (b"", "not_json"),
        (b'{"batch":"d","batch":"e","lines":0}', "duplicate_member"),
        (b"[" * 40 + b"]" * 40, "too_deep"),
        (b'{"batch":"\xff","lines":0}', "not_utf8"),
        (b'{"batch":"\\ud800","lines":0}', "lone_surrogate"),
        (b'{"batch":"d","lines":1.0}', "float"),
    ],
)
def test_a_header_that_is_no_json_of_ours_is_refused(line: bytes, code: str) -> None:
    assert refused(compress([line])) == code


def test_good_parts_before_a_bad_one_are_given_first() -> None:
    found: Iterator[Part] = read(frames([Part(b"d", (b"{}",))]) + compress([b"bad"]))
    assert next(found) == Part(b"d", (b"{}",))
    with pytest.raises(Malformed):
        next(found)


@pytest.mark.parametrize("garbage", [b"x", b"\0\0\0\0\0\0", b"(\xb5/"])
def test_bytes_after_the_last_frame_are_refused(garbage: bytes) -> None:
    assert refused(frames([Part(b"d", (b"{}",))]) + garbage) == "zstd"


def test_a_frame_that_was_changed_is_refused() -> None:
    whole = zstandard.ZstdCompressor(write_checksum=True).compress(b'{"batch":"d","lines":0}\n')
    for place in range(len(whole)):
        changed = whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]
        assert refused(changed)


def test_a_last_line_without_its_end_is_refused() -> None:
    body = zstandard.ZstdCompressor().compress(b'{"retraction":"d","lines":0}')
    assert refused(body) == "envelope"


def test_what_opens_to_too_many_bytes_is_refused_early() -> None:
    bomb = zstandard.ZstdCompressor(level=19).compress(bytes(4 * envelopes.MAX_OPENED))
    assert len(bomb) < 100_000
    with pytest.raises(TooLarge, match="opens to more than"):
        decompress(bomb)
    many = compress([bytes(1 << 20)]) * 70
    assert refused(many) == "too_large"


def test_a_window_beyond_the_bound_is_refused_before_it_is_filled() -> None:
    wide = zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    body = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    assert refused(body.compress(b"x" * 1_000) + body.flush()) == "zstd"


def test_too_many_lines_and_parts_and_bytes_are_refused() -> None:
    assert refused(compress([b""] * 70_000)) == "too_many_lines"
    retraction = header(Part(b"d", retraction=True))
    assert refused(compress([retraction] * envelopes.MAX_PARTS)) == ""
    assert refused(compress([retraction] * (envelopes.MAX_PARTS + 1))) == "too_many_parts"
    assert refused(bytes(envelopes.MAX_BODY + 1)) == "too_large"
    long = b'{"batch":"' + b"d" * envelopes.MAX_HEADER + b'","lines":0}'
    assert refused(compress([long])) == "too_large"
