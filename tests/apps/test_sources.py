"""Saved sources: files, folders, feeds and https; schedules, marks, what is gone, who may."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from pymisp import MISPEvent, MISPOrganisation
from pymisp.tools import feed_meta_generator

from hueandcry.apps.members import face as members
from hueandcry.apps.signals.models import Act as SignalAct
from hueandcry.apps.signals.models import Claim
from hueandcry.apps.sources import calling, face, jobs, running, taking
from hueandcry.apps.sources.models import Act, Mark, Run, Source
from hueandcry.core.errors import Conflict, HueError, Malformed, NotFound, NotPermitted
from hueandcry.core.types import DAY, MINUTE, Actor
from hueandcry.engine.egress.client import Egress
from hueandcry.engine.store import feed
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node
from taxii_server import Answer, Taxii, serving

ADMINISTRATOR = frozenset({"administrator"})


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch, inbox: Path) -> Node:
    monkeypatch.setattr(calling, "egress", lambda: Egress(allow_private=True, timeout=10.0))
    return Node(monkeypatch)


@pytest.fixture
def inbox() -> Iterator[Path]:
    """The folder that sources may always read."""
    folder = settings.DATA / "inbox"
    folder.mkdir(exist_ok=True)
    yield folder
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


@pytest.fixture
def server() -> Taxii:
    return Taxii()


@pytest.fixture
def address(server: Taxii) -> Iterator[str]:
    yield from serving(server)


def actor(node: Node, *roles: str) -> Actor:
    return Actor(node.fingerprint, None, frozenset(roles) or ADMINISTRATOR)


def new(what: str, address: object, **more: Any) -> face.NewSource:
    mapping = face.Mapping(**more.pop("mapping", {}))
    name = more.pop("name", "others")
    return face.NewSource(name, face.What(what), str(address), mapping=mapping, **more)


def saved(node: Node, what: str, address: object, **more: Any) -> face.SourceView:
    with unit_of_work():
        return face.add(actor(node), new(what, address, **more), node.now)


def ran(node: Node, name: str = "others", **more: Any) -> face.RunView:
    return face.run_now(actor(node), name, **more)


def lines(path: Path, *values: str) -> Path:
    path.write_text("".join(f"{value}\n" for value in values))
    return path


# --- one file ------------------------------------------------------------------------------------


def test_a_file_is_taken_when_it_changed_and_renewed_once_a_day(node: Node, inbox: Path) -> None:
    path = lines(inbox / "list.txt", "a.example", "b.example", "not a host")
    saved(node, "file", path, mapping={"kind": "domain", "lure": "job", "confidence": 30})
    first = ran(node)
    assert (first.outcome, first.rows, first.accepted, first.rejected) == ("done", 3, 2, 1)
    assert first.sample == [{"line": 3, "code": "not-a-domain", "text": "not a host"}]
    assert ran(node).outcome == "unchanged"
    lines(path, "a.example", "c.example")
    assert ran(node).accepted == 1
    node.now += DAY
    again = ran(node)
    assert (again.outcome, again.merged) == ("done", 2)
    claim = Claim.objects.order_by("id")[0]
    assert claim.confidence == 30


def test_its_claims_stand_under_the_feed_and_one_feed_alone_makes_no_scam(
    node: Node, inbox: Path
) -> None:
    saved(node, "file", lines(inbox / "a.txt", "evil.example"), name="one")
    saved(node, "file", lines(inbox / "b.txt", "evil.example"), name="two", feed="other-feed")
    ran(node, "one")
    assert node.verdict("evil.example") == "suspicious"
    ran(node, "two")
    assert node.verdict("evil.example") == "scam"


def test_a_file_that_is_damaged_is_taken_as_far_as_it_goes_and_tried_again(
    node: Node, inbox: Path
) -> None:
    path = inbox / "list.txt.gz"
    whole = gzip.compress(
        b"".join(os.urandom(8).hex().encode() + b".example\n" for _ in range(9_000))
    )
    path.write_bytes(whole[: len(whole) // 2])
    saved(node, "file", path, gone="retract")
    run = ran(node)
    assert (run.outcome, run.code, run.retracted) == ("partly", "cut_short", 0)
    assert run.accepted > 1_000
    path.write_bytes(whole)
    assert ran(node).outcome == "done"


def test_a_file_that_is_not_there_is_a_failed_run(node: Node, inbox: Path) -> None:
    saved(node, "file", inbox / "none.txt")
    run = ran(node)
    assert (run.outcome, run.code) == ("failed", "file")


# --- what is gone --------------------------------------------------------------------------------


def test_what_is_no_longer_listed_is_withdrawn_by_choice(node: Node, inbox: Path) -> None:
    path = lines(inbox / "list.txt", "a.example", "b.example", "c.example")
    saved(node, "file", path, gone="retract")
    ran(node)
    node.raised("b.example")
    acts = SignalAct.objects.count()
    lines(path, "a.example")
    previewed = face.preview(actor(node), "others", node.now)
    assert (previewed.gone, previewed.believed) == (2, True)
    run = ran(node)
    assert run.retracted == 2
    assert SignalAct.objects.count() == acts + 1
    assert node.verdict("c.example") == "unknown"
    assert node.verdict("b.example") == "scam"  # what our own people say stays
    lines(path, "a.example", "c.example")
    again = ran(node)
    assert again.reasons == {"retracted": 1}


def test_what_is_no_longer_listed_is_kept_unless_chosen(node: Node, inbox: Path) -> None:
    path = lines(inbox / "list.txt", "a.example", "b.example")
    saved(node, "file", path)
    ran(node)
    lines(path, "a.example")
    assert ran(node).retracted == 0
    assert node.verdict("b.example") == "suspicious"


def test_a_list_that_lost_most_of_what_it_held_is_not_believed(node: Node, inbox: Path) -> None:
    path = lines(inbox / "list.txt", *(f"host{n}.example" for n in range(40)))
    saved(node, "file", path, gone="retract")
    ran(node)
    lines(path, "host1.example")
    assert not face.preview(actor(node), "others", node.now).believed
    run = ran(node)
    assert (run.outcome, run.code, run.retracted) == ("partly", "mostly_gone", 0)
    assert node.verdict("host2.example") == "suspicious"
    accepted = ran(node, accept_gone=True)
    assert (accepted.outcome, accepted.retracted) == ("done", 39)


def test_claims_that_have_ended_are_not_withdrawn(node: Node, inbox: Path) -> None:
    path = lines(inbox / "list.txt", "a.example", "b.example")
    saved(node, "file", path, gone="retract")
    ran(node)
    node.now += 91 * DAY
    lines(path, "a.example")
    assert ran(node).retracted == 0


def test_a_feed_that_withdraws_belongs_to_one_source(node: Node, inbox: Path) -> None:
    path = lines(inbox / "list.txt", "a.example")
    saved(node, "file", path, name="one", gone="retract", feed="shared")
    for gone in ("keep", "retract"):
        with pytest.raises(Conflict, match="feed shared"):
            saved(node, "file", path, name="two", gone=gone, feed="shared")
    saved(node, "file", path, name="three", feed="free")
    saved(node, "file", path, name="four", feed="free")
    with pytest.raises(Conflict):
        saved(node, "file", path, name="five", feed="free", gone="retract")


# --- a folder ------------------------------------------------------------------------------------


def test_every_new_file_of_a_folder_is_taken_once_whatever_it_is_called(
    node: Node, inbox: Path
) -> None:
    lines(inbox / "a.txt", "a.example")
    lines(inbox / ".hidden", "hidden.example")
    (inbox / "sub").mkdir()
    (inbox / "link.txt").symlink_to("/etc/hostname")
    saved(node, "folder", inbox)
    assert (ran(node).accepted, ran(node).outcome) == (1, "unchanged")
    lines(inbox / "copy.txt", "a.example")
    assert ran(node).outcome == "unchanged"
    lines(inbox / "b.ndjson", '{"value":"b.example"}')
    (inbox / "c.json").write_text("{ this is no json")
    run = ran(node)
    assert (run.accepted, run.rejected, run.pages) == (1, 1, 2)
    assert ran(node).outcome == "unchanged"
    assert Mark.objects.count() == 3


# --- a MISP feed ---------------------------------------------------------------------------------


def misp_feed(folder: Path, events: dict[str, list[str]]) -> None:
    """A feed folder by PyMISP's own generator."""
    for path in folder.glob("*.json"):
        path.unlink()
    for n, (info, values) in enumerate(events.items()):
        event = MISPEvent()
        event.uuid = f"5f8f8b3a-0000-4000-8000-{n:012d}"
        event.info, event.date = info, "2026-09-20"  # type: ignore[assignment]
        event.timestamp = 1_790_000_000 + len(values)
        event.Orgc = MISPOrganisation()
        event.Orgc.from_dict(name="CERT", uuid="5f8f8b3a-0000-4000-8000-00000000ffff")
        for value in values:
            event.add_attribute("domain", value, to_ids=True)
        (folder / f"{event.uuid}.json").write_text(json.dumps(event.to_feed()))
    feed_meta_generator(folder)


