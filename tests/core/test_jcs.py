"""Canonical JSON and its readers: equal to the standard and to each other, hostile input or not."""

from __future__ import annotations

import json
import time
from enum import IntEnum, StrEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core import jcs, strictjson
from hueandcry.core.errors import HueError, Malformed, TooLarge

SAFE = st.integers(-strictjson.MAX_INTEGER, strictjson.MAX_INTEGER)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = TEXT | st.sampled_from(["\ufffe", "\U0001f600", "é", "z", "", "\x00", "\x7f", "\u2028"])
VALUES = st.recursive(
    st.none() | st.booleans() | SAFE | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=24,
)
BOTH_WRITERS = pytest.mark.parametrize("canonical", [jcs.canonical, strictjson.canonical])
BOTH_READERS = pytest.mark.parametrize("parse", [jcs.parse, jcs.parse_compact])


def refusal(parse: Any, data: bytes, **bounds: Any) -> str:
    """The code with which a reader refuses; fails when it does not."""
    with pytest.raises((Malformed, TooLarge)) as caught:
        parse(data, **{"max_bytes": 1 << 22, **bounds})
    return caught.value.code


@given(VALUES)
def test_both_writers_agree_with_the_reference_implementation(value: Any) -> None:
    expected = rfc8785.dumps(value)
    assert jcs.canonical(value) == expected
    assert strictjson.canonical(value) == expected


@given(VALUES)
def test_what_is_written_is_read_back_by_both_readers(value: Any) -> None:
    data = jcs.canonical(value)
    assert jcs.parse(data, max_bytes=len(data)) == value
    assert jcs.parse_compact(data, max_bytes=len(data)) == value


@BOTH_WRITERS
def test_names_are_ordered_by_utf_16_units_not_by_code_points(canonical: Any) -> None:
    value = {"\ufb33": 1, "\U0001f600": 2, "ö": 3, "1": 4, "\r": 5, "€": 6, "\x80": 7}
    assert [*json.loads(canonical(value))] == [
        "\r", "1", "\x80", "ö", "€", "\U0001f600", "\ufb33",
    ]  # fmt: skip  # the example of RFC 8785 section 3.2.3


@BOTH_WRITERS
def test_enumerations_and_tuples_are_written_as_what_they_stand_for(canonical: Any) -> None:
    word = StrEnum("word", {"SCAM": "scam"})
    number = IntEnum("number", {"TWO": 2})
    assert canonical({word.SCAM: (number.TWO, word.SCAM)}) == b'{"scam":[2,"scam"]}'


@BOTH_WRITERS
@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1.0, "float"),
        ({"a": [float("nan")]}, "float"),
        (2**53, "big_integer"),
        (-(2**53), "big_integer"),
        ("\ud800", "lone_surrogate"),
        ({"\udfff": 1}, "lone_surrogate"),
        ({1: 1}, "not_json"),
        (b"bytes", "not_json"),
        ({"a": {1, 2}}, "not_json"),
    ],
)
def test_writers_refuse_what_has_no_single_form(canonical: Any, value: object, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        canonical(value)
    assert caught.value.code == code


@BOTH_WRITERS
def test_writers_refuse_a_value_that_no_reader_would_take_for_its_depth(canonical: Any) -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(TooLarge) as caught:
        canonical(value)
    assert caught.value.code == "too_deep"


@BOTH_READERS
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"[1,]", "not_json"),
        (b"[1] 2", "not_json"),
        (b"'a'", "not_json"),
        (b'"\x01"', "not_json"),
        (b"NaN", "not_json"),
        (b"[Infinity]", "not_json"),
        (b"[-Infinity]", "not_json"),
        (b"\xef\xbb\xbf{}", "bom"),
        (b'"\xff"', "not_utf8"),
        (b'"\xed\xa0\x80"', "not_utf8"),
        (b'{"\xc0\xaf":1}', "not_utf8"),
        ('"a"'.encode("utf-16"), "not_utf8"),
        (b'{"a":1,"a":1}', "duplicate_member"),
        (b'{"a":1,"\\u0061":2}', "duplicate_member"),
        (b'[{"x":{"a":1,"b":2,"a":1}}]', "duplicate_member"),
        (b'{"":1,"":1}', "duplicate_member"),
        (b"1.5", "float"),
        (b"1.0", "float"),
        (b"[1e2]", "float"),
        (b"9007199254740992", "big_integer"),
        (b"-9007199254740992", "big_integer"),
        (b"[18446744073709551616]", "big_integer"),
        (b"1" * 5000, "big_integer"),
        (b'"\\ud800"', "lone_surrogate"),
        (b'{"\\udc00":1}', "lone_surrogate"),
        (b'["\\ude00\\ud83d"]', "lone_surrogate"),
    ],
)
def test_readers_refuse_with_a_code_that_says_what_was_wrong(
    parse: Any, data: bytes, code: str
) -> None:
    assert refusal(parse, data) == code


