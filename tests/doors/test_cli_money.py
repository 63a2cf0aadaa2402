"""Traced money at the command line: acts, hops, messages of banks, figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cli_scene
from hueandcry.apps.cooperation.wire import Asked
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core.formats import iso20022
from hueandcry.core.formats.iso20022 import Envelope, Money, Organisation, Outcome, RecallMessage
from hueandcry.core.ids import uuid7
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, MINUTE
from hueandcry.doors.desk import arrivals
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work
from other_member import NOW, OtherMember
from requests_made import form

pytestmark = pytest.mark.database

Run = Callable[..., tuple[int, Any]]
UETR = "eb6305c9-1f7f-49de-aed0-16487c27b42d"
PAYMENT = {
    "account": "DE89370400440532013000",
    "amount": "1250.00",
    "currency": "THB",
    "payment_reference": UETR,
    "value_time": time_text(NOW - 20 * MINUTE),
    "victim_institution": "BKKBTHBK",
    "beneficiary_institution": "DEUTDEFF",
}


@pytest.fixture
def run(database: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs commands in this process, on a founded node with two peers, a minute after another."""
    now = [NOW]
    monkeypatch.setattr(clock, "now", lambda: now[0])
    cli_scene.found()
    with unit_of_work():
        members.add_person("dao", ["duty"])
        for name in ("hanoi", "third"):
            other = OtherMember(name, roles=("asc",))
            card, url = other.signed_card(), other.card.url
            peers.add(card, url, "standard", NOW, expected=other.fingerprint)

    def one(*words: object, plain: bool = False) -> tuple[int, Any]:
        now[0] += MINUTE
        code, out, err = cli_scene.ended(capsys, *words, *([] if plain else ["--json"]))
        return code, err if code else out if plain else json.loads(out)

    return one


def asked() -> str:
    """A stop-payment of the member in Hanoi, delivered to this node."""
    other = OtherMember("hanoi", roles=("asc",))
    request = uuid7(NOW, b"0123456789")
    whole = form("STOP_PAYMENT", NOW, **PAYMENT)
    body = Asked(request, "STOP_PAYMENT", "house", whole, ("p-1", "p-2")).body()
    raw = other.document("request", body, at=NOW, aud=members.us().fingerprint)
    assert arrivals.document(raw, peers.must_be(other.fingerprint)) is not None
    return str(request)


def test_money_is_traced_held_followed_and_returned(run: Run, tmp_path: Path) -> None:
    request = asked()

    def act(*words: object) -> dict[str, Any]:
        code, said = run("request", "act", request, *words, "--as", "dao")
        assert code == 0, said
        money: dict[str, Any] = said["money"]
        return money

    act("trace", "--amount", "1250.00")
    moved = ("moved", "--amount", "250", "--next", "GB82WEST12345698765432")
    code, said = run("request", "act", request, *moved, "--as", "dao")
    assert code == 2 and "--institution" in said
    act(*moved, "--institution", "Third Bank", "--went", time_text(NOW))
    fields = tmp_path / "fields.json"
    own = ("authority_name", "contact", "case_ref", "language", "payment_reference")
    fields.write_text(json.dumps({name: "as stated" for name in (*own, "liability_statement")}))
    new = ("request", "new", "STOP_PAYMENT", "--to", "third", "--basis", "house", "--as", "dao")
    code, hop = run(*new, "--fields", fields, "--hop-of", request)
    assert code == 0, hop
    assert (hop["given"]["amount"], hop["given"]["value_time"]) == ("250", time_text(NOW))
    until = time_text(NOW + 3 * DAY)
    code, said = run(
        "request", "act", request, "hold", "--amount", "1000.01", "--until", until, "--as", "dao"
    )
    assert code == 1 and "1000.01 THB is more than 1000.00 THB" in said
    held = act("hold", "--amount", "1000", "--until", until)
    assert (held["state"], held["held"], held["until"]) == ("PROVISIONALLY_HELD", "1000", until)
    assert held["hops"][0]["request"] == hop["id"]
    code, out = run("request", "show", request, plain=True)
    assert code == 0 and "money: PROVISIONALLY_HELD" in out and "250" in out

    answer = tmp_path / "camt029.xml"
    assert run("request", "answer-file", request, "--out", answer, plain=True)[0] == 0
    assert run("request", "answer-file", request, "--out", answer, plain=True)[0] == 2
    [said] = iso20022.read_answer(answer.read_bytes()).answers
    assert (said.outcome, said.held) == (Outcome.PARTLY_HELD, Money("1000", "THB"))
    assert (said.until, said.payment.uetr) == (NOW + 3 * DAY, UETR)

    pacs004 = tmp_path / "pacs004.xml"
    file = ("request", "answer-file", request, "--pacs004", "--out", pacs004)
    assert run(*file, plain=True)[0] == 1  # nothing is agreed
    wrongly = ("--reasons", "A merchant's", "--code", "WRONGLY-HELD")
    act("release", *wrongly)
    act("agree_return", "--amount", "900", "--agreement", "Letter 3", "--victim", "v-1=1250")
    assert run(*file, plain=True)[0] == 0
    returned = act("return", "--pacs004", pacs004)
    assert (returned["state"], returned["returned"]) == ("RETURNED", "900")
    assert returned["shares"] == {"v-1": "900.00"}

    _, figures = run("request", "figures")
    ours = figures["requested"]
    assert (ours["held"], ours["returned"], ours["wrongly"]) == ({"THB": "1000"}, {"THB": "900"}, 1)
    assert ours["minutes_to_hold"]["n"] == 1 and ours["minutes_to_hold"]["median"] >= 1
    assert ours["minutes_to_release"]["n"] == 1 and ours["minutes_to_free"] is None
    assert figures["requesting"]["requests"] == 0  # the hop is a draft
    code, out = run("request", "figures", plain=True)
    assert code == 0 and "1000 THB" in out


