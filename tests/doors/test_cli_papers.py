"""`hueandcry request enter, letter, paper, translate, certify, authority, export, import`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from doors.test_cli_asking import Run, given
from doors.test_cli_asking import run as run
from hueandcry.apps.members import face as members
from hueandcry.apps.members.models import Person
from hueandcry.engine.store.work import unit_of_work
from sheet_text import squeezed, words_of

pytestmark = pytest.mark.database

LAO = "Ministry of Public Security, Vientiane"


def made(run: Run, tmp_path: Path, to: str, **changed: Any) -> str:
    """A request that its maker has signed."""
    fields = given(tmp_path, "STATUS", **changed)
    words = ("request", "new", "STATUS", "--to", to, "--basis", "house", "--fields", fields)
    code, draft = run(*words, "--as", "ann")
    assert code == 0, draft
    run("request", "act", draft["id"], "sign", "--as", "ann")
    return str(draft["id"])


def test_a_request_goes_to_an_authority_without_a_node_and_comes_back_by_scan(
    run: Run, tmp_path: Path
) -> None:
    with unit_of_work():
        members.add_person("lek", ["legal"])
    noted = ("request", "authority", LAO, "--country", "LA", "--role", "asc", "--as", "lek")
    code, known = run(*noted)
    assert code == 0 and known == [{"name": LAO, "country": "LA", "to": ""}]
    request = made(run, tmp_path, LAO)
    code, said = run("request", "act", request, "approve", "--as", "som")
    assert code == 1 and "has no node" in said and "--letter" in said
    letter = tmp_path / "letter.pdf"
    assert run("request", "letter", request, "--output", letter, plain=True)[0] == 0
    assert squeezed(LAO) in words_of(letter.read_bytes())
    how = ("--letter", letter, "--channel", "courier", "--carried-by", "Ms K.")
    code, sent = run("request", "act", request, "approve_outside", "--as", "som", *how)
    assert code == 0 and sent["state"] == "SENT_OUTSIDE"
    run("request", "act", request, "deliver_outside", "--as", "ann", *how)
    code, said = run("request", "act", request, "open", "--as", "som")
    assert code == 1 and "their letter" in said
    code, opened = run("request", "act", request, "open", "--as", "som", *how)
    assert (opened["state"], opened["outside"]) == ("RECEIVED", True)
    act = opened["acts"][-1]
    assert act["side"] == "requested" and act["letter"]["channel"] == "courier"
    back = tmp_path / "back.pdf"
    code, out = run("request", "paper", request, act["n"], "--output", back, plain=True)
    assert code == 0 and back.read_bytes() == letter.read_bytes() and "Ms K." in out
    code, out = run("request", "show", request, plain=True)
    assert squeezed("from a letter: courier, Ms K.") in squeezed(out)
    assert act["document"] in squeezed(out)


def test_a_request_that_came_as_a_letter_is_entered_once_with_its_scan(
    run: Run, tmp_path: Path
) -> None:
    with unit_of_work():
        members.add_person("lek", ["legal"])
    run("request", "authority", LAO, "--country", "LA", "--role", "asc", "--as", "lek")
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF-1.7 a letter from Vientiane")
    fields = given(tmp_path, "STATUS")
    words = ("request", "enter", "STATUS", "--from", LAO, "--basis", "house", "--fields", fields)
    how = ("--letter", scan, "--channel", "diplomatic", "--carried-by", "Ms K.", "--as", "lek")
    code, said = run(*words, *how, "--dated", "2099-01-01T00:00:00Z")
    assert code == 1 and "later than now" in said
    code, came = run(*words, *how, "--dated", "2026-01-15T09:00:00+07:00")
    assert code == 0 and (came["side"], came["state"]) == ("requested", "DELIVERED")
    assert came["outside"] and came["acts"][0]["letter"]["channel"] == "diplomatic"
    assert came["acts"][0]["at"] == "2026-01-15T02:00:00.000000Z"
    code, said = run(*words, *how)
    assert code == 1 and came["id"] in said
    code, said = run(*words, *how[2:], "--letter", tmp_path / "none.pdf")
    assert code == 2 and "cannot be read" in said
    code, opened = run("request", "act", came["id"], "open", "--as", "som")
    assert code == 0 and opened["acts"][-1]["side"] == "requested"


def test_a_translation_stands_in_the_letter_once_an_officer_has_certified_it(
    run: Run, tmp_path: Path
) -> None:
    request = made(run, tmp_path, "hanoi", question="How far is it?")
    words = ("request", "translate", request, "--language", "vi", "--translator", "Sworn 12")
    code, view = run(*words, "--field", "question=Đến đâu rồi?", "--as", "ann")
    assert code == 0 and view["translations"][0]["certified_at"] is None
    sheet = tmp_path / "vi.pdf"
    letter = ("request", "letter", request, "--output", sheet, "--language", "vi")
    code, said = run(*letter, plain=True)
    assert code == 1 and "not certified" in said and not sheet.exists()
    certify = ("request", "certify", request, "--language", "vi", "--as", "som")
    code, said = run(*certify)
    assert code == 1 and "second factor" in said
    Authenticator.objects.create(
        user=Person.objects.get(login="som"), type=Authenticator.Type.TOTP, data={}
    )
    assert run(*certify)[0] == 0
    assert run(*letter, plain=True)[0] == 0
    assert squeezed("Đến đâu rồi?") in words_of(sheet.read_bytes())


def test_a_request_is_written_into_a_file_and_a_file_of_nobody_is_refused(
    run: Run, tmp_path: Path
) -> None:
    request = made(run, tmp_path, "hanoi")
    path = tmp_path / "request.file"
    code, said = run("request", "export", request, "--output", path)
    assert code == 1 and "signed for the other side" in said
    run("request", "act", request, "approve", "--as", "som")
    code, [written] = run("request", "export", request, "--output", path)
    assert code == 0 and written["documents"] == 1 and path.stat().st_size > 0
    code, said = run("request", "import", path, "--as", "ann")  # sealed for them, not for us
    assert code == 1
    code, said = run("request", "import", path, "--as", "som")
    assert code == 1 and "roles" in said
