"""Which model is in use: the one that ships, or a member's own beside its data."""

from __future__ import annotations

import logging
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Final

from hueandcry.apps.detection.model import MAX_FILE, Model, read_model, write_model
from hueandcry.core.errors import Malformed

log = logging.getLogger("hueandcry.detection")

MESSAGES: Final = "messages.model"

_LOCK = Lock()


class _Own:
    """A member's own model as its file is now: read again when another file stands there.

    `hueandcry train` runs beside the node that is to use what it made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._read: tuple[int, int] | None = None  #: which file was read last
        self.last: Model | None = None  #: of the last file that was a model

    def now(self) -> Model | None:
        """None without a file. Malformed, once for each file that is no model; `last` stays."""
        file = self._file()
        if file != self._read:
            with self._lock:
                self._take(file)
        return self.last

    def _file(self) -> tuple[int, int] | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_ino

    def _take(self, file: tuple[int, int] | None) -> None:
        if file != self._read:
            self._read = file
            self.last = load(self._path) if file else None


_own: _Own | None = None


def message_model() -> Model:
    """The model of this process; what ships is loaded when it is first asked for."""
    own = None
    if _own is not None:
        try:
            own = _own.now()
        except Malformed as refused:
            log.error("%s: %s; what was in use stays in use", refused.what, refused.why)
            own = _own.last
    return own or shipped(MESSAGES)


def watch_folder(folder: Path) -> None:
    """From now on a member's own model is in use whenever `folder` holds one; nothing is read."""
    global _own
    _own = _Own(folder / MESSAGES)


def use_folder(folder: Path) -> bool:
    """The same, and whether there is one; Malformed where the file is there and is none."""
    own = _Own(folder / MESSAGES)
    found = own.now() is not None
    global _own
    _own = own
    return found


def keep(model: Model, folder: Path) -> None:
    """Writes a member's own model into `folder`, and takes it into use."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_model(model, folder / MESSAGES)
    use_folder(folder)


def load(path: Path) -> Model:
    """The model in a file; Malformed for anything else, however large."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as fault:
        raise Malformed("bad_model", f"{path.name} cannot be read", why=str(fault)) from None
    return read_model(data, path.name)


def shipped(name: str) -> Model:
    """The model of that name which came with this release."""
    with _LOCK:
        return _shipped(name)


@cache
def _shipped(name: str) -> Model:
    file = files("hueandcry.apps.detection") / "models" / name
    if not file.is_file():
        raise Malformed(
            "no_model",
            f"This release holds no {name}",
            do="Install it again, or make it with `python -m tools.train`",
        )
    return read_model(file.read_bytes(), name)
