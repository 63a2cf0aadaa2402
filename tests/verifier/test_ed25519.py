"""Ed25519 verification in pure Python agrees with RFC 8032, and with OpenSSL on everything else."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from hueandcry.engine.keys import ed25519 as openssl
from hueandcry.verifier import ed25519
from hueandcry.verifier.ed25519 import ORDER, P, decode, verify

#: Section 7.1 of RFC 8032: public key, message, signature.
VECTORS = {
    "TEST 1": (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
        "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    "TEST 2": (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0"
        "85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    "TEST 3": (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac1"
        "8ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    "TEST SHA(abc)": (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b5890"
        "9351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
}

KEYS = st.binary(min_size=32, max_size=32).map(Ed25519PrivateKey.from_private_bytes)
MESSAGES = st.binary(max_size=200)


def parts(name: str) -> tuple[bytes, bytes, bytes]:
    public, message, signature = map(bytes.fromhex, VECTORS[name])
    return public, signature, message


def signed_by_hand(seed: int, r: int, message: bytes, *, tweak: bytes = b"") -> tuple[bytes, ...]:
    """(public, signature, message) by the equation of section 5.1.6 for chosen secret and nonce."""
    base = ed25519._base_table()
    public = ed25519._encode(ed25519._multiply(base, seed, (0, 1, 1, 0)))
    nonce = tweak or ed25519._encode(ed25519._multiply(base, r, (0, 1, 1, 0)))
    k = int.from_bytes(hashlib.sha512(nonce + public + message).digest(), "little") % ORDER
    return public, nonce + ((r + k * seed) % ORDER).to_bytes(32, "little"), message


@pytest.mark.parametrize("name", VECTORS)
def test_the_vectors_of_the_standard_hold_and_no_neighbour_of_theirs_does(name: str) -> None:
    public, signature, message = parts(name)
    assert verify(public, signature, message)
    assert not verify(public, signature, message + b"\x00")
    for at in range(64):
        changed = bytearray(signature)
        changed[at] ^= 1
        assert not verify(public, bytes(changed), message)


@given(KEYS, MESSAGES)
def test_whatever_openssl_signs_holds(key: Ed25519PrivateKey, message: bytes) -> None:
    assert verify(key.public_key().public_bytes_raw(), key.sign(message), message)


@given(KEYS, MESSAGES, st.integers(0, 95), st.integers(1, 255))
def test_it_agrees_with_openssl_on_every_changed_byte(
    key: Ed25519PrivateKey, message: bytes, at: int, change: int
) -> None:
    """The first 32 bytes are the key, the others the signature."""
    whole = bytearray(key.public_key().public_bytes_raw() + key.sign(message))
    whole[at] ^= change
    public, signature = bytes(whole[:32]), bytes(whole[32:])
    assert verify(public, signature, message) == openssl.verify(public, signature, message)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64), MESSAGES)
def test_random_bytes_are_no_signature(public: bytes, signature: bytes, message: bytes) -> None:
    assert not verify(public, signature, message)


@given(st.integers(1, ORDER - 1), st.integers(1, ORDER - 1), MESSAGES)
@example(1, 1, b"")
@example(ORDER - 1, ORDER - 1, b"x")
@example(15, 16, b"x")
def test_the_tables_multiply_by_any_factor(seed: int, r: int, message: bytes) -> None:
    public, signature, said = signed_by_hand(seed, r, message)
    held = openssl.verify(public, signature, said)
    assert verify(public, signature, said) == held
    assert held


# --- malformed, as in Wycheproof ------------------------------------------------------------------


def test_a_second_spelling_of_s_is_refused() -> None:
    for name in VECTORS:
        public, signature, message = parts(name)
        s = int.from_bytes(signature[32:], "little")
        for times in range(1, 15):
            spelled = signature[:32] + (s + times * ORDER).to_bytes(32, "little")
            assert not verify(public, spelled, message)


@pytest.mark.parametrize("s", [0, 1, ORDER - 1, ORDER, ORDER + 1, 2**252, 2**253, 2**256 - 1])
def test_s_at_the_edges_of_the_order_proves_nothing(s: int) -> None:
    public, signature, message = parts("TEST 2")
    assert not verify(public, signature[:32] + s.to_bytes(32, "little"), message)


@pytest.mark.parametrize("length", [0, 1, 31, 32, 63, 65, 96, 128])
def test_signatures_of_other_lengths_are_refused(length: int) -> None:
    public, signature, message = parts("TEST 3")
    assert not verify(public, (signature * 2)[:length], message)


@pytest.mark.parametrize("public", [b"", b"\x01", b"\xd7" * 31, b"\xd7" * 33])
def test_keys_of_other_lengths_are_refused(public: bytes) -> None:
    assert not verify(public, parts("TEST 1")[1], b"")


@pytest.mark.parametrize(
    "encoding",
    [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0100000000000000000000000000000000000000000000000000000000000080",
    ],
)
def test_a_key_of_small_order_signs_nothing(encoding: str) -> None:
    """Under such a key R = [S]B holds for many messages: here S is 0 and R the neutral point."""
    public = bytes.fromhex(encoding)
    for r in ("01" + "00" * 31, encoding):
        assert not verify(public, bytes.fromhex(r) + bytes(32), b"any message")


def test_r_in_a_second_spelling_is_refused() -> None:
    """The neutral point written with y = p + 1, under which the equation itself would hold."""
    spelled = (P + 1).to_bytes(32, "little")
    for message in (b"", b"a", b"b"):
        public, signature, _ = signed_by_hand(5, 0, message, tweak=spelled)
        assert not verify(public, signature, message)
        assert not openssl.verify(public, signature, message)


def test_bytes_that_are_no_point_are_refused_as_keys() -> None:
    none = [y for y in range(2, 60) if decode(y.to_bytes(32, "little")) is None]
    assert len(none) > 10
    for y in none:
        assert not verify(y.to_bytes(32, "little"), bytes(64), b"")


@given(st.binary(min_size=32, max_size=32))
def test_a_point_has_one_spelling(data: bytes) -> None:
    point = decode(data)
    assert point is None or ed25519._encode(point) == data
