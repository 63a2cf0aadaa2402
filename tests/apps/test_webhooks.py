"""Webhooks: what is told to whom, how it is signed, and what becomes of receivers that fail."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import face as signals
from hueandcry.apps.webhooks import face, queries, receivers, rules, sending
from hueandcry.apps.webhooks.models import Change, Delivery, Subscription
from hueandcry.core import webhooks as standard
from hueandcry.core.errors import Conflict, HueError, Malformed, NotFound
from hueandcry.core.normal import normalise
from hueandcry.core.sharing import label_of
from hueandcry.core.types import DAY, SECOND, Actor, Audience, Kind, Tlp, Verdict
from hueandcry.doors.cli import checkup
from hueandcry.engine.jobs.fanout import Fanout
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work
from loopback import Server, names, serve
from node_scene import Node, claim
from other_member import OtherMember

__all__ = ["names", "serve"]
pytestmark = pytest.mark.database

NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
GONE = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
FAILS = b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"


class Hooks:
    """A node that may call loopback, and short words for what tests do."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.node = Node(monkeypatch)
        self.actor = Actor(self.node.fingerprint)
        self.listed("127.0.0.1")
        monkeypatch.setattr(sending, "random", lambda: 1.0)

    def listed(self, *items: str) -> None:
        with unit_of_work():
            policy.change("webhooks.private", ",".join(items), None, self.node.now)

    def add(self, url: str, **more: Any) -> tuple[int, str]:
        audience = more.pop("audience", Audience.OWN)
        events = more.pop("events", face.EVENTS)
        actor = more.pop("actor", self.actor)
        with unit_of_work():
            made, secret = face.add(actor, url, events, audience, self.node.now, **more)
        return made.number, secret

    def told(self) -> None:
        """Makes notices of all that changed."""
        while sending.feed_some():
            continue

    def sent(self, number: int) -> None:
        while sending.send_next(number):
            continue

    def run(self, number: int) -> None:
        self.told()
        self.sent(number)

    def deliveries(self, number: int) -> list[face.DeliveryView]:
        return list(reversed(face.deliveries(number)))

    def overrode(self, value: str, verdict: Verdict) -> None:
        with unit_of_work():
            signals.set_override(
                self.actor, normalise(Kind.DOMAIN, value), verdict, "ours", self.node.now
            )


@pytest.fixture
def hooks(database: None, monkeypatch: pytest.MonkeyPatch) -> Hooks:
    return Hooks(monkeypatch)


def bodies(server: Server) -> list[dict[str, Any]]:
    return [json.loads(request.partition(b"\r\n\r\n")[2]) for request in server.requests]


