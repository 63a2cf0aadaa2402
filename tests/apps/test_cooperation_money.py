"""Traced money: how much is held and until when, where it went, and what a release reaches."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation import money, timing
from hueandcry.apps.cooperation.face import MoneyView, RequestView, Said
from hueandcry.apps.cooperation.models import Request, Transition
from hueandcry.core.errors import Conflict, Malformed, NotPermitted
from hueandcry.core.times import read_time, time_text
from hueandcry.core.types import DAY, MINUTE, SECOND
from hueandcry.engine.ledger.models import Entry
from hueandcry.engine.store.work import unit_of_work
from money_chain import NEXT, THB, Chain, stop_payment
from other_member import OtherMember
from requests_scene import Requests, codes, refused

pytestmark = pytest.mark.database

HOUR = 60 * MINUTE
START = read_time("2026-10-05T08:00:00.000000Z")


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Requests:
    found = Requests(monkeypatch, OtherMember("hanoi", roles=("ca", "bank")), ("ca", "bank"))
    found.now = START
    return found


def held(node: Requests, amount: str = "1250.00", **given: Any) -> UUID:
    """The same, of which that much is held for three days."""
    request = stop_payment(node, **given)
    node.did("dao", request, "trace", amount="1250.00")
    view = node.did("dao", request, "hold", amount=amount, until=node.now + 3 * DAY)
    assert stands(view).state == "PROVISIONALLY_HELD"
    return request


def they(node: Requests, request: UUID, event: str, source: str, **said: object) -> RequestView:
    return node.they(request, event, source, type="money-step", **said)


def stands(view: RequestView) -> MoneyView:
    assert view.money is not None
    return view.money


def clock(view: RequestView, rule: str) -> tuple[int | None, bool]:
    """When a clock ends, and whether what it waited for was done."""
    return next((c.due, c.ended_at is not None) for c in view.clocks if c.rule == rule)


# --- amounts --------------------------------------------------------------------------------------


def test_the_traced_amount_is_held_up_to_the_limit_and_never_more(node: Requests) -> None:
    request = stop_payment(node)
    assert stands(node.view(request)).state == "ALERT"
    more = {"amount": "1250.01", "until": node.now + DAY}
    refused(Conflict, "more_than_there_is", node.did, "dao", request, "trace", amount="1250.01")
    node.did("dao", request, "trace", amount="900")
    error = refused(NotPermitted, "traced_amount_only", node.did, "dao", request, "hold", **more)
    assert "1250.01 THB is more than 900 THB" in str(error) and "never the account" in str(error)
    ends = {"until": node.now - DAY}
    refused(Conflict, "limit_of_place", node.did, "dao", request, "hold", amount="900", **ends)
    refused(Malformed, "money", node.did, "dao", request, "hold", amount="900")
    until = node.now + 3 * DAY
    view = node.did("dao", request, "hold", amount="899.99", until=until)
    money = stands(view)
    assert (money.traced, money.held, money.currency) == ("900", "899.99", "THB")
    assert (money.until, clock(view, "provisional-hold")) == (until, (until, False))
    assert clock(view, "stop-decide-1h")[1]  # the decision that counts has been made
    told = node.on_the_way()[-1]
    assert (told.type, told.body["event"], told.body["from"]) == ("money-step", "hold", "TRACED")
    assert told.body["said"]["currency"] == "THB"
    acts = Transition.objects.filter(request__uuid=request.bytes, machine="money").order_by("n")
    assert [act.event for act in acts] == ["trace", "hold"]
    assert acts[1].log_record is not None and b'"machine":"money"' in acts[1].log_record
    assert b"899.99" not in acts[1].log_record  # the ledger proves the act, not the amount
    assert "899.99" not in Request.objects.get(uuid=request.bytes).amounts


def test_a_hold_lasts_as_long_as_a_lawyer_has_ticked_and_never_longer(node: Requests) -> None:
    request = stop_payment(node)
    node.did("dao", request, "trace", amount="1250.00")
    law = b'[place.TH.hold_length]\nvalue = "72 hours"\nsource = "made up"\n'
    ticked = b'checked = 2026-09-01\nchecked_by = "legal desk"'
    with unit_of_work():
        cooperation.import_treaties(node.desk["lek"], "TH.toml", law + ticked, node.now)
    longer = {"amount": "1250.00", "until": node.now + 73 * HOUR}
    error = refused(NotPermitted, "beyond_the_law", node.did, "dao", request, "hold", **longer)
    assert "ticked its law" in str(error)
    assert stands(node.view(request)).state == "TRACED"
    view = node.did("dao", request, "hold", amount="1250.00")
    assert stands(view).until == view.acts[-1].at + 72 * HOUR


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("amount", {"amount": "1.005"}),
        ("amount", {"amount": "0.00"}),
        ("currency", {"amount": "1", "currency": "VND"}),
        ("money", {}),
        ("money", {"amount": "1", "until": START + DAY}),
    ],
)
def test_an_amount_that_cannot_be_is_refused(
    node: Requests, code: str, said: dict[str, Any]
) -> None:
    request = stop_payment(node)
    refused(Malformed, code, node.did, "dao", request, "trace", **said)


def test_money_is_moved_by_whoever_may_decide_and_only_where_there_is_some(node: Requests) -> None:
    request = stop_payment(node)
    refused(NotPermitted, "role", node.did, "ann", request, "trace", amount="1")
    refused(Conflict, "moved_on", node.did, "dao", request, "hold", amount="1", until=START)
    seen = {"amount": "1", "seen": node.view(request).listed.version + 1}
    refused(Conflict, "moved_on", node.did, "dao", request, "trace", **seen)
    other = node.asked("STATUS", "house")
    refused(Conflict, "no_money", node.did, "dao", other, "trace", amount="1")
    refused(
        Conflict, "no_money", node.came, node.stepped(other, "trace", "ALERT", type="money-step")
    )
    draft = node.drafted("STOP_PAYMENT")
    refused(Conflict, "no_money", node.did, "lek", draft, "trace", amount="1")


def test_nothing_is_held_for_a_request_that_has_ended(node: Requests) -> None:
    request = stop_payment(node)
    node.did("dao", request, "trace", amount="1250")
    node.did("dao", request, "open")
    node.did("dao", request, "take_up")
    node.did("lek", request, "refuse", code=codes("STOP_PAYMENT")[0], reasons="No power")
    hold = {"amount": "1", "until": node.now + DAY}
    refused(Conflict, "moved_on", node.did, "dao", request, "hold", **hold)
    node.did("dao", request, "too_late", reasons="It was taken out")
    money = stands(node.view(request))
    assert money.state == "TOO_LATE"
    assert [what for what, _ in money.line] == [
        *("left", "deliver", "trace", "open", "refuse", "too_late"),
    ]
    assert money.line[0][1] == START - 15 * MINUTE


def test_an_order_takes_the_place_of_a_provisional_hold_and_is_lifted_after_a_hearing(
    node: Requests,
) -> None:
    request = held(node, "1000")
    refused(NotPermitted, "traced_amount_only", node.did, "lek", request, "freeze",
            amount="1250.01", order="Court 7/2026")  # fmt: skip
    view = node.did("lek", request, "freeze", amount="1250", order="Court 7/2026")
    assert stands(view).held == "1250" and clock(view, "provisional-hold")[1]
    reasons = {"reasons": "The wrong account"}
    refused(Conflict, "heard", node.did, "lek", request, "release", **reasons)
    asks = {**reasons, "answer_by": node.now + DAY}
    node.did("lek", request, "propose_release", **asks)
    refused(Conflict, "heard", node.did, "lek", request, "release", **reasons)
    they(node, request, "answer_release", "FROZEN", reasons="We agree")
    assert stands(node.did("lek", request, "release", **reasons)).state == "RELEASED"


def test_a_hold_lapses_at_its_limit_by_itself_and_the_other_side_is_told(node: Requests) -> None:
    request = held(node)
    node.now += 3 * DAY - 2 * SECOND
    assert not money.lapse()
    assert stands(node.view(request)).state == "PROVISIONALLY_HELD"
    node.now += 3 * SECOND
    money.lapse()
    view = node.view(request)
    assert stands(view).state == "RELEASED"
    assert (
        clock(view, "provisional-hold")[1] and clock(view, "release-2h")[0] == node.now + 2 * HOUR
    )
    told = node.on_the_way()[-1].body
    assert (told["event"], told["by"], told["said"]) == ("lapse", "", {})
    entries = Entry.objects.count()
    money.lapse()
    assert Entry.objects.count() == entries


# --- returns --------------------------------------------------------------------------------------


def test_a_return_is_shared_among_victims_by_their_losses(node: Requests) -> None:
    request = held(node)
    node.did("dao", request, "freeze", amount="100", order="Court 7/2026")
    final = {"order": "Court 9/2026", "order_final": True}
    node.did("lek", request, "confiscate", **final)
    victims = tuple({"pseudonym": name, "loss": "500"} for name in "cab")
    agree: dict[str, Any] = {"agreement": "Minutes of 9 October", "victims": victims}
    refused(Conflict, "more_than_there_is", node.did, "lek", request, "agree_return",
            amount="100.01", **agree)  # fmt: skip
    few = {**agree, "victims": ({"pseudonym": "a", "loss": "50"},)}
    refused(Conflict, "more_than_lost", node.did, "lek", request, "agree_return",
            amount="100", **few)  # fmt: skip
    twice = {**agree, "victims": victims + victims[:1]}
    refused(Malformed, "victims", node.did, "lek", request, "agree_return",
            amount="100", **twice)  # fmt: skip
    offered = cooperation.proposed_shares(request, Said(amount="100", **agree))
    view = node.did("lek", request, "agree_return", amount="100", **agree)
    assert stands(view).shares == offered
    assert stands(view).shares == {"a": "33.34", "b": "33.33", "c": "33.33"}
    refused(Conflict, "more_than_there_is", node.did, "lek", request, "return", amount="101")
    view = node.did("lek", request, "return", amount="99.90")
    assert (stands(view).state, stands(view).returned) == ("RETURNED", "99.90")


# --- hops -----------------------------------------------------------------------------------------


def test_money_that_went_on_is_followed_by_a_request_that_a_person_makes(node: Requests) -> None:
    chain = Chain(node)
    [hop] = stands(node.view(chain.request)).hops
    assert (hop.account, hop.institution, hop.amount) == (*NEXT.values(), "1000")
    assert hop.request is None and len(chain.told()) == 0
    refused(Conflict, "more_than_there_is", node.did, "dao", chain.request, "moved",
            amount="250.01", hop=NEXT)  # fmt: skip
    follows = chain.follows()
    given = node.view(follows).given
    assert (given["account"], given["amount"], given["currency"]) == (
        NEXT["account"],
        "1000",
        "THB",
    )
    assert given["value_time"] == time_text(chain.at)
    assert given["liability_statement"] == "We stand for it"
    refused(Conflict, "hop_followed", chain.follows)
    [hop] = stands(node.view(chain.request)).hops
    assert (hop.request, hop.peer_name, hop.state) == (follows, "third", "DRAFT")
    node.did("ann", follows, "sign")
    node.did("som", follows, "approve")
    assert stands(node.view(follows)).hop_of == chain.request
    chain.they(follows, "trace", "ALERT", amount="1000", currency="THB")
    [hop] = stands(node.view(chain.request)).hops
    assert (hop.money, hop.free) == ("TRACED", False)
    view = node.did("dao", chain.request, "hold", amount="250", until=node.now + DAY)
    assert stands(view).held == "250"  # what stayed is held here


def test_the_chain_is_told_from_its_top_whichever_of_its_requests_is_named(node: Requests) -> None:
    chain = Chain(node)
    hop = chain.sent()
    chain.they(hop, "trace", "ALERT", amount="1000", currency="THB")
    beyond = {"account": "GB82WEST12345698765432", "institution": "Fourth Bank"}
    chain.they(hop, "moved", "TRACED", amount="400", currency="THB", hop=beyond)
    top = cooperation.chain(hop)
    assert top == cooperation.chain(chain.request)
    assert (top.request, top.money, top.gone, top.held) == (chain.request, "MOVED", "1000", "")
    [second] = top.below
    assert (second.request, second.account, second.gone) == (hop, NEXT["account"], "400")
    [third] = second.below
    assert (third.account, third.amount, third.request) == (beyond["account"], "400", None)


def test_what_a_hop_takes_over_is_told_until_it_is_followed(node: Requests) -> None:
    chain = Chain(node)
    assert cooperation.hop_form(chain.request)["account"] == NEXT["account"]
    chain.follows()
    refused(Conflict, "hop_followed", cooperation.hop_form, chain.request)


def test_only_who_was_asked_follows_money_and_only_where_it_went(node: Requests) -> None:
    chain = Chain(node)
    ours = node.delivered_to("STOP_PAYMENT", **THB)
    with_nothing = stop_payment(node)
    for request, kind, code in ((ours, NotPermitted, "hop"), (with_nothing, Conflict, "hop")):
        chain.request = request
        refused(kind, code, chain.follows)


def test_a_release_reaches_every_hop_below_with_its_clock_and_receipt(node: Requests) -> None:
    chain = Chain(node)
    hop = chain.sent()
    until = node.now + 3 * DAY
    chain.they(hop, "trace", "ALERT", amount="1000", currency="THB")
    chain.they(hop, "hold", "TRACED", amount="1000", currency="THB", until=until)
    assert stands(node.view(hop)).state == "PROVISIONALLY_HELD"
    why = {"reasons": "It was a merchant's", "code": "WRONGLY-HELD"}
    they(node, chain.request, "release", "MOVED", **why, by="p-theirs-3")
    view = node.view(hop)
    assert stands(view).state == "RELEASED"
    assert clock(view, "release-2h") == (node.now + 2 * HOUR, False)
    [told] = chain.told()
    assert (told.body["event"], told.body["by"], told.body["said"]) == (
        "release",
        "p-theirs-3",
        why,
    )
    [below] = stands(node.view(chain.request)).hops
    assert (below.released, below.free) == (False, False)
    refused(Conflict, "hops_below", node.did, "dao", chain.request, "freed")
    chain.they(hop, "freed", "RELEASED")
    [below] = stands(node.view(chain.request)).hops
    assert (below.released, below.free) == (True, True)
    view = node.did("dao", chain.request, "freed")
    assert clock(view, "release-2h")[1]
    refused(Conflict, "freed", node.did, "dao", chain.request, "freed")


def test_what_was_released_is_followed_no_more(node: Requests) -> None:
    chain = Chain(node)
    hop = chain.follows()
    they(node, chain.request, "release", "MOVED", reasons="It was a mistake")
    refused(Conflict, "not_wanted", node.did, "ann", hop, "sign")
    node.did("ann", hop, "withdraw")
    refused(Conflict, "not_wanted", chain.follows)


def test_a_release_that_is_not_carried_out_in_two_hours_is_overdue(node: Requests) -> None:
    request = held(node)
    they(node, request, "release", "PROVISIONALLY_HELD", reasons="A mistake")
    node.now += 3 * HOUR
    timing.ring()
    assert node.view(request).listed.overdue
    node.did("dao", request, "freed")


# --- acts that crossed ----------------------------------------------------------------------------


def test_a_release_of_ours_holds_over_a_hold_that_crossed_it(node: Requests) -> None:
    request = node.delivered_to("STOP_PAYMENT", **THB)
    they(node, request, "trace", "ALERT", **THB)
    node.did("lek", request, "release", reasons="A mistake")
    view = they(node, request, "hold", "TRACED", **THB, until=node.now + DAY)
    assert (stands(view).state, stands(view).held) == ("RELEASED", "1250.00")
    they(node, request, "freed", "RELEASED")
    refused(Conflict, "moved_on", they, node, request, "too_late", "TRACED", reasons="Gone")


def test_an_order_that_crossed_a_release_of_ours_stands(node: Requests) -> None:
    request = node.delivered_to("STOP_PAYMENT", **THB)
    they(node, request, "trace", "ALERT", **THB)
    node.did("lek", request, "release", reasons="A mistake")
    view = they(node, request, "freeze", "TRACED", **THB, order="Court 7/2026")
    assert stands(view).state == "FROZEN"
    theirs = held(node)
    node.did("lek", theirs, "freeze", amount="1", order="Court 7/2026")
    refused(Conflict, "moved_on", they, node, theirs, "release", "PROVISIONALLY_HELD",
            reasons="A mistake")  # fmt: skip
