"""One request as a file: all that a side signed about it goes along, and nothing else does."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.conf import settings

from apps.test_carriage import Stick, entry
from hueandcry.apps.cooperation import arriving
from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.exchange import container
from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core import jws
from hueandcry.core.carriage import Kind, read_manifest
from hueandcry.core.envelopes import compress, decompress
from hueandcry.core.errors import Untrusted
from hueandcry.core.jcs import canonical, parse
from hueandcry.core.polls import Reply, read_replies, values
from hueandcry.doors.desk import arrivals
from hueandcry.engine.keys.own import own
from other_member import OtherMember
from requests_scene import Requests, counted

pytestmark = pytest.mark.database

OTHER = OtherMember("hanoi", roles=("ca", "p24", "asc"))


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Requests:
    monkeypatch.setattr(members, "age_key", lambda *_: own().public("age"))
    return Requests(monkeypatch, OTHER, ("ca", "p24", "asc"))


@pytest.fixture
def stick(node: Requests, tmp_path: Path) -> Stick:
    return Stick(node, tmp_path)


def opened(path: Path) -> dict[Kind, bytes]:
    """The items of a file that we wrote, which a test can read since it is sealed for us."""
    ring = own()
    identities = [ring.identity(key_id) for key_id in ring.key_ids("age")]
    with container.opened(path, settings.DATA, identities) as file:
        manifest = read_manifest(jws.open_document(file.manifest).stated.body)
        file.check(manifest)
        return {item.kind: file.read(item) for item in manifest.items}


def test_all_that_we_signed_about_one_request_is_in_its_file_and_nothing_of_another(
    node: Requests, tmp_path: Path
) -> None:
    request = node.sent("MLA_STORED")
    node.sent("STATUS", "house")
    node.did("lek", request, "withdraw")
    key, documents = cooperation.told(request)
    assert key == node.other.fingerprint
    [written] = exchange.export_documents(node.peer, documents, tmp_path / "one", node.now)
    lines = opened(written.path)[Kind.DOCUMENTS].split(b"\n")
    stated = [jws.open_document(line).stated for line in lines]
    assert [each.type for each in stated] == ["request", "request-step"]
    assert {each.body["request"] for each in stated} == {str(request)}
    assert len(node.on_the_way()) == 3  # what goes by file stays on its way by wire


def test_a_request_in_a_file_is_taken_in_as_at_the_door_and_answered_by_a_file_of_receipts(
    node: Requests, stick: Stick, tmp_path: Path
) -> None:
    body = node.asking("MLA_STORED")
    raw = node.theirs("request", body)
    path = stick.file((Kind.DOCUMENTS, raw), by=OTHER)
    assert exchange.unload(path, arrivals.takers()).complete
    [listed] = cooperation.listed("requested")
    assert (str(listed.id), listed.state) == (body["request"], "DELIVERED")
    [answer] = exchange.export_documents(node.peer, [], tmp_path / "answer", node.now)
    packed = decompress(opened(answer.path)[Kind.REPLIES])
    [reply] = read_replies(parse(packed, max_bytes=len(packed)), most=None)
    assert reply.about == hashlib.sha256(raw).digest() and reply.receipt is not None
    assert jws.open_document(reply.receipt).stated.body["outcome"] == "accepted"
    exchange.unload(path, arrivals.takers())  # again: nothing comes twice
    assert len(cooperation.listed("requested")) == 1


def test_a_file_of_receipts_delivers_our_request(node: Requests, stick: Stick) -> None:
    request = node.sent("MLA_STORED")
    [document] = node.on_the_way()
    about = bytes.fromhex(document.digest)
    said = {"kind": "receipt", "checkpoints": {}, "outcome": "accepted", "zone": "Asia/Bangkok"}
    receipt = node.theirs("receipt", said, re=[document.digest])
    packed = compress([canonical(values([Reply(about, receipt)]))])
    exchange.unload(stick.file((Kind.REPLIES, packed), by=OTHER), arrivals.takers())
    arriving.note_receipts()
    view = node.view(request)
    assert (view.listed.state, view.zone) == ("DELIVERED", "Asia/Bangkok")


def test_a_file_that_was_altered_is_refused_whole(node: Requests, stick: Stick) -> None:
    raw = node.theirs("request", node.asking("MLA_STORED"))
    bent = stick.file(
        (Kind.DOCUMENTS, raw),
        by=OTHER,
        bend=lambda e: [e[0], entry(e[1][0].name, e[1][1][:-1] + b"~")],
    )
    before = counted()
    with pytest.raises(Untrusted) as caught:
        exchange.unload(bent, arrivals.takers())
    assert caught.value.code == "carriage_items"
    assert counted() == before and cooperation.listed() == []
    assert peers.last_files(node.peer.id) == (None, None)