def fields(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


# --- what is told --------------------------------------------------------------------------------


def test_a_change_of_verdict_is_told_once_signed_as_standard_webhooks_say(
    hooks: Hooks, serve: Callable[..., Server]
) -> None:
    server = serve(NO_CONTENT)
    number, secret = hooks.add(server.url("/hook?x=1"))
    hooks.node.raised("evil.example")
    hooks.run(number)
    (body,) = bodies(server)
    assert (body["type"], body["data"]["verdict"]) == ("signal.verdict_changed", "scam")
    assert body["data"]["before"] == "unknown"
    assert body["data"]["signal"]["value"] == "evil.example"
    assert body["data"]["url"].startswith("https://centre.example/api/v1/claims/")
    sent = fields(server.requests[0])
    raw = server.requests[0].partition(b"\r\n\r\n")[2]
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{sent['webhook-id']}.{sent['webhook-timestamp']}.".encode() + raw
    mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert sent["webhook-signature"] == f"v1,{mac}"
    assert server.requests[0].startswith(b"POST /hook?x=1 HTTP/1.1\r\n")
    (delivery,) = hooks.deliveries(number)
    assert (delivery.state, delivery.status, delivery.message) == (
        "delivered",
        204,
        sent["webhook-id"],
    )
    hooks.run(number)
    assert len(server.requests) == 1


def test_the_example_of_the_standard_comes_out_as_it_says() -> None:
    secret = standard.secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    found = standard.headers(
        [secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    with pytest.raises(Malformed):
        standard.secret_bytes("whsec_§")


def test_a_verdict_that_stays_is_not_told_again_and_its_end_is(
    hooks: Hooks, serve: Callable[..., Server]
) -> None:
    server = serve(NO_CONTENT)
    number, _ = hooks.add(server.url(), events=("signal.verdict_changed",))
    hooks.node.raised("evil.example")
    hooks.run(number)
    hooks.node.now += SECOND
    hooks.node.raised("evil.example", tlp=Tlp.CLEAR)  # revised: the same verdict
    hooks.run(number)
    hooks.overrode("evil.example", Verdict.BENIGN)
    hooks.run(number)
    hooks.node.now += SECOND
    told = [(b["data"]["before"], b["data"]["verdict"]) for b in bodies(server)]
    assert told == [("unknown", "scam"), ("scam", "benign")]


def test_two_receivers_are_each_told_what_they_want_of_what_they_may_see(
    hooks: Hooks, serve: Callable[..., Server]
) -> None:
    own, green = serve(NO_CONTENT), serve(NO_CONTENT)
    first, _ = hooks.add(own.url(), kinds=[Kind.DOMAIN])
    second, _ = hooks.add(green.url(), audience=Audience.GREEN)
    hooks.node.raised("red.example", tlp=Tlp.RED)
    hooks.node.raised("green.example")
    hooks.node.raised("https://green.example/x", kind=Kind.URL)
    for number in (first, second):
        hooks.run(number)
    assert [b["data"]["signal"]["value"] for b in bodies(own)] == ["red.example", "green.example"]
    assert b"red.example" not in b"".join(green.requests)
    assert len(green.requests) == 2


def test_other_members_claims_are_told_and_our_own_are_not(
    hooks: Hooks, serve: Callable[..., Server]
) -> None:
    server = serve(NO_CONTENT)
    number, _ = hooks.add(server.url(), events=("claim.received", "claim.retracted"))
    other = OtherMember("Bank")
    hooks.node.added(other)
    theirs = claim(other, "evil.example")
    with unit_of_work():
        item = signals.ReceivedClaim(theirs, signals.label_number(label_of(theirs)), 1, 0)
        signals.receive([item], hooks.node.now)
    hooks.node.raised("ours.example")
    hooks.run(number)
    hooks.node.now += SECOND
    hooks.node.retracted("ours.example")
    hooks.run(number)
    shown = [(b["type"], b["data"]["claimant"]["fingerprint"]) for b in bodies(server)]
    assert shown == [
        ("claim.received", other.fingerprint),
        ("claim.retracted", hooks.node.fingerprint),
    ]


def test_a_value_that_names_a_person_is_left_out(
    hooks: Hooks, serve: Callable[..., Server]
) -> None:
    server = serve(NO_CONTENT)
    number, _ = hooks.add(server.url())
    hooks.node.raised("+84901234567", kind=Kind.PHONE)
    hooks.run(number)
    (body,) = bodies(server)
    assert (body["data"]["kind"], body["data"]["signal"]) == ("phone", None)
    assert b"901234567" not in server.requests[0]


def test_what_came_with_a_list_is_not_told_one_by_one(
    hooks: Hooks, serve: Callable[..., Server]
) -> None:
    server = serve(NO_CONTENT)
    number, _ = hooks.add(server.url())
    rows = [signals.Row(n, f"n{n}.example") for n in range(50)]
    list(signals.ingest(hooks.actor, rows, signals.Listing(kind=Kind.DOMAIN, source="feed")))
    hooks.run(number)
    assert server.requests == []
    hooks.node.raised("n7.example")
    hooks.run(number)
    assert len(server.requests) == 1


def test_what_changed_before_a_subscription_is_not_told(
    hooks: Hooks, serve: Callable[..., Server]
) -> None:
    server = serve(NO_CONTENT)
    hooks.node.raised("before.example")
    number, _ = hooks.add(server.url())
    hooks.node.raised("after.example")
    hooks.run(number)
    assert [b["data"]["signal"]["value"] for b in bodies(server)] == ["after.example"]


def test_a_thousand_changes_are_told_in_steps_and_none_twice(hooks: Hooks) -> None:
    hooks.add("https://receiver.example/")
    hooks.node.raised(*(f"n{n}.example" for n in range(450)))
    hooks.told()
    hooks.told()
    assert Delivery.objects.count() == Delivery.objects.values("message").distinct().count() == 450


# --- receivers that fail -------------------------------------------------------------------------


def test_a_failed_notice_is_tried_again_later_and_later_under_the_same_id(
    hooks: Hooks, serve: Callable[..., Server]
) -> None:
    server = serve(FAILS, FAILS, NO_CONTENT)
    number, _ = hooks.add(server.url())
    hooks.node.raised("evil.example")
    hooks.run(number)
    (delivery,) = hooks.deliveries(number)
    assert (delivery.state, delivery.attempts, delivery.status) == ("waiting", 1, 500)
    hooks.sent(number)
    assert len(server.requests) == 1  # not before it is due
    hooks.node.now += 5 * SECOND
    hooks.sent(number)
    hooks.node.now += 9 * SECOND
    hooks.sent(number)
    assert len(server.requests) == 2  # the second wait is twice as long
    hooks.node.now += 1 * SECOND
    hooks.sent(number)
    assert len({fields(each)["webhook-id"] for each in server.requests}) == 1
    (delivery,) = hooks.deliveries(number)
    assert (delivery.state, delivery.attempts) == ("delivered", 3)
    assert face.one(number).failures == 0


def test_waits_double_up_to_an_hour_and_are_spread() -> None:
    assert [standard.wait(n, 1.0) // SECOND for n in (1, 2, 3, 4)] == [5, 10, 20, 40]
    assert standard.wait(50, 1.0) == 3600 * SECOND
    assert standard.wait(3, 0.0) == 10 * SECOND


def test_a_receiver_that_keeps_failing_is_paused_with_a_notice_and_goes_on_from_there(
    hooks: Hooks, serve: Callable[..., Server]
) -> None:
    server = serve(FAILS)
    number, _ = hooks.add(server.url(), events=("signal.verdict_changed",))
    hooks.node.raised("one.example", "two.example", "three.example")
    hooks.told()
    for _ in range(40):
        hooks.sent(number)
        hooks.node.now += 3_600 * SECOND
    paused = face.one(number)
    assert (paused.state, paused.failures) == ("paused", rules.PAUSED_AFTER)
    assert "answered 500" in paused.notice
    assert len(server.requests) == rules.PAUSED_AFTER
    states = [each.state for each in hooks.deliveries(number)]
    assert states == ["failed", "failed", "waiting"]
    hooks.node.raised("meanwhile.example")
    hooks.told()
    assert len(hooks.deliveries(number)) == 3
    server.answers[:] = [NO_CONTENT]
    with unit_of_work():
        face.change(hooks.actor, number, hooks.node.now, state="active")
    hooks.run(number)
    told = [b["data"]["signal"]["value"] for b in bodies(server)[rules.PAUSED_AFTER :]]
    assert told == ["three.example", "meanwhile.example"]


def test_a_receiver_that_is_gone_is_paused_at_once(
    hooks: Hooks, serve: Callable[..., Server]
) -> None:
    server = serve(GONE)
    number, _ = hooks.add(server.url())
    hooks.node.raised("evil.example")
    hooks.run(number)
    assert face.one(number).state == "paused"


def test_doctor_says_which_receivers_fail_and_which_are_paused(
    hooks: Hooks, serve: Callable[..., Server]
) -> None:
    well, failing, gone = serve(NO_CONTENT), serve(FAILS), serve(GONE)
    for server in (well, failing, gone):
        hooks.add(server.url())
    hooks.node.raised("evil.example")
    hooks.told()
    for each in face.every():
        hooks.sent(each.number)
    said = [(f.result, f.what) for f in checkup._webhooks()]
    assert [result for result, _ in said] == ["warning", "warning"]
    assert said[0][1] == "1 tries in a row failed, 1 notices wait"
    assert said[1][1].startswith("Paused: The receiver answered 410")


def test_a_receiver_may_ask_for_a_longer_wait(hooks: Hooks, serve: Callable[..., Server]) -> None:
    busy = b"HTTP/1.1 429 Slow\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n"
    server = serve(busy, NO_CONTENT)
    number, _ = hooks.add(server.url())
    hooks.node.raised("evil.example")
    hooks.run(number)
    hooks.node.now += 599 * SECOND
    hooks.sent(number)
    assert len(server.requests) == 1
    hooks.node.now += SECOND
    hooks.sent(number)
    assert len(server.requests) == 2


def test_a_slow_receiver_delays_nobody_else(hooks: Hooks, serve: Callable[..., Server]) -> None:
    let_go = threading.Event()

    def slow(connection: socket.socket) -> None:
        let_go.wait(30)
        connection.sendall(NO_CONTENT)

    stuck, quick = serve(slow), serve(NO_CONTENT)
    first, _ = hooks.add(stuck.url())
    second, _ = hooks.add(quick.url())
    hooks.node.raised("evil.example")
    hooks.told()
    senders = Fanout("test", sending.send_next, width=2)
    senders.turn(queries.due(hooks.node.now))
    try:
        until(lambda: stuck.requests and quick.requests)
        until(lambda: face.deliveries(second)[0].state == "delivered")
        assert face.deliveries(first)[0].state == "waiting"
    finally:
        let_go.set()
    until(lambda: face.deliveries(first)[0].state == "delivered")


def until(true: Callable[[], Any], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def test_a_notice_that_somebody_has_in_hand_is_not_sent_by_another(
    hooks: Hooks, serve: Callable[..., Server]
) -> None:
    server = serve(NO_CONTENT)
    number, _ = hooks.add(server.url())
    hooks.node.raised("evil.example")
    hooks.told()
    row = queries.next_due(number, hooks.node.now)
    assert row is not None
    assert queries.take(row, hooks.node.now, hooks.node.now + sending.HAND) == 1
    assert queries.take(row, hooks.node.now, hooks.node.now + sending.HAND) == 0
    hooks.sent(number)
    assert server.requests == []
    hooks.node.now += sending.HAND  # whoever had it was killed
    hooks.sent(number)
    assert len(server.requests) == 1


# --- where notices may go ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://receiver.example/", "not_https"),
        ("https://127.0.0.2/", "private_address"),
        ("https://[::1]/", "private_address"),
        ("https://169.254.169.254/latest/", "private_address"),
        ("https://10.0.0.1/", "private_address"),
        ("ftp://receiver.example/", "url"),
        ("https://user@receiver.example/", "url"),
        ("https://receiver.example/\r\nX: y", "url"),
        ("receiver.example", "url"),
    ],
)
def test_an_address_that_is_never_called_is_refused_at_once(
    hooks: Hooks, url: str, code: str
) -> None:
    with pytest.raises(HueError) as caught:
        hooks.add(url)
    assert caught.value.code == code
    assert face.every() == []


def test_a_name_that_leads_into_a_private_range_is_not_called(
    hooks: Hooks, serve: Callable[..., Server], names: dict[str, list[str]]
) -> None:
    server = serve(NO_CONTENT)
    names["receiver.test"] = ["127.0.0.1"]
    hooks.listed("10.0.0.0/8")
    number, _ = hooks.add(f"https://receiver.test:{server.port}/")
    hooks.node.raised("evil.example")
    hooks.run(number)
    (delivery,) = hooks.deliveries(number)
    assert (delivery.state, delivery.status) == ("waiting", None)
    assert "127.0.0.1, not called" in delivery.outcome
    assert server.connections == 0


def test_a_redirect_into_a_private_range_is_not_followed(
    hooks: Hooks, serve: Callable[..., Server]
) -> None:
    secret = serve(NO_CONTENT)
    location = secret.url("/inside")
    server = serve(f"HTTP/1.1 307 Go\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())
    number, _ = hooks.add(server.url())
    hooks.node.raised("evil.example")
    hooks.run(number)
    assert (len(server.requests), secret.connections) == (1, 0)
    (delivery,) = hooks.deliveries(number)
    assert (delivery.state, delivery.status) == ("waiting", 307)


def test_the_operators_list_names_hosts_and_networks(hooks: Hooks) -> None:
    hooks.listed("siem.internal", "10.1.0.0/16", "fd00::/8")
    assert receivers.allowed("siem.internal", "192.168.1.1")
    assert receivers.allowed("other.internal", "10.1.2.3")
    assert not receivers.allowed("other.internal", "10.2.0.1")
    assert receivers.allowed("x", "fd12::1")
    assert not receivers.allowed("SIEM.example", "nonsense")


# --- the life of a subscription ------------------------------------------------------------------


def test_a_removed_webhook_is_sent_nothing_and_its_secret_is_gone(
    hooks: Hooks, serve: Callable[..., Server]
) -> None:
    server = serve(NO_CONTENT)
    number, _ = hooks.add(server.url())
    hooks.node.raised("evil.example")
    hooks.told()
    with unit_of_work():
        face.remove(hooks.actor, number, hooks.node.now)
    hooks.sent(number)
    assert server.requests == []
    assert face.every() == []
    assert Subscription.objects.get().secret == ""
    assert [change.kind for change in Change.objects.order_by("id")] == ["add", "remove"]
    with pytest.raises(NotFound):
        face.one(number)


def test_a_webhook_ends_with_its_token(hooks: Hooks, serve: Callable[..., Server]) -> None:
    server = serve(NO_CONTENT)
    with unit_of_work():
        token = members.new_token(Audience.OWN, "t", hooks.node.now, scopes=["webhooks:write"])
    actor = Actor(hooks.node.fingerprint, token=token.number)
    number, _ = hooks.add(server.url(), actor=actor)
    hooks.node.raised("one.example")
    hooks.told()
    with unit_of_work():
        members.revoke_token(token.number, hooks.node.now)
    hooks.sent(number)  # what waits is not sent either
    assert server.requests == []
    found = face.one(number)
    assert (found.state, "revoked" in found.notice) == ("paused", True)


def test_a_token_has_its_own_webhooks_and_at_most_twenty(hooks: Hooks) -> None:
    with unit_of_work():
        tokens = [members.new_token(Audience.OWN, "", hooks.node.now).number for _ in "ab"]
    mine, other = (Actor(hooks.node.fingerprint, token=number) for number in tokens)
    for n in range(20):
        hooks.add(f"https://receiver.example/{n}", actor=mine)
    with pytest.raises(Conflict):
        hooks.add("https://receiver.example/more", actor=mine)
    number = face.every(tokens[0])[0].number
    assert face.every(tokens[1]) == []
    for act in (
        lambda: face.one(number, tokens[1]),
        lambda: face.deliveries(number, tokens[1]),
        lambda: face.remove(other, number, hooks.node.now),
        lambda: face.change(other, number, hooks.node.now, note="x"),
        lambda: face.renew_secret(other, number, hooks.node.now),
        lambda: face.test(other, number, hooks.node.now),
    ):
        with pytest.raises(NotFound):
            act()


def test_for_a_day_both_secrets_sign(hooks: Hooks, serve: Callable[..., Server]) -> None:
    server = serve(NO_CONTENT)
    number, first = hooks.add(server.url())
    with unit_of_work():
        _, second = face.renew_secret(hooks.actor, number, hooks.node.now)
        face.test(hooks.actor, number, hooks.node.now)
    hooks.sent(number)
    assert len(fields(server.requests[0])["webhook-signature"].split()) == 2
    hooks.node.now += DAY
    with unit_of_work():
        face.test(hooks.actor, number, hooks.node.now)
    hooks.sent(number)
    (signature,) = fields(server.requests[1])["webhook-signature"].split()
    raw = server.requests[1].partition(b"\r\n\r\n")[2]
    sent = fields(server.requests[1])
    expected = standard.headers(
        [standard.secret_bytes(second)], sent["webhook-id"], int(sent["webhook-timestamp"]), raw
    )
    assert signature == expected["webhook-signature"]
    assert first != second


def test_an_event_may_be_sent_again_under_its_id(
    hooks: Hooks, serve: Callable[..., Server]
) -> None:
    server = serve(NO_CONTENT)
    number, _ = hooks.add(server.url())
    hooks.node.raised("evil.example")
    hooks.run(number)
    (done,) = hooks.deliveries(number)
    with unit_of_work():
        face.redeliver(hooks.actor, number, done.number, hooks.node.now)
    with pytest.raises(Conflict), unit_of_work():
        face.redeliver(hooks.actor, number, done.number, hooks.node.now)
    hooks.sent(number)
    ids = [fields(each)["webhook-id"] for each in server.requests]
    assert ids == [done.message] * 2


def test_what_was_sent_is_purged_after_its_days(hooks: Hooks, serve: Callable[..., Server]) -> None:
    number, _ = hooks.add(serve(NO_CONTENT).url())
    hooks.node.raised("evil.example")
    hooks.run(number)
    assert queries.purge(hooks.node.now + 6 * DAY, 10) == 0
    assert queries.purge(hooks.node.now + 7 * DAY, 10) == 1
    assert hooks.deliveries(number) == []


def test_a_loop_that_has_nothing_to_do_writes_nothing(hooks: Hooks) -> None:
    hooks.add("https://receiver.example/")
    hooks.told()
    before = Subscription.objects.get().position
    hooks.told()
    assert Subscription.objects.get().position == before
