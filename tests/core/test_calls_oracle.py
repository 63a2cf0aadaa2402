"""The signed calls of the peer door, held against an independent implementation of RFC 9421."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    MappingKeyResolver,
)
from http_message_signatures import InvalidSignature as OracleRefused
from http_message_signatures.algorithms import ED25519
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.calls import (
    TAG,
    Call,
    sign_call,
    sign_response,
)
from signed_calls import (
    ASKED,
    CREATED,
    KEYID,
    NONCE,
    POST,
    PRIVATE,
    believed,
    read_answer,
)

COVERED = ("@method", "@authority", "@path", "@query", "content-digest", "content-type")


# --- the oracle ---------------------------------------------------------------------------------


@dataclass
class Message:
    """What the oracle takes for a request."""

    method: str
    url: str
    headers: dict[str, str]


@dataclass
class Answer:
    """What the oracle takes for a response."""

    status_code: int
    headers: dict[str, str]
    request: Message
    url: str = field(default="")


RESOLVER = MappingKeyResolver(
    public_keys={KEYID: PRIVATE.public_key()}, private_keys={KEYID: PRIVATE}
)
SIGNER = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=RESOLVER)
VERIFIER = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=RESOLVER)


def message(call: Call, headers: dict[str, str]) -> Message:
    query = "" if call.query == "?" else call.query
    own = {"Content-Type": call.content_type} if call.content_type else {}
    return Message(call.method, f"https://{call.authority}{call.path}{query}", own | headers)


def covered_by(call: Call) -> tuple[str, ...]:
    return COVERED if call.body else COVERED[:-1]


CALLS = st.builds(
    Call,
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    authority=st.sampled_from(["node.example", "node.example:8443", "[2001:db8::1]:8443"]),
    path=st.from_regex(r"/[a-z0-9/._~%]{0,20}", fullmatch=True).map(
        lambda text: text.replace("%", "%2F")
    ),
    query=st.from_regex(r"\?[a-z0-9=&+~]{0,20}", fullmatch=True),
    body=st.none() | st.binary(max_size=200),
    content_type=st.sampled_from(["application/json", "application/stix+json;version=2.1"]),
)


@given(CALLS, st.integers(60, 300))
def test_the_oracle_believes_what_we_sign(call: Call, lifetime: int) -> None:
    created = int(time.time())
    headers = sign_call(
        call, keyid=KEYID, sign=PRIVATE.sign, created=created, nonce=NONCE, lifetime=lifetime
    )
    (found,) = VERIFIER.verify(
        message(call, headers),
        expect_tag=TAG,
        require_components=covered_by(call),
        body=call.body or b"",
    )
    assert found.nonce == NONCE.hex()


@given(CALLS, st.integers(60, 300), st.booleans(), st.sampled_from(["sig", "pyhms", "a-b.c_d*"]))
def test_we_believe_what_the_oracle_signs(
    call: Call, lifetime: int, with_alg: bool, label: str
) -> None:
    sent = message(call, {})
    SIGNER.sign(
        sent,
        key_id=KEYID,
        created=datetime.fromtimestamp(CREATED, UTC),
        expires=datetime.fromtimestamp(CREATED + lifetime, UTC),
        nonce=NONCE.hex(),
        tag=TAG,
        label=label,
        include_alg=with_alg,
        covered_component_ids=covered_by(call),
        body=call.body or b"",
    )
    headers = {name.lower(): value for name, value in sent.headers.items()}
    found = believed(call, headers)
    assert (found.keyid, found.nonce, found.expires) == (KEYID, NONCE, CREATED + lifetime)


def test_the_oracle_refuses_a_call_of_ours_that_was_changed() -> None:
    now = int(time.time())
    headers = sign_call(POST, keyid=KEYID, sign=PRIVATE.sign, created=now, nonce=NONCE)
    with pytest.raises(OracleRefused):
        VERIFIER.verify(message(replace(POST, path="/x"), headers), expect_tag=TAG, body=POST.body)


ANSWER = ("@status", "content-digest", '"signature";req')


def test_the_oracle_believes_our_answers_and_sees_another_request() -> None:
    now = int(time.time())
    asked = sign_call(POST, keyid=KEYID, sign=PRIVATE.sign, created=now, nonce=NONCE)
    headers = sign_response(
        202,
        b"{}",
        request_signature=asked["Signature"],
        keyid=KEYID,
        sign=PRIVATE.sign,
        created=now,
    )
    answer = Answer(202, headers, message(POST, asked))
    assert VERIFIER.verify(answer, expect_tag=TAG, require_components=ANSWER, body=b"{}")
    with pytest.raises(OracleRefused):
        other = message(POST, {"Signature": ASKED})
        VERIFIER.verify(Answer(202, headers, other), expect_tag=TAG, body=b"{}")


def test_we_believe_the_answers_that_the_oracle_signs() -> None:
    answer = Answer(202, {}, message(POST, {"Signature": ASKED}))
    SIGNER.sign(
        answer,
        key_id=KEYID,
        created=datetime.fromtimestamp(CREATED, UTC),
        tag=TAG,
        covered_component_ids=ANSWER,
        body=b"{}",
    )
    assert read_answer(202, b"{}", {name.lower(): value for name, value in answer.headers.items()})
