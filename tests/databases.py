"""The database that a test run uses: SQLite in a temporary folder, or a PostgreSQL of our own.

Never a database that somebody else made: between tests every table is emptied.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from clusters import Cluster, postgres_folder, start_cluster
from hueandcry.doors.cli import opening
from hueandcry.doors.cli.processes import bare_environment
from hueandcry.engine.store import reading

SOURCE = Path(__file__).resolve().parents[1] / "src"

#: What these ask, apps answer, whose tests run on both databases; one that has a statement of its
#: own, or reads on from where it was, says so by its own mark.
DOORS = Path(__file__).parent / "doors"

#: Filled by `migrate` and by nothing else, so emptying them would only cost time.
_FIXED_TABLES = {"django_migrations", "django_content_type", "auth_permission"}


# --- one test run -------------------------------------------------------------------------------


def skips_fail(variables: Mapping[str, str]) -> bool:
    """Whether this run must test everything: continuous integration, or somebody who asks."""
    return variables.get("CI") == "true" or variables.get("HUEANDCRY_NO_SKIP") == "1"


Child = subprocess.Popen[str]


def child_environment(**more: str) -> dict[str, str]:
    """Variables for a process of its own that uses the same database as this test."""
    return {**os.environ, "PYTHONPATH": str(SOURCE), **more}


def start_children(script: Path, commands: Sequence[Sequence[object]]) -> list[Child]:
    """Runs `script` once per command; all begin their work at the same moment.

    The script says `ready` in a line of its own and then waits for a line.
    """
    running = [
        subprocess.Popen(
            [sys.executable, script, *map(str, command)],
            env=child_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for command in commands
    ]
    for child in running:
        assert child.stdout is not None and child.stdin is not None
        said = child.stdout.readline()
        assert said == "ready\n", said + child.communicate()[0]
    for child in running:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    return running


def run_children(script: Path, commands: Sequence[Sequence[object]]) -> list[tuple[int, str]]:
    """As `start_children`, to the end; (exit code, what it said after `ready`) of each."""
    running = start_children(script, commands)
    outputs = [child.communicate(timeout=120)[0] for child in running]
    return [(child.returncode, output) for child, output in zip(running, outputs, strict=True)]


class Tables:
    """Makes the tables once, and puts every table back to what was in it then."""

    def __init__(self) -> None:
        opening.migrate()
        names = connection.introspection.django_table_names(only_existing=True)
        self._names = [name for name in names if name not in _FIXED_TABLES]
        self._first = {name: rows for name in self._names if (rows := _rows(name)) is not None}

    def reset(self) -> None:
        """Empties all tables in one transaction, and the log; ids go on growing, as in a life."""
        shutil.rmtree(settings.DATA / "log", ignore_errors=True)
        with _without_triggers(), transaction.atomic(), connection.cursor() as cursor:
            for name in self._names:
                cursor.execute(f'DELETE FROM "{name}"')
            for name, rows in self._first.items():
                marks = ", ".join(["%s"] * len(rows[0]))
                cursor.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)


def _rows(table: str) -> list[tuple[Any, ...]] | None:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        return cursor.fetchall() or None


def somebody_waits() -> bool:
    """Whether any transaction waits for another's lock (PostgreSQL)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


@contextmanager
def _without_triggers() -> Iterator[None]:
    """Nothing is checked while all goes at once."""
    off, on = (
        ("SET session_replication_role = replica", "SET session_replication_role = DEFAULT")
        if connection.vendor == "postgresql"
        else ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON")
    )
    with connection.cursor() as cursor:
        cursor.execute(off)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(on)


def forget_caches() -> None:
    """Empties every cache of rows: a module of ours that has one names its emptying `forget`."""
    reading.close_reader()
    for name, module in list(sys.modules.items()):
        forget = vars(module).get("forget") if name.startswith("hueandcry.") else None
        if callable(forget) and forget.__module__ == name:
            forget()


# --- for conftest -------------------------------------------------------------------------------


def add_options(parser: pytest.Parser) -> None:
    """`--database sqlite|postgresql`: Django can be set up for one database per process."""
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="which database the tests marked `database` use (a new one, removed afterwards)",
    )


def configure(config: pytest.Config) -> None:
    """Makes the database and points the environment to it, before Django reads any of it."""
    folder = Path(tempfile.mkdtemp(prefix="hueandcry-tests-"))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    for name in [name for name in os.environ if name.startswith("HUEANDCRY_")]:
        if name != "HUEANDCRY_NO_SKIP":
            del os.environ[name]
    os.environ["HUEANDCRY_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "hueandcry.config.settings"
    if config.getoption("--database") == "postgresql" and not _only_hands_out(config):
        _configure_postgres(config)


def _only_hands_out(config: pytest.Config) -> bool:
    """Whether this process gives all tests to others (`-n`), each with a database of its own."""
    return bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")


def _configure_postgres(config: pytest.Config) -> None:
    programs = postgres_folder()
    if programs is None:
        if skips_fail(os.environ):
            raise pytest.UsageError("PostgreSQL is not installed, and nothing may be skipped here")
        return
    cluster = start_cluster(programs, durable=False)
    config.add_cleanup(cluster.stop)
    _clusters.append(cluster)
    os.environ["HUEANDCRY_DATABASE_URL"] = cluster.create("tests")


#: The PostgreSQL of this run, if it has one.
_clusters: list[Cluster] = []

#: SQLite's own, so that tests may ask both databases in the same words.
_HEX = (
    "CREATE FUNCTION hex(bytea) RETURNS text LANGUAGE sql IMMUTABLE AS"
    " $$ SELECT upper(encode($1, 'hex')) $$"
)


def node_database(cluster: Cluster, name: str) -> str:
    """The address of a new database for a node, with the words that tests ask it in."""
    url = cluster.create(name)
    cluster.run(name, _HEX)
    return url


@cache
def _migrated_on(cluster: Cluster) -> str:
    """The name of a database as our migrations leave it, made once per run."""
    url = node_database(cluster, "migrated")
    migrate(Path(os.environ["HUEANDCRY_DATA"]) / "migrated", HUEANDCRY_DATABASE_URL=url)
    return "migrated"


@cache
def migrated_file() -> Path:
    """A SQLite database as our migrations leave it, made once per run."""
    folder = Path(os.environ["HUEANDCRY_DATA"]) / "migrated"
    migrate(folder)
    return folder / "node.sqlite3"


def migrate(folder: Path, **variables: str) -> None:
    """Runs the migrations as a new node does, in a process and a new folder of its own."""
    folder.mkdir(exist_ok=True)
    code = "from hueandcry.doors.cli import opening; opening.prepare(); opening.migrate()"
    environment = bare_environment(PYTHONPATH=str(SOURCE), HUEANDCRY_DATA=str(folder), **variables)
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def own_database(name: str) -> str:
    """The address of a new database for a node that is a process of its own; empty on SQLite.

    It is a copy of a migrated one: migrations cost a node seconds.
    """
    for cluster in _clusters:
        return cluster.create(name, like=_migrated_on(cluster))
    return ""


def mark(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Marks what needs the database; skips everything where PostgreSQL was asked for in vain."""
    absent = config.getoption("--database") == "postgresql" and not os.environ.get(
        "HUEANDCRY_DATABASE_URL"
    )
    for item in items:
        if "database" in getattr(item, "fixturenames", ()) and DOORS not in item.path.parents:
            item.add_marker(pytest.mark.database)
        if absent:
            item.add_marker(pytest.mark.skip(reason="PostgreSQL's server is not installed"))
