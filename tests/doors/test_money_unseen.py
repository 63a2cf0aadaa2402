"""Nothing of a stop-payment is visible to the account holder, nor to anybody at a door."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from hueandcry.apps.exchange.models import Batch, Entry, Shown
from hueandcry.apps.members import face as members
from hueandcry.apps.signals.models import Claim, Signal
from hueandcry.core.types import DAY, Audience
from hueandcry.doors.lookup.app import lookup
from hueandcry.engine.store.work import unit_of_work
from hueandcry.engine.timeline.models import Hop
from other_member import OtherMember
from requests_scene import Requests
from wsgi_client import call

pytestmark = pytest.mark.database

ACCOUNT, NEXT = "DE89370400440532013000", "GB82WEST12345698765432"
#: Rows that doors, lists, feeds, exports, timelines and statistics are made of.
ROWS = (Signal, Claim, Batch, Entry, Shown, Hop)


class Doors:
    """What is answered about two accounts, by every door that tells of values."""

    def __init__(self, node: Requests) -> None:
        self.node, self.at = node, node.now
        scopes = ("lookup", "lists:read")
        with unit_of_work():
            self.tokens = [
                members.new_token(each, "test", self.at, scopes=scopes).text for each in Audience
            ]

    def answers(self) -> list[bytes]:
        """All of them, byte for byte, at the same instant."""
        acted, self.node.now = self.node.now, self.at
        try:
            return [*(b for token in self.tokens for b in self._told(token)), *self._public()]
        finally:
            self.node.now = acted

    def _told(self, token: str) -> list[bytes]:
        bulk = json.dumps({"values": [ACCOUNT, NEXT]}).encode()
        return [
            *(self._call("GET", f"/v1/lookup?value={each}", token) for each in (ACCOUNT, NEXT)),
            self._call("POST", "/v1/lookup", token, body=bulk),
            *(self._call("GET", f"/v1/lists/{name}", token) for name in ("all.csv", "all.stix")),
        ]

    def _call(self, method: str, target: str, token: str, **more: Any) -> bytes:
        headers = {"Authorization": f"Bearer {token}"}
        answer = call(lookup, method, target, headers=headers, **more)
        assert answer.status == 200, (target, answer)
        return answer.body

    def _public(self) -> list[bytes]:
        pages = [Client().get("/", {"value": each}) for each in (ACCOUNT, NEXT)]
        assert {page.status_code for page in pages} == {200}
        return [re.sub(rb'nonce(?:=|-)"?[\w+/=-]+', b"", page.content) for page in pages]


def test_what_a_stop_payment_names_is_answered_as_before_and_stands_nowhere(
    database: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    roles = ("bank", "asc")
    node = Requests(monkeypatch, OtherMember("hanoi", roles=roles), roles)
    monkeypatch.setattr(settings, "DATA", tmp_path)
    doors = Doors(node)
    before, rows = doors.answers(), [model.objects.count() for model in ROWS]
    request = node.asked("STOP_PAYMENT", account=ACCOUNT, amount="10.00", currency="THB")
    node.did("dao", request, "open")
    node.did("dao", request, "trace", amount="10.00")
    hop = {"account": NEXT, "institution": "Third Bank"}
    node.did("dao", request, "moved", amount="4.00", hop=hop)
    node.did("dao", request, "hold", amount="6.00", until=node.now + DAY)
    assert doors.answers() == before
    assert [model.objects.count() for model in ROWS] == rows
    node.did("dao", request, "release", reasons="It was a merchant's")
    assert doors.answers() == before


def test_no_receipt_says_what_a_stop_payment_names(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles = ("bank",)
    node = Requests(monkeypatch, OtherMember("hanoi", roles=roles), roles)
    asking = node.asking("STOP_PAYMENT", account=ACCOUNT, amount="10.00", currency="THB")
    said = node.came(node.theirs("request", asking))
    assert said["request"] == asking["request"]
    assert ACCOUNT not in json.dumps(said) and "10.00" not in json.dumps(said)
