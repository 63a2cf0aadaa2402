"""Several clients write at the same moment, on either database: each outcome stands by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import pairwise
from typing import Any

import pytest
from django.apps import apps
from django.db import close_old_connections, connection

from hueandcry.apps.collections.models import Version
from hueandcry.apps.exchange import publishing
from hueandcry.apps.exchange.models import Shown
from hueandcry.apps.signals.models import Claim
from hueandcry.core.types import DAY, Embargo, Lane, Tlp
from hueandcry.engine.store.reading import close_reader
from node_scene import Node
from taxii_scene import Client, client, collection, granted, ids, indicator

pytestmark = pytest.mark.database

WRITERS, TURNS, EACH = 4, 5, 6


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    """Time stands still, so that every date would be the same but for the lock."""
    node = Node(monkeypatch)
    collection(node)
    return node


@pytest.fixture
def together() -> Iterator[Callable[..., list[BaseException]]]:
    def run(*works: Callable[[], None], meanwhile: Callable[[], None]) -> list[BaseException]:
        failed: list[BaseException] = []

        def one(work: Callable[[], None]) -> None:
            try:
                work()
            except BaseException as error:
                failed.append(error)
            finally:
                close_reader()
                connection.close()

        threads = [threading.Thread(target=one, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            meanwhile()
        for thread in threads:
            thread.join()
        meanwhile()
        return failed

    yield run
    close_old_connections()


class Follower:
    """Reads on by the last date that it has, as a careful client does."""

    def __init__(self, reader: Client, place: str) -> None:
        self.reader, self.place = reader, place
        self.after = "2000-01-01T00:00:00Z"
        self.got: list[dict[str, Any]] = []

    def read(self) -> None:
        while True:
            query = f"added_after={self.after}&limit=5"
            answer = self.reader.ask("GET", f"collections/{self.place}/objects/?{query}")
            found = answer.json().get("objects", [])
            if not found:
                return
            self.got += found
            self.after = answer.headers["X-TAXII-Date-Added-Last"]


def test_a_reader_that_follows_by_dates_loses_nothing_to_writers(
    node: Node, together: Callable[..., list[BaseException]]
) -> None:
    writers = [client(node, f"writer{n}") for n in range(WRITERS)]
    for each in writers:
        granted(node, "bank", each)
    followers = [Follower(writers[0], "bank"), Follower(writers[0], "claims")]

    def posting(number: int) -> Callable[[], None]:
        def work() -> None:
            for turn in range(TURNS):
                names = [f"w{number}-{turn}-{n}.example" for n in range(EACH)]
                writers[number].posted("bank", *(indicator(node.now, name) for name in names))

        return work

    def raising() -> None:
        for turn in range(TURNS):
            node.raised(*(f"raised{turn}-{n}.example" for n in range(EACH)))
            for lane in Lane:
                publishing.publish_some(lane)

    def reading() -> None:
        for each in followers:
            each.read()

    failed = together(*map(posting, range(WRITERS)), raising, meanwhile=reading)
    assert failed == []
    node.published()
    reading()
    for follower in followers:
        whole = follower.reader.objects(follower.place)
        got = {one["id"]: one for one in follower.got}
        assert len(follower.got) == len(got)
        assert got == {one["id"]: one for one in whole}
    assert Version.objects.filter(signal__isnull=False).count() == WRITERS * TURNS * EACH
    assert Claim.objects.count() == (WRITERS + 1) * TURNS * EACH


def test_of_many_that_post_one_object_one_is_its_owner(
    node: Node, together: Callable[..., list[BaseException]]
) -> None:
    writers = [client(node, f"writer{n}") for n in range(WRITERS)]
    for each in writers:
        granted(node, "bank", each)
    outcomes: list[dict[str, Any]] = []

    def posting(writer: Client) -> Callable[[], None]:
        things = [indicator(node.now, f"v{n}.example", step=n) for n in range(20)]

        def work() -> None:
            outcomes.append(writer.post("bank", *things).json())

        return work

    assert together(*map(posting, writers), meanwhile=lambda: None) == []
    taken = sorted(each["success_count"] for each in outcomes)
    assert taken == [0] * (WRITERS - 1) + [20]
    assert len(ids(writers[0].objects("bank"))) == 20
    assert Claim.objects.count() == 20


def test_posting_and_taking_back_at_once_ends_in_one_of_the_two(
    node: Node, together: Callable[..., list[BaseException]]
) -> None:
    writer = client(node, "writer")
    granted(node, "bank", writer)
    things = [indicator(node.now, f"v{n}.example") for n in range(10)]
    writer.posted("bank", *things)

    def revoking() -> None:
        writer.post("bank", *({**e, "modified": _later(node), "revoked": True} for e in things))

    def revising() -> None:
        for step in range(3):
            changed = {"modified": _later(node, step), "confidence": step}
            writer.post("bank", *({**each, **changed} for each in things))

    def taking_back() -> None:
        for each in things[:5]:
            writer.ask("DELETE", f"collections/bank/objects/{each['id']}/")

    assert together(revoking, revising, taking_back, meanwhile=lambda: None) == []
    live = {claim.signal.value for claim in Claim.objects.filter(state=0).select_related("signal")}
    says = {
        each["name"]
        for each in writer.objects("bank", "match[type]=indicator")
        if not each.get("revoked")
    }
    assert live <= says  # nothing claims what no object says any more


def _later(node: Node, step: int = 10) -> str:
    return str(indicator(node.now, "x", step=1_000 + step)["modified"])


# --- from before there was a TAXII door ----------------------------------------------------------


def test_what_a_node_held_before_is_shown_after_the_upgrade(node: Node) -> None:
    own = client(node, "own")
    node.raised("a.example", "b.example")
    node.published()
    node.raised("c.example", tlp=Tlp.AMBER)
    node.raised("d.example", embargo=Embargo("case", node.now + DAY))
    node.published()
    before = set(ids(own.objects("claims")))
    Shown.objects.all().delete()
    assert own.objects("claims") == []
    migration = import_module("hueandcry.apps.exchange.migrations.0002_shown")
    migration.show_what_is_held(apps, None)
    assert set(ids(own.objects("claims"))) == before and len(before) == 4
    rows = list(Shown.objects.order_by("added"))
    assert [row.opens_at for row in rows].count(node.now + DAY) == 1
    ends = [(row.added, row.added + row.count) for row in rows]
    assert all(end <= start for (_, end), (start, _) in pairwise(ends))
