"""Random walks over both sides of a request: this node is one, a copy in memory the other."""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID

import pytest

from hueandcry.apps.cooperation import rules
from hueandcry.apps.cooperation.models import Request, Transition
from hueandcry.apps.cooperation.rules import Doing
from hueandcry.core import tlog
from hueandcry.core.errors import Conflict, HueError, NotPermitted
from hueandcry.core.machine import REQUEST, Side
from hueandcry.core.types import DAY
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger.models import Entry
from other_member import OtherMember
from requests_scene import BASIS, Requests, codes
from requests_walked import LEGAL, Copy

pytestmark = pytest.mark.database

WHO = {Doing.WRITE: "ann", Doing.SEND: "lek", Doing.DECIDE: "dao"}
RESULT = "ab" * 32


class Walk:
    """Both sides act at once, and what they did is delivered in order, at times of its own."""

    def __init__(self, node: Requests, side: Side, type: str, dice: Random) -> None:
        self.node, self.side, self.type, self.dice = node, side, type, dice
        theirs = Side.REQUESTED if side is Side.REQUESTING else Side.REQUESTING
        begin = node.delivered_to if side is Side.REQUESTING else node.asked
        self.request: UUID = begin(type, BASIS)
        self.copy = Copy(theirs, "DELIVERED", type)
        self.told = 0  # of our documents, how many the other side has

    def row(self) -> Request:
        return Request.objects.get(uuid=self.request.bytes)

    def said(self, event: str) -> dict[str, Any]:
        if event == "reject_result":
            return {"reasons": "It does not open"}
        if event in ("accept_result", "send_result", "deliver_part"):
            return {"package": RESULT}
        if event == "return_incomplete":
            return {"missing": ("contact",)}
        if event == "consult":  # nobody waits for the answer: whoever refuses was heard
            return {"reasons": "Too wide", "answer_by": self.node.now - DAY}
        if event == "forward":
            return {"holder": "Another authority"}
        if event == "refuse":
            return {"reasons": "It would harm", "code": codes(self.type)[0]}
        return {"reasons": "Because", "review_at": self.node.now + DAY}

    def events(self, state: str, side: Side) -> list[str]:
        early = {"withdraw", "refuse", "decline_conditions"}
        return [
            event
            for event in REQUEST.open_to(state, side)
            if event != "entered_wrongly" and (event not in early or self.dice.random() < 0.2)
        ]

    def we_act(self) -> None:
        events = self.events(self.row().state, self.side)
        if not events:
            return
        event = self.dice.choice(events)
        try:
            who = WHO[rules.doing(self.side, event, "DELIVERED")]
            self.node.did(who, self.request, event, **self.said(event))
        except (Conflict, NotPermitted):
            return  # a guard, such as the consultation before a refusal

    def they_act(self) -> None:
        events = self.events(self.copy.state, self.copy.side)
        if not events:
            return
        try:
            self.copy.act(self.dice.choice(events))
        except (Conflict, NotPermitted):
            return

    def they_hear(self) -> bool:
        waiting = [each for each in self.node.on_the_way() if each.type == "request-step"]
        if self.told >= len(waiting):
            return False
        said = waiting[self.told].body
        self.told += 1
        try:
            self.copy.take(said["event"], said["from"], self.side)
        except Conflict as refused:
            assert refused.code == "moved_on"
        return True

    def we_hear(self) -> bool:
        if not self.copy.way:
            return False
        event, source = self.copy.way.popleft()
        try:
            self.node.they(self.request, event, source, **self.said(event))
        except HueError as refused:
            assert refused.code in ("moved_on", "countersigned"), refused
        return True


@pytest.mark.parametrize("type", ["MLA_STORED", "PRESERVE"])
@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("seed", range(3))
def test_a_walk_over_both_sides_takes_legal_edges_alone_and_each_is_in_the_ledger(
    database: None, monkeypatch: pytest.MonkeyPatch, seed: int, side: Side, type: str
) -> None:
    roles = ("ca", "p24")
    node = Requests(monkeypatch, OtherMember("hanoi", roles=roles), roles)
    dice = Random(f"{seed} {side} {type}")
    walk = Walk(node, side, type, dice)
    for _ in range(30):
        dice.choice([walk.we_act, walk.they_act, walk.they_hear, walk.we_hear])()
    while walk.they_hear() or walk.we_hear():
        pass
    row = walk.row()
    if {row.state, walk.copy.state} != {"WITHDRAWN", "REFUSED"}:
        assert (row.state, row.before) == (walk.copy.state, walk.copy.before)
    acts = list(Transition.objects.filter(request=row).order_by("n"))
    begun = [("", "DRAFT"), ("SENT", "DELIVERED")]
    assert {(each.source, each.target) for each in acts} <= LEGAL | set(begun)
    assert [each.n for each in acts] == list(range(row.version + 1))
    for each in acts:
        record, salt, index = ledger.opening(each)
        assert Entry.objects.get(index=index).entry == tlog.commitment(record, salt)
