"""Duty on a node: from a clock that rings to a letter that a real server takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings

from hueandcry.apps.cooperation import timing
from hueandcry.apps.duty import calling, channels, face, purging, queries, sealed, sending
from hueandcry.apps.duty.models import Call, Change, Contact, HandOver, Notice, Shift
from hueandcry.apps.members import face as members
from hueandcry.core import webhooks as standard
from hueandcry.core.errors import (
    Conflict,
    HueError,
    Malformed,
    NotFound,
    NotPermitted,
    Untrusted,
)
from hueandcry.core.times import read_time
from hueandcry.core.types import DAY, MINUTE, SECOND, Actor, Micros
from hueandcry.doors.cli import duty_checks
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work
from loopback import Server, serve
from mail_server import MailServer, mails
from other_member import OtherMember
from requests_scene import Requests

__all__ = ["mails", "serve"]
pytestmark = pytest.mark.database

START = read_time("2026-10-05T08:00:00.000000Z")
DAY_60 = read_time("2026-12-04T23:59:59.000000Z")
SECRET = standard.secret_text(b"x" * 32)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
FAILS = b"HTTP/1.1 503 Oh\r\nContent-Length: 0\r\n\r\n"
REFUSES = b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"


class Duty(Requests):
    """A node with three people of duty, and channels that lead to loopback."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(monkeypatch, OtherMember("hanoi", roles=("ca", "p24")), ("ca", "p24"))
        self.now = START
        for login in ("may", "nok"):
            with unit_of_work():
                row, _ = members.add_person(login, ["duty"])
            held = frozenset({"duty"})
            self.desk[login] = Actor(self.fingerprint, row.pk, held, second_factor=True)
        self.operator = Actor(self.fingerprint)
        with unit_of_work():
            policy.change("duty.private", "127.0.0.1", None, self.now)
        monkeypatch.setattr(sending, "random", lambda: 1.0)

    def on(self, login: str, hours: float = 24, *, second: bool = False, wait: float = 0) -> int:
        begins = self.now + int(wait * 60) * MINUTE
        ends = begins + int(hours * 60) * MINUTE
        with unit_of_work():
            return face.add_shift(self.operator, login, begins, ends, self.now, second=second)

    def reached(self, login: str, email: str = "", phone: str = "") -> None:
        with unit_of_work():
            face.set_contact(self.operator, login, email, phone, self.now)

    def acked(self, call: int, who: str = "dao") -> None:
        with unit_of_work():
            face.acknowledge(self.desk[who], call, self.now)

    def turn(self, later: Micros = 0) -> None:
        """What the loops do, some time later."""
        self.now += later
        timing.ring()
        while calling.take_in():
            continue
        while calling.escalate():
            continue
        for lane in range(3):
            while sending.send_next(lane):
                continue

    def staffed(self) -> None:
        """Dao is on, May is second, Nok is at home; each has a mailbox."""
        self.on("dao", 24 * 31)
        self.on("may", 24 * 31, second=True)
        for login in ("dao", "may", "nok"):
            self.reached(login, f"{login}@desk.example")

    def held(self) -> UUID:
        """Their preservation, which we hold until day 60."""
        request = self.asked("PRESERVE")
        self.did("dao", request, "open")
        self.did("dao", request, "take_up")
        self.did("lek", request, "accept")
        self.did("dao", request, "hold", until=DAY_60)
        return request


@pytest.fixture
def file() -> Any:
    """Writes the file of channels; it is gone after the test."""
    path = Path(settings.DATA) / channels.FILE

    def write(**said: Any) -> Path:
        path.write_text(json.dumps(said))
        path.chmod(0o600)
        return path

    yield write
    path.unlink(missing_ok=True)


@pytest.fixture
def duty(database: None, monkeypatch: pytest.MonkeyPatch) -> Duty:
    return Duty(monkeypatch)


def by_mail(server: MailServer) -> dict[str, Any]:
    where = {"host": "127.0.0.1", "port": server.port, "security": "none"}
    return {"mail": {**where, "from": "node@centre.example"}}


