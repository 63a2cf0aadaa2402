"""RSA and ECDSA as time-stamping authorities sign, verified in pure Python, against OpenSSL."""

from __future__ import annotations

from functools import cache

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from hueandcry.core.errors import HueError
from hueandcry.core.timestamps import Scheme
from hueandcry.verifier.results import NotCheckedError
from hueandcry.verifier.signatures import holds

HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
CURVES = (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65_537, 2_048)


@cache
def ec_key(curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(0x1234567890ABCDEF1234567890ABCDEF, curve)


def info(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    public = key.public_key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("name", HASHES)
def test_rsa_signatures_hold_and_no_neighbour_of_theirs_does(name: str) -> None:
    signature = rsa_key().sign(b"message", padding.PKCS1v15(), HASHES[name])
    key = info(rsa_key())
    assert holds(Scheme("rsa", name), key, signature, b"message")
    assert not holds(Scheme("rsa", name), key, signature, b"massage")
    assert not holds(Scheme("rsa", name), key, signature + b"\x00", b"message")
    for at in range(0, 256, 17):
        changed = bytearray(signature)
        changed[at] ^= 1
        assert not holds(Scheme("rsa", name), key, bytes(changed), b"message")


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(CURVES), st.sampled_from(sorted(HASHES)), st.binary(max_size=60))
def test_ecdsa_signatures_hold_under_their_own_message_only(
    curve: ec.EllipticCurve, name: str, message: bytes
) -> None:
    signature = ec_key(curve).sign(message, ec.ECDSA(HASHES[name]))
    key = info(ec_key(curve))
    assert holds(Scheme("ecdsa", name), key, signature, message)
    assert not holds(Scheme("ecdsa", name), key, signature, message + b"x")


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: str(curve.name))
def test_ecdsa_with_numbers_out_of_range_is_refused(curve: ec.EllipticCurve) -> None:
    key = info(ec_key(curve))
    for pair in ("3006020100020100", "3006020101020100", "3006020100020101"):
        assert not holds(Scheme("ecdsa", "sha256"), key, bytes.fromhex(pair), b"message")


def test_an_algorithm_that_is_not_known_is_said_to_be_unchecked() -> None:
    with pytest.raises(NotCheckedError):
        holds(Scheme("pss", "sha256"), info(rsa_key()), bytes(256), b"message")


@given(st.binary(max_size=80))
def test_bytes_that_are_no_key_are_refused_in_words(data: bytes) -> None:
    with pytest.raises((HueError, NotCheckedError)):
        holds(Scheme("rsa", "sha256"), data, bytes(256), b"message")
