"""This node as a witness of a peer's log, by real requests of C2SP tlog-witness."""

from __future__ import annotations

from pathlib import Path

import pytest

from databases import run_children
from hueandcry.apps.peers import forks, heads, queries, service
from hueandcry.apps.peers.models import Document as PeerDocument
from hueandcry.apps.peers.models import Doubt, Fork
from hueandcry.core import jws, notes
from hueandcry.core.types import DAY, SECOND
from hueandcry.core.witnessing import witness_key
from hueandcry.doors.peer.app import peer as door
from hueandcry.engine.keys import ed25519
from hueandcry.engine.keys.own import own
from hueandcry.engine.ledger import restored, witnessed
from hueandcry.engine.ledger.models import Witnessed
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node
from other_log import OtherLog
from other_member import NOW, OtherMember
from wsgi_client import Response, call

BANK = OtherMember("bank")
LOG = OtherLog(BANK)
SCRIPT = Path(__file__).parent / "witness_children.py"
PATH = "/witness/v1/add-checkpoint"


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    node = Node(monkeypatch)
    node.added(BANK)
    return node


def submit(body: bytes, path: str = PATH, method: str = "POST") -> Response:
    return call(door, method, path, body=body, REMOTE_ADDR="192.0.2.9")


def check_cosigned(node: Node, answer: Response, note: bytes) -> notes.Signature:
    """The answer is our cosignature under exactly this checkpoint, of the node's own time."""
    assert answer.status == 200, answer.body
    key = witness_key(node.fingerprint, own().public("witness"))
    opened = notes.open_checkpoint(note + answer.body, LOG.key, [key], ed25519.verify)
    (line,) = opened.cosignatures
    assert line.time == node.now // SECOND
    return line


def test_a_log_of_a_peer_is_cosigned_as_it_grows(node: Node) -> None:
    for old, size in ((0, 1), (1, 5), (5, 5), (5, 300), (300, 301)):
        check_cosigned(node, submit(LOG.submission(old, size)), LOG.note(size))
        held = witnessed.last(LOG.origin)
        assert held is not None and (held.size, held.root) == (size, LOG.head(size).root)


def test_an_empty_log_may_come_first(node: Node) -> None:
    for old, size in ((0, 0), (0, 0), (0, 4)):
        check_cosigned(node, submit(LOG.submission(old, size)), LOG.note(size))


def test_the_same_head_again_gets_the_same_bytes(node: Node) -> None:
    first = submit(LOG.submission(0, 5))
    node.now += 3_600 * SECOND
    assert submit(LOG.submission(5, 5)).body == first.body


def test_another_old_size_is_answered_with_where_we_stand(node: Node) -> None:
    submit(LOG.submission(0, 5))
    for old, size in ((0, 5), (4, 7), (0, 9), (2, 4)):
        answer = submit(LOG.submission(old, size))
        assert (answer.status, answer.body) == (409, b"5\n")
        assert answer.headers["Content-Type"] == "text/x.tlog.size"
    assert submit(LOG.submission(5, 9)).status == 200
    assert not Fork.objects.exists()


def test_before_the_first_time_we_stand_at_nothing(node: Node) -> None:
    answer = submit(LOG.submission(3, 5))
    assert (answer.status, answer.body) == (409, b"0\n")


def test_a_log_that_nobody_here_knows_is_not_found(node: Node) -> None:
    stranger = OtherLog(OtherMember("stranger"))
    assert submit(stranger.submission(0, 5)).status == 404
    assert submit(OtherLog(BANK, epoch=1).submission(0, 5)).status == 200, "first seen there"
    assert submit(LOG.submission(0, 5)).status == 404, "and succeeded it is, then"


def test_an_epoch_that_nothing_opened_is_not_found(node: Node) -> None:
    submit(LOG.submission(0, 5))
    assert submit(OtherLog(BANK, epoch=1).submission(0, 5)).status == 404


def test_a_head_that_no_trusted_key_signed_is_forbidden(node: Node) -> None:
    other = OtherLog(BANK)
    other.signer = BANK.key("act")
    assert submit(other.submission(0, 5)).status == 403
    assert not Witnessed.objects.exists()


def test_a_log_key_that_has_ended_is_trusted_no_more(node: Node) -> None:
    node.now += 800 * DAY
    assert submit(LOG.submission(0, 5)).status == 403


def test_an_old_size_beyond_the_head_is_a_bad_request(node: Node) -> None:
    body = LOG.submission(0, 5).replace(b"old 0", b"old 6")
    assert submit(body).status == 400
    assert submit(b"old 1\n").status == 400


@pytest.mark.parametrize("held", [4, 5])
def test_a_proof_that_does_not_hold_is_unprocessable(node: Node, held: int) -> None:
    submit(LOG.submission(0, held))
    body = LOG.submission(held, 9)
    lines = body.split(b"\n")
    lines[1] = lines[1][:3] + (b"A" if lines[1][3:4] != b"A" else b"B") + lines[1][4:]
    answer = submit(b"\n".join(lines))
    assert answer.status == 422 and answer.json()["code"] == "proof"
    row = witnessed.last(LOG.origin)
    assert row is not None and row.size == held
    assert Doubt.objects.count() == 1 and not Fork.objects.exists(), "its log is to prove it"


