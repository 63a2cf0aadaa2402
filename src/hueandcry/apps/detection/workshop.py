"""Where this process has pictures decoded: in another one, which cannot harm it.

The other process is started when the first picture comes, and again when it is gone.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Final

from hueandcry.apps.detection import frames
from hueandcry.core.errors import HueError, Malformed, TooLarge, TooMany
from hueandcry.core.files import PICTURES, Ends, recognise

#: Bytes of a picture that is looked at; `decoding` bounds what it takes by itself.
MAX_BYTES: Final = 32 << 20
MAX_ANSWER: Final = 16 << 20
#: Pictures at once, and seconds that one more waits for its turn.
AT_ONCE: Final = 2
PATIENCE: Final = 30.0
#: Seconds for one picture; the other process ends itself a little before.
SECONDS: Final = 25.0

_MODULE: Final = "hueandcry.apps.detection.decoding"
_REFUSALS: Final[dict[str, type[HueError]]] = {"picture_too_large": TooLarge}


@dataclass(frozen=True, slots=True)
class Looked:
    """What is in a picture."""

    sort: str  #: its media type, by its first bytes
    width: int  #: as decoded: of a large JPEG, a half, a quarter or an eighth
    height: int
    animated: bool  #: there are more frames than the one that was looked at
    codes: tuple[str, ...]  #: what its QR codes say
    pdq: str  #: 64 hexadecimal digits
    quality: int  #: of that hash, 0 to 100: how much there is to tell pictures apart by
    grey: bytes = b""  #: PGM, when it was wanted
    preview: bytes = b""  #: JPEG, when it was wanted


def look(data: bytes, *, grey: bool = False, preview: bool = False) -> Looked:
    """Decodes a picture; raises Malformed, TooLarge, or TooMany when others are before it."""
    if len(data) > MAX_BYTES:
        raise TooLarge(
            "picture_too_large",
            f"The picture has more than {MAX_BYTES >> 20} MB",
            do="Send a smaller one",
        )
    sort = recognise(Ends.of(data))
    if sort not in PICTURES:
        raise Malformed("not_a_picture", "This is no picture that can be looked at")
    want = [name for name, wanted in (("grey", grey), ("preview", preview)) if wanted]
    found, parts = _asked({"sort": sort, "want": want}, data)
    if "refused" in found:
        code, what, why, do = found["refused"]
        raise _REFUSALS.get(code, Malformed)(code, what, why=why, do=do)
    found["codes"] = tuple(found["codes"])
    found.update(zip(want, parts, strict=True))
    return Looked(sort, **found)


# --- the other process ----------------------------------------------------------------------------

_turns: Final = threading.BoundedSemaphore(AT_ONCE)
_lock: Final = threading.Lock()


class _Process:
    """The process that decodes, as this one holds it."""

    def __init__(self) -> None:
        self.control, theirs = socket.socketpair()
        with theirs:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", _MODULE, str(theirs.fileno())],
                # Nothing of this process's own environment: it may hold secrets.
                env={"PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_NUM_THREADS": "1"},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    def close(self) -> None:
        """It ends when it hears that nobody will ask any more."""
        self.control.close()
        self._popen.wait(timeout=SECONDS)


_process: _Process | None = None


def close() -> None:
    """Ends the other process, if there is one; the next picture starts it again."""
    global _process
    with _lock:
        if _process is not None:
            _process.close()
            _process = None


def _running() -> _Process:
    global _process
    with _lock:
        if _process is None or not _process.running:
            if _process is not None:
                _process.control.close()
            _process = _Process()
        return _process


def _asked(header: frames.Header, data: bytes) -> tuple[frames.Header, list[bytes]]:
    if not _turns.acquire(timeout=PATIENCE):
        raise TooMany("busy", "Too many pictures are being looked at", do="Try again in a minute")
    try:
        with _line() as line:
            line.settimeout(SECONDS)
            frames.send(line, header, [data])
            return frames.receive(line, MAX_ANSWER)
    except (EOFError, OSError):
        raise Malformed(
            "picture_unsafe",
            "The picture was not looked at",
            why="Decoding it took more memory or time than a picture needs, or broke the decoder",
            do="Open it, and send a new picture of what you see",
        ) from None
    finally:
        _turns.release()


def _line() -> socket.socket:
    """A socket of which the other end is with a new fork of the other process."""
    ours, theirs = socket.socketpair()
    with theirs:
        socket.send_fds(_running().control, [b"x"], [theirs.fileno()])
    return ours
