"""Questions, answers and replies of polls: read back as written, and anything else is refused."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.errors import HueError, Malformed
from hueandcry.core.polls import (
    LONGEST,
    MAX_REPLIES,
    Head,
    Question,
    Reply,
    read_head,
    read_question,
    read_replies,
    values,
)

ABOUT = bytes(range(32))
GOLDEN = (
    b'{"cursor":"abc","now":"2027-01-05T02:03:04.050607Z","replies":[{"about":"000102030405060708'
    b'090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","receipt":"a.b.c"},{"about":"00010203040506'
    b'0708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"},{"about":"000102030405060708090a0b0c0d'
    b'0e0f101112131415161718191a1b1c1d1e1f","code":"future","what":"Too early"}],"wait":25}'
)
QUESTION = Question(
    "abc",
    (Reply(ABOUT, b"a.b.c"), Reply(ABOUT), Reply(ABOUT, code="future", what="Too early")),
    1_799_114_584_050_607,
    25,
)

abouts = st.binary(min_size=32, max_size=32)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
words = st.binary(min_size=1).map(lambda data: data.hex().encode())
codes = st.from_regex(r"[a-z_]{1,64}", fullmatch=True)
replies = st.one_of(
    st.builds(Reply, abouts),
    st.builds(Reply, abouts, words),
    st.builds(Reply, abouts, st.none(), codes, texts),
)


def test_a_question_has_one_form_for_ever() -> None:
    assert QUESTION.raw() == GOLDEN
    assert read_question(GOLDEN) == QUESTION


@given(texts, st.lists(replies, max_size=5), st.integers(0, LONGEST))
def test_a_question_is_read_back_as_it_was_written(
    cursor: str, said: list[Reply], wait: int
) -> None:
    question = Question(cursor, tuple(said), 1_799_114_584_050_607, wait)
    assert read_question(question.raw()) == question


@given(texts, st.booleans(), st.lists(words))
def test_a_head_is_read_back_as_it_was_written(
    cursor: str, more: bool, documents: list[bytes]
) -> None:
    head = Head(cursor, more, tuple(documents))
    assert read_head(head.line()) == head


def bent(**changed: Any) -> bytes:
    value = {**json.loads(GOLDEN), **changed}
    return json.dumps({k: v for k, v in value.items() if v is not ...}).encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        bent(more=1),
        bent(cursor=...),
        bent(cursor=1),
        bent(now=1),
        bent(now="yesterday"),
        bent(wait=-1),
        bent(wait=26),
        bent(wait=True),
        bent(wait="1"),
        bent(replies={}),
        bent(replies=[{}]),
        bent(replies=[{"about": "ab"}]),
        bent(replies=[{"about": "AB" * 32}]),
        bent(replies=[{"about": "ab" * 32, "more": ""}]),
        bent(replies=[{"about": "ab" * 32, "receipt": 1}]),
        bent(replies=[{"about": "ab" * 32, "receipt": "a", "code": "b"}]),
        bent(replies=[{"about": "ab" * 32}] * (MAX_REPLIES + 1)),
        GOLDEN.replace(b'"wait":25', b'"wait":25,"wait":25'),
    ],
)
def test_a_bent_question_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read_question(raw)


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b'{"cursor":"","documents":[],"more":1}',
        b'{"cursor":"","documents":[1],"more":true}',
        b'{"cursor":"","documents":"a","more":true}',
        b'{"cursor":null,"documents":[],"more":true}',
        b'{"cursor":"","documents":[],"more":true,"x":1}',
    ],
)
def test_a_bent_head_is_refused(line: bytes) -> None:
    with pytest.raises(Malformed):
        read_head(line)


@given(st.integers(0, len(GOLDEN) - 1), st.integers(0, 7))
def test_a_question_with_one_bit_changed_is_refused_or_says_another_thing(
    at: int, bit: int
) -> None:
    changed = bytearray(GOLDEN)
    changed[at] ^= 1 << bit
    with suppress(HueError):
        assert read_question(bytes(changed)) != QUESTION


def test_stored_replies_have_no_bound() -> None:
    many = [Reply(ABOUT)] * (MAX_REPLIES + 1)
    assert len(read_replies(list(values(many)), most=None)) == MAX_REPLIES + 1
