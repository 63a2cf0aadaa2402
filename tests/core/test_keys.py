"""Public keys that nobody may use, found again by the arithmetic of the curve itself."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.errors import Untrusted
from hueandcry.core.keys import check_public_key, is_small_order, key_id

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ONE = (0, 1)
Point = tuple[int, int]


def plus(a: Point, b: Point) -> Point:
    """Addition on the twisted Edwards curve of RFC 8032 section 5.1."""
    (x1, y1), (x2, y2) = a, b
    k = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + k, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - k, -1, P)
    return x % P, y % P


def point(y: int, sign: int) -> Point | None:
    """The point of that y and sign of x, if there is one (RFC 8032 section 5.1.3)."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P:
        return None
    return (P - x) % P if x & 1 != sign else x, y


def times8(a: Point) -> Point:
    for _ in range(3):
        a = plus(a, a)
    return a


def torsion() -> set[Point]:
    """All eight points of order dividing 8: what is left of points when the large order is gone."""
    order = 2**252 + 27742317777372353535851937790883648493
    found: set[Point] = set()
    for y in range(2, 60):
        start = point(y, 0)
        if start is None:
            continue
        left, step, n = ONE, start, order
        while n:
            left = plus(left, step) if n & 1 else left
            step, n = plus(step, step), n >> 1
        found.add(left)
    return found


def encodings(y: int) -> list[bytes]:
    """Each spelling of a y in 32 bytes: with either sign, and once more from P up where it fits."""
    spelled = [each for each in (y, y + P) if each < 1 << 255]
    return [(each | sign << 255).to_bytes(32, "little") for each in spelled for sign in (0, 1)]


def test_every_encoding_of_all_eight_small_points_is_refused() -> None:
    points = torsion()
    assert len(points) == 8
    assert all(times8(each) == ONE for each in points)
    spelled = {text for _, y in points for text in encodings(y)}
    assert len(spelled) == 14
    for text in spelled:
        assert is_small_order(text)
        with pytest.raises(Untrusted) as caught:
            check_public_key(text)
        assert caught.value.code == "small_order_key"


@pytest.mark.parametrize("y", range(P + 2, 1 << 255))
def test_a_second_spelling_of_a_key_is_refused(y: int) -> None:
    for sign in (0, 1):
        with pytest.raises(Untrusted) as caught:
            check_public_key((y | sign << 255).to_bytes(32, "little"))
        assert caught.value.code == "key_not_canonical"


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(Untrusted):
        check_public_key(b"\x09" * length)


@given(st.binary(min_size=32, max_size=32))
def test_keys_as_they_are_made_are_taken(seed: bytes) -> None:
    from_curve = point(int.from_bytes(seed, "little") % P, seed[0] & 1)
    if from_curve is not None and times8(from_curve) != ONE:
        x, y = from_curve
        check_public_key((y | (x & 1) << 255).to_bytes(32, "little"))


def test_a_key_is_named_by_sixteen_hex_digits_of_its_digest() -> None:
    assert key_id(b"key") == hashlib.sha256(b"key").hexdigest()[:16]
