"""A node is lost with its disk, and comes back out of a backup: nobody was told two histories."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyrage  # type: ignore[import-untyped]
import pytest

import databases
from clusters import Cluster, postgres_folder, start_cluster
from hueandcry.core import jws, notes, tlog
from hueandcry.core.tiles import Tile, TileReader
from hueandcry.engine.keys import ed25519
from nodes.partnership import Node, founded_only, partnership, wait_until

RETRACTED = 1


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster | None]:
    programs = postgres_folder()
    running = start_cluster(programs, durable=False) if programs else None
    yield running
    if running:
        running.stop()


class Scene:
    """A member A with a peer B, a backup of A, and what it takes to lose A and to have it back."""

    def __init__(self, folder: Path, a: Node, b: Node, urls: list[str]) -> None:
        self.a, self.b = a, b
        self.safe = folder / "safe"
        self.safe.mkdir()
        self.urls = urls
        identity = pyrage.x25519.Identity.generate()
        self.identity = self.safe / "identity.txt"
        self.identity.write_text(f"# the key\n{identity}\n")
        self.recipient = str(identity.to_public())
        # As `doctor` asks: the root is not where a burglar, or a fire, would find it.
        shutil.move(self.a.folder / "root", self.safe / "root")
        self.file = Path()

    def backed_up(self) -> dict[str, Any]:
        said: dict[str, Any] = self.a.command(
            *("backup", "--to", self.recipient, "--output", str(self.safe)),
            *("--verify", str(self.identity)),
        )
        self.file = Path(said["file"])
        return said

    def lost(self) -> None:
        """Power, disk and database at once."""
        self.a.close()
        shutil.rmtree(self.a.folder)
        if self.urls:
            self.a.variables["HUEANDCRY_DATABASE_URL"] = self.urls.pop()

    def restored(self) -> dict[str, Any]:
        """The same place again, or on PostgreSQL another, empty database; running."""
        said: dict[str, Any] = self.a.command(
            "restore", str(self.file), "--identity", str(self.identity)
        )
        self.a.start()
        return said

    def state(self) -> str:
        return str(self.a.command("log", "status")["restoration"]["state"])

    # --- what the world holds of A's log ---

    def heads(self) -> list[bytes]:
        """Every head of A's log that B was ever shown: from its receipts, and the one it keeps."""
        found = [note for (note,) in self.b.rows("SELECT checkpoint FROM peers_peer") if note]
        for (raw,) in self.b.rows("SELECT document FROM peers_receipt WHERE NOT ours"):
            shown = jws.open_document(bytes(raw)).stated.body["checkpoints"]["ours"]
            found += [shown.encode()] if shown else []
        return [bytes(note) for note in dict.fromkeys(found)]

    def opened(self, note: bytes) -> notes.Checkpoint:
        origin = note.partition(b"\n")[0].decode()
        key = notes.VerifierKey(origin, notes.ED25519, self.a.keyring.public("log"))
        return notes.open_checkpoint(note, key, [], ed25519.verify).checkpoint

    def head(self, epoch: int) -> notes.Checkpoint:
        status, note = self.a.ask("GET", f"/log/{epoch}/checkpoint")
        assert status == 200
        return self.opened(note)

    def reader(self, epoch: int, size: int) -> TileReader:
        """A's public tiles, over HTTP, as anybody reads them."""

        def fetch(tile: Tile) -> bytes:
            status, body = self.a.ask("GET", f"/log/{epoch}/{tile.path}")
            assert status == 200, tile.path
            return body

        return TileReader(size, fetch)

    def consistent(self, old: notes.Checkpoint, size: int, root: bytes, epoch: int) -> None:
        """`old` is a prefix of the epoch's tree of `size` entries."""
        if old.size:
            path = tlog.consistency_proof(old.size, size, self.reader(epoch, size))
            tlog.verify_consistency(old.size, size, old.root, root, path)


@contextmanager
def scene(folder: Path, cluster: Cluster | None, database: str) -> Iterator[Scene]:
    urls = []
    if database != "sqlite":
        if cluster is None:
            pytest.skip("PostgreSQL's server is not installed")
        names = [f"{folder.name.replace('-', '_')}_{database}_{n}" for n in range(3)]
        urls = [databases.node_database(cluster, name) for name in names]
    held = {"A": urls.pop()} if database == "postgresql" else {}
    with partnership(folder, "AB", ("AB",), on=held) as nodes:
        yield Scene(folder, nodes["A"], nodes["B"], urls)


