"""Traced money where one side has no node: letters tell what was found, held, and set free."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation import money
from hueandcry.apps.cooperation.face import MoneyView, RequestView
from hueandcry.apps.cooperation.models import Paper, Transition
from hueandcry.core.errors import Conflict, Malformed, NotPermitted
from hueandcry.core.machine import Side
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, MINUTE
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.store.work import unit_of_work
from money_chain import NEXT, THB, stop_payment
from other_member import OtherMember
from papers_scene import HOUR, SCAN, Papers
from requests_made import form
from requests_scene import BASIS, refused

pytestmark = pytest.mark.database

#: What a request for a hop does not take over.
OWN = {
    **dict.fromkeys(("authority_name", "contact", "case_ref", "language"), "as stated"),
    **{"payment_reference": "E2E-7", "liability_statement": "We stand for it"},
}
BANK = "Bank of the Mekong, Vientiane"


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Papers:
    return Papers(monkeypatch, OtherMember("hanoi", roles=("ca", "bank")), ("ca", "asc", "bank"))


def payment(node: Papers, **given: Any) -> dict[str, Any]:
    """The form of a stop-payment over 1 250 baht, a quarter of an hour after the money left."""
    return {**THB, "value_time": time_text(node.now - 15 * MINUTE), **given}


def stands(view: RequestView) -> MoneyView:
    assert view.money is not None
    return view.money


def lettered(node: Papers, who: str, request: UUID, event: str, **said: Any) -> MoneyView:
    """An act of theirs as their letter tells of it, each by a letter of its own."""
    data = SCAN + f"{event} {node.now}".encode()
    return stands(node.lettered(who, request, event, data=data, **said))


def test_a_bank_without_a_node_is_asked_by_letter_and_its_letters_move_the_money(
    node: Papers,
) -> None:
    bank = node.noted(BANK, ["bank"])
    request = node.written("STOP_PAYMENT", bank, **payment(node))
    refused(Malformed, "letter", node.lettered, "dao", request, "trace", amount="1250.00")
    node.lettered("som", request, "approve_outside")
    node.lettered("ann", request, "deliver_outside", data=SCAN + b"receipt")
    assert stands(node.view(request)).state == "ALERT"
    assert "trace" in node.view(request).open_to_them
    refused(Conflict, "proof_outside", node.did, "dao", request, "trace", amount="1000")
    lettered(node, "dao", request, "trace", amount="1000")
    ends = {"amount": "1000", "until": node.now + 3 * DAY}
    more = {**ends, "amount": "1000.01"}
    refused(NotPermitted, "traced_amount_only", lettered, node, "dao", request, "hold", **more)
    view = lettered(node, "dao", request, "hold", **ends)
    assert (view.state, view.held, view.currency) == ("PROVISIONALLY_HELD", "1000", "THB")
    act = node.view(request).acts[-1]
    assert (act.side, act.machine) == ("requested", "money") and act.paper is not None
    node.did("lek", request, "release", reasons="It was a merchant's", code="WRONGLY-HELD")
    assert stands(node.view(request)).state == "RELEASED"
    lettered(node, "dao", request, "freed")
    assert [what for what, _at in stands(node.view(request)).line][-2:] == ["release", "freed"]
    assert node.on_the_way() == []
    asked = cooperation.figures()[Side.REQUESTING]
    assert (asked.wrongly, asked.to_hold is not None) == (1, True)


def test_what_a_letter_asks_of_our_bank_is_held_here_and_released_as_they_write(
    node: Papers,
) -> None:
    police = node.noted("Police of Vientiane", ["lea", "bank"])
    request = node.entered("dao", "STOP_PAYMENT", sender=police, **payment(node))
    assert stands(node.view(request)).state == "ALERT"
    node.did("dao", request, "trace", amount="1250")
    refused(Malformed, "money", node.did, "dao", request, "hold", amount="1250")
    node.lettered("dao", request, "hold", amount="1250", until=node.now + DAY, data=SCAN + b"ours")
    act = node.view(request).acts[-1]
    assert act.side == "requested" and act.paper is not None
    assert (
        act.document is not None
        and act.document in ledger.opening(_row(request, act.n))[0].decode()
    )
    view = lettered(node, "dao", request, "release", reasons="A mistake", code="WRONGLY-HELD")
    assert view.state == "RELEASED" and node.view(request).acts[-1].side == "requesting"
    node.did("dao", request, "freed")
    assert node.on_the_way() == []


def _row(request: UUID, n: int) -> Transition:
    return Transition.objects.get(request__uuid=request.bytes, n=n)


def test_a_hold_of_ours_lapses_at_its_limit_on_paper_as_well(node: Papers) -> None:
    police = node.noted("Police of Vientiane", ["lea", "bank"])
    request = node.entered("dao", "STOP_PAYMENT", sender=police, **payment(node))
    node.did("dao", request, "trace", amount="1250")
    node.did("dao", request, "hold", amount="1250", until=node.now + DAY)
    node.now += 2 * DAY
    money.lapse()
    assert stands(node.view(request)).state == "RELEASED" and node.on_the_way() == []


def test_a_hop_on_paper_is_told_of_a_release_by_letter_before_anything_is_free(
    node: Papers,
) -> None:
    above, bank = stop_payment(node), node.noted(BANK, ["bank"])
    node.did("dao", above, "trace", amount="1250.00")
    hop = {**NEXT, "at": time_text(node.now)}
    node.did("dao", above, "moved", amount="1000", hop=hop)
    below = _followed(node, bank, above)
    node.they(above, "release", "MOVED", type="money-step", reasons="It was a merchant's")
    assert any("by letter" in each for each in node.view(below).doubts)
    [shown] = stands(node.view(above)).hops
    assert (shown.peer_name, shown.released, shown.free) == (BANK, False, False)
    refused(Conflict, "hops_below", node.did, "dao", above, "freed")
    said = {"reasons": "It was a merchant's", "theirs": False}
    node.lettered("lek", below, "release", data=SCAN + b"release", **said)
    assert not any("by letter" in each for each in node.view(below).doubts)
    lettered(node, "dao", below, "freed")
    [shown] = stands(node.view(above)).hops
    assert (shown.released, shown.free) == (True, True)
    node.did("dao", above, "freed")
    link = cooperation.chain(below)
    assert link.below[0].peer_name == BANK and link.below[0].released


def _drafted(node: Papers, bank: str, above: UUID) -> UUID:
    with unit_of_work():
        return cooperation.draft(
            node.desk["ann"], "STOP_PAYMENT", bank, BASIS, OWN, node.now, hop_of=above
        )


def _followed(node: Papers, bank: str, above: UUID) -> UUID:
    made = _drafted(node, bank, above)
    node.did("ann", made, "sign")
    node.lettered("som", made, "approve_outside")
    node.lettered("ann", made, "deliver_outside", data=SCAN + b"receipt")
    return made


def test_our_release_is_ours_although_a_letter_of_ours_tells_of_it(node: Papers) -> None:
    bank = node.noted(BANK, ["bank"])
    request = node.gone("STOP_PAYMENT", bank, **payment(node))
    lettered(node, "dao", request, "trace", amount="1000")
    lettered(node, "dao", request, "hold", amount="1000", until=node.now + DAY)
    why = {"reasons": "It was a merchant's", "theirs": False}
    refused(NotPermitted, "role", node.lettered, "ann", request, "release", **why)
    view = node.lettered("lek", request, "release", data=SCAN + b"free it", **why)
    act = view.acts[-1]
    assert (act.side, stands(view).state) == ("requesting", "RELEASED") and act.paper is not None


def test_what_their_letter_tells_of_before_our_release_reached_them_is_taken_in(
    node: Papers,
) -> None:
    bank = node.noted(BANK, ["bank"])
    request = node.gone("STOP_PAYMENT", bank, **payment(node))
    lettered(node, "dao", request, "trace", amount="1000")
    node.did("lek", request, "release", reasons="A mistake")
    hop = {**NEXT, "at": time_text(node.now - HOUR)}
    view = lettered(node, "dao", request, "moved", amount="900", hop=hop)
    assert (view.state, len(view.hops)) == ("RELEASED", 1)


def test_a_release_by_letter_reaches_a_hop_by_wire_under_a_pseudonym_and_not_before_it(
    node: Papers,
) -> None:
    police = node.noted("Police of Vientiane", ["lea", "bank"])
    request = node.entered("dao", "STOP_PAYMENT", sender=police, **payment(node))
    node.did("dao", request, "trace", amount="1250")
    written = node.now
    hop = {**NEXT, "at": time_text(node.now)}
    node.did("dao", request, "moved", amount="1000", hop=hop)
    below = node.drafts("ann", "STOP_PAYMENT", node.other, OWN, request)
    node.did("ann", below, "sign")
    node.did("som", below, "approve")
    node.receipted()
    node.lettered("lek", request, "release", reasons="A mistake", dated=written)
    [told] = node.on_the_way()
    assert told.body["event"] == "release" and told.body["by"].startswith("p-")
    acts = node.view(below).acts
    assert [each.at for each in acts] == sorted(each.at for each in acts)


def test_a_hop_that_nobody_wants_any_more_does_not_leave_as_a_letter(node: Papers) -> None:
    above, bank = stop_payment(node), node.noted(BANK, ["bank"])
    node.did("dao", above, "trace", amount="1250.00")
    node.did("dao", above, "moved", amount="1000", hop={**NEXT, "at": time_text(node.now)})
    below = _drafted(node, bank, above)
    node.did("ann", below, "sign")
    node.they(above, "release", "MOVED", type="money-step", reasons="A mistake")
    refused(Conflict, "not_wanted", node.lettered, "som", below, "approve_outside")


def test_the_answer_for_a_bank_names_the_authority_and_says_what_it_lacks(node: Papers) -> None:
    police = node.noted("Police of Vientiane", ["lea", "bank"])
    iban = {"account": NEXT["account"]}
    request = node.entered("dao", "STOP_PAYMENT", sender=police, **payment(node, **iban))
    assert b"Police of Vientiane" in cooperation.answer_file(request, node.now)
    bare = {name: v for name, v in form("STOP_PAYMENT", node.now).items() if name != "amount"}
    other = node.entered("dao", "STOP_PAYMENT", sender=police, given=bare, data=SCAN + b"2")
    with pytest.raises(Conflict) as lacking:
        cooperation.answer_file(other, node.now)
    assert "amount" in str(lacking.value)


def test_what_a_letter_cannot_say_of_money_is_refused_and_leaves_nothing(node: Papers) -> None:
    bank = node.noted(BANK, ["bank"])
    request = node.gone("STOP_PAYMENT", bank, **payment(node))
    before = Paper.objects.count()
    for wrong in ("1,250", "1250.001"):
        refused(Malformed, "amount", lettered, node, "dao", request, "trace", amount=wrong)
    refused(Malformed, "money", lettered, node, "dao", request, "trace")
    refused(Conflict, "moved_on", lettered, node, "dao", request, "return", amount="1")
    refused(Conflict, "more_than_there_is", lettered, node, "dao", request, "trace", amount="9999")
    assert Paper.objects.count() == before
    assert stands(node.view(request)).state == "ALERT"
