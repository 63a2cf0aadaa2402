"""Signatures of time-stamping authorities: RSA PKCS#1 v1.5 and ECDSA, verified in pure Python.

Only verification: nothing secret passes here. RFC 8017 section 8.2.2 compares the whole encoded
message; FIPS 186-5 section 6.4.2 is followed for ECDSA on the curves P-256, P-384 and P-521.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from hueandcry.core import der
from hueandcry.core.der import Fields
from hueandcry.core.errors import Malformed
from hueandcry.core.timestamps import Scheme
from hueandcry.verifier import ed25519
from hueandcry.verifier.results import NotCheckedError

_RSA: Final = "1.2.840.113549.1.1.1"
_EC: Final = "1.2.840.10045.2.1"
_ED25519: Final = "1.3.101.112"
#: What stands before the digest in an encoded message (RFC 8017 section 9.2, note 1).
_PREFIXES: Final = {
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}
_LEAST_RSA: Final = 2_048  #: bits
_MOST_RSA: Final = 8_192


@dataclass(frozen=True, slots=True)
class _Curve:
    """y² = x³ - 3x + b over the field of p, with a base point of order n."""

    p: int
    b: int
    n: int
    x: int
    y: int


_CURVES: Final = {
    "1.2.840.10045.3.1.7": _Curve(
        0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    ),
    "1.3.132.0.34": _Curve(
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
        0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
        0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
    ),
    "1.3.132.0.35": _Curve(
        2**521 - 1,
        0x0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00,
        0x01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409,
        0x00C6858E06B70404E9CD9E3ECB662395B4429C648139053FB521F828AF606B4D3DBAA14B5E77EFE75928FE1DC127A2FFA8DE3348B3C1856A429BF97E7E31C2E5BD66,
        0x011839296A789A3BC0045C8A5FB42C7D1BD998F54449579B446817AFBD17273E662C97EE72995EF42640C550B9013FAD0761353C7086A272C24088BE94769FD16650,
    ),
}  # fmt: skip


def holds(scheme: Scheme, key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the signature is by the holder of `key`, a SubjectPublicKeyInfo in DER.

    NotCheckedError for a key that is not known here, Malformed for what is no key.
    """
    fields = Fields(der.read(key))
    kind, public = fields.take(der.SEQUENCE).within(), _whole_bytes(fields.take(der.BIT_STRING))
    name = kind[0].name() if kind else ""
    if (scheme.name, name) == ("ed25519", _ED25519):
        return ed25519.verify(public, signature, message)
    if (scheme.name, name) == ("rsa", _RSA) and scheme.hash in _PREFIXES:
        return _rsa(public, scheme.hash, signature, message)
    if (scheme.name, name) == ("ecdsa", _EC) and len(kind) == 2 and kind[1].name() in _CURVES:
        return _ecdsa(_CURVES[kind[1].name()], public, scheme.hash, signature, message)
    raise NotCheckedError(
        "algorithm", f"A signature by {scheme.name} under a key {name} is not verified here"
    )


def _whole_bytes(bits: der.Element) -> bytes:
    if bits.content[:1] != b"\x00":
        raise Malformed("public_key", "A public key does not have whole bytes")
    return bits.content[1:]


def _rsa(key: bytes, name: str, signature: bytes, message: bytes) -> bool:
    modulus, exponent = _numbers(key)
    if not _LEAST_RSA <= modulus.bit_length() <= _MOST_RSA or not 3 <= exponent < 1 << 64:
        raise Malformed("rsa_key", "An RSA key is too short, too long, or none")
    length = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(signature, "big")
    if len(signature) != length or number >= modulus:
        return False
    digest = _PREFIXES[name] + hashlib.new(name, message).digest()
    wanted = b"\x00\x01" + b"\xff" * (length - len(digest) - 3) + b"\x00" + digest
    return pow(number, exponent, modulus).to_bytes(length, "big") == wanted


def _numbers(data: bytes) -> tuple[int, int]:
    """The two integers of a SEQUENCE: an RSA key, or an ECDSA signature."""
    fields = Fields(der.read(data))
    return fields.take().number(), fields.take().number()


# --- ECDSA ----------------------------------------------------------------------------------------

#: Jacobian coordinates: x = X/Z², y = Y/Z³; Z is 0 at infinity.
_Point = tuple[int, int, int]


def _ecdsa(curve: _Curve, public: bytes, name: str, signature: bytes, message: bytes) -> bool:
    r, s = _numbers(signature)
    point = _public_point(curve, public)
    if not (0 < r < curve.n and 0 < s < curve.n):
        return False
    digest = hashlib.new(name, message).digest()
    spare = max(len(digest) * 8 - curve.n.bit_length(), 0)
    e, w = int.from_bytes(digest, "big") >> spare, pow(s, -1, curve.n)
    found = _sum_of_multiples(curve, e * w % curve.n, (curve.x, curve.y, 1), r * w % curve.n, point)
    x, _, z = found
    return bool(z) and x * pow(z, -2, curve.p) % curve.p % curve.n == r


def _public_point(curve: _Curve, public: bytes) -> _Point:
    length = (curve.p.bit_length() + 7) // 8
    x = int.from_bytes(public[1 : length + 1], "big")
    y = int.from_bytes(public[length + 1 :], "big")
    on_curve = (y * y - x * x * x + 3 * x - curve.b) % curve.p == 0
    in_form = len(public) == 2 * length + 1 and public[0] == 4 and max(x, y) < curve.p
    if not in_form or not on_curve:
        raise Malformed("ec_key", "A public key is no uncompressed point of its curve")
    return x, y, 1


def _sum_of_multiples(curve: _Curve, a: int, one: _Point, b: int, two: _Point) -> _Point:
    """a·one + b·two, bit by bit (Shamir's trick)."""
    both = _plus(curve, one, two)
    total: _Point = (1, 1, 0)
    for bit in range(curve.n.bit_length() - 1, -1, -1):
        total = _double(curve, total)
        chosen = (None, one, two, both)[(a >> bit & 1) | (b >> bit & 1) << 1]
        if chosen is not None:
            total = _plus(curve, total, chosen)
    return total


def _double(curve: _Curve, point: _Point) -> _Point:
    x, y, z = point
    if not z or not y:
        return 1, 1, 0
    p = curve.p
    square = y * y % p
    s = 4 * x * square % p
    m = 3 * (x - z * z) * (x + z * z) % p  # since a = -3
    x3 = (m * m - 2 * s) % p
    return x3, (m * (s - x3) - 8 * square * square) % p, 2 * y * z % p


def _plus(curve: _Curve, one: _Point, two: _Point) -> _Point:
    if not one[2]:
        return two
    if not two[2]:
        return one
    p = curve.p
    (x1, y1, z1), (x2, y2, z2) = one, two
    zz1, zz2 = z1 * z1 % p, z2 * z2 % p
    u1, u2 = x1 * zz2 % p, x2 * zz1 % p
    s1, s2 = y1 * z2 * zz2 % p, y2 * z1 * zz1 % p
    h, r = (u2 - u1) % p, (s2 - s1) % p
    if not h:
        return (1, 1, 0) if r else _double(curve, one)
    hh = h * h % p
    hhh, v = h * hh % p, u1 * hh % p
    x3 = (r * r - hhh - 2 * v) % p
    return x3, (r * (v - x3) - s1 * hhh) % p, z1 * z2 * h % p