@pytest.fixture(params=["sqlite", "postgresql"])
def lost(
    request: pytest.FixtureRequest, tmp_path: Path, cluster: Cluster | None
) -> Iterator[Scene]:
    if request.param == "sqlite" and request.config.getoption("--database") == "postgresql":
        pytest.skip("the run on SQLite does this")
    with scene(tmp_path, cluster, request.param) as found:
        yield found


def known(node: Node, value: str) -> bool:
    return node.verdict(value) == "scam"


def test_the_log_goes_on_where_every_witness_saw_it(lost: Scene) -> None:
    a, b = lost.a, lost.b
    a.raised("ours-one.example", "ours-two.example", "taken-back.example")
    b.raised("theirs-one.example")
    wait_until(lambda: known(b, "taken-back.example"), "B has A's claims")
    wait_until(lambda: known(a, "theirs-one.example"), "A has B's claim")
    a.retracted("taken-back.example")
    wait_until(lambda: not known(b, "taken-back.example"), "B has the retraction")
    a.settled()
    b.settled()
    before = a.claims()
    held = lost.heads()
    assert held
    a.stop()  # else B would witness the entry by which the backup itself is logged
    said = lost.backed_up()
    lost.lost()
    lost.restored()
    wait_until(lambda: lost.state() == "continued", "the log goes on")
    assert a.claims() == before and a.verdict("taken-back.example") == "unknown"

    a.raised("after.example")
    b.raised("theirs-after.example")
    wait_until(lambda: known(b, "after.example"), "B hears A again")
    wait_until(lambda: known(a, "theirs-after.example"), "A hears B again")
    a.settled()
    now = lost.head(0)
    assert now.size > said["log_end"]
    for note in [*held, *lost.heads()]:
        lost.consistent(lost.opened(note), now.size, now.root, 0)
    a.verified()
    assert b.verdict("taken-back.example") == "unknown"


def test_what_a_witness_saw_and_we_lost_takes_a_new_epoch(lost: Scene) -> None:
    a, b = lost.a, lost.b
    a.raised("before.example", "before-taken-back-later.example")
    wait_until(lambda: known(b, "before.example"), "B has what came before")
    a.settled()
    said = lost.backed_up()
    a.raised("lost.example", "lost-and-taken-back.example")
    wait_until(lambda: known(b, "lost-and-taken-back.example"), "B has what will be lost")
    a.retracted("lost-and-taken-back.example")
    a.retracted("before-taken-back-later.example")
    b.raised("theirs-meanwhile.example")
    wait_until(lambda: not known(b, "before-taken-back-later.example"), "B has the retractions")
    wait_until(lambda: known(a, "theirs-meanwhile.example"), "A has B's claim")
    a.settled()
    b.settled()
    ours, theirs = a.claims(a), a.claims(b)
    held = lost.heads()
    assert max(lost.opened(note).size for note in held) > said["log_end"]

    lost.lost()
    lost.restored()
    wait_until(lambda: lost.state() == "behind", "A knows that it lost entries")
    assert a.verdict("before.example") == "scam"  # it answers all the same
    status, note = a.ask("GET", "/log/0/checkpoint")
    assert status == 404 or lost.opened(note).size <= said["log_end"]
    refused = a.try_command("report", "too-soon.example")
    assert refused.returncode == 1 and "restored" in refused.stderr
    refused = a.try_command("log", "succeed")
    assert refused.returncode == 1 and "root" in refused.stderr

    shutil.move(lost.safe / "root", a.folder / "root")
    opened = a.command("log", "succeed")
    shutil.move(a.folder / "root", lost.safe / "root")
    assert opened["opens"].endswith("/log/1") and opened["kept"] >= said["log_end"]
    assert lost.state() == "succeeded"

    # Nothing that was said before the backup, or after it to anybody, is lost.
    wait_until(lambda: a.claims(a) == ours, "what A issued came back from B")
    wait_until(lambda: a.claims(b) == theirs, "what B issued came again")
    a.raised("after.example", "lost-and-taken-back.example")
    wait_until(lambda: known(b, "after.example"), "B hears A again")
    wait_until(lambda: known(b, "lost-and-taken-back.example"), "what is raised anew has a new id")
    b.raised("theirs-after.example")
    wait_until(lambda: known(a, "theirs-after.example"), "A hears B again")
    assert b.verdict("before-taken-back-later.example") == "unknown"
    assert a.verdict("before-taken-back-later.example") == "unknown"
    a.settled()
    b.settled()
    no_fork(lost, held)


