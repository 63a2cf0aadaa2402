"""The closed store of referrals: who may see them, and that the node itself cannot read them."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

import pytest

from hueandcry.apps.cooperation import closing
from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.models import Request, Transition
from hueandcry.apps.cooperation.settings import PROTECTION_RECIPIENT
from hueandcry.apps.members.models import Access
from hueandcry.apps.peers.models import Document
from hueandcry.core import jcs, jws
from hueandcry.core.errors import NotFound, NotPermitted
from hueandcry.core.law import LAW
from hueandcry.core.law.forms import faults
from hueandcry.engine.keys import age, agefile
from hueandcry.engine.keys.own import own
from hueandcry.engine.policy import face as policy
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store.work import unit_of_work
from other_member import OtherMember
from requests_made import form
from requests_scene import Requests, refused

pytestmark = pytest.mark.database

SECRET = bytes(range(32))
REACH = "she rings on Sundays at noon"
PERSONS = [{"pseudonym": "V-17", "reach": REACH, "possibly_coerced": True}]
MORE = {"tlp": "RED", "persons": PERSONS, "place": "behind the market"}


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Requests:
    other = OtherMember("shelter", roles=("support",))
    return Requests(monkeypatch, other, ("asc", "protection"))


def configured(node: Requests, recipient: str = "") -> None:
    with unit_of_work():
        text = recipient or age.recipient(age.public(SECRET))
        policy.change(PROTECTION_RECIPIENT.name, text, None, node.now)
    policy.forget()


def delivered(node: Requests) -> UUID:
    """Our referral, which two of the desk signed, and for which we hold the receipt."""
    request = node.drafted("TIP_REFERRAL", "house", by="dao", **MORE)
    node.did("dao", request, "sign")
    node.did("som", request, "approve")
    node.receipted()
    return request


def came(node: Requests) -> UUID:
    return node.asked("TIP_REFERRAL", "house", **MORE)


def read(data: bytes) -> dict[str, Any]:
    target = BytesIO()
    agefile.unseal(BytesIO(data), target, [age.identity(SECRET)])
    found: dict[str, Any] = jcs.parse(target.getvalue(), max_bytes=1 << 20)
    return found


def readable(word: str) -> bool:
    """Whether a word stands anywhere that the node can read."""
    rows = [*Request.objects.values_list("given", flat=True)]
    rows += Transition.objects.values_list("said", flat=True)
    opened = [own().open_sealed("cooperation", each) for each in rows if each]
    documents = [bytes(each) for each in Document.objects.values_list("document", flat=True)]
    stated = [jws.open_document(each).stated for each in documents if each]
    bodies = [jcs.canonical(dict(each.body)) for each in stated]
    return any(word.encode() in each for each in (*opened, *bodies))


@pytest.mark.parametrize("begin", [delivered, came])
def test_once_it_was_delivered_nobody_at_this_node_can_read_who_is_referred(
    node: Requests, begin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(node)
    request = begin(node)
    scrubbed = list[Any]()
    monkeypatch.setattr(purge, "scrub", scrubbed.append)
    assert readable(REACH)
    closing.close_all()
    assert not readable(REACH)
    assert len(scrubbed) == 1 and {"cooperation_request", "peers_document"} <= {*scrubbed[0]}
    view = node.view(request)
    assert (view.given["persons"], view.given["place"]) == ([{"pseudonym": "closed"}], "closed")
    assert (view.closed, view.given["tlp"]) == (1, "RED")
    assert not faults(LAW, "TIP_REFERRAL", view.given, "house")
    with unit_of_work():
        [data] = cooperation.closed(node.desk["lek"], request, node.now)
    assert read(data)["persons"] == PERSONS and read(data)["place"] == "behind the market"
    assert Access.objects.get(action="request.closed").subject == str(request)
    version = Request.objects.get(uuid=request.bytes).closed_at
    assert version == view.listed.version
    closing.close_all()
    assert node.view(request).closed == 1 and len(scrubbed) == 1


def test_what_is_completed_later_is_closed_as_well_and_the_request_goes_on(node: Requests) -> None:
    configured(node)
    request = came(node)
    closing.close_all()
    node.did("dao", request, "open")
    node.did("dao", request, "return_incomplete", missing=("danger",), reasons="Too little")
    node.they(request, "supplement", "RETURNED_INCOMPLETE", given={"danger": "beaten at night"})
    assert readable("beaten at night")
    closing.close_all()
    assert not readable("beaten at night")
    with unit_of_work():
        first, second = cooperation.closed(node.desk["dao"], request, node.now)
    assert REACH in str(read(first)) and read(second) == {"danger": "beaten at night"}
    node.did("dao", request, "take_up")
    assert node.did("lek", request, "accept").listed.state == "ACCEPTED"


def test_what_is_still_on_its_way_stays_whole_until_the_receipt_is_here(node: Requests) -> None:
    configured(node)
    request = node.drafted("TIP_REFERRAL", "house", by="dao", **MORE)
    node.did("dao", request, "sign")
    node.did("som", request, "approve")
    closing.close_all()
    assert node.on_the_way()[-1].body["given"]["persons"] == PERSONS
    node.receipted()
    closing.close_all()
    assert not readable(REACH)
    node.they(request, "open", "DELIVERED")
    node.did("lek", request, "withdraw", reasons="She is safe")
    closing.close_all()
    assert Request.objects.get(uuid=request.bytes).closed_at is None  # the word of it still waits
    assert node.on_the_way()[-1].body["event"] == "withdraw"


def test_without_a_recipient_nothing_is_closed_and_whoever_looks_is_told(node: Requests) -> None:
    request = came(node)
    configured(node, "age1nobody")
    closing.close_all()
    view = node.view(request)
    assert view.closed == 0 and view.given["persons"] == PERSONS
    assert any("protection desk is set" in each for each in view.doubts)
    with unit_of_work(), pytest.raises(NotFound):
        cooperation.closed(node.desk["lek"], request, node.now)


def test_a_referral_is_for_the_duty_officer_and_the_lawyer_alone(node: Requests) -> None:
    refused(NotPermitted, "role", node.drafted, "TIP_REFERRAL", "house", by="ann", **MORE)
    request = came(node)
    refused(NotPermitted, "role", node.did, "ann", request, "open")
    with unit_of_work(), pytest.raises(NotPermitted):
        cooperation.closed(node.desk["ann"], request, node.now)
    assert cooperation.hidden_from({"analyst", "police", "administrator"}) == {"TIP_REFERRAL"}
    for role in ("duty", "legal", "checker"):
        assert not cooperation.hidden_from({role})


def test_every_field_that_is_closed_keeps_its_form() -> None:
    whole = form("TIP_REFERRAL", 0, place="there", facts_summary="so", person_consent={})
    whole |= {name: closing.instead(name) for name in closing.PERSONAL}
    assert not faults(LAW, "TIP_REFERRAL", whole, "house")