def test_of_a_misp_feed_only_events_that_are_new_or_newer_are_read(node: Node, inbox: Path) -> None:
    misp_feed(inbox, {"one": ["a.example"], "two": ["b.example", "c.example"]})
    saved(node, "misp", inbox)
    run = ran(node)
    assert (run.outcome, run.accepted, run.pages) == ("done", 3, 2)
    assert (ran(node).outcome, ran(node).pages) == ("unchanged", 0)
    misp_feed(inbox, {"one": ["a.example", "new.example"], "two": ["b.example", "c.example"]})
    run = ran(node)
    assert (run.accepted, run.merged, run.pages) == (1, 1, 1)


def test_what_a_misp_feed_no_longer_holds_is_withdrawn_by_choice(node: Node, inbox: Path) -> None:
    misp_feed(inbox, {"one": ["a.example"], "two": ["b.example"]})
    saved(node, "misp", inbox / "manifest.json", gone="retract")
    ran(node)
    misp_feed(inbox, {"one": ["a.example"]})
    assert ran(node).retracted == 1
    assert node.verdict("b.example") == "unknown"


def test_an_event_that_cannot_be_read_is_one_bad_row_and_withdraws_nothing(
    node: Node, inbox: Path
) -> None:
    misp_feed(inbox, {"one": ["a.example"], "two": ["b.example"]})
    saved(node, "misp", inbox, gone="retract")
    ran(node)
    (inbox / "5f8f8b3a-0000-4000-8000-000000000001.json").unlink()
    run = ran(node)
    assert (run.reasons, run.retracted) == ({"file": 1}, 0)


