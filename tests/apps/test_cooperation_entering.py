"""Requests that come on paper: entered with the letter, decided here, answered by letter."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation import purging, timing
from hueandcry.apps.cooperation.models import Paper, Preserved, Request, Transition
from hueandcry.core import tlog
from hueandcry.core.errors import Conflict, Malformed, NotFound, NotPermitted, Untrusted
from hueandcry.core.machine import Side
from hueandcry.core.types import DAY, MINUTE
from hueandcry.engine.blobs.models import Blob
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger.models import Entry
from hueandcry.engine.store.work import unit_of_work
from money_chain import THB
from other_member import OtherMember
from papers_scene import HOUR, NAME, SCAN, Papers
from papers_walked import EDGES, walked
from requests_made import form
from requests_scene import refused
from sheet_text import squeezed, words_of

pytestmark = pytest.mark.database

DIGEST = hashlib.sha256(SCAN).hexdigest()


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Papers:
    other = OtherMember("hanoi", roles=("ca", "p24", "asc"))
    return Papers(monkeypatch, other, ("ca", "p24", "asc", "bank"))


def test_a_request_that_came_as_a_letter_runs_to_its_end_and_nothing_of_it_goes_by_wire(
    node: Papers,
) -> None:
    request = node.entered(letter={"carried_by": "Ms K., embassy", "channel": "diplomatic"})
    view = node.view(request)
    assert (view.listed.side, view.listed.state, view.outside) == ("requested", "DELIVERED", True)
    assert (view.listed.peer_name, view.signers, view.document) == (NAME, [], DIGEST)
    [came] = view.acts
    assert (came.event, came.source, came.document) == ("deliver_outside", "SENT_OUTSIDE", DIGEST)
    assert came.paper is not None and came.paper.by == "Ms K., embassy"
    assert came.paper.entered.startswith("p-")
    assert cooperation.paper(request, 0) == (came.paper, SCAN)
    for event in ("open", "take_up", "accept", "execute", "complete"):
        node.did("dao", request, event)
    result = {"package": "ab" * 32}
    node.lettered("dao", request, "send_result", data=SCAN + b"covering letter", **result)
    refused(Conflict, "proof_outside", node.did, "lek", request, "accept_result", **result)
    node.lettered("lek", request, "accept_result", data=SCAN + b"thanks", **result)
    view = node.lettered("lek", request, "close", data=SCAN + b"thanks")
    assert view.listed.state == "CLOSED" and node.on_the_way() == []
    sides = {each.event: each.side for each in view.acts}
    assert (sides["accept"], sides["accept_result"]) == ("requested", "requesting")


def test_its_clocks_run_from_the_day_it_came_and_the_desk_rings(node: Papers) -> None:
    came = node.now - 2 * DAY
    request = node.entered("dao", "PRESERVE", letter={"dated": came})
    view = node.view(request)
    assert view.clocks and {each.started for each in view.clocks} == {came}
    assert view.listed.made_at == came and view.hold == "REQUESTED"
    _position, heard = cooperation.came(0, 100)
    assert [(each.request, each.waits) for each in heard] == [(view.listed.number, True)]
    assert Preserved.objects.get().request.uuid == request.bytes


def test_a_peer_whose_node_is_down_may_ask_on_paper_as_well(node: Papers) -> None:
    request = node.entered(sender=node.other.fingerprint)
    node.did("dao", request, "open")
    assert node.on_the_way() == []
    by_wire = node.stepped(request, "withdraw", "RECEIVED", re=[DIGEST])
    with pytest.raises(Untrusted) as refusal:  # once outside, always outside
        node.came(by_wire)
    assert refusal.value.code == "other_request"
    assert node.lettered("lek", request, "withdraw").listed.state == "WITHDRAWN"


def test_what_the_letter_leaves_out_is_returned_and_comes_with_another(node: Papers) -> None:
    whole = form("MLA_STORED", node.now)
    lacking = {name: value for name, value in whole.items() if name != "purpose"}
    request = node.entered(given=lacking)
    assert any("purpose" in each for each in node.view(request).doubts)
    node.did("dao", request, "open")
    refused(Conflict, "nothing_missing", node.did, "dao", request, "take_up")
    node.did("dao", request, "return_incomplete", missing=("purpose",))
    given = {"given": {"purpose": whole["purpose"]}}
    refused(Conflict, "proof_outside", node.did, "dao", request, "supplement", **given)
    view = node.lettered("dao", request, "supplement", data=SCAN + b"more", **given)
    assert view.given["purpose"] == whole["purpose"] and view.listed.state == "RECEIVED"


def test_the_same_letter_is_no_second_request(node: Papers) -> None:
    first = node.entered()
    again = refused(Conflict, "request_known", node.entered)
    assert str(first) in str(again)
    assert node.entered(data=SCAN + b"another") != first
    assert node.entered("dao", "PRESERVE") != first, "one letter may ask for two things"


def test_what_was_entered_wrongly_is_ended_by_another_person_and_entered_anew(
    node: Papers,
) -> None:
    first, why = node.entered("lek"), {"reasons": "The account has two digits swapped"}
    refused(NotPermitted, "checker_is_not_maker", node.did, "lek", first, "entered_wrongly", **why)
    refused(Conflict, "reasons", node.did, "dao", first, "entered_wrongly")
    assert node.did("dao", first, "entered_wrongly", **why).listed.state == "WITHDRAWN"
    second = node.entered("lek")
    assert node.view(second).listed.state == "DELIVERED"
    by_wire = node.asked("MLA_STORED")
    refused(
        NotPermitted, "checker_is_not_maker", node.did, "dao", by_wire, "entered_wrongly", **why
    )
    ours = node.delivered_to("MLA_STORED")
    with pytest.raises(NotPermitted) as untold:
        node.they(ours, "entered_wrongly", "DELIVERED", **why)
    assert untold.value.code == "untold"


def test_who_entered_a_letter_does_not_grant_it_unless_one_may_send_such_a_request_alone(
    node: Papers,
) -> None:
    request = node.entered("dao")
    node.did("dao", request, "open")
    node.did("dao", request, "take_up")
    for event in ("accept", "offer_conditions"):
        said = {"reasons": "Because"}
        refused(NotPermitted, "entered_it", node.did, "dao", request, event, **said)
    assert node.did("lek", request, "accept").listed.state == "ACCEPTED"
    urgent = node.entered("dao", "PRESERVE", data=SCAN + b"now")
    until = node.view(urgent).least_until
    assert node.did("dao", urgent, "hold", until=until).hold == "HELD"


def test_an_answer_that_came_in_time_is_not_late_because_its_letter_is_entered_late(
    node: Papers,
) -> None:
    request = node.gone("PRESERVE")
    [due] = [each.due for each in node.view(request).clocks if each.what == "acknowledge"]
    assert due is not None
    node.now = due + 3 * HOUR
    timing.ring()
    assert node.view(request).listed.overdue
    view = node.lettered("lek", request, "open", dated=due - MINUTE)
    [clock] = [each for each in view.clocks if each.what == "acknowledge"]
    assert (clock.ended_at, clock.overdue) == (due - MINUTE, False)


def test_a_letter_about_what_is_held_by_wire_is_for_people(node: Papers) -> None:
    held = node.asked("PRESERVE")
    node.did("dao", held, "hold", until=node.view(held).least_until)
    before = node.on_the_way()
    node.entered(sender=node.other.fingerprint, hold_ref=str(held))
    assert node.view(held).hold == "HELD" and node.on_the_way() == before


def test_what_a_form_leaves_empty_is_left_out_and_no_page_breaks(node: Papers) -> None:
    whole = form("PRESERVE_EXTEND", node.now) | {"hold_ref": None, "items": [], "contact": " "}
    request = node.entered("dao", "PRESERVE_EXTEND", given=whole)
    assert not {"hold_ref", "items", "contact"} & node.view(request).given.keys()
    assert cooperation.letter(request).startswith(b"%PDF-")
    refused(Malformed, "empty", node.entered, given={"contact": ""}, data=SCAN + b"nothing")
    body = node.asking("PRESERVE_EXTEND", hold_ref=None) | {"given": {**whole, "hold_ref": None}}
    raw = node.theirs("request", body)
    with pytest.raises(Malformed) as hollow:
        node.came(raw)
    assert "says nothing" in str(hollow.value)


def test_an_extension_on_paper_moves_the_end_of_a_hold_that_was_asked_for_on_paper(
    node: Papers,
) -> None:
    request = node.entered("dao", "PRESERVE")
    until = node.view(request).least_until
    assert until is not None
    node.did("dao", request, "hold", until=until + DAY)
    longer: dict[str, Any] = {"hold_ref": str(request), "days": 30}
    extension = node.entered("dao", "PRESERVE_EXTEND", data=SCAN + b"longer", **longer)
    node.did("dao", extension, "open")
    node.did("dao", extension, "take_up")
    node.did("lek", extension, "accept")
    view = node.view(request)
    assert view.hold == "EXTENDED" and view.hold_until is not None
    assert view.hold_until > until + 25 * DAY and node.on_the_way() == []
    node.now = view.hold_until + DAY
    late = node.entered("dao", "PRESERVE_EXTEND", data=SCAN + b"late", **longer)
    node.did("dao", late, "open")
    node.did("dao", late, "take_up")
    refused(Conflict, "expired", node.did, "lek", late, "accept")


def test_assistance_on_paper_keeps_what_was_preserved_on_paper(node: Papers) -> None:
    request = node.entered("dao", "PRESERVE")
    until = node.view(request).least_until
    node.did("dao", request, "hold", until=until)
    node.entered("lek", data=SCAN + b"mla", hold_ref=str(request))
    assert node.view(request).hold == "MLA_PENDING"


def test_what_cannot_stand_is_refused_with_its_reason_and_no_byte_of_it_stays(
    node: Papers,
) -> None:
    node.authority()
    files = Blob.objects.count()
    refused(NotPermitted, "role", node.entered, "ann")
    refused(NotPermitted, "basis", node.entered, "lek", "MLA_STORED", "house")
    refused(NotFound, "type", node.entered, "lek", "TEA", given={})
    refused(NotPermitted, "not_a_peer", node.entered, sender="00" * 32)
    refused(NotPermitted, "route", node.entered, "lek", "COMPLAINT")
    refused(Malformed, "malformed", node.entered, facts_summary=7)
    refused(Malformed, "letter", node.entered, data=b"MZ no letter")
    refused(Malformed, "dated", node.entered, letter={"dated": node.now + 3 * HOUR})
    refused(Malformed, "dated", node.entered, letter={"dated": node.now - 700 * DAY})
    refused(Malformed, "carrier", node.entered, letter={"carried_by": " "})
    refused(Conflict, "by_nodes", node.entered, "lek", "DECONFLICT")
    node.desk["lek"] = replace(node.desk["lek"], second_factor=False)
    refused(NotPermitted, "second_factor", node.entered)
    assert Blob.objects.count() == files and not Paper.objects.exists()


def test_a_referral_is_not_entered_here(node: Papers) -> None:
    shelter = OtherMember("shelter", roles=("protection",))
    node.joined(shelter)
    refused(
        Conflict, "closed", node.entered, "lek", "TIP_REFERRAL", "house", sender=shelter.fingerprint
    )


def test_a_printed_transcript_says_that_the_letter_is_the_request(node: Papers) -> None:
    request = node.entered()
    text = words_of(cooperation.letter(request))
    assert squeezed("TRANSCRIPT of a request that came on paper") in text and DIGEST in text
    assert squeezed("Signed and sealed by hand") not in text
    assert squeezed("signed document") not in text.replace(
        squeezed("in the signed document or"), ""
    )
    assert squeezed("The asking side names as the basis") in text


def test_its_letters_go_when_what_it_said_goes(node: Papers) -> None:
    request = node.entered()
    node.lettered("lek", request, "withdraw", data=SCAN + b"no more")
    assert Blob.objects.count() == 2
    with unit_of_work():
        assert purging.step(node.now + 3_000 * DAY, 10) == 1
    assert Blob.objects.count() == 0
    with pytest.raises(NotFound):
        cooperation.paper(request, 0)


# --- walks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("type", ["MLA_STORED", "PRESERVE", "STOP_PAYMENT"])
def test_a_walk_takes_legal_edges_alone_and_every_act_of_theirs_has_its_scan(
    node: Papers, type: str, seed: int
) -> None:
    sender = node.noted("Police of Vientiane", ["lea", "bank", "ca", "p24"])
    money: dict[str, Any] = THB if type == "STOP_PAYMENT" else {}
    request = node.entered("lek", type, sender=sender, **money)
    walked(node, type, request, Random(seed))
    row = Request.objects.get(uuid=request.bytes)
    acts = list(Transition.objects.filter(request=row).order_by("n"))
    assert {(each.machine, each.source, each.target) for each in acts} <= EDGES
    assert len(acts) > 5
    assert [each.n for each in acts] == list(range(row.version + 1))
    assert [each.at for each in acts] == sorted(each.at for each in acts)
    papers = set(Paper.objects.values_list("transition_id", flat=True))
    assert papers == {each.pk for each in acts if each.side == Side.REQUESTING or each.n == 0}
    for each in acts:
        record, salt, index = ledger.opening(each)
        assert Entry.objects.get(index=index).entry == tlog.commitment(record, salt)
    assert node.on_the_way() == []