def test_a_return_of_another_payment_is_not_taken(run: Run, tmp_path: Path) -> None:
    request = asked()
    recall = iso20022.recall_of(
        {**PAYMENT, "payment_reference": "E2E-9", "fraud_type": "f"}, id="1"
    )
    wrong = tmp_path / "pacs004.xml"
    back = iso20022.Return(recall.payment, Money("10", "THB"))
    wrong.write_bytes(iso20022.write_return(iso20022.ReturnMessage("m", NOW, "CLRG", (back,))))
    words = ("request", "act", request, "return", "--pacs004", wrong, "--as", "dao")
    code, said = run(*words)
    assert code == 1 and "does not return that payment" in said
    assert run(*words, "--amount", "10")[0] == 2
    assert (
        run("request", "act", request, "return", "--pacs004", tmp_path / "no", "--as", "dao")[0]
        == 2
    )
    assert run("request", "act", request, "trace", "--victim", "v", "--as", "dao")[0] == 2


def test_a_request_is_written_from_a_recall_of_a_bank(run: Run, tmp_path: Path) -> None:
    recall = iso20022.recall_of({**PAYMENT, "fraud_type": "bank impersonation"}, id="C-1")
    ends = (Organisation(name="Ours"), Organisation(name="Hanoi"))
    envelope = Envelope("M-1", *ends, NOW)
    file, two = tmp_path / "camt056.xml", tmp_path / "two.xml"
    file.write_bytes(iso20022.write_recall(RecallMessage(envelope, (recall,))))
    two.write_bytes(iso20022.write_recall(RecallMessage(envelope, (recall, recall))))
    words = ("request", "new", "STOP_PAYMENT", "--to", "hanoi", "--basis", "house", "--as", "dao")
    code, draft = run(*words, "--camt056", file)
    lacking = " ".join(draft["doubts"])
    assert code == 0 and "liability_statement" in lacking and "payment_reference" not in lacking
    own = ("authority_name", "contact", "case_ref", "language", "liability_statement")
    more = [word for name in own for word in ("--field", f"{name}=as stated")]
    code, made = run(*words, "--camt056", file, *more)
    assert code == 0, made
    assert made["given"]["payment_reference"] == UETR
    assert (made["given"]["amount"], made["given"]["currency"]) == ("1250.00", "THB")
    code, said = run(*words, "--camt056", two, *more)
    assert code == 1 and "recalls 2 payments" in said
