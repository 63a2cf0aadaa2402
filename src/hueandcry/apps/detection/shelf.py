"""Which model is in use: the one that ships, or a member's own beside its data."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Final

from hueandcry.apps.detection.model import MAX_FILE, Model, read_model, write_model
from hueandcry.core.errors import Malformed

MESSAGES: Final = "messages.model"

_LOCK = Lock()
_own: dict[str, Model] = {}  #: by file name; empty where what ships is in use


def message_model() -> Model:
    """The model of this process; loaded when it is first asked for."""
    return _own.get(MESSAGES) or shipped(MESSAGES)


def use_folder(folder: Path) -> bool:
    """Takes a member's own model from `folder`, if there is one; whether there was.

    Raises Malformed where the file is there and is none.
    """
    path = folder / MESSAGES
    if not path.exists():
        _own.pop(MESSAGES, None)
        return False
    _own[MESSAGES] = load(path)
    return True


def keep(model: Model, folder: Path) -> None:
    """Writes a member's own model into `folder`, and takes it into use."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_model(model, folder / MESSAGES)
    _own[MESSAGES] = model


def load(path: Path) -> Model:
    """The model in a file; Malformed for anything else, however large."""
    with path.open("rb") as file:
        data = file.read(MAX_FILE + 1)
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