def test_a_misp_feed_over_https_is_read_from_its_manifest(
    node: Node, inbox: Path, server: Taxii, address: str
) -> None:
    misp_feed(inbox, {"one": ["a.example"]})
    for path in inbox.glob("*.json"):
        body = path.read_bytes()
        server.instead[f"/feed/{path.name}"] = _gives(200, {}, body)
    saved(node, "misp", f"{address}/feed/")
    assert ran(node).accepted == 1
    assert server.asked[0] == "/feed/manifest.json"


# --- https ---------------------------------------------------------------------------------------


def _gives(status: int, headers: dict[str, str], body: bytes) -> Callable[..., Answer]:
    return lambda *_: (status, headers, body)


def test_a_list_over_https_is_fetched_again_only_when_it_changed(
    node: Node, server: Taxii, address: str
) -> None:
    asked: list[str] = []
    tag = '"one"'

    def route(path: str, query: dict[str, str], environ: dict[str, Any]) -> Answer:
        asked.append(environ.get("HTTP_IF_NONE_MATCH", ""))
        if asked[-1] == tag:
            return 304, {}, b""
        return 200, {"ETag": tag, "Last-Modified": "x"}, b"id;host\n1;a.example\n"

    server.instead["/list.csv"] = route
    saved(node, "https", f"{address}/list.csv?key=1", mapping={"column": "host"})
    assert [ran(node).outcome, ran(node).outcome] == ["done", "unchanged"]
    node.now += DAY
    renewed = ran(node)
    assert (renewed.outcome, renewed.merged) == ("done", 1)
    assert asked == ["", tag, ""]


def test_a_server_that_knows_no_validators_is_compared_by_content(
    node: Node, server: Taxii, address: str
) -> None:
    server.instead["/list"] = _gives(200, {}, b"0.0.0.0 a.example\n")
    saved(node, "https", f"{address}/list")
    assert [ran(node).outcome, ran(node).outcome] == ["done", "unchanged"]


