"""Holds on data: how long at least, who is warned, and what keeps them or ends them."""

from __future__ import annotations

from uuid import UUID

import pytest

from hueandcry.apps.cooperation import timing
from hueandcry.apps.cooperation.face import RequestView
from hueandcry.apps.cooperation.models import Alarm, Transition
from hueandcry.core.errors import Conflict, Malformed, NotFound, NotPermitted
from hueandcry.core.times import read_time
from hueandcry.core.types import DAY, SECOND
from other_member import OtherMember
from requests_scene import Requests, codes, refused

pytestmark = pytest.mark.database

START = read_time("2026-10-05T08:00:00.000000Z")
#: The 60th day after that, to its last second, in the zone of this node.
DAY_60 = read_time("2026-12-04T23:59:59.000000Z")


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Requests:
    found = Requests(monkeypatch, OtherMember("hanoi", roles=("ca", "p24")), ("ca", "p24"))
    found.now = START
    return found


def held(node: Requests, until: int = DAY_60) -> UUID:
    """Their preservation, which we hold."""
    request = node.asked("PRESERVE")
    node.did("dao", request, "open")
    node.did("dao", request, "take_up")
    node.did("lek", request, "accept")
    view = node.did("dao", request, "hold", until=until)
    assert (view.hold, view.hold_until) == ("HELD", until)
    return request


def they(node: Requests, request: UUID, event: str, source: str, **said: object) -> RequestView:
    return node.they(request, event, source, type="hold-step", **said)


def due(node: Requests, request: UUID) -> int | None:
    return next(c.due for c in node.view(request).clocks if c.rule == "hold-60d")


def test_what_is_held_is_held_for_sixty_days_at_least_and_the_other_side_is_told(
    node: Requests,
) -> None:
    request = node.asked("PRESERVE")
    assert node.view(request).hold == "REQUESTED"
    refused(NotPermitted, "least_term", node.did, "dao", request, "hold", until=DAY_60 - SECOND)
    refused(Malformed, "until", node.did, "dao", request, "hold")
    refused(NotPermitted, "role", node.did, "ann", request, "hold", until=DAY_60)
    node.did("dao", request, "hold", until=DAY_60)  # at once, whatever is decided later
    assert due(node, request) == DAY_60
    [told] = node.on_the_way()
    assert (told.type, told.body["event"], told.body["from"]) == ("hold-step", "hold", "REQUESTED")
    acts = Transition.objects.filter(request__uuid=request.bytes).order_by("n")
    assert [(act.machine, act.event) for act in acts] == [("request", "deliver"), ("hold", "hold")]
    assert acts[1].log_record is not None and b'"machine":"hold"' in acts[1].log_record
    refused(Conflict, "no_hold", node.did, "dao", node.asked("STATUS", "house"), "release")


def test_a_hold_is_extended_before_its_end_and_never_shortened(node: Requests) -> None:
    request = held(node)
    refused(Conflict, "later_end", node.did, "dao", request, "extend", until=DAY_60)
    node.did("dao", request, "extend", until=DAY_60 + 30 * DAY)
    assert due(node, request) == DAY_60 + 30 * DAY
    node.now = DAY_60 + 31 * DAY
    until = DAY_60 + 60 * DAY
    refused(Conflict, "before_expiry", node.did, "dao", request, "extend", until=until)
    assert node.did("dao", request, "keep_longer", until=until).hold == "EXTENDED"


def test_nothing_lapses_unwarned_or_by_itself_and_the_request_may_have_ended(
    node: Requests,
) -> None:
    request = held(node)
    node.now = DAY_60 - DAY
    timing.ring()
    warned = Alarm.objects.filter(clock__rule="hold-60d").order_by("due")
    assert [row.due for row in warned] == [DAY_60 - n * DAY for n in (14, 7, 2)]
    refused(Conflict, "warned_48h", node.did, "lek", request, "lapse")  # we warned a day late
    node.now = DAY_60 + 30 * SECOND
    timing.ring()
    view = node.view(request)
    assert view.hold == "HELD" and view.listed.overdue
    refused(Conflict, "warned_48h", node.did, "lek", request, "lapse")
    node.now = DAY_60 + DAY
    view = node.did("lek", request, "lapse")
    assert view.hold == "LAPSED"
    assert next(c for c in view.clocks if c.rule == "hold-60d").ended_at == node.now


@pytest.mark.parametrize(
    ("at", "state"),
    [(DAY_60 - DAY, "MLA_PENDING"), (DAY_60, "MLA_PENDING"), (DAY_60 + SECOND, "HELD")],
    ids=["day 59", "day 60", "day 61"],
)
def test_assistance_that_is_asked_for_in_time_keeps_what_is_held(
    node: Requests, at: int, state: str
) -> None:
    request = held(node)
    node.now = at - SECOND  # it arrives a second later
    assistance = node.asked("MLA_STORED", hold_ref=str(request))
    view = node.view(request)
    assert view.hold == state
    if state == "HELD":
        return
    assert due(node, request) is None
    told = node.on_the_way()[-1].body
    assert (told["event"], told["said"]) == ("assistance_asked", {"linked": str(assistance)})
    node.now += 90 * DAY
    refused(Conflict, "moved_on", node.did, "lek", request, "lapse")
    refused(NotPermitted, "assistance_granted", node.did, "lek", request, "produce")
    refused(Conflict, "assistance_decided", node.did, "lek", request, "release")
    node.did("dao", assistance, "open")
    node.did("dao", assistance, "take_up")
    node.did("lek", assistance, "accept")
    assert node.did("lek", request, "produce").hold == "PRODUCED"


def test_a_hold_that_another_request_names_wrongly_is_left_alone(node: Requests) -> None:
    request = held(node)
    for reference in ("as stated", "01890000-0000-7000-8000-000000000000"):
        node.asked("MLA_STORED", hold_ref=reference)
    node.asked("PRESERVE_EXTEND", hold_ref=str(request))
    assert node.view(request).hold == "HELD"
    unknown = "01890000-0000-7000-8000-000000000000"
    refused(NotFound, "request", node.did, "dao", request, "assistance_asked", linked=unknown)
    refused(Malformed, "linked", node.did, "dao", request, "assistance_asked")


def test_the_asking_side_hears_of_a_hold_and_its_release_holds_although_they_crossed(
    node: Requests,
) -> None:
    request = node.delivered_to("PRESERVE")
    assert node.view(request).hold == "REQUESTED"
    soon = node.now + 10 * DAY
    refused(NotPermitted, "least_term", they, node, request, "hold", "REQUESTED", until=soon)
    until = node.now + 70 * DAY
    assert they(node, request, "hold", "REQUESTED", until=until).hold_until == until
    refused(NotPermitted, "wrong_side", they, node, request, "release", "HELD")
    theirs = held(node, until=until)
    node.did("dao", theirs, "extend", until=until + DAY)
    assert they(node, theirs, "release", "HELD").hold == "RELEASED"
    node.did("lek", request, "release")
    refused(Conflict, "moved_on", they, node, request, "extend", "HELD", until=until + DAY)


def test_nothing_new_is_held_for_a_request_that_has_ended(node: Requests) -> None:
    request = node.asked("PRESERVE")
    node.did("dao", request, "open")
    node.did("dao", request, "take_up")
    code = codes("PRESERVE")[0]
    node.did("lek", request, "refuse", code=code, reasons="It would harm")
    refused(Conflict, "moved_on", node.did, "dao", request, "hold", until=DAY_60)
    view = node.did("dao", request, "release", reasons="It was refused")
    assert view.hold == "RELEASED"
