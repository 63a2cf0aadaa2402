"""The one file that an expert is given: standard library only, the same bytes, the same answers."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import packages_made as made
from tools import verifier


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist") / "verify.pyz"
    verifier.build(target)
    return target


def run(alone: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """In an empty environment, with no packages: what an expert's own machine has."""
    return subprocess.run(
        [sys.executable, "-I", "-S", str(alone), *map(str, arguments)],
        capture_output=True,
        text=True,
        env={},
        check=False,
    )


def test_all_that_it_imports_is_the_standard_library_and_itself() -> None:
    names = verifier.needed()
    foreign = set()
    for name in names:
        for node in ast.walk(ast.parse(verifier._file(name).read_text("utf-8"))):
            modules = (
                [each.name for each in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            foreign |= {module.partition(".")[0] for module in modules}
    # pyrage opens what is sealed where it is installed, and is asked for at no other time.
    assert foreign - sys.stdlib_module_names == {"hueandcry", "pyrage"}
    ours = {name for name in names if name.startswith(("hueandcry.core.", "hueandcry.verifier."))}
    assert set(names) - ours == {"hueandcry", "hueandcry.core", "hueandcry.verifier"}


def test_it_verifies_an_opened_package_on_a_bare_machine(alone: Path, tmp_path: Path) -> None:
    package = made.handed_on()
    tar, policy = tmp_path / "evidence.tar", tmp_path / "policy.txt"
    tar.write_bytes(package.tar)
    (tmp_path / "evidence.tar.jws").write_bytes(package.note(b"sealed", package.tar))
    policy.write_text(made.policy().text())
    done = run(alone, tar, "--policy", policy, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["outcome"] == "accepted"
    assert [check["result"] for check in said["checks"]].count("PASS") == 9
    words = run(alone, tar)
    assert words.returncode == 1 and "without a policy" in words.stdout


def test_it_says_of_a_sealed_package_how_to_open_it(alone: Path, tmp_path: Path) -> None:
    sealed, key = tmp_path / "evidence.tar.age", tmp_path / "key"
    sealed.write_bytes(b"age-encryption.org/v1\n")
    key.write_text("AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQ\n")
    done = run(alone, sealed, "--key", key)
    assert done.returncode == 1 and "age -d" in done.stdout


def test_the_same_sources_give_the_same_bytes(alone: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.pyz"
    verifier.build(again)
    assert again.read_bytes() == alone.read_bytes()
    with zipfile.ZipFile(again) as held:
        assert held.testzip() is None and "hueandcry/verifier/ed25519.py" in held.namelist()
