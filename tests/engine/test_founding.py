"""The tables of a new node, made at once, are those that all migrations one by one come to."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from clusters import postgres_folder, start_cluster
from hueandcry.doors.cli.processes import bare_environment

HERE = Path(__file__).resolve().parent


def made(way: str, folder: Path, url: str = "") -> dict[str, Any]:
    """What is in a new database whose tables came that way, by table."""
    folder.mkdir()
    environment = bare_environment(
        DJANGO_SETTINGS_MODULE="hueandcry.config.settings",
        HUEANDCRY_DATA=str(folder),
        HUEANDCRY_DATABASE_URL=url,
        PYTHONPATH=str(HERE.parents[1] / "src"),
    )
    script = [sys.executable, str(HERE / "tables_told.py"), way]
    done = subprocess.run(script, env=environment, capture_output=True, text=True, check=True)
    tables: dict[str, Any] = json.loads(done.stdout)
    return tables


def compare(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert sorted(one) == sorted(other) and "members_member" in one
    for table, told in one.items():
        assert told == other[table], table


def test_tables_made_at_once_are_those_of_all_migrations(tmp_path: Path) -> None:
    compare(made("at-once", tmp_path / "one"), made("migrations", tmp_path / "other"))


def test_the_same_holds_on_postgresql(tmp_path: Path) -> None:
    programs = postgres_folder()
    if programs is None:
        pytest.skip("no PostgreSQL is installed: Debian's package postgresql has it")
    cluster = start_cluster(programs, durable=False)
    try:
        one, other = cluster.create("one"), cluster.create("other")
        compare(
            made("at-once", tmp_path / "one", one), made("migrations", tmp_path / "other", other)
        )
    finally:
        cluster.stop()
