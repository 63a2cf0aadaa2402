"""The Python client against a real node: what a bank's script would do."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hueandcry.client import (
    Client,
    NewClaim,
    NewReport,
    NotLetIn,
    NotThere,
    Refused,
    TooOften,
    Unreachable,
    WebhookChange,
    verify_webhook,
)
from hueandcry.doors.api.table import ENDPOINTS
from loopback import Answer, Server, serve
from nodes.partnership import Node, free_ports, partnership, wait_until

__all__ = ["serve"]

SCOPES = ("lookup", "lists:read", "signals:read", "claims:write", "peers:read", "ledger:read")
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with partnership(tmp_path_factory.mktemp("client"), "A", ()) as nodes:
        yield nodes["A"]


def token(node: Node, audience: str = "own", *scopes: str) -> str:
    wanted = scopes or (*SCOPES, "webhooks:write")
    words = [word for scope in wanted for word in ("--scope", scope)]
    text: str = node.command("token", "new", "--audience", audience, *words)["token"]
    return text


@pytest.fixture(scope="module")
def client(node: Node) -> Iterator[Client]:
    with Client(node.url, token(node)) as held:
        yield held


def test_there_is_a_method_for_every_endpoint_and_no_endpoint_without_one() -> None:
    methods = {name for name in vars(Client) if not name.startswith("_")}
    assert methods == {endpoint.name for endpoint in ENDPOINTS} | {"close", "follow"}


def test_a_claim_is_raised_checked_listed_followed_and_withdrawn(client: Client) -> None:
    start = client.changes(start="now").next
    made = client.raise_claim("https://EVIL.example/login", lure="impersonation-bank")
    assert made.outcome == "raised"
    assert [each.verdict for each in client.check(["evil.example/login", "a.example"])] == [
        "scam",
        "unknown",
    ]
    view = client.signal("evil.example/login")
    assert [each.claim for each in view.claims] == [made.claim]
    assert client.claim(made.claim).lure == "impersonation-bank"
    assert made.claim in [each.claim for each in client.claims(kind="url")]
    assert "evil.example/login" in [entry.value for entry in client.entries("url")]
    pages = list(client.follow(start))
    assert [change.claim for page in pages for change in page.items] == [made.claim]
    gone = client.retract("evil.example/login", "mistake")
    assert gone.claims == [made.claim]
    found = [change.type for page in client.follow(pages[-1].next) for change in page.items]
    assert found == ["retraction"]
    assert client.search("evil.example/login").exact is not None


def test_a_thousand_and_more_claims_are_raised_in_parts_and_leafed_through(
    client: Client,
) -> None:
    many = [NewClaim(value=f"n{n}.bulk.example") for n in range(1_100)]
    many[7] = NewClaim(value="not a value at all")
    results = client.raise_claims(many)
    outcomes = [each.outcome for each in results]
    assert (outcomes.count("raised"), outcomes[7], len(results)) == (1_099, "refused", 1_100)
    long = [f"{n}{'x' * 8_000}" for n in range(300)]  # more bytes than one request takes
    assert [each.value for each in client.check(long)] == long
    held = {each.signal.value for each in client.claims(kind="domain")}
    assert len([value for value in held if value.endswith("bulk.example")]) == 1_099


def test_how_a_node_stands_is_told(client: Client, node: Node) -> None:
    assert client.me().node.fingerprint == node.fingerprint
    assert client.peers() == []
    client.raise_claim("proved.example")
    act = next(client.acts())
    assert act.log_index is not None

    def proved() -> bool:
        try:
            found = client.proof(act.log_index or 0)
        except Refused as refused:
            assert refused.code == "not_published"
            return False
        assert found.record is not None and '"signals.raise"' in found.record
        return found.proof.startswith("c2sp.org/tlog-proof@v1")

    wait_until(proved, "the act is published")
    head = client.ledger()
    assert head.checkpoint is not None and node.url.removeprefix("http://") in head.checkpoint
    assert client.statistics().signals is not None
    assert {each.name for each in client.lists()} >= {"domain", "phone"}


def test_refusals_are_exceptions_that_say_what_why_and_what_to_do(
    client: Client, node: Node
) -> None:
    with pytest.raises(NotThere) as missing:
        client.retract("never-claimed.example", "mistake")
    assert (missing.value.code, missing.value.status) == ("no_claim", 404)
    assert "only own claims can be retracted" in missing.value.do
    with pytest.raises(NotLetIn) as shut:
        Client(node.url, "nonsense").me()
    assert shut.value.code == "token"
    with pytest.raises(NotLetIn) as lacking:
        Client(node.url, token(node, "green", "lookup")).ledger()
    assert lacking.value.code == "scope"
    with pytest.raises(Refused) as unread:
        client.raise_claim("not a value at all")
    assert unread.value.status == 422
    with pytest.raises(ValueError):
        Client("node.example", "t")


def test_no_node_is_unreachable_after_some_tries() -> None:
    (port,) = free_ports(1)
    with pytest.raises(Unreachable):
        Client(f"http://127.0.0.1:{port}", "t", retries=1).me()


# --- retries, against a server that behaves as told ----------------------------------------------


def scripted(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, *answers: Answer
) -> tuple[Client, Server, list[float]]:
    slept: list[float] = []
    server = serve(*answers)
    client = Client(server.url("").rstrip("/"), "t")
    monkeypatch.setattr(client._transport, "_sleep", slept.append)
    return client, server, slept


def answer(status: int, body: bytes, more: str = "") -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


RAISED = (
    b'{"outcome":"raised","claim":"x","signal":{"kind":"domain","value":"a.example","id":"i"},'
    b'"modified":"2026-01-01T00:00:00.000000Z","new_member":1}'
)


def test_a_busy_node_is_asked_again_when_it_says_with_the_same_key(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = answer(429, b"{}", "Retry-After: 7\r\n")
    later = answer(503, b"<html>")
    client, server, slept = scripted(serve, monkeypatch, busy, later, answer(201, RAISED))
    assert client.raise_claim("a.example").outcome == "raised"
    keys = {
        line for r in server.requests for line in r.split(b"\r\n") if line.startswith(b"Idempot")
    }
    assert (len(server.requests), len(keys)) == (3, 1)
    assert slept[0] == 7.0
    assert 0 < slept[1] < 1


def test_a_lost_answer_is_asked_for_again(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, server, slept = scripted(
        serve, monkeypatch, lambda connection: None, answer(201, RAISED)
    )
    assert client.raise_claim("a.example").outcome == "raised"
    assert (len(server.requests), len(slept)) == (2, 1)


def test_a_node_that_stays_busy_is_an_exception_in_the_end(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, server, slept = scripted(serve, monkeypatch, answer(429, b"", "Retry-After: 999\r\n"))
    with pytest.raises(TooOften) as caught:
        client.me()
    assert (caught.value.code, len(server.requests), slept) == ("http_429", 5, [60.0] * 4)


def test_what_is_no_node_is_said_to_be_none(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _, slept = scripted(serve, monkeypatch, answer(200, b"<html>hello"))
    with pytest.raises(Unreachable):
        client.me()
    assert slept == []


# --- killed in between ---------------------------------------------------------------------------


def test_a_node_that_is_killed_while_it_raises_raises_once(tmp_path: Path) -> None:
    """Keys and effects are one transaction, so that a repeated request never doubles."""
    with partnership(tmp_path, "K", ()) as nodes:
        node = nodes["K"]
        client = Client(node.url, token(node), retries=0)
        for n in range(4):
            key, value = f"key-{n}", f"k{n}.example"
            done: list[Any] = []

            def ask(key: str = key, value: str = value, done: list[Any] = done) -> None:
                try:
                    done.append(client.raise_claim(value, key=key))
                except (Refused, Unreachable) as error:
                    done.append(error)

            thread = threading.Thread(target=ask)
            thread.start()
            time.sleep(0.002 * n)  # at another point of its work each time
            node.kill()
            thread.join()
            node.start()
            again = Client(node.url, client._transport._fields["Authorization"].split()[1])
            assert again.raise_claim(value, key=key).outcome == "raised"
            assert again.raise_claim(value, key=key).outcome == "raised"
            assert len(list(again.acts())) == n + 1
        assert node.count("signals_claim") == 4
        node.settled()
        node.verified()


# --- webhooks ------------------------------------------------------------------------------------


def plain(node: Node, *words: str) -> None:
    """A command that says nothing, and so takes no --json."""
    line = [*node._program(), *words]
    subprocess.run(line, env=node._environment(), check=True, capture_output=True)


def test_a_running_node_tells_a_receiver_which_checks_the_signature(
    node: Node, client: Client, serve: Callable[..., Server]
) -> None:
    plain(node, "settings", "set", "webhooks.private", "127.0.0.1")
    time_of_setting = time.monotonic()
    server = serve(NO_CONTENT)
    wait_until(lambda: time.monotonic() > time_of_setting + 1.1, "the setting counts")
    made = client.add_webhook(server.url("/hook"), ["signal.verdict_changed"], kinds=["domain"])
    number = made.webhook.number
    client.raise_claim("told.example")
    wait_until(lambda: bool(server.requests), "the receiver is told")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = [line.partition(": ") for line in head.decode().split("\r\n")[1:]]
    headers = {name: value for name, _, value in lines}
    event = verify_webhook(made.secret, headers, body)
    assert event.data is not None and event.data.signal is not None
    assert (event.data.signal.value, event.data.verdict) == ("told.example", "scam")
    wait_until(
        lambda: next(client.webhook_deliveries(number)).state == "delivered", "it is delivered"
    )
    delivery = next(client.webhook_deliveries(number))
    client.redeliver(number, delivery.number)
    wait_until(lambda: len(server.requests) == 2, "it is told again")
    assert client.change_webhook(number, WebhookChange(note="x")).note == "x"
    assert client.renew_webhook_secret(number).secret != made.secret
    client.test_webhook(number)
    wait_until(lambda: len(server.requests) == 3, "the test arrives")
    assert client.webhook(number).state == "active"
    assert [each.number for each in client.webhooks()] == [number]
    client.remove_webhook(number)
    assert client.webhooks() == []


def test_webhooks_are_kept_from_the_command_line_too(
    node: Node, client: Client, serve: Callable[..., Server]
) -> None:
    plain(node, "settings", "set", "webhooks.private", "127.0.0.1")
    server = serve(NO_CONTENT)
    made = node.command("webhook", "add", server.url(), "--audience", "green")
    (listed,) = node.command("webhook", "list")
    assert (listed["number"], listed["state"]) == (made["number"], "active")
    said = node.command("webhook", "test", str(made["number"]))
    assert said["state"] == "delivered"
    assert node.try_command("webhook", "add", "http://r.example/", "--audience", "own").returncode
    plain(node, "webhook", "resume", str(made["number"]))
    plain(node, "webhook", "remove", str(made["number"]))
    assert node.command("webhook", "list") == []


def test_a_file_follows_its_report(node: Node) -> None:
    with Client(node.url, token(node, "green", "reports:write", "reports:read")) as bank:
        report = bank.submit_report(NewReport(text="They wrote this to me")).id
        added = bank.add_report_file(report, b"pay at evil.example\n", "หลักฐาน.txt")
        assert (added.file.name, added.file.media_type) == ("หลักฐาน.txt", "text/plain")
        assert bank.add_report_file(report, b"pay at evil.example\n").again
        assert bank.report(report).files == [added.file]
        with pytest.raises(Refused, match="empty"):
            bank.add_report_file(report, b"")