def no_fork(lost: Scene, held: list[bytes]) -> None:
    """Every head that B holds is a prefix of what A shows, or of an epoch that A has ended."""
    raw = lost.b.rows("SELECT document FROM peers_document WHERE type = 'succession'")[0][0]
    body = jws.open_document(bytes(raw)).stated.body
    kept, root = body["size"], base64.b64decode(body["root"])
    for note in held:
        old = lost.opened(note)
        if old.size <= kept:
            lost.consistent(old, kept, root, 0)
        else:
            assert note.decode() in body["seen"] or old.size < max(
                lost.opened(each.encode()).size for each in body["seen"]
            )
    now = lost.head(1)
    later = [lost.opened(note) for note in lost.heads() if note not in held]
    assert any(head.origin.endswith("/log/1") for head in later)
    for head in later:
        assert head.origin.endswith("/log/1") or head.size <= kept
        if head.origin.endswith("/log/1"):
            lost.consistent(head, now.size, now.root, 1)
    # The old epoch stays readable as far as it was kept, and its last head is kept at B as well.
    assert tlog.tree_root(kept, lost.reader(0, kept)) == root
    origins = [origin for (origin,) in lost.b.rows("SELECT origin FROM ledger_foreignhead")]
    assert sorted(origin[-1] for origin in origins) == ["0", "1"]
    positions = [index for (index,) in lost.a.rows('SELECT "index" FROM ledger_entry')]
    assert len(positions) == len(set(positions))
    assert not [n for n in positions if kept <= n < body["first"]]
    lost.a.verified()
    lost.b.verified()


def test_a_node_moves_to_postgresql_out_of_a_backup(
    request: pytest.FixtureRequest, tmp_path: Path, cluster: Cluster | None
) -> None:
    if request.config.getoption("--database") == "postgresql":
        pytest.skip("it begins on SQLite")
    with scene(tmp_path, cluster, "moved") as moved:
        a, b = moved.a, moved.b
        a.raised("ours.example", "ünïcode.example", "gone.example")
        a.retracted("gone.example")
        a.ingested([f"bulk-{n}.example" for n in range(300)])
        b.raised("theirs.example")
        wait_until(lambda: known(a, "theirs.example"), "A has B's claim")
        wait_until(lambda: b.verdict("bulk-299.example") == "suspicious", "B has the list")
        a.settled()
        held, before = moved.heads(), a.claims()
        a.stop()
        moved.backed_up()
        moved.lost()
        assert a.variables["HUEANDCRY_DATABASE_URL"].startswith("postgresql://")
        moved.restored()
        wait_until(lambda: moved.state() == "continued", "the log goes on")
        assert a.claims() == before
        a.raised("after.example")
        wait_until(lambda: known(b, "after.example"), "B hears A again")
        now = moved.head(0)
        for note in [*held, *moved.heads()]:
            moved.consistent(moved.opened(note), now.size, now.root, 0)
        a.verified()


def test_what_is_not_a_backup_becomes_no_node(tmp_path: Path) -> None:
    with founded_only(tmp_path, "A") as nodes:
        alone = Scene(tmp_path, nodes["A"], nodes["A"], [])
        alone.a.raised("value.example")
        alone.backed_up()
        # The node is still there: nothing takes its place.
        assert "not empty" in _refused(alone)
        alone.lost()
        whole = alone.file.read_bytes()
        for wrong in (whole[: len(whole) // 2], whole[:-1], whole[:-40] + b"\0" + whole[-39:]):
            alone.file.write_bytes(wrong)
            _refused(alone)
            assert not alone.a.folder.exists() or not any(alone.a.folder.iterdir())
        alone.file.write_bytes(whole)
        right = alone.identity.read_text()
        alone.identity.write_text(str(pyrage.x25519.Identity.generate()))
        assert "does not open" in _refused(alone)
        alone.identity.write_text(right)
        words = ("restore", str(alone.file), "--identity", str(alone.identity))
        assert alone.a.command(*words, "--check")["folder"] is None
        assert alone.restored()["node"]["name"] == "A"


def _refused(scene: Scene) -> str:
    """What a restore is refused with, in words."""
    words = ("restore", str(scene.file), "--identity", str(scene.identity))
    refused = scene.a.try_command(*words)
    assert refused.returncode == 1, refused.stdout
    return refused.stderr
