"""A backup holds everything but the root, says so itself, and is believed only whole."""

from __future__ import annotations

import datetime
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from pathlib import Path
from typing import Any

import pyrage  # type: ignore[import-untyped]
import pytest
import zstandard
from django.conf import settings
from django.db import connection

from evidence_scene import Evidence, handed_over
from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.members.models import Person
from hueandcry.core.custody import Action
from hueandcry.core.errors import Broken, HueError, Malformed, Untrusted
from hueandcry.core.types import DAY
from hueandcry.engine.backup import archive, columns, making, restoring
from hueandcry.engine.backup import face as backups
from hueandcry.engine.backup.columns import Table
from hueandcry.engine.backup.models import Backup
from hueandcry.engine.backup.snapshot import snapshot
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.blobs import store as stores
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node
from other_member import OtherMember

SOURCE = Path(__file__).resolve().parents[2] / "src"
OTHER = OtherMember("bank")
KEY = pyrage.x25519.Identity.generate()
NAMES = {"name": "Centre", "fingerprint": "0" * 64, "url": "https://centre.example"}


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Evidence:
    node = Evidence(monkeypatch)
    node.joined(OTHER, "personal")
    node.raised("one.example", "ünï.example", "two.example")
    node.retracted("two.example")
    node.published()
    Person.objects.create_user("anna", "x", name="Ånna\n\t\\N 'q\"", roles=["analyst"])
    stamp = datetime.datetime(2026, 11, 24, 3, 4, 5, 60, tzinfo=datetime.UTC)
    Person.objects.update(last_login=stamp)
    return node


def made(node: Node, folder: Path, *to: str) -> backups.Made:
    keys = backups.recipients(to or [str(KEY.to_public())])
    return backups.make(folder / f"{len(list(folder.iterdir()))}.age", keys, NAMES, node.now)


def opened(path: Path) -> bytes:
    """The tar inside, as `age -d | zstd -d` gives it."""
    plain = pyrage.decrypt(path.read_bytes(), [KEY])
    return zstandard.ZstdDecompressor().decompressobj().decompress(plain)


def members_of(path: Path, folder: Path) -> dict[str, bytes]:
    """Every file in a backup, by name."""
    plain = folder / "plain"
    plain.unlink(missing_ok=True)
    archive.decrypt(path, [KEY], plain)
    return {name: file.read() for name, file, _ in archive.members(plain)}


def tables_of(path: Path, folder: Path) -> dict[str, Any]:
    said = json.loads(members_of(path, folder)["manifest.json"])
    return {"tables": said["tables"], "counters": said["counters"]}


def test_every_column_of_every_table_has_a_kind_that_travels(database: None) -> None:
    names = {table.name for table in columns.tables()} | set(columns.left_out())
    assert names == set(connection.introspection.django_table_names(only_existing=True))
    assert columns.left_out() == ["desk_session", "jobs_lease", "peers_nonce"]


def test_tables_stand_behind_those_that_they_point_to(database: None) -> None:
    order = [table.name for table in columns.tables()]
    assert order.index("members_member") < order.index("peers_peer")
    assert order.index("signals_signal") < order.index("signals_claim")


def test_the_root_key_is_never_in_it_and_the_secret_is(node: Node, tmp_path: Path) -> None:
    inside = opened(made(node, tmp_path).path)
    root = settings.DATA / "root"
    texts = [(root / name).read_text() for name in ("root.key", "next.key")]
    seeds = [text.split("\nseed ")[1][:64] for text in texts]
    for seed in seeds:
        assert seed.encode() not in inside and bytes.fromhex(seed) not in inside
    assert (settings.DATA / "secret").read_bytes() in inside
    assert b"root.key" not in inside
    # The operational keys are sealed in it as well as on the disk.
    for path in (settings.DATA / "keys").iterdir():
        assert path.read_bytes() in inside


def test_it_is_noted_and_logged_and_has_its_digest_beside_it(node: Node, tmp_path: Path) -> None:
    found = made(node, tmp_path)
    row = Backup.objects.get()
    assert (row.sha256, row.size, row.rows) == (found.sha256, found.size, found.rows)
    assert row.log_index is not None and row.recipients == str(KEY.to_public())
    said = subprocess.run(
        ["sha256sum", "-c", f"{found.path.name}.sha256"], cwd=tmp_path, capture_output=True
    )
    assert said.returncode == 0
    assert found.path.stat().st_mode & 0o077 == 0
    assert [path.suffix for path in tmp_path.iterdir()].count(".part") == 0


def test_nothing_is_written_over(node: Node, tmp_path: Path) -> None:
    keys = [str(KEY.to_public())]
    path = tmp_path / "one.age"
    path.write_bytes(b"mine")
    with pytest.raises(Malformed, match="exists already"):
        backups.make(path, keys, NAMES, node.now)
    assert path.read_bytes() == b"mine" and not Backup.objects.exists()


