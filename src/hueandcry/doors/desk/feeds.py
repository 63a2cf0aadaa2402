"""The MISP feed as a folder that is made anew when it is asked for and has changed."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hueandcry.core.errors import NotFound
from hueandcry.core.formats import misp_events
from hueandcry.core.types import SECOND, Micros
from hueandcry.doors.desk import lists

#: A feed is written again this often at most: readers of a manifest then fetch its events.
REST: Final[Micros] = 60 * SECOND
#: Entries end by time alone too.
OLD: Final[Micros] = 900 * SECOND
_STATE: Final = "state"

_writing: dict[Path, threading.Lock] = {}
_guard = threading.Lock()


@dataclass(frozen=True, slots=True)
class Document:
    """One file of the feed."""

    body: bytes
    sha256: str


def document(folder: Path, wanted: lists.List, name: str, state: str, at: Micros) -> Document:
    """The manifest, or an event that it names; raises NotFound for any other.

    Only who asks for the manifest makes the feed anew. While one does, others get the last one.
    """
    if name == "manifest":
        _renew(folder, wanted, state, at)
    path = folder / f"{name}.json"
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(
            "event", "There is no such event", do="Fetch the manifest again; events end"
        ) from None
    return Document(body, hashlib.sha256(body).hexdigest())


def _renew(folder: Path, wanted: lists.List, state: str, at: Micros) -> None:
    lock = _lock(folder)
    first = not (folder / misp_events.MANIFEST).exists()
    if not lock.acquire(blocking=first):
        return
    try:
        if not _is_good(folder, state, at):
            # Nobody else on this machine reads what only a token may.
            folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
            lists.write_feed(folder, wanted, at)
            lists.write_file(folder / _STATE, [f"{state} {at}".encode()])
    finally:
        lock.release()


def _lock(folder: Path) -> threading.Lock:
    with _guard:
        return _writing.setdefault(folder, threading.Lock())


def _is_good(folder: Path, state: str, at: Micros) -> bool:
    """Whether the feed in the folder is this state's, or too young to be written again."""
    try:
        held, _, text = (folder / _STATE).read_text().partition(" ")
        age = at - int(text)
    except (FileNotFoundError, ValueError):
        return False
    if age < 0 or not (folder / misp_events.MANIFEST).exists():
        return False
    return age < REST or (held == state and age < OLD)
