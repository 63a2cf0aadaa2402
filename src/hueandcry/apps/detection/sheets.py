"""Pages of a PDF as pictures, drawn by another process, which cannot harm this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Final

from hueandcry.core.errors import Malformed, TooLarge, TooMany

#: Bytes of a file that is drawn, and pages at a time.
MAX_BYTES: Final = 32 << 20
MAX_PAGES: Final = 10
#: Files at once, and seconds that one more waits for its turn.
AT_ONCE: Final = 1
PATIENCE: Final = 30.0
#: Seconds for one file; the other process ends itself a little before.
SECONDS: Final = 30.0

_MODULE: Final = "hueandcry.apps.detection.drawing"
_turns: Final = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Sheets:
    """Some pages of a file, one after the other."""

    first: int  #: the number of the first one, from 1
    pages: tuple[bytes, ...]  #: JPEG; none where the file ends before `first`
    more: bool  #: pages follow


def pdf_pages(data: bytes, first: int = 1, count: int = MAX_PAGES) -> Sheets:
    """Draws pages of a PDF; raises Malformed, TooLarge, or TooMany when others are before it."""
    if len(data) > MAX_BYTES:
        raise TooLarge("pdf_too_large", f"The PDF has more than {MAX_BYTES >> 20} MB")
    if not _turns.acquire(timeout=PATIENCE):
        raise TooMany("busy", "Another PDF is being drawn", do="Try again in a minute")
    try:
        head, _, pages = _asked(data, first, min(count, MAX_PAGES)).partition(b"\n")
        said = json.loads(head)
    except (subprocess.SubprocessError, OSError, ValueError):
        raise Malformed(
            "pdf_unsafe",
            "The PDF was not drawn",
            why="It took more memory or time than pages need, or broke what draws them",
        ) from None
    finally:
        _turns.release()
    if "refused" in said:
        raise Malformed("pdf_broken", "The PDF cannot be drawn", why=said["refused"])
    return Sheets(first, tuple(_cut(pages, said["sizes"])), said["more"])


def _asked(data: bytes, first: int, count: int) -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", _MODULE, str(first), str(count)],
        input=data,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # Nothing of this process's own environment: it may hold secrets.
        env={"PYTHONPATH": os.pathsep.join(sys.path), "RAYON_NUM_THREADS": "1"},
        cwd="/",
        timeout=SECONDS,
        check=True,
    )
    return done.stdout


def _cut(pages: bytes, sizes: list[int]) -> list[bytes]:
    found, at = list[bytes](), 0
    for size in sizes:
        found.append(pages[at : at + size])
        at += size
    return found
