"""Clocks of requests: begun and ended by acts, in the zone of the place, rung once."""

from __future__ import annotations

from uuid import UUID

import pytest

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation import queries, timing
from hueandcry.apps.cooperation.face import ClockView
from hueandcry.apps.cooperation.models import Alarm, Clock
from hueandcry.apps.cooperation.settings import ZONE
from hueandcry.core.times import read_time, time_text
from hueandcry.core.types import DAY, MINUTE, SECOND
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work
from other_member import OtherMember
from requests_scene import Requests

pytestmark = pytest.mark.database

HOUR = 60 * MINUTE


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Requests:
    other = OtherMember("hanoi", roles=("ca", "p24", "asc"))
    return Requests(monkeypatch, other, ("ca", "p24", "asc"))


def clock(node: Requests, request: UUID, rule: str) -> ClockView:
    return next(each for each in node.view(request).clocks if each.rule == rule)


def rules(node: Requests, request: UUID) -> set[str]:
    return {each.rule for each in node.view(request).clocks}


def rung() -> list[tuple[str, int, bool]]:
    rows = Alarm.objects.order_by("due").select_related("clock")
    return [(row.clock.rule, row.due, row.overdue) for row in rows]


def test_a_stop_payment_has_its_clocks_from_the_receipt_and_from_the_value_time(
    node: Requests,
) -> None:
    left = node.now - 23 * HOUR
    request = node.asked("STOP_PAYMENT", "house", value_time=time_text(left))
    came = node.now
    assert rules(node, request) == {
        *("stop-ack-15min", "stop-decide-1h", "golden-24h", "kill-chain-72h")
    }
    assert clock(node, request, "stop-ack-15min").due == came + 15 * MINUTE
    assert clock(node, request, "stop-decide-1h").due == came + HOUR
    assert clock(node, request, "golden-24h").due == left + 24 * HOUR
    node.did("dao", request, "open")
    assert clock(node, request, "stop-ack-15min").ended_at == node.now
    node.did("dao", request, "take_up")
    node.did("lek", request, "accept")
    assert clock(node, request, "stop-decide-1h").ended_at == node.now
    assert clock(node, request, "golden-24h").ended_at is None
    node.they(request, "withdraw", "ACCEPTED")
    assert all(each.ended_at for each in node.view(request).clocks)


def test_days_end_in_the_zone_of_the_requested_side(node: Requests) -> None:
    node.now = read_time("2026-10-02T18:30:00.000000Z")  # a Friday; in Ha Noi it is Saturday
    request = node.delivered_to("STATUS", "house")
    at = clock(node, request, "status-2wd")
    assert at.due == read_time("2026-10-06T16:59:59.000000Z")  # Tuesday 23:59:59 there
    with unit_of_work():
        policy.change(ZONE.name, "Asia/Bangkok", None, node.now)
    policy.forget()
    theirs = node.asked("STATUS", "house")
    assert node.view(theirs).zone == "Asia/Bangkok"
    assert timing.zone("Mars/Olympus") == timing.zone(None) == timing.zone("../etc") == "UTC"


def test_the_clock_of_a_decision_stands_still_while_the_request_is_incomplete(
    node: Requests,
) -> None:
    request = node.asked("PRESERVE")
    came = node.now
    node.did("dao", request, "open")
    node.did("dao", request, "return_incomplete", missing=("period",))
    stopped = node.now
    assert clock(node, request, "decide-24h").due is None
    node.now += 30 * HOUR
    timing.ring()
    assert rung() == []
    node.they(request, "supplement", "RETURNED_INCOMPLETE")
    assert clock(node, request, "decide-24h").due == came + 24 * HOUR + (node.now - stopped)


def test_each_alarm_rings_once_and_overdue_is_a_flag(node: Requests) -> None:
    request = node.asked("STOP_PAYMENT", "house", value_time=time_text(node.now))
    came = node.now
    assert not timing.ring() and rung() == []
    node.now = came + 12 * MINUTE
    for _ in range(2):
        timing.ring()
    assert rung() == [("stop-ack-15min", came + 10 * MINUTE, False)]
    node.now = came + 2 * HOUR
    for _ in range(2):
        timing.ring()
    assert rung()[1:] == [
        ("stop-ack-15min", came + 15 * MINUTE + SECOND, True),
        ("stop-decide-1h", came + 45 * MINUTE, False),
        ("stop-decide-1h", came + HOUR + SECOND, True),
    ]
    view = node.view(request)
    assert view.listed.overdue and view.listed.state == "DELIVERED"
    shown = clock(node, request, "stop-ack-15min").alarms
    assert [(each.due, each.overdue) for each in shown] == [
        (came + 10 * MINUTE, False),
        (came + 15 * MINUTE + SECOND, True),
    ]
    node.did("dao", request, "open")  # late is not too late: people decide
    assert clock(node, request, "stop-ack-15min").overdue


def test_a_clock_that_ended_says_nothing_more(node: Requests) -> None:
    request = node.asked("STOP_PAYMENT", "house", value_time=time_text(node.now))
    node.did("dao", request, "open")
    node.now += 10 * DAY
    timing.ring()
    assert "stop-ack-15min" not in {rule for rule, _, _ in rung()}
    assert not Clock.objects.filter(next_at__lte=node.now).exists()


def test_the_law_of_the_place_limits_a_provisional_hold_once_a_lawyer_ticked_it(
    node: Requests,
) -> None:
    def limits(request: UUID) -> int | None:
        return timing.legal_limit(queries.request(request), node.now)

    def told(country: str, ticked: str) -> None:
        fact = f'value = "3 days"\nsource = "made up"\n{ticked}'
        file = f"[place.{country}.hold_length]\n{fact}".encode()
        with unit_of_work():
            cooperation.import_treaties(node.desk["lek"], f"{country}.toml", file, node.now)

    node.now = read_time("2026-10-02T18:30:00.000000Z")
    theirs, ours = node.asked("STOP_PAYMENT", "house"), node.delivered_to("STOP_PAYMENT", "house")
    told("TH", "")
    assert limits(theirs) is limits(ours) is None
    doubts = node.view(theirs).doubts
    assert (
        sum("no lawyer of the place" in each and "say until when" in each for each in doubts) == 1
    )
    told("TH", 'checked = 2026-09-01\nchecked_by = "legal desk"')
    assert limits(theirs) == read_time("2026-10-05T23:59:59.000000Z")
    assert not any("no lawyer" in each for each in node.view(theirs).doubts)
    assert limits(ours) is None  # the money lies in the other country
    told("VN", 'checked = 2026-09-01\nchecked_by = "legal desk"')
    assert limits(ours) == read_time("2026-10-06T16:59:59.000000Z")  # in its zone
    assert limits(node.asked("STATUS", "house")) is None


def test_working_days_leave_out_what_a_lawyer_ticked_of_the_place(node: Requests) -> None:
    ticked = 'source = "made up"\nchecked = 2026-09-01\nchecked_by = "legal desk"\n'
    file = f'[place.TH.holidays]\nvalue = "2026-10-05, 2026-10-06"\n{ticked}'
    with unit_of_work():
        cooperation.import_treaties(node.desk["lek"], "TH.toml", file.encode(), node.now)
    node.now = read_time("2026-10-02T18:30:00.000000Z")  # a Friday
    theirs, ours = node.asked("STATUS", "house"), node.delivered_to("STATUS", "house")
    assert clock(node, theirs, "status-2wd").due == read_time("2026-10-08T23:59:59.000000Z")
    assert clock(node, ours, "status-2wd").due == read_time("2026-10-06T16:59:59.000000Z")
