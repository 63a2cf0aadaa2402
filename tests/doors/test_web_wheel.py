"""What `pip install .` brings along: pages, style sheets and compiled translations."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all files in a wheel of this source."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_every_template_asset_and_catalogue(names: set[str]) -> None:
    source = ROOT / "src"
    wanted = {
        file.relative_to(source).as_posix()
        for pattern in ("templates/**/*.html", "static/**/*.*", "locale/**/*.po")
        for file in (source / "hueandcry").glob(f"doors/*/{pattern}")
    }
    assert len(wanted) > 10
    assert wanted - names == set()
    assert {name[:-3] + ".mo" for name in wanted if name.endswith(".po")} - names == set()


def test_the_wheel_holds_no_test_and_no_compiled_module(names: set[str]) -> None:
    assert {name.split("/")[0].split("-")[0] for name in names} == {"hueandcry"}
    assert not any(name.endswith((".pyc", ".sqlite3")) for name in names)
