"""A process that is killed at any step of what it does with an exhibit, on both databases."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection

from databases import Tables, child_environment
from evidence_scene import CHAT, Evidence, publish_all
from hueandcry.apps.evidence import face, uploading
from hueandcry.apps.evidence.face import State, UploadView, Wanted
from hueandcry.apps.evidence.models import CustodyEvent, EarlierLine, Exhibit
from hueandcry.apps.members import face as members
from hueandcry.apps.peers.models import Document
from hueandcry.config.loops import log_signer
from hueandcry.core import jws
from hueandcry.core.custody import Action
from hueandcry.core.types import DAY
from hueandcry.engine import clock
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.blobs.models import Blob
from hueandcry.engine.blobs.store import store
from hueandcry.engine.ledger import publisher
from hueandcry.engine.ledger.models import Entry
from hueandcry.engine.ledger.verify import verify
from hueandcry.engine.store.work import unit_of_work
from other_member import NOW, OtherMember

pytestmark = pytest.mark.database

SCRIPT = Path(__file__).with_name("evidence_children.py")

IN = ("bytes", "settle", "key", "signature", "exhibit", "position", "entry", "commit")
ON = ("signature", "exhibit", "position", "entry", "commit")
WHEN = ("before", "after")

#: The processes have the true time, which must not be the end of an upload's.
FAR = NOW + 36_500 * DAY

Killed = Callable[..., str]


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Evidence:
    return Evidence(monkeypatch)


@pytest.fixture(scope="module")
def killed(tables: Tables) -> Iterator[Killed]:
    """Does one thing in a process that must have been killed, or `ended` as is said; its words."""
    with subprocess.Popen(
        [sys.executable, SCRIPT], env=child_environment(), text=True, bufsize=1,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as children:  # fmt: skip
        assert children.stdin is not None and children.stdout is not None
        asked, said = children.stdin, children.stdout

        def run(*command: object, ended: int = -signal.SIGKILL) -> str:
            asked.write(" ".join(map(str, command)) + "\n")
            heard = []
            for line in said:
                heard.append(line)
                if line.startswith("ended "):
                    break
            assert heard and heard[-1] == f"ended {ended}\n", "".join(heard)
            return "".join(heard)

        yield run
        asked.close()


def check_all_holds(node: Evidence) -> None:
    """Every exhibit has its bytes and its whole custody; the ledger holds."""
    for row in Exhibit.objects.all():
        chain = node.chain(UUID(bytes=row.uuid))
        assert len(chain) == row.events
        if row.state == State.DESTROYED:
            assert not row.blob and chain[-1].action is Action.DESTROYED
        else:
            assert b"".join(face.stream(UUID(bytes=row.uuid))) == CHAT
    assert Blob.objects.count() == Exhibit.objects.exclude(blob="").count()
    check_ledger_holds(node)


def check_ledger_holds(node: Evidence) -> None:
    """Every event of custody is in it, and all of it verifies."""
    logged = set(CustodyEvent.objects.values_list("log_index", flat=True))
    assert logged <= set(Entry.objects.values_list("index", flat=True))
    while publisher.publish(settings.DATA, log_signer(), "test"):
        continue
    keys = members.own_log_keys()
    found = verify(settings.DATA, keys)
    assert found.holds, found.defects


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("step", IN)
def test_an_exhibit_is_there_whole_or_not_at_all(
    node: Evidence, killed: Killed, step: str, when: str
) -> None:
    kept = node.kept().exhibit
    killed("add", step, when)
    added = (step, when) == ("commit", "after")
    assert Exhibit.objects.count() == 1 + added
    check_all_holds(node)
    if not added:
        assert node.kept(number="EX-1").exhibit.number == "EX-1"
    assert face.exhibit("EX-1").events == 1 and face.exhibit(kept.number).events == 1
    check_all_holds(node)


def test_bytes_that_a_killed_process_left_are_removed(
    node: Evidence, killed: Killed, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed("add", "commit", "before")
    later = clock.now() + 400 * 86_400_000_000
    monkeypatch.setattr(clock, "now", lambda: later)
    blobs.tidy()
    names = [name for part in store().listed() for name, _ in part]
    assert names == []


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("step", ON)
def test_an_exhibit_is_taken_or_stands_as_it_stood(
    node: Evidence, killed: Killed, step: str, when: str
) -> None:
    view = node.kept().exhibit
    killed("take", step, when, view.number)
    taken = (step, when) == ("commit", "after")
    assert face.exhibit(view.number).state == (State.TAKEN if taken else State.OPEN)
    check_all_holds(node)
    if not taken:
        node.did(face.take, view.number, "Court", "For trial")
    assert face.exhibit(view.number).state is State.TAKEN
    check_all_holds(node)


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("step", (*ON, "erasure", "remove"))
def test_an_exhibit_is_destroyed_or_stands_as_it_stood(
    node: Evidence, killed: Killed, step: str, when: str
) -> None:
    view = node.held()
    killed("destroy", step, when, view.number)
    gone = (step, when) == ("commit", "after") or step == "remove"
    assert face.exhibit(view.number).state == (State.DESTROYED if gone else State.TAKEN)
    check_all_holds(node)
    if not gone:
        node.did(face.destroy, view.number, "Court", "By judgment")
    assert not Blob.objects.exists() and len(face.lines(view.id)) == 3
    check_all_holds(node)


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("step", IN)
def test_an_exhibit_is_taken_over_whole_or_not_at_all(
    node: Evidence, killed: Killed, step: str, when: str
) -> None:
    node.joined(OtherMember("hanoi", roles=("lea",)))
    killed("receive", step, when)
    there = (step, when) == ("commit", "after")
    assert Exhibit.objects.count() == there and EarlierLine.objects.count() == 2 * there
    check_all_holds(node)


# --- pieces of a large file ----------------------------------------------------------------------


@pytest.fixture
def upload(node: Evidence) -> UploadView:
    with unit_of_work():
        return face.begin_upload(node.police, "chat.txt", len(CHAT), 7, FAR)


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("step", ("key", "exhibit", "commit"))
def test_a_piece_is_here_or_comes_again(
    node: Evidence, killed: Killed, upload: UploadView, step: str, when: str
) -> None:
    killed("piece", step, when, f"{upload.id}/{node.person}")
    here = (step, when) == ("commit", "after")
    assert face.upload(node.police, upload.id).offset == (len(CHAT) if here else 0)
    if not here:
        with unit_of_work():
            face.take_piece(node.police, upload.id, 0, blobs.take([CHAT], 1_000), FAR)
    check_becomes_an_exhibit(node, upload)


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("step", ("exhibit", "commit", "remove"))
def test_pieces_are_joined_or_stay_as_they_were(
    node: Evidence, killed: Killed, upload: UploadView, step: str, when: str
) -> None:
    with unit_of_work():
        face.take_piece(node.police, upload.id, 0, blobs.take([CHAT], 1_000), FAR)
    killed("join", step, when)
    joined = (step, when) == ("commit", "after") or step == "remove"
    assert face.upload(node.police, upload.id).whole == joined
    check_becomes_an_exhibit(node, upload)


def check_becomes_an_exhibit(node: Evidence, upload: UploadView) -> None:
    uploading.join()
    with unit_of_work():
        taken = face.uploaded(node.police, upload.id)
        face.add(node.police, taken, face.Told(), node.now)
    check_all_holds(node)


# --- a package that came -------------------------------------------------------------------------


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("step", ("signature", "entry", "commit"))
def test_a_package_is_answered_once_whenever_its_receipt_is_broken_off(
    node: Evidence, killed: Killed, tmp_path: Path, step: str, when: str
) -> None:
    view = node.kept().exhibit
    # One for ourselves is no hand-over: it is refused, after all ten checks, with a receipt.
    package = face.package(node.police, Wanted([view.number], node.fingerprint, "For the file"))
    publish_all()
    built = face.build(package.id, tmp_path / "it.tar.age")
    built.path.with_name("it.tar.age.jws").write_bytes(built.note)
    killed("arrive", step, when, built.path)
    for _ in range(2):
        arrived = face.receive_package(built.path, built.note)
        assert (arrived.state, len(arrived.checks), arrived.exhibits) == ("refused", 10, [])
    (answer,) = Document.objects.filter(type="package-receipt")
    assert jws.open_document(answer.document).stated.body["outcome"] == "refused"
    assert built.path.exists(), "what somebody gave stays as it is"
    check_ledger_holds(node)


# --- a full disk ----------------------------------------------------------------------------------


def test_a_full_disk_takes_no_exhibit_and_loses_none(node: Evidence, killed: Killed) -> None:
    view = node.kept().exhibit
    said = killed("large", "full", 1 << 20, ended=1)
    assert "The store of files does not answer as it should" in said
    if connection.vendor == "sqlite":  # PostgreSQL has its files on its own
        assert "OperationalError" in killed("add", "full", 4_096, ended=1)
    assert [each.id for _, each in face.exhibits()] == [view.id]
    check_all_holds(node)
    assert node.kept(number="EX-1").exhibit.number == "EX-1"
    check_all_holds(node)
