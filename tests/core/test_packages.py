"""The forms of a package: each reader takes what its writer gives, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import packages_made as made
from hueandcry.core import packages
from hueandcry.core.errors import HueError
from hueandcry.core.packages import (
    Consistency,
    CustodyLine,
    Exhibit,
    File,
    Opening,
    ShippingNote,
    Statement,
)

DIGEST = "ab" * 32
STATEMENT = Statement(made.SHIPPED, DIGEST, (Exhibit(made.FIRST, "EX-1", DIGEST, 0),), None, 3)
NOTE = ShippingNote(made.SHIPPED, "x.tar.age", File(DIGEST, 1), File(DIGEST, 2))
LINES = st.builds(
    CustodyLine,
    record=st.binary(max_size=300),
    salt=st.binary(min_size=32, max_size=32),
    origin=st.just("thai.example/log/0"),
    index=st.integers(0, 2**53 - 1),
    kid=st.just(made.THAI.kid),
    signature=st.binary(min_size=64, max_size=64),
)


def test_a_statement_and_a_note_are_read_as_they_were_written() -> None:
    assert Statement.read(STATEMENT.body()) == STATEMENT
    assert ShippingNote.read(NOTE.body()) == NOTE


@pytest.mark.parametrize("name", STATEMENT.body())
@pytest.mark.parametrize("value", [None, "", -1, 1.5, [], {}, "A" * 64, True])
def test_a_statement_with_a_member_of_another_form_is_refused(name: str, value: Any) -> None:
    if name == "request" and value is None:
        return
    with pytest.raises(HueError):
        Statement.read({**STATEMENT.body(), name: value})


def test_a_statement_with_exhibits_out_of_order_or_twice_is_refused() -> None:
    one, two = (Exhibit(made.FIRST, number, DIGEST, 1) for number in ("EX-1", "EX-2"))
    for exhibits in ((two, one), (one, one), ()):
        body = Statement(made.SHIPPED, DIGEST, exhibits, None, 1).body()
        with pytest.raises(HueError):
            Statement.read(body)


@given(st.lists(LINES, max_size=5))
def test_custody_lines_are_read_as_they_were_written(lines: list[CustodyLine]) -> None:
    assert packages.read_custody_lines(packages.custody_lines(lines)) == lines


def test_a_custody_line_has_one_spelling() -> None:
    line = CustodyLine(b"{}", bytes(32), "a/log/0", 0, made.THAI.kid, bytes(64)).encode()
    said = json.loads(line)
    for wrong in (
        json.dumps(said).encode(),
        json.dumps({**said, "more": 1}, separators=(",", ":"), sort_keys=True).encode(),
        line.replace(b'"e30"', b'"e31"'),
        line.replace(b'"index":0', b'"index":-1'),
        line.replace(b"a/log/0", b"a log"),
    ):
        with pytest.raises(HueError):
            CustodyLine.read(wrong)


def test_a_line_that_is_wrong_is_named_by_its_number() -> None:
    good = CustodyLine(b"{}", bytes(32), "a/log/0", 0, made.THAI.kid, bytes(64)).encode()
    with pytest.raises(HueError, match="Custody line 1"):
        packages.read_custody_lines(good + b"\n{}\n")
    for whole in (good, good + b"\n\n"):
        with pytest.raises(HueError):
            packages.read_custody_lines(whole)


@given(st.binary(max_size=300), st.binary(min_size=32, max_size=32))
def test_an_opening_is_read_as_it_was_written(record: bytes, salt: bytes) -> None:
    opening = Opening(record, salt)
    assert Opening.read(opening.encode()) == opening


def test_consistency_proofs_stand_in_order_and_in_one_form() -> None:
    proofs = [Consistency("b/log/0", 1, 3, (bytes(32),)), Consistency("a/log/0", 2, 3, ())]
    data = packages.consistency(proofs)
    assert packages.read_consistency(data) == proofs[::-1]
    swapped = json.dumps(json.loads(data)[::-1], separators=(",", ":"), sort_keys=True)
    for wrong in (data + b"\n", b"{}", swapped.encode(), data.replace(b"A", b"*", 1)):
        with pytest.raises(HueError):
            packages.read_consistency(wrong)
