"""One document of every type of request, byte for byte: what was signed once comes out again."""

from __future__ import annotations

from pathlib import Path

import pytest

from hueandcry.apps.cooperation.wire import ASKED, STEP, Asked, Stepped
from hueandcry.core import jws
from hueandcry.core.errors import Malformed, Untrusted
from hueandcry.core.ids import uuid7
from hueandcry.core.law import LAW, faults
from hueandcry.engine.keys import ed25519
from other_member import OtherMember
from worked_requests import example

GOLDEN = Path(__file__).parent / "golden" / "requests_v1.jws"
#: A request of every type, then one step, each under the keys of the same member.
LINES = dict(line.split(" ", 1) for line in GOLDEN.read_text("ascii").splitlines())
SIGNER, ASKED_ONE = OtherMember("golden"), OtherMember("asked")


def believed(raw: bytes) -> jws.Document:
    key = SIGNER.key("act").public
    return jws.verify_document(jws.open_document(raw), key=key, verify=ed25519.verify)


def of_example(type: str) -> bytes:
    """The document of the worked example of a type."""
    here = example(type)
    asked = Asked(here.request, type, here.basis, here.given, here.signers)
    identifier = uuid7(here.at, here.request.bytes[6:])
    return SIGNER.document(
        ASKED, asked.body(), at=here.at, aud=ASKED_ONE.fingerprint, doc_id=identifier
    )


def test_every_type_of_request_has_a_golden_document() -> None:
    assert list(LINES) == [*LAW.types, STEP]


@pytest.mark.parametrize("type", list(LAW.types))
def test_the_worked_example_of_a_type_makes_its_golden_document(type: str) -> None:
    assert of_example(type).decode() == LINES[type]


@pytest.mark.parametrize("type", list(LAW.types))
def test_a_request_that_was_signed_once_is_still_of_the_form_of_its_type(type: str) -> None:
    asked = Asked.read(believed(LINES[type].encode()).body)
    assert (asked.type, faults(LAW, type, asked.given, asked.instrument)) == (type, ())


@pytest.mark.parametrize("name", list(LINES))
def test_what_is_read_of_a_document_is_written_again_byte_for_byte(name: str) -> None:
    document = believed(LINES[name].encode())
    form = Stepped if name == STEP else Asked
    again = SIGNER.document(
        document.type,
        form.read(document.body).body(),
        at=document.iat,
        aud=document.aud,
        re=document.re,
        doc_id=document.id,
    )
    assert again.decode() == LINES[name]


def test_no_byte_of_a_document_can_be_changed() -> None:
    raw = LINES[STEP].encode()
    assert believed(raw).type == STEP
    for at in range(0, len(raw), 7):
        bent = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        with pytest.raises((Malformed, Untrusted)):
            believed(bent)
