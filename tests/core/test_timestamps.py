"""Time-stamps of RFC 3161, with `openssl ts` as the authority and as the judge."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hueandcry.core import der
from hueandcry.core.errors import HueError, Malformed, Untrusted
from hueandcry.core.timestamps import Token, check_reply, request
from hueandcry.engine.stamps import checking
from stamping_authority import Authority

DIGEST = hashlib.sha256(b"a checkpoint").digest()
NONCE = 0x8000000000000001


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def reply(authority: Authority) -> bytes:
    return authority.answer(request(DIGEST, NONCE))


def check(reply: bytes, digest: bytes = DIGEST, nonce: int | None = NONCE) -> Token:
    return check_reply(reply, digest, nonce, checking.verify)


@pytest.mark.parametrize("key", ["rsa", "ec"])
@pytest.mark.parametrize("ess", ["sha256", "sha384", "sha1"])
@pytest.mark.parametrize("chain", [False, True])
def test_what_openssl_stamps_is_believed_and_openssl_believes_it_too(
    tmp_path: Path, key: str, ess: str, chain: bool
) -> None:
    """With its chain in the reply OpenSSL leaves the SET of certificates in disorder."""
    made = Authority(tmp_path, key=key, chain=chain, ess=ess)
    reply = made.answer(request(DIGEST, NONCE))
    token = check(reply)
    assert token.digest == DIGEST and len(token.certificates) == 1 + chain
    assert token.policy == "1.3.6.1.4.1.1" and token.serial >= 1
    shown = (made.folder / "tsa.pem").read_bytes()
    assert checking.pem((token.certificate,)) in shown.replace(b"\r", b"")
    assert made.agrees(reply, DIGEST)


def test_it_is_about_this_digest_and_answers_this_request(reply: bytes) -> None:
    assert check(reply, nonce=None).digest == DIGEST
    for digest, nonce, code in ((bytes(32), NONCE, "imprint"), (DIGEST, 7, "nonce")):
        with pytest.raises(Untrusted) as caught:
            check(reply, digest, nonce)
        assert caught.value.code == f"stamp_{code}"


def test_a_refusal_is_told_in_the_words_of_the_authority(authority: Authority) -> None:
    other = request(DIGEST, NONCE).replace(der.identifier("2.16.840.1.101.3.4.2.1"),
                                           der.identifier("2.16.840.1.101.3.4.2.9"))  # fmt: skip
    with pytest.raises(Untrusted) as caught:
        check(authority.answer(other))
    assert caught.value.code == "stamp_refused"


def test_no_changed_bit_of_what_is_signed_is_believed(reply: bytes) -> None:
    """Some bytes are not covered by any signature: what they say is then the same."""
    whole = check(reply)
    believed = 0
    for at in range(len(reply)):
        for bit in (1, 0x80):
            bent = reply[:at] + bytes((reply[at] ^ bit,)) + reply[at + 1 :]
            try:
                token = check(bent)
            except HueError:
                continue
            believed += 1
            assert (token.digest, token.at, token.serial) == (
                whole.digest,
                whole.at,
                whole.serial,
            )
    assert believed < len(reply) // 3


@given(st.binary(max_size=600))
def test_no_bytes_raise_anything_but_an_error_of_ours(raw: bytes) -> None:
    with pytest.raises(HueError):
        check(raw)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(data=st.data())
def test_no_damage_raises_anything_but_an_error_of_ours(reply: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(reply) - 1))
    cut = data.draw(st.integers(0, 40))
    put = data.draw(st.binary(max_size=8))
    try:
        check(reply[:at] + put + reply[at + cut :])
    except HueError:
        return


@given(st.integers(0, 2**80), st.binary(min_size=32, max_size=32))
def test_a_request_reads_as_it_was_written(nonce: int, digest: bytes) -> None:
    version, imprint, said, certificates = der.read(request(digest, nonce)).within()
    assert (version.number(), said.number(), certificates.content) == (1, nonce, b"\xff")
    algorithm, octets = imprint.within()
    assert octets.octets() == digest
    assert algorithm.within()[0].name() == "2.16.840.1.101.3.4.2.1"


def test_only_a_sha_256_digest_is_stamped() -> None:
    with pytest.raises(Malformed):
        request(bytes(20), 1)
