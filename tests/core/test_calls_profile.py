"""The profile of signed calls: what holds by RFC 9421 and is refused all the same."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from hueandcry.core.calls import (
    TAG,
    content_digest,
)
from hueandcry.core.errors import Malformed, TooLarge
from signed_calls import (
    ALL,
    CREATED,
    NONCE,
    POST,
    by_hand,
    hand_refusal,
    parameters,
    refusal,
    signed,
)

# --- the profile --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["signature", "signature-input"])
def test_an_unsigned_call_is_refused(name: str) -> None:
    headers = signed(POST)
    del headers[name]
    assert refusal(headers).code == "call_unsigned"


@pytest.mark.parametrize("left_out", range(len(ALL)))
def test_a_signature_that_leaves_a_component_out_is_refused(left_out: int) -> None:
    covered = ALL[:left_out] + ALL[left_out + 1 :]
    assert hand_refusal({}, covered).code == "call_uncovered"


@pytest.mark.parametrize("more", ['"date"', '"@path"'])
def test_a_signature_that_covers_something_else_or_twice_is_refused(more: str) -> None:
    assert hand_refusal({}, (*ALL, more)).code == "call_covered"


@pytest.mark.parametrize("name", ["created", "expires", "nonce", "keyid", "tag"])
def test_every_parameter_is_mandatory(name: str) -> None:
    assert hand_refusal({name: None}).code == "call_parameter_missing"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"context": "x"}, "call_parameter_unknown"),
        ({"alg": "rsa-v1_5-sha256"}, "call_algorithm"),
        ({"alg": 1}, "call_algorithm"),
        ({"tag": "hueandcry-peer-v2"}, "call_tag"),
        ({"tag": 1}, "call_parameter"),
        ({"nonce": "00" * 15}, "call_nonce"),
        ({"nonce": "AB" * 16}, "call_nonce"),
        ({"nonce": base64.b64encode(NONCE).decode()}, "call_nonce"),
        ({"expires": CREATED + 301}, "call_lifetime"),
        ({"expires": CREATED}, "call_lifetime"),
        ({"expires": CREATED - 1}, "call_lifetime"),
        ({"created": "now"}, "call_parameter"),
        ({"created": -5, "expires": 5}, "call_parameter"),
        ({"keyid": ""}, "call_keyid"),
        ({"keyid": 7}, "call_parameter"),
    ],
)
def test_a_parameter_out_of_profile_is_refused(
    changes: dict[str, str | int | None], code: str
) -> None:
    assert hand_refusal(changes).code == code


def test_a_parameter_that_is_stated_twice_is_refused() -> None:
    twice = parameters() + f';tag="{TAG}"'
    headers = by_hand(POST, ALL, twice, content_digest(POST.body))
    assert refusal(headers).code == "call_parameter"


@pytest.mark.parametrize("name", ["signature-input", "signature"])
@pytest.mark.parametrize("joint", [",", ", ", " ,\t"])
def test_a_second_signature_is_refused_whether_new_or_repeated(name: str, joint: str) -> None:
    headers = signed(POST)
    for second in (headers[name], headers[name].replace("sig=", "more=", 1)):
        assert refusal(headers | {name: headers[name] + joint + second}).code == "call_signatures"


def test_different_labels_are_refused() -> None:
    headers = signed(POST)
    headers["signature"] = headers["signature"].replace("sig=", "gis=")
    assert refusal(headers).code == "call_label"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" ", "  "),
        (";created", "; created"),
        ("sig=(", "sig= ("),
        ("sig=(", " sig=("),
        ("sig=(", "SIG=("),
        ('"@path"', "@path"),
        ('"@path"', '"@pa\\"th"'),
        ("created=", "created=0"),
        ("created=", "created=+"),
        (";tag=", ";flag;tag="),
        (")", ") "),
    ],
)
def test_only_canonical_structured_field_text_is_read(old: str, new: str) -> None:
    headers = signed(POST)
    headers["signature-input"] = headers["signature-input"].replace(old, new, 1)
    assert refusal(headers).code == "call_form"


def test_base64_has_one_spelling() -> None:
    headers = signed(POST)
    for end, code in (("B==:", "call_form"), ("=:", "call_form"), ("A:", "call_form")):
        text = headers["signature"][:-4] + end
        assert refusal(headers | {"signature": text}).code == code


def test_a_signature_field_of_a_megabyte_is_refused_unread() -> None:
    headers = signed(POST) | {"signature-input": "sig=(" + '"a" ' * 300_000}
    assert isinstance(refusal(headers), TooLarge)


# --- the body -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digest", "code"),
    [
        (None, "call_no_digest"),
        ("", "call_digest_form"),
        (content_digest(POST.body) + ", " + content_digest(POST.body), "call_digest_form"),
        (content_digest(POST.body) + ";x=1", "call_digest_form"),
        (content_digest(POST.body).upper(), "call_digest_form"),
        (content_digest(POST.body).replace("sha-256", "sha-512"), "call_digest_form"),
        (content_digest(POST.body)[:-3] + "/=:", "call_digest_form"),
        (content_digest(b""), "call_digest"),
    ],
)
def test_content_digest_is_exactly_one_sha_256_of_this_body(digest: str | None, code: str) -> None:
    headers = signed(POST)
    del headers["content-digest"]
    assert refusal(headers if digest is None else headers | {"content-digest": digest}).code == code


def test_a_content_encoding_is_refused_because_no_signature_covers_it() -> None:
    assert refusal(signed(POST) | {"content-encoding": "gzip"}).code == "call_encoded"


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "post"},
        {"authority": "Node.example"},
        {"authority": "node.example:"},
        {"authority": "user@node.example"},
        {"path": ""},
        {"path": "peer"},
        {"path": "/a b"},
        {"path": "/a\nb"},
        {"path": "/a?b"},
        {"path": "/é"},
        {"query": ""},
        {"query": "?#"},
        {"content_type": None},
        {"content_type": " text/plain"},
        {"content_type": 'text/plain\n"@path": /b'},
    ],
)
def test_a_call_that_no_request_line_could_carry_is_refused(
    changes: dict[str, str | None],
) -> None:
    with pytest.raises(Malformed):
        replace(POST, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes", [{"lifetime": 59}, {"lifetime": 301}, {"nonce": b"short"}, {"keyid": 'a"b'}]
)
def test_nothing_is_signed_that_no_receiver_would_take(changes: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        signed(POST, **changes)
