"""What earlier releases left is brought forward, and still answers: one frozen node for each.

A file `tests/upgrade/<version>.tar.zst` is what `age -d` gives of a backup made by that version
(docs/backup.md says how to add one). Nobody writes it anew: it is what people have.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyrage  # type: ignore[import-untyped]
import pytest

import databases
from clusters import Cluster, postgres_folder, start_cluster

HERE = Path(__file__).resolve().parent
FROZEN = sorted((HERE.parent / "upgrade").glob("*.tar.zst"))
KEY = pyrage.x25519.Identity.generate()

#: What the frozen node of each version answered on the day it was frozen: value → verdict.
ANSWERS: dict[str, dict[str, str]] = {
    "0.1.0": {
        "first-release.example": "scam",
        "amber.example": "scam",
        "theirs.example": "scam",
        "taken-back.example": "unknown",
        "bulk-7.example": "suspicious",
        "+66812345678": "scam",
    },
}

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster | None]:
    programs = postgres_folder()
    running = start_cluster(programs, durable=False) if programs else None
    yield running
    if running:
        running.stop()


@pytest.fixture(params=FROZEN, ids=lambda path: path.name.removesuffix(".tar.zst"))
def frozen(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def run(
    request: pytest.FixtureRequest,
    frozen: Path,
    tmp_path: Path,
    cluster: Cluster | None,
) -> Run:
    """Runs a command on the frozen node, restored by this version."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith("HUEANDCRY_")}
    variables.pop("DJANGO_SETTINGS_MODULE", None)
    variables["PYTHONPATH"] = str(databases.SOURCE)
    variables["HUEANDCRY_DATA"] = str(tmp_path / "node")
    if request.param == "postgresql":
        if cluster is None:
            pytest.skip("PostgreSQL's server is not installed")
        name = f"upgrade_{frozen.name.removesuffix('.tar.zst').replace('.', '_')}"
        variables["HUEANDCRY_DATABASE_URL"] = cluster.create(name)

    def command(*words: object) -> Any:
        line = [sys.executable, "-m", "hueandcry", *map(str, words), "--json"]
        done = subprocess.run(line, env=variables, capture_output=True, text=True)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return [json.loads(each) for each in done.stdout.splitlines()]

    backup, identity = tmp_path / "frozen.backup.age", tmp_path / "identity.txt"
    backup.write_bytes(pyrage.encrypt(frozen.read_bytes(), [KEY.to_public()]))
    identity.write_text(str(KEY))
    command("restore", backup, "--identity", identity)
    return command


def test_a_frozen_node_is_brought_forward_and_still_answers(run: Run, frozen: Path) -> None:
    answers = ANSWERS[frozen.name.removesuffix(".tar.zst")]
    said = run("check", *answers)
    assert {each["value"]: each["verdict"] for each in said} == answers
    (ledger,) = run("log", "verify")
    assert ledger["holds"] and ledger["openings"] > 20
    (peers,) = run("peer", "list")
    assert [peer["state"] for peer in peers] == ["in_force"]
    (tokens,) = run("token", "list")
    assert len(tokens) == 1
    doctor = run("log", "status")[0]
    assert doctor["epochs"] == [{"epoch": 0, "first": 0}] and doctor["restoring"]


def test_there_is_one_for_every_release() -> None:
    assert [path.name.removesuffix(".tar.zst") for path in FROZEN] == sorted(ANSWERS)
