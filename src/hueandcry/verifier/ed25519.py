"""Ed25519 verification (RFC 8032) in pure Python, as strict as the node's own.

Signatures are checked without the cofactor, by bytes: S below the group order, R as the one
encoding of the point that comes out. Keys of small order and second spellings of keys are refused.
Nothing secret is handled here, so nothing needs to take constant time.

A point is multiplied by a table of its multiples, sixteen for each five bits of the factor, with no
doubling at all. Making one costs as much as some twenty checks, and every key gets one at its
first signature: packages have few keys and many signatures.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from hueandcry.core.errors import Untrusted
from hueandcry.core.keys import SIGNATURE_LENGTH, check_public_key

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, P) % P
_D2 = 2 * _D % P
_ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
_SIGN_BIT = 1 << 255

_BITS = 5  #: of the factor that one row of a table covers
_HALF = 1 << (_BITS - 1)
_ROWS = 52  #: 5 · 52 = 260 bits hold any factor below the order, and the last carry

#: Extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z (RFC 8032 section 5.1.4).
Point = tuple[int, int, int, int]
#: An affine point made ready for being added: (y + x, y - x, 2dxy).
Ready = tuple[int, int, int]

_NEUTRAL: Point = (0, 1, 1, 0)


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is by the holder of `public`; False for keys and bytes of wrong form."""
    if len(signature) != SIGNATURE_LENGTH:
        return False
    s = int.from_bytes(signature[32:], "little")
    table = _key_table(bytes(public))
    if s >= ORDER or table is None:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    k = int.from_bytes(digest, "little") % ORDER
    # R = [S]B - [k]A, and the table of a key is that of -A.
    point = _multiply(table, k, _multiply(_base_table(), s, _NEUTRAL))
    return _encode(point) == signature[:32]


# --- points ---------------------------------------------------------------------------------------


def decode(data: bytes) -> Point | None:
    """The point of 32 bytes (RFC 8032 section 5.1.3); None for no point or a second spelling."""
    number = int.from_bytes(data, "little")
    y, sign = number & (_SIGN_BIT - 1), number >> 255
    if len(data) != 32 or y >= P:
        return None
    u, v = (y * y - 1) % P, (_D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * _ROOT_OF_MINUS_ONE % P
        if (v * x * x - u) % P:
            return None
    if not x and sign:
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def _encode(point: Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, -1, P)
    return ((x * inverse % P & 1) << 255 | y * inverse % P).to_bytes(32, "little")


def _add(one: Point, two: Point) -> Point:
    """The sum of any two points (RFC 8032 section 5.1.4)."""
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = two
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = t1 * t2 * _D2 % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


# --- tables ---------------------------------------------------------------------------------------

_Table = list[list[Ready]]


@lru_cache(maxsize=1)
def _base_table() -> _Table:
    base = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    assert base is not None  # its y is 4/5 (RFC 8032 section 5.1)
    return _table(base)


@lru_cache(maxsize=256)
def _key_table(public: bytes) -> _Table | None:
    """The table of -A; None for a key that proves nothing."""
    try:
        check_public_key(public)
    except Untrusted:
        return None
    point = decode(public)
    if point is None:
        return None
    x, y, z, t = point
    return _table((P - x, y, z, P - t))


def _table(point: Point) -> _Table:
    """Row i holds 1 to 16 times 2^(5 i) times the point."""
    multiples: list[Point] = []
    for _ in range(_ROWS):
        row = [point]
        for _ in range(_HALF - 1):
            row.append(_add(row[-1], point))
        multiples += row
        point = _add(row[-1], row[-1])
    ready = _make_ready(multiples)
    return [ready[at : at + _HALF] for at in range(0, len(ready), _HALF)]


def _make_ready(points: list[Point]) -> list[Ready]:
    """The points in affine form; all are divided at the price of one (Montgomery)."""
    products = [1]
    for point in points:
        products.append(products[-1] * point[2] % P)
    inverse = pow(products[-1], -1, P)
    ready: list[Ready] = []
    for at in range(len(points) - 1, -1, -1):
        x, y, z, _ = points[at]
        one = inverse * products[at] % P
        inverse = inverse * z % P
        x, y = x * one % P, y * one % P
        ready.append(((y + x) % P, (y - x) % P, _D2 * x * y % P))
    ready.reverse()
    return ready


def _multiply(table: _Table, factor: int, start: Point) -> Point:
    """`start` plus `factor` times the point of the table, in digits from -15 to 16."""
    x, y, z, t = start
    for row in table:
        digit = factor & 31
        factor >>= _BITS
        if digit > _HALF:
            digit -= 32
            factor += 1
        if not digit:
            continue
        if digit > 0:
            plus, minus, product = row[digit - 1]
        else:
            minus, plus, product = row[-digit - 1]
            product = -product
        a, b = (y - x) * minus % P, (y + x) * plus % P
        c, d = t * product % P, 2 * z
        e, f, g, h = b - a, d - c, d + c, b + a
        x, y, z, t = e * f % P, g * h % P, f * g % P, e * h % P
    return x, y, z, t
