"""Files that another member's people brought: believed whole or not at all, then as at the door."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import zstandard

from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.exchange.models import Batch, Reading
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.models import Carriage, Document, Receipt
from hueandcry.core import envelopes
from hueandcry.core.carriage import MANIFEST, Item, Kind, Manifest
from hueandcry.core.envelopes import Part
from hueandcry.core.errors import HueError
from hueandcry.core.types import Tlp
from hueandcry.doors.desk import arrivals
from hueandcry.engine.keys import agefile
from hueandcry.engine.keys.own import own
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node, claim
from other_member import OtherMember

OTHER, STRANGER = OtherMember("police"), OtherMember("nobody")

#: (entry, bytes) as they go into a tar.
Entries = list[tuple[tarfile.TarInfo, bytes]]


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    node = Node(monkeypatch)
    node.joined(OTHER)
    return node


class Stick:
    """Writes files as another member's software would, or as nobody's should."""

    def __init__(self, node: Node, folder: Path) -> None:
        self.node, self.folder = node, folder
        self._files = 0

    def file(
        self,
        *contents: tuple[Kind, bytes],
        by: OtherMember = OTHER,
        bend: Callable[[Entries], Iterable[tuple[tarfile.TarInfo, bytes]]] | None = None,
        manifest: dict[str, Any] | None = None,
        doc_type: str = "carriage",
        **more: Any,
    ) -> Path:
        named = [(f"{kind.value}-{n:05}", kind, data) for n, (kind, data) in enumerate(contents, 1)]
        items = tuple(Item(name, k, len(d), sha256(d)) for name, k, d in named)
        body = Manifest("ab" * 16, 1, 1, "", (), (), items).body() | (manifest or {})
        more = {"aud": self.node.fingerprint, "agreement": None, **more}
        signed = by.document(doc_type, body, **more)
        entries = [entry(MANIFEST, signed), *(entry(name, data) for name, _, data in named)]
        return self.sealed(tarred(bend(entries) if bend else entries))

    def sealed(self, content: bytes) -> Path:
        self._files += 1
        path = self.folder / f"file-{self._files}"
        with path.open("wb") as target:
            agefile.seal(io.BytesIO(content), target, own().public("age"))
        return path


@pytest.fixture
def stick(node: Node, tmp_path: Path) -> Stick:
    return Stick(node, tmp_path)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def entry(name: str, data: bytes, kind: bytes = tarfile.REGTYPE) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.type = len(data), kind
    return info, data


def tarred(entries: Iterable[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for info, data in entries:
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def envelope(*parts: Part) -> tuple[Kind, bytes]:
    return Kind.ENVELOPE, envelopes.frames(parts)


GOOD = OTHER.batch(claim(OTHER, "carried.example"))


def good() -> tuple[Kind, bytes]:
    return envelope(GOOD)


def taken(path: Path) -> exchange.Unloading:
    return exchange.unload(path, arrivals.takers())


def held() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Batch, Document, Receipt, Carriage))


# --- taken in -----------------------------------------------------------------------------------


def test_a_claim_in_a_file_is_answered_by_and_receipted(node: Node, stick: Stick) -> None:
    report = taken(stick.file(good()))
    (item,) = report.items
    assert report.complete and not report.known
    assert (item.outcome, item.objects, item.accepted, item.refused) == ("taken", 1, 1, 0)
    assert node.verdict("carried.example") == "scam"
    assert Receipt.objects.filter(ours=True, about=GOOD.digest).count() == 1
    (row,) = Carriage.objects.filter(ours=False)
    assert row.log_index is not None and not row.settled and row.answers is not None


def test_the_same_file_again_changes_nothing_but_owes_its_answer_again(stick: Stick) -> None:
    path = stick.file(good())
    taken(path)
    Carriage.objects.update(settled=True, answers=None)
    before = held()
    assert taken(path).known
    assert held() == before
    assert not Carriage.objects.get().settled


def test_the_gate_stands_before_files_as_before_calls(node: Node, stick: Stick) -> None:
    marked = OTHER.batch(claim(OTHER, "red.example", tlp=Tlp.RED))
    (item,) = taken(stick.file(envelope(marked))).items
    assert (item.outcome, item.objects, item.refused) == ("taken", 1, 1)
    assert node.verdict("red.example") == "unknown"
    assert Batch.objects.count() == 0


def test_without_an_agreement_a_file_waits_and_is_taken_in_later(
    database: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    node = Node(monkeypatch)
    node.added(OTHER)
    stick = Stick(node, tmp_path)
    path = stick.file(good(), (Kind.CARD, OTHER.signed_card()))
    report = taken(path)
    assert not report.complete and report.items[0].waiting.startswith("no_agreement")
    assert len(report.items) == 1 and Carriage.objects.count() == 0
    node.joined(OTHER)
    assert taken(path).complete
    assert node.verdict("carried.example") == "scam"


def test_one_bad_item_does_not_lose_the_good_ones(node: Node, stick: Stick) -> None:
    bad = (Kind.ENVELOPE, b"no frames"), (Kind.DOCUMENTS, b"a.b.c"), (Kind.REPLIES, b"x")
    report = taken(stick.file(*bad, good()))
    assert [item.outcome for item in report.items] == ["refused"] * 3 + ["taken"]
    assert [item.codes for item in report.items] == [["zstd"], ["base64url"], ["zstd"], []]
    assert node.verdict("carried.example") == "scam"


def test_a_rate_is_granted_to_a_line_and_not_to_a_file(node: Node, stick: Stick) -> None:
    slow = replace(node.terms(OTHER), rate=1, serial=2, supersedes=node.terms(OTHER).digest)
    with unit_of_work():
        peers.add(
            OTHER.signed_card(),
            None,
            slow.terms_bytes().decode(),
            node.now,
            expected=OTHER.fingerprint,
        )
    assert node.posted(OTHER, node.signed(OTHER, slow))["outcome"] == "accepted"
    many = [claim(OTHER, f"many-{n}.example") for n in range(4)]
    parts = [OTHER.batch(each) for each in many]
    report = taken(stick.file(envelope(*parts)))
    assert report.complete and report.items[0].accepted == 4


def test_a_place_that_was_made_up_moves_nothing(stick: Stick) -> None:
    report = taken(stick.file(good(), manifest={"shown": ["made-up", "A" * 100]}))
    assert report.complete
    assert not Reading.objects.exists()


# --- refused whole --------------------------------------------------------------------------------


def _changed(entries: Entries) -> Entries:
    return [entries[0], *(entry(info.name, data[:-1] + b"?") for info, data in entries[1:])]


def _shorter(entries: Entries) -> Entries:
    return [entries[0], *(entry(info.name, data[:-1]) for info, data in entries[1:])]


def _link(entries: Entries, kind: bytes) -> Entries:
    info, _ = entry("card-00009", b"", kind)
    info.linkname = "/etc/passwd"
    return [*entries, (info, b"")]


BENT: dict[str, tuple[Callable[[Entries], Entries], str]] = {
    "an item changed": (_changed, "carriage_items"),
    "an item cut": (_shorter, "carriage_items"),
    "an item left out": (lambda e: e[:-1], "carriage_items"),
    "an item more": (lambda e: [*e, entry("card-00009", b"x")], "carriage_items"),
    "a path": (lambda e: [*e, entry("../../etc/cron.d/x", b"x")], "carriage_items"),
    "an item twice": (lambda e: [*e, e[-1]], "carriage"),
    "a symbolic link": (lambda e: _link(e, tarfile.SYMTYPE), "carriage"),
    "a hard link": (lambda e: _link(e, tarfile.LNKTYPE), "carriage"),
    "a folder": (lambda e: [*e, entry("folder", b"", tarfile.DIRTYPE)], "carriage"),
    "a device": (lambda e: [*e, entry("device", b"", tarfile.CHRTYPE)], "carriage"),
    "no manifest": (lambda e: e[1:], "carriage"),
    "a huge manifest": (lambda e: [entry(MANIFEST, bytes(2 << 20)), *e[1:]], "carriage"),
    "a manifest of nothing": (lambda e: [entry(MANIFEST, b"a.b"), *e[1:]], "jws"),
}


@pytest.mark.parametrize("case", BENT)
def test_a_file_that_is_not_what_was_signed_is_refused_whole(stick: Stick, case: str) -> None:
    bend, code = BENT[case]
    before = held()
    path = stick.file((Kind.CARD, OTHER.signed_card()), good(), bend=bend)
    with pytest.raises(HueError) as caught:
        taken(path)
    assert caught.value.code == code
    assert held() == before


SIGNED: dict[str, tuple[dict[str, Any], str]] = {
    "for another": ({"aud": "ab" * 32}, "audience"),
    "for everybody": ({"aud": "*"}, "audience"),
    "of another type": ({"doc_type": "report"}, "document_type"),
    "of a later version": ({"v": 2}, "unknown_version"),
    "from the future": ({"at": 1_790_000_000_000_000 + 400_000_000}, "future"),
    "by somebody else's key": ({"signer": STRANGER.key("act")}, "unknown_key"),
    "by a key for other things": ({"signer": OTHER.key("transport")}, "unknown_key"),
    "with a bent manifest": ({"manifest": {"count": 0}}, "carriage"),
    "by a stranger": ({"by": STRANGER}, "not_a_peer"),
}


@pytest.mark.parametrize("case", SIGNED)
def test_a_file_that_is_not_signed_by_a_peer_for_us_is_refused_whole(
    stick: Stick, case: str
) -> None:
    bent, code = SIGNED[case]
    before = held()
    path = stick.file(good(), **bent)
    with pytest.raises(HueError) as caught:
        taken(path)
    assert caught.value.code == code
    assert held() == before


@pytest.mark.parametrize("content", [b"", b"no tar at all" * 100, bytes(10_240)])
def test_what_is_no_tar_is_refused(stick: Stick, content: bytes) -> None:
    with pytest.raises(HueError) as caught:
        taken(stick.sealed(content))
    assert caught.value.code == "carriage"


def test_replies_that_open_too_wide_are_refused(stick: Stick) -> None:
    bomb = zstandard.compress(b"[" + b" " * (70 << 20) + b"]")
    (item,) = taken(stick.file((Kind.REPLIES, bomb))).items
    assert (item.outcome, item.codes) == ("refused", ["too_large"])


def test_replies_to_what_was_never_sent_change_nothing(stick: Stick) -> None:
    said = json.dumps([{"about": "ab" * 32, "code": "refused", "what": "no"}]).encode()
    before = held()
    report = taken(stick.file((Kind.REPLIES, zstandard.compress(said))))
    assert report.complete and held() == (*before[:3], before[3] + 1)


def test_a_writer_with_renewed_keys_brings_its_card_along(node: Node, stick: Stick) -> None:
    card = OTHER.with_key("act", 1)
    path = stick.file((Kind.CARD, OTHER.signed_card(card)), good(), signer=OTHER.key("act", 1))
    assert taken(path).complete
    assert node.verdict("carried.example") == "scam"
