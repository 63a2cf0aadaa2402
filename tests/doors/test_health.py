"""How the node is: for whoever keeps it alive, and for Prometheus; and what the log says of it."""

from __future__ import annotations

import json
import logging

import pytest
from django.db import OperationalError
from django.test import RequestFactory
from prometheus_client.parser import text_string_to_metric_families

from hueandcry.apps.members import face as members
from hueandcry.config.logs import JsonLines
from hueandcry.core.errors import Broken
from hueandcry.core.types import Audience
from hueandcry.doors.desk import wire
from hueandcry.doors.desk.metering import metered
from hueandcry.doors.desk.wire import App
from hueandcry.doors.health.app import health
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node
from other_member import OtherMember
from signals_scene import Scene
from wsgi_client import call

pytestmark = pytest.mark.database


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


def samples(body: bytes) -> dict[tuple[str, str], float]:
    """(name, first label's value) → value."""
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


def token(*scopes: str) -> dict[str, str]:
    with unit_of_work():
        made = members.new_token(Audience.CLEAR, "", 0, scopes=scopes)
    return {"Authorization": f"Bearer {made.text}"}


def test_health_is_ok_for_anybody_while_the_database_answers(database: None) -> None:
    answer = call(health, "GET", "/healthz")
    assert (answer.status, answer.json()) == (200, {"status": "ok"})


def test_health_is_503_when_the_database_does_not_answer(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise OSError("no database")

    monkeypatch.setattr("hueandcry.doors.health.app.reader", fails)
    assert call(health, "GET", "/healthz").status == 503


def test_a_database_that_gives_way_is_said_to_be_busy_and_how_long(database: None) -> None:
    def gives_way() -> wire.Answer:
        raise OperationalError("deadlock detected: row +66812345678")

    answer = wire.guarded(gives_way)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert b'"busy"' in answer.body and b"6681" not in answer.body


def test_metrics_are_for_those_who_may_know_our_peers(scene: Scene) -> None:
    nobody = call(health, "GET", "/metrics")
    assert (nobody.status, nobody.json()["code"]) == (401, "no_token")
    assert nobody.headers["WWW-Authenticate"].startswith("Basic ")
    assert call(health, "GET", "/metrics", headers=token("lookup")).status == 403
    assert call(health, "GET", "/metrics", headers=token("metrics:read")).status == 200


def test_metrics_count_requests_and_say_how_the_peers_are(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = Node(monkeypatch)
    bank = OtherMember("bank")
    node.joined(bank)
    door = metered("test-door", health)
    reader = token("metrics:read")
    for path in ("/healthz", "/healthz", "/nowhere"):
        answer = call(door, "GET", path)
        assert len(answer.headers["X-Request-Id"]) == 16
    found = samples(call(health, "GET", "/metrics", headers=reader).body)
    peer = bank.card.fingerprint[:16]
    assert found["hueandcry_peer_in_force", peer] == 1
    assert found["hueandcry_peer_failures", peer] == 0
    assert found["hueandcry_ledger_entries_total", ""] > 0
    assert found["hueandcry_disk_free_bytes", ""] > 0
    assert found["hueandcry_reports_waiting", "child"] == found["hueandcry_reports_unread", ""] == 0
    assert found["hueandcry_request_seconds_count", "test-door"] == 3


def test_a_line_of_the_log_never_says_what_was_asked_for(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(environ: object, start: object) -> list[bytes]:
        raise Broken("tile", "the row of +66812345678 is torn")

    with caplog.at_level(logging.INFO, "hueandcry"), pytest.raises(Broken):
        door: App = breaks
        call(metered("test-door", door), "GET", "/v1/lookup?value=%2B66812345678")
    (line,) = [record for record in caplog.records if record.name == "hueandcry.requests"]
    said = json.loads(JsonLines().format(line))
    assert (said["door"], said["status"], said["method"]) == ("test-door", 500, "GET")
    try:
        raise Broken("tile", "the row of +66812345678 is torn") from ValueError("+66812345678")
    except Broken as error:
        torn = logging.LogRecord("hueandcry.doors", 40, "", 0, "failed", None, None)
        torn.exc_info = (type(error), error, error.__traceback__)
    text = JsonLines().format(torn)
    assert json.loads(text)["exception"]["code"] == "tile"
    assert json.loads(text)["exception"]["cause"]["kind"] == "ValueError"
    foreign = logging.LogRecord("psycopg", 40, "", 0, "row %s", ("+66812345678",), None)
    of_django = logging.LogRecord("django.request", 40, "", 0, "%s: %s", ("Not Found", "/"), None)
    of_django.request = RequestFactory().get("/?value=%2B66812345678")
    lines = [JsonLines().format(record) for record in (foreign, of_django)]
    for written in (json.dumps(said), text, *lines):
        assert "6812345678" not in written
