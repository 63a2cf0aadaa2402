"""What is believed of a signed call and its answer, and that no part of either can be changed."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.calls import (
    LIFETIME_MAX,
    SKEW,
    Call,
    VerifiedCall,
    content_digest,
    sign_response,
    verify_call,
    verify_response,
)
from hueandcry.core.errors import ClockOff, HueError, Untrusted
from hueandcry.core.types import SECOND
from signed_calls import (
    ALL,
    ASKED,
    AT,
    CREATED,
    GET,
    KEYID,
    NONCE,
    OTHER,
    POST,
    PRIVATE,
    answered,
    believed,
    by_hand,
    key_for,
    parameters,
    read_answer,
    refusal,
    signed,
    verify,
)

GOLDEN = Path(__file__).parent / "golden" / "signed_call.json"


# --- what is believed ---------------------------------------------------------------------------


@pytest.mark.parametrize("call", [POST, GET, replace(GET, body=b"")])
def test_a_signed_call_is_believed_and_says_who_and_when(call: Call) -> None:
    headers = signed(call)
    assert believed(call, headers) == VerifiedCall(
        KEYID,
        NONCE,
        CREATED,
        CREATED + LIFETIME_MAX,
        headers["signature"],
        (CREATED + LIFETIME_MAX) * SECOND + SKEW,
    )


def test_the_hand_made_signature_of_these_tests_is_believed_when_nothing_is_changed() -> None:
    assert believed(POST, by_hand(POST, ALL, parameters(), content_digest(POST.body)))


def test_components_may_come_in_any_order_and_the_right_algorithm_may_be_stated() -> None:
    stated = parameters(alg="ed25519")
    assert believed(POST, by_hand(POST, ALL[::-1], stated, content_digest(POST.body)))


def test_golden_calls_and_answers_stay_readable_for_ever() -> None:
    golden = json.loads(GOLDEN.read_text())
    assert signed(POST) == golden["call"]
    assert believed(POST, golden["call"]).nonce == NONCE
    answer = sign_response(
        200,
        b"{}",
        request_signature=golden["call"]["signature"],
        keyid=KEYID,
        sign=PRIVATE.sign,
        created=CREATED,
    )
    assert {name.lower(): value for name, value in answer.items()} == golden["answer"]


# --- every covered part, changed ----------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        replace(POST, method="PUT"),
        replace(POST, authority="node.example"),
        replace(POST, path="/peer/v1/batches/a/b"),
        replace(POST, query="?lane=live&x=+"),
        replace(POST, query="?"),
        replace(POST, content_type="application/json; charset=utf-8"),
    ],
)
def test_a_changed_target_or_type_is_refused(changed: Call) -> None:
    assert refusal(signed(POST), changed).code == "call_signature"


def test_a_changed_body_is_refused_before_any_key_is_asked_for() -> None:
    assert refusal(signed(POST), replace(POST, body=b'{"a":2}')).code == "call_digest"


def test_a_body_that_was_added_to_a_call_without_one_is_refused() -> None:
    added = replace(GET, body=b"x", content_type="text/plain")
    assert refusal(signed(GET), added).code == "call_uncovered"


def test_a_body_that_was_taken_away_is_refused() -> None:
    assert refusal(signed(POST), replace(POST, body=None)).code == "call_covered"


def test_a_digest_that_was_replaced_with_its_body_is_refused_by_the_signature() -> None:
    changed = replace(POST, body=b'{"a":2}')
    headers = signed(POST) | {"content-digest": content_digest(changed.body)}
    assert refusal(headers, changed).code == "call_signature"


@pytest.mark.parametrize(
    ("name", "new"),
    [
        (f"created={CREATED}", f"created={CREATED + 1}"),
        (f"expires={CREATED + 300}", f"expires={CREATED + 299}"),
        (NONCE.hex(), bytes(16).hex()),
    ],
)
def test_a_changed_parameter_is_refused(name: str, new: str) -> None:
    headers = signed(POST)
    changed = headers["signature-input"].replace(name, new)
    assert changed != headers["signature-input"]
    assert refusal(headers | {"signature-input": changed}).code == "call_signature"


@given(st.integers(0, 511))
def test_a_signature_with_any_bit_turned_is_refused(bit: int) -> None:
    headers = signed(POST)
    raw = bytearray(base64.b64decode(headers["signature"][5:-1]))
    raw[bit // 8] ^= 1 << bit % 8
    headers["signature"] = f"sig=:{base64.b64encode(raw).decode()}:"
    assert refusal(headers).code == "call_signature"


def test_a_signature_by_another_key_is_refused() -> None:
    with pytest.raises(Untrusted) as caught:
        verify_call(POST, signed(POST), at=AT, key_for=lambda keyid: OTHER, verify=verify)
    assert caught.value.code == "call_signature"


@pytest.mark.parametrize("weak", [bytes(32), b"\x01" + bytes(31), b"\xec" + b"\xff" * 30 + b"\x7f"])
def test_a_key_of_small_order_is_refused_even_where_the_signature_would_verify(weak: bytes) -> None:
    with pytest.raises(Untrusted) as caught:
        verify_call(POST, signed(POST), at=AT, key_for=lambda keyid: weak, verify=lambda *_: True)
    assert caught.value.code == "small_order_key"


def test_an_unknown_key_is_refused_as_the_caller_says() -> None:
    assert refusal(signed(POST, keyid="someone/else")).code == "key"


# --- the clock ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "held"),
    [
        (CREATED * SECOND - SKEW - 1, False),
        (CREATED * SECOND - SKEW, True),
        ((CREATED + 300) * SECOND + SKEW, True),
        ((CREATED + 300) * SECOND + SKEW + 1, False),
    ],
)
def test_a_call_holds_from_its_creation_to_its_expiry_and_the_skew_on_both_sides(
    at: int, held: bool
) -> None:
    if held:
        assert believed(POST, signed(POST), at)
    else:
        error = refusal(signed(POST), at=at)
        assert isinstance(error, ClockOff)
        assert error.code == "clock"


def test_only_the_holder_of_the_key_can_learn_that_a_clock_is_off() -> None:
    headers = signed(POST)
    late = AT + 3600 * SECOND
    assert isinstance(refusal(headers, at=late), ClockOff)
    assert refusal(headers, replace(POST, path="/other"), late).code == "call_signature"
    assert refusal(headers, replace(POST, body=b"{}"), late).code == "call_digest"


# --- answers ------------------------------------------------------------------------------------


def test_an_answer_is_believed_for_the_request_that_it_answers() -> None:
    found = verify_response(
        200, b"{}", answered(), request_signature=ASKED, key_for=key_for, verify=verify
    )
    assert (found.keyid, found.created) == (KEYID, CREATED)


@pytest.mark.parametrize(
    ("status", "body", "asked", "code"),
    [
        (201, b"{}", ASKED, "call_signature"),
        (200, b"[]", ASKED, "call_digest"),
        (200, b"{}", signed(POST, nonce=bytes(16))["signature"], "call_signature"),
        (200, b"{}", "not a signature", "call_form"),
    ],
)
def test_an_answer_is_refused_for_another_status_body_or_request(
    status: int, body: bytes, asked: str, code: str
) -> None:
    with pytest.raises(HueError) as caught:
        read_answer(status, body, answered(), asked)
    assert caught.value.code == code


def test_a_request_is_never_taken_for_an_answer_nor_an_answer_for_a_request() -> None:
    with pytest.raises(Untrusted):
        read_answer(200, POST.body or b"", signed(POST))
    assert refusal(answered(body=POST.body or b"")).code == "call_uncovered"


def test_nothing_is_bound_to_what_is_not_a_signature() -> None:
    with pytest.raises(HueError):
        answered(asked=ASKED + ", " + ASKED)


# --- whatever comes -----------------------------------------------------------------------------

SNIPPETS = st.sampled_from(
    [
        *signed(POST).values(),
        *ALL,
        "sig=(",
        "sig=:",
        ";created=",
        ";tag=",
        ",",
        " ",
        ":",
        '"',
        "=",
        "(",
    ]
)
FIELD = st.lists(SNIPPETS | st.text(max_size=8), max_size=12).map("".join) | st.text(max_size=300)


@given(
    st.dictionaries(
        st.sampled_from(["signature", "signature-input", "content-digest", "content-encoding"]),
        FIELD,
    )
)
def test_no_header_makes_the_reader_stumble(headers: dict[str, str]) -> None:
    for attempt in (headers, signed(POST) | headers):
        try:
            believed(POST, attempt)
            read_answer(200, b"{}", attempt)
        except HueError:
            continue


@given(st.data())
def test_no_change_of_one_character_is_believed(data: st.DataObject) -> None:
    headers = signed(POST)
    name = data.draw(st.sampled_from(sorted(headers)))
    place = data.draw(st.integers(0, len(headers[name]) - 1))
    new = data.draw(st.characters(max_codepoint=300))
    changed = headers[name][:place] + new + headers[name][place + 1 :]
    if changed != headers[name]:
        refusal(headers | {name: changed})


@pytest.mark.parametrize(
    "make",
    [
        lambda n: "sig=(" + '"a" ' * n,
        lambda n: "sig=(" + '"a";' * n,
        lambda n: "sig=()" + ";a=1" * n,
        lambda n: "a" * n,
        lambda n: 'sig=("' + "a" * n,
    ],
)
def test_reading_takes_time_in_proportion_to_length(make: Callable[[int], str]) -> None:
    headers = signed(POST)

    def seconds(text: str) -> float:
        start = time.process_time()
        for _ in range(200):
            refusal(headers | {"signature-input": text})
        return time.process_time() - start

    assert seconds(make(500)[:2_000]) < 1.0
