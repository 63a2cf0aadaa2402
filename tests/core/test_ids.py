"""UUIDs come out as RFC 9562 and the standard library make them."""

from __future__ import annotations

from uuid import RFC_4122, UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.errors import Malformed
from hueandcry.core.ids import uuid5_fast, uuid7, uuid7_millis

RANDOM = st.binary(min_size=10, max_size=10)
MICROS = st.integers(0, (1 << 48) * 1000 - 1)


@given(st.uuids(), st.text(st.characters(exclude_categories=["Cs"])))
def test_uuid5_equals_that_of_the_standard_library(namespace: UUID, name: str) -> None:
    assert uuid5_fast(namespace, name.encode()) == uuid5(namespace, name)


@given(MICROS, RANDOM)
def test_uuid7_states_its_time_version_and_variant(micros: int, random: bytes) -> None:
    made = uuid7(micros, random)
    assert (made.version, made.variant) == (7, RFC_4122)
    assert uuid7_millis(made) == micros // 1000


@given(MICROS, MICROS, RANDOM, RANDOM)
def test_uuid7_sorts_by_millisecond(one: int, other: int, a: bytes, b: bytes) -> None:
    if one // 1000 < other // 1000:
        assert str(uuid7(one, a)) < str(uuid7(other, b))


def test_uuid7_keeps_74_random_bits() -> None:
    every = uuid7(0, b"\xff" * 10).int
    assert (every & ~(uuid7(0, bytes(10)).int)).bit_count() == 74


def test_uuid7_equals_the_example_of_rfc_9562() -> None:
    # Appendix A.6: rand_a 0xCC3, rand_b 0x18C4DC0C0C07398F, 2022-02-22 19:22:22 UTC.
    random = (0xCC3 << 64 | 0x18C4DC0C0C07398F).to_bytes(10, "big")
    made = uuid7(0x017F22E279B0 * 1000, random)
    assert made == UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")


@pytest.mark.parametrize(("micros", "length"), [(-1, 10), ((1 << 48) * 1000, 10), (0, 9), (0, 11)])
def test_uuid7_refuses_other_times_and_lengths(micros: int, length: int) -> None:
    with pytest.raises(Malformed):
        uuid7(micros, bytes(length))
