"""Random walks over both copies of traced money: this node is one side, a copy in memory the other.

Both sides act at once, and what they did is delivered in order, at times of its own.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.apps.cooperation import money_rules, queries
from hueandcry.apps.cooperation.models import Request, Transition
from hueandcry.apps.cooperation.money import standing
from hueandcry.apps.cooperation.money_rules import Standing
from hueandcry.apps.cooperation.wire import Said
from hueandcry.core import amounts, tlog
from hueandcry.core.errors import Conflict, HueError
from hueandcry.core.law import LAW
from hueandcry.core.machine import MONEY, Facts, Side, step
from hueandcry.core.types import DAY
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger.models import Entry
from other_member import NOW, OtherMember
from requests_scene import Requests

ASKED = {"amount": "100.00", "currency": "THB"}
LEGAL = {
    (edge.event, edge.source, edge.source if edge.target == "same" else edge.target)
    for edge in MONEY.edges.values()
}


@dataclass
class Copy:
    """Traced money as one side has it; what it did and the other has not yet is on its way."""

    side: Side
    state: str = MONEY.start
    before: str = ""
    stands: Standing = field(default_factory=Standing)
    way: deque[tuple[str, str, Said]] = field(default_factory=deque)
    edges: list[tuple[str, str, str]] = field(default_factory=list)

    def act(self, event: str, said: Said) -> None:
        source = self.state
        self._go(source, event, said, self.side)
        self.way.append((event, source, said))

    def take(self, event: str, source: str, said: Said, by: Side) -> None:
        moved = money_rules.applies_to(self.state, self.before, event, source, by)
        self._go(moved, event, said, by)

    def _go(self, moved: str, event: str, said: Said, by: Side) -> None:
        if (event, moved) in MONEY.edges:
            money_rules.check_says(event, said)
        amount = money_rules.checked_amount(event, said, moved, self.stands, ASKED)
        target = step(MONEY, moved, event, self._facts(event, said, by, amount)).state
        ours = event == "release" and by is self.side is Side.REQUESTING
        self.edges.append((event, moved, target))
        self.state, self.before = money_rules.settled(self.state, moved, target, ours=ours)
        self.stands = money_rules.after(self.stands, event, amount, "THB")

    def _facts(self, event: str, said: Said, by: Side, amount: Decimal) -> Facts:
        """Facts with which every guard holds but for those on amounts; time is not walked here."""
        return Facts(
            type=LAW.types["STOP_PAYMENT"],
            side=by,
            now=NOW,
            person="p-1",
            reasons=said.reasons,
            answered=True,
            expires=NOW - DAY,
            new_expires=NOW + DAY,
            traced=self.stands.here,
            held=amount,
            order=said.order,
            order_final=said.order_final,
            hop=said.hop.get("account", ""),
            agreement=said.agreement,
        )


def saying(event: str, dice: Random) -> dict[str, Any]:
    """What an act says, with an amount that may be too large."""
    said: dict[str, Any] = {"reasons": "Because"}
    if event in ("trace", "hold", "freeze", "moved", "agree_return", "return"):
        said |= {"amount": f"{dice.randint(1, 13_000) / 100:.2f}", "currency": "THB"}
    if event == "hold":
        said["until"] = NOW + 30 * DAY
    if event == "moved":
        said["hop"] = {"account": "DE89370400440532013000", "institution": "Next"}
    if event in ("freeze", "confiscate"):
        said["order"] = "Court 7"
    if event == "confiscate":
        said["order_final"] = True
    if event == "agree_return":
        said["agreement"] = "Minutes"
    if event == "propose_release":
        said["answer_by"] = NOW + DAY
    return said


def in_bounds(stands: Standing) -> bool:
    """Whether no amount is more than it can be."""
    return (
        amounts.total(stands.held, stands.moved) <= stands.traced <= Decimal(ASKED["amount"])
        and stands.returned <= stands.agreed <= stands.traced
    )


def choose(state: str, side: Side, dice: Random) -> str | None:
    """An act that is open to that side; what ends everything is seldom chosen."""
    seldom = {"release", "lapse", "too_late"}
    events = [e for e in MONEY.open_to(state, side) if e not in seldom or dice.random() < 0.25]
    return dice.choice(events) if events else None


@given(st.integers(0, 10**9))
def test_two_copies_of_traced_money_end_alike_and_no_amount_is_exceeded(seed: int) -> None:
    dice = Random(seed)
    sides = {side: Copy(side) for side in Side}

    def acts(side: Side) -> None:
        event = choose(sides[side].state, side, dice)
        if event is not None:
            try:
                sides[side].act(event, Said(**saying(event, dice)))
            except HueError:
                return  # an amount that was too large

    def hears(side: Side) -> None:
        other = next(each for each in Side if each is not side)
        if sides[other].way:
            event, source, said = sides[other].way.popleft()
            try:
                sides[side].take(event, source, said, other)
            except Conflict as refused:
                assert refused.code == "moved_on"

    for _ in range(40):
        dice.choice([acts, hears])(dice.choice(list(Side)))
        assert all(in_bounds(copy.stands) for copy in sides.values())
    while any(copy.way for copy in sides.values()):
        for side in Side:
            hears(side)
    asking, asked = sides[Side.REQUESTING], sides[Side.REQUESTED]
    assert (asking.state, asking.stands) == (asked.state, asked.stands)
    assert {*asking.edges, *asked.edges} <= LEGAL


class Walk:
    """The same with a real node on one side."""

    def __init__(self, node: Requests, side: Side, dice: Random) -> None:
        self.node, self.side, self.dice = node, side, dice
        theirs = Side.REQUESTED if side is Side.REQUESTING else Side.REQUESTING
        begin = node.delivered_to if side is Side.REQUESTING else node.asked
        self.request = begin("STOP_PAYMENT", **ASKED)
        self.copy = Copy(theirs)
        self.told = 0  # of our documents, how many the other side has

    def row(self) -> Request:
        return Request.objects.get(uuid=self.request.bytes)

    def we_act(self) -> None:
        event = choose(self.row().money, self.side, self.dice)
        if event is None:
            return
        try:
            self.node.did("dao", self.request, event, **saying(event, self.dice))
        except HueError as refused:
            assert refused.code in (
                *("traced_amount_only", "more_than_there_is", "heard", "freed", "limit_passed"),
            ), refused

    def they_act(self) -> None:
        event = choose(self.copy.state, self.copy.side, self.dice)
        unheard = (event, self.copy.state) == ("release", "FROZEN")
        if event in (None, "lapse") or unheard:  # time stands still, and nobody was heard
            return
        try:
            self.copy.act(str(event), Said(**saying(str(event), self.dice)))
        except HueError:
            return

    def they_hear(self) -> bool:
        waiting = [each for each in self.node.on_the_way() if each.type == "money-step"]
        if self.told >= len(waiting):
            return False
        body = waiting[self.told].body
        self.told += 1
        try:
            self.copy.take(body["event"], body["from"], Said.read(body["said"]), self.side)
        except Conflict as refused:
            assert refused.code == "moved_on"
        return True

    def we_hear(self) -> bool:
        if not self.copy.way:
            return False
        event, source, said = self.copy.way.popleft()
        told = {name: getattr(said, name) for name in Said.members() if getattr(said, name)}
        try:
            self.node.they(self.request, event, source, type="money-step", **told)
        except HueError as refused:
            assert refused.code in ("moved_on", "heard", "freed"), refused
        return True


@pytest.mark.database
@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("seed", range(3))
def test_a_walk_over_both_sides_takes_legal_edges_alone_and_each_is_in_the_ledger(
    database: None, monkeypatch: pytest.MonkeyPatch, seed: int, side: Side
) -> None:
    node = Requests(monkeypatch, OtherMember("hanoi", roles=("bank",)), ("bank",))
    dice = Random(f"{seed} {side} money")
    walk = Walk(node, side, dice)
    for _ in range(30):
        dice.choice([walk.we_act, walk.they_act, walk.they_hear, walk.we_hear])()
        assert in_bounds(standing(walk.row()))
    while walk.they_hear() or walk.we_hear():
        pass
    acts = [act for act in queries.transitions(walk.row()) if act.machine == MONEY.name]
    assert {(act.event, act.source, act.target) for act in acts} <= LEGAL
    assert Transition.objects.filter(request=walk.row()).count() == walk.row().version + 1
    for act in acts:
        record, salt, index = ledger.opening(act)
        assert Entry.objects.get(index=index).entry == tlog.commitment(record, salt)
    row = walk.row()
    assert (row.money, standing(row)) == (walk.copy.state, walk.copy.stands)