def by_sms(server: Server, **template: Any) -> dict[str, Any]:
    template = template or {"json": {"to": "{to}", "message": {"body": "{text}"}, "ref": ["{id}"]}}
    return {"sms": {"url": server.url("/sms"), "headers": {"authorization": "k"}, **template}}


def by_hook(server: Server) -> dict[str, Any]:
    return {"webhook": {"url": server.url("/page"), "secret": SECRET}}


def to(server: MailServer) -> list[str]:
    return [each.to.partition("@")[0] for each in server.taken]


def letters(server: MailServer) -> list[Message]:
    return [message_from_bytes(each.data) for each in server.taken]


def states(channel: str = "mail") -> list[tuple[str, int]]:
    rows = Notice.objects.filter(channel=channel).order_by("id")
    return [(row.state, row.attempts) for row in rows]


def refused(kind: type[HueError], code: str, act: Callable[..., object], /, *args: Any) -> None:
    before = (Change.objects.count(), Shift.objects.count(), HandOver.objects.count())
    with pytest.raises(kind) as caught, unit_of_work():
        act(*args)
    assert caught.value.code == code, caught.value
    assert (Change.objects.count(), Shift.objects.count(), HandOver.objects.count()) == before


# --- who is told ----------------------------------------------------------------------------------


def test_a_request_that_cannot_wait_is_told_step_by_step_until_somebody_answers(
    duty: Duty, mails: Callable[..., MailServer], file: Any
) -> None:
    server = mails()
    file(**by_mail(server))
    duty.staffed()
    duty.asked("PRESERVE")
    duty.turn()
    assert to(server) == ["dao"]
    duty.turn(4 * MINUTE)
    assert to(server) == ["dao"]
    duty.turn(MINUTE)
    assert to(server) == ["dao", "may"]
    duty.turn(5 * MINUTE)
    assert to(server) == ["dao", "may", "nok"]
    duty.turn(30 * MINUTE)
    assert to(server) == ["dao", "may", "nok"]  # nobody twice for the same call
    assert face.calls()[0].step == 3


def test_whoever_acknowledges_ends_it_for_all_and_it_is_logged_once(
    duty: Duty, mails: Callable[..., MailServer], file: Any
) -> None:
    server = mails()
    file(**by_mail(server))
    duty.staffed()
    duty.asked("PRESERVE")
    duty.turn()
    [call] = face.calls()
    refused(NotPermitted, "role", face.acknowledge, duty.desk["ann"], call.number, duty.now)
    refused(NotPermitted, "person", face.acknowledge, duty.operator, call.number, duty.now)
    refused(NotFound, "call", face.acknowledge, duty.desk["dao"], 999, duty.now)
    duty.acked(call.number, "lek")
    refused(Conflict, "answered", face.acknowledge, duty.desk["dao"], call.number, duty.now)
    duty.turn(20 * MINUTE)
    assert to(server) == ["dao"] and face.calls() == []
    [act] = Change.objects.filter(kind="ack")
    assert act.log_index is not None and act.person_id == duty.desk["lek"].person


def test_a_request_that_somebody_opened_calls_nobody_else(
    duty: Duty, mails: Callable[..., MailServer], file: Any
) -> None:
    server = mails()
    file(**by_mail(server))
    duty.staffed()
    request = duty.asked("PRESERVE")
    duty.turn()
    duty.did("dao", request, "open")
    duty.turn(20 * MINUTE)
    assert to(server) == ["dao"]
    assert Call.objects.get(rule="").end == "settled"


