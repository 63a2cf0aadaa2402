"""Secret files: written whole or not at all, and read only when no stranger could have."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from hueandcry.core.errors import NotFound, Untrusted

OWNER_ONLY = 0o077
#: A secret that a service manager or container mounts is often readable by the service's group.
OWNER_AND_GROUP = 0o037


def write_secret(path: Path, content: bytes) -> None:
    """`path` holds `content` with mode 0600, durably, or is untouched: killed at any moment."""
    temporary = path.with_name(f".{path.name}.{os.urandom(6).hex()}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def read_secret(path: Path, *, forbidden: int = OWNER_ONLY) -> bytes:
    """The bytes of `path`; raises NotFound, or Untrusted when its mode has a forbidden bit."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise NotFound("key_file", f"{path} cannot be read", why=error.strerror or "") from None
    with os.fdopen(handle, "rb") as file:
        _check_mode(path, os.fstat(handle), forbidden)
        return file.read(65_536)


def new_folder(path: Path) -> Path:
    """An empty folder `path` with mode 0700; what a killed run left in it is gone."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(mode=0o700)
    path.chmod(0o700)
    return path


def put_folder(path: Path, wanted: Path) -> None:
    """Renames a finished folder to the name that readers look for, durably."""
    sync_folder(path)
    os.replace(path, wanted)
    sync_folder(wanted.parent)


def move_secret(path: Path, wanted: Path) -> None:
    """`wanted` is what `path` was, durably; whatever `wanted` held before is gone."""
    os.replace(path, wanted)
    sync_folder(wanted.parent)


def sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_folder(path: Path) -> None:
    """Raises NotFound when `path` is no folder, Untrusted when others may look into it."""
    try:
        found = path.stat()
    except OSError as error:
        raise NotFound("key_folder", f"{path} cannot be read", why=error.strerror or "") from None
    _check_mode(path, found, OWNER_ONLY)


def _check_mode(path: Path, found: os.stat_result, forbidden: int) -> None:
    if found.st_mode & forbidden:
        mode = stat.S_IMODE(found.st_mode)
        allowed = "700" if stat.S_ISDIR(found.st_mode) else "600"
        raise Untrusted(
            "key_permissions",
            f"{path} has mode {mode:04o}: others on this machine may have read or changed it",
            do=f"Run `chmod {allowed} {path}`, and consider whether the keys are still yours alone",
        )
