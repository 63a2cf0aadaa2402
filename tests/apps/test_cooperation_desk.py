"""What waits at the desk: the order of requests, what counts as waiting, and what may be asked."""

from __future__ import annotations

from uuid import UUID

import pytest

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation import timing
from hueandcry.apps.cooperation.face import Filters
from hueandcry.apps.cooperation.rules import TURNS
from hueandcry.core.errors import NotFound
from hueandcry.core.machine import REQUEST, Side
from hueandcry.core.types import MINUTE
from other_member import OtherMember
from requests_made import form
from requests_scene import Requests

pytestmark = pytest.mark.database


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Requests:
    other = OtherMember("hanoi", roles=("ca", "p24", "asc"))
    return Requests(monkeypatch, other, ("ca", "p24", "asc"))


def listed(limit: int, **where: object) -> list[UUID]:
    """All pages of a list, one after another."""
    found, after = [], ""
    while True:
        page = cooperation.by_clock(Filters(**where), after, limit)  # type: ignore[arg-type]
        assert len(page.lines) <= limit
        found += [each.id for each in page.lines]
        after = page.next
        if not after:
            return found


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_of_any_size_hold_every_request_once_in_the_order_of_the_clocks(
    node: Requests, limit: int
) -> None:
    idle = [node.drafted("STATUS", "house"), node.delivered_to("MLA_STORED")]
    later = [node.asked("STATUS", "house"), node.asked("STATUS", "house")]
    first = node.asked("STOP_PAYMENT", "house")
    assert listed(limit) == [first, *later, *idle]


def test_a_cursor_that_is_none_begins_anew(node: Requests) -> None:
    request = node.asked("PRESERVE")
    for nonsense in ("x", "1", "1.x", ".", "9" * 40 + ".1", "-1.2"):
        assert [each.id for each in cooperation.by_clock(Filters(), nonsense, 9).lines] == [request]


def test_what_has_ended_is_listed_only_where_it_is_asked_for_unless_data_are_held(
    node: Requests,
) -> None:
    gone, kept = node.asked("MLA_STORED"), node.asked("PRESERVE")
    node.did("lek", kept, "hold", until=node.view(kept).least_until)
    for request in (gone, kept):
        node.they(request, "withdraw", "DELIVERED")
        assert node.view(request).listed.state == "WITHDRAWN"
    assert listed(9) == [kept]
    assert set(listed(9, ended=True)) == {gone, kept}
    assert listed(9, state="WITHDRAWN", ended=True, type="MLA_STORED") == [gone]


def test_it_is_one_sides_turn_or_the_others_and_nobodys_once_it_has_ended() -> None:
    asking, asked = TURNS[Side.REQUESTING], TURNS[Side.REQUESTED]
    assert not (asking | asked) & REQUEST.final
    assert {"DRAFT", "REVIEW", "RESULT_SENT", "SECRECY_ALERT"} <= asking - asked
    assert {"DELIVERED", "UNDER_DECISION", "ACCEPTED"} <= asked - asking
    assert "CONSULTATION" in asking & asked


def test_what_waits_for_us_is_counted_up_to_a_bound(node: Requests) -> None:
    for _ in range(3):
        node.asked("STATUS", "house")
    node.delivered_to("MLA_STORED")
    assert (cooperation.waiting(9), cooperation.waiting(2)) == (3, 2)


def test_the_desk_tells_of_a_clock_its_newest_alarm_alone(node: Requests) -> None:
    request = node.asked("STOP_PAYMENT", "house")
    node.now += 20 * MINUTE
    timing.ring()
    assert len(node.view(request).clocks[0].alarms) == 2
    [rung] = cooperation.desk().rung
    assert (rung.request, rung.alarm.overdue) == (request, True)
    assert [each.id for each in cooperation.desk().incoming] == [request]
    node.did("dao", request, "open")
    found = cooperation.desk()
    assert (found.incoming, found.rung) == ([], []) and found.due[0].id == request


def test_urgent_is_what_cannot_wait_or_says_so(node: Requests) -> None:
    calm = node.asked("STATUS", "house", urgency="routine")
    said = node.asked("STATUS", "house", urgency="urgent")
    kind = node.asked("EMERGENCY")
    urgent = {each.id: each.urgent for each in cooperation.desk().incoming}
    assert urgent == {calm: False, said: True, kind: True}


def test_only_types_that_a_route_leads_to_are_offered_with_bases_and_reasons(
    node: Requests,
) -> None:
    to = node.other.fingerprint
    assert "MLA_STORED" in cooperation.types_to(to)
    assert "SUBSCRIBER_DIRECT" not in cooperation.types_to(to)
    found = cooperation.offered("MLA_STORED", to, node.now)
    assert "reciprocity" in {each.instrument for each in found.bases}
    assert any("not in force" in each.why for each in found.without)
    with pytest.raises(NotFound):
        cooperation.offered("GIVE_ME_ALL", to, node.now)


def test_a_form_is_looked_at_without_being_kept(node: Requests) -> None:
    to, whole = node.other.fingerprint, form("PRESERVE", node.now, mla_intended=False)
    del whole["necessity"]
    found = cooperation.looked("PRESERVE", to, "reciprocity", whole, node.now)
    assert [each.field for each in found.faults] == ["necessity"]
    assert "no_assistance_intended" in {each.code for each in found.judged}
    assert found.way is None and listed(9) == []
