"""A log of trial entries, published and checked: what the tests of the ledger share."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from engine import children
from hueandcry.apps.members.models import Card
from hueandcry.core import notes, tlog
from hueandcry.engine.keys import ed25519
from hueandcry.engine.ledger import face, publisher
from hueandcry.engine.ledger.folder import LogFolder
from hueandcry.engine.ledger.models import Checkpoint, Entry
from hueandcry.engine.ledger.verify import LedgerReport, LogKeys, verify
from hueandcry.engine.store.work import unit_of_work

SCRIPT = Path(children.__file__)
KEYS = LogKeys(children.HOST, [bytes(31) + b"\x09", children.KEY.public], ed25519.verify)


def log(n: int) -> None:
    """`n` entries more, in one transaction."""
    of = children.member()
    first = Card.objects.count()
    with unit_of_work():
        face.append_many(
            "trial", [(children.card(of, first + i), {"n": first + i}) for i in range(n)]
        )


def publish(holder: str = "us") -> bool:
    return publisher.publish(settings.DATA, children.signer(), holder)


def folder() -> LogFolder:
    return LogFolder(settings.DATA, 0)


def leaves() -> list[bytes]:
    entries = Entry.objects.order_by("index").values_list("entry", flat=True)
    return [tlog.leaf_hash(bytes(entry)) for entry in entries]


def opened() -> notes.Checkpoint:
    """The newest signed checkpoint, believed only under the log's key."""
    note = face.checkpoint()
    assert note is not None
    return notes.open_checkpoint(note, children.signer().key(0), [], ed25519.verify).checkpoint


def report() -> LedgerReport:
    return verify(settings.DATA, KEYS)


def check_all_is_published() -> None:
    """Everything is signed, sizes have one root each, and the whole-ledger check finds nothing."""
    assert opened().size == face.head()
    assert opened().root == tlog.root(leaves())
    found = report()
    assert found.holds, found.defects
    assert not Checkpoint.objects.filter(note=None).exists()
