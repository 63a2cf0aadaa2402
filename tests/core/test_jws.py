"""Documents: what opens, what verifies, and that nothing else does."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as jose
from joserfc.jwk import OKPKey

from core.signing import private, public, verify
from hueandcry.core import jcs, jws
from hueandcry.core.errors import HueError, Malformed, TooLarge, Untrusted
from hueandcry.core.ids import uuid7

ISS, AUD = "ab" * 32, "cd" * 32
KEY = public(1)
KID = f"{ISS}/{jws.key_id(KEY)}"
HEADER = {"alg": "Ed25519", "kid": KID, "typ": "hueandcry.receipt.v1+jws"}
PAYLOAD: dict[str, Any] = {
    "id": str(uuid7(1_763_942_400_000_000, bytes(range(10)))),
    "iss": ISS,
    "aud": AUD,
    "iat": "2025-11-24T00:00:00.000000Z",
    "v": 1,
    "agreement": "ef" * 32,
    "re": ["01" * 32, "02" * 32],
    "body": {"outcome": "accepted", "names": ["สมชาย", "Nguyễn"], "n": 3},
}
SMALL = PAYLOAD | {"body": {}, "re": [], "aud": "*", "agreement": None}


def b64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def forge(header: Any = HEADER, payload: Any = PAYLOAD) -> bytes:
    """A document with a right signature over whatever stands in it; bytes are taken as they are."""
    parts = [each if isinstance(each, bytes) else jcs.canonical(each) for each in (header, payload)]
    message = b".".join(map(b64, parts))
    return message + b"." + b64(private(1).sign(message))


def refusal(raw: bytes, **bounds: Any) -> str:
    with pytest.raises((Malformed, TooLarge)) as caught:
        jws.open_document(raw, **bounds)
    return caught.value.code


def read(raw: bytes, key: bytes = KEY) -> jws.Document:
    return jws.verify_document(jws.open_document(raw), key=key, verify=verify)


SIGNED = jws.sign_document("receipt", PAYLOAD, KID, private(1).sign)


# --- what opens --------------------------------------------------------------------------------


def test_a_document_is_read_as_it_was_written() -> None:
    document = read(SIGNED)
    assert (document.type, document.kid, document.raw) == ("receipt", KID, SIGNED)
    assert document.digest == hashlib.sha256(SIGNED).hexdigest()
    assert document.iat_text == PAYLOAD["iat"]
    assert document.exercise is False
    again = {name: getattr(document, name) for name in ("iss", "aud", "v", "agreement", "body")}
    again |= {"id": str(document.id), "iat": document.iat_text, "re": list(document.re)}
    assert again == PAYLOAD


def test_only_what_finds_the_key_is_told_before_the_signature_is_checked() -> None:
    unverified = jws.open_document(SIGNED)
    assert (unverified.type, unverified.kid, unverified.iss) == ("receipt", KID, ISS)
    assert not [name for name in ("body", "id", "aud", "re") if hasattr(unverified, name)]


def test_another_implementation_verifies_our_documents() -> None:
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": b64(KEY).decode()})
    found = jose.deserialize_compact(SIGNED, key, algorithms=["Ed25519"])
    assert found.headers() == HEADER
    assert json.loads(found.payload) == PAYLOAD


def test_we_verify_the_documents_of_another_implementation() -> None:
    raw_private = private(1).private_bytes_raw()
    key = OKPKey.import_key(
        {"kty": "OKP", "crv": "Ed25519", "x": b64(KEY).decode(), "d": b64(raw_private).decode()}
    )
    made = jose.serialize_compact(HEADER, jcs.canonical(PAYLOAD), key, algorithms=["Ed25519"])
    assert made.encode() == SIGNED  # Ed25519 is deterministic, and so are our bytes


def test_the_fast_encoder_may_be_passed_in_and_changes_no_byte() -> None:
    made = jws.sign_document("receipt", PAYLOAD, KID, private(1).sign, encode=jcs.canonical)
    assert made == SIGNED


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "*", "agreement": None},
        {"agreement": None},
        {"re": []},
        {"v": 2},
        {"body": {}},
        {"exercise": True},
    ],
)
def test_every_form_that_the_protocol_names_opens(change: dict[str, Any]) -> None:
    payload = PAYLOAD | change
    document = read(jws.sign_document("batch", payload, KID, private(1).sign))
    assert document.exercise == payload.get("exercise", False)
    assert document.v == payload["v"]


def test_the_protocol_core_needs_the_standard_library_only() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); before = set(sys.modules)\n"
        "from hueandcry.core import jws, notes, tiles, tlog\n"
        "names = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(names - set(sys.stdlib_module_names) - {'hueandcry'}))"
    )
    source = str(Path(jws.__file__).parents[2])
    done = run([sys.executable, "-c", script, source], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- changed bytes -----------------------------------------------------------------------------


def changed(raw: bytes) -> list[bytes]:
    """The document with each character replaced, dropped and doubled in turn."""
    alphabet = b"AQgw_-."
    found = set()
    for at in range(len(raw)):
        found |= {raw[:at] + bytes((each,)) + raw[at + 1 :] for each in alphabet}
        found |= {raw[:at] + raw[at + 1 :], raw[: at + 1] + raw[at:]}
    return sorted(found - {raw})


def test_a_document_with_any_character_changed_is_refused() -> None:
    raw = jws.sign_document("batch", SMALL, KID, private(1).sign)
    for wrong in changed(raw):
        with pytest.raises(HueError):
            read(wrong)


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_a_document_with_any_byte_changed_is_refused(at: int, by: int) -> None:
    with pytest.raises(HueError):
        read(SIGNED[:at] + bytes((SIGNED[at] ^ by,)) + SIGNED[at + 1 :])


def test_a_signature_moved_to_another_document_is_refused() -> None:
    other = forge(payload=PAYLOAD | {"v": 2})
    message, signature = SIGNED.rpartition(b".")[0], other.rpartition(b".")[2]
    with pytest.raises(Untrusted) as caught:
        read(message + b"." + signature)
    assert caught.value.code == "signature"


def test_another_key_is_refused_before_any_signature_is_checked() -> None:
    with pytest.raises(Untrusted) as caught:
        jws.verify_document(jws.open_document(SIGNED), key=public(2), verify=lambda *_: True)
    assert caught.value.code == "wrong_key"


def test_a_key_of_small_order_is_refused_even_if_it_verifies() -> None:
    weak = bytes(32)
    raw = forge(HEADER | {"kid": f"{ISS}/{jws.key_id(weak)}"})
    with pytest.raises(Untrusted) as caught:
        jws.verify_document(jws.open_document(raw), key=weak, verify=lambda *_: True)
    assert caught.value.code == "small_order_key"


# --- headers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"alg": "none"}, "jws_alg"),
        ({"alg": "EdDSA"}, "jws_alg"),
        ({"alg": "ed25519"}, "jws_alg"),
        ({"alg": "HS256"}, "jws_alg"),
        ({"alg": "ES256"}, "jws_alg"),
        ({"alg": ["Ed25519"]}, "jws_alg"),
        ({"alg": None}, "jws_alg"),
        ({"b64": False}, "jws_header"),
        ({"crit": ["exp"]}, "jws_header"),
        ({"jwk": {"kty": "OKP"}}, "jws_header"),
        ({"jku": "https://keys.example/"}, "jws_header"),
        ({"x5u": "https://keys.example/"}, "jws_header"),
        ({"cty": "json"}, "jws_header"),
        ({"zip": "DEF"}, "jws_header"),
        ({"typ": "JWT"}, "jws_typ"),
        ({"typ": "hueandcry.receipt.v2+jws"}, "jws_typ"),
        ({"typ": "hueandcry.Receipt.v1+jws"}, "jws_typ"),
        ({"typ": "hueandcry..v1+jws"}, "jws_typ"),
        ({"typ": "application/hueandcry.receipt.v1+jws"}, "jws_typ"),
        ({"typ": "hueandcry.receipt.v1+jws\n"}, "jws_typ"),
        ({"typ": 1}, "jws_typ"),
        ({"kid": ISS}, "jws_kid"),
        ({"kid": KID.upper()}, "jws_kid"),
        ({"kid": KID + "0"}, "jws_kid"),
        ({"kid": None}, "jws_kid"),
        ({"kid": "a" * 600}, "too_large"),
    ],
)
def test_any_other_header_is_refused(change: dict[str, Any], code: str) -> None:
    assert refusal(forge(HEADER | change)) == code


@pytest.mark.parametrize("name", ["alg", "kid", "typ"])
def test_a_header_without_one_of_its_members_is_refused(name: str) -> None:
    header = {key: value for key, value in HEADER.items() if key != name}
    assert refusal(forge(header)) == "jws_header"


def test_a_document_signed_with_hmac_under_the_public_key_is_refused() -> None:
    message = b64(jcs.canonical(HEADER | {"alg": "HS256"})) + b"." + b64(jcs.canonical(PAYLOAD))
    mac = hashlib.sha256(KEY + message).digest()
    assert refusal(message + b"." + b64(mac + mac)) == "jws_alg"


# --- payloads ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"exp": 1}, "members"),
        ({"nbf": 1}, "members"),
        ({"Body": {}}, "members"),
        ({"id": "0193-..."}, "id"),
        ({"id": "442ad1c7-27c6-582f-90d7-50c0993045eb"}, "id"),
        ({"id": PAYLOAD["id"].upper()}, "id"),
        ({"id": PAYLOAD["id"].replace("-", "")}, "id"),
        ({"id": "{" + PAYLOAD["id"] + "}"}, "id"),
        ({"iss": "cd" * 32}, "iss"),
        ({"iss": ISS.upper()}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "everybody"}, "aud"),
        ({"aud": [AUD]}, "aud"),
        ({"aud": "*"}, "agreement"),
        ({"agreement": "EF" * 32}, "agreement"),
        ({"agreement": ""}, "agreement"),
        ({"agreement": False}, "agreement"),
        ({"iat": "2025-11-24T00:00:00Z"}, "time"),
        ({"iat": "2025-11-24T00:00:00.000000+00:00"}, "time"),
        ({"iat": "2025-02-30T00:00:00.000000Z"}, "time"),
        ({"iat": 1763942400}, "time"),
        ({"v": 0}, "v"),
        ({"v": -1}, "v"),
        ({"v": True}, "v"),
        ({"v": "1"}, "v"),
        ({"re": None}, "re"),
        ({"re": "01" * 32}, "re"),
        ({"re": ["01"]}, "re"),
        ({"re": [None]}, "re"),
        ({"body": None}, "body"),
        ({"body": []}, "body"),
        ({"exercise": False}, "exercise"),
        ({"exercise": 1}, "exercise"),
    ],
)
def test_any_other_payload_is_refused_and_never_signed(change: dict[str, Any], code: str) -> None:
    payload = PAYLOAD | change
    asked: list[bytes] = []

    def sign(message: bytes) -> bytes:
        asked.append(message)
        return bytes(64)

    assert refusal(forge(payload=payload)) == code
    with pytest.raises(Malformed) as caught:
        jws.sign_document("receipt", payload, KID, sign)
    assert (caught.value.code, asked) == (code, [])


@pytest.mark.parametrize("name", sorted(PAYLOAD))
def test_a_payload_without_one_of_its_members_is_refused(name: str) -> None:
    payload = {key: value for key, value in PAYLOAD.items() if key != name}
    assert refusal(forge(payload=payload)) == "members"


CANONICAL = jcs.canonical(PAYLOAD)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "not_json"),
        (b"[]", "not_canonical"),
        (b"null", "not_canonical"),
        (b" " + CANONICAL, "not_canonical"),
        (CANONICAL + b"\n", "not_canonical"),
        (json.dumps(PAYLOAD).encode(), "not_canonical"),
        (CANONICAL.replace(b'"v":1', b'"v": 1'), "not_canonical"),
        (CANONICAL.replace(b"accepted", b"\\u0061ccepted"), "not_canonical"),
        (CANONICAL.replace(b'"n":3', b'"n":-0'), "not_canonical"),
        (CANONICAL.replace(b'"n":3', b'"n":3.5'), "float"),
        (CANONICAL.replace(b'"n":3', b'"n":9007199254740992'), "big_integer"),
        (CANONICAL.replace(b'"n":3', b'"n":3,"n":3'), "duplicate_member"),
        (CANONICAL.replace(b'"v":1', b'"v":1,"v":1'), "duplicate_member"),
        (CANONICAL.replace(b'"n":3', b'"n":"\\ud800"'), "lone_surrogate"),
        (b"\xef\xbb\xbf" + CANONICAL, "bom"),
        (CANONICAL.replace(b"accepted", b"\xff"), "not_utf8"),
        (CANONICAL.replace(b'"n":3', b'"n":' + b"[" * 40 + b"]" * 40), "too_deep"),
    ],
)
def test_a_payload_in_any_form_but_the_canonical_one_is_refused(payload: bytes, code: str) -> None:
    assert refusal(forge(payload=payload)) == code


def test_a_header_in_any_form_but_the_canonical_one_is_refused() -> None:
    other_order = json.dumps(dict(reversed(HEADER.items())), separators=(",", ":")).encode()
    assert refusal(forge(other_order)) == "not_canonical"
    twice = jcs.canonical(HEADER).replace(b'{"alg"', b'{"alg":"none","alg"')
    assert refusal(forge(twice)) == "duplicate_member"


# --- bytes -------------------------------------------------------------------------------------


def test_a_document_has_exactly_three_parts() -> None:
    for raw in (b"", b".", b"..", SIGNED.replace(b".", b"", 1), SIGNED + b".", SIGNED + b".AAAA"):
        assert refusal(raw) in {"jws", "not_json"}
    encrypted = b".".join([*SIGNED.split(b"."), b"AAAA", b"AAAA"])
    assert refusal(encrypted) == "jws"


def test_base64url_has_one_spelling() -> None:
    header, payload, signature = SIGNED.split(b".")
    spare = re.sub(rb"[AQgw]$", lambda end: bytes((end[0][0] + 1,)), signature)
    assert spare != signature  # 64 bytes leave four spare bits in the last character
    standard = signature.replace(b"-", b"+").replace(b"_", b"/")
    for wrong in (spare, signature + b"==", signature[:-1], signature + b"\n", b" " + signature,
                  standard if standard != signature else signature + b"+", b"", b"A"):  # fmt: skip
        assert refusal(b".".join([header, payload, wrong])) in {"base64url", "jws"}
    assert refusal(b".".join([header + b"=", payload, signature])) == "base64url"
    assert refusal(b".".join([header, payload + b"\n", signature])) == "base64url"


@pytest.mark.parametrize("length", [0, 32, 63, 65, 96])
def test_a_signature_has_64_bytes(length: int) -> None:
    message = SIGNED.rpartition(b".")[0]
    assert refusal(message + b"." + b64(bytes(length))) == "jws"


def test_a_document_is_bounded() -> None:
    assert refusal(SIGNED, max_bytes=len(SIGNED) - 1) == "too_large"
    assert jws.open_document(SIGNED, max_bytes=len(SIGNED)).kid == KID
    large = PAYLOAD | {"body": {"filler": "a" * jws.MAX_DOCUMENT}}
    assert refusal(forge(payload=large)) == "too_large"