def test_a_list_that_is_too_large_is_not_held_in_memory(
    node: Node, server: Taxii, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hueandcry.apps.sources.taking.MAX_LIST", 1_000)
    server.instead["/list"] = _gives(200, {}, b"a.example\n" * 1_000)
    saved(node, "https", f"{address}/list")
    assert ran(node).code == "too_large"


def test_http_leaves_no_private_network(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(node, "https", "http://192.0.2.1/list.txt")
    assert ran(node).outcome == "failed"


# --- what cannot be saved -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"name": "Not A Name"}, "name"),
        ({"name": "../x"}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"feed": "a b"}, "feed"),
        ({"every": 0}, "every"),
        ({"every": 100_000}, "every"),
        ({"gone": "perhaps"}, "gone"),
        ({"note": "x" * 501}, "note"),
        ({"mapping": {"format": "xls"}}, "format"),
        ({"mapping": {"kind": "car"}}, "kind"),
        ({"mapping": {"lure": "Not A Code"}}, "lure"),
        ({"mapping": {"tlp": "PINK"}}, "tlp"),
        ({"mapping": {"confidence": 101}}, "confidence"),
        ({"what": "https", "address": "ftp://a.example/"}, "url"),
        ({"what": "https", "address": "https://user:pw@a.example/"}, "url"),
        ({"what": "taxii", "address": "/etc/passwd"}, "url"),
        ({"credentials": face.Credentials("basic", "", "x")}, "secret"),
        ({"credentials": face.Credentials("bearer", "", "a\nb")}, "secret"),
        ({"credentials": face.Credentials("digest", "a", "b")}, "auth"),
        ({"what": "file", "address": "/etc/passwd"}, "folder"),
        ({"what": "file", "address": "relative.txt"}, "folder"),
        ({"what": "folder", "address": "/etc"}, "folder"),
        ({"what": "misp", "address": "/etc"}, "folder"),
    ],
)
def test_what_cannot_be_saved_says_why(node: Node, more: dict[str, Any], code: str) -> None:
    words = {"what": "https", "address": "https://a.example/", **more}
    with pytest.raises(HueError) as refused:
        saved(node, words.pop("what"), words.pop("address"), **words)
    assert refused.value.code == code
    assert not Source.objects.exists()


def test_a_link_out_of_the_allowed_folders_is_refused_even_later(node: Node, inbox: Path) -> None:
    path = lines(inbox / "list.txt", "a.example")
    saved(node, "file", path)
    path.unlink()
    path.symlink_to("/etc/hostname")
    run = ran(node)
    assert (run.outcome, run.code) == ("failed", "folder")


