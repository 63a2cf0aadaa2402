"""A node that comes out of a backup has its exhibits: bytes, custody, restrictions and holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyrage  # type: ignore[import-untyped]
import pytest

from databases import SOURCE
from evidence_scene import CHAT, Evidence, handed_over
from hueandcry.apps.evidence import face
from hueandcry.apps.evidence.face import Limit, Terms, Told
from hueandcry.core.custody import Action, facts
from hueandcry.core.types import DAY
from hueandcry.engine.backup import face as backups
from hueandcry.engine.store.work import unit_of_work
from other_member import OtherMember

pytestmark = pytest.mark.database

KEY = pyrage.x25519.Identity.generate()

#: Prints what the restored node knows of each exhibit named, as JSON; nothing is noted.
READ = """
import json, sys
from hueandcry.doors.cli import opening
opening.open_node()
from hueandcry.apps.evidence import face
from hueandcry.core.custody import facts
from hueandcry.engine import clock
for view in map(face.exhibit, sys.argv[1:]):
    print(json.dumps([
        b"".join(face.stream(view.id)).hex(),
        [facts(each.event) for each in face.events(view.id)],
        [view.collected_by, view.holds, len(face.restrictions(view.id, clock.now()))],
    ]))
"""


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Evidence:
    return Evidence(monkeypatch)


def test_exhibits_come_back_with_all_that_is_known_of_them(node: Evidence, tmp_path: Path) -> None:
    hanoi = OtherMember("hanoi", roles=("lea",))
    node.joined(hanoi)
    parent = node.held(collected_by="Officer Somchai")
    node.did(face.hold, parent.id, "Court", "Case 7", node.now + DAY)
    node.did(face.restrict, parent.id, Terms(Limit.ONWARD, "Not abroad", "Court"))
    taken = node.taken(b"black bars")
    node.did(face.derive, parent.id, taken, Told(number="EX-2"), Action.REDACTED, "Names")
    with unit_of_work():
        face.receive(node.police, handed_over(hanoi, node.fingerprint), node.now)
    run = restored(node, tmp_path)
    known = {"EX-1": CHAT, parent.number: CHAT, "EX-2": b"black bars"}
    shown = run("-c", READ, *known).splitlines()
    for (number, content), line in zip(known.items(), shown, strict=True):
        view = face.exhibit(number)
        restrictions = len(face.restrictions(view.id, node.now))
        assert json.loads(line) == [
            content.hex(),
            [facts(each.event) for each in face.events(view.id)],
            [view.collected_by, view.holds, restrictions],
        ]


def restored(node: Evidence, folder: Path) -> Any:
    """A backup of this node, restored into a folder; runs Python there and gives what it says."""
    names = {"name": "Centre", "fingerprint": node.fingerprint, "url": "https://centre.example"}
    keys = backups.recipients([str(KEY.to_public())])
    path = backups.make(folder / "backup.age", keys, names, node.now).path
    (folder / "identity.txt").write_text(str(KEY))
    variables = {k: v for k, v in os.environ.items() if not k.startswith("HUEANDCRY_")}
    variables |= {"PYTHONPATH": str(SOURCE), "HUEANDCRY_DATA": str(folder / "again")}

    def run(*words: object) -> bytes:
        line = [sys.executable, *map(str, words)]
        done = subprocess.run(line, env=variables, capture_output=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("-m", "hueandcry", "restore", path, "--identity", folder / "identity.txt")
    return run