def test_only_what_the_specification_names_is_taken(node: Node) -> None:
    assert submit(b"", PATH, "GET").status == 404
    assert submit(LOG.submission(0, 5), "/witness/v1/other").status == 404
    assert submit(b"old 0\n" + b"x" * 70_000).status == 413


def test_a_flood_is_turned_away(node: Node) -> None:
    statuses = [submit(b"old 1\n").status for _ in range(700)]
    assert statuses[0] == 400 and statuses[-1] == 429


# --- check and persist ----------------------------------------------------------------------------


def test_of_many_at_once_that_stand_alike_one_is_cosigned(node: Node) -> None:
    """Processes submit different heads from the same size: we never sign two that part."""
    submit(LOG.submission(0, 5))
    stories = [(name, 6 + n) for n, name in enumerate(("a", "b", "c"))]
    done = run_children(SCRIPT, [("submit", story, 5, size) for story, size in stories])
    statuses = [int(said.split()[-1]) for code, said in done if code == 0]
    assert sorted(statuses) == [200, *[409] * (len(stories) - 1)], done


def test_of_many_at_once_that_come_first_one_is_cosigned(node: Node) -> None:
    stories = ("a", "b", "c")
    done = run_children(SCRIPT, [("submit", story, 0, 5) for story in stories])
    statuses = [int(said.split()[-1]) for code, said in done if code == 0]
    assert len(statuses) == len(stories) and statuses.count(200) == 1, done
    # The second is a fork of the first; what comes after that is of a log that has forked.
    assert set(statuses) <= {200, 403, 409} and len(told()) >= 1


@pytest.mark.parametrize("held", [0, 5])
@pytest.mark.parametrize("point", ["sign", "keep", "commit"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_witness_killed_at_any_step_never_answers_what_it_does_not_hold(
    node: Node, held: int, point: str, when: str
) -> None:
    if held:
        submit(LOG.submission(0, held))
    [(code, said)] = run_children(SCRIPT, [("die", point, when, held, 9)])
    assert code == 9 and said == "", said
    durable = (point, when) == ("commit", "after")
    row = witnessed.last(LOG.origin)
    assert (row.size if row else 0) == (9 if durable else held)
    # The log asks again, and again from where we say that we stand.
    answer = submit(LOG.submission(held, 9))
    if durable:
        assert (answer.status, answer.body) == (409, b"9\n")
        answer = submit(LOG.submission(9, 9))
    assert answer.status == 200
    assert not Fork.objects.exists() and not Doubt.objects.exists()


def test_a_witness_out_of_a_backup_cosigns_nothing_before_it_has_a_new_key(node: Node) -> None:
    submit(LOG.submission(0, 5))
    with unit_of_work():
        row = restored.mark(node.now + SECOND, bytes(32), node.now)
        row.state = row.State.CONTINUED
        row.save()
    restored.forget()
    answer = submit(LOG.submission(5, 9))
    assert answer.status == 403 and answer.json()["code"] == "witness_restored"


# --- forks ----------------------------------------------------------------------------------------


def told() -> list[jws.Document]:
    """Every fork document that this node has issued."""
    rows = PeerDocument.objects.filter(type="fork").order_by("id")
    return [jws.open_document(row.document).stated for row in rows]


@pytest.mark.parametrize(("held", "size"), [(5, 5), (5, 9), (4, 4), (7, 300)])
def test_another_history_is_told_to_everybody_and_cosigned_no_more(
    node: Node, held: int, size: int
) -> None:
    submit(LOG.submission(0, held))
    false = OtherLog(BANK, "false")
    answer = submit(false.submission(held, size))
    assert answer.status == (409 if held == size else 422)
    (document,) = told()
    assert document.aud == jws.EVERYBODY
    peer = queries.peer_of(BANK.fingerprint)
    assert peer is not None and [row.pk for row in queries.all_due(peer.pk, 9)]
    (fork,) = forks.open_forks()
    assert (fork.whose, fork.kind, fork.ours) == ("bank", "contradiction", False)
    assert submit(LOG.submission(held, 400)).status == 403
    assert submit(false.submission(held, size)).status == 403
    assert len(told()) == 1, "one fork is told once"


def test_once_people_have_cleared_a_fork_what_goes_on_is_cosigned_again(node: Node) -> None:
    submit(LOG.submission(0, 5))
    submit(OtherLog(BANK, "false").submission(5, 9))
    (fork,) = forks.open_forks()
    with unit_of_work():
        forks.clear(fork.number, "A disk was exchanged; the bank has told us", None, node.now)
    assert forks.open_forks() == [] and len(forks.all_forks()) == 1
    assert submit(LOG.submission(5, 9)).status == 200
    assert Fork.objects.get().log_index is not None, "it is an act of our people"


def test_a_head_of_a_receipt_that_does_not_go_with_ours_is_doubted(node: Node) -> None:
    node.joined(BANK)
    peer = queries.peer_of(BANK.fingerprint)
    assert peer is not None
    for log, size in ((LOG, 5), (LOG, 5), (LOG, 9)):
        shown(log.note(size))
    assert not Doubt.objects.exists()
    shown(OtherLog(BANK, "false").note(9))
    doubt = Doubt.objects.get()
    assert doubt.dated == NOW and heads.of_peer(peer, doubt.note).size == 9


def shown(note: bytes) -> None:
    peer = queries.peer_of(BANK.fingerprint)
    assert peer is not None
    service.note_checkpoint(peer, {"checkpoints": {"ours": note.decode()}}, NOW)