def test_folders_that_the_operator_names_may_be_read(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lines(tmp_path / "list.txt", "a.example")
    with pytest.raises(NotPermitted):
        saved(node, "file", path)
    named = {"sources.folders": (str(tmp_path),), "sources.private": ()}
    monkeypatch.setattr("hueandcry.apps.sources.service.policy.items", lambda name: named[name])
    saved(node, "file", path)
    assert ran(node).accepted == 1


# --- states and who may --------------------------------------------------------------------------


def test_a_source_is_paused_resumed_and_removed_and_each_is_in_the_ledger(
    node: Node, inbox: Path
) -> None:
    path = lines(inbox / "list.txt", "a.example")
    saved(node, "file", path)
    with unit_of_work():
        assert face.pause(actor(node), "others", node.now).next_due is None
    with pytest.raises(Conflict), unit_of_work():
        face.pause(actor(node), "others", node.now)
    assert running.due(node.now) == []
    assert ran(node).accepted == 1  # by hand it runs all the same
    with unit_of_work():
        face.resume(actor(node), "others", node.now)
    assert running.due(node.now) == [Source.objects.get().pk]
    with unit_of_work():
        face.remove(actor(node), "others", node.now)
    with pytest.raises(NotFound):
        face.source("others")
    assert face.sources() == []
    kinds = list(Act.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["add", "pause", "resume", "remove"]
    assert all(act.log_index is not None for act in Act.objects.all())
    saved(node, "file", path)  # the name is free again
    assert node.verdict("a.example") == "suspicious"


def test_only_those_may_who_have_the_role(node: Node, inbox: Path) -> None:
    path = lines(inbox / "list.txt", "a.example")
    saved(node, "file", path)
    duty, auditor = actor(node, "duty"), actor(node, "auditor")
    assert face.preview(duty, "others", node.now).new == 1
    for refused in (
        lambda: face.add(duty, new("file", path, name="b"), node.now),
        lambda: face.remove(duty, "others", node.now),
        lambda: face.preview(auditor, "others", node.now),
        lambda: face.run_now(auditor, "others"),
        lambda: face.pause(auditor, "others", node.now),
    ):
        with pytest.raises(NotPermitted), unit_of_work():
            refused()
    with pytest.raises(NotFound):
        face.run_now(duty, "nothing")


def test_a_secret_is_sealed_and_gone_when_its_source_is(node: Node) -> None:
    given = face.Credentials("bearer", "", "very-s3cret")
    saved(node, "https", "https://a.example/", credentials=given)
    row = Source.objects.get()
    assert row.sealed and "s3cret" not in row.sealed
    with unit_of_work():
        face.remove(actor(node), "others", node.now)
    row.refresh_from_db()
    assert (row.sealed, row.auth) == ("", "")


# --- the loop ------------------------------------------------------------------------------------


def test_what_is_due_is_run_and_due_again_by_its_schedule(node: Node, inbox: Path) -> None:
    saved(node, "file", lines(inbox / "list.txt", "a.example"), every=15)
    assert len(running.due(node.now)) == 1
    jobs._runs.drain(running.due(node.now))
    assert face.source("others").next_due == node.now + 15 * MINUTE
    assert running.due(node.now) == []
    (run,) = face.runs("others")
    assert (run.outcome, run.by_hand) == ("done", False)
    assert running.due(node.now + 15 * MINUTE) != []


def test_nobody_runs_what_another_runs_until_that_one_is_lost(node: Node, inbox: Path) -> None:
    saved(node, "file", lines(inbox / "list.txt", "a.example"))
    pk = Source.objects.get().pk
    assert running._claim(pk, "first", node.now, False)
    Run.objects.create(source_id=pk, started=node.now)
    assert running.run(pk, "second") is None
    with pytest.raises(Conflict, match="just now"):
        ran(node)
    assert face.source("others").running
    node.now += running.LEASE
    taken = running.run(pk, "second")
    assert taken is not None and taken.outcome == "done"
    assert [run.outcome for run in face.runs("others")] == ["done", "lost"]


def test_a_run_that_lost_its_lease_stops_and_sets_no_mark(
    node: Node, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(node, "file", lines(inbox / "list.txt", "a.example"))
    pk = Source.objects.get().pk
    whole = taking.portions

    def stolen(*given: Any) -> Iterator[Any]:
        for portion in whole(*given):
            Source.objects.filter(pk=pk).update(holder="thief")
            yield portion

    monkeypatch.setattr(taking, "portions", stolen)
    run = ran(node)
    assert run.code == "taken_over"
    assert Source.objects.get().holder == "thief"
    assert not Mark.objects.exists()


def test_runs_are_kept_within_bounds(
    node: Node, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_KEEP_RUNS", 3)
    saved(node, "file", lines(inbox / "list.txt", "a.example"))
    for _ in range(6):
        ran(node)
    assert len(face.runs("others")) == 3


def test_rejected_rows_are_not_kept_for_long(node: Node, inbox: Path) -> None:
    saved(node, "file", lines(inbox / "list.txt", "not a host"), mapping={"kind": "domain"})
    assert ran(node).sample
    node.now += 31 * DAY
    ran(node)
    new, old = face.runs("others")
    assert (bool(new.sample), bool(old.sample), old.reasons) == (True, False, {"not-a-domain": 1})


def test_an_unchanged_run_moves_no_feed(node: Node, inbox: Path) -> None:
    saved(node, "file", lines(inbox / "list.txt", "a.example"))
    ran(node)
    position = feed.position(feed.FEED)
    ran(node)
    face.preview(actor(node), "others", node.now, anew=True)
    assert feed.position(feed.FEED) == position


def test_a_source_that_is_not_saved_can_be_previewed(node: Node, inbox: Path) -> None:
    path = lines(inbox / "list.txt", "a.example", "google.com", "?")
    found = face.preview_new(actor(node), new("file", path), node.now)
    assert (found.new, found.rejected, found.allowed) == (2, 1, 1)
    assert found.rows == found.new + found.renewed + found.same + found.rejected
    assert not Source.objects.exists() and not Claim.objects.exists()
    with pytest.raises(Malformed):
        face.preview_new(actor(node), new("file", path, every=0), node.now)


def test_the_market_of_the_node_reads_national_numbers(node: Node, inbox: Path) -> None:
    assert members.us().country == "TH"
    path = lines(inbox / "list.txt", "081-234-5678")
    saved(node, "file", path, mapping={"kind": "phone", "tlp": "AMBER"})
    assert ran(node).accepted == 1
    assert node.verdict("+66812345678") == "suspicious"
