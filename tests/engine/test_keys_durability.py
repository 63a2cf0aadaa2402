"""Key files that are damaged, and processes that end at any step of writing them."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

from hueandcry.core.errors import (
    HueError,
    NotFound,
    Untrusted,
)
from hueandcry.engine.keys import files
from hueandcry.engine.keys.keyring import PURPOSES, KeyPurpose, Keyring

AT = 1_795_000_000_000_000
SIGNING = [purpose for purpose in PURPOSES if purpose != KeyPurpose.AGE]


@pytest.fixture
def node(tmp_path: Path) -> Path:
    Keyring.create(tmp_path / "node", PURPOSES, AT)
    return tmp_path / "node"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- damage and sudden death --------------------------------------------------------------------


def test_a_half_written_or_altered_key_file_is_never_taken_for_a_key(node: Path) -> None:
    path = next((node / "keys").glob("act-*"))
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        with pytest.raises(Untrusted):
            Keyring.open(node)
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(Untrusted):
            Keyring.open(node)


def test_a_key_file_under_the_name_of_another_purpose_or_id_is_refused(node: Path) -> None:
    act = next((node / "keys").glob("act-*"))
    for name in (act.name.replace("act", "log"), f"act-{'0' * 16}.sealed"):
        copied = node / "keys" / name
        shutil.copy2(act, copied)
        with pytest.raises(Untrusted):
            Keyring.open(node)
        copied.unlink()


def test_a_reload_that_fails_leaves_the_keys_that_were_there(node: Path) -> None:
    keyring = Keyring.open(node)
    before = keyring.key_ids("act")
    (node / "keys" / f"act-{'0' * 16}.sealed").touch(mode=0o600)
    with pytest.raises(Untrusted):
        keyring.reload()
    assert keyring.key_ids("act") == before


def test_left_over_files_beside_the_keys_are_no_keys(node: Path) -> None:
    (node / "keys" / ".act-0.sealed.abc.tmp").write_bytes(b"half")
    (node / "keys" / "README").write_bytes(b"")
    assert len(Keyring.open(node).key_ids("act")) == 1


class Death:
    """Ends the process without warning at the n-th call that makes something durable."""

    def __init__(self, after: int, before_it: bool) -> None:
        self.left, self.before_it = after, before_it

    def around(self, function: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.left -= 1
            if self.left == 0 and self.before_it:
                os._exit(9)
            result = function(*args, **kwargs)
            if self.left == 0:
                os._exit(9)
            return result

        return call


def dies(death: Death, step: Any) -> bool:
    """Runs `step` in a child process that dies as told; False: it ended first."""
    child = os.fork()
    if child == 0:
        os.replace, os.fsync = death.around(os.replace), death.around(os.fsync)
        step()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.parametrize("before_it", [True, False])
def test_a_create_that_is_killed_at_any_step_leaves_nothing_or_all_and_can_be_repeated(
    tmp_path: Path, before_it: bool
) -> None:
    kills = 0
    for n in range(1, 60):
        folder = tmp_path / str(n)
        folder.mkdir()
        if not dies(Death(n, before_it), lambda f=folder: Keyring.create(f, PURPOSES, AT)):
            break
        kills += 1
        root = folder / "root" / "root.key"
        kept = root.read_bytes() if root.exists() else None
        try:
            keyring = Keyring.open(folder)
        except NotFound:
            keyring = Keyring.create(folder, PURPOSES, AT)
        assert all(len(keyring.key_ids(purpose)) == 1 for purpose in PURPOSES)
        assert keyring.root().root.sign(b"m")
        assert kept in (None, root.read_bytes())
        assert {path.name for path in folder.iterdir()} >= {"root", "secret", "keys"}
    assert kills > 20


def test_an_add_that_is_killed_at_any_step_leaves_the_old_keys_or_the_new_one_too(
    node: Path,
) -> None:
    for n in range(1, 6):
        before = Keyring.open(node).key_ids("act")
        dies(Death(n, True), lambda n=n: Keyring.open(node).add("act", AT + n))
        after = Keyring.open(node).key_ids("act")
        assert after == before or after[1:] == before


def test_a_write_that_fails_leaves_the_old_content_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    files.write_secret(path, b"old")

    def full(*args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="disk full"):
        files.write_secret(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_no_error_ever_carries_key_material(node: Path) -> None:
    keyring = Keyring.open(node)
    secrets = [keyring.root().root.seed.hex(), keyring.identity(), (node / "secret").read_bytes()]
    path = node / "root" / "root.key"
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(HueError) as caught:
        keyring.root()
    shown = repr(caught.value) + repr(keyring) + repr(vars(caught.value))
    assert not any(str(secret) in shown for secret in secrets)