def test_several_can_open_it_and_a_file_of_keys_names_them(node: Node, tmp_path: Path) -> None:
    second = pyrage.x25519.Identity.generate()
    keys = tmp_path / "keys.txt"
    keys.write_text(f"# the second\n{second.to_public()}\n\n")
    path = made(node, tmp_path, str(KEY.to_public()), str(keys)).path
    for each in (KEY, second):
        file = tmp_path / "identity"
        file.write_text(f"# made by hand\n{each}\n")
        assert backups.check(path, backups.identities(file)).rows > 20


def test_an_ssh_key_opens_it(node: Node, tmp_path: Path) -> None:
    key = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    path = made(node, tmp_path, str(key.with_suffix(".pub"))).path
    assert backups.check(path, backups.identities(key)).rows > 20


@pytest.mark.parametrize("wrong", ["", "age1nothing", "ssh-ed25519 AAAA", "/no/such/file"])
def test_what_is_no_key_is_refused(wrong: str) -> None:
    with pytest.raises(Malformed):
        backups.recipients([wrong])


def test_others_write_while_it_reads_one_moment(node: Node, tmp_path: Path) -> None:
    table = next(each for each in columns.tables() if each.name == "signals_claim")
    with snapshot() as moment:
        before = int(moment.one("SELECT COUNT(*) FROM signals_claim"))
        writer = threading.Thread(target=_write, args=(node,))
        writer.start()
        writer.join()
        assert sum(len(part) for part in moment.rows(table)) == before
    with snapshot() as moment:
        assert int(moment.one("SELECT COUNT(*) FROM signals_claim")) == before + 1


def _write(node: Node) -> None:
    node.raised("meanwhile.example")
    connection.close()


def preserve(node: Evidence) -> None:
    """Exhibits of ours and of another member, with all that can stand beside them."""
    hanoi = OtherMember("hanoi", roles=("lea",))
    node.joined(hanoi)
    parent = node.held(collected_by="Officer Somchai").id
    node.did(evidence.hold, parent, "Court", "Case 7", node.now + DAY)
    terms = evidence.Terms(evidence.Limit.ONWARD, "Not abroad", "Court")
    node.did(evidence.restrict, parent, terms)
    redacted = node.taken(b"black bars"), evidence.Told(number="EX-2")
    node.did(evidence.derive, parent, *redacted, Action.REDACTED, "Names")
    with unit_of_work():
        evidence.receive(node.police, handed_over(hanoi, node.fingerprint), node.now)