def test_each_call_that_is_over_ends_by_itself(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = [duty.asked("PRESERVE") for _ in range(2)]
    calling.take_in()
    for request in requests:
        duty.did("dao", request, "open")
    end, ended = queries.end, list[int]()

    def killed_at_the_second(number: int, *how: Any) -> int:
        assert not ended
        ended.append(number)
        return end(number, *how)

    monkeypatch.setattr(queries, "end", killed_at_the_second)
    with pytest.raises(AssertionError):
        calling.settle()
    [over] = Call.objects.filter(end="settled")
    assert [over.pk] == ended


def test_what_can_wait_calls_nobody_unless_it_says_that_it_is_urgent(duty: Duty) -> None:
    duty.asked("STATUS", "house")
    duty.turn()
    assert not Call.objects.exists()
    duty.asked("MLA_STORED", urgency="urgent")
    duty.turn()
    assert [(call.type, call.rule) for call in Call.objects.all()] == [("MLA_STORED", "")]


def test_without_anybody_on_duty_the_whole_desk_is_told_at_once(
    duty: Duty, mails: Callable[..., MailServer], file: Any
) -> None:
    server = mails()
    file(**by_mail(server))
    duty.on("dao", wait=1)  # later
    for login in ("dao", "nok"):
        duty.reached(login, f"{login}@desk.example")
    duty.asked("PRESERVE")
    duty.turn()
    assert sorted(to(server)) == ["dao", "nok"]


def test_who_left_the_desk_is_not_called(
    duty: Duty, mails: Callable[..., MailServer], file: Any
) -> None:
    server = mails()
    file(**by_mail(server))
    duty.staffed()
    number = duty.desk["dao"].person
    assert number is not None
    with unit_of_work():
        members.set_roles(number, ["analyst"], None, duty.now)
    assert [shift.login for shift in face.on_now(duty.now)] == ["may"]
    duty.asked("PRESERVE")
    duty.turn()
    assert to(server) == ["may"]


def test_until_there_is_a_channel_calls_wait(
    duty: Duty, mails: Callable[..., MailServer], file: Any
) -> None:
    duty.staffed()
    duty.asked("PRESERVE")
    duty.turn()
    assert Notice.objects.count() == 0 and len(face.calls()) == 1
    server = mails()
    file(**by_mail(server))
    duty.turn(SECOND)
    assert to(server) == ["dao"]


# --- what rings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["requested", "requesting"])
def test_a_hold_that_would_lapse_reaches_people_two_days_before_on_either_side(
    duty: Duty, mails: Callable[..., MailServer], serve: Callable[..., Server], file: Any, side: str
) -> None:
    server, phone = mails(), serve(OK)
    file(**by_mail(server), **by_sms(phone))
    duty.on("dao", 31 * 24, wait=30 * 24)
    duty.reached("dao", "dao@desk.example", "+66 81 234 5678")
    if side == "requested":
        request = duty.held()
    else:
        request = duty.delivered_to("PRESERVE")
        duty.they(request, "open", "DELIVERED")
        duty.they(request, "take_up", "RECEIVED")
        duty.they(request, "accept", "UNDER_DECISION")
        duty.they(request, "hold", "REQUESTED", type="hold-step", until=DAY_60)
    until = duty.view(request).hold_until
    assert until is not None
    duty.turn()
    ended = [call.number for call in face.calls()]
    for call in ended:
        duty.acked(call)
    before = len(server.taken)
    duty.now = until - 14 * DAY
    duty.turn()
    assert len(server.taken) == before + 1 and phone.requests == []  # nobody is woken for that
    duty.reached("nok", "nok@desk.example")
    duty.turn(MINUTE * 60)
    assert len(server.taken) == before + 1  # … and nobody else told before a day has passed
    duty.turn(DAY)
    assert to(server)[-1] == "nok"
    duty.now = until - 2 * DAY
    duty.turn()
    letter = letters(server)[-1]
    assert (
        to(server)[-1] == "dao"
        and letter["Subject"].startswith("PRESERVE #")
        and "hold-60d ends" in letter["Subject"]
    )
    assert len(phone.requests) == 1 and b"hold-60d ends" in phone.requests[0]


def test_a_clock_that_rings_again_has_one_open_call(duty: Duty) -> None:
    duty.held()
    duty.now = DAY_60 - DAY
    duty.turn()  # after an outage: three alarms of the hold at once
    open_ = [call for call in face.calls() if call.rule == "hold-60d"]
    assert len(open_) == 1 and not open_[0].overdue
    duty.now = DAY_60 + 2 * SECOND
    duty.turn()
    [again] = [call for call in face.calls() if call.rule == "hold-60d"]
    assert again.number > open_[0].number and again.overdue
    assert Call.objects.get(pk=open_[0].number).end == "superseded"


def test_an_alarm_is_over_with_its_clock(duty: Duty) -> None:
    request = duty.asked("PRESERVE")
    duty.turn(50 * MINUTE)
    assert {call.rule for call in face.calls()} == {"", "ack-1h"}
    duty.did("dao", request, "open")
    calling.settle()
    assert face.calls() == []


# --- what a notice says, and to whom --------------------------------------------------------------


def test_no_channel_is_told_anything_of_what_a_request_is_about(
    duty: Duty, mails: Callable[..., MailServer], serve: Callable[..., Server], file: Any
) -> None:
    server, phone, pager = mails(), serve(OK), serve(OK)
    file(**by_mail(server), **by_sms(phone), **by_hook(pager))
    duty.on("dao")
    duty.reached("dao", "dao@desk.example", "+66812345678")
    duty.asked("PRESERVE", facts_summary="the account of Somchai")
    duty.turn()
    [letter] = letters(server)
    raw = server.taken[0].data + phone.requests[0] + pager.requests[0]
    assert b"Somchai" not in raw and b"hanoi" not in raw
    number = Call.objects.get().request_id
    assert letter["Subject"].startswith(f"PRESERVE #{number}: new, due ")
    assert "https://centre.example/console/duty/" in str(letter.get_payload())
    head, _, body = phone.requests[0].partition(b"\r\n\r\n")
    assert b"authorization: k" in head
    said = json.loads(body)
    assert said["to"] == "+66812345678" and said["ref"][0].startswith("duty-")
    assert said["message"]["body"].startswith(f"PRESERVE #{number}: new")
    head, _, body = pager.requests[0].partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    message = fields["webhook-id"]
    signed = standard.headers([b"x" * 32], message, duty.now // SECOND, body)
    assert signed.items() <= fields.items()
    assert json.loads(body)["type"] == "request.arrived"
    assert set(json.loads(body)["data"]) == {
        *("call", "request", "request_type", "clock", "due", "overdue", "escalates_to"),
        *("step", "url"),
    }


def test_a_gateway_may_take_a_form(duty: Duty, serve: Callable[..., Server], file: Any) -> None:
    phone = serve(OK)
    file(**by_sms(phone, form={"to": "{to}", "msg": "{text}"}))
    duty.reached("dao", phone="+66812345678")
    duty.asked("PRESERVE")
    duty.turn()
    assert b"to=%2B66812345678&msg=PRESERVE" in phone.requests[0]


def test_a_webhook_hears_of_every_step(
    duty: Duty, mails: Callable[..., MailServer], serve: Callable[..., Server], file: Any
) -> None:
    pager = serve(OK)
    file(**by_mail(mails()), **by_hook(pager))
    duty.staffed()
    duty.asked("PRESERVE")
    for _ in range(5):
        duty.turn(5 * MINUTE)
    told = [json.loads(each.partition(b"\r\n\r\n")[2]) for each in pager.requests]
    arrived = [each["data"]["step"] for each in told if each["type"] == "request.arrived"]
    assert arrived == [1, 2, 3]


# --- what goes wrong ------------------------------------------------------------------------------


def test_what_fails_for_now_is_tried_again_under_the_same_id(
    duty: Duty, mails: Callable[..., MailServer], serve: Callable[..., Server], file: Any
) -> None:
    server, phone = mails("451 later", "250 fine"), serve(FAILS, OK)
    file(**by_mail(server), **by_sms(phone))
    duty.on("dao")
    duty.reached("dao", "dao@desk.example", "+66812345678")
    duty.asked("PRESERVE")
    duty.turn()
    assert states() == [("waiting", 1)] and states("sms") == [("waiting", 1)]
    duty.turn(SECOND)
    assert server.taken == []
    [mail, sms] = face.faring(duty.now)
    assert (mail.channel, mail.waiting, sms.waiting) == ("mail", 1, 1)
    assert "451" in mail.outcome and "503" in sms.outcome and "dao" not in mail.outcome
    duty.turn(5 * SECOND)
    assert states() == [("delivered", 2)] and states("sms") == [("delivered", 2)]
    ids = {json.loads(each.partition(b"\r\n\r\n")[2])["ref"][0] for each in phone.requests}
    assert len(ids) == 1 and face.faring(duty.now) == []


def test_what_is_refused_is_given_up_and_the_next_step_is_told_all_the_same(
    duty: Duty, mails: Callable[..., MailServer], serve: Callable[..., Server], file: Any
) -> None:
    server, phone = mails("550 nobody", "250 fine"), serve(REFUSES)
    file(**by_mail(server), **by_sms(phone))
    duty.staffed()
    duty.reached("dao", "dao@desk.example", "+66812345678")
    duty.asked("PRESERVE")
    duty.turn()
    assert states() == [("failed", 1)] and states("sms") == [("failed", 1)]
    duty.turn(5 * MINUTE)
    assert to(server) == ["may"]
    found = [f for check in duty_checks.CHECKS for f in check()]
    assert {f.check for f in found if f.result == "warning"} >= {"notices by mail", "calls"}


def test_a_notice_that_keeps_failing_is_given_up_in_the_end(
    duty: Duty, mails: Callable[..., MailServer], file: Any
) -> None:
    server = mails("451 later")
    file(**by_mail(server))
    duty.reached("dao", "dao@desk.example")
    duty.asked("PRESERVE")
    for _ in range(12):
        duty.turn(60 * MINUTE)
    notice = Notice.objects.get(call__rule="")
    assert (notice.state, notice.attempts) == ("failed", 10)


def test_killed_between_taking_and_settling_a_notice_is_tried_again_once_it_is_free(
    duty: Duty, mails: Callable[..., MailServer], file: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = mails()
    file(**by_mail(server))
    duty.reached("dao", "dao@desk.example")
    duty.asked("PRESERVE")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(channels, "send", killed)
        duty.turn()
    duty.turn(MINUTE)
    assert server.taken == []  # whoever had it in hand may still be at it
    duty.turn(sending.HAND)
    assert states()[0] == ("delivered", 2)


def test_killed_before_a_call_was_stored_it_is_made_by_the_next_turn_and_only_once(
    duty: Duty, monkeypatch: pytest.MonkeyPatch
) -> None:
    duty.asked("PRESERVE")

    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(queries, "supersede", killed)
        calling.take_in()
    assert not Call.objects.exists() and queries.position("came") == 0
    calling.take_in()
    calling.take_in()
    assert Call.objects.count() == 1


def test_a_step_is_told_once_though_two_loops_look(
    duty: Duty, mails: Callable[..., MailServer], file: Any
) -> None:
    file(**by_mail(mails()))
    duty.staffed()
    duty.asked("PRESERVE")
    calling.take_in()
    [stale] = queries.due_calls(duty.now, 10)
    calling.escalate()
    assert queries.go_on(stale, 1, None) == 0
    assert Notice.objects.count() == 1


def test_what_waits_for_a_call_that_has_ended_is_never_sent(
    duty: Duty, mails: Callable[..., MailServer], file: Any
) -> None:
    server = mails()
    file(**by_mail(server))
    duty.reached("dao", "dao@desk.example")
    duty.asked("PRESERVE")
    calling.take_in()
    calling.escalate()
    duty.acked(face.calls()[0].number)
    duty.turn()
    assert server.taken == [] and states() == [("dropped", 0)]


def test_a_private_address_is_called_only_where_the_operator_lists_it(
    duty: Duty, mails: Callable[..., MailServer], serve: Callable[..., Server], file: Any
) -> None:
    server, phone = mails(), serve(OK)
    file(**by_mail(server), **by_sms(phone))
    with unit_of_work():
        policy.change("duty.private", "10.0.0.0/8", None, duty.now)
    duty.reached("dao", "dao@desk.example", "+66812345678")
    duty.asked("PRESERVE")
    duty.turn()
    assert server.asked == [] and phone.requests == []
    assert all("not called" in each.outcome for each in face.faring(duty.now))


@pytest.mark.parametrize(
    "said",
    [
        {"post": {}},
        {"mail": {"host": "m.example"}},
        {"mail": {"host": "m.example", "from": "a@b.example\r\nBcc: x@y"}},
        {"mail": {"host": "m.example", "from": "a@b.example", "security": "maybe"}},
        {"mail": {"host": "m.example", "from": "a@b.example", "user": "n", "password": "pässword"}},
        {"sms": {"url": "ftp://x", "json": {}}},
        {"sms": {"url": "https://x.example", "json": {}, "headers": {"x-key": "k\r\nHost: y"}}},
        {"sms": {"url": "https://x.example"}},
        {"sms": {"url": "https://x.example", "json": {}, "form": {}}},
        {"webhook": {"url": "https://x.example", "secret": "whsec_§"}},
    ],
)
def test_a_file_of_channels_that_cannot_be_right_is_refused(
    database: None, file: Any, said: dict[str, Any]
) -> None:
    file(**said)
    with pytest.raises(Malformed) as caught:
        face.configured()
    assert caught.value.code == "notices_file"


def test_a_file_that_others_may_read_is_not_used(database: None, file: Any) -> None:
    file(webhook={"url": "https://x.example", "secret": SECRET}).chmod(0o644)
    with pytest.raises(Untrusted):
        face.configured()


# --- the roster -----------------------------------------------------------------------------------


def test_only_who_has_the_role_is_on_duty_and_only_who_may_plans(duty: Duty) -> None:
    span = (duty.now, duty.now + DAY)
    add, ann = face.add_shift, duty.desk["ann"]
    refused(NotPermitted, "no_duty_role", add, duty.operator, "ann", *span, duty.now)
    refused(NotFound, "person", add, duty.operator, "nobody", *span, duty.now)
    refused(NotPermitted, "role", add, ann, "dao", *span, duty.now)
    refused(Malformed, "span", add, duty.operator, "dao", span[1], span[0], duty.now)


def test_gaps_are_told_and_a_removed_shift_leaves_one(duty: Duty) -> None:
    week = (duty.now, duty.now + 7 * DAY)
    duty.on("dao", 24 * 4)
    duty.on("may", 24 * 5, wait=24 * 3)  # they overlap
    assert face.gaps(*week) == []
    number = duty.on("nok", 24, second=True)
    assert [(s.login, s.second) for s in face.on_now(duty.now)] == [("dao", False), ("nok", True)]
    may = next(s.number for s in face.shifts(*week) if s.login == "may")
    with unit_of_work():
        face.remove_shift(duty.operator, may, duty.now)
        face.remove_shift(duty.operator, number, duty.now)
    refused(NotFound, "shift", face.remove_shift, duty.operator, may, duty.now)
    assert face.gaps(*week) == [(duty.now + 4 * DAY, duty.now + 7 * DAY)]
    assert {f.check for f in duty_checks._duty_roster() if f.result == "warning"} == {"duty"}


def test_addresses_rest_sealed_and_go_with_the_role(duty: Duty) -> None:
    duty.reached("dao", "Dao@Desk.Example", "+66 81 234 5678")
    [row] = Contact.objects.all()
    assert "desk" not in row.reach.lower() and "812345678" not in row.reach
    assert sealed.opened(row.reach) == {"mail": "Dao@desk.example", "sms": "+66812345678"}
    assert all(b"desk" not in (act.log_record or b"") for act in Change.objects.all())
    for wrong in ("no address\r\nBcc: x@y", "ดาว@desk.example"):
        with pytest.raises(HueError), unit_of_work():
            face.set_contact(duty.operator, "dao", wrong, "", duty.now)
    assert Contact.objects.count() == 1 and purging.count(duty.now) == 0
    number = duty.desk["dao"].person
    assert number is not None
    with unit_of_work():
        members.set_active(number, False, None, duty.now)
    assert purging.count(duty.now) == 1
    with unit_of_work():
        assert purging.step(duty.now, 10) == 1
    assert not Contact.objects.exists()


def test_an_address_that_was_erased_is_not_written_to(
    duty: Duty, mails: Callable[..., MailServer], file: Any
) -> None:
    server = mails()
    file(**by_mail(server))
    duty.reached("dao", "dao@desk.example")
    duty.asked("PRESERVE")
    calling.take_in()
    calling.escalate()
    duty.reached("dao")
    duty.turn()
    assert server.taken == [] and states() == [("failed", 1)]


def test_a_test_says_of_each_channel_how_it_fared(
    duty: Duty, mails: Callable[..., MailServer], serve: Callable[..., Server], file: Any
) -> None:
    server = mails()
    file(**by_mail(server), **by_sms(serve(REFUSES)), **by_hook(serve(OK)))
    duty.reached("dao", "dao@desk.example", "+66812345678")
    found = {str(way): wrong for way, wrong in face.try_out(duty.operator, "dao", duty.now)}
    assert found["mail"] == "" and "400" in found["sms"] and found["webhook"] == ""
    assert letters(server)[0]["Subject"] == "Test of the notices of duty"


# --- handing over ---------------------------------------------------------------------------------


def test_a_note_lists_what_is_open_and_one_person_takes_it_over(duty: Duty) -> None:
    late = duty.asked("STATUS", "house")
    soon = duty.asked("PRESERVE")
    leave, take = face.leave_note, face.take_note
    refused(NotPermitted, "role", leave, duty.desk["lek"], "words", duty.now)
    refused(Malformed, "words", leave, duty.desk["dao"], "  ", duty.now)
    with unit_of_work():
        number = leave(duty.desk["dao"], "The bank calls back at nine.", duty.now)
    assert "bank" not in HandOver.objects.get().said
    refused(NotPermitted, "own_note", take, duty.desk["dao"], number, duty.now)
    refused(NotFound, "note", take, duty.desk["may"], 999, duty.now)
    with unit_of_work():
        take(duty.desk["may"], number, duty.now)
    refused(Conflict, "taken", take, duty.desk["nok"], number, duty.now)
    [note] = face.notes()
    assert (note.login, note.taken_by, note.words) == ("dao", "may", "The bank calls back at nine.")
    wanted = [duty.view(each).listed for each in (soon, late)]
    assert [(r.number, r.type, r.due) for r in note.open] == [
        (each.number, each.type, each.due) for each in wanted
    ]
    assert [act.kind for act in Change.objects.order_by("id")] == ["note", "note-taken"]


def test_what_is_long_over_is_purged_and_what_stands_is_not(
    duty: Duty, mails: Callable[..., MailServer], file: Any
) -> None:
    file(**by_mail(mails()))
    duty.staffed()
    duty.asked("PRESERVE")
    duty.turn()
    with unit_of_work():
        face.leave_note(duty.desk["dao"], "words", duty.now)
    duty.acked(face.calls()[0].number)
    duty.now += 399 * DAY
    assert purging.count(duty.now) == 0
    duty.now += DAY
    acted = Change.objects.count()
    assert acted == 7  # two shifts, three addresses, the note and the answer
    # The call, the note and what each act says: the shifts ended a month later.
    assert purging.count(duty.now) == 2 + acted
    with unit_of_work():
        while purging.step(duty.now, 10):
            continue
    assert not Call.objects.exists() and not Notice.objects.exists()
    assert HandOver.objects.get().said == "" and face.notes()[0].words == ""
    assert Shift.objects.count() == 2
    kept = Change.objects.filter(log_record=None, log_salt=None, log_index__isnull=False)
    assert kept.count() == acted and purging.count(duty.now) == 0
