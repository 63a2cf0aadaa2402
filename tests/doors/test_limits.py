"""Rate limits: buckets, whose address it is, and what a flood meets."""

from __future__ import annotations

import json
import threading
from ipaddress import ip_network
from typing import Any

import pytest
from django.test import Client

from hueandcry.apps.members import face as members
from hueandcry.apps.members.models import Access, Token
from hueandcry.core.calls import Call
from hueandcry.core.errors import TooMany
from hueandcry.core.types import Audience
from hueandcry.doors.desk import addresses, limits, noting, wire
from hueandcry.doors.desk.limits import SPAN, Buckets
from hueandcry.doors.health.app import health
from hueandcry.doors.lookup.app import lookup
from hueandcry.doors.peer.app import peer
from hueandcry.engine import clock
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node
from signals_scene import Scene
from signed_calls import AT, KEYID, signed
from wsgi_client import Response, call

pytestmark = pytest.mark.database


class Time:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Full buckets, the proxies that a node has by default, and no access log to write to."""
    monkeypatch.setattr(addresses, "proxies", lambda: LOCAL)
    monkeypatch.setattr(limits, "note_refusal", lambda *what: None)
    limits.forget()
    yield
    limits.forget()


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


LOCAL = (ip_network("127.0.0.1"), ip_network("::1"))


def grant(monkeypatch: pytest.MonkeyPatch, **granted: int) -> None:
    def rate(setting: policy.Setting) -> int:
        return granted.get(setting.name.removeprefix("limits."), int(str(setting.default)))

    monkeypatch.setattr(limits, "rate", rate)


def taken(buckets: Buckets, key: str, rate: int, times: int, cost: float = 1.0) -> int:
    return sum(buckets.take(key, cost, rate) == 0.0 for _ in range(times))


# --- buckets -------------------------------------------------------------------------------------


def test_a_full_bucket_gives_a_minutes_worth_at_once_and_then_refills_steadily(time: Time) -> None:
    buckets = Buckets(now=time)
    assert taken(buckets, "a", 60, 100) == 60
    time.at += 10.001
    assert taken(buckets, "a", 60, 100) == 10
    time.at += 3_600
    assert taken(buckets, "a", 60, 100) == 60


def test_a_refusal_takes_nothing_and_says_when_to_come_again(time: Time) -> None:
    buckets = Buckets(now=time)
    assert taken(buckets, "a", 60, 60) == 60
    waits = [buckets.take("a", 5.0, 60) for _ in range(10)]
    assert waits == [pytest.approx(5.0)] * 10
    time.at += waits[0] + 0.001
    assert buckets.take("a", 5.0, 60) == 0.0


def test_keys_do_not_share_a_bucket(time: Time) -> None:
    buckets = Buckets(now=time)
    assert taken(buckets, "a", 5, 10) == 5
    assert taken(buckets, "b", 5, 10) == 5


def test_what_costs_more_than_a_bucket_is_given_once_and_paid_for_afterwards(time: Time) -> None:
    buckets = Buckets(now=time)
    assert buckets.take("a", 180.0, 60) == 0.0
    wait = buckets.take("a", 1.0, 60)
    assert wait == pytest.approx(180 - SPAN + 1)
    time.at += wait + 0.001
    assert buckets.take("a", 1.0, 60) == 0.0


def test_what_is_too_dear_waits_only_for_a_full_bucket(time: Time) -> None:
    buckets = Buckets(now=time)
    buckets.take("a", 1.0, 60)
    wait = buckets.take("a", 10_000.0, 60)
    assert wait == pytest.approx(1.0)
    time.at += 1.001
    assert buckets.take("a", 10_000.0, 60) == 0.0


def test_without_a_rate_there_is_no_limit_and_nothing_is_remembered(time: Time) -> None:
    buckets = Buckets(now=time)
    assert taken(buckets, "a", 0, 1_000) == 1_000
    assert len(buckets) == 0


def test_looking_takes_nothing(time: Time) -> None:
    buckets = Buckets(now=time)
    assert [buckets.look("a", 1.0, 5) for _ in range(10)] == [0.0] * 10
    assert taken(buckets, "a", 5, 10) == 5
    assert buckets.look("a", 1.0, 5) == pytest.approx(buckets.take("a", 1.0, 5))


def test_memory_is_bounded_and_the_longest_idle_goes_first(time: Time) -> None:
    buckets = Buckets(room=3, now=time)
    for key in ("a", "b", "c", "a", "d"):
        buckets.take(key, 5.0, 5)
    assert len(buckets) == 3
    waits = {key: buckets.look(key, 1.0, 5) for key in "abcd"}
    assert [key for key, wait in waits.items() if wait] == ["a", "c", "d"]


def test_a_hundred_thousand_addresses_take_no_more_room_than_is_given(time: Time) -> None:
    buckets = Buckets(room=1_000, now=time)
    for n in range(100_000):
        buckets.take(n, 1.0, 60)
    assert len(buckets) == 1_000


def test_threads_together_get_no_more_than_one_would(time: Time) -> None:
    buckets, got, barrier = Buckets(now=time), list[int](), threading.Barrier(8)

    def run() -> None:
        barrier.wait()
        got.append(taken(buckets, "a", 4_000, 1_000))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(got) == 4_000


# --- whose address it is -------------------------------------------------------------------------


def of(direct: str, forwarded: str | None = None) -> str:
    environ = {"REMOTE_ADDR": direct}
    if forwarded is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded
    return addresses.site(environ)


def test_ipv6_counts_by_64_and_ipv4_by_address() -> None:
    assert of("2001:db8:1:2:aaaa::1") == of("2001:db8:1:2:bbbb::9") == "2001:db8:1:2::/64"
    assert of("2001:db8:1:3::1") != of("2001:db8:1:2::1")
    assert of("192.0.2.1") != of("192.0.2.2")
    assert of("::ffff:192.0.2.1") == of("192.0.2.1")
    assert of("fe80::1%eth0") == "fe80::/64"
    assert of("") == of("made up") == "unknown"


def test_what_a_stranger_says_about_its_address_counts_for_nothing() -> None:
    assert of("198.51.100.9", "192.0.2.1") == "198.51.100.9"
    assert of("198.51.100.9", "127.0.0.1") == "198.51.100.9"


def test_a_proxy_of_the_policy_is_believed_about_the_one_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nets = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    monkeypatch.setattr(addresses, "proxies", lambda: nets)
    assert of("10.0.0.1", "192.0.2.1") == "192.0.2.1"
    assert of("::ffff:10.0.0.1", "192.0.2.1") == "192.0.2.1"
    assert of("fd00::1", "2001:db8::5") == "2001:db8::/64"
    assert of("127.0.0.1", "192.0.2.1") == "127.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "found"),
    [
        ("192.0.2.66, 192.0.2.1", "192.0.2.1"),
        ("192.0.2.1, 127.0.0.1", "192.0.2.1"),
        ("192.0.2.66, nonsense", "127.0.0.1"),
        ("nonsense, 192.0.2.1", "192.0.2.1"),
        ("192.0.2.1,", "127.0.0.1"),
        (", ,", "127.0.0.1"),
        ("", "127.0.0.1"),
        ("192.0.2.1:443", "127.0.0.1"),
        ("127.0.0.1, 127.0.0.1", "127.0.0.1"),
    ],
)
def test_the_rightmost_address_that_is_no_proxy_counts(forwarded: str, found: str) -> None:
    assert of("127.0.0.1", forwarded) == found


# --- what doors ask ------------------------------------------------------------------------------


def until_refused(ask: Any, at_most: int = 200) -> TooMany:
    for _ in range(at_most):
        try:
            ask()
        except TooMany as error:
            return error
    raise AssertionError("never refused")


def test_each_limit_refuses_with_a_code_of_its_own_and_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grant(monkeypatch, client=5, address=5, refused=5, member=5)
    here = {"REMOTE_ADDR": "192.0.2.1"}
    asks = {
        "rate_client": lambda: limits.client(here, 7),
        "rate_member": lambda: limits.member(here, 7),
        "rate_address": lambda: limits.address(here),
        "rate_refused": lambda: limits.refused(here),
    }
    for code, ask in asks.items():
        error = until_refused(ask)
        assert (error.code, error.after >= 1) == (code, True)
        assert f"{error.after} seconds" in error.do
    assert limits.counts() == {"client": 1, "member": 1, "address": 1, "refused": 1}


def test_refusals_of_one_claimed_identity_leave_others_at_the_address_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grant(monkeypatch, refused=5)
    here = {"REMOTE_ADDR": "192.0.2.1"}
    until_refused(lambda: limits.refused(here, "mallory"))
    limits.may_try(here, "alice")
    with pytest.raises(TooMany):
        limits.may_try(here, "mallory")


def test_trying_costs_nothing_until_something_was_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    grant(monkeypatch, refused=2)
    here = {"REMOTE_ADDR": "192.0.2.1"}
    for _ in range(100):
        limits.may_try(here)
    limits.refused(here)
    limits.refused(here)
    with pytest.raises(TooMany):
        limits.may_try(here)


def test_many_values_cost_more_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    grant(monkeypatch, bulk=5)
    assert limits.bulk_cost(10_000) == 2_001
    assert limits.bulk_cost(0) == 1


def test_the_answer_says_429_and_when_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    grant(monkeypatch, client=1)

    def step() -> wire.Answer:
        limits.client({}, 1)
        return wire.json({})

    assert wire.guarded(step).status == 200
    answer = wire.guarded(step)
    assert answer.status == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert b'"code":"rate_client"' in answer.body


# --- doors ---------------------------------------------------------------------------------------


def test_the_public_site_answers_a_flood_with_a_page_and_serves_its_neighbour(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant(monkeypatch, address=3)
    client = Client(REMOTE_ADDR="192.0.2.1")
    statuses = [client.get("/").status_code for _ in range(4)]
    assert statuses == [503, 503, 503, 429]  # 503: no node is founded here
    refused = client.get("/", headers={"accept-language": "vi"})
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["Cache-Control"] == "no-store"
    assert "Quá nhiều yêu cầu" in refused.content.decode()
    assert client.get("/", REMOTE_ADDR="192.0.2.2").status_code == 503
    assert client.get("/static/0/nothing.css").status_code == 404


def test_a_flood_of_bad_signatures_is_refused_unread_and_another_member_at_that_address_is_not(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = Node(monkeypatch)
    grant(monkeypatch, refused=3)
    mallory, alice = "ab" * 32 + "/" + "cd" * 8, "12" * 32 + "/" + "34" * 8

    def posted(keyid: str, body: bytes = b"x") -> Response:
        fields = signed(Call("POST", "centre.example", "/peer/v1/documents", "?", body, "a/b"))
        fields = {name: value.replace(KEYID, keyid) for name, value in fields.items()}
        environ = {"REMOTE_ADDR": "192.0.2.1", "CONTENT_TYPE": "a/b"}
        return call(peer, "POST", "/peer/v1/documents", body=body, headers=fields, **environ)

    node.now = AT
    statuses = [posted(mallory).status for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    unread = call(
        peer,
        "POST",
        "/peer/v1/documents",
        headers={"Signature-Input": f'sig=();keyid="{mallory}"'},
        CONTENT_LENGTH="1000000",
        REMOTE_ADDR="192.0.2.1",
    )
    assert (unread.status, unread.json()["code"]) == (429, "rate_refused")
    assert int(unread.headers["Retry-After"]) >= 1
    limits.may_try({"REMOTE_ADDR": "192.0.2.1"}, alice)


def test_the_tiles_of_the_log_are_served_at_a_bounded_rate(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant(monkeypatch, address=2)
    asked = [call(peer, "GET", "/log/1/checkpoint", REMOTE_ADDR="192.0.2.1") for _ in range(3)]
    assert [answer.status for answer in asked][2] == 429
    assert 429 not in [answer.status for answer in asked][:2]


def test_a_token_that_is_used_too_often_waits_and_another_one_does_not(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant(monkeypatch, client=3)
    first, second = token(), token()
    assert [asked(first).status for _ in range(5)] == [200, 200, 200, 429, 429]
    refused = asked(first)
    assert refused.json()["code"] == "rate_client"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert asked(second).status == 200


def test_look_ups_in_bulk_cost_by_their_values(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant(monkeypatch, client=10, bulk=5)
    shown = token()
    body = json.dumps({"values": ["a.example"] * 25}).encode()
    fields = {"Authorization": f"Bearer {shown}"}
    statuses = [
        call(lookup, "POST", "/v1/lookup", body=body, headers=fields).status for _ in range(3)
    ]
    assert statuses == [200, 429, 429]
    assert asked(shown).status == 200


def test_who_guesses_tokens_is_refused_and_a_client_behind_the_same_address_is_served(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant(monkeypatch, refused=4)
    held = token()
    guesses = [asked(f"guess-{n}") for n in range(8)]
    assert [answer.status for answer in guesses] == [401] * 4 + [429] * 4
    assert guesses[-1].json()["code"] == "rate_refused"
    assert asked(held).status == 200
    assert asked("guess", REMOTE_ADDR="198.51.100.7").status == 401


def test_calls_without_a_token_count_by_address(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant(monkeypatch, address=2)
    assert [asked(None).status for _ in range(3)] == [401, 401, 429]


def test_a_flood_leaves_one_line_in_the_access_log_and_is_counted_whole(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "note_refusal", noting.note_refusal)
    grant(monkeypatch, client=2)
    shown = token()
    for _ in range(50):
        asked(shown)
    (line,) = Access.objects.filter(action="rate_client")
    assert (line.outcome, line.address, line.token_id) == (
        "refused",
        "192.0.2.1",
        Token.objects.get().pk,
    )
    assert limits.counts() == {"client": 48}


def test_the_rates_are_settings_that_count_within_a_second(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = token()
    with unit_of_work():
        policy.change("limits.client", "2", None, 0)
    assert [asked(shown).status for _ in range(3)] == [200, 200, 429]
    with unit_of_work():
        policy.change("limits.client", "0", None, 0)
    assert asked(shown).status == 200


def test_the_proxies_are_a_setting_and_what_is_no_network_believes_nobody(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    assert of("127.0.0.1", "192.0.2.1") == "192.0.2.1"
    with unit_of_work():
        policy.change("limits.proxies", "nonsense, 10.0.0.0/8", None, 0)
    assert of("127.0.0.1", "192.0.2.1") == "127.0.0.1"
    assert of("10.9.9.9", "192.0.2.1") == "192.0.2.1"


def token() -> str:
    with unit_of_work():
        return members.new_token(Audience.OWN, "test", clock.now()).text


def asked(shown: str | None, **environ: Any) -> Response:
    fields = {} if shown is None else {"Authorization": f"Bearer {shown}"}
    environ = {"REMOTE_ADDR": "192.0.2.1", **environ}
    return call(lookup, "GET", "/v1/lookup?value=a.example", headers=fields, **environ)


def test_refusals_are_shown_by_limit_in_the_metrics(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant(monkeypatch, client=1)
    shown = token()
    for _ in range(4):
        asked(shown)
    with unit_of_work():
        keeper = members.new_token(
            Audience.OWN, "metrics", clock.now(), scopes=["metrics:read"]
        ).text
    fields = {"Authorization": f"Bearer {keeper}"}
    answer = call(health, "GET", "/metrics", headers=fields, REMOTE_ADDR="127.0.0.1")
    assert b'hueandcry_rate_refusals_total{limit="client"} 3.0' in answer.body
