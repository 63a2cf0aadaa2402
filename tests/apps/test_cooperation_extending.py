"""Extensions of a preservation, and the clock of the order that a hold rests on."""

from __future__ import annotations

from uuid import UUID

import pytest

from hueandcry.apps.cooperation import timing
from hueandcry.apps.cooperation.models import Alarm, Clock
from hueandcry.core.errors import Conflict, NotPermitted
from hueandcry.core.times import read_time
from hueandcry.core.types import DAY, SECOND
from other_member import OtherMember
from requests_scene import Requests, codes, refused

pytestmark = pytest.mark.database

START = read_time("2026-10-05T08:00:00.000000Z")
#: The last second of the 60th and of the 90th day after that.
DAY_60 = read_time("2026-12-04T23:59:59.000000Z")
DAY_90 = read_time("2027-01-03T23:59:59.000000Z")


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Requests:
    found = Requests(monkeypatch, OtherMember("hanoi", roles=("ca", "p24")), ("ca", "p24"))
    found.now = START
    return found


def held(node: Requests, basis: str = "reciprocity") -> UUID:
    request = node.asked("PRESERVE", basis)
    node.did("dao", request, "hold", until=DAY_60)
    return request


def asked_longer(node: Requests, request: object, days: int = 30) -> UUID:
    """Their extension, which our desk has before it."""
    extension = node.asked("PRESERVE_EXTEND", hold_ref=str(request), days=days)
    node.did("dao", extension, "open")
    node.did("dao", extension, "take_up")
    return extension


def test_an_extension_is_counted_from_the_end_that_stood_and_the_other_side_hears_of_both(
    node: Requests,
) -> None:
    request = held(node)
    node.now = START + 20 * DAY
    extension = asked_longer(node, request)
    assert node.view(request).hold_until == DAY_60
    node.did("lek", extension, "accept")
    view = node.view(request)
    assert (view.hold, view.hold_until) == ("EXTENDED", DAY_90)
    told = [(d.type, d.body["request"], d.body["event"]) for d in node.on_the_way()[-2:]]
    assert told == [
        ("request-step", str(extension), "accept"),
        ("hold-step", str(request), "extend"),
    ]


@pytest.mark.parametrize("day", [59, 60])
def test_what_was_asked_for_in_time_is_granted_although_it_is_decided_late(
    node: Requests, day: int
) -> None:
    request = held(node)
    node.now = DAY_60 - (60 - day) * DAY - 4 * SECOND
    extension = asked_longer(node, request)
    node.now = DAY_60 + 3 * DAY
    node.did("lek", extension, "accept")
    view = node.view(request)
    assert (view.acts[-1].event, view.hold_until) == ("keep_longer", DAY_90)


def test_what_was_asked_for_too_late_is_refused_with_its_article(node: Requests) -> None:
    request = held(node)
    node.now = DAY_60 + SECOND
    extension = asked_longer(node, request)
    assert any("before its extension" in each for each in node.view(extension).doubts)
    wrong = refused(Conflict, "expired", node.did, "lek", extension, "accept")
    assert "Reciprocity law" in wrong.why
    said = {"reasons": "Why not", "answer_by": node.now + DAY}
    refused(Conflict, "expired", node.did, "lek", extension, "offer_conditions", **said)
    said = {"code": codes("PRESERVE_EXTEND")[0], "reasons": "The hold had ended"}
    assert node.did("lek", extension, "refuse", **said).listed.state == "REFUSED"
    assert node.view(request).hold_until == DAY_60
    node.they(request, "release", "HELD", type="hold-step")
    refused(Conflict, "expired", node.did, "lek", asked_longer(node, request), "accept")


def test_ours_for_a_hold_that_has_ended_does_not_leave(node: Requests) -> None:
    request = node.delivered_to("PRESERVE")
    early = node.drafted("PRESERVE_EXTEND", hold_ref=str(request))
    refused(Conflict, "not_held", node.did, "ann", early, "sign")
    until = node.now + 70 * DAY
    node.they(request, "hold", "REQUESTED", type="hold-step", until=until)
    node.did("ann", early, "sign")
    node.now = until + SECOND
    refused(Conflict, "expired", node.did, "som", early, "approve")


