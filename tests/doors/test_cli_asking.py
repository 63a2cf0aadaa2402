"""`hueandcry request new, list, show, act`: a request at the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

import cli_scene
from hueandcry.apps.cooperation.models import Request
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core.errors import Malformed
from hueandcry.doors.cli import form_given
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work
from other_member import NOW, OtherMember
from requests_made import form

Run = Callable[..., tuple[int, Any]]


# --- fields ---------------------------------------------------------------------------------------


def test_a_file_and_options_give_the_same_fields(tmp_path: Path) -> None:
    toml = tmp_path / "fields.toml"
    toml.write_text(
        """
necessity = "It is deleted after a week"
mla_intended = true
needed_by = 2027-01-05T09:00:00+07:00
max_penalty_years = 10
rights_screen = { political = false, discrimination = false, reviewer = "M" }
period = { from = "2027-01-01T00:00:00Z", to = "2027-01-02T00:00:00Z" }
"""
    )
    whole = form_given.read(toml, [])
    assert whole["needed_by"] == "2027-01-05T02:00:00.000000Z"
    assert whole["period"]["to"] == "2027-01-02T00:00:00.000000Z"
    as_json = tmp_path / "fields.json"
    as_json.write_text(json.dumps(whole))
    options = [
        "necessity=It is deleted after a week",
        "mla_intended=yes",
        "needed_by=2027-01-05T02:00:00Z",
        "max_penalty_years=10",
        f"rights_screen={json.dumps(whole['rights_screen'])}",
        f"period={json.dumps(whole['period'])}",
    ]
    assert form_given.read(as_json, []) == form_given.read(None, options) == whole


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("a = ")
    listed = tmp_path / "list.json"
    listed.write_text("[1]")
    floating = tmp_path / "float.json"
    floating.write_text('{"amount": 1.5}')
    for file in (broken, listed, floating, tmp_path / "none.toml"):
        with pytest.raises(Malformed, match=file.name):
            form_given.read(file, [])
    for option in ("necessity", "items=[", "period=nothing"):
        with pytest.raises(Malformed):
            form_given.read(None, [option])
    assert form_given.read(None, ["needed_by=soon", "mla_intended=perhaps"]) == {
        "needed_by": "soon",
        "mla_intended": "perhaps",
    }  # for the law to name


# --- a request ------------------------------------------------------------------------------------


@pytest.fixture
def run(database: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs commands in this process, on a founded node with a peer and two people."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    cli_scene.found()
    other = OtherMember("hanoi", roles=("asc",))
    with unit_of_work():
        for login, role in (("ann", "duty"), ("som", "checker")):
            members.add_person(login, [role])
        peers.add(other.signed_card(), other.card.url, "standard", NOW, expected=other.fingerprint)

    def one(*words: object, plain: bool = False) -> tuple[int, Any]:
        code, out, err = cli_scene.ended(capsys, *words, *([] if plain else ["--json"]))
        return code, err if code else out if plain else json.loads(out)

    return one


def given(tmp_path: Path, type: str, **changed: Any) -> Path:
    path = tmp_path / "fields.json"
    path.write_text(json.dumps(form(type, NOW, **changed)))
    return path


@pytest.mark.database
def test_a_request_is_written_signed_and_sent(run: Run, tmp_path: Path) -> None:
    words = ("request", "new", "STATUS", "--to", "hanoi", "--basis", "house")
    fields = given(tmp_path, "STATUS")
    code, made = run(*words, "--fields", fields, "--as", "ann", "--field", "question=How far?")
    assert code == 0, made
    assert (made["state"], made["given"]["question"]) == ("DRAFT", "How far?")
    assert made["next"][0] == "sign"
    _, signed = run("request", "act", made["id"], "sign", "--as", "ann")
    assert signed["state"] == "REVIEW"
    code, said = run("request", "act", made["id"], "approve", "--as", "ann")
    assert code == 1 and "another person" in said
    seen = ("--seen", signed["version"])
    _, sent = run("request", "act", made["id"], "approve", "--as", "som", *seen)
    assert sent["state"] == "SENT" and len(sent["signers"]) == 2
    code, said = run("request", "act", made["id"], "withdraw", "--as", "som", *seen)
    assert code == 1 and "SENT by now" in said
    _, [listed] = run("request", "list", "--side", "requesting")
    assert (listed["id"], listed["peer_name"], listed["overdue"]) == (made["id"], "hanoi", False)
    _, shown = run("request", "show", made["id"])
    assert [each["event"] for each in shown["acts"]] == ["draft", "sign", "approve"]
    for more in (("list",), ("show", made["id"])):
        code, out = run("request", *more, plain=True)
        assert code == 0 and "STATUS" in out and "SENT" in out


@pytest.mark.database
def test_an_error_names_the_article_of_a_missing_field(run: Run, tmp_path: Path) -> None:
    words = ("request", "new", "STOP_PAYMENT", "--to", "hanoi", "--basis", "house", "--as", "ann")
    fields = given(tmp_path, "STOP_PAYMENT", payment_reference=None, liability_statement=None)
    code, draft = run(*words, "--fields", fields)
    assert code == 0 and any("payment_reference" in each for each in draft["doubts"])
    code, said = run("request", "act", draft["id"], "sign", "--as", "ann")
    assert code == 1 and "payment_reference" in said and "Policy fast-lane" in said
    assert "liability_statement" in said and "Policy release" in said
    assert Request.objects.get().state == "DRAFT"


@pytest.mark.database
def test_a_duty_officer_needs_the_second_factor_that_they_set_up(run: Run, tmp_path: Path) -> None:
    words = ("request", "new", "STOP_PAYMENT", "--to", "hanoi", "--basis", "house", "--as", "ann")
    _, made = run(*words, "--fields", given(tmp_path, "STOP_PAYMENT"))
    send = ("request", "act", made["id"], "send_on_duty", "--as", "ann")
    code, said = run(*send)
    assert code == 1 and "duty officer" in said
    ann = members.actor("ann").person
    Authenticator.objects.create(user_id=ann, type=Authenticator.Type.TOTP, data={})
    code, sent = run(*send)
    assert (code, sent["state"]) == (0, "SENT")
    assert {each["rule"] for each in sent["clocks"]} >= {"countersign-12h"}


@pytest.mark.database
def test_what_is_given_wrongly_is_usage_and_nobody_acts_for_nobody(
    run: Run, tmp_path: Path
) -> None:
    words = ("request", "new", "STATUS", "--to", "hanoi", "--basis", "house")
    code, said = run(*words, "--fields", given(tmp_path, "STATUS"))
    assert code == 1 and "--as" in said
    assert run("request", "show", "7")[0] == 2
    assert run("request", "list", "--side", "ours")[0] == 2
    unknown = "01890000-0000-7000-8000-000000000000"
    assert run("request", "show", unknown)[0] == 1
    assert run("request", "act", unknown, "open", "--as", "ann", "--answer-by", "soon")[0] == 2


# --- treaties -------------------------------------------------------------------------------------


@pytest.mark.database
def test_treaties_are_taken_in_by_the_legal_desk_and_listed(run: Run, tmp_path: Path) -> None:
    with unit_of_work():
        members.add_person("lek", ["legal"])
    file = tmp_path / "treaties.toml"
    file.write_text(
        """
instrument = "budapest"
state = "made up for this test"
source = "made up for this test"
checked = 2026-09-01

[[row]]
party = "TH"
in_force_from = 2026-09-01
source = "made up for this test"
read = true
checked = 2026-09-01
"""
    )
    assert run("treaties", "import", file, "--as", "ann")[0] == 1
    assert run("treaties", "import", tmp_path / "none.toml", "--as", "lek")[0] == 2
    code, said = run("treaties", "import", file, "--as", "lek")
    assert code == 0, said
    [row] = [row for treaty in said["treaties"] for row in treaty["rows"]]
    assert (row["instrument"], row["party"], row["in_force_from"]) == (
        *("budapest", "TH"),
        "2026-09-01",
    )
    code, out = run("treaties", "list", "--here", "--party", "TH", plain=True)
    assert code == 0 and "made up for this test" in out
    code, out = run("treaties", "list", "--party", "TH", plain=True)
    assert code == 0 and "made up for this test" not in out
