"""The process that draws pages of a stranger's PDF: `python -m …drawing FIRST COUNT`, for one file.

It takes the file from stdin into memory, gives away all that it will not need, and only then has
typst read it, which is Rust, runs no script of a PDF and fetches nothing. Out comes one line of
JSON, `{"sizes": [bytes of each page], "more": whether pages follow}` or `{"refused": why}`, and
then the pages, each a JPEG painted anew.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import sys
import time
from typing import Final

import typst
from PIL import Image

#: The longer side of a drawn page, in pixels.
SIDE: Final = 1_600
#: Bytes of address space, seconds of processor, seconds in all.
MEMORY: Final = 1_536 << 20
CPU_SECONDS: Final = 20
SECONDS: Final = 25
#: Seconds of processor after which no further page is begun.
ENOUGH: Final = 8.0

_FILE: Final = 'image("/proc/self/fd/{file}", format: "pdf", page: {page})'
_DRAWN: Final = """#set page(width: auto, height: auto, margin: 0pt)
#context {{
  let size = measure({image})
  let scale = {side}pt / calc.max(size.width, size.height)
  set image(width: size.width * scale)
  {image}
}}"""
_LOOKED: Final = "#set page(width: 1pt, height: 1pt, margin: 0pt)\n#place(hide({image}))"
_WARM: Final = "#set page(width: 9pt, height: 9pt)\n#pagebreak()"
#: What typst says of a page behind the last one.
_NO_PAGE: Final = "does not exist"


def drawn(file: int, first: int, count: int) -> tuple[list[bytes], bool]:
    """JPEGs of at most `count` pages from `first` on, and whether there are more behind them.

    Of pages that take long there are fewer. Raises typst.TypstError for what cannot be drawn.
    """
    pages = list[bytes]()
    while _is_there(file, first + len(pages)):
        if len(pages) == count or (pages and time.process_time() > ENOUGH):
            return pages, True
        pages.append(_painted(_compiled(_DRAWN, file, first + len(pages))))
    return pages, False


def _is_there(file: int, page: int) -> bool:
    try:
        _compiled(_LOOKED, file, page)
    except typst.TypstError as wrong:
        if _NO_PAGE in str(wrong):
            return False
        raise
    return True


def _compiled(form: str, file: int, page: int) -> bytes:
    """The one page that the form makes, as PNG."""
    made = _compile(form.format(image=_FILE.format(file=file, page=page), side=SIDE))
    assert isinstance(made, bytes)  # several would be a list
    return made


def _compile(source: str) -> object:
    compiler = typst.Compiler(source.encode(), root="/", ignore_system_fonts=True)
    return compiler.compile(format="png", ppi=72.0)


def _painted(png: bytes) -> bytes:
    out = io.BytesIO()
    Image.open(io.BytesIO(png), formats=["PNG"]).convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()


# --- the process ----------------------------------------------------------------------------------


def warm() -> None:
    """Runs once what later could start no thread and open no library any more."""
    _compile(_WARM)
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    _painted(out.getvalue())


def limit(file: int) -> None:
    """From here on this process starts nothing, writes no file, and opens one at a time."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, file + 2),
    ):
        resource.setrlimit(what, (most, most))
    signal.alarm(SECONDS)


def main(first: str, count: str) -> None:
    """Draws what stdin holds, and writes it to stdout."""
    file = os.memfd_create("file")
    with os.fdopen(os.dup(file), "wb") as whole:
        whole.write(sys.stdin.buffer.read())
    warm()
    limit(file)
    try:
        pages, more = drawn(file, int(first), int(count))
        said = {"sizes": [len(each) for each in pages], "more": more}
    except typst.TypstError as wrong:
        pages, said = [], {"refused": str(wrong).replace(f" in proc/self/fd/{file}", "")[:200]}
    out = sys.stdout.buffer
    out.write(json.dumps(said).encode() + b"\n")
    out.write(b"".join(pages))
    out.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
