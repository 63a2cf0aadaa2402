"""The TAXII client against servers over real HTTP: good ones, sloppy ones, hostile ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from hueandcry.apps.signals import face as signals
from hueandcry.apps.signals.models import Claim
from hueandcry.apps.sources import calling, face
from hueandcry.apps.sources.models import Mark
from hueandcry.core.normal import normalise
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, MINUTE, SECOND, Actor, Audience, Kind, Micros, Tlp
from hueandcry.doors.taxii.app import taxii
from hueandcry.engine.egress.client import Egress
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node
from taxii_scene import client
from taxii_server import MEDIA, Answer, Taxii, answer, indicator, serving

NOW = 1_790_000_000_000_000
T0: Micros = NOW - 10 * DAY


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    monkeypatch.setattr(calling, "egress", lambda: Egress(allow_private=True, timeout=10.0))
    return Node(monkeypatch)


@pytest.fixture
def server() -> Taxii:
    return Taxii()


@pytest.fixture
def address(server: Taxii) -> Iterator[str]:
    yield from serving(server)


def actor(node: Node) -> Actor:
    return Actor(node.fingerprint, None, frozenset({"administrator"}))


def saved(node: Node, address: str, **more: Any) -> face.SourceView:
    mapping = face.Mapping(**more.pop("mapping", {}))
    words = {"name": "others", "what": face.What.TAXII, "mapping": mapping, **more}
    new = face.NewSource(address=address, **words)
    with unit_of_work():
        return face.add(actor(node), new, node.now)


def ran(node: Node, **more: Any) -> face.RunView:
    return face.run_now(actor(node), "others", **more)


def hosts(first: int, last: int) -> list[dict[str, Any]]:
    return [indicator(f"host{n}.example", n) for n in range(first, last)]


# --- good servers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/taxii2/", "/root/", "/root", "/root/collections/a/", "/root/collections/a"]
)
def test_a_server_is_read_from_its_discovery_its_root_or_a_collection(
    node: Node, server: Taxii, address: str, path: str
) -> None:
    server.add("a", T0, *hosts(0, 3))
    saved(node, address + path)
    run = ran(node)
    assert (run.outcome, run.rows, run.accepted, run.error) == ("done", 3, 3, "")
    assert node.verdict("host1.example") == "suspicious"


@pytest.mark.parametrize("cursors", [True, False])
def test_pages_are_followed_to_their_end_and_the_next_run_asks_for_what_is_new(
    node: Node, server: Taxii, address: str, cursors: bool
) -> None:
    server.page, server.cursors = 4, cursors
    for n in range(10):
        server.add("a", T0 + n * SECOND, *hosts(n, n + 1))
    saved(node, f"{address}/taxii2/")
    run = ran(node)
    assert (run.outcome, run.accepted, run.problems) == ("done", 10, {})
    again = ran(node)
    assert (again.outcome, again.rows, again.pages) == ("unchanged", 0, 1)
    server.add("a", T0 + 99 * SECOND, *hosts(50, 52))
    third = ran(node)
    assert (third.rows, third.accepted) == (2, 2)
    assert any("added_after=" in each for each in server.asked)


def test_equal_times_that_are_split_between_pages_lose_nothing(
    node: Node, server: Taxii, address: str
) -> None:
    server.page, server.cursors = 4, False
    for n in range(11):
        server.add("a", T0 + n // 3, *hosts(n, n + 1))
    saved(node, f"{address}/taxii2/")
    run = ran(node)
    assert (run.outcome, run.accepted, run.problems) == ("done", 11, {})
    assert ran(node).rows == 0


def test_a_run_that_was_cut_goes_on_where_it_was_and_misses_nothing(
    node: Node, server: Taxii, address: str
) -> None:
    server.page = 2
    for n in range(7):
        server.add("a", T0, *hosts(n, n + 1))
    server.add("a", T0 + SECOND, *hosts(7, 8))
    asked = 0

    def cut(path: str, query: dict[str, str], environ: dict[str, Any]) -> Answer:
        nonlocal asked
        asked += 1
        return server._objects("a", query) if asked <= 2 else answer({"title": "gone"}, 500)

    server.instead["/root/collections/a/objects/"] = cut
    saved(node, f"{address}/taxii2/")
    first = ran(node)
    assert (first.outcome, first.code, first.accepted) == ("partly", "status", 4)
    server.instead.clear()
    second = ran(node)
    assert (second.outcome, second.accepted) == ("done", 4)
    assert second.accepted + first.accepted == 8


def test_collections_are_chosen_by_id_or_title_and_a_missing_one_is_said(
    node: Node, server: Taxii, address: str
) -> None:
    server.add("a", T0, *hosts(0, 1))
    server.add("b", T0, *hosts(5, 7))
    saved(node, f"{address}/taxii2/", mapping={"collections": ("List b",)})
    assert ran(node).accepted == 2
    with unit_of_work():
        face.remove(actor(node), "others", node.now)
    saved(node, f"{address}/taxii2/", mapping={"collections": ("c",)})
    run = ran(node)
    assert (run.outcome, run.code) == ("failed", "collection")


@pytest.mark.parametrize(
    ("given", "header"),
    [
        (face.Credentials("bearer", "", "s3cret"), "Bearer s3cret"),
        (face.Credentials("basic", "me", "s3cret"), "Basic bWU6czNjcmV0"),
    ],
)
def test_credentials_are_shown_and_never_told_again(
    node: Node, server: Taxii, address: str, given: face.Credentials, header: str
) -> None:
    server.add("a", T0, *hosts(0, 1))
    server.token = header
    view = saved(node, f"{address}/taxii2/", credentials=given)
    assert ran(node).accepted == 1
    assert "s3cret" not in repr(view) + repr(given) + repr(face.runs("others"))
    server.token = "another"
    run = ran(node)
    assert (run.outcome, run.code) == ("failed", "credentials")


def test_what_was_refused_is_shown_with_its_reasons(
    node: Node, server: Taxii, address: str
) -> None:
    server.add(
        "a",
        T0,
        *hosts(0, 1),
        indicator("x", 1, pattern="[a:b = 'c' AND d:e = 'f']"),
        indicator("old.example", 2, valid_until="2026-01-02T00:00:00Z"),
        indicator("gone.example", 3, revoked=True),
        {"type": "domain-name", "id": "domain-name--x", "value": "seen.example"},
        {"type": "identity", "id": "identity--x", "name": "Somebody"},
    )
    saved(node, f"{address}/taxii2/")
    run = ran(node)
    assert run.reasons == {"pattern": 1, "expired": 1, "revoked": 1, "observable": 1}
    assert run.skipped == {"identity": 1}
    assert {each["code"] for each in run.sample} == set(run.reasons)
    assert run.rows == run.accepted + run.merged + run.rejected == 5


def test_what_its_creator_revokes_is_withdrawn_by_choice(
    node: Node, server: Taxii, address: str
) -> None:
    server.add("a", T0, *hosts(0, 2))
    saved(node, f"{address}/taxii2/", gone="retract")
    ran(node)
    server.add("a", T0 + SECOND, {**hosts(0, 1)[0], "revoked": True})
    run = ran(node)
    assert (run.retracted, run.outcome) == (1, "done")
    assert node.verdict("host0.example") == "unknown"
    assert node.verdict("host1.example") == "suspicious"


@pytest.fixture
def our_door() -> Iterator[str]:
    yield from serving(taxii)


def test_our_own_door_is_read_with_markings_and_words(node: Node, our_door: str) -> None:
    reader = client(node, "reader", Audience.OWN)
    node.raised("amber.example", tlp=Tlp.AMBER)
    node.raised("green.example", "wrong.example")
    node.published()
    given = face.Credentials("basic", reader.name, reader.text)
    saved(node, f"{our_door}/taxii2/api/", credentials=given, gone="retract")
    run = ran(node)
    assert (run.outcome, run.accepted, run.problems) == ("done", 3, {}), run
    held = {c.signal.value: signals.label(c.label).marking.tlp for c in _of_feed()}
    assert held["amber.example"] is Tlp.AMBER and held["green.example"] is Tlp.GREEN
    assert ran(node).outcome == "unchanged"
    node.now += SECOND
    with unit_of_work():  # what our own people said, and not what came back by the feed
        wrong = normalise(Kind.DOMAIN, "wrong.example")
        signals.retract(actor(node), wrong, "mistake", node.now, source="")
    node.published()
    assert ran(node).retracted == 1
    assert node.verdict("wrong.example") == "unknown"


def _of_feed() -> list[Claim]:
    return list(Claim.objects.filter(source__gt=0).select_related("signal"))


# --- sloppy and hostile servers -------------------------------------------------------------------


def objects_of(server: Taxii, route: Callable[[dict[str, str]], Answer]) -> None:
    server.collections.setdefault("a", [])
    server.instead["/root/collections/a/objects/"] = lambda path, query, environ: route(query)


def page(*found: dict[str, Any], more: bool = True, **words: Any) -> dict[str, Any]:
    return {"more": more, "objects": list(found), **words}


DATED = {"X-TAXII-Date-Added-Last": time_text(T0)}


@pytest.mark.parametrize(
    ("route", "problem"),
    [
        (lambda query: answer(page(*hosts(0, 1), next="again")), "looped"),
        (lambda query: answer(page(next=query.get("next", "") + "x")), "empty_pages"),
        (lambda query: answer(page(*hosts(0, 1)), headers=DATED), "stuck"),
        (lambda query: answer(page(*hosts(0, 1))), "stuck"),
        (lambda query: answer(page(more=True)), "stuck"),
    ],
)
def test_a_server_that_never_ends_is_left(
    node: Node, server: Taxii, address: str, route: Callable[[dict[str, str]], Answer], problem: str
) -> None:
    objects_of(server, route)
    saved(node, f"{address}/taxii2/")
    run = ran(node)
    assert run.problems.get(problem) == 1 or run.problems.get("empty_pages") == 1, run.problems
    assert len(server.asked) < 20
    assert face.PROBLEMS.keys() >= run.problems.keys()


def test_a_server_with_endless_new_pages_costs_one_run_a_bounded_number(
    node: Node, server: Taxii, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hueandcry.apps.sources.taxii.MOST_PAGES", 5)
    counter = iter(range(1_000))
    objects_of(server, lambda query: answer(page(*hosts(0, 1), next=str(next(counter)))))
    saved(node, f"{address}/taxii2/")
    assert ran(node).problems == {"too_many_pages": 1}


def test_dates_that_go_back_are_not_believed(node: Node, server: Taxii, address: str) -> None:
    server.add("a", T0, *hosts(0, 1))
    saved(node, f"{address}/taxii2/")
    ran(node)
    back = {"X-TAXII-Date-Added-Last": time_text(T0 - DAY)}
    objects_of(server, lambda query: answer(page(*hosts(3, 4), more=False), headers=back))
    run = ran(node)
    assert run.problems == {"not_growing": 1}
    assert Mark.objects.get().value == time_text(T0)


def test_a_server_without_dates_is_marked_by_its_own_clock(
    node: Node, server: Taxii, address: str
) -> None:
    server.dated = False
    server.add("a", T0, *hosts(0, 2))
    saved(node, f"{address}/taxii2/")
    run = ran(node)
    assert (run.accepted, run.problems) == (2, {"no_dates": 1})
    assert Mark.objects.get().value > time_text(T0)


def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones(
    node: Node, server: Taxii, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hueandcry.apps.sources.taxii.MAX_LIST", 5_000)
    for n in range(30):
        server.add("a", T0 + n, *hosts(n, n + 1))
    saved(node, f"{address}/taxii2/")
    run = ran(node)
    assert (run.accepted, run.problems) == (30, {"smaller_pages": 2})


def test_roots_at_another_address_are_not_called(node: Node, server: Taxii, address: str) -> None:
    server.add("a", T0, *hosts(0, 1))
    roots = [
        "http://169.254.169.254/latest/",
        "http://127.0.0.1:1/",
        "//evil.example/",
        "/root/",
        7,
    ]
    server.instead["/taxii2/"] = lambda *_: answer({"title": "x", "api_roots": roots})
    saved(node, f"{address}/taxii2/", credentials=face.Credentials("bearer", "", "s3cret"))
    run = ran(node)
    assert (run.accepted, run.problems) == (1, {"foreign_root": 4})


def test_a_redirect_is_not_followed_wherever_it_leads(
    node: Node, server: Taxii, address: str
) -> None:
    to = {"Location": "http://169.254.169.254/latest/meta-data/"}
    server.instead["/taxii2/"] = lambda *_: (302, to, b"")
    saved(node, f"{address}/taxii2/")
    run = ran(node)
    assert (run.outcome, run.code) == ("failed", "redirect")


def test_a_private_address_is_called_only_where_the_operator_says_so(
    database: None, monkeypatch: pytest.MonkeyPatch, server: Taxii, address: str
) -> None:
    node = Node(monkeypatch)
    calling.forget()
    server.add("a", T0, *hosts(0, 1))
    saved(node, f"{address}/taxii2/")
    run = ran(node)
    assert (run.outcome, run.code, server.asked) == ("failed", "refused_address", [])
    from_policy = {"sources.private": ("127.0.0.1",)}
    monkeypatch.setattr(
        "hueandcry.apps.sources.calling.policy.items", lambda name: from_policy[name]
    )
    assert ran(node).accepted == 1
    calling.forget()


@pytest.mark.parametrize(
    ("answered", "code"),
    [
        ((200, {"Content-Type": "text/html"}, b"<html>"), "media_type"),
        ((200, {"Content-Type": MEDIA}, b"{"), "not_json"),
        ((200, {"Content-Type": MEDIA}, b"[]"), "taxii_shape"),
        ((200, {"Content-Type": MEDIA}, b'{"api_roots":7}'), "taxii_shape"),
        ((200, {"Content-Type": MEDIA}, b'{"title":"a","title":"b"}'), "duplicate_member"),
        ((200, {"Content-Type": MEDIA}, b"[" * 100_000), "too_deep"),
        ((404, {}, b""), "status"),
        ((403, {}, b""), "credentials"),
    ],
)
def test_a_server_that_speaks_something_else_is_a_failed_run(
    node: Node, server: Taxii, address: str, answered: Answer, code: str
) -> None:
    server.instead["/taxii2/"] = lambda *_: answered
    saved(node, f"{address}/taxii2/")
    run = ran(node)
    assert (run.outcome, run.code) == ("failed", code)
    assert run.error


@pytest.mark.parametrize(
    "body",
    [
        b'{"more":"yes","objects":[]}',
        b'{"more":true,"next":7,"objects":[]}',
        b'{"objects":7}',
        b'{"objects":{}}',
        b'{"objects":[],"objects":[]}',
    ],
)
def test_a_page_of_wrong_types_is_a_failed_run(
    node: Node, server: Taxii, address: str, body: bytes
) -> None:
    objects_of(server, lambda query: (200, {"Content-Type": MEDIA}, body))
    saved(node, f"{address}/taxii2/")
    run = ran(node)
    assert run.outcome == "failed" and run.code


def test_objects_of_wrong_types_are_bad_rows_and_cost_no_other(
    node: Node, server: Taxii, address: str
) -> None:
    wrong: list[Any] = [7, "x", None, [], {"type": 7}, {"type": "indicator"}, {}]
    server.add("a", T0, *wrong, *hosts(0, 1))
    saved(node, f"{address}/taxii2/")
    run = ran(node)
    assert run.accepted == 1 and run.rows == run.accepted + run.rejected
    assert set(run.reasons) <= {"object_shape", "indicator_shape", "not_json"}


def test_a_server_that_asks_to_wait_is_left_alone_for_as_long(
    node: Node, server: Taxii, address: str
) -> None:
    server.instead["/taxii2/"] = lambda *_: (429, {"Retry-After": "600"}, b"")
    saved(node, f"{address}/taxii2/")
    run = ran(node)
    assert (run.outcome, run.code) == ("failed", "throttled")
    view = face.source("others")
    assert (view.next_due, view.failures) == (node.now + 10 * MINUTE, 1)
    date = format_datetime(datetime.fromtimestamp(node.now // SECOND + 3_600, UTC), usegmt=True)
    server.instead["/taxii2/"] = lambda *_: (429, {"Retry-After": date}, b"")
    ran(node)
    assert face.source("others").next_due == node.now + 60 * MINUTE
    server.instead["/taxii2/"] = lambda *_: (503, {"Retry-After": "x"}, json.dumps({}).encode())
    ran(node)
    assert face.source("others").next_due == node.now + 4 * MINUTE


def test_failures_back_off_and_a_good_run_ends_that(
    node: Node, server: Taxii, address: str
) -> None:
    server.instead["/taxii2/"] = lambda *_: (500, {}, b"")
    saved(node, f"{address}/taxii2/", every=30)
    waits = []
    for _ in range(12):
        ran(node)
        due = face.source("others").next_due
        assert due is not None
        waits.append((due - node.now) // MINUTE)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]
    server.instead.clear()
    server.add("a", T0, *hosts(0, 1))
    ran(node)
    assert face.source("others").next_due == node.now + 30 * MINUTE


def test_a_preview_reads_everything_and_writes_nothing(
    node: Node, server: Taxii, address: str, tmp_path: Path
) -> None:
    server.add("a", T0, *hosts(0, 3), indicator("google.com", 9))
    saved(node, f"{address}/taxii2/")
    found = face.preview(actor(node), "others", node.now)
    assert (found.rows, found.new, found.allowed) == (4, 4, 1)
    assert found.allowed_sample[0]["value"] == "google.com"
    assert not Mark.objects.exists()
    assert node.verdict("host1.example") == "unknown"
    ran(node)
    after = face.preview(actor(node), "others", node.now)
    assert (after.rows, after.unchanged) == (0, True)
    anew = face.preview(actor(node), "others", node.now, anew=True)
    assert (anew.rows, anew.same, anew.new) == (4, 4, 0)
