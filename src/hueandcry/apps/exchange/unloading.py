"""Takes in files that a peer's people brought: everything through the same doors as over the wire.

Each thing is one transaction and gives the same receipt however often it comes, so an import that
was killed is run again, and a file that comes twice, or late, changes nothing.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from django.conf import settings

from hueandcry.apps.exchange import container, serving
from hueandcry.apps.exchange.container import Opened
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import PeerView
from hueandcry.core import envelopes, jcs, jws
from hueandcry.core.carriage import Item, Kind, Manifest, read_manifest
from hueandcry.core.envelopes import Part
from hueandcry.core.errors import HueError, Untrusted
from hueandcry.core.polls import Reply, read_replies
from hueandcry.engine import clock
from hueandcry.engine.keys.own import own
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.exchange")


@dataclass(frozen=True, slots=True)
class Takers:
    """How things are taken in, by whoever knows every app: as at the peer door."""

    document: Callable[[bytes, PeerView], bytes | None]
    part: Callable[[Part, PeerView], bytes]
    replies: Callable[[Sequence[Reply], PeerView], None]


@dataclass(slots=True)
class Unloaded:
    """What became of one item: how many things it held, and the classes of those refused.

    `waiting` is why the item could not be taken in now, though it may be later; empty: it was.
    """

    name: str
    kind: str
    things: int = 0
    objects: int = 0
    accepted: int = 0
    merged: int = 0
    refused: int = 0
    codes: list[str] = field(default_factory=list)
    waiting: str = ""

    @property
    def outcome(self) -> str:
        if self.waiting:
            return "waiting"
        return "refused" if self.things and len(self.codes) == self.things else "taken"


@dataclass(slots=True)
class Unloading:
    """One file: whose it is, which of how many, whether it came before, and its items."""

    sender: str
    name: str
    manifest: str
    number: int
    count: int
    known: bool
    items: list[Unloaded] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not any(item.waiting for item in self.items)


def unload(source: Path, takers: Takers) -> Unloading:
    """Verifies one file and takes in everything in it; the caller has no transaction open.

    Raises Untrusted or Malformed for a file that is not wholly what a peer signed for us, before
    anything is taken in.
    """
    ring = own()
    identities = [ring.identity(key_id) for key_id in ring.key_ids("age")]
    with container.opened(source, settings.DATA, identities) as file:
        document = _believed(file)
        sender = peers.must_be(document.iss)
        manifest = read_manifest(document.body)
        file.check(manifest)
        digest = bytes.fromhex(document.digest)
        known = peers.file_known(sender.id, digest)
        report = Unloading(
            sender.fingerprint, sender.name, document.digest, manifest.number, manifest.count, known
        )
        said = _take_all(file, manifest, sender, takers, report)
    _confirm(sender, manifest)
    if report.complete:
        with unit_of_work():
            peers.file_taken(sender.id, manifest, digest, said, clock.now())
    return report


def _believed(file: Opened) -> jws.Document:
    raw = file.manifest
    unverified = jws.open_document(raw)
    if peers.find(unverified.iss) is None:
        raise Untrusted(
            "not_a_peer",
            f"The file is of {unverified.iss}, who is no peer of this node",
            do="Get its card, compare the fingerprint with its people, and run "
            "`hueandcry peer add CARD_FILE --by-file`",
        )
    if not members.knows(unverified.kid):
        _newer_card(file, unverified)
    document = peers.believe(raw, clock.now())
    if document.type != "carriage":
        raise Untrusted("document_type", f"A {document.type} is no manifest of a file")
    return document


def _newer_card(file: Opened, unverified: jws.Unverified) -> None:
    """The writer's keys were renewed: its card lies in the file, and proves itself by its root."""
    for item in read_manifest(unverified.stated.body).items:
        if item.kind is Kind.CARD:
            with unit_of_work():
                members.take_card(file.read(item), clock.now(), expected=unverified.iss)


def _confirm(sender: PeerView, manifest: Manifest) -> None:
    """How far the sender says that it has got in our feed: sealed by us, so nobody made it up."""
    for text in manifest.shown:
        try:
            shown = serving.open_cursor(sender, text)
        except HueError as error:
            log.warning("a place that %s shows was not taken: %s", sender.name, error)
            continue
        if serving.behind(sender, shown):
            with unit_of_work():
                serving.acknowledge(sender, shown)


def _take_all(
    file: Opened, manifest: Manifest, sender: PeerView, takers: Takers, report: Unloading
) -> list[Reply]:
    """Takes in the items in their order, up to the first that must wait."""
    said: list[Reply] = []
    for item in manifest.items:
        shown = Unloaded(item.name, item.kind.value)
        report.items.append(shown)
        try:
            _take_item(item, file.read(item), sender, takers, shown, said)
        except HueError as error:
            # Signed by the sender, and still no item of its kind: nothing of it can be taken.
            shown.codes.append(error.code)
            shown.things = max(shown.things, 1)
            log.warning("item %s of %s is refused: %s", item.name, sender.name, error)
        if shown.waiting:
            break
    return said


def _take_item(
    item: Item,
    data: bytes,
    sender: PeerView,
    takers: Takers,
    shown: Unloaded,
    said: list[Reply],
) -> None:
    if item.kind is Kind.CARD:
        shown.things = 1
        takers.document(data, sender)
    elif item.kind is Kind.REPLIES:
        replies = _replies(data)
        shown.things = len(replies)
        takers.replies(replies, sender)
    elif item.kind is Kind.DOCUMENTS:
        named = ((_digest(raw), partial(takers.document, raw, sender)) for raw in data.split(b"\n"))
        _take_each(named, shown, said)
    else:
        parts = envelopes.read(data)
        _take_each(((p.digest, partial(takers.part, p, sender)) for p in parts), shown, said)


def _take_each(
    things: Iterable[tuple[bytes, Callable[[], bytes | None]]],
    shown: Unloaded,
    said: list[Reply],
) -> None:
    for about, take in things:
        shown.things += 1
        try:
            receipt = take()
        except HueError as error:
            if error.code in peers.PASSING:
                shown.waiting = f"{error.code}: {error}"
                return
            shown.codes.append(error.code)
            said.append(Reply(about, code=error.code, what=error.what))
            continue
        said.append(Reply(about, receipt))
        _count(receipt, shown)


def _count(receipt: bytes | None, shown: Unloaded) -> None:
    """What our own receipt says of the objects in one part."""
    body = jws.open_document(receipt).stated.body if receipt else {}
    for outcome in (each[1] for each in body.get("objects", ())):
        shown.objects += 1
        setattr(shown, outcome, getattr(shown, outcome) + 1)


def _replies(data: bytes) -> tuple[Reply, ...]:
    opened = envelopes.decompress(data)
    return read_replies(jcs.parse(opened, max_bytes=len(opened)), most=None)


def _digest(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()