def test_an_extension_moves_nothing_that_waits_for_assistance_or_that_is_not_here(
    node: Requests,
) -> None:
    request = held(node)
    node.asked("MLA_STORED", hold_ref=str(request))
    for named in (request, "hold 17 of the provider", UUID(int=7)):
        extension = asked_longer(node, named)
        assert node.did("lek", extension, "accept").listed.state == "ACCEPTED"
    view = node.view(request)
    assert (view.hold, view.hold_until) == ("MLA_PENDING", DAY_60)


def test_conditions_that_are_taken_extend_as_whoever_offered_them_decided(node: Requests) -> None:
    request = held(node)
    extension = asked_longer(node, request)
    node.did("lek", extension, "offer_conditions", reasons="Only for this case")
    assert node.view(request).hold_until == DAY_60
    node.they(extension, "accept_conditions", "CONDITIONS_OFFERED")
    view = node.view(request)
    assert (view.hold_until, view.acts[-1].person) == (DAY_90, node.desk["lek"].person)


# --- the order of the State's own -----------------------------------------------------------------


def rang() -> list[tuple[int, str]]:
    timing.ring()
    rows = Alarm.objects.filter(clock__rule="H25-90d").order_by("due")
    return [(row.due, row.escalates_to) for row in rows]


def test_an_order_that_outlasts_the_hold_rings_for_nothing_before_its_own_end(
    node: Requests,
) -> None:
    request = held(node, "hanoi")
    clock = Clock.objects.get(request__uuid=request.bytes, rule="H25-90d")
    assert (clock.due, clock.alarms) == (DAY_90, [])
    node.now = DAY_90
    assert rang() == []
    node.now = DAY_90 + SECOND  # the data are still there, and the order is not
    assert rang() == [(DAY_90 + SECOND, "RENEW_DOMESTIC_ORDER")]
    assert not Clock.objects.filter(request__uuid=node.asked("PRESERVE", "hanoi").bytes).filter(
        rule="H25-90d"
    )


def test_an_order_that_would_end_before_the_data_may_go_rings_and_can_be_renewed(
    node: Requests,
) -> None:
    request = held(node, "hanoi")
    node.now = START + 80 * DAY  # past T-14
    node.did("dao", request, "keep_longer", until=DAY_90 + 30 * DAY)
    renew = "RENEW_DOMESTIC_ORDER"
    assert rang() == [(DAY_90 - 14 * DAY, renew)]
    node.did("dao", request, "keep_longer", until=DAY_90 + 60 * DAY)
    node.now = DAY_90 - 7 * DAY
    assert rang() == [(DAY_90 - n * DAY, renew) for n in (14, 7)]
    refused(Conflict, "reasons", node.did, "dao", request, "renew_order")
    view = node.did("dao", request, "renew_order", reasons="Court of Bangkok, order 17")
    assert view.hold == "EXTENDED" and view.hold_until == DAY_90 + 60 * DAY
    due = next(c.due for c in view.clocks if c.rule == "H25-90d")
    assert due == DAY_90 + 84 * DAY  # midnight has passed: the 90th day after the next
    node.they(request, "release", "EXTENDED", type="hold-step")
    assert Clock.objects.get(rule="H25-90d").ended_at == node.now


def test_an_order_rings_while_assistance_is_pending_and_the_other_side_keeps_no_such_clock(
    node: Requests,
) -> None:
    request = held(node, "hanoi")
    node.asked("MLA_STORED", "hanoi", hold_ref=str(request))
    node.now = DAY_90 - 14 * DAY
    assert len(rang()) == 1
    ours = node.delivered_to("PRESERVE")
    more = {"type": "hold-step", "until": node.now + 70 * DAY}
    node.they(ours, "hold", "REQUESTED", **more)
    refused(
        NotPermitted, "person_decides", node.they, ours, "renew_order", "HELD", type="hold-step",
        by="", reasons="Renewed",
    )  # fmt: skip
    assert not Clock.objects.filter(request__uuid=ours.bytes, rule="H25-90d").exists()
