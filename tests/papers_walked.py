"""A walk over a request on paper, of either side: acts as they come, each with what it says."""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID

from hueandcry.apps.cooperation import rules
from hueandcry.apps.cooperation.rules import Doing
from hueandcry.core.errors import Conflict, Malformed, NotPermitted
from hueandcry.core.machine import HOLD, MONEY, REQUEST, Side
from hueandcry.core.types import DAY
from money_chain import NEXT
from papers_scene import SCAN, Papers
from requests_scene import codes
from requests_walked import LEGAL

#: Who of ours does what.
_WHO = {Doing.WRITE: "ann", Doing.SEND: "lek", Doing.DECIDE: "dao"}
#: Acts that end a request.
_ENDS = {"withdraw", "refuse", "decline_conditions", "entered_wrongly"}
#: (machine, from, to) of every legal edge.
EDGES = {
    (machine.name, edge.source, edge.source if edge.target == "same" else edge.target)
    for machine in (REQUEST, HOLD, MONEY)
    for edge in machine.edges.values()
} | {(REQUEST.name, *pair) for pair in LEGAL}


def said_of(node: Papers, type: str, event: str) -> dict[str, Any]:
    """What an act says, so that most of its guards hold."""
    money = {"amount": "10", "currency": "THB"}
    bound = {**money, "until": node.now + DAY} if type == "STOP_PAYMENT" else {}
    said: dict[str, dict[str, Any]] = {
        "refuse": {"reasons": "It would harm", "code": codes(type)[0]},
        "return_incomplete": {"missing": ("contact",)},
        "consult": {"reasons": "Too wide", "answer_by": node.now - DAY},
        "forward": {"holder": "Another authority"},
        "trace": money,
        "hold": bound or {"until": node.now + 90 * DAY},
        "extend": {"until": node.now + 200 * DAY},
        "moved": {**money, "hop": NEXT},
        "freeze": {**money, "order": "Court 7/2026"},
        "confiscate": {"order": "Court 8/2026", "order_final": True},
        "agree_return": {**money, "agreement": "A-7"},
        "return": money,
        "freed": {},
        "propose_release": {"reasons": "Nobody claims it", "answer_by": node.now + DAY},
    }
    result = {"package": "ab" * 32}
    said |= dict.fromkeys(("accept_result", "send_result", "deliver_part"), result)
    return said.get(event, {"reasons": "Because", "review_at": node.now + DAY})


def walked(node: Papers, type: str, request: UUID, dice: Random) -> None:
    """Acts of both sides as they come, except those that end it; theirs each with a letter."""
    for n in range(30):
        view = node.view(request)
        ours = [each for each in view.open_to_us if each not in _ENDS]
        theirs = [each for each in view.open_to_them if each not in _ENDS]
        if not ours + theirs:
            return
        event = dice.choice(ours + theirs)
        said = said_of(node, type, event)
        try:
            if event in theirs:
                node.lettered("dao", request, event, data=SCAN + bytes([n]), **said)
            else:
                doing = rules.doing(Side(view.listed.side), event, view.listed.state)
                node.did(_WHO[doing], request, event, **said)
        except (Conflict, NotPermitted, Malformed):
            continue  # a guard, or words that the act does not take here