@BOTH_READERS
@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b' { "a" : [ 1 , null ] } ', {"a": [1, None]}),
        (b'"\\ud83d\\ude00\\/"', "\U0001f600/"),
        (b"9007199254740991", strictjson.MAX_INTEGER),
        (b'"9007199254740992"', "9007199254740992"),
        (b'"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["', "[" * 39),
        (b'["\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["]', ['"' + "[" * 38]),
        (b"[" * 32 + b"]" * 32, None),
        (b"[" + b"[]," * 99 + b"[]]", None),
    ],
)
def test_readers_take_json_however_it_is_spelled(parse: Any, data: bytes, value: Any) -> None:
    assert parse(data, max_bytes=1000) == (json.loads(data) if value is None else value)


@BOTH_READERS
def test_fractions_pass_only_where_they_are_asked_for(parse: Any) -> None:
    assert parse(b'{"a":[1.5,1e2]}', max_bytes=99, floats=True) == {"a": [1.5, 100.0]}
    assert refusal(parse, b"1e999", floats=True) == "float"
    assert refusal(parse, b"NaN", floats=True) == "not_json"


@BOTH_READERS
def test_length_and_depth_are_bounded(parse: Any) -> None:
    assert refusal(parse, b"[1,2,3]", max_bytes=6) == "too_large"
    assert refusal(parse, b"[" * 33 + b"]" * 33) == "too_deep"
    assert refusal(parse, b'{"a":' * 5 + b"1" + b"}" * 5, max_depth=4) == "too_deep"
    assert parse(b'{"a":' * 4 + b"1" + b"}" * 4, max_bytes=99, max_depth=4)["a"]["a"]


@BOTH_READERS
@pytest.mark.parametrize(
    "data",
    [
        b"[" * (1 << 20),
        b'{"a":' * (1 << 18),
        b"[]," * (1 << 18),
        b'"' + b'\\"' * (1 << 19),
        b'"\\' * (1 << 18) + b"[" * 40,
        b'"a""' * (1 << 18),
        b"{" + b",".join(b'"%d":1' % n for n in range(90_000)) + b',"0":1}',
        b"1" * (1 << 20),
        b'"' + b"\\ud800" * (1 << 17) + b'"',
    ],
    ids=lambda data: data[:12].decode(),
)
def test_a_hostile_megabyte_is_refused_in_well_under_a_second(parse: Any, data: bytes) -> None:
    start = time.process_time()
    refusal(parse, data)
    assert time.process_time() - start < 1.0


@given(VALUES, st.data())
def test_a_name_written_twice_is_refused_wherever_it_stands(value: Any, data: Any) -> None:
    name = jcs.canonical(data.draw(NAMES))
    first, second = jcs.canonical(value), jcs.canonical(data.draw(VALUES))
    depth = data.draw(st.integers(0, 8))
    text = b"[" * depth + b"{%b:%b,%b:%b}" % (name, first, name, second) + b"]" * depth
    assert refusal(jcs.parse, text) == "duplicate_member"
    assert refusal(jcs.parse_compact, text) == "duplicate_member"


def outcome(parse: Any, data: bytes) -> object:
    try:
        return parse(data, max_bytes=1 << 16)
    except HueError as error:
        return error.code


FRAGMENTS = st.sampled_from(
    ["[", "]", "{", "}", ",", ":", '"a"', '"b":', '"', "\\", "\\u0061", "\\ud800", " ", "0", "-",
     "1", "12345678901234567", ".5", "e3", "null", "true", "é", "\U0001f600", "\x00"]
)  # fmt: skip


@given(st.lists(FRAGMENTS, max_size=24).map("".join).map(str.encode) | st.binary(max_size=24))
def test_the_fast_reader_decides_exactly_as_the_strict_one(data: bytes) -> None:
    fast, strict = outcome(jcs.parse_compact, data), outcome(jcs.parse, data)
    assert fast == strict
    assert repr(fast) == repr(strict)  # True is not 1
