"""The words of a session, byte for byte: what was signed once comes out again."""

from __future__ import annotations

import base64
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hueandcry.apps.deconfliction import blinding
from hueandcry.apps.deconfliction.wire import DECONFLICTION, POINT, Word
from hueandcry.core import jws, matching
from hueandcry.core.errors import Conflict, Malformed, Untrusted
from hueandcry.core.ids import uuid7
from hueandcry.engine.keys import ed25519
from other_member import NOW, OtherMember
from worked_requests import example

GOLDEN = Path(__file__).parent / "golden" / "deconfliction_v1.jws"
#: Each word of one session, under the keys of the same member.
LINES = GOLDEN.read_text("ascii").splitlines()
SIGNER = OtherMember("golden")
REQUEST = uuid7(NOW, bytes(10))


def believed(raw: bytes) -> jws.Document:
    key = SIGNER.key("act").public
    return jws.verify_document(jws.open_document(raw), key=key, verify=ed25519.verify)


def points(many: int = 100, sign: int = 2) -> tuple[bytes, ...]:
    return tuple(bytes([sign]) + n.to_bytes(POINT - 1, "big") for n in range(many))


# --- golden ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(1, matching.LAST + 1))
def test_what_is_read_of_a_word_is_written_again_byte_for_byte(number: int) -> None:
    raw = LINES[number - 1].encode()
    document = believed(raw)
    word = Word.read(document.body)
    assert (document.type, word.word) == (DECONFLICTION, number)
    again = SIGNER.document(
        document.type, word.body(), at=document.iat, aud=document.aud, doc_id=document.id
    )
    assert again == raw


def test_no_byte_of_a_word_can_be_changed() -> None:
    raw = LINES[2].encode()
    for at in range(0, len(raw), 211):
        bent = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        with pytest.raises((Malformed, Untrusted)):
            believed(bent)


# --- forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"word": 6},
        {"word": True},
        {"word": 2},
        {"size": 99},
        {"size": -100},
        {"commitment": "AB" * 32},
        {"hits": 1},
        {"blinded": ""},
        {"blinded": "AA=="},
        {"blinded": 7},
        {"request": "7"},
    ],
)
def test_a_word_of_another_form_is_refused(changed: dict[str, Any]) -> None:
    body = Word(REQUEST, 1, commitment="ab" * 32, size=100, blinded=points()).body()
    assert Word.read(body).size == 100
    with pytest.raises(Malformed):
        Word.read({**body, **changed})
    with pytest.raises(Malformed):
        Word.read({name: value for name, value in body.items() if name != "size"})


@pytest.mark.parametrize(
    "wrong",
    [
        points(99),
        (*points(99), points()[0]),  # one twice
        points(100, sign=0),  # at infinity
        points(100, sign=4),  # not compressed
    ],
)
def test_points_that_no_set_has_are_refused(wrong: tuple[bytes, ...]) -> None:
    body = Word(REQUEST, 3, setup=points(), response=points(), hits=0).body()
    body["response"] = base64.b64encode(b"".join(wrong)).decode()
    with pytest.raises(Malformed):
        Word.read(body)


def test_hits_and_references_have_bounds() -> None:
    with pytest.raises(Malformed):
        Word.read(Word(REQUEST, 4, hits=5_001).body())
    told = Word(REQUEST, 5, contact="Desk", cases=("C-1", "C-2"))
    assert Word.read(told.body()) == told
    for cases in ((), ("C\x00",), tuple(map(str, range(101)))):
        with pytest.raises(Malformed):
            Word.read(replace(told, cases=cases).body())


def test_the_largest_word_fits_into_a_document() -> None:
    most = points(matching.MOST)
    word = Word(REQUEST, 2, blinded=most, setup=most, response=most)
    assert Word.read(believed(SIGNER.document(DECONFLICTION, word.body())).body) == word


def test_the_worked_example_of_a_request_asks_for_a_session_that_we_hold() -> None:
    assert matching.read_method(example("DECONFLICT").given["session"]) == 1_000


# --- points ---------------------------------------------------------------------------------------


def test_each_side_finds_by_its_own_direction_what_both_have() -> None:
    ours, theirs = ["phone:+661", "phone:+662", "phone:+663"], ["phone:+663", "phone:+664"]
    our_key, asked = blinding.blind(ours)
    their_key, blinded = blinding.blind(theirs)
    assert blinding.found(our_key, *blinding.answer(asked, theirs)) == [2]
    assert blinding.found(their_key, *blinding.answer(blinded, ours)) == [0]


def test_keys_are_fresh_in_every_session() -> None:
    first, second = blinding.blind(["phone:+661"]), blinding.blind(["phone:+661"])
    assert first[0] != second[0] and first[1] != second[1]
    once, again = (blinding.answer(first[1], ["phone:+661"]) for _ in range(2))
    assert once[0] != again[0] and once[1] != again[1]


def test_what_is_no_point_of_the_curve_is_refused() -> None:
    none = b"\x02" + b"\xff" * 32
    key, asked = blinding.blind(["phone:+661"])
    with pytest.raises(Malformed):
        blinding.answer([none], ["phone:+661"])
    with pytest.raises(Malformed):
        blinding.found(key, asked, [none])


def test_a_node_without_the_library_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "private_set_intersection.python", None)
    with pytest.raises(Conflict) as caught:
        blinding.blind(["phone:+661"])
    assert caught.value.code == "no_psi" and "openmined-psi" in str(caught.value)
