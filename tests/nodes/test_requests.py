"""Requests between two real nodes: each act is in both ledgers, and none that was said is lost."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from hueandcry.core import jws
from nodes.partnership import Node, partnership, wait_until
from nodes.voices import Voice

#: A question from desk to desk: policy is basis enough, and nobody needs a second factor for it.
QUESTION = {
    "authority_name": "Desk of A",
    "contact": "desk@a.example",
    "case_ref": "7/2026",
    "language": "en",
    "question": "Is the holder of this account known to you?",
    "items": [{"kind": "account", "value": "MKNGVNV0:0000123456", "relation": "was paid"}],
    "purpose": "to decide where to look next",
    "tlp": "AMBER",
}
TABLES = ("request", "transition", "clock")


@dataclass(frozen=True, slots=True)
class Desk:
    """The people of a node, who act upon its requests."""

    node: Node

    def said(self, *words: str) -> Any:
        done = self.node.said_by(*words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def written(self, to: Node) -> str:
        file = self.node.folder.with_suffix(".json")
        file.write_text(json.dumps(QUESTION))
        words = ("request", "new", "POLICE_INFO", "--to", to.name, "--basis", "house")
        return str(self.said(*words, "--fields", str(file), "--as", "maker")["id"])

    def act(self, request: str, *events: str, by: str = "decider", **said: str) -> None:
        options = [word for name, text in said.items() for word in (f"--{name}", text)]
        for event in events:
            self.said("request", "act", request, event, *options, "--as", by)

    def sent(self, to: Node) -> str:
        """A question that two people of this desk have signed, on its way."""
        request = self.written(to)
        self.act(request, "sign", by="maker")
        self.act(request, "approve", by="checker")
        return request

    def state(self, request: str) -> str:
        """Where a request stands here; empty where it is not known."""
        listed = {each["id"]: each["state"] for each in self.said("request", "list", "--ended")}
        return str(listed.get(request, ""))

    def awaits(self, request: str, state: str) -> None:
        what = f"the request is {state} at {self.node.name}"
        wait_until(lambda: self.state(request) == state, what)

    def acts(self, request: str) -> list[dict[str, Any]]:
        """What was done to a request since it left, as this side has it."""
        acts: list[dict[str, Any]] = self.said("request", "show", request)["acts"]
        return [act for act in acts if act["event"] not in ("draft", "sign", "approve")]

    def counts(self) -> list[int]:
        return [self.node.count(f"cooperation_{name}") for name in TABLES]


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Desk]]:
    """A asks and B is asked; both have people."""
    with partnership(tmp_path_factory.mktemp("requests"), "AB", ("AB",)) as nodes:
        a, b = Desk(nodes["A"]), Desk(nodes["B"])
        a.said("person", "add", "maker", "--role", "analyst")
        a.said("person", "add", "checker", "--role", "checker")
        b.said("person", "add", "decider", "--role", "duty")
        yield a, b


def test_a_request_is_receipted_decided_and_closed_with_each_act_in_both_ledgers(
    desks: tuple[Desk, Desk],
) -> None:
    a, b = desks
    request = a.sent(b.node)
    b.awaits(request, "DELIVERED")
    b.act(request, "open", "take_up", "accept", "execute", "complete")
    b.act(request, "send_result", package="ab" * 32)
    a.awaits(request, "RESULT_SENT")
    refused = a.node.said_by(
        *("request", "act", request, "accept_result", "--package", "cd" * 32, "--as", "maker")
    )
    assert refused.returncode == 1 and "hash was verified" in refused.stderr
    a.act(request, "accept_result", by="maker", package="ab" * 32)
    a.act(request, "close", by="maker")
    b.awaits(request, "CLOSED")

    here, there = a.acts(request), b.acts(request)
    told = [(act["event"], act["from"], act["to"], act["side"]) for act in here]
    assert told == [(act["event"], act["from"], act["to"], act["side"]) for act in there]
    assert [event for event, *_ in told] == [
        *("deliver", "open", "take_up", "accept", "execute", "complete"),
        *("send_result", "accept_result", "close"),
    ]
    # Both have the very documents, but that A holds the receipt for what B has as the request.
    assert [act["document"] for act in here[1:]] == [act["document"] for act in there[1:]]
    for side in (here, there):
        entries = [act["log_index"] for act in side]
        assert None not in entries and entries == sorted(set(entries))


def test_a_document_that_was_altered_on_its_way_changes_nothing(desks: tuple[Desk, Desk]) -> None:
    a, b = desks
    request = a.sent(b.node)
    b.awaits(request, "DELIVERED")
    sql = "SELECT document FROM peers_document WHERE type = 'request' ORDER BY id DESC"
    raw = bytes(a.node.rows(sql)[0][0])
    assert jws.open_document(raw).stated.body["request"] == request
    before = b.counts()
    header, payload, signature = raw.split(b".")
    plain = base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4))
    milder = base64.urlsafe_b64encode(plain.replace(b"AMBER", b"CLEAR")).rstrip(b"=")
    assert milder != payload
    for bent in ((header, milder, signature), (header, payload, b"A" * len(signature))):
        said = Voice(a.node).call(b.node, "POST", "/peer/v1/documents", b".".join(bent))
        assert (said.status, said.code) == (401, "signature"), said.value
    again = Voice(a.node).call(b.node, "POST", "/peer/v1/documents", raw)
    assert again.status == 200  # the same bytes get the same receipt
    assert b.counts() == before


def test_a_requested_side_that_is_killed_after_its_receipt_has_lost_nothing(
    desks: tuple[Desk, Desk],
) -> None:
    """What was sent to it while it was down comes when it is back, and so does what it decided."""
    a, b = desks
    receipted = a.sent(b.node)
    a.awaits(receipted, "DELIVERED")
    b.node.kill()
    meanwhile = a.sent(b.node)
    b.act(receipted, "open")  # at the command line, while nothing of the node runs
    assert a.state(meanwhile) == "SENT"
    b.node.start()
    a.awaits(receipted, "RECEIVED")
    a.awaits(meanwhile, "DELIVERED")
    b.awaits(meanwhile, "DELIVERED")
    assert [act["event"] for act in b.acts(receipted)] == ["deliver", "open"]
    for desk in desks:
        wait_until(desk.node.idle, f"everything of {desk.node.name} is delivered")
        desk.node.verified()
        assert "Traceback" not in desk.node.said(), desk.node.said()[-3000:]
