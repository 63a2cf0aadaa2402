"""Three real nodes witness each other; one is set back, and the others notice."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hueandcry.core import notes, tlog
from hueandcry.core.jws import open_document
from hueandcry.core.witnessing import Submission, witness_key
from hueandcry.engine.keys import ed25519
from nodes.partnership import Node, partnership, wait_until


def log_key(node: Node) -> notes.VerifierKey:
    name = node.url.partition("://")[2] or node.fingerprint
    return notes.VerifierKey(f"{name}/log/0", notes.ED25519, node.keyring.public("log"))


def vouched(node: Node, *witnesses: Node, least: int) -> bool:
    """Whether all these witnesses have cosigned one head of at least this size.

    Asked of the database: the log is public, and who asks it too often is turned away.
    """
    sql = "SELECT head FROM ledger_cosignature WHERE head >= ? GROUP BY head HAVING COUNT(*) >= ?"
    return bool(node.rows(sql, least, len(witnesses)))


def shown(node: Node, *witnesses: Node) -> notes.OpenedCheckpoint:
    """The newest head with a quorum that a node shows, believed under these witnesses' keys."""
    status, note = node.ask("GET", "/log/0/cosigned")
    assert status == 200, note
    keys = [witness_key(each.fingerprint, each.keyring.public("witness")) for each in witnesses]
    return notes.open_checkpoint(note, log_key(node), keys, ed25519.verify)


def size(node: Node) -> int:
    return int(node.command("log", "status")["end"])


def alarmed(node: Node) -> bool:
    return bool(node.count("peers_fork", "cleared_at IS NULL"))


def forks(node: Node) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(node.try_command("log", "forks").stdout)
    return [fork for fork in found if fork["cleared_at"] is None]


def test_each_head_is_cosigned_by_both_others(mesh: dict[str, Node]) -> None:
    a, b, c = mesh["A"], mesh["B"], mesh["C"]
    a.raised("witnessed.example")
    least = size(a)
    for node, others in ((a, (b, c)), (b, (a, c)), (c, (a, b))):
        goal = least if node is a else 1
        wait_until(lambda n=node, o=others, g=goal: vouched(n, *o, least=g), "is cosigned")  # type: ignore[misc]
        seen = shown(node, *others)
        assert seen.checkpoint.size >= goal and len(seen.cosignatures) == 2
    said = a.command("log", "witnesses")
    assert said["quorum"] == 2 and len(said["witnesses"]) == 2 and said["cosigned"] >= least
    assert all(forks(node) == [] for node in mesh.values())


def test_a_proof_file_is_checked_with_nothing_but_keys(
    mesh: dict[str, Node], tmp_path: Path
) -> None:
    a, b, c = mesh["A"], mesh["B"], mesh["C"]
    wait_until(lambda: vouched(a, b, c, least=1), "is cosigned")
    file = tmp_path / "entry.tlog-proof"
    said = a.command("log", "proof", "0", "--output", str(file))
    assert said["cosigned"]
    proof = notes.parse_proof(file.read_bytes())
    keys = [witness_key(each.fingerprint, each.keyring.public("witness")) for each in (b, c)]
    leaf = tlog.leaf_hash(proof.extra)
    seen = notes.open_proof(proof, leaf, log_key(a), keys, ed25519.verify)
    assert len(seen.cosignatures) >= 2


def test_a_witness_that_cannot_be_called_cosigns_by_looking(tmp_path: Path) -> None:
    with partnership(tmp_path, "AB", ("AB",), no_inbound="B") as nodes:
        a, b = nodes["A"], nodes["B"]
        a.raised("looked-at.example")
        least = size(a)
        wait_until(lambda: vouched(a, b, least=least), "B has looked and handed it over")
        # And its own log, which nobody can call, is cosigned by A all the same.
        b.raised("theirs.example")
        sql = "SELECT COUNT(*) FROM ledger_cosignature"
        wait_until(lambda: b.rows(sql)[0][0] > 0, "A has cosigned B")


@pytest.fixture
def three(tmp_path: Path) -> Iterator[dict[str, Node]]:
    with partnership(tmp_path, "ABC", ("AB", "AC", "BC")) as nodes:
        yield nodes


def test_a_log_that_was_rolled_back_alarms_everybody(three: dict[str, Node]) -> None:
    """A's folder is set back as a snapshot of its machine would, without `restore`."""
    a, b, c = three["A"], three["B"], three["C"]
    if a.database:
        pytest.skip("a snapshot of PostgreSQL is not a folder: the run on SQLite does this")
    a.raised("before.example")
    least = size(a)
    wait_until(lambda: vouched(a, b, c, least=least), "A is cosigned")
    a.settled()
    a.close()
    snapshot = a.folder.with_name("snapshot")
    shutil.copytree(a.folder, snapshot)
    a.start()
    a.raised("lost-one.example", "lost-two.example")
    a.retracted("lost-one.example")
    least = size(a)
    wait_until(lambda: vouched(a, b, c, least=least), "what will be lost is cosigned")
    a.close()
    shutil.rmtree(a.folder)
    shutil.copytree(snapshot, a.folder)
    a.__dict__.pop("keyring", None)
    a.start()
    a.raised("another-past.example")
    for node in (b, c):
        wait_until(lambda n=node: alarmed(n), "the others are alarmed")  # type: ignore[misc]
        finding = next(each for each in node.findings() if each["check"] == "fork")
        assert finding["result"] == "wrong"
    wait_until(lambda: alarmed(a), "A is told by its witness, or by a document")
    assert any(fork["ours"] for fork in forks(a))
    documents = b.rows("SELECT document FROM peers_document WHERE type = 'fork'")
    assert documents, "it is a document"
    stated = open_document(bytes(documents[0][0])).stated
    assert stated.aud == "*" and len(stated.body["notes"]) == 2
    # Nothing of that log is cosigned until the people of B have cleared it.
    number = forks(b)[0]["number"]
    said = b.command("log", "clear", str(number), "its machine was set back")
    assert said == {"cleared": number}


def test_a_second_history_under_the_same_key_is_proved_to_everybody(
    three: dict[str, Node],
) -> None:
    """Somebody with A's log key hands B another history: C, who saw nothing, is told the proof."""
    a, b, c = three["A"], three["B"], three["C"]
    a.raised("true.example")
    least = size(a)
    wait_until(lambda: vouched(a, b, c, least=least), "A is cosigned")
    a.settled()
    a.stop()
    sql = "SELECT size FROM ledger_witnessed WHERE origin = ?"
    ((held,),) = b.rows(sql, log_key(a).name)
    key = log_key(a)
    head = notes.Checkpoint(key.name, held, bytes(range(32)))
    note = notes.sign_checkpoint(head, key, lambda text: a.keyring.sign("log", text)).encode()
    body = Submission(held, (), note).encode()
    status, said = b.ask("POST", "/witness/v1/add-checkpoint", body)
    assert (status, said) == (409, f"{held}\n".encode())
    for node in (b, c):
        wait_until(lambda n=node: alarmed(n), "is alarmed")  # type: ignore[misc]
        (fork,) = forks(node)
        assert fork["kind"] == "contradiction" and fork["whose"] == "A"
    a.start()
    wait_until(lambda: alarmed(a), "A learns of it")
    assert forks(a)[0]["ours"]