def test_a_restored_node_has_every_row_on_another_database_too(
    node: Evidence, tmp_path: Path
) -> None:
    """From the database of this run into SQLite, and read again: nothing has changed its form."""
    preserve(node)
    path = made(node, tmp_path).path
    identity = tmp_path / "identity.txt"
    identity.write_text(str(KEY))
    folder = tmp_path / "again"
    variables = {k: v for k, v in os.environ.items() if not k.startswith("HUEANDCRY_")}
    variables |= {"PYTHONPATH": str(SOURCE), "HUEANDCRY_DATA": str(folder)}
    run: list[Any] = [sys.executable, "-m", "hueandcry"]
    restore = [*run, "restore", path, "--identity", identity, "--json"]
    done = subprocess.run(restore, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    again = [*run, "backup", "--to", str(KEY.to_public()), "--output", tmp_path / "again.age"]
    done = subprocess.run(again, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, second = tables_of(path, tmp_path), tables_of(tmp_path / "again.age", tmp_path)
    changed = {
        name
        for name, said in first["tables"].items()
        if said != second["tables"][name] and name != "ledger_restoration"
    }
    assert changed == set()
    for name in ("exhibit", "custodyevent", "earlierline", "hold", "restriction"):
        assert first["tables"][f"evidence_{name}"]["rows"]
    assert second["tables"]["ledger_restoration"]["rows"] == 1
    ids = {n: v for n, v in first["counters"].items() if n != "ledger_restoration"}
    assert {n: v for n, v in second["counters"].items() if n != "ledger_restoration"} == ids
    third = subprocess.run(restore, env=variables, capture_output=True, text=True)
    assert third.returncode == 1 and "not empty" in third.stderr
    verified = subprocess.run([*run, "log", "verify"], env=variables, capture_output=True)
    assert verified.returncode == 0, verified.stdout


class Changed:
    """A backup taken apart and put together otherwise."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.parts: dict[str, bytes] = members_of(path, folder)
        self.folder = folder

    def packed(self) -> Path:
        pieces = [p for name, data in self.parts.items() for p in archive.member(name, data, 0)]
        plain = zstandard.ZstdCompressor().compress(b"".join(pieces) + bytes(1024))
        path = self.folder / "changed.age"
        path.write_bytes(pyrage.encrypt(plain, [KEY.to_public()]))
        return path

    def refused(self) -> str:
        with pytest.raises(HueError) as caught:
            backups.check(self.packed(), [KEY])
        assert isinstance(caught.value, Malformed | Untrusted | Broken) or str(caught.value)
        return caught.value.code


@pytest.fixture
def changed(node: Node, tmp_path: Path) -> Changed:
    found = Changed(made(node, tmp_path).path, tmp_path)
    assert backups.check(found.packed(), [KEY]).rows > 20
    return found


def test_a_row_more_or_less_or_otherwise_is_noticed(changed: Changed) -> None:
    name = "tables/signals_signal/000000.ndjson"
    whole = changed.parts[name]
    lines = whole.splitlines(keepends=True)
    for other in (whole + lines[0], b"".join(lines[1:]), whole.replace(b"one", b"0ne")):
        changed.parts[name] = other
        assert changed.refused() == "backup_digest"


def test_a_file_or_a_table_that_is_missing_is_noticed(changed: Changed) -> None:
    kept = dict(changed.parts)
    for name in ("files/secret", "tables/signals_signal/000000.ndjson"):
        changed.parts = {n: data for n, data in kept.items() if n != name}
        assert changed.refused() == "backup_digest"
    changed.parts = {n: data for n, data in kept.items() if n != "manifest.json"}
    assert changed.refused() == "backup"


@pytest.mark.parametrize("name", ["elsewhere/x", "files/../../etc/x", "tables/signals_signal"])
def test_what_belongs_in_no_backup_is_refused(changed: Changed, name: str) -> None:
    last = changed.parts.pop("manifest.json")
    changed.parts |= {name: b"x", "manifest.json": last}
    assert changed.refused() == "backup"


def test_another_format_is_refused_with_the_software_that_reads_it(changed: Changed) -> None:
    head = json.loads(changed.parts["backup.json"])
    changed.parts["backup.json"] = json.dumps({**head, "v": 2}).encode()
    assert changed.refused() == "backup_version"


def test_a_newer_schema_is_refused(database: None) -> None:
    with pytest.raises(HueError) as caught:
        restoring._migrate_to([("members", "0999_from_the_future")])
    assert caught.value.code == "newer_backup"


def test_a_value_that_a_database_has_its_own_form_for_travels_as_one_text() -> None:
    table = Table("t", (("a", "bool"), ("b", "time"), ("c", "int")), "a", False)
    rows: list[list[Any]] = [[1, "2026-11-24 03:04:05.000060", 7], [0, None, None]]
    out = [list(row) for row in columns.turned(rows, columns.from_sqlite(table))]
    assert out == [[True, "2026-11-24T03:04:05.000060", 7], [False, None, None]]


def test_stored_files_come_back_with_their_bytes_and_nothing_half_written_does(
    node: Node, tmp_path: Path
) -> None:
    folder = settings.DATA / "blobs"
    shutil.rmtree(folder, ignore_errors=True)  # what other tests of this process stored
    stores.forget()
    blob = blobs.put([b"a picture"], 9)
    (path,) = folder.glob("*/??/*")
    path.with_name(f"{path.name}#1").write_bytes(b"half")
    try:
        with tarfile.open(fileobj=io.BytesIO(opened(made(node, tmp_path).path))) as tar:
            kept = [each for each in tar.getnames() if "/blobs/" in each]
            assert kept == [f"hueandcry-backup/files/{path.relative_to(settings.DATA)}"]
            held = tar.extractfile(kept[0])
            assert held is not None and held.read() == path.read_bytes()
        assert blobs.read(blob.id, 9) == b"a picture"
    finally:
        shutil.rmtree(folder)
        stores.forget()


def test_doctor_says_when_the_last_backup_is_too_old(node: Node, tmp_path: Path) -> None:
    assert backups.stale(node.now).stale
    made(node, tmp_path)
    assert not backups.stale(node.now + DAY).stale
    assert backups.stale(node.now + 3 * DAY).stale
    with unit_of_work():
        policy.change("backup.days", "0", None, node.now)
    assert not backups.stale(node.now + 300 * DAY).stale


def test_only_the_newest_of_a_folder_are_kept(tmp_path: Path) -> None:
    names = [f"hueandcry-centre-2026112{n}T030000Z.backup.age" for n in range(5)]
    for name in reversed(names):
        (tmp_path / name).touch()
    (tmp_path / "something-else.age").touch()
    assert [path.name for path in making.outdated(tmp_path, 2)] == names[:3]
    assert making.outdated(tmp_path, 0) == []
