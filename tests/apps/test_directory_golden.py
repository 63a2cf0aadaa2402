"""The documents of a partnership, byte for byte as they were first released."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from hueandcry.apps.directory import forms
from hueandcry.apps.directory.forms import Act, Charter
from hueandcry.apps.members import seats
from hueandcry.apps.members.seats import SeatView
from hueandcry.core import jws
from hueandcry.engine.keys import ed25519
from other_member import NOW, OtherMember

GOLDEN = Path(__file__).parent / "golden" / "directory_v1.jws"

BANK, POLICE, TELCO = (OtherMember(name) for name in ("bank", "police", "telco"))
CHARTER = Charter(
    "Global Partnership against Online Scams",
    tuple(sorted((BANK.fingerprint, POLICE.fingerprint))),
    2,
    "Prevention, protection, investigation, prosecution",
)
ADMITTED = Act(forms.ADMISSION, CHARTER.digest, TELCO.fingerprint, 1, reason="อนุมัติแล้ว")
STOPPED = Act(forms.SUSPENSION, CHARTER.digest, TELCO.fingerprint, 2, (ADMITTED.digest,), "breach")
BACK = Act(forms.REINSTATEMENT, CHARTER.digest, TELCO.fingerprint, 3)
OUT = Act(forms.EXPULSION, CHARTER.digest, TELCO.fingerprint, 4)
SEAT = SeatView(
    *(1, BANK.fingerprint, "bank", None, "", f"coop.{BANK.fingerprint[:8]}", "Coop Bank"),
    *("LA", ("bank",), 1, False, NOW, None),
)


def documents() -> list[bytes]:
    """One document of each kind, all by the bank."""
    bodies = [(forms.CHARTER, forms.act_body(CHARTER))]
    for act in (ADMITTED, STOPPED, BACK, OUT):
        bodies.append((act.kind, forms.act_body(act, CHARTER.digest)))
    bodies.append(("seat", seats.seat_body(SEAT)))
    return [
        BANK.document(kind, body, doc_id=UUID(f"01a2e395-effd-7319-8527-e1f0a6b3d2{n:02d}"))
        for n, (kind, body) in enumerate(bodies)
    ]


def test_what_is_written_today_is_what_was_first_released() -> None:
    assert documents() == GOLDEN.read_bytes().splitlines()


@pytest.mark.parametrize("number", range(6))
def test_what_was_first_released_is_still_read(number: int) -> None:
    raw = GOLDEN.read_bytes().splitlines()[number]
    document = jws.verify_document(
        jws.open_document(raw), key=BANK.key("act").public, verify=ed25519.verify
    )
    assert (document.iss, document.aud, document.agreement) == (BANK.fingerprint, "*", None)
    if document.type == forms.CHARTER:
        assert forms.read_charter(document.body).digest == CHARTER.digest
    elif document.type == "seat":
        assert seats._read(BANK.fingerprint, document.body)["code"] == SEAT.code
    else:
        act, standing = forms.read_act(document.type, document.body)
        assert act in (ADMITTED, STOPPED, BACK, OUT)
        assert standing == CHARTER.digest


def test_digests_of_acts_are_those_of_the_release() -> None:
    """What other acts name: a change of them would tear every partnership apart."""
    assert CHARTER.digest == "e1746e49fa19de6ff370199ba5ac1fa4d8c2432ab327dfa046baedf84fa8d97b"
    assert ADMITTED.digest == "57667856f1b4494a2c8f28ef3443f7a21f3c734351ee1b302c0407955da18603"
    assert OUT.digest == "54ff860287f24f30ad19dd8c4566405cf5ec90e7acde965e4e9e23df8dd542cb"


def test_a_guests_fingerprint_is_that_of_the_release() -> None:
    assert (
        seats.guest_fingerprint("ab" * 32, "coop.abababab")
        == "b4ae5f97bdef721592fde35079aef652dc37648d528bc141be33dfe3eac391c5"
    )
